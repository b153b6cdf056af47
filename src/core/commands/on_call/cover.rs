//! `cover` and `uncover`: a person is on call instead of others for a time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::places::{Named, Place, named, only};
use super::rosters::unknown_name;
use crate::core::commands::context::Context;
use crate::core::commands::line::Line;
use crate::core::commands::lines::names_of;
use crate::core::commands::misread::{expected, too_long};
use crate::core::commands::reader::Reader;
use crate::core::commands::refusal::{Refusal, RefusalKind};
use crate::core::commands::schedule::{Moment, Plan, Unreadable, read_end, read_plan};
use crate::core::commands::usage::Usage;
use crate::core::commands::window::{
    AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable, planned_window,
};
use crate::core::log::record::Event;
use crate::core::rosters::cover::{COVERS_MAX, Cover};
use crate::core::rosters::effective::{Misfit, put};
use crate::core::rosters::events::RosterEvent;
use crate::core::rosters::roster::{Change, Rosters, is_same};
use crate::core::teams::said::Said;
use crate::core::text::clean_name;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken_with_weekday;

pub const COVER: Usage = Usage {
    words: &["cover", "override"],
    form: "cover [roster] primary @person today 18:00 to 22:00 [: why]",
    meaning: "somebody stands in on call; also `for 2h`, `from friday 9:00 to monday 9:00`, and `me` for yourself",
    examples: &["cover primary @Ada tomorrow 18:00 to 22:00"],
    ..Usage::NEW
};

pub const UNCOVER: Usage = Usage {
    words: &["uncover"],
    form: "uncover 3",
    meaning: "takes a cover back",
    examples: &["uncover 3"],
    ..Usage::NEW
};

const EXAMPLE: &str = "cover primary @person today 18:00 to 22:00";

/// The longest reason, in characters: as many as a name keeps.
const WHY_CHARS_MAX: usize = 100;
/// How many words roster, level and person may have together.
const NAME_WORDS_MAX: usize = 40;
/// How many words times may have.
const TIME_WORDS_MAX: usize = 24;
/// How many turns one cover may replace.
const TURNS_MAX: usize = 10;

/// A beginning and an end.
pub(super) type Time = (Timestamp, Timestamp);

/// A person is on call for a time, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverChange {
    who: Named,
    plan: Plan,
    /// The plan as it was typed, for the lines to copy.
    when: String,
    /// May be empty.
    why: String,
}

/// Reads `cover`.
///
/// # Errors
/// A refusal that says what is needed.
pub(crate) fn cover(line: Line) -> Result<CoverChange, Refusal> {
    let Line { mut reader, said, .. } = line;
    let start = reader.at;
    let misread = |found: Option<&str>, needed| {
        Err(expected(found.map(clean_name).as_deref(), needed, EXAMPLE))
    };
    let needed = "who is on call instead, and when";
    if reader.peek_word().is_none() {
        return misread(None, needed);
    }
    let Some(Found { time: plan, words, taken }) = find_time(&mut reader, said, plan)? else {
        return misread(None, "when: from and to, or how long");
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
    Ok(CoverChange { who, plan, when, why: clean_name(&why) })
}

/// A time within a text.
pub(super) struct Found<'a, T> {
    pub(super) time: T,
    /// The words that begin with it.
    pub(super) words: Vec<&'a str>,
    /// How many of the words it takes.
    pub(super) taken: usize,
}

/// Moves to the first time behind the first mention, else behind the reader's place. What does not
/// begin with a time is part of a name.
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

/// Reads a time and how many words it takes: `from 18:00 to 22:00`, `tomorrow 9:00 for 2h`,
/// `for 2h`, `until 22:00`. `None` where the words do not begin with a time.
fn plan(words: &[&str]) -> Result<Option<(Plan, usize)>, Refusal> {
    let Some(first) = words.first() else {
        return Ok(None);
    };
    let begins = usize::from(first.eq_ignore_ascii_case("from"));
    let read = if ["for", "until", "till", "to"].iter().any(|word| first.eq_ignore_ascii_case(word))
    {
        read_end(words).map(|(until, taken)| (Plan { from: Moment::Now, until, zone: None }, taken))
    } else {
        read_plan(words.get(begins..).unwrap_or_default())
    };
    match read {
        Ok((plan, taken)) => Ok(Some((plan, begins + taken))),
        // Without `from` in front of it, a word that is not a time is part of a name.
        Err(Unreadable::From(_)) if begins == 0 => Ok(None),
        Err(why) => Err(unreadable(&why, EXAMPLE)),
    }
}

/// The refusal of words that are not a time.
pub(super) fn unreadable(why: &Unreadable, example: &str) -> Refusal {
    let (found, needed) = match why {
        Unreadable::From(found) => (found.as_deref(), "when it begins"),
        Unreadable::Until(found) => {
            (found.as_deref(), "when it ends: to and a time, or for and a length")
        }
        Unreadable::Impossible(found) => (Some(found.as_str()), "a time that there is"),
        Unreadable::Zone(found) => (Some(found.as_str()), "a time zone that there is"),
    };
    expected(found.map(clean_name).as_deref(), needed, example)
}

/// Reads the number behind `uncover`.
///
/// # Errors
/// A refusal that says what is needed.
pub(crate) fn uncover(mut line: Line) -> Result<u32, Refusal> {
    let misread = |found: Option<&str>, needed| {
        Err(expected(found.map(clean_name).as_deref(), needed, "uncover 3"))
    };
    let word = line.reader.next_word();
    let digits = word.map(|word| word.trim_start_matches('#').trim_end_matches(['.', ',', '!']));
    let number = digits.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(number) = number.and_then(|word| word.parse().ok()) else {
        return misread(word, "the number of the cover");
    };
    match line.reader.next_word() {
        None => Ok(number),
        more => misread(more, "one number, and nothing behind it"),
    }
}

impl CoverChange {
    /// The events that follow: one cover for each turn that is replaced.
    ///
    /// # Errors
    /// A refusal where it is unclear what is meant, or where it does not fit.
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let rosters = context.rosters()?;
        let (places, person) = context.place_and_person(&rosters, &self.who)?;
        let name = &person.name;
        let place = only(&places, &COVER, &format!("{name} {}", self.when))?;
        let (start, end) = window(context, &self.plan)?;
        let mut changes = Vec::new();
        for part in place.level.parts(start, end) {
            let in_part = stand_in(name, &part.people).into_iter();
            changes.extend(in_part.map(|change| ((part.start, part.end), change)));
        }
        if changes.is_empty() {
            return Err(Refusal::new(format!(
                "{} is on call at {} then anyway, and nobody else, so nothing was changed.",
                escape(name),
                escape(&place.words())
            )));
        }
        if changes.len() > TURNS_MAX {
            return Err(Refusal::new(format!(
                "That takes the place of {} turns, which is too many, so nothing was changed. Say \
                 it in parts, or change the file: `status-update roster set FILE`",
                changes.len()
            )));
        }
        covers(context, &rosters, place, changes, &self.why)
    }
}

/// The changes after which one person alone is on call, instead of those people.
fn stand_in(name: &str, people: &[&str]) -> Vec<Change> {
    let mut is_on_call = people.contains(&name);
    let mut changes: Vec<Change> = Vec::new();
    for other in people.iter().filter(|other| **other != name) {
        let removed = (*other).to_owned();
        changes.push(if is_on_call {
            Change::Remove(removed)
        } else {
            Change::Replace { removed, added: name.to_owned() }
        });
        is_on_call = true;
    }
    if !is_on_call {
        changes.push(Change::Add(name.to_owned()));
    }
    changes
}

/// The time of a plan, without what of it is past.
fn window(context: &Context, plan: &Plan) -> Result<Time, Refusal> {
    let (now, zone) = (second(context), &context.config.time_zone);
    let window = planned_window(plan, now, zone).map_err(|why| unplannable(&why))?;
    let (start, end) = (to_second(window.from).max(now), to_second(window.until));
    if end <= start {
        return Err(unplannable(&Unplannable::EndPast(spoken_with_weekday(end, zone))));
    }
    Ok((start, end))
}

/// The events of changes, each a cover, where they fit among the covers that there are.
pub(super) fn covers(
    context: &Context,
    rosters: &Rosters,
    place: Place,
    changes: Vec<(Time, Change)>,
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
    for (number, ((start, end), change)) in (state.covers_ever + 1..).zip(changes) {
        let (level, by, why) = (place.name(), by.to_owned(), why.to_owned());
        let cover = Cover { number, level, start, end, change, by, why };
        put(&mut next, &cover).map_err(|misfit| does_not_fit(context, misfit, place))?;
        events.push(Event::Roster(RosterEvent::Covered { cover }));
    }
    Ok(events)
}

fn too_many_covers() -> Refusal {
    Refusal::new(format!(
        "There are {COVERS_MAX} covers ahead, which is as many as there may be, so nothing was \
         changed. Take one back, or write them into the file:"
    ))
    .line("oncall")
    .kind(RefusalKind::TooManyCovers)
}

fn does_not_fit(context: &Context, misfit: Misfit, place: Place) -> Refusal {
    let Misfit::Overlaps { name, start, end } = misfit else {
        // Place and person come from these very rosters, so that only a cover can be in the way.
        return unknown_name("No roster or level", &place.words(), None, &[]);
    };
    let is_it = |cover: &&Cover| {
        (cover.start, cover.end, &cover.level) == (start, end, &place.name())
            && cover.change.people().any(|person| is_same(person, &name))
    };
    let time = spoken((start, end), &context.config.time_zone);
    let name = escape(&name);
    match context.state.rosters.covers.iter().find(is_it) {
        Some(Cover { number, .. }) => Refusal::new(format!(
            "Cover {number} is about {name} already, {time}, so nothing was changed. To take that \
             back first:"
        ))
        .line(format!("uncover {number}")),
        None => Refusal::new(format!(
            "An override about {name} is there already, {time}, so nothing was changed. Say it for \
             another time; whoever keeps the file can change it."
        )),
    }
}

/// The refusal of a time that nobody can be on call at.
pub(super) fn unplannable(why: &Unplannable) -> Refusal {
    let why = match why {
        Unplannable::EndPast(until) => format!("The end, {until}, is over already."),
        Unplannable::TooLong => {
            format!("Somebody can stand in for {} days at most.", LENGTH_HOURS_MAX / 24)
        }
        Unplannable::TooShort => "Somebody stands in for a minute at least.".to_owned(),
        Unplannable::TooFar => {
            format!("That is more than {} days ahead.", AHEAD_HOURS_MAX / 24)
        }
        other => other.sentence(),
    };
    Refusal::new(format!("Nothing was changed. {why}"))
}

/// The events that follow when a cover is taken back.
///
/// # Errors
/// A refusal where there is no such cover, or where it is over.
pub(crate) fn take_back(context: &Context, number: u32) -> Result<Vec<Event>, Refusal> {
    let (state, now) = (&context.state.rosters, second(context));
    let Some(cover) = state.cover(number) else {
        let ahead = state.covers.iter().filter(|cover| cover.end > now);
        let known: Vec<String> = ahead
            .map(|Cover { number, level, start, end, .. }| {
                let time = spoken((*start, *end), &context.config.time_zone);
                format!("{number}: {} {}, {time}", level.roster, level.level)
            })
            .collect();
        return Err(Refusal::new(match &known[..] {
            [] => format!("There is no cover {number}, and none is ahead, so nothing was changed."),
            known => format!(
                "There is no cover {number}, so nothing was changed. There are: {}",
                names_of(known)
            ),
        }));
    };
    if cover.end <= now {
        return Err(Refusal::new(format!(
            "Cover {number} is over already, so nothing was changed."
        )));
    }
    let end = cover.start.max(now);
    Ok(vec![Event::Roster(RosterEvent::Uncovered { cover: cover.clone(), end })])
}

/// Now, to the second, as rosters are.
pub(super) fn second(context: &Context) -> Timestamp {
    to_second(context.time())
}

fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// A time for people.
pub(super) fn spoken((start, end): Time, zone: &TimeZone) -> String {
    let [start, end] = [start, end].map(|at| spoken_with_weekday(at, zone));
    format!("{start} to {end}")
}

/// A cover for people: where, who for whom, and when.
pub(crate) fn described(cover: &Cover, zone: &TimeZone) -> String {
    let change = match &cover.change {
        Change::Add(added) => format!("{added} added"),
        Change::Remove(removed) => format!("without {removed}"),
        Change::Replace { removed, added } => format!("{added} instead of {removed}"),
    };
    let time = spoken((cover.start, cover.end), zone);
    format!("{} {}, {change}, {time}", cover.level.roster, cover.level.level)
}
