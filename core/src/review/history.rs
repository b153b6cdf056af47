//! Facts that span the records of an incident: roles over time, and time per severity and impact.

use jiff::{SignedDuration, Timestamp};

use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Incident, Number, Stage};
use crate::incident::severity::Severity;
use crate::log::record::{Event, Record, Source};
use crate::response::events::ResponseEvent;
use crate::response::person::Person;
use crate::response::role::Role;

/// A person in a role, with the times of both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tenure {
    pub(super) role: Role,
    pub(super) topic: Option<String>,
    pub(super) person: Person,
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
}

/// Holders of roles, in the order of their assignment.
pub(super) fn tenures(records: &[Record], number: Number) -> Vec<Tenure> {
    let mut tenures: Vec<Tenure> = Vec::new();
    for record in records {
        for event in record.response().filter(|event| event.number() == Some(number)) {
            let mut end = |role: Role, person: &Person| {
                let open = tenures.iter_mut().filter(|held| held.until.is_none());
                for held in open.filter(|held| held.role == role && held.person.is(person)) {
                    held.until = Some(record.at);
                }
            };
            match event {
                ResponseEvent::Assigned { role, topic, person, from, .. } => {
                    if let Some(from) = from {
                        end(*role, from);
                    }
                    let (topic, person) = (topic.clone(), person.clone());
                    let (role, since, until) = (*role, record.at, None);
                    tenures.push(Tenure { role, topic, person, since, until });
                }
                ResponseEvent::Released { role, person, .. } => end(*role, person),
                _ => {}
            }
        }
    }
    tenures
}

/// Names of the people who recorded something, in the order of their first record.
pub(super) fn responders(records: &[Record]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for cause in records.iter().map(|record| &record.cause) {
        let is_somebody = matches!(cause.source, Source::Message | Source::Operator);
        if is_somebody && !cause.by.name.is_empty() && !names.contains(&cause.by.name) {
            names.push(cause.by.name.clone());
        }
    }
    names
}

/// A value over time, with gaps.
struct Spans<T> {
    now: Option<(T, Timestamp)>,
    sums: Vec<(T, SignedDuration)>,
}

impl<T: Copy + PartialEq> Spans<T> {
    fn new() -> Self {
        Self { now: None, sums: Vec::new() }
    }

    /// Sets the value from `at` on; `None` begins a gap.
    fn set(&mut self, value: Option<T>, at: Timestamp) {
        // A start that was corrected can be later than what was said after it.
        let at = self.now.map_or(at, |(_, since)| at.max(since));
        if let Some((last, since)) = self.now.take() {
            let length = at.duration_since(since);
            match self.sums.iter_mut().find(|(known, _)| *known == last) {
                Some((_, sum)) => *sum = sum.saturating_add(length),
                None => self.sums.push((last, length)),
            }
        }
        self.now = value.map(|value| (value, at));
    }
}

/// The time in each severity, most severe first, then the time before one was set. Counts from the
/// start if that precedes the declaration. A severity that still applies is not counted.
pub(super) fn severities(
    records: &[Record],
    number: Number,
    started: Option<Timestamp>,
) -> Vec<(Option<Severity>, SignedDuration)> {
    let mut spans = Spans::new();
    let mut severity: Option<Severity> = None;
    let mut is_first = true;
    for record in records {
        for event in &record.events {
            let is_about = match event {
                Event::Status(event) => event.number() == Some(number),
                Event::Response(event) => event.number() == Some(number),
                _ => false,
            };
            if !is_about {
                continue;
            }
            match event {
                Event::Status(StatusEvent::Opened { .. } | StatusEvent::Reopened { .. })
                | Event::Response(
                    ResponseEvent::Declared { .. } | ResponseEvent::Reopened { .. },
                ) => {
                    let began = started.filter(|at| is_first && *at < record.at);
                    spans.set(Some(severity), began.unwrap_or(record.at));
                    is_first = false;
                }
                Event::Status(StatusEvent::Updated { stage, .. })
                | Event::Response(ResponseEvent::Updated { stage, .. })
                    if stage.is_end() =>
                {
                    spans.set(None, record.at);
                }
                Event::Response(ResponseEvent::Graded { severity: graded, .. }) => {
                    severity = Some(*graded);
                    if spans.now.is_some() {
                        spans.set(Some(severity), record.at);
                    }
                }
                _ => {}
            }
        }
    }
    spans.sums.sort_by_key(|(severity, _)| (severity.is_none(), *severity));
    spans.sums
}

/// The time of each impact on the page, worst first.
pub(super) fn impacts(incident: &Incident) -> Vec<(Impact, SignedDuration)> {
    let mut spans = Spans::new();
    for update in &incident.updates {
        match update.stage {
            Stage::PostMortem => {}
            stage if stage.is_end() => spans.set(None, update.at),
            _ => spans.set(Some(update.impact), update.at),
        }
    }
    spans.sums.sort_by_key(|(impact, _)| std::cmp::Reverse(*impact));
    spans.sums
}
