//! Remarks about a recorded message: ignored parts and automatic choices. They follow from message
//! and record alone, so that the answer can be repeated.

use super::lines::copyable;
use super::unknown::command_alone;
use super::{Change, Command};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Number};
use crate::log::record::Record;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::model::Visibility;
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
    remarks.extend(last_line(said, record));
    remarks.extend(of_internal(record));
    remarks.extend(impact_of_opening(command, record));
    remarks.extend(impact_of_severity(command, record, state, config));
    remarks
}

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

/// The line that publishes an internal opening.
fn of_internal(record: &Record) -> Option<String> {
    record.response().find_map(|event| match event {
        ResponseEvent::Declared { number, visibility: Visibility::Internal, .. } => {
            let line = copyable(&format!("publish #{number} <text>"));
            Some(format!("To put it on the page: {line}"))
        }
        _ => None,
    })
}

/// A last line that is only a command was recorded as text.
fn last_line(said: &Said, record: &Record) -> Option<String> {
    let plain = said.text.to_plain();
    let (_, last) = plain.trim_end().rsplit_once('\n')?;
    let spec = command_alone(last)?;
    let number = number(record)?;
    let command = copyable(&format!("{} #{number}", spec.usage.name()));
    Some(format!("The last line is part of the text. If it is meant as a command: {command}"))
}

/// The impact that followed from the severity.
fn impact_of_opening(command: &Command, record: &Record) -> Option<String> {
    let Command::Change(change) = command else { return None };
    let is_typed = match change {
        Change::Open(opening) => opening.impact.is_some() || opening.details.severity.is_none(),
        Change::Publish(_, publishing) => publishing.impact.is_some(),
        _ => return None,
    };
    let impact = record.status().find_map(|event| match event {
        StatusEvent::Opened { impact, .. } => Some(*impact),
        _ => None,
    });
    let impact = impact.filter(|_| !is_typed)?;
    let number = number(record)?;
    let change = copyable(&format!("impact #{number} <impact>"));
    Some(format!("The impact is {} by its severity. To change it: {change}", impact.word()))
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
    let incident = state.status.incident(number).filter(|incident| incident.resolved.is_none())?;
    let impact: Impact = config.severity.of(severity);
    let line = copyable(&format!("impact #{number} {}", impact.word()));
    (incident.impact != impact)
        .then(|| format!("The page still says {}. To change it: {line}", incident.impact.word()))
}
