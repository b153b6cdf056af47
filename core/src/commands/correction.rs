//! `correct` with a fact, and `title`: start, end, impact, components, an older update, and the
//! title of an incident.

use jiff::Timestamp;

use super::components::components;
use super::context::{Context, Stop};
use super::line::Line;
use super::misread::{missing_text, too_long};
use super::moments::{Begun, ClosedTime, leading_time};
use super::options::{self, Takes, check_size};
use super::past::Past;
use super::published::check_published;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::{Meant, Target, is_maintenance};
use super::typed_options::{OptionKind, TypedOptions};
use super::usage::{Accepts, IncidentKind, Screen, Usage};
use super::words;
use crate::config::Config;
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{
    Impact, ImpactCorrection, Incident, Number, TITLE_CHARS_MAX, Update, title_of,
};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::sealed::Erasable;
use crate::text::Text;

use IncidentKind::{Closed, ClosedInternal, Open, OpenInternal, Over, Planned};

pub const CORRECT: Usage = Usage {
    words: &["correct"],
    form: "correct [#42] [update 2:|closed|started|impact|on] text",
    meaning: "replaces the newest public text, or corrects a fact; the log keeps both",
    examples: &["correct Card payments fail, and no others"],
    of_any_incident: true,
    accepts: &Accepts {
        changed: &[Open, Closed, Planned, Over],
        anywhere: &[Open, OpenInternal],
        in_thread: &[&[Open, Planned], &[Closed], &[Over], &[OpenInternal, ClosedInternal]],
    },
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("correct <text>", "replaces the last text"),
    options: &[
        ("update <n>: <text>", "an older update"),
        ("started <time>", "when it began"),
        ("closed <time>", "when it was over"),
        ("impact <impact>", "the impact, throughout"),
        ("impact <impact> from <time> to <time>", "a part of it"),
        ("on <component>", "what was affected"),
    ],
    ..Usage::NEW
};

pub const TITLE: Usage = Usage {
    words: &["title", "retitle", "rename"],
    form: "title [#42] text",
    meaning: "changes what it is called, on the page too",
    examples: &["title Card payments fail"],
    of_any_incident: true,
    is_public: true,
    accepts: &Accepts {
        changed: &[Open, OpenInternal, Closed, ClosedInternal, Planned, Over],
        anywhere: &[Open, OpenInternal],
        in_thread: &[&[Open, OpenInternal, Planned], &[Closed, ClosedInternal], &[Over]],
    },
    screen: Some(Screen::Page),
    brief: ("title <text>", "changes the title"),
    ..Usage::NEW
};

/// The limit of corrections of an incident's impact for a time.
const IMPACT_CORRECTIONS_MAX: usize = 50;

/// A correction of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    Closed(Past),
    Started(Past),
    /// For the whole incident, or between two times.
    Impact(Impact, Option<(Past, Past)>),
    /// Component ids.
    Components(Vec<String>),
    /// Replaces the text of the update with that number.
    Update(u32, Text),
    Title(Text),
}

/// Reads a fact after `correct`. `None` if it is a text: a fact counts only if nothing follows.
///
/// # Errors
/// An unknown component, or a text that is too long.
pub(crate) fn read(line: &mut Line) -> Result<Option<(Target, Correction)>, Refusal> {
    let before = line.reader.at;
    let named = line.reader.take_number(true);
    let number = named.map(|named| named.number);
    let is_bare = named.is_some_and(|named| named.is_bare);
    let rest = line.reader.rest().trim().to_owned();
    if let Some(correction) = fact(&rest, line.config)? {
        let target = Target { usage: &CORRECT, verb: CORRECT.name(), number, is_bare, rest };
        return Ok(Some((target, correction)));
    }
    if let Some(update) = numbered_update(&rest) {
        line.reader.skip_words(2);
        let text = line.text();
        check_size(&text)?;
        if !text.is_visible() {
            return Err(missing_text(&format!("correct #<n> update {update}: <text>")));
        }
        let mut typed = TypedOptions::default();
        typed.push(OptionKind::Own, &format!("update {update}:"));
        check_published(&CORRECT, number, &text.to_plain(), line.config)
            .map_err(|refusal| typed.kept(CORRECT.name(), number, refusal))?;
        let rest = format!("update {update}: <text>");
        let target = Target { usage: &CORRECT, verb: CORRECT.name(), number, is_bare, rest };
        return Ok(Some((target, Correction::Update(update, text))));
    }
    if let Some(refusal) = unfinished(&rest, number) {
        return Err(refusal);
    }
    line.reader.at = before;
    Ok(None)
}

/// The refusal of a fact without its value, and of an update's number without its colon: as a text
/// it would replace the last update.
fn unfinished(rest: &str, number: Option<Number>) -> Option<Refusal> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let lower = words.first()?.to_ascii_lowercase();
    let whole = match (lower.as_str(), words.get(1)) {
        ("closed" | "resolved" | "ended", None) => "closed <time>".to_owned(),
        ("started" | "began" | "opened", None) => "started <time>".to_owned(),
        ("on", None) => "on <component>".to_owned(),
        ("update", Some(update)) if is_number(update) => format!("update {update}: <text>"),
        _ => return None,
    };
    Some(Refusal::new("Nothing was changed. Type:").line_about("correct", number, &whole))
}

/// `update 2:` in front of a text.
fn numbered_update(rest: &str) -> Option<u32> {
    let mut words = rest.split_whitespace();
    words.next().filter(|word| word.eq_ignore_ascii_case("update"))?;
    words.next()?.strip_suffix(':')?.parse().ok()
}

/// A whole fact, such as `started 14:00`.
pub(crate) fn fact(rest: &str, config: &Config) -> Result<Option<Correction>, Refusal> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let Some((first, behind)) = words.split_first() else {
        return Ok(None);
    };
    let whole = || leading_time(behind).filter(|(_, taken)| *taken == behind.len());
    Ok(match without_closing(first).to_ascii_lowercase().as_str() {
        "closed" | "resolved" | "ended" => whole().map(|(past, _)| Correction::Closed(past)),
        "started" | "began" | "opened" => whole().map(|(past, _)| Correction::Started(past)),
        "impact" => impact(behind),
        "on" => {
            let whole = format!("{rest}:");
            let found = if rest.contains([':', '\n']) {
                None
            } else {
                components(&whole, config, &CORRECT)?
            };
            let found = found.filter(|(_, end)| *end >= rest.len());
            found.map(|(ids, _)| Correction::Components(ids))
        }
        _ => None,
    })
}

/// `minor`, or `minor from 14:00 to 15:00`.
fn impact(words: &[&str]) -> Option<Correction> {
    let (first, more) = words.split_first()?;
    let impact = words::impact(without_closing(first))?;
    let Some((from, more)) = more.split_first() else {
        return Some(Correction::Impact(impact, None));
    };
    from.eq_ignore_ascii_case("from").then_some(())?;
    let (from, taken) = leading_time(more)?;
    let (to, more) = more.get(taken..)?.split_first()?;
    ["to", "until", "-"].iter().any(|word| word.eq_ignore_ascii_case(to)).then_some(())?;
    let (until, taken) = leading_time(more)?;
    (taken == more.len()).then_some(Correction::Impact(impact, Some((from, until))))
}

pub(crate) fn title(mut line: Line) -> Result<(Target, Correction), Refusal> {
    let (options, text) = options::read(&mut line, &[Takes::Number], |_| Ok(None))?;
    let plain = text.to_plain();
    let chars = plain.chars().count();
    if chars > TITLE_CHARS_MAX || plain.contains('\n') {
        return Err(too_long(chars, TITLE_CHARS_MAX));
    }
    Ok((options.target(line.usage, &text), Correction::Title(text)))
}

impl Correction {
    pub(crate) fn decide(&self, context: &Context, meant: Meant) -> Result<Vec<Event>, Stop> {
        let incident = match (meant, self) {
            (Meant::Public(incident, _), _) => incident,
            (Meant::Internal(response), Self::Title(text)) => {
                let (number, title) = (response.number, InternalText::new(text.clone()));
                if title.title() == response.title {
                    return Err(same_title(number).into());
                }
                return Ok(vec![Event::Response(ResponseEvent::Retitled { number, title })]);
            }
            // The verb accepts public incidents only.
            (Meant::Internal(_), _) => return Ok(Vec::new()),
        };
        Ok(vec![Event::Status(self.public(context, incident)?)])
    }

    fn public(&self, context: &Context, incident: &Incident) -> Result<StatusEvent, Refusal> {
        let number = incident.number;
        let fact = match self {
            Self::Closed(past) => changed(context, number, closed(context, incident, *past)?)?,
            Self::Started(past) => changed(context, number, started(context, incident, *past)?)?,
            Self::Impact(..) if incident.is_maintenance() => {
                return Err(is_maintenance(number, "correct"));
            }
            Self::Impact(impact, None) => {
                if incident.impact_corrections.is_empty() && incident.has_always(*impact) {
                    return Err(unchanged(
                        number,
                        &format!("The impact of #{number} was {}", impact.word()),
                    ));
                }
                Fact::Impact(*impact)
            }
            Self::Impact(impact, Some(span)) => impact_for(context, incident, *impact, *span)?,
            Self::Components(ids) => Fact::Components(ids.clone()),
            Self::Title(text) => {
                let title = title_of(text);
                if title == incident.title {
                    return Err(same_title(number));
                }
                return Ok(StatusEvent::Retitled { number, title });
            }
            Self::Update(update, text) => return corrected(incident, *update, text),
        };
        Ok(StatusEvent::Amended { number, fact })
    }
}

fn same_title(number: u32) -> Refusal {
    unchanged(number, &format!("#{number} is called that"))
}

/// Refuses a time that is the known one, to the minute as people type it.
fn changed(context: &Context, number: Number, fact: Fact) -> Result<Fact, Refusal> {
    let (word, at, was) = match fact {
        Fact::Started { at, was } => ("begun", at, was),
        Fact::Closed { at, was } => ("over", at, was),
        fact => return Ok(fact),
    };
    let (shown, known) = (context.clock(at), context.clock(was));
    if shown != known {
        return Ok(fact);
    }
    let verb = if word == "begun" { "has" } else { "was" };
    Err(unchanged(number, &format!("#{number} {verb} {word} at {known}")))
}

fn unchanged(number: u32, what: &str) -> Refusal {
    Refusal::new(format!("{what} already, so nothing was changed."))
        .line(format!("status #{number}"))
}

pub(crate) fn closed(context: &Context, incident: &Incident, past: Past) -> Result<Fact, Refusal> {
    let number = incident.number;
    let Some(was) = incident.resolved else {
        return Err(Refusal::new(format!(
            "#{number} is open, so it has no end to correct. To close it as of a time:"
        ))
        .line(format!("close #{number} at <time>")));
    };
    let begun = Begun::public(incident);
    let own = ClosedTime::over(incident.began(), Some(was));
    let at = context.moment_of(past, own, |_| true)?;
    context.check_end((number, CORRECT.name()), at, begun)?;
    if let Some(window) = incident.window.filter(|window| at > window.until) {
        let until = context.clock(window.until);
        return Err(Refusal::new(format!(
            "Maintenance #{number} was planned until {until} and can't end later. Nothing was changed."
        )));
    }
    Ok(Fact::Closed { at, was })
}

fn started(context: &Context, incident: &Incident, past: Past) -> Result<Fact, Refusal> {
    let number = incident.number;
    if incident.is_maintenance() {
        return Err(is_maintenance(number, "correct"));
    }
    let was = incident.opened;
    let first_end = incident.updates.iter().find(|update| update.stage.is_end());
    let end = first_end.map_or(context.time(), |update| update.ended.unwrap_or(update.at));
    let own = ClosedTime::begun(was, incident.resolved);
    let at = context.moment_of(past, own, |_| true)?;
    context.check_beginning(at)?;
    if at >= end {
        let (at, end) = (context.clock(at), context.clock(end));
        return Err(Refusal::new(format!(
            "{at} isn't before #{number} was over ({end}), so nothing was changed. If the end is \
             wrong:"
        ))
        .line(format!("correct #{number} closed <time>")));
    }
    Ok(Fact::Started { at, was })
}

fn impact_for(
    context: &Context,
    incident: &Incident,
    impact: Impact,
    (from, until): (Past, Past),
) -> Result<Fact, Refusal> {
    let number = incident.number;
    let end = incident.resolved.unwrap_or(context.time());
    let is_within = |at: Timestamp| incident.opened <= at && at <= end;
    let own = ClosedTime::begun(incident.opened, incident.resolved);
    let from = context.moment_of(from, own, is_within)?;
    let until = context.moment_of(until, own, |at| is_within(at) && at > from)?;
    if until <= from || until <= incident.opened || from >= end {
        let [opened, end] = [incident.opened, end].map(|at| context.clock(at));
        return Err(Refusal::new(format!(
            "#{number} lasted from {opened} to {end}, and {} to {} isn't within that, so nothing was \
             changed.",
            context.clock(from),
            context.clock(until)
        ))
        .line(format!("correct #{number} impact {} from <time> to <time>", impact.word())));
    }
    if incident.impact_corrections.len() >= IMPACT_CORRECTIONS_MAX {
        return Err(Refusal::new(format!(
            "The impact of #{number} has been corrected {IMPACT_CORRECTIONS_MAX} times, the maximum. \
             Nothing was changed."
        )));
    }
    Ok(Fact::ImpactFor(ImpactCorrection { impact, from, until }))
}

fn corrected(incident: &Incident, update: u32, text: &Text) -> Result<StatusEvent, Refusal> {
    let number = incident.number;
    let corrected = incident.updates.iter().find(|known| known.number == update);
    let corrected = corrected.ok_or_else(|| {
        Refusal::new(format!(
            "#{number} has no update {update}, so nothing was changed. All of them:"
        ))
        .line(format!("timeline full #{number}"))
    })?;
    check_not_erased(incident, corrected)?;
    let is_only = incident.updates.len() == 1;
    Ok(StatusEvent::Corrected {
        number,
        title: if is_only { title_of(text) } else { incident.title.clone() },
        impact: incident.impact,
        stage: corrected.stage,
        update,
        text: text.clone(),
    })
}

/// Refuses new words for a text that was erased: nobody is to read there what was said.
pub(crate) fn check_not_erased(incident: &Incident, update: &Update) -> Result<(), Refusal> {
    if update.text != Text::erased() {
        return Ok(());
    }
    let number = incident.number;
    let refusal = Refusal::new(format!(
        "Update {} of #{number} was erased, and stays so. Nothing was changed. To say something new:",
        update.number
    ));
    let verb = if incident.resolved.is_none() { "update" } else { "postmortem" };
    let refusal = if incident.resolved.is_some() && incident.is_maintenance() {
        refusal
    } else {
        refusal.line(format!("{verb} #{number} <text>"))
    };
    Err(match incident.updates.first() {
        Some(first) if first.number == update.number => {
            refusal.sentence("For its title:").line(format!("title #{number} <text>"))
        }
        _ => refusal,
    })
}
