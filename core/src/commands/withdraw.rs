//! `withdraw`, `unpublish` and `duplicate`: a false alarm, an incident for the team only, or one
//! that was opened twice.

use super::context::{Context, Stop};
use super::line::Line;
use super::misread::expected;
use super::numbers::number;
use super::options::check_size;
use super::private_words::private_word;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::{Meant, Target};
use super::times::only_a_time;
use super::usage::{Accepts, IncidentKind, Screen, Usage};
use crate::incident::events::StatusEvent;
use crate::incident::model::{Incident, Number, Stage};
use crate::log::record::{Event, Source};
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::Response;
use crate::text::{Text, clean_name};

use IncidentKind::{Closed, ClosedInternal, Open, OpenInternal, Over, Planned};

const ANY: Accepts = Accepts {
    changed: &[Open, OpenInternal, Closed, ClosedInternal, Planned, Over],
    anywhere: &[],
    in_thread: &[],
};

pub const WITHDRAW: Usage = Usage {
    words: &["withdraw", "false alarm"],
    form: "withdraw #42 [reason]",
    meaning: "takes an incident or a maintenance off the page: it no longer counts, and its address says that it was withdrawn, with the reason",
    examples: &["withdraw #42 Our monitoring was wrong"],
    of_any_incident: true,
    is_public: true,
    accepts: &ANY,
    screen: Some(Screen::Page),
    brief: ("withdraw #<n> <text>", "a false alarm"),
    ..Usage::NEW
};

pub const UNPUBLISH: Usage = Usage {
    words: &["unpublish"],
    form: "unpublish #42",
    meaning: "takes an incident off the page and keeps it as an internal one",
    examples: &["unpublish #42"],
    of_any_incident: true,
    accepts: &Accepts { changed: &[Open, OpenInternal, Closed, ClosedInternal], ..ANY },
    screen: Some(Screen::Page),
    brief: ("unpublish #<n>", "makes it internal"),
    ..Usage::NEW
};

pub const DUPLICATE: Usage = Usage {
    words: &["duplicate", "dup"],
    form: "duplicate #43 of #42",
    meaning: "closes #43, which points to #42 and is no longer counted",
    examples: &["duplicate #43 of #42"],
    of_any_incident: true,
    accepts: &Accepts { changed: &[Open, OpenInternal, Closed, ClosedInternal], ..ANY },
    screen: Some(Screen::Page),
    brief: ("duplicate #<n> of #<n>", "the same one"),
    ..Usage::NEW
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retraction {
    /// A false alarm. The reason may be empty.
    Withdraw(Text),
    /// Makes it internal.
    Unpublish,
    /// Marks it as a duplicate of that incident.
    Duplicate(Number),
}

/// Also reads `false alarm`.
pub(crate) fn withdraw(mut line: Line) -> Result<(Target, Retraction), Refusal> {
    let target = numbered(&mut line, "withdraw #<n> <text>")?;
    let reason = line.text();
    check_size(&reason)?;
    if let Some(refusal) = only_a_time(&reason.to_plain(), WITHDRAW.name(), target.number) {
        return Err(refusal);
    }
    if let Some(word) = private_word(&reason.to_plain(), line.config) {
        return Err(word.refusal_of_public("Nothing was withdrawn.", "withdraw #<n> <text>"));
    }
    let reason = if reason.is_visible() { reason } else { Text::default() };
    Ok((target, Retraction::Withdraw(reason)))
}

pub(crate) fn unpublish(mut line: Line) -> Result<(Target, Retraction), Refusal> {
    let target = numbered(&mut line, "unpublish #<n>")?;
    nothing_more(&line, "unpublish #<n>")?;
    Ok((target, Retraction::Unpublish))
}

pub(crate) fn duplicate(mut line: Line) -> Result<(Target, Retraction), Refusal> {
    const LINE: &str = "duplicate #<n> of #<n>";
    let target = numbered(&mut line, LINE)?;
    if line.reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("of")) {
        line.reader.next_word();
    }
    let of = line.reader.peek_word().map(without_closing).and_then(number);
    let Some(of) = of else {
        let found = line.reader.peek_word().map(clean_name);
        return Err(expected(found.as_deref(), "`of` and the other incident's number", LINE));
    };
    line.reader.next_word();
    nothing_more(&line, LINE)?;
    Ok((target, Retraction::Duplicate(of)))
}

/// The incident by its number, which these verbs require.
fn numbered(line: &mut Line, form: &str) -> Result<Target, Refusal> {
    let mut named = line.reader.take_number(true);
    line.reader.skip_words(line.word.split(' ').count() - 1);
    named = named.or_else(|| line.reader.take_number(true));
    let number = named.map(|named| named.number);
    if number.is_none() {
        return Err(Refusal::new(
            "This command needs the incident's number. Nothing was done. Type:",
        )
        .line(form));
    }
    let rest = line.reader.rest().trim().to_owned();
    let is_bare = named.is_some_and(|named| named.is_bare);
    Ok(Target { usage: line.usage, verb: line.usage.name(), number, is_bare, rest })
}

fn nothing_more(line: &Line, form: &str) -> Result<(), Refusal> {
    match line.reader.peek_word() {
        None => Ok(()),
        Some(word) => Err(expected(Some(&clean_name(word)), "nothing more", form)),
    }
}

impl Context<'_> {
    /// Refuses senders who may not do this, if that is configured.
    ///
    /// # Errors
    /// The sender is not on the list.
    pub(crate) fn check_corrector(&self, what: &str) -> Result<(), Refusal> {
        let correctors = &self.config.correctors;
        let may = correctors.is_empty()
            || self.cause.source != Source::Message
            || correctors.contains(&self.cause.by.id);
        if may {
            return Ok(());
        }
        Err(Refusal::new(format!(
            "`{what}` is for the people in STATUS_CORRECTORS, and you aren't one of them. Nothing was \
             changed."
        )))
    }
}

impl Retraction {
    pub(crate) fn decide(&self, context: &Context, meant: Meant) -> Result<Vec<Event>, Stop> {
        let verb = match self {
            Self::Withdraw(_) => "withdraw",
            Self::Unpublish => "unpublish",
            Self::Duplicate(_) => "duplicate",
        };
        context.check_corrector(verb)?;
        match (self, meant) {
            (Self::Withdraw(reason), Meant::Public(incident, _)) => {
                let (number, reason) = (incident.number, reason.clone());
                Ok(vec![Event::Status(StatusEvent::Withdrawn { number, reason })])
            }
            (Self::Withdraw(reason), Meant::Internal(response)) => {
                let number = response.number;
                if response.withdrawn.is_some() {
                    return Err(withdrawn_already(number).into());
                }
                let reason = InternalText::new(reason.clone());
                Ok(vec![Event::Response(ResponseEvent::Withdrawn { number, reason })])
            }
            (Self::Unpublish, Meant::Public(incident, _)) => {
                Ok(vec![Event::Status(StatusEvent::Unpublished { number: incident.number })])
            }
            (Self::Unpublish, Meant::Internal(response)) => Err(Refusal::new(format!(
                "#{} isn't on the page, so nothing was changed.",
                response.number
            ))
            .into()),
            (Self::Duplicate(of), Meant::Public(incident, _)) => {
                of_another(context, incident.number, incident.duplicate_of, *of)?;
                let events = public_duplicate(context, incident, *of);
                Ok(events.into_iter().chain(alerts_moved(meant.response(), *of)).collect())
            }
            (Self::Duplicate(of), Meant::Internal(response)) => {
                of_another(context, response.number, response.duplicate_of, *of)?;
                let events = internal_duplicate(response, *of);
                Ok(events.into_iter().chain(alerts_moved(Some(response), *of)).collect())
            }
        }
    }
}

fn withdrawn_already(number: Number) -> Refusal {
    Refusal::new(format!("#{number} was withdrawn already, so nothing was changed."))
}

/// Refuses an incident that cannot be the original of a duplicate.
fn of_another(
    context: &Context,
    number: Number,
    known: Option<Number>,
    of: Number,
) -> Result<(), Refusal> {
    let state = context.state;
    let why = if number == of {
        format!("#{number} can't be a duplicate of itself")
    } else if known == Some(of) {
        format!("#{number} is a duplicate of #{of} already")
    } else if let Some(first) = state.response(of).and_then(|response| response.duplicate_of) {
        format!("#{of} is itself a duplicate of #{first}")
    } else if state.response(of).is_some_and(|response| response.withdrawn.is_some()) {
        format!("#{of} was withdrawn")
    } else if state.response(of).is_none() {
        format!("#{of} isn't an incident that others can point to")
    } else {
        return Ok(());
    };
    Err(Refusal::new(format!("{why}, so nothing was changed:")).line("duplicate #<n> of #<n>"))
}

/// Visitors see the original only if it is on the page.
fn public_duplicate(context: &Context, incident: &Incident, of: Number) -> Vec<Event> {
    let number = incident.number;
    if context.state.status.kept().all(|kept| kept.number != of) {
        let withdrawn = StatusEvent::Withdrawn { number, reason: Text::default() };
        let duplicated = ResponseEvent::Duplicated { number, of };
        return vec![Event::Status(withdrawn), Event::Response(duplicated)];
    }
    let closed = StatusEvent::Updated {
        number,
        update: incident.next_update(),
        title: incident.title.clone(),
        impact: incident.impact,
        stage: Stage::Resolved,
        components: None,
        next_update_by: None,
        ended: None,
        text: Text::default(),
    };
    let closed = incident.resolved.is_none().then_some(closed);
    let duplicated = StatusEvent::Duplicated { number, of };
    closed.into_iter().chain([duplicated]).map(Event::Status).collect()
}

/// Later firings and ends of the duplicate's alerts count in its original.
fn alerts_moved(response: Option<&Response>, of: Number) -> Option<Event> {
    let response = response?;
    let alert = response.alert.as_ref()?;
    let is_known = !alert.members.is_empty() || alert.left_out > 0;
    let number = response.number;
    is_known.then_some(Event::Response(ResponseEvent::AlertsMoved { number, to: of }))
}

fn internal_duplicate(response: &Response, of: Number) -> Vec<Event> {
    let number = response.number;
    let closed = ResponseEvent::Updated {
        number,
        note: response.notes.next(),
        title: response.title.clone(),
        stage: Stage::Resolved,
        ended: None,
        text: InternalText::default(),
    };
    let closed = response.is_open().then_some(closed);
    let duplicated = ResponseEvent::Duplicated { number, of };
    closed.into_iter().chain([duplicated]).map(Event::Response).collect()
}
