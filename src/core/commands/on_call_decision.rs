//! What follows from a command about who is on call.

use std::sync::Arc;

use jiff::civil;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::context::{Context, Stop};
use super::on_call_command::{Named, OnCallCommand, Turn};
use super::on_call_names::{Place, only, places, roster_named};
use super::roster_refusal::RosterRefusal;
use super::schedule::Plan;
use super::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable, date, moment, planned_window};
use super::words::Verb;
use crate::core::log::record::Event;
use crate::core::response::cover::LevelName;
use crate::core::response::cover::{COVERS_MAX, Cover};
use crate::core::response::effective::{Misfit, Unusable, effective, put, taken_over};
use crate::core::response::hand_over::SIGHT;
use crate::core::response::roster::{Change, Contact, Rosters, is_same};
use crate::core::response::roster_events::RosterEvent;
use crate::core::response::roster_file;
use crate::core::text::time::{first_shown, spoken_with_weekday};

/// How many turns of others one cover may take the place of.
const TURNS_MAX: usize = 10;

/// A time from and until.
type Time = (Timestamp, Timestamp);

impl Context<'_> {
    pub(crate) fn on_call_events(&self, command: &OnCallCommand) -> Result<Vec<Event>, Stop> {
        let events = match command {
            OnCallCommand::Set { text } => self.set_rosters(text).map_err(Stop::from),
            OnCallCommand::Cover { who, plan, when, why } => self.cover(who, plan, when, why),
            OnCallCommand::Swap { who, given, taken, when } => self.swap(who, *given, *taken, when),
            OnCallCommand::Uncover { number } => {
                self.uncover(*number).map(|event| vec![event]).map_err(Stop::from)
            }
        };
        Ok(events?.into_iter().map(Event::Roster).collect())
    }

    /// Whether a question about a roster, or about all, can be answered.
    pub(crate) fn check_roster(&self, name: Option<&str>) -> Result<(), RosterRefusal> {
        let rosters = self.rosters()?;
        name.map_or(Ok(()), |name| roster_named(&rosters, name).map(drop))
    }

    pub(crate) fn rosters(&self) -> Result<Rosters, RosterRefusal> {
        match effective(&self.state.rosters) {
            Ok(effective) => Ok(effective.rosters),
            Err(Unusable::NotSet) => Err(RosterRefusal::NotSet),
            Err(Unusable::Wrong(error)) => Err(RosterRefusal::Wrong { error, set: true }),
        }
    }

    /// Now, as rosters have it: to the second.
    fn second(&self) -> Timestamp {
        to_second(self.time())
    }

    fn set_rosters(&self, text: &Arc<str>) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let state = &self.state.rosters;
        if state.text.as_ref() == Some(text) {
            return Err(RosterRefusal::SetAlready);
        }
        let rosters =
            roster_file::parse(text).map_err(|error| RosterRefusal::Wrong { error, set: false })?;
        let covers = taken_over(&rosters, &state.covers);
        let is_there = |name: &LevelName| places(&rosters).any(|place| place.name() == *name);
        let told = state.told.iter().map(|told| told.level.clone());
        let levels: Vec<LevelName> = told.filter(|name| !is_there(name)).collect();
        let any = !covers.is_empty() || !levels.is_empty();
        let evicted = any.then_some(RosterEvent::Evicted { covers, levels });
        let set = RosterEvent::Set { text: Arc::clone(text) };
        Ok([set].into_iter().chain(evicted).collect())
    }

    /// The person alone is on call for a time: whoever would be otherwise is not.
    fn cover(
        &self,
        who: &Named,
        plan: &Plan,
        when: &str,
        why: &str,
    ) -> Result<Vec<RosterEvent>, Stop> {
        let rosters = self.rosters()?;
        let (places, person) = self.place_and_person(&rosters, who)?;
        let name = &person.name;
        let place = only(&places, Verb::Cover, || format!("{name} {when}"))?;
        let time = self.cover_time(plan)?;
        let mut changes = Vec::new();
        for part in place.level.parts(time.0, time.1) {
            let in_part = stand_in(name, &part.people).into_iter();
            changes.extend(in_part.map(|change| ((part.start, part.end), change)));
        }
        if changes.is_empty() {
            let (name, place) = (name.clone(), place.words());
            return Err(RosterRefusal::OnCallAnyway { name, place }.into());
        }
        if changes.len() > TURNS_MAX {
            return Err(RosterRefusal::TooManyTurns(changes.len()).into());
        }
        Ok(self.covered(&rosters, place, changes, why)?)
    }

    fn cover_time(&self, plan: &Plan) -> Result<Time, RosterRefusal> {
        let (now, zone) = (self.second(), &self.config.time_zone);
        let window = planned_window(plan, now, zone).map_err(RosterRefusal::Time)?;
        // What has been stays as it was.
        let (start, end) = (to_second(window.from).max(now), to_second(window.until));
        if end <= start {
            let until = spoken_with_weekday(end, zone);
            return Err(RosterRefusal::Time(Unplannable::EndPast(until)));
        }
        Ok((start, end))
    }

    /// The events of changes that fit among those that there are.
    fn covered(
        &self,
        rosters: &Rosters,
        place: Place,
        changes: Vec<(Time, Change)>,
        why: &str,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let state = &self.state.rosters;
        let now = self.second();
        let ahead = state.covers.iter().filter(|cover| cover.end > now).count();
        if ahead + changes.len() > COVERS_MAX {
            return Err(RosterRefusal::TooManyCovers);
        }
        let by = &self.cause.by.name;
        let by = if by.is_empty() { "Somebody" } else { by };
        let mut next = rosters.clone();
        let mut events = Vec::new();
        for (number, ((start, end), change)) in (state.covers_ever + 1..).zip(changes) {
            let (level, by, why) = (place.name(), by.to_owned(), why.to_owned());
            let cover = Cover { number, level, start, end, change, by, why };
            put(&mut next, &cover).map_err(|misfit| self.misfit(misfit, place))?;
            events.push(RosterEvent::Covered { cover });
        }
        Ok(events)
    }

    fn misfit(&self, misfit: Misfit, place: Place) -> RosterRefusal {
        let name = place.words();
        match misfit {
            Misfit::Overlaps { name, start, end } => {
                let is_it = |cover: &&Cover| {
                    (cover.start, cover.end, &cover.level) == (start, end, &place.name())
                        && cover.change.people().any(|person| is_same(person, &name))
                };
                let number = self.state.rosters.covers.iter().find(is_it);
                let (time, number) = (self.spoken((start, end)), number.map(|cover| cover.number));
                RosterRefusal::Overlaps { name, time, number }
            }
            // The rosters have what the names were found in.
            Misfit::Roster | Misfit::Level | Misfit::Person(_) => {
                RosterRefusal::UnknownPlace { name, nearest: None, known: Vec::new() }
            }
        }
    }

    fn spoken(&self, (start, end): Time) -> String {
        let zone = &self.config.time_zone;
        let [start, end] = [start, end].map(|at| spoken_with_weekday(at, zone));
        format!("{start} to {end}")
    }

    /// Each takes the other's turn: the sender's is the one that was named, the other one's either
    /// that too, or the first that begins when the sender's ends or later.
    fn swap(
        &self,
        who: &Named,
        given: Turn,
        taken: Option<Turn>,
        when: &str,
    ) -> Result<Vec<RosterEvent>, Stop> {
        let rosters = self.rosters()?;
        let me = self.sender_contact(&rosters)?;
        let (places, other) = self.place_and_person(&rosters, who)?;
        if me.name == other.name {
            return Err(RosterRefusal::SwapWithSelf.into());
        }
        let mine: Vec<(Place, Time)> = self.turns(&places, me, given)?;
        let here: Vec<Place> = mine.iter().map(|(place, _)| *place).collect();
        if here.is_empty() {
            return Err(self.no_turn(&places, me, true, Some(given)).into());
        }
        let place = only(&here, Verb::Swap, || format!("with {} {when}", other.name))?;
        let mine = mine.first().map_or((Timestamp::MAX, Timestamp::MAX), |(_, time)| *time);
        let people = place.level.on_call(mine.0).people;
        if people.contains(&other.name.as_str()) {
            return Err(RosterRefusal::Together(other.name.clone()).into());
        }
        let theirs = match taken {
            Some(turn) => self.turns(&[place], other, turn)?.first().map(|(_, time)| *time),
            None => next_turn(place, mine.1, |people| {
                people.contains(&other.name.as_str()) && !people.contains(&me.name.as_str())
            }),
        };
        let theirs = theirs.ok_or_else(|| self.no_turn(&[place], other, false, taken))?;
        for (start, end) in [mine, theirs] {
            if end.duration_since(start).as_hours() > LENGTH_HOURS_MAX {
                return Err(RosterRefusal::Time(Unplannable::TooLong).into());
            }
        }
        let change = |removed: &Contact, added: &Contact| Change::Replace {
            removed: removed.name.clone(),
            added: added.name.clone(),
        };
        let changes = vec![(mine, change(me, other)), (theirs, change(other, me))];
        let why = format!("{} and {} swap", me.name, other.name);
        Ok(self.covered(&rosters, place, changes, &why)?)
    }

    /// Somebody's turns at levels by a time in them, without what of them has been.
    fn turns<'a>(
        &self,
        places: &[Place<'a>],
        person: &Contact,
        turn: Turn,
    ) -> Result<Vec<(Place<'a>, Time)>, RosterRefusal> {
        let (now, zone) = (self.second(), &self.config.time_zone);
        let (at, until) = match turn {
            Turn::At(typed) => (moment(typed, now, zone).map_err(RosterRefusal::Time)?, None),
            Turn::On(day) => {
                let date = date(day, now, zone).map_err(RosterRefusal::Time)?;
                let tomorrow = date.checked_add(1.day()).unwrap_or(date);
                let [at, until] = [date, tomorrow]
                    .map(|date| first_shown(date.to_datetime(civil::Time::MIN), zone));
                (at, Some(until))
            }
        };
        let ahead = SignedDuration::from_hours(AHEAD_HOURS_MAX);
        if at.duration_since(now) > ahead {
            return Err(RosterRefusal::Time(Unplannable::TooFar));
        }
        // What is over is nobody's turn, however long ago.
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

    fn no_turn(
        &self,
        places: &[Place],
        person: &Contact,
        is_sender: bool,
        turn: Option<Turn>,
    ) -> RosterRefusal {
        let (now, zone) = (self.second(), &self.config.time_zone);
        let is_theirs = |people: &[&str]| people.contains(&person.name.as_str());
        // Of turns that could be swapped there is none, or the first would have been taken.
        let asked = places.iter().filter(|_| turn.is_some());
        let next = asked.filter_map(|place| next_turn(*place, now, is_theirs)).min();
        let at = turn.and_then(|turn| match turn {
            Turn::At(typed) => {
                let at = moment(typed, now, zone).ok();
                at.map(|at| format!("at {}", spoken_with_weekday(at, zone)))
            }
            Turn::On(day) => {
                let date = date(day, now, zone).ok();
                date.map(|date| date.strftime("on %a %Y-%m-%d").to_string())
            }
        });
        let (name, next) = (person.name.clone(), next.map(|time| self.spoken(time)));
        RosterRefusal::NoTurn { name, is_sender, at, next }
    }

    fn uncover(&self, number: u32) -> Result<RosterEvent, RosterRefusal> {
        let (state, now) = (&self.state.rosters, self.second());
        let Some(cover) = state.cover(number) else {
            let ahead = state.covers.iter().filter(|cover| cover.end > now);
            let told = |cover: &Cover| {
                let time = self.spoken((cover.start, cover.end));
                format!("{}: {} {}, {time}", cover.number, cover.level.roster, cover.level.level)
            };
            return Err(RosterRefusal::NoSuchCover { number, known: ahead.map(told).collect() });
        };
        if cover.end <= now {
            return Err(RosterRefusal::CoverOver(number));
        }
        Ok(RosterEvent::Uncovered { cover: cover.clone(), end: cover.start.max(now) })
    }
}

fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The first turn from a moment on for which something is true of those on call.
fn next_turn(place: Place, from: Timestamp, is_it: impl Fn(&[&str]) -> bool) -> Option<Time> {
    let until = from.checked_add(SIGHT).ok()?;
    let mut shifts = place.level.shifts(from, until).filter(|shift| shift.start >= from);
    let shift = shifts.find(|shift| is_it(&shift.on_call.people))?;
    Some((shift.start, shift.end))
}

/// What makes one person alone of those on call.
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
