//! A stand-in for the Azure Functions host, kept to the contract that it has with a custom
//! handler: how it starts one, knows it ready, calls it, and ends it.

mod package;

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::http::{self, Body, HANG, Head};
pub use package::{App, Package, Trigger};

const HOST_VERSION: &str = "4.1044.400.0";
const READY_POLL: Duration = Duration::from_millis(25);
const READY_TIMEOUT: Duration = Duration::from_secs(30);
/// The third failure within this time stops the host.
const RESTARTS_WITHIN: Duration = Duration::from_mins(30);
const FAILURES_MAX: usize = 3;

/// Whether the handler answers.
#[derive(Clone, Debug)]
enum State {
    Starting,
    Ready { port: u16, starts: u32 },
    Stopped(String),
}

struct Shared {
    package: Package,
    /// The package's folder lives as long as this.
    _app: App,
    settings: Vec<(String, String)>,
    state: watch::Sender<State>,
    kill: Notify,
    lines: Mutex<Vec<(Level, String)>>,
}

/// What the host makes of a line that the handler writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Information,
    Warning,
    Error,
}

/// A running host. Dropped, it ends its handler.
pub struct Host {
    shared: Arc<Shared>,
    port: u16,
    tasks: [JoinHandle<()>; 2],
}

impl Host {
    /// Starts the app's handler and waits until it is ready. It sees these settings and no other.
    pub async fn start(app: App, settings: &[(&str, &str)]) -> Result<Self, String> {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let shared = Arc::new(Shared {
            package: Package::read(app.path())?,
            _app: app,
            settings,
            state: watch::Sender::new(State::Starting),
            kill: Notify::new(),
            lines: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let tasks = [
            tokio::spawn(supervise(shared.clone())),
            tokio::spawn(listen(shared.clone(), listener)),
        ];
        let host = Self { shared, port, tasks };
        host.ready(0).await.map(|_| host)
    }

    /// The address of a path as the outside world has it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Waits until the handler answers, having been started more than `starts` times.
    async fn ready(&self, starts: u32) -> Result<(u16, u32), String> {
        let mut state = self.shared.state.subscribe();
        let reached = |state: &State| match state {
            State::Ready { starts: now, .. } => *now > starts,
            State::Starting => false,
            State::Stopped(_) => true,
        };
        let state = tokio::time::timeout(HANG, state.wait_for(reached)).await;
        match &*state.map_err(|_| "the handler hangs")?.map_err(|e| e.to_string())? {
            State::Ready { port, starts } => Ok((*port, *starts)),
            State::Starting => unreachable!("it was waited for"),
            State::Stopped(why) => Err(format!("{why}\n{}", self.log())),
        }
    }

    /// SIGKILL, without warning; then waits until the handler was started again and answers.
    pub async fn kill(&self) -> Result<(), String> {
        let (_, starts) = self.ready(0).await?;
        self.shared.kill.notify_one();
        self.ready(starts).await.map(drop)
    }

    /// Calls a timer's function as if its time had come, and gives the lines of its `Logs`.
    pub async fn fire_timer(&self, name: &str) -> Result<Vec<String>, String> {
        let mut functions = self.shared.package.functions.iter();
        if !functions.any(|f| f.name == name && matches!(f.trigger, Trigger::Timer)) {
            return Err(format!("there is no timer {name:?}"));
        }
        let (port, _) = self.ready(0).await?;
        let body = timer_envelope(name).to_string();
        let id = invocation_id();
        let headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("X-Azure-Functions-HostVersion", HOST_VERSION),
            ("X-Azure-Functions-InvocationId", &id),
        ];
        let url = format!("http://127.0.0.1:{port}/{name}");
        let answer = http::send("POST", &url, &headers, Body::Sized(body.as_bytes()))
            .await
            .map_err(|e| format!("the invocation failed: {e}"))?;
        let text = answer.text();
        if !(200..300).contains(&answer.status) {
            return Err(format!("the invocation failed: {} {text}", answer.status));
        }
        match serde_json::from_str::<serde_json::Value>(&text) {
            // The real host would wait for its result until the function's timeout.
            _ if text.trim().is_empty() => Err("the invocation hangs: no body".to_owned()),
            Ok(serde_json::Value::Null) => Err("the invocation hangs: null".to_owned()),
            Ok(serde_json::Value::Object(result)) => match result.get("Logs") {
                None => Ok(Vec::new()),
                Some(logs) => serde_json::from_value(logs.clone()).map_err(|e| e.to_string()),
            },
            _ => Err(format!("the invocation failed: not a result: {text}")),
        }
    }

    /// Everything that the handler wrote, as the host logs it.
    pub fn lines(&self) -> Vec<(Level, String)> {
        self.shared.lines.lock().unwrap().clone()
    }

    /// The same for a person.
    pub fn log(&self) -> String {
        let lines = self.lines();
        let lines = lines.iter().map(|(level, line)| format!("  {level:?}: {line}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        if std::thread::panicking() {
            eprintln!("what the handler wrote:\n{}", self.log());
        }
    }
}

/// Starts the handler, again after each failure, until it has failed too often.
async fn supervise(shared: Arc<Shared>) {
    let mut failures = Vec::<Instant>::new();
    let mut starts = 0;
    loop {
        starts += 1;
        let status = match run_once(&shared, starts).await {
            Ok(status) => status,
            Err(problem) => {
                shared.state.send_replace(State::Stopped(problem));
                return;
            }
        };
        if status.success() {
            let why = "the handler ended with exit code 0, and that is never started again";
            shared.state.send_replace(State::Stopped(why.to_owned()));
            return;
        }
        failures.retain(|at| at.elapsed() < RESTARTS_WITHIN);
        failures.push(Instant::now());
        if failures.len() >= FAILURES_MAX {
            let why = format!("the handler failed {FAILURES_MAX} times, at last with {status}");
            shared.state.send_replace(State::Stopped(why));
            return;
        }
        shared.state.send_replace(State::Starting);
    }
}

/// One life of the handler.
async fn run_once(shared: &Arc<Shared>, starts: u32) -> Result<ExitStatus, String> {
    let port = http::reserve_port();
    let mut child = spawn(shared, port)?;
    tokio::select! {
        status = child.wait() => return status.map_err(|e| e.to_string()),
        ready = poll_ready(port) => ready?,
    }
    shared.state.send_replace(State::Ready { port, starts });
    tokio::select! {
        status = child.wait() => status.map_err(|e| e.to_string()),
        () = shared.kill.notified() => {
            child.start_kill().map_err(|e| e.to_string())?;
            child.wait().await.map_err(|e| e.to_string())
        }
    }
}

fn spawn(shared: &Arc<Shared>, port: u16) -> Result<Child, String> {
    let package = &shared.package;
    let mut child = Command::new(&package.executable)
        .args(&package.arguments)
        .current_dir(&package.folder)
        .env_clear()
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("FUNCTIONS_HTTPWORKER_PORT", port.to_string())
        .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", invocation_id())
        .env("FUNCTIONS_APP_ROOT_PATH", &package.folder)
        .env("FUNCTIONS_WORKER_RUNTIME", "custom")
        .envs(shared.settings.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| format!("{}: {e}", package.executable.display()))?;
    tokio::spawn(collect(shared.clone(), child.stdout.take(), |_| Level::Information));
    tokio::spawn(collect(shared.clone(), child.stderr.take(), |line| {
        if line.to_lowercase().contains("warn") { Level::Warning } else { Level::Error }
    }));
    Ok(child)
}

async fn collect(
    shared: Arc<Shared>,
    output: Option<impl AsyncRead + Unpin>,
    level: fn(&str) -> Level,
) {
    let Some(output) = output else { return };
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        shared.lines.lock().unwrap().push((level(&line), line));
    }
}

/// Any HTTP answer to `GET /` means ready.
async fn poll_ready(port: u16) -> Result<(), String> {
    let url = format!("http://127.0.0.1:{port}/");
    let poll = async {
        while http::send("GET", &url, &[], Body::None).await.is_err() {
            tokio::time::sleep(READY_POLL).await;
        }
    };
    let in_time = tokio::time::timeout(READY_TIMEOUT, poll).await;
    in_time.map_err(|_| format!("the handler did not answer within {READY_TIMEOUT:?}"))
}

async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            // A broken connection is its client's concern, who sees it break.
            let _ = serve(&shared, client).await;
        });
    }
}

/// Answers one request, by the handler if a function's route leads there.
async fn serve(shared: &Shared, client: TcpStream) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let Some(mut head) = Head::read(&mut client).await? else { return Ok(()) };
    if let Err(status) = route(&shared.package, &head) {
        let refusal =
            format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return client.write_all(refusal.as_bytes()).await;
    }
    let State::Ready { port, .. } = *shared.state.borrow() else {
        let refusal = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n";
        return client.write_all(refusal).await;
    };
    let id = invocation_id();
    head.set("X-Azure-Functions-InvocationId", &id);
    head.set("X-Azure-Functions-HostVersion", HOST_VERSION);
    head.set("x-ms-invocation-id", &id);
    head.set("Connection", "close");
    let mut handler = TcpStream::connect(("127.0.0.1", port)).await?;
    handler.write_all(&head.bytes()).await?;
    // From here the bytes pass as they come, in their own framing.
    copy_bidirectional(&mut client, &mut handler).await?;
    Ok(())
}

fn route(package: &Package, head: &Head) -> Result<(), &'static str> {
    let path = head.target().split('?').next().unwrap_or_default();
    let mut functions = package.functions.iter();
    let anonymous = functions.find_map(|f| match &f.trigger {
        Trigger::Http { path: route, methods, anonymous } => {
            let method = head.method();
            let allowed =
                methods.is_empty() || methods.iter().any(|m| m.eq_ignore_ascii_case(method));
            (route.eq_ignore_ascii_case(path) && allowed).then_some(*anonymous)
        }
        Trigger::Timer => None,
    });
    match anonymous {
        Some(true) => Ok(()),
        // A function key would be asked for, and no test has one.
        Some(false) => Err("401 Unauthorized"),
        None => Err("404 Not Found"),
    }
}

fn timer_envelope(name: &str) -> serde_json::Value {
    let now = jiff::Timestamp::now();
    serde_json::json!({
        "Data": { "timer": {
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": { "Last": now, "LastUpdated": now, "Next": now },
            "IsPastDue": false,
        }},
        "Metadata": { "sys": { "MethodName": name, "UtcNow": now, "RandGuid": invocation_id() }},
    })
}

fn invocation_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
