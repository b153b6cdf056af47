//! Reading a request's body, bounded in memory and in time.

use axum::body::{Body, BodyDataStream, Bytes};
use bytes::BytesMut;
use futures::StreamExt as _;
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::core::chat::activity::BODY_BYTES_MAX;

/// How long what is not wanted is read on. An answer before the body's end resets the connection,
/// of which the Functions host makes a failed request, ten tries long.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(30);

/// Why there is no body to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It has more than [`BODY_BYTES_MAX`].
    TooLarge,
    /// It had not come whole by the deadline.
    TooLate,
    /// It breaks off, or is not framed as HTTP has it.
    Broken,
}

/// Reads the body to its end; what is too large or too late is read as well, and thrown away.
pub(super) async fn read(body: Body, deadline: Instant) -> Result<Bytes, Unread> {
    let mut stream = body.into_data_stream();
    let mut bytes = BytesMut::new();
    let unread = loop {
        match timeout_at(deadline, stream.next()).await {
            Ok(None) => return Ok(bytes.freeze()),
            Ok(Some(Ok(data))) if bytes.len() + data.len() <= BODY_BYTES_MAX => {
                bytes.extend_from_slice(&data);
            }
            Ok(Some(Ok(_))) => break Unread::TooLarge,
            Ok(Some(Err(_))) => return Err(Unread::Broken),
            Err(_) => break Unread::TooLate,
        }
    };
    drop(bytes);
    // Whoever is slower still has the connection reset.
    let _ = timeout(DISCARD_TIME_MAX, discard(stream)).await;
    Err(unread)
}

async fn discard(mut stream: BodyDataStream) {
    while let Some(Ok(_)) = stream.next().await {}
}
