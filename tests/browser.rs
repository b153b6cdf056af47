//! The site in a browser and under independent checkers: visitors' experience, and things that must
//! never happen.

mod cards;
mod conversation;
mod days;
mod engines;
mod example;
mod lighthouse;
mod live;
mod outage;
mod pages;
mod reports;
mod scenes;
mod visits;

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::support::http::HANG;
use crate::support::tools;

/// A Chromium with its driver; `None` after saying so.
fn browser() -> Option<PathBuf> {
    Some(tools::chromium()?).filter(|_| tools::node().is_some())
}

/// Runs a script of `tests/node` and reads the JSON that it prints.
pub async fn run<T: DeserializeOwned>(script: &str, arguments: impl Iterator<Item = PathBuf>) -> T {
    run_within(HANG, script, arguments).await
}

/// The same for slow tests on a busy machine.
async fn run_within<T: DeserializeOwned>(
    limit: Duration,
    script: &str,
    arguments: impl Iterator<Item = PathBuf>,
) -> T {
    let mut command = tools::node().unwrap().script(script);
    command.args(arguments);
    let output = tokio::process::Command::from(command).kill_on_drop(true).output();
    let output = tokio::time::timeout(limit, output).await.expect("the script hangs").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
pub fn none_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
