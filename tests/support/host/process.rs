//! The handler's process: start, readiness, restart and giving up.

use std::collections::BTreeSet;
use std::ffi::OsString;
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
/// The interval of checks of the app's folder.
const WATCH_POLL: Duration = Duration::from_millis(50);

/// The end of one life of the handler.
enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It never answered.
    Silent,
    /// A function's time was up.
    TimedOut,
    /// A folder was created in the app's own: the host restarts, and the handler with it.
    FolderMade,
    /// The host died, and the handler was left running.
    Left,
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
                shared.lines.lock().unwrap().push((Level::Error, problem.clone()));
                shared.state.send_replace(State::Missing(problem));
                return;
            }
        };
        let crash = match end {
            End::TimedOut | End::FolderMade => None,
            End::Left => return,
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
    let folders = folders(shared);
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
        () = folder_made(shared, &folders) => {
            child.kill().await.map_err(|e| e.to_string())?;
            Ok(End::FolderMade)
        }
        () = shared.orphaned.notified() => {
            let asked = shared.orphan.lock().unwrap().take();
            asked.and_then(|asked| asked.send(child).ok());
            Ok(End::Left)
        }
    }
}

async fn timed_out(shared: &Shared) {
    shared.timed_out.acquire().await.expect("it is never closed").forget();
}

/// The folders in the app's own.
fn folders(shared: &Shared) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(&shared.package.folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|folder| folder.file_name()).collect()
}

/// Waits until there is a folder that was not there before.
async fn folder_made(shared: &Shared, before: &BTreeSet<OsString>) {
    while folders(shared).is_subset(before) {
        tokio::time::sleep(WATCH_POLL).await;
    }
}

fn spawn(shared: &Arc<Shared>, port: u16) -> Result<Child, String> {
    let package = &shared.package;
    let worker_id = invocation_id();
    let mut child = Command::new(&package.executable)
        .args(&package.arguments)
        .current_dir(&package.folder)
        .env_clear()
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("FUNCTIONS_HTTPWORKER_PORT", port.to_string())
        .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &worker_id)
        .env("FUNCTIONS_HTTPWORKER_ID", &worker_id)
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
