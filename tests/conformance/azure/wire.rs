//! Between a client and its service: counts, falsifies or swallows messages.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Passes everything on to a service, and counts the requests.
pub struct Proxy {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    swallows: AtomicBool,
    answer: Mutex<String>,
}

impl Proxy {
    pub async fn start(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, seen: Arc::default() };
        let seen = Arc::clone(&proxy.seen);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, service, Arc::clone(&seen)));
            }
        });
        proxy
    }

    /// Number of forwarded requests.
    pub fn requests(&self) -> usize {
        self.seen.requests.load(SeqCst)
    }

    /// The beginning of the service's last answer: its head, if it has no body.
    pub fn answer(&self) -> String {
        self.seen.answer.lock().unwrap().clone()
    }

    /// Cuts the connection once the service has begun to answer.
    pub fn swallow_answers(&self, swallows: bool) {
        self.seen.swallows.store(swallows, SeqCst);
    }
}

async fn pass(mut client: TcpStream, service: SocketAddr, seen: Arc<Seen>) {
    let mut service = TcpStream::connect(service).await.unwrap();
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(0) | Err(_) => return,
                Ok(read) => {
                    seen.requests.fetch_add(usize::from(begins_request(&up[..read])), SeqCst);
                    service.write_all(&up[..read]).await.unwrap();
                }
            },
            read = service.read(&mut down) => match read {
                Ok(0) | Err(_) => return,
                Ok(_) if seen.swallows.load(SeqCst) => return,
                Ok(read) => {
                    *seen.answer.lock().unwrap() = String::from_utf8_lossy(&down[..read]).into();
                    if client.write_all(&down[..read]).await.is_err() { return }
                }
            },
        }
    }
}

/// The client waits for each answer before it sends again: a request begins a read.
fn begins_request(bytes: &[u8]) -> bool {
    [&b"PUT /"[..], b"GET /", b"HEAD /"].iter().any(|method| bytes.starts_with(method))
}

/// Answers everything alike, and counts the requests.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<Option<String>>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, requests: Arc::default(), answer: Arc::default() };
        let (requests, answer) = (Arc::clone(&server.requests), Arc::clone(&server.answer));
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, Arc::clone(&requests), Arc::clone(&answer)));
            }
        });
        server
    }

    /// Answers with this status and, unless it is empty, this error code, from now on.
    pub fn answer(&self, status: u16, code: &str) {
        let code = if code.is_empty() { code } else { &format!("x-ms-error-code: {code}\r\n") };
        let answer = format!("HTTP/1.1 {status} x\r\n{code}content-length: 0\r\n\r\n");
        *self.answer.lock().unwrap() = Some(answer);
    }

    /// Answers nothing from now on.
    pub fn fall_silent(&self) {
        *self.answer.lock().unwrap() = None;
    }

    /// Number of requests.
    pub fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

async fn serve(
    mut client: TcpStream,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<Option<String>>>,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read @ 1..) = client.read(&mut bytes).await {
        // Bodies here are so short that they come with their request.
        if begins_request(&bytes[..read]) {
            requests.fetch_add(1, SeqCst);
            let answer = answer.lock().unwrap().clone();
            if let Some(answer) = answer {
                client.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }
}
