//! A body that a monitor posted, as alerts.

use serde_json::Value;

use super::alert::Alert;
use super::json;
use super::refused::{BODY_BYTES_MAX, NotAnAlert};
use super::senders::{AlertSource, sns};

/// Where monitors post.
pub const ALERTS_PATH: &str = "/api/alerts";

/// The alert of a body, in whichever format a sender has.
///
/// # Errors
/// Why it is none.
pub fn read_alert(body: &[u8]) -> Result<Alert, NotAnAlert> {
    if body.len() > BODY_BYTES_MAX {
        return Err(NotAnAlert::TooLarge);
    }
    let body = json::parse(body)?;
    // What SNS carries may be any sender's.
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
