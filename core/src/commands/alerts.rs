//! `alerts`: the current alerts of all monitors.

use jiff::Timestamp;

use super::usage::Usage;
use crate::alerts::course::Firing;
use crate::alerts::firing::Condition;
use crate::alerts::firing_words::firing_words;
use crate::alerts::reading::one_line;
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::log::state::State;
use crate::response::model::Response;
use crate::text::markdown::{self, escape};
use crate::text::time::spoken_length;

pub const ALERTS: Usage = Usage {
    words: &["alerts"],
    form: "alerts",
    meaning: "lists the alerts that fire now, with their incidents",
    examples: &["alerts"],
    brief: ("alerts", "alerts that fire now"),
    ..Usage::NEW
};

/// The longest description in a list, in characters.
const SAID_CHARS_MAX: usize = 120;

const LISTED_MAX: usize = 20;

/// The link to an alert in its monitor, as Markdown.
pub(crate) fn link(alert: &Firing) -> Option<String> {
    markdown::link("Open the alert", alert.link.as_deref()?)
}

/// The firing members, unless their names only repeat the title.
pub(crate) fn members(alert: &Firing, title: &str) -> Option<String> {
    let words = firing_words(alert);
    (!words.is_empty() && words != title).then(|| escape(&words))
}

/// The text of an alert in a list, after its incident: firing members, description and link.
pub(crate) fn listed(alert: &Firing, title: &str) -> String {
    if alert.condition == Condition::Resolved {
        return " · alert resolved".to_owned();
    }
    let firing =
        members(alert, title).map_or("alert fires".to_owned(), |it| format!("firing: {it}"));
    let said = alert.description.as_deref().map(|said| escape(&one_line(said, SAID_CHARS_MAX)));
    let parts: Vec<String> = [Some(firing), said, link(alert)].into_iter().flatten().collect();
    format!(" · {}", parts.join(" · "))
}

/// Most severe first, then oldest first; alerts under maintenance at the end.
pub(crate) fn answer(state: &State, at: Timestamp) -> String {
    let open = state.responses.values().filter(|response| response.is_open());
    let mut firing: Vec<(&Response, &Firing)> = open
        .filter_map(|response| {
            let alert = response.alert.as_ref()?;
            (alert.condition == Condition::Fired).then_some((&**response, alert))
        })
        .collect();
    let maintained = under_maintenance(state);
    if firing.is_empty() && maintained.is_empty() {
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
    lines.extend(maintained);
    lines.join("\n\n")
}

fn under_maintenance(state: &State) -> Vec<String> {
    let noted = state.alerts.maintenances();
    let firing = noted.filter(|(_, alert)| alert.condition == Condition::Fired);
    let line = |(number, alert): (Number, &Firing)| {
        let title = state.status.incident(number).map_or("", |incident| &incident.title);
        format!("**#{number}** Maintenance: {}{}", escape(title), listed(alert, title))
    };
    firing.map(line).collect()
}

fn line(response: &Response, alert: &Firing, at: Timestamp) -> String {
    let title = escape(&response.title);
    let linked = alert.link.as_deref().and_then(|link| markdown::link(&response.title, link));
    let title = linked.unwrap_or(title);
    let mut parts = vec![format!("**#{}** {title}", response.number)];
    parts.extend(response.severity.map(|severity| format!("severity {}", severity.number())));
    let source = alert.source.behind_alert();
    parts.extend((!source.is_empty()).then(|| alert.source.title().to_owned()));
    parts.extend(
        alert
            .fired_at
            .map(|since| format!("firing for {}", spoken_length(at.duration_since(since.min(at))))),
    );
    parts.extend(members(alert, &response.title));
    parts.join(" · ")
}
