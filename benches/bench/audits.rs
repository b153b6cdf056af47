//! Peak memory of `verify` and `rebuild`, measured on the real program with a folder.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::BINARY;
use super::history::records;

pub fn audits() {
    // A folder in which only the log is there: every file is looked for.
    for incidents in [1_000, 100_000] {
        let folder = with_log(incidents);
        let (took, peak_mb) = run(folder.path(), "verify");
        println!("verify of {incidents} incidents: {peak_mb:.1} MB at most, {took:.0} s");
    }
    for incidents in [1_000, 5_000] {
        let folder = with_log(incidents);
        let (took, peak_mb) = run(folder.path(), "rebuild");
        println!("rebuild of {incidents} incidents: {peak_mb:.1} MB at most, {took:.0} s");
    }
}

fn with_log(incidents: i64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("local/log");
    std::fs::create_dir_all(&log).unwrap();
    records(incidents, |revision, bytes| {
        std::fs::write(log.join(format!("{revision:010}.json")), bytes).unwrap();
    });
    folder
}

/// Runs it to its end; the time in seconds, and the most that was resident in megabytes.
fn run(folder: &Path, command: &str) -> (f64, f64) {
    let begun = Instant::now();
    let mut child = Command::new(BINARY)
        .arg(command)
        .current_dir(folder)
        .env_clear()
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak_kb = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        peak_kb = peak_kb.max(kb.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(20));
    }
    (begun.elapsed().as_secs_f64(), peak_kb / 1e3)
}
