//! `when`, `ack`, `mitigated`, `sev`, `aware`, `working` and `affected`: facts about an incident.

use jiff::Timestamp;

use super::context::Context;
use super::line::Line;
use super::milestone_order::{check_order, in_order, typed_milestone};
use super::misread::{expected, missing_text};
use super::moments::ClosedTime;
use super::opening::detected_by;
use super::past::{Past, read_past};
use super::people::TypedPerson;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::roles::assigned;
use super::target::Target;
use super::texts::short_text;
use super::usage::{Screen, Usage};
use super::words;
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, READINGS_MAX, ReadingSource};
use crate::response::model::{Response, Topic};
use crate::response::role::Role;
use crate::text::markdown::{escape, excerpt};
use crate::text::{Text, clean_name};

pub const WHEN: Usage = Usage {
    words: &["when"],
    form: "when [#42] started|detected|mitigated|resolved 13:40 [via customer]",
    meaning: "says when it was, or corrects that; also `20m ago`, `yesterday 23:50`, and at the opening `open since=20m via=customer sev2 …`",
    examples: &["when detected 20m ago via customer"],
    screen: Some(Screen::Respond),
    brief: ("when started <time>", "or detected"),
    ..Usage::NEW
};

pub const ACKNOWLEDGE: Usage = Usage {
    words: &["ack", "acknowledge", "acknowledged"],
    form: "ack [#42] [text]",
    meaning: "says that somebody is on it",
    examples: &["ack"],
    screen: Some(Screen::Respond),
    brief: ("ack", "you are on it"),
    ..Usage::NEW
};

pub const MITIGATED: Usage = Usage {
    words: &["mitigated", "mitigate"],
    form: "mitigated [#42] [at 14:05] [text]",
    meaning: "says that those affected notice it no longer",
    examples: &["mitigated", "mitigated 5m ago Traffic goes to the other region"],
    screen: Some(Screen::Respond),
    brief: ("mitigated", "customers are fine again"),
    ..Usage::NEW
};

pub const SEVERITY: Usage = Usage {
    words: &["sev", "severity"],
    form: "sev [#42] 1|2|3|4",
    meaning: "sets the severity, 1 being the most severe; also `P1`, `SEV-1`",
    examples: &["sev 2"],
    nothing_open: Some("there is no severity to set"),
    has_own_numbers: true,
    screen: Some(Screen::Respond),
    brief: ("sev <n>", "1 is the most severe"),
    ..Usage::NEW
};

pub const AWARE: Usage = Usage {
    words: &["aware", "know"],
    form: "aware [#42] text",
    meaning: "says who is aware of it",
    examples: &["aware The payment team"],
    screen: Some(Screen::Respond),
    brief: ("aware <text>", "who knows about it"),
    ..Usage::NEW
};

pub const DOING: Usage = Usage {
    words: &["working", "doing"],
    form: "working [#42] text",
    meaning: "says what is being done",
    examples: &["working We roll back the release"],
    screen: Some(Screen::Respond),
    brief: ("working <text>", "what is being done"),
    ..Usage::NEW
};

pub const AFFECTED: Usage = Usage {
    words: &["affected", "affects"],
    form: "affected [#42] text",
    meaning: "says who is affected",
    examples: &["affected Customers who pay by card"],
    screen: Some(Screen::Respond),
    brief: ("affected <text>", "who is affected"),
    ..Usage::NEW
};

/// The limit of words in a time.
const TIME_WORDS_MAX: usize = 5;

const WHEN_EXAMPLE: &str = "when detected <time> via <who>";

/// A fact about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tracking {
    Reached {
        milestone: Milestone,
        /// `None` means now.
        at: Option<Past>,
        /// The source of a detection.
        via: Option<String>,
        /// The text typed with it; may be empty.
        text: InternalText,
    },
    /// The answer to a question, never empty.
    Reply(Topic, InternalText),
    /// The severity for the team.
    Grade(Severity),
}

/// Such as `started 13:40` or `detected 13:52 via customer`.
pub(crate) fn when(mut line: Line) -> Result<(Target, Tracking), Refusal> {
    let target = line.target();
    let unfit = |found: Option<&str>| {
        let needed = "started, detected, acknowledged, mitigated or resolved, and a time";
        expected(found.map(clean_name).as_deref(), needed, WHEN_EXAMPLE)
    };
    let word = line.reader.next_word();
    let milestone = word.and_then(|word| typed_milestone(without_closing(word)));
    let milestone = milestone.ok_or_else(|| unfit(word))?;
    let at = time(line.usage, &mut line.reader)?.ok_or_else(|| {
        let found = line.reader.peek_word().map(clean_name);
        expected(found.as_deref(), "a time", &format!("when {} <time>", milestone.word()))
    })?;
    let via = via(&mut line.reader)?;
    let text = InternalText::default();
    Ok((target, Tracking::Reached { milestone, at: Some(at), via, text }))
}

/// Such as `ack I am on it`.
pub(crate) fn acknowledge(line: Line) -> Result<(Target, Tracking), Refusal> {
    reached(line, Milestone::Acknowledged)
}

/// True if a text is a person's name and nothing else.
fn is_a_person(text: &Text) -> bool {
    let plain = text.to_plain();
    let is_typed = plain.starts_with('@') && plain.split_whitespace().count() == 1;
    let without = text.with_names(Some("")).to_plain();
    is_typed || text.has_names() && without.trim().is_empty()
}

/// Such as `mitigated at 14:05 Traffic is on the other site`.
pub(crate) fn mitigated(line: Line) -> Result<(Target, Tracking), Refusal> {
    reached(line, Milestone::Mitigated)
}

fn reached(mut line: Line, milestone: Milestone) -> Result<(Target, Tracking), Refusal> {
    let target = line.target();
    let at = time(line.usage, &mut line.reader)?;
    let text = line.text();
    // "ack @Grace" would read as if Grace had acknowledged.
    if milestone == Milestone::Acknowledged && is_a_person(&text) {
        let number = target.number;
        return Err(Refusal::new("`ack` says that you are on it yourself. Nothing was recorded.")
            .offer_about("If you are:", "ack", number, "")
            .offer_about("To ask someone else:", "primary", number, "@person"));
    }
    let text = short_text(text)?.unwrap_or_default();
    Ok((target, Tracking::Reached { milestone, at, via: None, text }))
}

fn time(usage: &Usage, reader: &mut Reader) -> Result<Option<Past>, Refusal> {
    let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
    let read = read_past(&words).map_err(|_| {
        let found = words.first().map(|word| clean_name(word));
        let example = match usage.name() {
            "when" => WHEN_EXAMPLE.to_owned(),
            verb => format!("{verb} <time>"),
        };
        expected(found.as_deref(), "a time that exists", &example)
    })?;
    let Some((past, taken)) = read else {
        return Ok(None);
    };
    reader.skip_words(taken);
    Ok(Some(past))
}

fn via(reader: &mut Reader) -> Result<Option<String>, Refusal> {
    let Some(word) = reader.next_word() else {
        return Ok(None);
    };
    match word.to_ascii_lowercase().strip_prefix("via") {
        Some("") => Ok(Some(detected_by(reader.next_word().unwrap_or_default())?)),
        Some(rest) if rest.starts_with('=') => Ok(Some(detected_by(rest.trim_start_matches('='))?)),
        _ => Err(expected(Some(&clean_name(word)), "`via` and who noticed it", WHEN_EXAMPLE)),
    }
}

pub(crate) fn severity(mut line: Line) -> Result<(Target, Tracking), Refusal> {
    let target = line.target();
    let typed = line.reader.rest();
    let digit = |word: &str| without_closing(word).parse().ok().and_then(Severity::of);
    let severity = match words::severity(typed)? {
        Some((severity, taken)) => {
            line.reader.skip_words(taken);
            Some(severity)
        }
        None => line.reader.next_word().and_then(digit),
    };
    // `sev 1 #42`
    let behind = line.reader.take_number(false).filter(|_| target.number.is_none());
    let number = target.number.or(behind.map(|named| named.number));
    let is_over = line.reader.rest().trim().is_empty();
    let Some(severity) = severity.filter(|_| is_over) else {
        if let Some(refusal) = severity_with_text(&target, line.reader.rest(), typed) {
            return Err(refusal);
        }
        let what = match clean_name(typed) {
            none if none.is_empty() => "The severity is missing".to_owned(),
            typed => format!("“{}” isn't a severity", escape(&excerpt(&typed))),
        };
        return Err(Refusal::new(format!(
            "{what}. Nothing was recorded. Type a number from 1 (most severe) to 4:"
        ))
        .line_about("sev", number, "<n>"));
    };
    Ok((Target { number, ..target }, Tracking::Grade(severity)))
}

/// The refusal of `sev 3: text` and `sev 3 text`: a severity has no text. `behind` is the text after
/// the severity.
fn severity_with_text(target: &Target, behind: &str, typed: &str) -> Option<Refusal> {
    let digit = |word: &str| without_closing(word).parse().ok().and_then(Severity::of);
    let first = typed.split_whitespace().next().unwrap_or_default();
    let (severity, number, text) = match target.number.filter(|_| target.is_bare) {
        Some(number) => (u8::try_from(number).ok().and_then(Severity::of), None, typed),
        None => (digit(first), target.number, behind),
    };
    let (severity, text) = (severity?.number().to_string(), text.trim());
    text.contains(char::is_alphabetic).then(|| {
        Refusal::new("A severity has no text. Nothing was recorded. The severity:")
            .line_about("sev", number, &severity)
            .offer_about("The text, for the team:", "note", number, text)
    })
}

/// Reads `aware`, `working` and `affected`.
pub(crate) fn reply(mut line: Line, topic: Topic) -> Result<(Target, Tracking), Refusal> {
    let target = line.target();
    let text = short_text(line.text())?;
    let text = text.ok_or_else(|| missing_text(&format!("{} <text>", target.verb)))?;
    Ok((target, Tracking::Reply(topic, text)))
}

impl Tracking {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        let event = match self {
            Self::Reached { milestone, at, via, text } => {
                let reached = reading(context, response, *milestone, *at, via.clone())?;
                let typed = match &reached {
                    ResponseEvent::Reached { at, source: ReadingSource::Typed, .. } => Some(*at),
                    _ => None,
                };
                let note = response.notes.next();
                let noted = ResponseEvent::Noted { number, note, at: typed, text: text.clone() };
                let noted = (!text.is_empty()).then_some(noted);
                let taken = (*milestone == Milestone::Acknowledged && at.is_none())
                    .then(|| taken_role(context, response))
                    .flatten();
                let events = [reached].into_iter().chain(noted).chain(taken);
                return Ok(events.map(Event::Response).collect());
            }
            Self::Reply(topic, text) => {
                ResponseEvent::Replied { number, topic: *topic, text: text.clone() }
            }
            Self::Grade(severity) => {
                if response.severity == Some(*severity) {
                    return Err(Refusal::new(format!(
                        "The severity of #{number} is {} already, so nothing was changed.",
                        severity.number()
                    )));
                }
                ResponseEvent::Graded { number, severity: *severity }
            }
        };
        Ok(vec![Event::Response(event)])
    }
}

/// An on-call engineer who acknowledges becomes the primary, if there is none yet.
fn taken_role(context: &Context, response: &Response) -> Option<ResponseEvent> {
    let role = Role::Primary;
    if response.holders(role).next().is_some() {
        return None;
    }
    let sender = context.find_person(&TypedPerson::Me, None).ok()?;
    let on_call = TypedPerson::OnCall(None);
    let on_call = context.find_responder(&on_call, Some(role), response).ok()?;
    if !on_call.is(&sender) {
        return None;
    }
    assigned(response, role, sender, None).ok()
}

fn reading(
    context: &Context,
    response: &Response,
    milestone: Milestone,
    at: Option<Past>,
    via: Option<String>,
) -> Result<ResponseEvent, Refusal> {
    let number = response.number;
    let (now, word) = (context.time(), milestone.word());
    let before = response.milestones.last(milestone);
    if at.is_none()
        && let Some(reading) = before
    {
        return Err(Refusal::new(format!(
            "#{number} was {word} at {} already, so nothing was changed. To correct that:",
            context.clock(reading.at)
        ))
        .line(format!("when #{number} {word} <time>")));
    }
    if response.milestones.readings(milestone).len() >= READINGS_MAX {
        return Err(Refusal::new(format!(
            "When #{number} was {word} has been corrected as often as is allowed, so nothing was \
             changed. Write it down instead:"
        ))
        .line(format!("note #{number} <text>")));
    }
    let (at, source) = match at {
        None => (now, ReadingSource::Recorded),
        Some(past) => {
            let closed = ClosedTime::of_response(response, Some(milestone));
            (context.moment_of(past, closed, |_| true)?, ReadingSource::Typed)
        }
    };
    let at = in_order(context, response, milestone, at);
    if milestone == Milestone::Resolved {
        check_ended(context, response, at)?;
    }
    check_order(context, response, milestone, at)?;
    // A correction of the time alone keeps the recorded source.
    let via = via.or_else(|| before.and_then(|reading| reading.via.clone()));
    let was = before.map(|reading| reading.at);
    Ok(ResponseEvent::Reached { number, milestone, at, source, via, was })
}

/// Refuses an end while the incident is open.
fn check_ended(context: &Context, response: &Response, at: Timestamp) -> Result<(), Refusal> {
    if !response.is_open() {
        return Ok(());
    }
    let number = response.number;
    let zone = &context.config.time_zone;
    let [then, now] = [at, context.time()].map(|at| at.to_zoned(zone.clone()));
    let declared = response.milestones.at(Milestone::Declared);
    let is_before = declared.is_some_and(|declared| at <= declared);
    let at = match () {
        () if is_before => String::new(),
        () if now.timestamp().duration_since(at).as_mins() < 1 => String::new(),
        () if then.date() == now.date() => format!(" at {}", then.strftime("%H:%M")),
        () => format!(" at {}", then.strftime("%Y-%m-%d %H:%M")),
    };
    let shown = if response.is_public() {
        format!("The page still shows #{number} as open")
    } else {
        format!("#{number} is still open")
    };
    let refusal = Refusal::new(format!("{shown}, so nothing was recorded."))
        .offer("If it is over:", format!("close #{number}{at}"));
    let is_mitigated = response.milestones.at(Milestone::Mitigated).is_some();
    if is_mitigated {
        return Err(refusal);
    }
    Err(refusal.offer("If customers no longer notice it:", format!("mitigated #{number}{at}")))
}
