//! The words, numbers and times that monitors use.

use jiff::Timestamp;
use serde_json::Value;

use super::json::scalar;
use crate::incident::severity::Severity;

/// Labels and fields that hold a severity, the most specific first.
pub const GRADES: [&str; 4] = ["severity", "priority", "level", "urgency"];

/// A monitor's severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    Severity(Severity),
    /// `none`: the alert exists to show that delivery works, or to inhibit others.
    None,
}

impl Grade {
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Severity(severity) => Some(severity),
            Self::None => None,
        }
    }
}

/// Reads words and numbers such as `critical`, `P1`, `SEV-2` or `page`.
#[must_use]
pub fn grade_of(text: &str) -> Option<Grade> {
    let text = text.trim().to_ascii_lowercase();
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if words().eq(["none"]) {
        return Some(Grade::None);
    }
    let joined: String = words().collect();
    let severity = severity_of(&joined).or_else(|| words().find_map(severity_of));
    severity.map(Grade::Severity)
}

/// `word` is in lower case.
fn severity_of(word: &str) -> Option<Severity> {
    let prefixes = ["severity", "sev", "priority", "prio", "p", "s"];
    let digits = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    if let Ok(number) = digits.parse::<u8>() {
        return match number {
            0 | 1 => Some(Severity::Critical),
            2 => Some(Severity::High),
            3 => Some(Severity::Medium),
            4 | 5 => Some(Severity::Low),
            _ => None,
        };
    }
    match word {
        "critical" | "crit" | "fatal" | "emergency" | "emerg" | "alert" | "panic" | "disaster"
        | "page" | "urgent" | "blocker" | "highest" => Some(Severity::Critical),
        "high" | "error" | "err" | "major" | "severe" | "availability" => Some(Severity::High),
        "medium" | "moderate" | "warning" | "warn" | "minor" | "average" | "normal" | "ticket"
        | "performance" => Some(Severity::Medium),
        "low" | "lowest" | "info" | "information" | "informational" | "notice" | "debug"
        | "trivial" => Some(Severity::Low),
        _ => None,
    }
}

/// A monitor's state of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Firing,
    Resolved,
    /// A person has acknowledged it in the monitor.
    Acknowledged,
    /// A test of the delivery.
    Test,
}

/// Reads words such as `triggered`, `🔴 Down` or `Recovered`.
#[must_use]
pub fn state_of(text: &str) -> Option<State> {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // "Re-Triggered" and "Re-No Data" mean the same as without "Re".
    let words = words.strip_prefix(&["re"]).unwrap_or(&words);
    Some(match words.concat().as_str() {
        "resolved" | "resolve" | "ok" | "okay" | "recovered" | "recovery" | "recover" | "up"
        | "closed" | "close" | "cleared" | "clear" | "inactive" | "deactivated" | "healthy"
        | "normal" | "fixed" | "ended" | "success" | "passed" | "passing" | "operational"
        | "backtonormal" => State::Resolved,
        "firing" | "fired" | "fire" | "triggered" | "trigger" | "alerting" | "alert" | "alarm"
        | "inalarm" | "down" | "open" | "opened" | "reopened" | "active" | "activated"
        | "problem" | "critical" | "warning" | "warn" | "error" | "failed" | "failing"
        | "failure" | "fail" | "created" | "started" | "start" | "new" | "nodata" | "degraded"
        | "unhealthy" | "unresolved" | "ongoing" | "renotify" | "pending" => State::Firing,
        "acknowledged" | "acknowledge" | "ack" => State::Acknowledged,
        "test" | "testing" => State::Test,
        _ => return None,
    })
}

/// A time with its offset, as most monitors write it. Go's year 1 means no time.
#[must_use]
pub fn time(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok().filter(|at: &Timestamp| *at > Timestamp::UNIX_EPOCH)
}

/// A time with its offset, or seconds or milliseconds since 1970, as a number or a text.
#[must_use]
pub fn any_time(value: &Value) -> Option<Timestamp> {
    /// Year 2603 in seconds, and 1970 in milliseconds.
    const SECONDS_MAX: f64 = 2e10;
    let text = scalar(value)?;
    let Ok(number) = text.parse::<f64>() else { return time(&text) };
    let milliseconds = if number.abs() < SECONDS_MAX { number * 1000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "what is too large is no time")]
    let at = Timestamp::from_millisecond(milliseconds as i64).ok();
    at.filter(|at| *at > Timestamp::UNIX_EPOCH)
}
