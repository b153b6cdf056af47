//! `open`: begins an incident, on the page or internally.

use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::line::Line;
use super::misread::expected;
use super::numbers::{Named, leading};
use super::options::{self, Options, Takes};
use super::past::{Past, past_moment, read_past};
use super::private_words::{begins_with_component, describes, private_word};
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::titles;
use super::times::only_a_time;
use super::title::with_title_line;
use super::typed_options::TypedOptions;
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Number, OPEN_INCIDENTS_MAX};
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, ReadingSource};
use crate::response::model::{Response, Visibility};
use crate::text::markdown::escape;
use crate::text::{Text, clean_name};

pub const OPEN: Usage = Usage {
    words: &["open", "declare", "new", "start", "raise"],
    form: "open [sev1|minor|major|critical] [on Component, …:] what is failing",
    meaning: "opens an incident; `open another …` opens a second one",
    examples: &["open Checkout is failing", "open critical Checkout is down"],
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("open <text>", "puts an incident on the page"),
    options: &[
        ("sev1", "severity, to sev4; it chooses the impact"),
        ("minor", "the impact: or major, critical"),
        ("on <component>:", "what is affected"),
        ("<title> | <text>", "title and first update, or two lines"),
        ("next 30m", "promises the next update"),
        ("public-since=<time>", "when it began for customers"),
        ("since=<time>", "when it began, for the team"),
        ("via=<who>", "who noticed it"),
        ("internal", "keeps it off the page; drill is an exercise"),
        ("another", "although one is open"),
    ],
    ..Usage::NEW
};

/// The limit of words in a time.
const TIME_WORDS_MAX: usize = 4;

/// The longest source of a detection, in characters.
const VIA_CHARS_MAX: usize = 40;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Allows it while a different incident is open.
    pub another: bool,
    /// `None` follows the severity.
    pub impact: Option<Impact>,
    /// Component ids.
    pub components: Vec<String>,
    /// Time until the next update; `None` follows the configuration.
    pub next: Option<SignedDuration>,
    pub details: Details,
    /// Never empty. Contains the title.
    pub text: Text,
    /// The options as they were typed, for a refusal.
    pub typed: TypedOptions,
}

/// Optional facts: `sev2`, `since=20m`, `via=customer`, `internal`, `drill`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// `None` follows the configuration.
    pub visibility: Option<Visibility>,
    pub severity: Option<Severity>,
    pub since: Option<Past>,
    /// The start of customer impact for the page.
    pub public_since: Option<Past>,
    /// The source of the detection.
    pub via: Option<String>,
}

pub(crate) fn read(mut line: Line) -> Result<Opening, Refusal> {
    let config = line.config;
    let (mut another, mut details) = (false, Details::default());
    let takes = [Takes::Impact, Takes::Severity, Takes::Components, Takes::Promise];
    let (options, text) = options::read(&mut line, &takes, |rest| {
        let word = rest.split_whitespace().next().map(without_closing).unwrap_or_default();
        if !another && word.eq_ignore_ascii_case("another") {
            another = true;
            return Ok(Some(1));
        }
        details.take(rest, config)
    })?;
    details.severity = options.severity;
    let text = check_text(&text.to_plain(), &details, config)
        .and_then(|()| with_title_line(text))
        .map_err(|refusal| options.kept(line.usage, refusal))?;
    let Options { impact, components, next, typed, .. } = options;
    let components = components.unwrap_or_default();
    Ok(Opening { another, impact, components, next, details, text, typed })
}

/// Refuses a text that cannot be a title.
fn check_text(plain: &str, details: &Details, config: &Config) -> Result<(), Refusal> {
    if let Some(Named { number, .. }) = leading(plain, true) {
        return Err(Refusal::new(format!(
            "“#{number}” names an incident. Nothing was opened. To open that one again, or to see \
             it:"
        ))
        .line(format!("reopen #{number} <text>"))
        .line(format!("status #{number}")));
    }
    if details.visibility.unwrap_or(config.visibility()) != Visibility::Public {
        return Ok(());
    }
    if let Some(refusal) = only_a_time(plain, OPEN.name(), None) {
        return Err(refusal);
    }
    if let Some(word) = private_word(plain, config) {
        return Err(word.refusal_of_opening());
    }
    Ok(())
}

impl Details {
    /// Takes the next option, each kind once, and returns its number of words; `None` if the rest
    /// begins with something else.
    fn take(&mut self, rest: &str, config: &Config) -> Result<Option<usize>, Refusal> {
        let words: Vec<&str> = rest.split_whitespace().take(TIME_WORDS_MAX + 1).collect();
        let Some((first, behind)) = words.split_first() else {
            return Ok(None);
        };
        let word = without_closing(first).to_ascii_lowercase();
        if self.visibility.is_none()
            && let Some((visibility, taken)) = visibility(rest, config)
        {
            if let Some(next) = behind.first().filter(|next| may_be_text(&word, first, next)) {
                return Err(Refusal::new(format!(
                    "“{} {}” could mean “not on the page” or be the title. Nothing was opened. \
                     For the team only:",
                    escape(&clean_name(first)),
                    escape(&clean_name(next))
                ))
                .line("open internal: <text>")
                .offer("On the page, begin with a different word:", "open <text>"));
            }
            self.visibility = Some(visibility);
            return Ok(Some(taken));
        }
        if self.via.is_none()
            && let Some(via) = word.strip_prefix("via=")
        {
            self.via = Some(detected_by(via)?);
            return Ok(Some(1));
        }
        if self.public_since.is_none()
            && let Some(value) = word.strip_prefix("public-since=")
        {
            self.public_since = Some(past_value(value, "open public-since=<time> <text>")?);
            return Ok(Some(1));
        }
        if self.since.is_none()
            && let Some((since, taken)) = since(first, behind)?
        {
            self.since = Some(since);
            return Ok(Some(taken));
        }
        Ok(None)
    }

    /// The start of customer impact if it is before now.
    fn began(&self, context: &Context) -> Result<Option<Timestamp>, Refusal> {
        let Some(past) = self.public_since else { return Ok(None) };
        let at = past_moment(past, context.time(), &context.config.time_zone)?;
        context.check_beginning(at)?;
        Ok(Some(at))
    }

    fn events(&self, context: &Context, number: Number) -> Result<Vec<Event>, Refusal> {
        let now = context.time();
        let mut events = Vec::new();
        if let Some(since) = self.since {
            events.push(ResponseEvent::Reached {
                number,
                milestone: Milestone::Started,
                at: past_moment(since, now, &context.config.time_zone)?,
                source: ReadingSource::Typed,
                via: None,
                was: None,
            });
        }
        if self.via.is_some() {
            events.push(ResponseEvent::Reached {
                number,
                milestone: Milestone::Detected,
                at: now,
                source: ReadingSource::Recorded,
                via: self.via.clone(),
                was: None,
            });
        }
        let graded = self.severity.map(|severity| ResponseEvent::Graded { number, severity });
        Ok(events.into_iter().chain(graded).map(Event::Response).collect())
    }
}

/// True if `internal` may be the first word of the title. Hiding such an incident and dropping the
/// word would both be wrong.
fn may_be_text(word: &str, typed: &str, next: &str) -> bool {
    let next = without_closing(next).to_ascii_lowercase();
    let is_thing = matches!(
        next.as_str(),
        "server"
            | "servers"
            | "error"
            | "errors"
            | "exception"
            | "exceptions"
            | "network"
            | "dns"
            | "api"
    );
    word == "internal" && !typed.ends_with(':') && is_thing
}

/// Words that keep an incident off the page, with their number. `public` is part of the text unless
/// the configuration says otherwise.
fn visibility(rest: &str, config: &Config) -> Option<(Visibility, usize)> {
    let mut words = rest.split_whitespace().map(without_closing).map(str::to_ascii_lowercase);
    let word = words.next()?;
    if begins_with_component(rest.trim_start(), config) {
        return None;
    }
    match word.as_str() {
        "internal" | "internally" => Some((Visibility::Internal, 1)),
        "private" | "confidential" | "restricted" | "hidden" if !describes(rest) => {
            Some((Visibility::Internal, 1))
        }
        "security" if words.next().as_deref() == Some("incident") => {
            Some((Visibility::Internal, 2))
        }
        "drill" => Some((Visibility::Drill, 1)),
        "public" if config.internal_first => Some((Visibility::Public, 1)),
        _ => None,
    }
}

/// `since=20m`, `since=13:40`, `since 13:40`, with the number of words.
fn since(first: &str, behind: &[&str]) -> Result<Option<(Past, usize)>, Refusal> {
    let lower = first.to_ascii_lowercase();
    if lower == "since" {
        // Without a time, it is a word of the text.
        let time = read_past(behind).ok().flatten();
        return Ok(time.map(|(past, taken)| (past, taken + 1)));
    }
    let Some(value) = lower.strip_prefix("since=") else {
        return Ok(None);
    };
    Ok(Some((past_value(value, "open since=<time> <text>")?, 1)))
}

/// A time in the past after an equals sign.
fn past_value(value: &str, example: &str) -> Result<Past, Refusal> {
    let value = without_closing(value);
    match read_past(&[value]) {
        Ok(Some((past, _))) => Ok(past),
        _ => Err(expected(Some(&clean_name(value)), "a time in the past", example)),
    }
}

/// The source of the detection: one word.
pub(crate) fn detected_by(word: &str) -> Result<String, Refusal> {
    let word = clean_name(without_closing(word));
    if word.is_empty() || word.chars().count() > VIA_CHARS_MAX {
        let found = (!word.is_empty()).then_some(word.as_str());
        let needed = "a word for who noticed it, such as customer or monitoring";
        return Err(expected(found, needed, "when detected <time> via <who>"));
    }
    Ok(word)
}

impl Opening {
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Context { state, config, .. } = *context;
        let number = state.next_number;
        let visibility = self.details.visibility.unwrap_or(config.visibility());
        let opened = if visibility == Visibility::Public {
            Event::Status(self.on_the_page(context)?)
        } else {
            Event::Response(self.among_responders(context, visibility)?)
        };
        let details = self.details.events(context, number)?;
        let begins = config.launch.on_open && context.can_launch();
        let launched = if begins { Context::launched(number) } else { Vec::new() };
        Ok([opened].into_iter().chain(details).chain(launched).collect())
    }

    fn on_the_page(&self, context: &Context) -> Result<StatusEvent, Refusal> {
        let Context { state, config, .. } = *context;
        let status = &state.status;
        if !status.open.is_empty() && !self.another {
            let open = status.open.values().map(|open| (open.number, open.title.as_str()));
            return Err(self.already_open(&open.collect::<Vec<_>>()));
        }
        context.check_room()?;
        Ok(StatusEvent::Opened {
            number: context.state.next_number,
            update: 1,
            month: context.month(),
            impact: config.impact(self.impact, self.details.severity),
            components: self.components.clone(),
            next_update_by: context.promise(self.next),
            began: self.details.began(context)?,
            text: self.text.clone(),
        })
    }

    fn among_responders(
        &self,
        context: &Context,
        visibility: Visibility,
    ) -> Result<ResponseEvent, Refusal> {
        let open: Vec<&Response> = context.state.open_internal().collect();
        let alike = open.iter().filter(|response| response.visibility == visibility);
        let alike: Vec<(Number, &str)> =
            alike.map(|response| (response.number, response.title.as_str())).collect();
        if !self.another && !alike.is_empty() {
            return Err(self.internal_open(&alike, visibility));
        }
        // Incidents of alerts have a limit of their own.
        let of_people = open.iter().filter(|response| response.alert.is_none()).count();
        if of_people >= OPEN_INCIDENTS_MAX {
            return Err(too_many_open(open.first().map(|response| response.number)));
        }
        Ok(ResponseEvent::Declared {
            number: context.state.next_number,
            visibility,
            components: self.components.clone(),
            impact: self.impact,
            text: InternalText::new(self.text.clone()),
        })
    }

    fn already_open(&self, open: &[(Number, &str)]) -> Refusal {
        let refusal = Refusal::new(format!(
            "This is open already: {}. Nothing was opened.",
            titles(open.iter().copied())
        ));
        let refusal = match open {
            [(number, _)] => {
                let rest = self.typed.components();
                refusal.offer_about("An update on it:", "update", Some(*number), &rest)
            }
            _ => refusal.offer("An update on one:", "update #<n> <text>"),
        };
        self.typed.kept(
            OPEN.name(),
            None,
            refusal.offer("A different incident:", "open another <text>"),
        )
    }

    fn internal_open(&self, open: &[(Number, &str)], visibility: Visibility) -> Refusal {
        let listed = open.iter().map(|one| titles([*one])).collect::<Vec<_>>().join(", ");
        let first = open.first().map(|(number, _)| *number);
        let kind = visibility.word();
        let refusal =
            Refusal::new(format!("This is open already as {kind}: {listed}. Nothing was opened."))
                .offer_about("An update on it:", "note", first, &self.text.to_plain())
                .offer("A different incident:", format!("open another {kind} <text>"));
        self.typed.kept(OPEN.name(), None, refusal)
    }
}

impl Context<'_> {
    /// Checks the limit of open incidents on the page.
    ///
    /// # Errors
    /// The limit is reached.
    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        let open = &self.state.status.open;
        if open.len() >= OPEN_INCIDENTS_MAX {
            return Err(too_many_open(open.keys().next().copied()));
        }
        Ok(())
    }
}

fn too_many_open(one: Option<Number>) -> Refusal {
    Refusal::new(format!(
        "{OPEN_INCIDENTS_MAX} incidents are open, the maximum. Nothing was opened. Close one first:"
    ))
    .line(format!("close #{}", one.unwrap_or(42)))
}
