//! Reading request bodies, bounded in time and in memory: each by itself, and all of them together.

use std::collections::BTreeMap;
use std::io::Read as _;

use axum::body::{Body, BodyDataStream, Bytes};
use flate2::read::MultiGzDecoder;
use futures::StreamExt as _;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::core::teams::activity::BODY_BYTES_MAX;

/// How long what is not wanted is read on. An answer before the body's end resets the connection,
/// of which the Functions host makes a failed request, ten tries long.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(30);
/// How much memory all unfinished bodies may take together: 64 of the largest messages. Nobody has signed
/// them yet, so this is what strangers can make the program hold.
const UNFINISHED_BYTES_MAX: usize = 64 * BODY_BYTES_MAX;
/// A body's buffer grows by this much. Doubling it would reserve up to twice the body.
const STEP_BYTES: usize = 8 * 1024;

/// Why there is no body to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It has more bytes than its route takes.
    TooLarge,
    /// It had not come whole by the deadline.
    TooLate,
    /// It breaks off, or is not framed as HTTP has it.
    Broken,
    /// It gave way to newer ones: too many were unfinished at once.
    Crowded,
    /// It is not the gzip that it is said to be.
    NotGzip,
}

/// The bodies that are being read.
#[derive(Default)]
pub(super) struct Bodies(Mutex<Unfinished>);

#[derive(Default)]
struct Unfinished {
    begun: u64,
    /// In the order in which they began.
    buffers: BTreeMap<u64, Vec<u8>>,
    /// The capacity of all buffers.
    bytes: usize,
}

impl Bodies {
    /// Reads a body to its end; what is too large or too late is read as well, and thrown away.
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
        // Whoever is slower still has the connection reset.
        let _ = timeout(DISCARD_TIME_MAX, discard(stream)).await;
        Err(unread)
    }

    /// Decompresses gzip; what it becomes is bounded as what is read is.
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

    /// Makes room by dropping what began first. A real message arrives within milliseconds of its
    /// beginning, so what is dropped are the bodies that somebody keeps unfinished.
    fn make_room(&mut self, bytes: usize) {
        while self.bytes + bytes > UNFINISHED_BYTES_MAX
            && let Some(oldest) = self.buffers.first_key_value().map(|(id, _)| *id)
        {
            self.remove(oldest);
        }
    }
}

/// A body that is being read. Its buffer goes away with it.
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
