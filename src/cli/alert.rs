//! `status-update alert`: posts an alert body as a monitor would and prints the outcome. For
//! setting up monitors, templates and rules.

use std::io::{Read as _, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use serde_json::Value;

use super::ExitStatus;
use super::send::{SendError, address, root_cause};
use crate::core::alerts::read::ALERTS_PATH;
use crate::http_client::http_client;
use crate::settings::LOCAL_PORT;

#[derive(Args, Debug)]
pub struct Alert {
    /// Address of the program, or the full address configured in the monitor.
    #[arg(long, value_name = "URL", default_value_t = format!("http://127.0.0.1:{LOCAL_PORT}"))]
    to: String,
    /// Function key, or the token of a program that runs without the Functions host. Default:
    /// `STATUS_WEBHOOK_TOKENS`, else the development token of the current folder.
    #[arg(long)]
    key: Option<String>,
    /// File with the body, such as body.json; `-` reads standard input.
    file: PathBuf,
}

impl Alert {
    /// The key; empty if the address contains it, `None` if neither has one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref().or_else(|| self.to.contains("code=").then_some(""))
    }
}

/// Posts the body and prints the outcome.
///
/// # Errors
/// Returns an error if the file cannot be read or no valid answer arrives.
pub async fn alert(asked: &Alert, key: &str, out: &mut impl Write) -> anyhow::Result<ExitStatus> {
    let to = address(&asked.to, ALERTS_PATH);
    let body = if asked.file.as_os_str() == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).map(|_| body)
    } else {
        std::fs::read(&asked.file)
    };
    let body = body.map_err(|error| anyhow!("{} cannot be read: {error}", asked.file.display()))?;
    let no_answer =
        |error: reqwest::Error| SendError::NoAnswer { to: to.clone(), why: root_cause(&error) };
    let client = http_client().timeout(Duration::from_secs(30)).build().map_err(no_answer)?;
    let mut request = client.post(&to).header("content-type", "application/json");
    if !key.is_empty() {
        request = request.header("x-functions-key", key);
    }
    let response = request.body(body).send().await.map_err(no_answer)?;
    let status = response.status().as_u16();
    let answer = response.bytes().await.map_err(no_answer)?;
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    if status != 202 {
        let why = answer.get("error").and_then(Value::as_str).unwrap_or(match status {
            401 => "Is the key the right one (--key)?",
            404 => "Is the address that of the program?",
            _ => "GET /api/health there says why, and so does its log.",
        });
        writeln!(out, "Refused ({status}): {why}")?;
        return Ok(ExitStatus::Failure);
    }
    let Some(outcome) = answer.pointer("/alerts/0/outcome").and_then(Value::as_str) else {
        bail!("{to} answered with something that is not an answer of this program");
    };
    let told = told(outcome);
    match answer.get("incident").and_then(Value::as_u64) {
        Some(number) if outcome == "noted" => writeln!(out, "Maintenance #{number}: {told}")?,
        Some(number) => writeln!(out, "Incident #{number}: {told}")?,
        None => writeln!(out, "{told}")?,
    }
    let noted = answer.get("not_understood").and_then(Value::as_array).into_iter().flatten();
    for part in noted.filter_map(Value::as_str) {
        writeln!(out, "Not understood: {part}")?;
    }
    Ok(ExitStatus::Success)
}

/// The outcome in a sentence.
fn told(outcome: &str) -> String {
    let told = match outcome {
        "opened" => "opened for this alert.",
        "reopened" => "opened again for this alert.",
        "crowded" => "the alert is in its timeline, because too many incidents are open.",
        "noted" => "the alert is in its timeline; it opens nothing while the maintenance lasts.",
        "joined" => "the alert is in its timeline.",
        "repeated" => "the alert is in its timeline already.",
        "resolved" => "the alert resolved; the incident stays open.",
        "closed" => "the alert resolved and closed it.",
        "over" => "it was closed before, and the alert has fired since then.",
        "nothing_open" => "The alert resolved, and no incident is open for it.",
        "muted" => "Muted by a rule: nothing is recorded.",
        "ignored" => "Opens nothing: nothing is recorded.",
        "test" => "A test: nothing is opened, and the channel is told.",
        other => return format!("outcome: {other}"),
    };
    told.to_owned()
}
