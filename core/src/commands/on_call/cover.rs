//! `cover` and `uncover`: a person takes over on-call duty for a time.

use jiff::Timestamp;
use jiff::civil::{Date, Time as TimeOfDay};
use jiff::tz::TimeZone;

use super::days::{Days, Time, read_days, second, to_second, unplannable};
use super::places::{Named, Place, named, only};
use super::rosters::unknown_name;
use crate::commands::context::Context;
use crate::commands::line::Line;
use crate::commands::lines::names_of;
use crate::commands::misread::{expected, too_long};
use crate::commands::reader::Reader;
use crate::commands::refusal::{Refusal, RefusalKind};
use crate::commands::schedule::{Moment, Plan, Unreadable, read_day, read_end, read_plan};
use crate::commands::usage::{Screen, Usage};
use crate::commands::window::{Unplannable, planned_window};
use crate::log::record::Event;
use crate::rosters::cover::{COVERS_MAX, Cover};
use crate::rosters::effective::put;
use crate::rosters::events::RosterEvent;
use crate::rosters::roster::{OverrideChange, Rosters, is_same};
use crate::rosters::rota::Part;
use crate::teams::said::Said;
use crate::text::clean_name;
use crate::text::markdown::escape;
use crate::text::time::{first_shown, short_with_zone};

pub const COVER: Usage = Usage {
    words: &["cover", "override"],
    form: "cover [roster] primary @person today 18:00 to 22:00 [: why]",
    meaning: "puts somebody else on call for a time; also `for 2h`, `friday`, `2026-12-20 to \
              2026-12-27`, `until monday`, and `me` for yourself",
    examples: &["cover primary @Ada tomorrow 18:00 to 22:00"],
    screen: Some(Screen::OnCall),
    brief: ("cover <level> @person <time>", "takes a turn"),
    ..Usage::NEW
};

pub const UNCOVER: Usage = Usage {
    words: &["uncover"],
    form: "uncover 3",
    meaning: "removes a cover; of a swap, both halves",
    examples: &["uncover 3"],
    undoable: false,
    screen: Some(Screen::OnCall),
    brief: ("uncover <n>", "takes that back"),
    ..Usage::NEW
};

const EXAMPLE: &str = "cover <level> @person <time> to <time>";

/// The longest reason, in characters: the same as a name's.
const WHY_CHARS_MAX: usize = 100;
/// The limit of words for roster, level and person together.
const NAME_WORDS_MAX: usize = 40;
/// The limit of words for the times.
const TIME_WORDS_MAX: usize = 24;
/// A person is the only one on call for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverChange {
    who: Named,
    time: Typed,
    /// The time as it was typed, for the lines to copy.
    when: String,
    /// May be empty.
    why: String,
}

pub(crate) fn cover(line: Line) -> Result<CoverChange, Refusal> {
    let Line { mut reader, said, .. } = line;
    let start = reader.at;
    let misread = |found: Option<&str>, needed| {
        Err(expected(found.map(clean_name).as_deref(), needed, EXAMPLE))
    };
    let needed = "a person and a time";
    if reader.peek_word().is_none() {
        return misread(None, needed);
    }
    let mut found = find_time(&mut reader, said, typed)?;
    if found.is_some() && reader.at == start {
        // A roster's name may be a day: "cover sun primary @person friday".
        let mut ahead = reader.clone();
        ahead.at = start;
        ahead.next_word();
        if let Ok(Some(later)) = find_time(&mut ahead, said, typed) {
            (found, reader) = (Some(later), ahead);
        }
    }
    let Some(Found { time, words, taken }) = found else {
        return misread(None, "the time");
    };
    let Some(who) = named(said, start, reader.at) else {
        return misread(words.first().copied(), needed);
    };
    let when = clean_name(reader.rest());
    reader.skip_words(taken);
    let why = said.text.after(reader.text_start()).to_plain();
    let chars = why.trim().chars().count();
    if chars > WHY_CHARS_MAX {
        return Err(too_long(chars, WHY_CHARS_MAX));
    }
    Ok(CoverChange { who, time, when, why: clean_name(&why) })
}

/// A time within a text.
pub(super) struct Found<'a, T> {
    pub(super) time: T,
    /// The words from its beginning on.
    pub(super) words: Vec<&'a str>,
    /// Its number of words.
    pub(super) taken: usize,
}

/// Moves to the first time after the first mention, or after the reader's place without a mention.
/// Words before the time are part of a name.
pub(super) fn find_time<'a, T>(
    reader: &mut Reader<'a>,
    said: &Said,
    read: impl Fn(&[&str]) -> Result<Option<(T, usize)>, Refusal>,
) -> Result<Option<Found<'a, T>>, Refusal> {
    let mention = said.mentions.iter().find(|mention| mention.place.start >= reader.at);
    reader.at = mention.map_or(reader.at, |mention| mention.place.end);
    for _ in 0..NAME_WORDS_MAX {
        let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
        if words.is_empty() {
            break;
        }
        if let Some((time, taken)) = read(&words)? {
            return Ok(Some(Found { time, words, taken }));
        }
        reader.next_word();
    }
    Ok(None)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Typed {
    /// With times of day, or from now on.
    Plan(Plan),
    Days(Days),
}

/// Reads a time: `from 18:00 to 22:00`, `tomorrow 9:00 for 2h`, `for 2h`, `until 22:00`, `friday`,
/// `2026-12-20 to 2026-12-27`. Returns it with its number of words; `None` if the words do not
/// begin with a time.
fn typed(words: &[&str]) -> Result<Option<(Typed, usize)>, Refusal> {
    let Some(first) = words.first() else {
        return Ok(None);
    };
    let begins = usize::from(first.eq_ignore_ascii_case("from"));
    let behind = words.get(begins..).unwrap_or_default();
    let days = read_days(behind).map_err(|why| unreadable(&why, EXAMPLE))?;
    if let Some((days, taken)) = days {
        return Ok(Some((Typed::Days(days), begins + taken)));
    }
    let read = if ["for", "until", "till", "to"].iter().any(|word| first.eq_ignore_ascii_case(word))
    {
        read_end(words).map(|(until, taken)| (Plan { from: Moment::Now, until, zone: None }, taken))
    } else {
        read_plan(behind)
    };
    match read {
        Ok((plan, taken)) => Ok(Some((Typed::Plan(plan), begins + taken))),
        // Without `from` in front of it, a word that is not a time is part of a name.
        Err(Unreadable::From(_)) if begins == 0 && !is_day(behind) => Ok(None),
        Err(Unreadable::From(found)) => {
            let needed = "a time of day, or a day alone";
            Err(expected(found.as_deref(), needed, EXAMPLE))
        }
        Err(why) => Err(unreadable(&why, EXAMPLE)),
    }
}

fn is_day(words: &[&str]) -> bool {
    matches!(read_day(words), Ok(Some(_)))
}

/// Refuses words that are not a time.
pub(super) fn unreadable(why: &Unreadable, example: &str) -> Refusal {
    let (found, needed) = match why {
        Unreadable::From(found) => (found.as_deref(), "a time at which it begins"),
        Unreadable::Until(found) => (found.as_deref(), "the end (`to <time>` or `for <length>`)"),
        Unreadable::Impossible(found) => (Some(found.as_str()), "a day or time that exists"),
        Unreadable::Zone(found) => (Some(found.as_str()), "a time zone that exists"),
        Unreadable::ShortZone(short, zone) => {
            return Refusal::new(format!(
                "`{short}` can mean several time zones, so nothing was done. Write one such as \
                 `{zone}`."
            ));
        }
    };
    expected(found.map(clean_name).as_deref(), needed, example)
}

pub(crate) fn uncover(mut line: Line) -> Result<u32, Refusal> {
    let misread = |found: Option<&str>, needed| {
        Err(expected(found.map(clean_name).as_deref(), needed, "uncover <n>"))
    };
    let word = line.reader.next_word();
    let digits = word.map(|word| word.trim_start_matches('#').trim_end_matches(['.', ',', '!']));
    let number = digits.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(number) = number.and_then(|word| word.parse().ok()) else {
        return misread(word, "the number of the cover");
    };
    match line.reader.next_word() {
        None => Ok(number),
        more => misread(more, "one number and nothing else"),
    }
}

impl CoverChange {
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let rosters = context.rosters()?;
        let (places, person) = context.place_and_person(&rosters, &self.who)?;
        let name = &person.name;
        let place = only(&places, &COVER, &format!("{name} {}", self.when))?;
        let (start, end) = match &self.time {
            Typed::Plan(plan) => window(context, plan)?,
            Typed::Days(days) => days.window(context, place)?,
        };
        let alone = |part: &Part| part.people == [name.as_str()];
        if place.level.parts(start, end).iter().all(alone) {
            return Err(Refusal::new(format!(
                "{} is already the only one on call for {} then. Nothing was changed.",
                escape(name),
                escape(&place.words())
            )));
        }
        let changes = vec![((start, end), OverrideChange::Only(name.clone()))];
        covers(context, &rosters, place, changes, &self.why)
    }
}

/// The window of a plan, cut to the future.
fn window(context: &Context, plan: &Plan) -> Result<Time, Refusal> {
    let (now, zone) = (second(context), &context.config.time_zone);
    let window = planned_window(plan, now, zone).map_err(|why| unplannable(&why))?;
    let (start, end) = (to_second(window.from).max(now), to_second(window.until));
    if end <= start {
        return Err(unplannable(&Unplannable::EndPast(short_with_zone(end, zone))));
    }
    Ok((start, end))
}

/// The events of changes, each a cover, if they fit the existing covers.
pub(super) fn covers(
    context: &Context,
    rosters: &Rosters,
    place: Place,
    changes: Vec<(Time, OverrideChange)>,
    why: &str,
) -> Result<Vec<Event>, Refusal> {
    let state = &context.state.rosters;
    let now = second(context);
    let ahead = state.covers.iter().filter(|cover| cover.end > now).count();
    if ahead + changes.len() > COVERS_MAX {
        return Err(too_many_covers());
    }
    let by = &context.cause.by.name;
    let by = if by.is_empty() { "Somebody" } else { by };
    let mut next = rosters.clone();
    let mut events = Vec::new();
    let first = state.covers_ever + 1;
    let is_swap = changes.len() == 2;
    for (number, ((start, end), change)) in (first..).zip(changes) {
        let other = if number == first { first + 1 } else { first };
        let swap = is_swap.then_some(other);
        let (level, by, why) = (place.name(), by.to_owned(), why.to_owned());
        let cover = Cover { number, level, start, end, change, by, why, swap };
        // Place and person come from these very rosters.
        put(&mut next, &cover)
            .map_err(|_| unknown_name("No roster or level", &place.words(), None, &[]))?;
        events.push(Event::Roster(RosterEvent::Covered { cover }));
    }
    Ok(events)
}

fn too_many_covers() -> Refusal {
    Refusal::new(format!(
        "There are already {COVERS_MAX} covers ahead, the maximum, so nothing was changed. Remove \
         one, or add them to the file:"
    ))
    .line("oncall")
    .kind(RefusalKind::TooManyCovers)
}

/// Removes a cover. If it is half of a swap, removes the other half too, unless that has ended.
///
/// # Errors
/// The cover does not exist or has ended.
pub(crate) fn take_back(context: &Context, number: u32) -> Result<Vec<Event>, Refusal> {
    let (state, now) = (&context.state.rosters, second(context));
    let is_ahead = |cover: &&Cover| cover.end > now;
    let Some(cover) = state.cover(number) else {
        let ahead = state.covers.iter().filter(is_ahead);
        let known: Vec<String> = ahead
            .map(|Cover { number, level, start, end, .. }| {
                let time = spoken((*start, *end), &context.config.time_zone);
                format!("{number}: {} {}, {time}", level.roster, level.level)
            })
            .collect();
        return Err(Refusal::new(match &known[..] {
            [] => format!(
                "There is no cover {number}, and no upcoming cover. Nothing was \
                           changed."
            ),
            known => format!(
                "There is no cover {number}. Nothing was changed. Covers: {}",
                names_of(known)
            ),
        }));
    };
    let other = cover.swap.and_then(|other| state.cover(other)).filter(is_ahead);
    if cover.end <= now {
        let over = format!("Cover {number} is already over, so nothing was changed.");
        return Err(match other {
            None => Refusal::new(over),
            Some(other) => Refusal::new(format!("{over} The other half of the swap still stands:"))
                .line(format!("uncover {}", other.number)),
        });
    }
    let uncovered = |cover: &Cover| {
        let end = cover.start.max(now);
        Event::Roster(RosterEvent::Uncovered { cover: cover.clone(), end })
    };
    Ok([cover].into_iter().chain(other).map(uncovered).collect())
}

pub(super) fn spoken((start, end): Time, zone: &TimeZone) -> String {
    let [start, end] = [start, end].map(|at| short_with_zone(at, zone));
    format!("{start} to {end}")
}

/// Whole days by the clocks of a level: `Fri 2026-12-18, all day`. `None` where it is no whole days
/// there.
fn whole_days(cover: &Cover, rosters: &Rosters, page: &TimeZone) -> Option<String> {
    let roster = rosters.roster(&cover.level.roster)?;
    let level = roster.levels.iter().find(|level| is_same(&level.name, &cover.level.level))?;
    let zone = &level.layers.first()?.zone;
    let date = |at: Timestamp| {
        let date = at.to_zoned(zone.clone()).date();
        (first_shown(date.to_datetime(TimeOfDay::MIN), zone) == at).then_some(date)
    };
    let (first, last) = (date(cover.start)?, date(cover.end)?.yesterday().ok()?);
    let day = |date: Date| date.strftime("%a %Y-%m-%d").to_string();
    let elsewhere = zone.iana_name().filter(|_| zone != page);
    let elsewhere = elsewhere.map_or(String::new(), |name| format!(" in {name}"));
    Some(if first == last {
        format!("{}, all day{elsewhere}", day(first))
    } else {
        format!("{} to {}, whole days{elsewhere}", day(first), day(last))
    })
}

/// A cover for people: where, who for whom, and when, by the clocks of the page unless it takes whole
/// days of its level.
pub(crate) fn described(cover: &Cover, rosters: Option<&Rosters>, zone: &TimeZone) -> String {
    let change = match &cover.change {
        OverrideChange::Add(added) => format!("{added} added"),
        OverrideChange::Remove(removed) => format!("without {removed}"),
        OverrideChange::Replace { removed, added } => format!("{added} instead of {removed}"),
        OverrideChange::Only(name) => format!("{name} on call"),
    };
    let days = rosters.and_then(|rosters| whole_days(cover, rosters, zone));
    let time = days.unwrap_or_else(|| spoken((cover.start, cover.end), zone));
    format!("{} {}, {change}, {time}", cover.level.roster, cover.level.level)
}
