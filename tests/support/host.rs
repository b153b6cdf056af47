//! A stand-in for the Azure Functions host that keeps its contract with a custom handler: start,
//! readiness, calls and end.
//!
//! Two observations of the real host are left out. A forwarding host loses about one in a hundred
//! of the calls that arrive during a restart: a test of that would fail by chance. Sampling drops
//! rows of Application Insights, which no handler sees.

mod calls;
mod package;
mod process;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;

use super::http::HANG;
use calls::Mode;
pub use package::{App, Package, Trigger};

const HOST_VERSION: &str = "4.1044.400.0";
/// The key for functions whose `authLevel` requires one.
pub const FUNCTION_KEY: &str = "c3R1YnMtZnVuY3Rpb24ta2V5";

/// The handler's readiness.
#[derive(Clone, Debug)]
enum State {
    Starting,
    /// It did. After an exit with code 0 nobody answers, and the host does not notice.
    Ready {
        port: u16,
        starts: u32,
    },
    /// There is nothing that could be started: the host goes on, and requests hang.
    Missing(String),
    /// The host has given up, and no longer listens.
    Stopped(String),
}

struct Shared {
    package: Package,
    /// The package's folder lives as long as this.
    _app: App,
    settings: Vec<(String, String)>,
    mode: Mode,
    state: watch::Sender<State>,
    /// The process that was started last.
    pid: AtomicU32,
    kill: Notify,
    /// A restart for each call whose time was up.
    timed_out: Semaphore,
    /// Set when the host dies: the waiting test gets the handler that survives it.
    orphan: Mutex<Option<oneshot::Sender<Child>>>,
    orphaned: Notify,
    lines: Mutex<Vec<(Level, String)>>,
    /// The timer has fired before.
    has_fired: AtomicBool,
    /// Number of calls in progress.
    calls: watch::Sender<usize>,
}

/// From the end of a call's time to that of the handler.
const KILL_PAUSE: Duration = Duration::from_secs(2);

impl Shared {
    /// A call's time is up: a little later the whole handler is killed for it.
    fn time_is_up(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(KILL_PAUSE).await;
            shared.timed_out.add_permits(1);
        });
    }
}

/// The host's level of a handler's line.
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
        Self::start_as(app, settings, true).await
    }

    /// The same as a host from before 2025, which passes over `enableProxyingHttpRequest`.
    pub async fn start_old(app: App, settings: &[(&str, &str)]) -> Result<Self, String> {
        Self::start_as(app, settings, false).await
    }

    async fn start_as(app: App, settings: &[(&str, &str)], new: bool) -> Result<Self, String> {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let package = Package::read(app.path())?;
        let mode = match &package {
            Package { proxies: true, .. } if new => Mode::Proxying,
            Package { forwards: true, .. } => Mode::Forwarding,
            _ => Mode::Envelope,
        };
        let shared = Arc::new(Shared {
            package,
            _app: app,
            settings,
            mode,
            state: watch::Sender::new(State::Starting),
            pid: AtomicU32::default(),
            kill: Notify::new(),
            timed_out: Semaphore::new(0),
            orphan: Mutex::default(),
            orphaned: Notify::new(),
            lines: Mutex::default(),
            has_fired: AtomicBool::default(),
            calls: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let tasks = [
            tokio::spawn(process::supervise(shared.clone())),
            tokio::spawn(listen(shared.clone(), listener)),
        ];
        let host = Self { shared, port, tasks };
        host.ready(0).await.map(|_| host)
    }

    /// The address of a path as the outside world has it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The folder that the handler runs in.
    pub fn folder(&self) -> &Path {
        &self.shared.package.folder
    }

    /// Waits until the handler answers, having been started more than `starts` times.
    async fn ready(&self, starts: u32) -> Result<(u16, u32), String> {
        let mut state = self.shared.state.subscribe();
        let reached = |state: &State| match state {
            State::Ready { starts: now, .. } => *now > starts,
            State::Starting => false,
            State::Missing(_) | State::Stopped(_) => true,
        };
        let state = tokio::time::timeout(HANG, state.wait_for(reached)).await;
        match &*state.map_err(|_| "the handler hangs")?.map_err(|e| e.to_string())? {
            State::Ready { port, starts } => Ok((*port, *starts)),
            State::Starting => unreachable!("it was waited for"),
            State::Missing(why) | State::Stopped(why) => Err(format!("{why}\n{}", self.log())),
        }
    }

    /// Number of starts of the handler so far; waits until it answers.
    pub async fn starts(&self) -> u32 {
        self.ready(0).await.unwrap().1
    }

    /// Waits until the handler answers after a later start than these.
    pub async fn restarted(&self, starts: u32) -> Result<(), String> {
        self.ready(starts).await.map(drop)
    }

    /// SIGKILL, without warning; then waits until the handler is gone.
    pub async fn strike(&self) {
        let (_, starts) = self.ready(0).await.unwrap();
        self.shared.kill.notify_one();
        let mut state = self.shared.state.subscribe();
        let alive =
            |state: &State| matches!(state, State::Ready { starts: now, .. } if *now == starts);
        let gone = tokio::time::timeout(HANG, state.wait_for(|state| !alive(state))).await;
        gone.expect("it lives").unwrap();
    }

    /// SIGKILL, without warning; then waits until the handler was started again and answers.
    pub async fn kill(&self) -> Result<(), String> {
        let (_, starts) = self.ready(0).await?;
        self.strike().await;
        self.restarted(starts).await
    }

    /// SIGKILL of the host itself: the handler survives it, at this address, until the returned
    /// value is dropped.
    pub async fn die(self) -> (Child, String) {
        let address = self.handler_address().await;
        let (sender, handler) = oneshot::channel();
        *self.shared.orphan.lock().unwrap() = Some(sender);
        self.shared.orphaned.notify_one();
        (handler.await.expect("there is no handler"), address)
    }

    /// SIGTERM of the host: it accepts no more calls, finishes those in progress, and then kills
    /// the handler at once, but not the handler's children.
    pub async fn terminate(mut self) {
        let [supervising, listening] = &mut self.tasks;
        listening.abort();
        let calls = self.shared.calls.subscribe().wait_for(|calls| *calls == 0).await.is_ok();
        assert!(calls, "the calls are counted");
        // The child's handle goes with the task, and the child with its handle.
        supervising.abort();
        let _ = supervising.await;
    }

    /// Calls a timer's function as if its time had come, and returns the lines of its `Logs`.
    pub async fn fire_timer(&self, name: &str) -> Result<Vec<String>, String> {
        self.run_timer(name, None).await
    }

    /// The same for an administrator, who sends an input with it.
    pub async fn start_timer(&self, name: &str, input: &str) -> Result<Vec<String>, String> {
        self.run_timer(name, Some(input)).await
    }

    async fn run_timer(&self, name: &str, input: Option<&str>) -> Result<Vec<String>, String> {
        let mut functions = self.shared.package.functions.iter();
        if !functions.any(|f| f.name == name && matches!(f.trigger, Trigger::Timer)) {
            return Err(format!("there is no timer {name:?}"));
        }
        let (port, _) = self.ready(0).await?;
        let limit = self.shared.package.function_timeout;
        let has_fired = self.shared.has_fired.swap(true, Ordering::Relaxed);
        let envelope = timer_envelope(name, has_fired, input);
        let Ok(result) = tokio::time::timeout(limit, calls::invoke(port, name, &envelope)).await
        else {
            self.shared.time_is_up();
            return Err(format!("the invocation's time of {limit:?} is up"));
        };
        match result?.get("Logs") {
            None => Ok(Vec::new()),
            Some(logs) => serde_json::from_value(logs.clone()).map_err(|e| e.to_string()),
        }
    }

    /// The address of the handler itself, which nothing but the host reaches on Azure.
    pub async fn handler_address(&self) -> String {
        format!("127.0.0.1:{}", self.ready(0).await.unwrap().0)
    }

    /// The most memory that the handler has had, in kibibytes.
    pub async fn memory_peak_kb(&self) -> u64 {
        self.ready(0).await.unwrap();
        let pid = self.shared.pid.load(Ordering::Relaxed);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
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

/// Accepts connections until the host stops.
async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    let mut state = shared.state.subscribe();
    let stopped =
        async { state.wait_for(|state| matches!(state, State::Stopped(_))).await.is_ok() };
    tokio::select! {
        _ = stopped => {}
        () = accept(&shared, &listener) => {}
    }
}

async fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            shared.calls.send_modify(|calls| *calls += 1);
            // The client notices a broken connection itself.
            let _ = calls::serve(&shared, client).await;
            shared.calls.send_modify(|calls| *calls -= 1);
        });
    }
}

/// A timer that never ran has no status.
fn timer_envelope(name: &str, has_run: bool, input: Option<&str>) -> serde_json::Value {
    let now = jiff::Timestamp::now();
    let status = serde_json::json!({ "Last": now, "LastUpdated": now, "Next": now });
    let mut envelope = serde_json::json!({
        "Data": { "timer": {
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": has_run.then_some(status),
            "IsPastDue": false,
        }},
        "Metadata": { "sys": { "MethodName": name, "UtcNow": now, "RandGuid": invocation_id() }},
    });
    if let Some(input) = input {
        envelope["Metadata"]["timer"] = input.into();
    }
    envelope
}

fn invocation_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
