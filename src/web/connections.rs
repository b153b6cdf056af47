//! Connections, each limited in time and memory, and all of them in number.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::{Mutex, MutexGuard};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Duration, sleep, timeout};
use tracing::warn;

/// Maximum number of open connections. Each uses about 50 KB before anything is authenticated, and
/// all need file descriptors, as does the store: most systems allow a process 1,024.
pub const CONNECTIONS_MAX: usize = 500;
/// Time limit of the first request's head.
const FIRST_HEAD_MAX: Duration = Duration::from_secs(10);
/// Time limit of every further head, including the idle time before it. The Functions host and most
/// proxies close connections idle for a minute: if this side closed them first, a request could be
/// under way just then.
const NEXT_HEAD_MAX: Duration = Duration::from_secs(75);
/// Maximum size of a head and of the read-ahead of a body. Without it, each connection's buffer
/// could grow to 400 kB.
const BUFFER_BYTES_MAX: usize = 16 * 1024;
/// Pause before accepting again after the system had no resources for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

struct Connections {
    room: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
    /// Notified when a connection becomes idle.
    waits: Notify,
}

/// Connections whose next request is not complete.
#[derive(Default)]
struct Waiting {
    begun: u64,
    /// Signals that close them, ordered by the start of their wait.
    closing: BTreeMap<u64, Arc<Notify>>,
}

impl Connections {
    fn new() -> Self {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { room, waiting: Mutex::default(), waits: Notify::new() }
    }

    /// Acquires room for a connection. If there is none, closes the connection that has waited
    /// longest for a request: a real request arrives within milliseconds.
    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
                return Some(permit);
            }
            let longest = self.lock().closing.pop_first();
            let is_closing = longest.is_some();
            if let Some((_, close)) = longest {
                close.notify_one();
            }
            let permit = Arc::clone(&self.room).acquire_owned();
            tokio::select! {
                permit = permit => return permit.ok(),
                // All are being answered: retry as soon as one becomes idle.
                () = self.waits.notified(), if !is_closing => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock()
    }
}

pub(super) struct Connection {
    all: Arc<Connections>,
    /// Its key in [`Waiting::closing`].
    since: AtomicU64,
    close: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    fn new(all: Arc<Connections>, permit: OwnedSemaphorePermit) -> Self {
        let (since, close) = (AtomicU64::default(), Arc::default());
        let connection = Self { all, since, close, _permit: permit };
        connection.wait();
        connection
    }

    fn wait(&self) {
        let mut waiting = self.all.lock();
        waiting.begun += 1;
        self.since.store(waiting.begun, Ordering::Relaxed);
        let since = waiting.begun;
        waiting.closing.insert(since, Arc::clone(&self.close));
        drop(waiting);
        self.all.waits.notify_one();
    }

    /// Returns `true` if it was waiting until now.
    fn stop_waiting(&self) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        self.all.lock().closing.remove(&since).is_some()
    }

    /// Marks a request as complete: the connection is not closed until the returned guard is
    /// dropped. On a connection that is being closed, this never returns.
    pub(super) async fn answer(self: Arc<Self>) -> Answering {
        if !self.stop_waiting() {
            std::future::pending::<()>().await;
        }
        Answering(self)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stop_waiting();
    }
}

pub(super) struct Answering(Arc<Connection>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// Answers every request with `answer`; never returns.
pub(super) async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Body>, Arc<Connection>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let connections = Arc::new(Connections::new());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // The semaphore is never closed.
                let Some(permit) = connections.room().await else { return };
                let connection = Connection::new(Arc::clone(&connections), permit);
                tokio::spawn(converse(stream, Arc::new(connection), answer.clone()));
            }
            // The client has disconnected already.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                warn!(%error, "no connection can be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse<A, F>(stream: TcpStream, connection: Arc<Connection>, answer: A)
where
    A: Fn(Request<Body>, Arc<Connection>) -> F,
    F: Future<Output = Response>,
{
    let begun = Notify::new();
    let service = service_fn(|request: Request<Incoming>| {
        begun.notify_one();
        let response = answer(request.map(Body::new), Arc::clone(&connection));
        async move { Ok::<_, Infallible>(response.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    http.header_read_timeout(NEXT_HEAD_MAX).max_buf_size(BUFFER_BYTES_MAX);
    let conversation = http.serve_connection(TokioIo::new(stream), service);
    let first_head_is_late = async {
        if timeout(FIRST_HEAD_MAX, begun.notified()).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // An error here only concerns the client, which notices it.
        _ = conversation => {}
        () = first_head_is_late => {}
        () = connection.close.notified() => {}
    }
}
