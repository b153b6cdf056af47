//! `alerts`: what monitors report right now.

use jiff::Timestamp;

use super::usage::Usage;
use crate::core::alerts::course::Firing;
use crate::core::alerts::firing::Condition;
use crate::core::incident::severity::Severity;
use crate::core::log::state::State;
use crate::core::response::model::Response;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken_length;

pub const ALERTS: Usage = Usage {
    words: &["alerts"],
    form: "alerts",
    meaning: "lists the alerts that fire now, with their incidents",
    examples: &["alerts"],
    ..Usage::NEW
};

/// How many alerts are listed.
const LISTED_MAX: usize = 20;

/// The answer: the most severe first, and the oldest first among equals.
pub(crate) fn answer(state: &State, at: Timestamp) -> String {
    let open = state.responses.values().filter(|response| response.is_open());
    let mut firing: Vec<(&Response, &Firing)> = open
        .filter_map(|response| {
            let alert = response.alert.as_ref()?;
            (alert.condition == Condition::Fired).then_some((&**response, alert))
        })
        .collect();
    if firing.is_empty() {
        return "No alert is firing.".to_owned();
    }
    firing.sort_by_key(|(response, alert)| {
        let since = alert.fired_at.unwrap_or(alert.noted);
        (response.severity.map_or(u8::MAX, Severity::number), since, response.number)
    });
    let mut lines: Vec<String> =
        firing.iter().take(LISTED_MAX).map(|(response, alert)| line(response, alert, at)).collect();
    let more = firing.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        lines.push(format!("and {more} more: `list` shows all incidents"));
    }
    lines.join("\n\n")
}

fn line(response: &Response, alert: &Firing, at: Timestamp) -> String {
    let title = escape(&response.title);
    // The address is a monitor's: one that could end the link is left out.
    let address = alert.link.as_deref().filter(|link| !link.contains(['<', '>', '\\', '"']));
    let title = address.map_or(title.clone(), |address| {
        format!("[{title}]({})", address.replace('(', "%28").replace(')', "%29"))
    });
    let mut parts = vec![format!("**#{}** {title}", response.number)];
    parts.extend(response.severity.map(|severity| format!("severity {}", severity.number())));
    parts.push(alert.source.title().to_owned());
    parts.extend(
        alert
            .fired_at
            .map(|since| format!("firing for {}", spoken_length(at.duration_since(since.min(at))))),
    );
    parts.join(" · ")
}
