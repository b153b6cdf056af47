//! Updates to customers and stakeholders, their delay, and kept promises.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::source::local;
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::log::record::Record;
use crate::response::cadence::intervals;
use crate::response::milestone::Milestone;
use crate::response::model::Response;
use crate::text::capitalised;
use crate::text::time::rounded_length;
use crate::timeline::{EntryKind, TimelineEntry};

/// One update to customers or stakeholders.
#[derive(Debug, Serialize)]
pub(super) struct Communication {
    at: String,
    to: String,
    audience: String,
    place: String,
    what: String,
    text: String,
}

pub(super) struct Communications {
    pub list: Vec<Communication>,
    /// The first update on the page.
    pub first: Option<Timestamp>,
    /// Number of kept promises of a next update. `late` has the delays of the others.
    kept: usize,
    late: Vec<SignedDuration>,
}

impl Communications {
    pub(super) fn of(
        entries: &[TimelineEntry],
        records: &[Record],
        response: &Response,
        config: &Config,
    ) -> Self {
        let zone = &config.time_zone;
        let on_page = entries.iter().filter(|entry| entry.said.kind == EntryKind::Page);
        let (kept, late) = promises(records, response);
        Self {
            list: entries.iter().filter_map(|entry| communication(entry, zone)).collect(),
            first: on_page.map(|entry| entry.at).min(),
            kept,
            late,
        }
    }

    pub(super) fn first_update(&self, response: &Response) -> Option<String> {
        let declared = response.milestones.at(Milestone::Declared)?;
        let passed = self.first?.duration_since(declared);
        Some(if passed.is_zero() {
            "The incident was on the page from its declaration.".to_owned()
        } else {
            format!(
                "The first public update came {} after the declaration.",
                rounded_length(passed)
            )
        })
    }

    pub(super) fn promises(&self) -> Option<String> {
        let all = self.kept + self.late.len();
        let longest = self.late.iter().max().copied().map(rounded_length);
        match (all, longest) {
            (0, _) => None,
            (1, None) => Some("The promised update was on time.".to_owned()),
            (2, None) => Some("Both promised updates were on time.".to_owned()),
            (all, None) => Some(format!("All {all} promised updates were on time.")),
            (1, Some(longest)) => Some(format!("The promised update was {longest} late.")),
            (all, Some(longest)) => Some(match self.late.len() {
                1 => format!("1 of {all} promised updates was {longest} late."),
                late => format!("{late} of {all} promised updates were up to {longest} late."),
            }),
        }
    }
}

fn communication(entry: &TimelineEntry, zone: &TimeZone) -> Option<Communication> {
    let (to, audience, place, what) = match &entry.said.kind {
        EntryKind::Page => {
            let (everybody, page) = ("everybody".to_owned(), "status page".to_owned());
            let what = entry.said.review.as_ref().unwrap_or(&entry.said.what);
            let what = what.strip_suffix(" on the status page").unwrap_or(what).to_owned();
            ("Status page".to_owned(), everybody, page, what)
        }
        EntryKind::Told { audience, via } => {
            let to = format!("{} via {via}", capitalised(audience));
            (to, audience.clone(), via.clone(), String::new())
        }
        _ => return None,
    };
    let at = local(entry.at, zone, "%H:%M");
    Some(Communication { at, to, audience, place, what, text: entry.said.text.clone() })
}

/// Each promise of a next update ends with the next public update.
fn promises(records: &[Record], response: &Response) -> (usize, Vec<SignedDuration>) {
    let (mut kept, mut late) = (0, Vec::new());
    let mut promised: Option<Timestamp> = None;
    for record in records {
        for event in record.status().filter(|event| event.number() == Some(response.number)) {
            let next = match event {
                StatusEvent::Opened { next_update_by, .. }
                | StatusEvent::Updated { next_update_by, .. }
                | StatusEvent::Reopened { next_update_by, .. } => *next_update_by,
                _ => continue,
            };
            if let Some(promised) = promised {
                let passed = record.at.duration_since(promised);
                if passed.is_positive() { late.push(passed) } else { kept += 1 }
            }
            promised = next;
        }
    }
    (kept, late)
}

/// Adherence to the interval between customer updates; `None` while the incident is open.
pub(super) fn cadence(response: &Response, config: &Config) -> Option<String> {
    let gap_max = config.cadence.overdue?;
    let closed = response.milestones.at(Milestone::Closed)?;
    let intervals = intervals(response, gap_max, closed);
    let percent = intervals.share_percent()?;
    let (bound, longest) = (rounded_length(gap_max), rounded_length(intervals.longest));
    Some(format!(
        "{} of {} intervals between updates ({percent}%) were within the limit of {bound}; the \
         longest was {longest}.",
        intervals.count - intervals.over,
        intervals.count
    ))
}
