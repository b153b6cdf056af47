//! How much memory the program holds for callers who never finish, and for how long it waits.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Place, Scene};
use crate::support::http::HANG;

/// How many callers send most of a body and then nothing.
const STALLED: usize = 1_500;
/// How much memory they may cost in all, in KiB: 16 MiB of bodies, and for each connection 56 KiB,
/// most of which is the buffer that it reads with.
const STALLED_KB_MAX: u64 = (16 << 10) + 56 * STALLED as u64;

/// Anybody can send a body that is not signed, and stop before its end.
#[tokio::test]
async fn unfinished_bodies_have_a_bound_together() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    let before = scene.host.memory_peak_kb().await;
    let address = scene.host.handler_address().await;
    let mut stalled = Vec::new();
    let most = vec![b' '; 255 << 10];
    for _ in 0..STALLED {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = "POST /api/status-update HTTP/1.1\r\nHost: a\r\nContent-Length: 262144\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&most).await.unwrap();
        stalled.push(stream);
    }
    // A message comes through all the same: what began first gives way.
    scene.say("update Nobody is kept waiting").await.card();
    let grown = scene.host.memory_peak_kb().await - before;
    eprintln!("{STALLED} unfinished bodies: {grown} KiB");
    assert!(grown < STALLED_KB_MAX, "{grown} KiB for bodies that are not finished");
}

/// A caller who begins a request and never ends its head loses the connection; one who keeps a
/// connection after an answer does not lose it before proxies give it up by themselves.
#[tokio::test]
async fn a_head_that_does_not_come_whole_is_not_waited_for() {
    let scene = Scene::new(Place::directory()).await;
    let address = scene.host.handler_address().await;
    let mut kept = TcpStream::connect(&address).await.unwrap();
    let health = "GET /api/health HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut answer = [0; 12];
    kept.write_all(health.as_bytes()).await.unwrap();
    kept.read_exact(&mut answer).await.unwrap();
    for begun in ["", "POST /api/status-update HTTP/1.1\r\nHost: a\r\n"] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(HANG, stream.read_to_end(&mut rest)).await;
        closed.expect("it is waited for").ok();
        assert!(rest.is_empty(), "{begun:?} was answered");
    }
    kept.write_all(health.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while all.windows(12).filter(|window| window == b"HTTP/1.1 200").count() < 1 {
        assert!(kept.read_buf(&mut all).await.unwrap() > 0, "the connection was closed");
    }
}

/// What is longer than any head of a monitor or of Teams is refused, and not kept.
#[tokio::test]
async fn a_head_has_a_limit() {
    let scene = Scene::new(Place::directory()).await;
    let address = scene.host.handler_address().await;
    for (length, status) in [(12 << 10, "200"), (20 << 10, "431")] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let filler = "x".repeat(length);
        let head = format!(
            "GET /api/health HTTP/1.1\r\nHost: a\r\nX-Filler: {filler}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{length}: {answer}");
    }
}
