//! `swap`: two people take each other's turn on call.

use jiff::civil;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::cover::{Found, Time, covers, find_time, second, spoken, unplannable, unreadable};
use super::places::{Named, Place, only};
use crate::core::commands::context::Context;
use crate::core::commands::line::Line;
use crate::core::commands::misread::expected;
use crate::core::commands::people::whole_person;
use crate::core::commands::refusal::Refusal;
use crate::core::commands::schedule::{Day, Moment, Unreadable, read_day, read_moment};
use crate::core::commands::usage::Usage;
use crate::core::commands::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable, date, moment};
use crate::core::log::record::Event;
use crate::core::rosters::hand_over::SIGHT;
use crate::core::rosters::roster::{Change, Contact};
use crate::core::text::clean_name;
use crate::core::text::markdown::escape;
use crate::core::text::time::{first_shown, spoken_with_weekday};

pub const SWAP: Usage = Usage {
    words: &["swap"],
    form: "swap [roster] [primary] with @person friday [for monday]",
    meaning: "gives your turn on call of that day or time to somebody, and you theirs: the one named behind `for`, or else their next",
    examples: &["swap with @Ada friday"],
    ..Usage::NEW
};

const EXAMPLE: &str = "swap with @person friday";

/// The sender and another person take each other's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The other person, and where.
    who: Named,
    /// The sender's turn.
    given: Turn,
    /// The other person's turn; `None` for the next after the sender's.
    taken: Option<Turn>,
    /// Both turns as they were typed, for the lines to copy.
    when: String,
}

/// A person's turn on call, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The one at a moment.
    At(Moment),
    /// The one that begins on a day, else the one that goes on when the day begins.
    On(Day),
}

fn misread(found: Option<&str>, needed: &str) -> Refusal {
    expected(found.map(clean_name).as_deref(), needed, EXAMPLE)
}

/// Reads `swap`.
///
/// # Errors
/// A refusal that says what is needed.
pub(crate) fn swap(line: Line) -> Result<Swap, Refusal> {
    let Line { mut reader, said, .. } = line;
    let needed = "with and whom";
    let start = reader.at;
    let first = reader.peek_word();
    let mut end = start;
    while !reader.next_word().ok_or_else(|| misread(first, needed))?.eq_ignore_ascii_case("with") {
        end = reader.at;
    }
    let begin = reader.at;
    let Some(Found { time: given, words, taken: used }) = find_time(&mut reader, said, turn)?
    else {
        return Err(misread(None, "when: a day or a time of the turn that you give away"));
    };
    let person = whole_person(said, begin, reader.at);
    let person = person.ok_or_else(|| misread(words.first().copied(), needed))?;
    let place = clean_name(said.text.to_plain().get(start..end).unwrap_or_default());
    let taken = in_return(words.get(used..).unwrap_or_default())?;
    let (who, when) = (Named::Apart { place, person }, clean_name(reader.rest()));
    Ok(Swap { who, given, taken, when })
}

/// Reads the turn that is taken in return: nothing, or `for` and a time in it.
fn in_return(words: &[&str]) -> Result<Option<Turn>, Refusal> {
    let wrong = |found: Option<&&str>| {
        let needed = "nothing more, or for and a day or time of the turn that you take";
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

/// Reads a day or a time, and how many words it takes.
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
    /// The events that follow: two covers. Without a turn in return it is the other person's first
    /// that begins when the sender's ends or later.
    ///
    /// # Errors
    /// A refusal where it is unclear what is meant, or where it does not fit.
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
        let here: Vec<Place> = mine.iter().map(|(place, _)| *place).collect();
        if here.is_empty() {
            return Err(no_turn(context, &places, me, true, Some(self.given)));
        }
        let place = only(&here, &SWAP, &format!("with {} {}", other.name, self.when))?;
        let mine = mine.first().map_or((Timestamp::MAX, Timestamp::MAX), |(_, time)| *time);
        let people = place.level.on_call(mine.0).people;
        if people.contains(&other.name.as_str()) {
            return Err(Refusal::new(format!(
                "You and {} are on call together then, so there is nothing to swap.",
                escape(&other.name)
            )));
        }
        let theirs = match self.taken {
            Some(turn) => turns(context, &[place], other, turn)?.first().map(|(_, time)| *time),
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
        let change = |removed: &Contact, added: &Contact| Change::Replace {
            removed: removed.name.clone(),
            added: added.name.clone(),
        };
        let changes = vec![(mine, change(me, other)), (theirs, change(other, me))];
        let why = format!("{} and {} swap", me.name, other.name);
        covers(context, &rosters, place, changes, &why)
    }
}

/// The first turn that begins at a moment or later and for which something is true of the people on
/// call.
fn next_turn(place: Place, from: Timestamp, is_it: impl Fn(&[&str]) -> bool) -> Option<Time> {
    let until = from.checked_add(SIGHT).ok()?;
    let mut shifts = place.level.shifts(from, until).filter(|shift| shift.start >= from);
    let shift = shifts.find(|shift| is_it(&shift.on_call.people))?;
    Some((shift.start, shift.end))
}

/// A person's turn at each level, without what of it is past.
fn turns<'a>(
    context: &Context,
    places: &[Place<'a>],
    person: &Contact,
    turn: Turn,
) -> Result<Vec<(Place<'a>, Time)>, Refusal> {
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
    // A turn of so long ago is over; working the shifts out would only take time.
    if now.duration_since(at) > ahead {
        return Ok(Vec::new());
    }
    let of = |place: &Place<'a>| {
        let is_theirs = |people: &[&str]| people.contains(&person.name.as_str());
        let shifts = place.level.shifts(at, until.unwrap_or(at + SignedDuration::from_secs(1)));
        let theirs = shifts.filter(|shift| is_theirs(&shift.on_call.people));
        let theirs: Vec<Time> = theirs.map(|shift| (shift.start, shift.end)).collect();
        let begins = theirs.iter().find(|(start, _)| until.is_some() && *start >= at);
        let (start, end) = *begins.or(theirs.first())?;
        (end > now).then_some((*place, (start.max(now), end)))
    };
    Ok(places.iter().filter_map(of).collect())
}

/// The refusal where a person has no turn at that time, with the next one, if there is one. `turn` is
/// `None` where there is no later turn at all.
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
            at.map(|at| format!("at {}", spoken_with_weekday(at, zone)))
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
        "{who} no turn there {when}, so nothing was changed.{} Somebody can stand in without a swap:",
        next.unwrap_or_default()
    ))
    .line("cover primary @person friday 18:00 to 22:00")
}
