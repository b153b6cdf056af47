//! `backfill`: records an incident or maintenance of the past.

use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::line::Line;
use super::misread::{expected, missing_text};
use super::moments::leading_time;
use super::options::{check_size, take_components};
use super::past::{Past, past_moment};
use super::private_words::private_word;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::title::with_title_line;
use super::typed_options::{OptionKind, TypedOptions};
use super::usage::{Screen, Usage};
use super::words;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Window};
use crate::text::time::{first_shown, read_length, spoken};
use crate::text::{Text, clean_name};

pub(crate) const LINE: &str = "backfill <time> to <time> <text>";

pub const BACKFILL: Usage = Usage {
    words: &["backfill"],
    form: "backfill 2026-11-28 14:00 to 15:30 [minor|major|critical] [on Component, …:] text",
    meaning: "adds an incident of the past to the history, marked as added later; with `maintenance` behind `backfill`, a maintenance",
    examples: &["backfill yesterday 14:00 to 15:30 minor Search was slow"],
    is_public: true,
    has_own_numbers: true,
    screen: Some(Screen::Page),
    brief: ("backfill <from> to <until>: <text>", "the past"),
    ..Usage::NEW
};

/// The limit of words in the typed time.
const SPAN_WORDS_MAX: usize = 12;
/// The longest backfilled incident.
const LENGTH_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    pub from: Past,
    pub until: PastEnd,
    /// [`Impact::Maintenance`] for a maintenance.
    pub impact: Impact,
    /// Component ids.
    pub components: Vec<String>,
    /// Never empty. Contains the title.
    pub text: Text,
    /// The options as they were typed, for a refusal.
    pub typed: TypedOptions,
}

/// An end in the past, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastEnd {
    /// `to 15:30`.
    At(Past),
    /// `for 90m`.
    After(SignedDuration),
}

pub(crate) fn read(mut line: Line) -> Result<Backfill, Refusal> {
    let (mut typed, start) = (TypedOptions::default(), line.reader.at);
    let mut chosen = None;
    if line.reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("maintenance")) {
        line.reader.next_word();
        chosen = Some(Impact::Maintenance);
    }
    let (from, until, taken) = span(line.reader.rest()).ok_or_else(|| {
        let found = line.reader.peek_word().map(clean_name);
        expected(found.as_deref(), "a start and an end in the past", LINE)
    })?;
    let mut closed = line.reader.skip_words(taken);
    let impact = line.reader.peek_word().and_then(|word| words::impact(without_closing(word)));
    if !closed
        && chosen.is_none()
        && let Some(impact) = impact
    {
        chosen = Some(impact);
        closed = line.reader.skip_words(1);
    }
    typed.push(OptionKind::Own, line.reader.read_since(start));
    let refused = |typed: &TypedOptions, refusal| typed.kept(BACKFILL.name(), None, refusal);
    let mut components = None;
    if !closed {
        let start = line.reader.at;
        components = take_components(&mut line.reader, line.config, line.usage)
            .map_err(|refusal| refused(&typed, refusal))?;
        typed.push(OptionKind::Components, line.reader.read_since(start));
    }
    let text = added(&line).map_err(|refusal| refused(&typed, refusal))?;
    let impact = chosen.unwrap_or(Impact::DEFAULT);
    let components = components.unwrap_or_default();
    Ok(Backfill { from, until, impact, components, text, typed })
}

/// The text of the incident.
fn added(line: &Line) -> Result<Text, Refusal> {
    let text = line.text();
    check_size(&text)?;
    if !text.is_visible() {
        return Err(missing_text("backfill <text>"));
    }
    if let Some(word) = private_word(&text.to_plain(), line.config) {
        return Err(word.refusal_of_public("Nothing was added.", "backfill <text>"));
    }
    with_title_line(text)
}

/// `<time> to <time>` or `<time> for <length>`, with the number of words.
fn span(rest: &str) -> Option<(Past, PastEnd, usize)> {
    let words: Vec<&str> = rest.split_whitespace().take(SPAN_WORDS_MAX).collect();
    // `14:00-15:30` is one word for three.
    for (place, word) in words.iter().enumerate() {
        let Some((from, until)) = word.split_once(['-', '–']) else { continue };
        let before: Vec<&str> = words.iter().take(place).copied().chain([from]).collect();
        if let Some((from, taken)) = leading_time(&before)
            && let Some((until, 1)) = leading_time(&[until])
            && taken == place + 1
        {
            return Some((from, PastEnd::At(until), place + 1));
        }
    }
    let (from, begin) = leading_time(&words)?;
    let (to, behind) = words.get(begin..)?.split_first()?;
    let (until, end) = match to.to_ascii_lowercase().as_str() {
        "for" => read_length(behind).map(|(length, taken)| (PastEnd::After(length), taken))?,
        "to" | "until" | "-" | "–" => {
            leading_time(behind).map(|(past, taken)| (PastEnd::At(past), taken))?
        }
        _ => return None,
    };
    Some((from, until, begin + 1 + end))
}

impl Backfill {
    pub(crate) fn decide(&self, context: &Context) -> Result<StatusEvent, Refusal> {
        let window = self.window(context)?;
        Ok(StatusEvent::Backfilled {
            number: context.state.next_number,
            month: context.month_of(window.from),
            window,
            impact: self.impact,
            components: self.components.clone(),
            text: self.text.clone(),
        })
    }

    fn window(&self, context: &Context) -> Result<Window, Refusal> {
        let (now, zone) = (context.time(), &context.config.time_zone);
        let from = past_moment(self.from, now, zone)?;
        let until = match self.until {
            PastEnd::After(length) => from.saturating_add(length).unwrap_or(now),
            PastEnd::At(Past::Time(time)) => {
                let day = from.to_zoned(zone.clone()).date();
                let at = first_shown(day.to_datetime(time), zone);
                let next = day.tomorrow().map(|day| first_shown(day.to_datetime(time), zone));
                if at > from { at } else { next.unwrap_or(at) }
            }
            PastEnd::At(past) => past_moment(past, now, zone)?,
        };
        Self::check(context, Window { from, until })
    }

    fn check(context: &Context, window: Window) -> Result<Window, Refusal> {
        let (now, zone) = (context.time(), &context.config.time_zone);
        let refused =
            |what: String| Refusal::new(format!("{what} Nothing was changed.")).line(LINE);
        let shown = |at: Timestamp| spoken(at, zone);
        if window.until > now {
            let until = shown(window.until);
            return Err(refused(format!("The end ({until}) is in the future.")));
        }
        context.check_beginning(window.from)?;
        let length = window.until.duration_since(window.from);
        if length > LENGTH_MAX || length < SignedDuration::from_mins(1) {
            return Err(refused("It may last from a minute to 31 days.".to_owned()));
        }
        Ok(window)
    }
}
