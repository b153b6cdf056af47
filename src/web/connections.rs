//! The connections that requests come by: each bounded in time and in memory, and all of them
//! together in number.

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

/// Open connections at once. Each takes about 50 KB before anything of it is signed.
/// The files of storage need room, too, below the 1,024 that most systems let a process open.
pub const CONNECTIONS_MAX: usize = 500;
/// The limit of the first request's head.
const FIRST_HEAD_MAX: Duration = Duration::from_secs(10);
/// How long every further head may take, the rest before it included. The Functions host and most
/// proxies close a connection that has been idle for a minute: were this side to close it first, a
/// request could be under way just then.
const NEXT_HEAD_MAX: Duration = Duration::from_secs(75);
/// The longest head, and the most that is read ahead of a body. Unbounded, the buffer of each
/// connection would grow to 400 kB.
const BUFFER_BYTES_MAX: usize = 16 * 1024;
/// Until there may be room for another connection, after the system had none.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// The open connections.
struct Connections {
    room: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
    /// A connection waits again.
    waits: Notify,
}

/// The connections whose next request has not arrived completely.
#[derive(Default)]
struct Waiting {
    begun: u64,
    /// Closes each, in the order in which they began to wait.
    closing: BTreeMap<u64, Arc<Notify>>,
}

impl Connections {
    fn new() -> Self {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { room, waiting: Mutex::default(), waits: Notify::new() }
    }

    /// Room for one more connection. If there is none, the connection that has waited longest for
    /// its request is closed: a real request arrives within milliseconds.
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
                // All are being answered: the first that has its answer waits again.
                () = self.waits.notified(), if !is_closing => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock()
    }
}

/// One of the open connections.
pub(super) struct Connection {
    all: Arc<Connections>,
    /// Its key among those that wait.
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

    /// Whether it waited until now.
    fn stop_waiting(&self) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        self.all.lock().closing.remove(&since).is_some()
    }

    /// Notes that a request has arrived completely: the connection stays open until what is
    /// returned is dropped. A connection that is being closed begins no answer.
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

/// A request that is being answered.
pub(super) struct Answering(Arc<Connection>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// Answers every request with `answer`, for ever.
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
            // The other side has gone again.
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
        // What breaks here is the other side's to see.
        _ = conversation => {}
        () = first_head_is_late => {}
        () = connection.close.notified() => {}
    }
}
