//! `redact`: erases a text, first from the page and then from the log.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::context::Context;
use super::line::Line;
use super::misread::expected;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::{Meant, Target};
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Incident, Number};
use crate::log::erasure::Hindered;
use crate::log::record::{Event, Hindrance, Record};
use crate::log::state::State;
use crate::response::events::{RemovedText, ResponseEvent};
use crate::response::model::{Entry, Response};
use crate::sealed::Erasable;
use crate::text::Text;
use crate::text::clean_name;
use crate::text::time::short_time;
use crate::timeline::Narrator;

pub const REDACT: Usage = Usage {
    words: &["redact"],
    form: "redact #42 title|update 2|note 5|told 2 [because reason]",
    meaning: "erases a text for ever, from the page and from the log; asks once. The reason must not repeat the text",
    examples: &["redact #1 title"],
    of_any_incident: true,
    undoable: false,
    screen: Some(Screen::Review),
    brief: ("redact #<n> note <n>", "erases it for ever"),
    ..Usage::NEW
};

pub const REDACTIONS: Usage = Usage {
    words: &["redactions"],
    form: "redactions",
    meaning: "shows which texts are still being erased, and why",
    examples: &["redactions"],
    screen: Some(Screen::Review),
    brief: ("redactions", "what is being erased"),
    ..Usage::NEW
};

/// The digests by which alerts are recognised could confirm a guess at an erased text, so they go
/// with it.
pub const UNRECOGNISED: &str = "Incidents that are open now no longer recognise their alerts: an \
    alert that fires opens a new incident when its monitor sends it again. Close the old ones \
    yourself.";

const EXAMPLE: &str = "redact #<n> note <n>";

/// A text, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Title,
    Update(u32),
    Note(u32),
    Told(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    pub text: Named,
    /// Must not contain the text itself.
    pub reason: Option<String>,
    /// The line ended with `yes`.
    pub is_confirmed: bool,
}

impl Named {
    fn words(self) -> String {
        match self {
            Self::Title => "title".to_owned(),
            Self::Update(number) => format!("update {number}"),
            Self::Note(number) => format!("note {number}"),
            Self::Told(number) => format!("told {number}"),
        }
    }
}

pub(crate) fn read(mut line: Line) -> Result<(Target, Redaction), Refusal> {
    let target = line.target();
    if target.number.is_none() {
        return Err(expected(None, "the incident's number and the text's number", EXAMPLE));
    }
    let reader = &mut line.reader;
    let kind = reader.next_word().map(|word| without_closing(word).to_ascii_lowercase());
    let mut numbered = |named: fn(u32) -> Named| {
        let word = reader.next_word();
        let number = word.and_then(|word| without_closing(word).parse().ok());
        let wrong = || expected(word.map(clean_name).as_deref(), "the text's number", EXAMPLE);
        number.map(named).ok_or_else(wrong)
    };
    let text = match kind.as_deref() {
        Some("title") => Named::Title,
        Some("update") => numbered(Named::Update)?,
        Some("note") => numbered(Named::Note)?,
        Some("told") => numbered(Named::Told)?,
        other => {
            let other = other.map(clean_name);
            let needed = "`title`, `update`, `note` or `told` with a number";
            return Err(expected(other.as_deref(), needed, EXAMPLE));
        }
    };
    let mut rest = line.reader.rest().trim();
    let is_confirmed = rest.split_whitespace().next() == Some("yes");
    if is_confirmed {
        rest = rest.strip_prefix("yes").unwrap_or(rest).trim();
    }
    let reason = rest.strip_prefix("because ").map(clean_name).filter(|reason| !reason.is_empty());
    if reason.is_none() && !rest.is_empty() {
        return Err(expected(None, "nothing more, or `because` and a reason", EXAMPLE));
    }
    Ok((target, Redaction { text, reason, is_confirmed }))
}

impl Redaction {
    /// Asks for a confirmation first.
    pub(crate) fn decide(&self, context: &Context, meant: Meant) -> Result<Vec<Event>, Refusal> {
        context.check_corrector("redact")?;
        match (meant, self.text) {
            (Meant::Public(incident, _), Named::Title) => {
                let opening = incident.updates.first().map_or(1, |opening| opening.number);
                self.update(context, incident, opening)
            }
            (Meant::Public(incident, _), Named::Update(number)) => {
                self.update(context, incident, number)
            }
            (Meant::Internal(_), Named::Update(_)) => Err(Refusal::new(
                "Updates of an incident that is not on the page are notes, so nothing was erased. \
                 Their numbers are in:",
            )
            .line(format!("timeline full #{}", meant.number()))),
            (Meant::Public(_, Some(response)) | Meant::Internal(response), _) => {
                self.internal(context, response)
            }
            (Meant::Public(incident, None), _) => Err(self.missing(incident.number)),
        }
    }

    fn missing(&self, number: Number) -> Refusal {
        let text = self.text.words();
        Refusal::new(format!("#{number} has no {text}, so nothing was erased."))
    }

    fn update(
        &self,
        context: &Context,
        incident: &Incident,
        number: u32,
    ) -> Result<Vec<Event>, Refusal> {
        let update = incident.updates.iter().find(|update| update.number == number);
        let update = update.ok_or_else(|| self.missing(incident.number))?;
        if update.text.is_empty() || update.text == Text::erased() {
            return Err(Refusal::new(format!(
                "Update {number} of #{} has no text, so there is nothing to erase.",
                incident.number
            )));
        }
        if !self.is_confirmed {
            let chars = update.text.chars();
            let s = if chars == 1 { "" } else { "s" };
            let by = clean_name(&update.by);
            let title = if number == 1 { " It gives the title, which goes too." } else { "" };
            let is_alert = number == 1 && has_alert(context.state, incident.number);
            let alert = if is_alert {
                format!(" The texts of its alert go too. {UNRECOGNISED}")
            } else {
                String::new()
            };
            return Err(self.question(
                incident.number,
                &format!(
                    "Update {number} of #{} by {by}, {}, {chars} character{s}.{title}{alert}",
                    incident.number,
                    context.clock(update.at)
                ),
            ));
        }
        let reason = self.reason.clone();
        let number = incident.number;
        let event = StatusEvent::TextRemoved { number, update: update.number, reason };
        Ok(vec![Event::Status(event)])
    }

    fn internal(&self, context: &Context, response: &Response) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        let (removed, record) = match self.text {
            Named::Title => {
                (RemovedText::Title, response.entries.first().map(|Entry(_, record)| *record))
            }
            Named::Note(note) => (RemovedText::Note(note), response.notes.record(note)),
            Named::Told(told) => (RemovedText::Told(told), response.told_elsewhere.record(told)),
            Named::Update(_) => return Err(self.missing(number)),
        };
        let record = record.ok_or_else(|| self.missing(number))?;
        if !self.is_confirmed {
            let entry = response.entries.iter().find(|entry| entry.1 == record);
            let at = entry.map(|Entry(at, _)| context.clock(*at));
            let at = at.map_or(String::new(), |at| format!(", {at}"));
            let what = self.text.words();
            let is_alert = removed == RemovedText::Title && has_alert(context.state, number);
            let alert = if is_alert {
                format!(" The texts of its alert go too. {UNRECOGNISED}")
            } else {
                String::new()
            };
            return Err(self.question(number, &format!("#{number} {what}{at}.{alert}")));
        }
        let reason = self.reason.clone();
        let event = ResponseEvent::TextRemoved { number, removed, reason };
        Ok(vec![Event::Response(event)])
    }

    fn question(&self, number: Number, what: &str) -> Refusal {
        let because = self.reason.as_ref().map_or(String::new(), |why| format!(" because {why}"));
        let text = self.text.words();
        Refusal::new(format!(
            "{what} Erasing can't be undone. Nothing was erased yet. To erase it:"
        ))
        .line(format!("redact #{number} {text} yes{because}"))
    }
}

/// The answer to a record that orders an erasure.
#[must_use]
pub fn recorded(record: &Record, state: &State, config: &Config) -> Option<String> {
    let narrator = Narrator::of(record, config);
    let is_removal = |it: &&StatusEvent| matches!(it, StatusEvent::TextRemoved { .. });
    let public = record.status().find(is_removal).and_then(|event| narrator.public(event));
    let is_removal = |it: &&ResponseEvent| matches!(it, ResponseEvent::TextRemoved { .. });
    let internal = || record.response().find(is_removal).and_then(|it| narrator.internal(it));
    let done = public.or_else(internal)?.answer;
    let title_of = |event: &Event| match event {
        Event::Status(StatusEvent::TextRemoved { number, update: 1, .. })
        | Event::Response(ResponseEvent::TextRemoved {
            number, removed: RemovedText::Title, ..
        }) => Some(*number),
        _ => None,
    };
    let titles = record.events.iter().filter_map(title_of);
    let is_alert = titles.into_iter().any(|number| has_alert(state, number));
    let alert = if is_alert {
        format!("\n\nThe texts of its alert go too. {UNRECOGNISED}")
    } else {
        String::new()
    };
    Some(format!(
        "{done}, and is being erased from the log: `redactions` shows what is left.{alert}\n\nWhat \
         was fetched, mailed or posted in a chat before cannot be recalled."
    ))
}

fn has_alert(state: &State, number: Number) -> bool {
    state.response(number).is_some_and(|response| response.alert.is_some())
}

/// `redactions`.
pub(crate) fn answer(state: &State, now: Timestamp, config: &Config) -> String {
    if state.erasures.is_empty() {
        return "All ordered erasures are complete.".to_owned();
    }
    let mut lines = vec!["Still being erased from the log:".to_owned()];
    lines.extend(state.erasures.iter().map(|erasure| {
        let at = short_time(erasure.at, now, &config.time_zone);
        let step = match (&erasure.hindered, &erasure.places) {
            (Some(hindered), _) => hindrance(hindered, &config.time_zone),
            (None, None) => "its places in the log are being looked for".to_owned(),
            (None, Some(places)) => match places.len() {
                1 => "its line in 1 record is being emptied, which the timer confirms".to_owned(),
                count => format!(
                    "its lines in {count} records are being emptied, which the timer confirms"
                ),
            },
        };
        format!("{}, ordered {at}: {step}", erasure.name())
    }));
    let kept = state.erasures.iter().filter(|erasure| erasure.copies_kept().is_some()).count();
    lines.extend(
        (kept < state.erasures.len()).then(|| "The timer retries every minute.".to_owned()),
    );
    lines.extend((kept > 0).then(|| "The timer tries old copies again every hour.".to_owned()));
    lines.join("\n\n")
}

/// The reason why an erasure is not complete, and its end.
#[must_use]
pub fn hindrance(hindered: &Hindered, zone: &TimeZone) -> String {
    let until = hindered.until.map(|until| until.to_zoned(zone.clone()).date());
    let until = until.map_or(String::new(), |date| format!(" until {date}"));
    let copies = format!("gone from the page and the log. Storage keeps old copies{until}: ");
    match hindered.by {
        Hindrance::LogPolicy => {
            "an immutability policy or a legal hold on the log refuses the change. It has no end \
             date: somebody has to remove it"
                .to_owned()
        }
        Hindrance::LogRights => "the app lacks the right to overwrite records".to_owned(),
        Hindrance::SoftDelete => {
            format!("{copies}soft delete, and permanent deletion is off")
        }
        Hindrance::CopyRights => format!("{copies}the app lacks the right to delete them"),
        Hindrance::CopyPolicy => format!("{copies}an immutability policy or a legal hold"),
    }
}
