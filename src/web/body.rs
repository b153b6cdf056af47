//! Reads request bodies within limits of time and memory, each and all together.

use std::collections::BTreeMap;
use std::io::Read as _;

use axum::body::{Body, BodyDataStream, Bytes};
use flate2::read::MultiGzDecoder;
use futures::StreamExt as _;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::core::teams::activity::BODY_BYTES_MAX;

/// Time for which an unwanted body is still read. Answering before its end resets the connection,
/// which the Functions host turns into a failed request with ten retries.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(30);
/// Memory limit of all unfinished bodies: 64 of the largest messages. Nobody has authenticated them
/// yet, so this is the memory that strangers can make the program use.
const UNFINISHED_BYTES_MAX: usize = 64 * BODY_BYTES_MAX;
/// Step by which a buffer grows. Doubling it would reserve up to twice the body.
const STEP_BYTES: usize = 8 * 1024;

/// Reason why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// More bytes than the route accepts.
    TooLarge,
    /// Incomplete at the deadline.
    TooLate,
    /// Truncated, or wrong HTTP framing.
    Broken,
    /// Dropped for newer bodies: too many were unfinished at once.
    Crowded,
    /// Declared as gzip, but not valid gzip.
    NotGzip,
}

/// Bodies being read.
#[derive(Default)]
pub(super) struct Bodies(Mutex<Unfinished>);

#[derive(Default)]
struct Unfinished {
    begun: u64,
    /// Ordered by start.
    buffers: BTreeMap<u64, Vec<u8>>,
    /// Total capacity of the buffers.
    bytes: usize,
}

impl Bodies {
    /// Reads a body to its end; one that is too large or too late is read as well, and discarded.
    pub(super) async fn read(
        &self,
        body: Body,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<Bytes, Unread> {
        let mut stream = body.into_data_stream();
        let reading = self.begin(bytes_max);
        let unread = loop {
            match timeout_at(deadline, stream.next()).await {
                Ok(None) => return reading.finish(),
                Ok(Some(Ok(data))) => {
                    if let Err(unread) = reading.put(&data) {
                        break unread;
                    }
                }
                Ok(Some(Err(_))) => return Err(Unread::Broken),
                Err(_) => break Unread::TooLate,
            }
        };
        drop(reading);
        // A sender that is even slower has its connection reset.
        let _ = timeout(DISCARD_TIME_MAX, discard(stream)).await;
        Err(unread)
    }

    /// Decompresses gzip within the same limits.
    pub(super) fn decompressed(&self, gzip: &[u8], bytes_max: usize) -> Result<Bytes, Unread> {
        let reading = self.begin(bytes_max);
        let mut decoder = MultiGzDecoder::new(gzip);
        let mut step = [0; STEP_BYTES];
        loop {
            match decoder.read(&mut step) {
                Ok(0) => return reading.finish(),
                Ok(read) => {
                    let data = step.get(..read).unwrap_or_default();
                    reading.put(data)?;
                }
                Err(_) => return Err(Unread::NotGzip),
            }
        }
    }

    fn begin(&self, bytes_max: usize) -> Reading<'_> {
        let mut unfinished = self.lock();
        unfinished.begun += 1;
        let id = unfinished.begun;
        unfinished.buffers.insert(id, Vec::new());
        Reading { bodies: self, id, bytes_max }
    }

    fn lock(&self) -> MutexGuard<'_, Unfinished> {
        self.0.lock()
    }
}

impl Unfinished {
    fn remove(&mut self, id: u64) -> Option<Vec<u8>> {
        let buffer = self.buffers.remove(&id)?;
        self.bytes -= buffer.capacity();
        Some(buffer)
    }

    /// Makes room by dropping the oldest bodies. A real message arrives within milliseconds, so
    /// these are bodies that someone keeps unfinished.
    fn make_room(&mut self, bytes: usize) {
        while self.bytes + bytes > UNFINISHED_BYTES_MAX
            && let Some(oldest) = self.buffers.first_key_value().map(|(id, _)| *id)
        {
            self.remove(oldest);
        }
    }
}

/// A body being read. Its buffer is released on drop.
struct Reading<'a> {
    bodies: &'a Bodies,
    id: u64,
    bytes_max: usize,
}

impl Reading<'_> {
    fn put(&self, data: &[u8]) -> Result<(), Unread> {
        let mut unfinished = self.bodies.lock();
        let buffer = unfinished.buffers.get(&self.id).ok_or(Unread::Crowded)?;
        let length = buffer.len() + data.len();
        if length > self.bytes_max {
            return Err(Unread::TooLarge);
        }
        let before = buffer.capacity();
        if length > before {
            unfinished.make_room(length.next_multiple_of(STEP_BYTES) - before);
        }
        let buffer = unfinished.buffers.get_mut(&self.id).ok_or(Unread::Crowded)?;
        if length > before {
            buffer.reserve_exact(length.next_multiple_of(STEP_BYTES) - buffer.len());
        }
        buffer.extend_from_slice(data);
        let grown = buffer.capacity() - before;
        unfinished.bytes += grown;
        Ok(())
    }

    fn finish(&self) -> Result<Bytes, Unread> {
        self.bodies.lock().remove(self.id).map(Bytes::from).ok_or(Unread::Crowded)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.bodies.lock().remove(self.id);
    }
}

async fn discard(mut stream: BodyDataStream) {
    while let Some(Ok(_)) = stream.next().await {}
}
