//! The closing text of an incident, with the closing or just after it.

use jiff::Timestamp;

use super::context::Context;
use super::correction;
use super::past::Past;
use super::reader::without_closing;
use super::refusal::{Refusal, closed_just_now};
use super::target::closed;
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{Incident, Number, Stage};
use crate::log::record::Event;
use crate::text::Text;

/// Words that only name the incident do not count as a text. Ambiguous ones are refused with a
/// question.
pub(crate) fn closing(text: Text, number: Option<Number>) -> Result<Text, Refusal> {
    const VAGUE: [&str; 10] =
        ["it", "this", "that", "them", "now", "it now", "both", "all", "all of them", "everything"];
    const NAMES: [&str; 4] = ["incident", "issue", "outage", "problem"];
    let plain = text.to_plain().to_lowercase();
    let plain = without_closing(&plain);
    if VAGUE.contains(&plain) {
        let what = format!("“{plain}” would be the closing text. Nothing was changed.");
        let lines = Refusal::none()
            .offer_about("To close without a text:", "close", number, "")
            .offer_about("With one:", "close", number, "<text>");
        let after = if number.is_some() { lines.clone() } else { closed_just_now() };
        return Err(Refusal::new(what).by_situation(lines.clone(), after, lines));
    }
    let named = plain.strip_prefix("the ").or(plain.strip_prefix("this ")).unwrap_or(plain);
    Ok(if NAMES.contains(&named) { Text::default() } else { text })
}

/// When an incident was closed, however early it was over; `None` while it is open.
pub(crate) fn closed_at(incident: &Incident) -> Option<Timestamp> {
    let closing = incident.updates.iter().rev().find(|update| update.stage.is_end());
    incident.resolved.map(|ended| closing.map_or(ended, |closing| closing.at))
}

/// True if an incident was closed without a text and has had no update since.
pub(crate) fn is_silent(incident: &Incident) -> bool {
    let last = incident.updates.last();
    last.is_some_and(|last| last.stage == Stage::Resolved && last.text.is_empty())
}

/// `close` with a text, or with the time at which it was over, just after one without a text.
pub(crate) fn closing_text(
    context: &Context,
    incident: &Incident,
    (text, ended): (&Text, Option<Past>),
) -> Result<Vec<Event>, Refusal> {
    let number = incident.number;
    let is_recent = closed_at(incident).is_some_and(|at| context.is_just_closed(at));
    if !text.is_empty() && is_recent && is_silent(incident) {
        let over = ended.map(|past| correction::closed(context, incident, past)).transpose()?;
        let over = over.map(|fact| StatusEvent::Amended { number, fact });
        let said = corrected(incident, incident.title.clone(), text);
        return Ok(over.into_iter().chain([said]).map(Event::Status).collect());
    }
    let Some(past) = ended else { return Err(closed(number)) };
    let fact = correction::closed(context, incident, past)?;
    let Fact::Closed { at, .. } = fact else { return Err(closed(number)) };
    let at = at.to_zoned(context.config.time_zone.clone()).strftime("%Y-%m-%d %H:%M");
    let refusal = Refusal::new(format!(
        "#{number} is closed already, so nothing was changed. If it was over then:"
    ))
    .line(format!("correct #{number} closed {at}"));
    Err(if text.is_empty() {
        refusal
    } else {
        refusal.sentence("To change its last text:").line(format!("correct #{number} <text>"))
    })
}

/// The newest update with a different text.
pub(crate) fn corrected(incident: &Incident, title: String, text: &Text) -> StatusEvent {
    StatusEvent::Corrected {
        number: incident.number,
        update: incident.updates.last().map_or(1, |newest| newest.number),
        title,
        impact: incident.impact,
        stage: incident.stage,
        text: text.clone(),
    }
}
