//! An incident summarized in a few sentences.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::milestone::Milestone;
use super::model::{Response, Topic};
use crate::incident::model::Incident;
use crate::text::capitalised;
use crate::text::time::rounded_length;

/// Start of an incident: as responders know it, otherwise that on the page if it is before the
/// declaration.
#[must_use]
pub fn start(response: &Response, incident: Option<&Incident>) -> Option<Timestamp> {
    let at = |milestone| response.milestones.at(milestone);
    let declared = at(Milestone::Declared);
    let on_page = incident.map(|incident| incident.opened);
    at(Milestone::Started).or_else(|| on_page.filter(|on_page| Some(*on_page) < declared))
}

/// Time, place, affected customers, detection and time to mitigation.
#[must_use]
pub fn overview(
    response: &Response,
    incident: Option<&Incident>,
    components: &[String],
    zone: &TimeZone,
) -> Vec<String> {
    let at = |milestone| response.milestones.at(milestone);
    let started = start(response, incident);
    let known = [Milestone::Detected, Milestone::Declared].into_iter().filter_map(at).min();
    let began = started.or(known);
    let mut sentences: Vec<String> =
        began.map(|began| opening(response, began, components, zone)).into_iter().collect();
    let affected = response.reply(Topic::Affected).map(|reply| reply.text.to_plain());
    sentences.extend(affected.map(|affected| format!("Affected: {}.", bare(&affected))));
    sentences.extend(detection(response));
    if let Some((mitigated, began)) = at(Milestone::Mitigated).zip(began) {
        let passed = rounded_length(mitigated.duration_since(began));
        let since = if started.is_some() { "it started" } else { "it was noticed" };
        sentences.push(format!("It was mitigated {passed} after {since}."));
    }
    sentences
}

fn opening(
    response: &Response,
    began: Timestamp,
    components: &[String],
    zone: &TimeZone,
) -> String {
    let local = |at: Timestamp, format| at.to_zoned(zone.clone()).strftime(format).to_string();
    let day = local(began, "%Y-%m-%d");
    let (when, was) = match response.milestones.at(Milestone::Resolved) {
        Some(end) => {
            let is_same_day = day == local(end, "%Y-%m-%d");
            let format = if is_same_day { "%H:%M %Z" } else { "%Y-%m-%d %H:%M %Z" };
            let (from, to) = (local(began, "%H:%M"), local(end, format));
            let length = end.duration_since(began);
            let when = if length.is_negative() {
                format!("Until {}", local(end, "%Y-%m-%d %H:%M %Z"))
            } else {
                format!("On {day} from {from} to {to} ({})", rounded_length(length))
            };
            (when, "was")
        }
        None => (format!("Since {}", local(began, "%Y-%m-%d %H:%M %Z")), "has been"),
    };
    let affected = match components {
        [] => String::new(),
        [one] => format!(" on {one}"),
        [first @ .., last] => format!(" on {} and {last}", first.join(", ")),
    };
    format!("{when}, there {was} an incident{affected}: {}.", bare(&response.title))
}

/// Source of the detection, and the time that it took.
#[must_use]
pub fn detection(response: &Response) -> Option<String> {
    let detected = response.milestones.last(Milestone::Detected)?;
    let after = response.milestones.at(Milestone::Started).map(|started| {
        format!(" {} after it started", rounded_length(detected.at.duration_since(started)))
    });
    let after = after.unwrap_or_default();
    Some(match detected.via.as_deref() {
        Some("customer") => format!("A customer reported it{after}."),
        Some(via) => format!("{} detected it{after}.", capitalised(via)),
        None => format!("It was detected{after}."),
    })
}

/// The text without a full stop at its end, to be used within a sentence.
#[must_use]
pub fn bare(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}
