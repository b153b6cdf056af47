//! Wording of events about an incident's alert.

use jiff::tz::TimeZone;

use crate::alerts::change::{AlertMark, Series};
use crate::alerts::firing::Condition;
use crate::response::events::ResponseEvent;
use crate::text::time::spoken;

/// The event and its text; with times if a zone is given.
pub(super) fn said(event: &ResponseEvent, zone: Option<&TimeZone>) -> (String, String) {
    match event {
        ResponseEvent::Alerted { source, condition, at, deliveries, text, change, .. } => {
            let did = match condition {
                Condition::Fired => "fires",
                Condition::Resolved => "resolved",
            };
            let often = match deliveries {
                0 | 1 => String::new(),
                more => format!(", delivered {more} times at least"),
            };
            let series = change.as_ref().and_then(|change| change.series);
            let fired = series.filter(|series| series.firings > 1);
            let fired =
                fired.map_or(String::new(), |series| format!(", {}", fired_words(series, zone)));
            let last = at.zip(zone).filter(|_| !fired.is_empty());
            let last =
                last.map_or(String::new(), |(at, zone)| format!(", last {}", spoken(at, zone)));
            let is_flapping = change.as_ref().is_some_and(|c| c.has(AlertMark::Flapping));
            let flaps = if is_flapping { ", it flaps" } else { "" };
            let is_back = change.as_ref().is_some_and(|c| c.has(AlertMark::Unmitigated));
            let back = if is_back { ", no longer mitigated" } else { "" };
            let what =
                format!("alert of {} {did}{fired}{last}{flaps}{back}{often}", source.title());
            (what, text.to_plain())
        }
        ResponseEvent::FlappingEnded { condition, series, .. } => {
            let state = match condition {
                Condition::Fired => "it still fires",
                Condition::Resolved => "it has resolved",
            };
            let fired = fired_words(*series, zone);
            (format!("alert has stopped flapping: {fired}, {state}"), String::new())
        }
        ResponseEvent::AlertsMoved { number, to } => {
            (format!("alerts of #{number} count in #{to} from now on"), String::new())
        }
        _ => (String::new(), String::new()),
    }
}

fn fired_words(Series { firings, since }: Series, zone: Option<&TimeZone>) -> String {
    let since = zone.map_or(String::new(), |zone| format!(" since {}", spoken(since, zone)));
    format!("fired {firings} times{since}")
}
