//! The connections that requests come by, each bounded in time and in memory.

use std::convert::Infallible;
use std::io::ErrorKind;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Duration, sleep, timeout};
use tracing::warn;

/// How long the first request's head may take.
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

/// Answers every request with `answer`, for ever.
pub(super) async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(converse(stream, answer.clone()))),
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

async fn converse<A, F>(stream: TcpStream, answer: A)
where
    A: Fn(Request<Body>) -> F,
    F: Future<Output = Response>,
{
    let begun = Notify::new();
    let service = service_fn(|request: Request<Incoming>| {
        begun.notify_one();
        let response = answer(request.map(Body::new));
        async move { Ok::<_, Infallible>(response.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    http.header_read_timeout(NEXT_HEAD_MAX).max_buf_size(BUFFER_BYTES_MAX);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let first_head_is_late = async {
        if timeout(FIRST_HEAD_MAX, begun.notified()).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // What breaks here is the other side's to see.
        _ = connection => {}
        () = first_head_is_late => {}
    }
}
