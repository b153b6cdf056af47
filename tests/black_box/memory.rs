//! Memory for callers who never finish, and the time until they are dropped.

use std::sync::Arc;

use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::settings::Gate;
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::web::{self, CONNECTIONS_MAX, Work};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use super::{NO_DEADLINE_MS, Place, Scene};
use crate::support::http::HANG;
use crate::support::teams::{self, Message, Reply, TOKEN};

/// Number of callers that send most of a body and then stall.
const STALLED: usize = 1_500;
/// The limit of their total memory in KiB: 16 MiB of bodies, and 80 KiB per open connection: 56 KiB
/// of its own, mostly its read buffer, and the allocator's leftovers of closed connections.
const STALLED_KB_MAX: u64 = (16 << 10) + 80 * CONNECTIONS_MAX as u64;

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
    // A message is still answered: the oldest bodies are dropped.
    scene.say("update Nobody is kept waiting").await.card();
    let grown = scene.host.memory_peak_kb().await - before;
    eprintln!("{STALLED} unfinished bodies: {grown} KiB");
    assert!(grown < STALLED_KB_MAX, "{grown} KiB for bodies that are not finished");
}

/// Idle connections do not keep others out: the oldest one is dropped.
#[tokio::test]
async fn connections_have_a_bound() {
    let scene = Scene::new(Place::directory()).await;
    let address = scene.host.handler_address().await;
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_MAX + 20 {
        idle.push(TcpStream::connect(&address).await.unwrap());
    }
    scene.say("open Checkout is failing").await.card();
    for stream in &mut idle[..20] {
        let closed = tokio::time::timeout(HANG, stream.read(&mut [0])).await.expect("it is open");
        assert!(!matches!(closed, Ok(1..)), "it was answered");
    }
    // The newest is still there, and is heard.
    let mut last = idle.pop().unwrap();
    last.write_all(b"GET /api/health HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    last.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

/// A running command is not dropped, however many connections are made.
#[tokio::test]
async fn a_request_that_is_being_answered_keeps_its_connection() {
    let (begun, goes_on) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (says_begun, waits) = (Arc::clone(&begun), Arc::clone(&goes_on));
    let hook: Hook = Arc::new(move |operation: Operation| {
        let (begun, waits) = (Arc::clone(&says_begun), Arc::clone(&waits));
        Box::pin(async move {
            if operation.kind == OperationKind::Put {
                begun.notify_one();
                let _ = waits.acquire().await;
            }
            Fault::None
        })
    });
    let site = Arc::new(Site::new(Config::default()).unwrap());
    let service = Service::new(Arc::new(Memory::default().with_faults(hook)), site, 0);
    let gate = Gate::usable(|name| match name {
        "STATUS_WEBHOOK_TOKENS" => Some(TOKEN.to_owned()),
        "STATUS_DEADLINE_MS" => Some(NO_DEADLINE_MS.to_owned()),
        _ => None,
    });
    let app = web::App::new(Work::Running(service), gate, Vec::new(), true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::serve(listener, app));
    let url = format!("http://{address}/api/status-update");
    let message = Message::new("open Checkout is failing");
    let command = tokio::spawn(async move { teams::say(&url, &message).await });
    tokio::time::timeout(HANG, begun.notified()).await.expect("nothing is recorded");
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_MAX + 20 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let closed = tokio::time::timeout(HANG, idle[0].read(&mut [0])).await.expect("it is open");
    assert!(!matches!(closed, Ok(1..)), "it was answered");
    goes_on.add_permits(1_000);
    Reply::of(&command.await.unwrap()).card();
}

/// A caller that does not finish a request's head is disconnected. One that keeps a connection
/// after an answer is not, before proxies close it.
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

/// A head longer than any of a monitor or of Teams is refused, and not stored.
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
