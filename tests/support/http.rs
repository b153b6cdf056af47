//! Just enough HTTP/1.1 to see and say it byte for byte: one request on one connection.

use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// So long that only a hang reaches it.
pub const HANG: Duration = Duration::from_mins(2);

/// A port that nothing else gets: below the system's ephemeral ports, and each only once in this
/// process.
pub fn reserve_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // A different process that does the same begins elsewhere.
    let start = std::process::id().wrapping_mul(97);
    loop {
        let next = start.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + next % 10_000).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The first line of a message and its headers, as they stood.
#[derive(Clone, Debug)]
pub struct Head {
    pub start: String,
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads up to the empty line; `None` if the other side closed without sending anything.
    pub async fn read(stream: &mut BufReader<impl AsyncRead + Unpin>) -> Result<Option<Self>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return if lines.is_empty() { Ok(None) } else { Err(cut("in a head")) };
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let start = lines.next().ok_or_else(|| cut("before a first line"))?;
        let header = |line: String| {
            let (name, value) = line.split_once(':').ok_or_else(|| cut("in a header"))?;
            Ok((name.to_owned(), value.trim().to_owned()))
        };
        Ok(Some(Self { start, headers: lines.map(header).collect::<Result<_>>()? }))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Sets a header, replacing every existing copy.
    pub fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers = headers.collect::<Vec<_>>().concat();
        format!("{}\r\n{headers}\r\n", self.start).into_bytes()
    }
}

/// A request's body, and its framing.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    None,
    Sized(&'a [u8]),
    /// In chunks of this many bytes.
    Chunked(&'a [u8], usize),
    /// In two halves, with a pause between them.
    Slow(&'a [u8], Duration),
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub head: Head,
    pub body: Vec<u8>,
}

impl Response {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e} in {:?}", String::from_utf8_lossy(&self.body)))
    }
}

/// Sends one request to an `http://` address and reads the whole answer.
pub async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Body<'_>,
) -> Result<Response> {
    let whole = async {
        let rest = url.strip_prefix("http://").ok_or_else(|| cut("in a URL"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut head = Head { start: format!("{method} /{path} HTTP/1.1"), headers: Vec::new() };
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.set("Host", host);
        }
        head.set("Connection", "close");
        head.headers.extend(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let (request, pause, rest) = frame(head, body);
        let (reader, mut writer) = TcpStream::connect(host).await?.into_split();
        // Side by side: a server may answer, and close, before it has read everything.
        let write = async {
            let sent = writer.write_all(&request).await;
            tokio::time::sleep(pause).await;
            (sent.and(writer.write_all(&rest).await), writer)
        };
        let (_, response) = tokio::join!(write, read_response(method, BufReader::new(reader)));
        response
    };
    tokio::time::timeout(HANG, whole).await.map_err(|_| Error::from(ErrorKind::TimedOut))?
}

/// The part to send at once, a pause, and the part after it.
fn frame(mut head: Head, body: Body<'_>) -> (Vec<u8>, Duration, Vec<u8>) {
    let at_once = match body {
        Body::None => head.bytes(),
        Body::Sized(bytes) => {
            head.set("Content-Length", &bytes.len().to_string());
            [head.bytes(), bytes.to_vec()].concat()
        }
        Body::Chunked(bytes, size) => {
            head.set("Transfer-Encoding", "chunked");
            let mut all = head.bytes();
            for chunk in bytes.chunks(size) {
                all.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                all.extend(chunk);
                all.extend(b"\r\n");
            }
            all.extend(b"0\r\n\r\n");
            all
        }
        Body::Slow(bytes, pause) => {
            head.set("Content-Length", &bytes.len().to_string());
            let (first, second) = bytes.split_at(bytes.len() / 2);
            return ([head.bytes(), first.to_vec()].concat(), pause, second.to_vec());
        }
    };
    (at_once, Duration::ZERO, Vec::new())
}

async fn read_response(
    method: &str,
    mut reader: BufReader<impl AsyncRead + Unpin>,
) -> Result<Response> {
    let head = Head::read(&mut reader).await?.ok_or_else(|| cut("before an answer"))?;
    let status = head.target().parse().map_err(|_| cut("in a status line"))?;
    let body = if method == "HEAD" {
        // Its length is that of the body which a GET would get, and nothing may follow.
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).await?;
        rest
    } else {
        read_body(&head, &mut reader).await?
    };
    Ok(Response { status, head, body })
}

/// Reads the body that belongs to a head, without its framing.
pub async fn read_body(
    head: &Head,
    reader: &mut BufReader<impl AsyncRead + Unpin>,
) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    if head.get("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).await?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| cut("in a chunk"))?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).await?;
            if size == 0 {
                return Ok(body);
            }
            body.extend(&chunk[..size]);
        }
    }
    if let Some(length) = head.get("content-length") {
        body.resize(length.parse().map_err(|_| cut("in a length"))?, 0);
        reader.read_exact(&mut body).await?;
    } else if !head.start.contains(" HTTP/") {
        // Only an answer may go on until the connection ends.
        reader.read_to_end(&mut body).await?;
    }
    Ok(body)
}

/// A request's body on its way, in its own framing.
pub struct Incoming<R> {
    reader: BufReader<R>,
    left: Left,
    was_read: bool,
    has_stalled: bool,
    bytes: u64,
}

/// The longest wait of a server like the Functions host for the next bytes of a body.
const STALL_MAX: Duration = Duration::from_secs(5);
/// The longest body that the host accepts by default.
pub const BODY_BYTES_MAX: u64 = 104_857_600;

enum Left {
    Bytes(usize),
    Chunks,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    /// The body after a head.
    pub fn new(head: &Head, reader: BufReader<R>) -> Self {
        let chunked = head.get("transfer-encoding").is_some();
        let length = head.get("content-length").and_then(|length| length.parse().ok());
        let left = if chunked { Left::Chunks } else { Left::Bytes(length.unwrap_or(0)) };
        Self { reader, left, was_read: false, has_stalled: false, bytes: 0 }
    }

    /// True if it is, or claims to be, longer than a host accepts.
    pub fn is_too_long(&self) -> bool {
        let left = if let Left::Bytes(left) = self.left { left as u64 } else { 0 };
        self.bytes + left > BODY_BYTES_MAX
    }

    /// True if nothing more arrived for a while.
    pub fn has_stalled(&self) -> bool {
        self.has_stalled
    }

    pub fn is_chunked(&self) -> bool {
        matches!(self.left, Left::Chunks)
    }

    /// True if part of it was consumed.
    pub fn was_read(&self) -> bool {
        self.was_read
    }

    /// All of it, without its framing.
    pub async fn read(&mut self) -> Result<Vec<u8>> {
        self.was_read = true;
        let mut bytes = Vec::new();
        let is_chunked = self.is_chunked();
        while let Some(piece) = self.piece().await? {
            let piece = if is_chunked { chunk_data(&piece) } else { &piece };
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }

    /// All that is left of it, unchanged.
    pub async fn copy_to(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
        while let Some(piece) = self.piece().await? {
            to.write_all(&piece).await?;
        }
        Ok(())
    }

    /// Reads it to its end for nothing.
    pub async fn discard(&mut self) -> Result<()> {
        self.copy_to(&mut tokio::io::sink()).await
    }

    /// The next bytes, unless they are too long in coming, or too many.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Ok(piece) = tokio::time::timeout(STALL_MAX, self.next_piece()).await else {
            self.has_stalled = true;
            return Err(ErrorKind::TimedOut.into());
        };
        let piece = piece?;
        self.bytes += piece.as_ref().map_or(0, Vec::len) as u64;
        if self.is_too_long() {
            return Err(cut("by the host's limit"));
        }
        Ok(piece)
    }

    /// A chunk with its framing, or whatever is there.
    async fn next_piece(&mut self) -> Result<Option<Vec<u8>>> {
        match &mut self.left {
            Left::Bytes(0) => Ok(None),
            Left::Bytes(left) => {
                let there = self.reader.fill_buf().await?;
                if there.is_empty() {
                    return Err(cut("in a body"));
                }
                let piece = there[..there.len().min(*left)].to_vec();
                *left -= piece.len();
                self.reader.consume(piece.len());
                self.was_read = true;
                Ok(Some(piece))
            }
            Left::Chunks => {
                let mut piece = String::new();
                self.reader.read_line(&mut piece).await?;
                self.was_read = true;
                let size =
                    usize::from_str_radix(piece.trim(), 16).map_err(|_| cut("in a chunk"))?;
                let mut piece = piece.into_bytes();
                let start = piece.len();
                piece.resize(start + size + 2, 0);
                self.reader.read_exact(&mut piece[start..]).await?;
                if size == 0 {
                    self.left = Left::Bytes(0);
                }
                Ok(Some(piece))
            }
        }
    }
}

/// The data of a chunk.
fn chunk_data(chunk: &[u8]) -> &[u8] {
    let start = chunk.iter().position(|byte| *byte == b'\n').map_or(chunk.len(), |end| end + 1);
    &chunk[start..(chunk.len() - 2).max(start)]
}

fn cut(place: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("not HTTP: cut off {place}"))
}
