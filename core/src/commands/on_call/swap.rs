//! `swap`: two people take each other's turn on call.

use jiff::civil;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::cover::{Found as FoundTime, covers, find_time, spoken, unreadable};
use super::days::{Time, second, unplannable};
use super::places::{Named, Place, only};
use crate::commands::context::Context;
use crate::commands::line::Line;
use crate::commands::misread::expected;
use crate::commands::people::whole_person;
use crate::commands::refusal::Refusal;
use crate::commands::schedule::{Day, Moment, Unreadable, read_day, read_moment};
use crate::commands::usage::{Screen, Usage};
use crate::commands::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable, date, moment};
use crate::log::record::Event;
use crate::rosters::hand_over::SIGHT;
use crate::rosters::roster::{Contact, OverrideChange};
use crate::text::clean_name;
use crate::text::markdown::escape;
use crate::text::time::{first_shown, short_with_zone};

pub const SWAP: Usage = Usage {
    words: &["swap"],
    form: "swap [roster] [primary] with @person friday [for monday]",
    meaning: "swaps your turn on call of that day or time for somebody's: the one named behind \
              `for`, or else their next",
    examples: &["swap with @Ada friday"],
    screen: Some(Screen::OnCall),
    brief: ("swap with @person <day>", "swaps a turn"),
    ..Usage::NEW
};

const EXAMPLE: &str = "swap <level> with @person <day>";

/// The sender and a different person take each other's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The other person, and the level.
    who: Named,
    /// The sender's turn.
    given: Turn,
    /// The other person's turn; `None` for the next after the sender's.
    taken: Option<Turn>,
    /// Both turns as they were typed, for the lines to copy.
    when: String,
    /// Each of them alone.
    typed: [String; 2],
}

/// A person's turn on call, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The turn at a moment.
    At(Moment),
    /// The turn that begins on a day.
    On(Day),
}

fn misread(found: Option<&str>, needed: &str) -> Refusal {
    expected(found.map(clean_name).as_deref(), needed, EXAMPLE)
}

pub(crate) fn swap(line: Line) -> Result<Swap, Refusal> {
    let Line { mut reader, said, .. } = line;
    let needed = "`with @person`";
    let start = reader.at;
    let first = reader.peek_word();
    let mut end = start;
    while !reader.next_word().ok_or_else(|| misread(first, needed))?.eq_ignore_ascii_case("with") {
        end = reader.at;
    }
    let begin = reader.at;
    let Some(FoundTime { time: given, words, taken: used }) = find_time(&mut reader, said, turn)?
    else {
        return Err(misread(None, "a day in the turn you give away"));
    };
    let person = whole_person(said, begin, reader.at);
    let person = person.ok_or_else(|| misread(words.first().copied(), needed))?;
    let place = clean_name(said.text.to_plain().get(start..end).unwrap_or_default());
    let (first, rest) = words.split_at_checked(used).unwrap_or((&words, &[]));
    let taken = in_return(rest)?;
    let typed = [first, rest].map(|words| clean_name(&words.join(" ")));
    let (who, when) = (Named::Apart { place, person }, clean_name(reader.rest()));
    Ok(Swap { who, given, taken, when, typed })
}

/// Reads the turn in return: nothing, or `for` and a time.
fn in_return(words: &[&str]) -> Result<Option<Turn>, Refusal> {
    let wrong = |found: Option<&&str>| {
        let needed = "nothing more, or `for` and a day in the turn you take";
        Err(misread(found.copied(), needed))
    };
    let Some((word, rest)) = words.split_first() else {
        return Ok(None);
    };
    if !word.eq_ignore_ascii_case("for") {
        return wrong(Some(word));
    }
    match turn(rest)? {
        Some((turn, used)) if used == rest.len() => Ok(Some(turn)),
        Some((_, used)) => wrong(rest.get(used)),
        None => wrong(rest.first()),
    }
}

/// Reads a day or a time with its number of words.
fn turn(words: &[&str]) -> Result<Option<(Turn, usize)>, Refusal> {
    let wrong = |why: Unreadable| unreadable(&why, EXAMPLE);
    match read_moment(words) {
        Ok(Some((moment, used))) => Ok(Some((Turn::At(moment), used))),
        Ok(None) => Ok(None),
        Err(Unreadable::From(_)) => {
            let day = read_day(words).map_err(wrong)?;
            Ok(day.map(|(day, used)| (Turn::On(day), used)))
        }
        Err(why) => Err(wrong(why)),
    }
}

impl Swap {
    /// Two covers. Without a turn in return, it is the other person's first one that begins after
    /// the sender's.
    ///
    /// # Errors
    /// A turn or level is ambiguous or does not fit.
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let rosters = context.rosters()?;
        let me = context.sender_contact(&rosters)?;
        let (places, other) = context.place_and_person(&rosters, &self.who)?;
        if me.name == other.name {
            return Err(Refusal::new(
                "You cannot swap with yourself, so nothing was changed. For example:",
            )
            .line(EXAMPLE));
        }
        let mine = turns(context, &places, me, self.given)?;
        // If no turn begins on that day, the answer asks about the current one.
        let begin: Vec<&Found<'_>> = mine.iter().filter(|turn| turn.begins).collect();
        let meant = if begin.is_empty() { mine.iter().collect() } else { begin };
        let here: Vec<Place> = meant.iter().map(|turn| turn.place).collect();
        let Some(mine) = meant.first().copied() else {
            return Err(no_turn(context, &places, me, true, Some(self.given)));
        };
        let place = only(&here, &SWAP, &format!("with {} {}", other.name, self.when))?;
        if !mine.begins {
            let rest = &self.typed[1];
            return Err(goes_on(context, mine, &self.typed[0], None, |at| {
                format!("swap {} with @\"{}\" {at} {rest}", place.words(), other.name)
            }));
        }
        let mine = mine.time;
        let people = place.level.on_call(mine.0).people;
        if people.contains(&other.name.as_str()) {
            return Err(Refusal::new(format!(
                "You and {} are on call together then, so there is nothing to swap.",
                escape(&other.name)
            )));
        }
        let theirs = match self.taken {
            Some(turn) => {
                let found = turns(context, &[place], other, turn)?;
                if let Some(turn) = found.first().filter(|turn| !turn.begins) {
                    let [given, taken] = &self.typed;
                    let taken = taken.split_once(' ').map_or("", |(_, day)| day);
                    return Err(goes_on(context, turn, taken, Some(&other.name), |at| {
                        format!("swap {} with @\"{}\" {given} for {at}", place.words(), other.name)
                    }));
                }
                found.first().map(|turn| turn.time)
            }
            None => next_turn(place, mine.1, |people| {
                people.contains(&other.name.as_str()) && !people.contains(&me.name.as_str())
            }),
        };
        let theirs = theirs.ok_or_else(|| no_turn(context, &[place], other, false, self.taken))?;
        for (start, end) in [mine, theirs] {
            if end.duration_since(start).as_hours() > LENGTH_HOURS_MAX {
                return Err(unplannable(&Unplannable::TooLong));
            }
        }
        let change = |removed: &Contact, added: &Contact| OverrideChange::Replace {
            removed: removed.name.clone(),
            added: added.name.clone(),
        };
        let changes = vec![(mine, change(me, other)), (theirs, change(other, me))];
        let why = format!("{} and {} swap", me.name, other.name);
        covers(context, &rosters, place, changes, &why)
    }
}

/// The first turn from a moment on for whose people `is_it` holds.
fn next_turn(place: Place, from: Timestamp, is_it: impl Fn(&[&str]) -> bool) -> Option<Time> {
    let until = from.checked_add(SIGHT).ok()?;
    let mut shifts = place.level.shifts(from, until).filter(|shift| shift.start >= from);
    let shift = shifts.find(|shift| is_it(&shift.on_call.people))?;
    Some((shift.start, shift.end))
}

/// A person's turn at a level, cut to the future.
struct Found<'a> {
    place: Place<'a>,
    time: Time,
    /// The uncut start.
    began: Timestamp,
    /// True if it is the typed one: it begins on that day, or includes today or that time.
    begins: bool,
}

/// A person's turn at each level.
fn turns<'a>(
    context: &Context,
    places: &[Place<'a>],
    person: &Contact,
    turn: Turn,
) -> Result<Vec<Found<'a>>, Refusal> {
    let (now, zone) = (second(context), &context.config.time_zone);
    let (at, until) = match turn {
        Turn::At(typed) => (moment(typed, now, zone).map_err(|why| unplannable(&why))?, None),
        Turn::On(day) => {
            let date = date(day, now, zone).map_err(|why| unplannable(&why))?;
            let tomorrow = date.checked_add(1.day()).unwrap_or(date);
            let [at, until] =
                [date, tomorrow].map(|date| first_shown(date.to_datetime(civil::Time::MIN), zone));
            (at, Some(until))
        }
    };
    let ahead = SignedDuration::from_hours(AHEAD_HOURS_MAX);
    if at.duration_since(now) > ahead {
        return Err(unplannable(&Unplannable::TooFar));
    }
    // A turn that far back is over; computing the shifts would waste time.
    if now.duration_since(at) > ahead {
        return Ok(Vec::new());
    }
    let of = |place: &Place<'a>| {
        let is_theirs = |people: &[&str]| people.contains(&person.name.as_str());
        let shifts = place.level.shifts(at, until.unwrap_or(at + SignedDuration::from_secs(1)));
        let theirs = shifts.filter(|shift| is_theirs(&shift.on_call.people));
        let theirs: Vec<Time> = theirs.map(|shift| (shift.start, shift.end)).collect();
        let first = theirs.iter().find(|(start, _)| *start >= at);
        let (start, end) = *first.or(theirs.first())?;
        let found = Found {
            place: *place,
            time: (start.max(now), end),
            began: start,
            begins: until.is_none() || first.is_some() || matches!(turn, Turn::On(Day::Today)),
        };
        (end > now).then_some(found)
    };
    Ok(places.iter().filter_map(of).collect())
}

/// Asks back if no turn begins on the typed day but one includes it. Its lines name a turn by its
/// start.
fn goes_on(
    context: &Context,
    turn: &Found<'_>,
    day: &str,
    name: Option<&str>,
    line: impl Fn(&str) -> String,
) -> Refusal {
    let zone = &context.config.time_zone;
    let typed = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let whose = name.map_or("Your".to_owned(), |name| format!("{}'s", escape(name)));
    let until = short_with_zone(turn.time.1, zone);
    let began = short_with_zone(turn.began, zone);
    Refusal::new(format!(
        "No turn of {} begins on “{}”. Nothing was changed. {whose} turn runs from {began} to \
         {until}. To swap that one:",
        escape(&turn.place.words()),
        escape(day),
    ))
    .line(line(&typed(turn.began)).trim_end())
}

/// Refuses a time at which a person has no turn, and names the next one. `turn` is `None` if there
/// is no later turn at all.
fn no_turn(
    context: &Context,
    places: &[Place],
    person: &Contact,
    is_sender: bool,
    turn: Option<Turn>,
) -> Refusal {
    let (now, zone) = (second(context), &context.config.time_zone);
    let is_theirs = |people: &[&str]| people.contains(&person.name.as_str());
    let asked = places.iter().filter(|_| turn.is_some());
    let next = asked.filter_map(|place| next_turn(*place, now, is_theirs)).min();
    let when = turn.and_then(|turn| match turn {
        Turn::At(typed) => {
            let at = moment(typed, now, zone).ok();
            at.map(|at| format!("at {}", short_with_zone(at, zone)))
        }
        Turn::On(day) => {
            let date = date(day, now, zone).ok();
            date.map(|date| date.strftime("on %a %Y-%m-%d").to_string())
        }
    });
    let when = when.unwrap_or_else(|| "to swap in the next 90 days".to_owned());
    let next = next.map(|time| format!(" The next one is {}.", spoken(time, zone)));
    let who =
        if is_sender { "You have".to_owned() } else { format!("{} has", escape(&person.name)) };
    Refusal::new(format!(
        "{who} no turn there {when}, so nothing was changed.{} To be covered without a swap:",
        next.unwrap_or_default()
    ))
    .line("cover <level> @person <time> to <time>")
}
