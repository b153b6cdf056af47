//! Alerts that are compressed or not in UTF-8.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

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
    assert!(error(&answer).starts_with("The compression br is not read here."), "{answer}");
    let (status, answer) = post(&[("Content-Encoding", "gzip")], BODY.as_bytes()).await;
    assert_eq!(status, 400);
    assert!(error(&answer).contains("not the gzip"), "{answer}");
    let large = gzip(&vec![b' '; 3 * 1024 * 1024]);
    assert!(large.len() < 8 * 1024);
    let (status, answer) = post(&[("Content-Encoding", "gzip")], &large).await;
    assert_eq!(status, 413);
    assert!(error(&answer).contains("more than 2097152 bytes"), "{answer}");
}
