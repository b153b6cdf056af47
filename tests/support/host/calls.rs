//! A caller's request on its way to the handler, in each of the host's three ways.

use std::io::Result;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy};
use tokio::net::TcpStream;

use super::package::{Function, Package, Trigger};
use super::{FUNCTION_KEY, HOST_VERSION, Shared, State, invocation_id};
use crate::support::http::{self, Body, Head, Incoming};

/// The pauses between the ten tries of a request whose connection to the handler fails.
const PAUSES_MS: [u64; 9] = [50, 100, 200, 250, 250, 250, 250, 250, 250];
/// The longest time that a request is held while the handler starts.
const HELD_MAX: Duration = Duration::from_secs(4);
/// The time that a host which has given up survives for a call that waits for the handler.
const DYING_MAX: Duration = Duration::from_secs(41);

/// The calling convention of a function with one `httpTrigger` and one `http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The bytes as they come.
    Proxying,
    /// A new request built from the caller's.
    Forwarding,
    Envelope,
}

/// Answers one request, by the handler if a function's route leads there.
pub async fn serve(shared: &Arc<Shared>, client: TcpStream) -> Result<()> {
    let (reader, mut writer) = client.into_split();
    let mut client = BufReader::new(reader);
    let Some(head) = Head::read(&mut client).await? else { return Ok(()) };
    if head.target() == "/" && head.method() == "GET" {
        return homepage(shared, &mut writer).await;
    }
    let function = match route(&shared.package, &head) {
        Ok(function) => function,
        Err(status) => return end(&mut writer, status).await,
    };
    let mut body = Incoming::new(&head, client);
    if body.is_too_long() {
        return end(&mut writer, "500 Internal Server Error").await;
    }
    let limit = shared.package.function_timeout;
    let call = async {
        match shared.mode {
            Mode::Proxying => proxy(shared, head, &mut body, &mut writer).await,
            Mode::Forwarding => forward(shared, head, &mut body, &mut writer).await,
            Mode::Envelope => envelope(shared, function, &head, &mut body, &mut writer).await,
        }
    };
    let answered = tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        shared.time_is_up();
        Ok(false)
    });
    // The host stops reading a stalled or overlong body and answers itself.
    let is_given_up = body.has_stalled() || body.is_too_long();
    if !is_given_up && !answered? {
        // A caller is heard to the end, whatever the answer.
        body.discard().await?;
        return end(&mut writer, "500 Internal Server Error").await;
    }
    if is_given_up {
        end(&mut writer, "500 Internal Server Error").await?;
    }
    Ok(())
}

/// Azure's own page at an app's root, unless a setting removes it.
async fn homepage(shared: &Shared, writer: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
    let is_off = |(name, value): &(String, String)| {
        name == "AzureWebJobsDisableHomepage" && value.eq_ignore_ascii_case("true")
    };
    if shared.settings.iter().any(is_off) {
        return end(writer, "204 No Content").await;
    }
    let page = "<title>Your Functions 4.0 app is up and running</title>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    );
    writer.write_all(answer.as_bytes()).await
}

async fn end(writer: &mut (impl AsyncWrite + Unpin), status: &str) -> Result<()> {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    writer.write_all(answer.as_bytes()).await
}

/// The function at a path, regardless of case and of a slash at its end.
fn route<'a>(package: &'a Package, head: &Head) -> std::result::Result<&'a Function, &'static str> {
    let (path, query) = head.target().split_once('?').unwrap_or((head.target(), ""));
    let path = path.strip_suffix('/').unwrap_or(path);
    let method = head.method();
    for function in &package.functions {
        let Trigger::Http { path: route, methods, anonymous, .. } = &function.trigger else {
            continue;
        };
        let allowed = methods.is_empty() || methods.iter().any(|m| m.eq_ignore_ascii_case(method));
        if !route.eq_ignore_ascii_case(path) || !allowed {
            continue;
        }
        let in_query = query.split('&').any(|pair| pair == format!("code={FUNCTION_KEY}"));
        let in_head = head.get("x-functions-key") == Some(FUNCTION_KEY);
        // A right key is passed on with the rest.
        return if *anonymous || in_query || in_head { Ok(function) } else { Err(UNAUTHORIZED) };
    }
    Err("404 Not Found")
}

const UNAUTHORIZED: &str = "401 Unauthorized";

/// The handler's port, once there is a handler. There is an error, and no answer for the caller,
/// where the host ends meanwhile.
async fn port(shared: &Shared) -> Result<Option<u16>> {
    let mut state = shared.state.subscribe();
    let ready = state.wait_for(|state| !matches!(state, State::Starting));
    let Ok(state) = tokio::time::timeout(HELD_MAX, ready).await else { return Ok(None) };
    let state = state.map_err(std::io::Error::other)?.clone();
    match state {
        State::Ready { port, .. } => Ok(Some(port)),
        State::Missing(_) => std::future::pending().await,
        State::Stopped(why) => {
            tokio::time::sleep(DYING_MAX).await;
            Err(std::io::Error::other(why))
        }
        State::Starting => unreachable!("it was waited for"),
    }
}

fn identify(head: &mut Head) {
    head.set("X-Azure-Functions-InvocationId", &invocation_id());
    head.set("X-Azure-Functions-HostVersion", HOST_VERSION);
}

/// Appends to a header, after the caller's own value.
fn append(head: &mut Head, name: &str, between: &str, value: &str) {
    let value = match head.get(name) {
        Some(sent) => format!("{sent}{between}{value}"),
        None => value.to_owned(),
    };
    head.set(name, &value);
}

/// True if there was an answer to forward.
async fn proxy(
    shared: &Shared,
    mut head: Head,
    body: &mut Incoming<impl AsyncRead + Unpin>,
    client: &mut (impl AsyncWrite + Unpin),
) -> Result<bool> {
    identify(&mut head);
    let id = head.get("X-Azure-Functions-InvocationId").unwrap_or_default().to_owned();
    head.set("x-ms-invocation-id", &id);
    let host = head.get("Host").unwrap_or_default().to_owned();
    head.set("X-Forwarded-Host", &host);
    head.set("X-Forwarded-Proto", "http");
    head.set("X-Forwarded-For", "127.0.0.1");
    head.set("Connection", "close");
    let mut pauses = PAUSES_MS.iter();
    loop {
        if let Some(port) = port(shared).await? {
            // A consumed body cannot be sent again, so every further try fails.
            if !body.was_read() && pass(port, &mut head, body, client).await? {
                return Ok(true);
            }
            if body.has_stalled() {
                return Ok(false);
            }
        }
        match pauses.next() {
            Some(ms) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            None => return Ok(false),
        }
    }
}

/// One try. A failure between host and handler is not an answer; one towards the caller is an
/// error.
async fn pass(
    port: u16,
    head: &mut Head,
    body: &mut Incoming<impl AsyncRead + Unpin>,
    client: &mut (impl AsyncWrite + Unpin),
) -> Result<bool> {
    head.set("Host", &format!("127.0.0.1:{port}"));
    let Ok(handler) = TcpStream::connect(("127.0.0.1", port)).await else { return Ok(false) };
    let (reader, mut writer) = handler.into_split();
    let mut reader = BufReader::new(reader);
    let sending = async {
        writer.write_all(&head.bytes()).await?;
        body.copy_to(&mut writer).await
    };
    // An answer counts only once the whole body was taken.
    let Ok(((), Some(answer))) = tokio::try_join!(sending, Head::read(&mut reader)) else {
        return Ok(false);
    };
    client.write_all(&answer.bytes()).await?;
    copy(&mut reader, client).await?;
    Ok(true)
}

/// Builds a new request; there is one try.
async fn forward(
    shared: &Shared,
    mut head: Head,
    body: &mut Incoming<impl AsyncRead + Unpin>,
    client: &mut (impl AsyncWrite + Unpin),
) -> Result<bool> {
    if body.is_chunked() {
        return Ok(false);
    }
    let Some(port) = port(shared).await? else { return Ok(false) };
    // The caller's own values of these are kept, in front or unchanged.
    append(&mut head, "X-Azure-Functions-InvocationId", ", ", &invocation_id());
    append(&mut head, "X-Azure-Functions-HostVersion", ", ", HOST_VERSION);
    append(&mut head, "User-Agent", " ", &format!("Azure-Functions-Host/{HOST_VERSION}"));
    let bytes = body.read().await?;
    let url = format!("http://127.0.0.1:{port}{}", head.target());
    let kept = head.headers.iter().filter(|(name, _)| {
        !["connection", "content-length"].iter().any(|n| name.eq_ignore_ascii_case(n))
    });
    let headers: Vec<(&str, &str)> = kept.map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let body = if bytes.is_empty() { Body::None } else { Body::Sized(&bytes) };
    let Ok(mut answer) = http::send(head.method(), &url, &headers, body).await else {
        return Ok(false);
    };
    answer.head.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("transfer-encoding"));
    answer.head.set("Connection", "close");
    if head.method() != "HEAD" {
        answer.head.set("Content-Length", &answer.body.len().to_string());
    }
    client.write_all(&answer.head.bytes()).await?;
    client.write_all(&answer.body).await?;
    Ok(true)
}

async fn envelope(
    shared: &Shared,
    function: &Function,
    head: &Head,
    body: &mut Incoming<impl AsyncRead + Unpin>,
    client: &mut (impl AsyncWrite + Unpin),
) -> Result<bool> {
    let Trigger::Http { input, output, .. } = &function.trigger else { return Ok(false) };
    let bytes = body.read().await?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let headers = head.headers.iter().map(|(n, v)| (n.clone(), json!([v])));
    let headers: serde_json::Map<String, Value> = headers.collect();
    let request = json!({
        "Url": format!("http://127.0.0.1{}", head.target()),
        "Method": head.method(),
        "Query": {},
        "Headers": headers,
        "Params": {},
        "Identities": [],
        "Body": text,
    });
    let envelope = json!({
        "Data": { input.as_str(): request },
        "Metadata": { "Query": {}, "Headers": {}, "sys": { "MethodName": function.name } },
    });
    let Some(port) = port(shared).await? else { return Ok(false) };
    let Ok(result) = invoke(port, &function.name, &envelope).await else { return Ok(false) };
    let said = &result["Outputs"][output.as_str()];
    // Some versions demand all four.
    let all =
        ["statusCode", "status", "headers", "body"].iter().all(|name| said[*name] != json!(null));
    let (true, Some(status), Some(text)) =
        (all, said["statusCode"].as_str(), said["body"].as_str())
    else {
        return Ok(false);
    };
    let kind = said["headers"]["Content-Type"].as_str().unwrap_or("text/plain");
    let answer = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{text}",
        text.len(),
    );
    client.write_all(answer.as_bytes()).await?;
    Ok(true)
}

/// Calls a function with an envelope and returns its result. Waits for ever if the answer has no
/// body or is `null`, like the host until the function's time-out.
pub async fn invoke(port: u16, name: &str, envelope: &Value) -> std::result::Result<Value, String> {
    let id = invocation_id();
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Azure-Functions-HostVersion", HOST_VERSION),
        ("X-Azure-Functions-InvocationId", &id),
    ];
    let url = format!("http://127.0.0.1:{port}/{name}");
    let body = envelope.to_string();
    let answer = http::send("POST", &url, &headers, Body::Chunked(body.as_bytes(), 1024))
        .await
        .map_err(|e| format!("the invocation failed: {e}"))?;
    let text = answer.text();
    if !(200..300).contains(&answer.status) {
        return Err(format!("the invocation failed: {} {text}", answer.status));
    }
    if answer.status == 204 || ["", "null"].contains(&text.trim()) {
        return std::future::pending().await;
    }
    if !answer.head.get("content-type").unwrap_or_default().contains("json") {
        return Err(format!("the invocation failed: not JSON by its content type: {text}"));
    }
    match serde_json::from_str(&text) {
        Ok(result @ Value::Object(_)) => Ok(result),
        _ => Err(format!("the invocation failed: not a result: {text}")),
    }
}
