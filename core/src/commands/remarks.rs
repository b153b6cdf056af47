//! Remarks about a recorded message: ignored parts and automatic choices. They follow from message
//! and record alone, so that the answer can be repeated.

use super::lines::copyable;
use super::politeness;
use super::unknown::command_alone;
use super::{Change, Command};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Number};
use crate::incident::severity::Severity;
use crate::incident::status::Status;
use crate::log::record::Record;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::teams::said::Said;
use crate::text::html::LeftOut;

#[must_use]
pub fn remarks(
    said: &Said,
    command: &Command,
    record: &Record,
    state: &State,
    config: &Config,
) -> Vec<String> {
    let is_public = record.status().any(|event| event.text().is_some());
    let mut remarks: Vec<String> = said.left_out.iter().map(|what| left_out(*what)).collect();
    if is_public && !config.publish_names && said.text.has_names() {
        let colleague = config.language.chat().colleague;
        remarks.push(format!("“{colleague}” stands for the name: the page publishes no names."));
    }
    let is_said = record.status().next().is_some();
    let end = politeness::at_the_end(&said.text.to_plain());
    remarks.extend(end.filter(|end| end.asks && is_said).map(|_| POLITENESS.to_owned()));
    remarks.extend(last_line(said, record));
    remarks.extend(impact_of_opening(command, record, state));
    remarks.extend(impact_of_severity(command, record, state, config));
    remarks
}

const POLITENESS: &str = "The “please” at the end was left out.";

fn left_out(what: LeftOut) -> String {
    let what = match what {
        LeftOut::Picture => "The picture was left out.",
        LeftOut::Quotation => "The quotation was left out.",
        LeftOut::Struck => "The struck-through text was left out.",
        LeftOut::Hidden => "Hidden text was left out.",
    };
    what.to_owned()
}

fn number(record: &Record) -> Option<Number> {
    let public = record.status().find_map(StatusEvent::number);
    public.or_else(|| record.response().find_map(ResponseEvent::number))
}

/// A last line that is nothing but a command was recorded as text.
fn last_line(said: &Said, record: &Record) -> Option<String> {
    let plain = said.text.to_plain();
    let (_, last) = plain.trim_end().rsplit_once('\n')?;
    let spec = command_alone(last)?;
    let number = number(record)?;
    let command = copyable(&format!("{} #{number}", spec.usage.name()));
    Some(format!("The last line became part of the text. To run it as a command: {command}"))
}

/// The impact of an opening or a publication without one, and where it comes from.
fn impact_of_opening(command: &Command, record: &Record, state: &State) -> Option<String> {
    let Command::Change(change) = command else { return None };
    let impact = record.status().find_map(|event| match event {
        StatusEvent::Opened { impact, .. } => Some(*impact),
        _ => None,
    })?;
    let number = number(record)?;
    let response = state.response(number);
    let graded = response.is_some_and(|response| response.severity.is_some());
    let typed = response.and_then(|response| response.impact);
    let why = match change {
        Change::Open(opening) if opening.impact.is_none() && opening.details.severity.is_some() => {
            "The severity sets the impact to"
        }
        Change::Publish(_, publishing) if publishing.impact.is_none() => match typed {
            Some(typed) if typed == impact => "As typed at the opening, the impact is",
            None if graded => "The severity sets the impact to",
            _ => "The impact is",
        },
        _ => return None,
    };
    let change = copyable(&format!("impact #{number} <impact>"));
    Some(format!("{why} {}. To change it: {change}", impact.word()))
}

/// A severity changes nothing on the page; the matching impact is only suggested.
fn impact_of_severity(
    command: &Command,
    record: &Record,
    state: &State,
    config: &Config,
) -> Option<String> {
    if matches!(command, Command::Change(Change::Open(_) | Change::Publish(..))) {
        return None;
    }
    let (number, severity) = record.response().find_map(|event| match event {
        ResponseEvent::Graded { number, severity } => Some((*number, *severity)),
        _ => None,
    })?;
    impact_line(&state.status, number, severity, config)
}

/// The impact of an open incident on the page, with the line for the impact of its severity.
pub(crate) fn impact_line(
    status: &Status,
    number: Number,
    severity: Severity,
    config: &Config,
) -> Option<String> {
    let incident = status.incident(number).filter(|incident| incident.resolved.is_none())?;
    let impact: Impact = config.severity.of(severity);
    let line = copyable(&format!("impact #{number} {}", impact.word()));
    (incident.impact != impact)
        .then(|| format!("The page still says {}. To change it: {line}", incident.impact.word()))
}
