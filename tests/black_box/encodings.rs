//! Alerts that are compressed or not in UTF-8.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Place, Scene};
use crate::support::host::FUNCTION_KEY;
use crate::support::http::{self, Body};

const BODY: &str = "{\"title\": \"Störung der Kasse\", \"key\": \"till\"}";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_bodies_are_read_within_the_limit() {
    let scene = Scene::new(Place::directory()).await;
    let url = scene.host.url(&format!("/api/alerts?code={FUNCTION_KEY}"));
    let post = async |headers: &[(&str, &str)], body: &[u8]| {
        let answer = http::send("POST", &url, headers, Body::Sized(body)).await.unwrap();
        (answer.status, answer.json())
    };
    let (status, answer) = post(&[("Content-Encoding", "gzip")], &gzip(BODY.as_bytes())).await;
    assert_eq!((status, &answer["alerts"][0]["outcome"]), (202, &json!("opened")));
    let utf_16: Vec<u8> = BODY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [gzip(BODY.as_bytes()), utf_16] {
        let (status, answer) = post(&[], &body).await;
        assert_eq!((status, &answer["incident"]), (202, &json!(1)), "it is the same alert");
    }

    let error = |answer: &serde_json::Value| answer["error"].as_str().unwrap().to_owned();
    let (status, answer) = post(&[("Content-Encoding", "br")], BODY.as_bytes()).await;
    assert_eq!(status, 400);
    assert!(error(&answer).starts_with("The compression br is not supported."), "{answer}");
    let (status, answer) = post(&[("Content-Encoding", "gzip")], BODY.as_bytes()).await;
    assert_eq!(status, 400);
    assert!(error(&answer).contains("not valid gzip"), "{answer}");
    let large = gzip(&vec![b' '; 3 * 1024 * 1024]);
    assert!(large.len() < 8 * 1024);
    let (status, answer) = post(&[("Content-Encoding", "gzip")], &large).await;
    assert_eq!(status, 413);
    assert!(error(&answer).contains("more than 2097152 bytes"), "{answer}");
}

/// Bytes that callers leave out at the end of their bodies.
const MISSING: usize = 1024;

/// A caller that sends all but the end of the largest message.
async fn stalled(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/status-update HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
        Content-Length: 262144\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; (256 << 10) - MISSING]).await.unwrap();
    stream
}

/// The memory for unfinished bodies is full. Decompressing 2 MiB takes the room of the oldest.
#[tokio::test]
async fn decompressed_bodies_count_into_the_bound_on_all_bodies() {
    let scene = Scene::new(Place::directory()).await;
    let address = scene.host.handler_address().await;
    let mut callers = Vec::new();
    for _ in 0..64 {
        callers.push(stalled(&address).await);
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let url = scene.host.url(&format!("/api/alerts?code={FUNCTION_KEY}"));
    let body = format!("{BODY}{}", " ".repeat(2 * 1024 * 1024 - BODY.len()));
    let headers = [("Content-Encoding", "gzip")];
    let sent = gzip(body.as_bytes());
    let answer = http::send("POST", &url, &headers, Body::Sized(&sent)).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    let mut dropped = Vec::new();
    for mut caller in callers {
        let mut answer = String::new();
        caller.write_all(&[b' '; MISSING]).await.unwrap();
        caller.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 503") || answer.starts_with("HTTP/1.1 401"),
            "{answer}"
        );
        dropped.push(answer.starts_with("HTTP/1.1 503"));
    }
    assert_eq!(dropped, [[true; 8].as_slice(), &[false; 56]].concat());
}
