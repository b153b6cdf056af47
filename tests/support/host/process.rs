//! The handler's process: how the host starts it, knows it ready, starts it again and gives up.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::{Level, Shared, State, invocation_id};
use crate::support::http::{self, Body};

const READY_POLL: Duration = Duration::from_millis(25);
const READY_TIMEOUT: Duration = Duration::from_secs(30);
/// The third crash of a chain, each within this time of the one before, stops the host.
const CHAIN_PAUSE_MAX: Duration = Duration::from_mins(30);
const CRASHES_MAX: u32 = 3;
/// The exit code that asks for a start which does not count.
const RESTART_CODE: i32 = 200;
/// From the end of a function's time to that of the handler.
const KILL_PAUSE: Duration = Duration::from_secs(2);

/// How one life of the handler ended.
enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It never answered.
    Silent,
    /// A function's time was up.
    TimedOut,
}

/// Starts the handler, again after each crash, until there were too many.
pub async fn supervise(shared: Arc<Shared>) {
    let mut chain = (0, Instant::now());
    let mut starts = 0;
    loop {
        starts += 1;
        let end = match run_once(&shared, starts).await {
            Ok(end) => end,
            Err(problem) => {
                shared.state.send_replace(State::Stopped(problem));
                return;
            }
        };
        let crash = match end {
            End::TimedOut => None,
            End::Exited(status) if status.code() == Some(RESTART_CODE) => None,
            // Nobody is there now, and the host calls itself running.
            End::Exited(status) if status.success() => return,
            End::Exited(status) => Some(status.to_string()),
            End::Silent => Some(format!("no answer within {READY_TIMEOUT:?}")),
        };
        if let Some(crash) = crash {
            let (count, last) = chain;
            let count = if last.elapsed() < CHAIN_PAUSE_MAX { count + 1 } else { 1 };
            chain = (count, Instant::now());
            if count >= CRASHES_MAX {
                let why = format!("the handler failed {CRASHES_MAX} times, at last with {crash}");
                shared.state.send_replace(State::Stopped(why));
                return;
            }
        }
        shared.state.send_replace(State::Starting);
    }
}

async fn run_once(shared: &Arc<Shared>, starts: u32) -> Result<End, String> {
    let port = http::reserve_port();
    let mut child = spawn(shared, port)?;
    let exited = |status: std::io::Result<ExitStatus>| match status {
        Ok(status) => Ok(End::Exited(status)),
        Err(error) => Err(error.to_string()),
    };
    tokio::select! {
        status = child.wait() => return exited(status),
        ready = tokio::time::timeout(READY_TIMEOUT, poll_ready(port)) => {
            if ready.is_err() {
                return Ok(End::Silent);
            }
        }
    }
    shared.state.send_replace(State::Ready { port, starts });
    tokio::select! {
        status = child.wait() => exited(status),
        () = shared.kill.notified() => {
            child.start_kill().map_err(|e| e.to_string())?;
            exited(child.wait().await)
        }
        () = timed_out(shared) => {
            child.kill().await.map_err(|e| e.to_string())?;
            Ok(End::TimedOut)
        }
    }
}

async fn timed_out(shared: &Shared) {
    shared.timed_out.notified().await;
    tokio::time::sleep(KILL_PAUSE).await;
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
    shared.pid.store(child.id().unwrap_or_default(), Ordering::Relaxed);
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
async fn poll_ready(port: u16) {
    let url = format!("http://127.0.0.1:{port}/");
    while http::send("GET", &url, &[], Body::None).await.is_err() {
        tokio::time::sleep(READY_POLL).await;
    }
}
