//! Turns a body that a monitor posted into an alert.

use serde_json::Value;

use super::alert::Alert;
use super::json;
use super::refused::{BODY_BYTES_MAX, NotAnAlert};
use super::senders::{AlertSource, sns};

pub const ALERTS_PATH: &str = "/api/alerts";

/// Reads the body of any known sender.
///
/// # Errors
/// The body is not an alert that is supported.
pub fn read_alert(body: &[u8]) -> Result<Alert, NotAnAlert> {
    if body.len() > BODY_BYTES_MAX {
        return Err(NotAnAlert::TooLarge);
    }
    let body = json::parse(body)?;
    // SNS may carry any sender's message.
    let inner = sns::message(&body).and_then(|message| json::parse(message.as_bytes()).ok());
    let carried = inner.as_ref().map(sent_by).filter(Result::is_ok);
    carried.unwrap_or_else(|| sent_by(&body))
}

fn sent_by(body: &Value) -> Result<Alert, NotAnAlert> {
    if let Some(foreign) = NotAnAlert::foreign(body) {
        return Err(foreign);
    }
    let mut readers = AlertSource::ALL.into_iter();
    let read = readers.find_map(|source| Some((source, source.reader()(body)?)));
    let (source, reading) = read.ok_or(NotAnAlert::Unknown)?;
    Ok(Alert::of(source, reading?))
}
