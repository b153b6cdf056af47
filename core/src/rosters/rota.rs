//! Computes who is on call at any time, exact to the second across clock changes.

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

use super::roster::{Layer, Level, Override, OverrideChange, TurnLength, Window};
use crate::text::time::first_shown;

/// Maximum distance to the next day on which a window starts, in days: two weeks if the zone skipped
/// the day in between, plus one.
const WINDOW_DAYS_MAX: i64 = 15;
/// Latest time that still has a successor.
const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;

/// A period in which the same people are on call in the same turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift<'a> {
    pub start: Timestamp,
    pub end: Timestamp,
    pub on_call: OnCall<'a>,
}

/// The people on call at one level at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnCall<'a> {
    /// Names; empty if nobody is on call.
    pub people: Vec<&'a str>,
    /// Turns that they come from: index of the layer and number of the turn.
    turns: Vec<(usize, i64)>,
    /// Layers of the same order put more people on call together than any of them has.
    pub is_overlap: bool,
}

/// A period in which the same people are on call, in whatever turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Not before the requested start.
    pub start: Timestamp,
    /// Not after the requested end.
    pub end: Timestamp,
    /// Names; empty if nobody is on call.
    pub people: Vec<&'a str>,
}

/// The next change of the people on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver<'a> {
    pub at: Timestamp,
    /// Names; empty if nobody is on call from then on.
    pub to: Vec<&'a str>,
}

impl Level {
    #[must_use]
    pub fn on_call(&self, at: Timestamp) -> OnCall<'_> {
        let active = || self.layers.iter().enumerate().filter(|(_, layer)| layer.is_active(at));
        let order = active().map(|(_, layer)| layer.order).max();
        let mut on_call = OnCall::default();
        let mut most = 0;
        for (place, layer) in active().filter(|(_, layer)| Some(layer.order) == order) {
            let number = layer.number_at(at);
            let people = layer.people(number);
            on_call.turns.push((place, number));
            most = people.len().max(most);
            for person in people {
                put(&mut on_call.people, person);
            }
        }
        on_call.is_overlap = on_call.people.len() > most;
        for over in self.overrides.iter().filter(|over| over.start <= at && at < over.end) {
            over.apply(&mut on_call.people);
        }
        on_call
    }

    /// The shift at a moment and all that follow, each with its actual start and end. If nothing
    /// changes any more, the last one ends at [`Timestamp::MAX`].
    pub fn shifts_from(&self, at: Timestamp) -> impl Iterator<Item = Shift<'_>> {
        let mut start = Some(self.start_of_shift(at));
        std::iter::from_fn(move || {
            let begun = start?;
            let on_call = self.on_call(begun);
            let mut end = begun;
            loop {
                let Some(next) = self.next_change(end) else {
                    start = None;
                    return Some(Shift { start: begun, end: Timestamp::MAX, on_call });
                };
                end = next;
                if self.on_call(end) != on_call {
                    start = Some(end);
                    return Some(Shift { start: begun, end, on_call });
                }
            }
        })
    }

    /// Every shift that overlaps a period, at its full length.
    pub fn shifts(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Shift<'_>> {
        self.shifts_from(from).take_while(move |shift| shift.start < until)
    }

    /// A period, split wherever the people on call change.
    #[must_use]
    pub fn parts(&self, from: Timestamp, until: Timestamp) -> Vec<Part<'_>> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        for shift in self.shifts(from, until) {
            let (start, end) = (shift.start.max(from), shift.end.min(until));
            let people = shift.on_call.people;
            match parts.last_mut() {
                Some(last) if is_same_people(&last.people, &people) => last.end = end,
                _ => parts.push(Part { start, end, people }),
            }
        }
        parts
    }

    /// The next change of the people on call, searched for up to `until`.
    #[must_use]
    pub fn hand_over(&self, at: Timestamp, until: Timestamp) -> Option<HandOver<'_>> {
        let now = self.on_call(at);
        let mut shifts = self.shifts(at, until);
        let next = shifts.find(|shift| !is_same_people(&shift.on_call.people, &now.people))?;
        Some(HandOver { at: next.start, to: next.on_call.people })
    }

    fn start_of_shift(&self, at: Timestamp) -> Timestamp {
        let on_call = self.on_call(at);
        let mut start = at;
        while let Some(change) = self.last_change(start) {
            start = change;
            let Ok(before) = start.checked_sub(SignedDuration::from_nanos(1)) else {
                return start;
            };
            if self.on_call(before) != on_call {
                return start;
            }
            start = before;
        }
        Timestamp::MIN
    }

    /// The first moment after `at` at which anyone may come or go.
    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let layers = self.layers.iter().filter_map(|layer| layer.next_change(at));
        let edges = self.overrides.iter().flat_map(|over| [over.start, over.end]);
        layers.chain(edges.filter(|edge| *edge > at)).min()
    }

    /// The last moment up to and including `at` at which anyone may come or go.
    fn last_change(&self, at: Timestamp) -> Option<Timestamp> {
        let layers = self.layers.iter().filter_map(|layer| layer.last_change(at));
        let edges = self.overrides.iter().flat_map(|over| [over.start, over.end]);
        layers.chain(edges.filter(|edge| *edge <= at)).max()
    }
}

fn put<'a>(people: &mut Vec<&'a str>, person: &'a str) {
    if !people.contains(&person) {
        people.push(person);
    }
}

/// Returns `true` if both have the same people, in any order.
pub(super) fn is_same_people(some: &[&str], others: &[&str]) -> bool {
    some.len() == others.len() && some.iter().all(|person| others.contains(person))
}

impl Override {
    fn apply<'a>(&'a self, people: &mut Vec<&'a str>) {
        match &self.change {
            OverrideChange::Add(added) => put(people, added),
            OverrideChange::Remove(removed) => people.retain(|person| person != removed),
            OverrideChange::Only(only) => {
                people.clear();
                people.push(only);
            }
            OverrideChange::Replace { removed, added } => {
                let place = people.iter().position(|person| person == removed);
                if people.contains(&added.as_str()) {
                    people.retain(|person| person != removed);
                } else if let Some(person) = place.and_then(|place| people.get_mut(place)) {
                    *person = added;
                }
            }
        }
    }
}

impl Layer {
    /// Start and end of its validity.
    fn bounds(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let at = |time: Option<DateTime>| time.map(|time| first_shown(time, &self.zone));
        (at(self.from), at(self.until))
    }

    fn is_active(&self, at: Timestamp) -> bool {
        let (from, until) = self.bounds();
        from.is_none_or(|from| from <= at)
            && until.is_none_or(|until| at < until)
            && self.window.as_ref().is_none_or(|window| {
                let mut near = (-1..=1).filter_map(|day| self.opening(window, at, day));
                near.any(|(opens, closes)| opens <= at && at < closes)
            })
    }

    /// Opening and closing of the window that starts `day` days after the date of `at`; `None` if
    /// it does not start on that day.
    fn opening(&self, window: &Window, at: Timestamp, day: i64) -> Option<(Timestamp, Timestamp)> {
        let today = self.zone.to_datetime(at).date();
        let date = today.checked_add(day.days()).ok()?;
        if !window.days.contains(&date.weekday()) {
            return None;
        }
        let (from, to) = window.hours.unwrap_or((Time::midnight(), Time::midnight()));
        let last = if to <= from { date.tomorrow().ok()? } else { date };
        let moment = |time: DateTime| first_shown(time, &self.zone);
        Some((moment(date.to_datetime(from)), moment(last.to_datetime(to))))
    }

    fn people(&self, number: i64) -> impl ExactSizeIterator<Item = &str> {
        let count = i64::try_from(self.turns.len()).unwrap_or(i64::MAX).max(1);
        let place = usize::try_from(number.rem_euclid(count)).unwrap_or_default();
        self.turns.get(place).map_or(&[][..], Vec::as_slice).iter().map(String::as_str)
    }

    /// Start of a turn; number 0 starts at the anchor.
    fn start_of_turn(&self, number: i64) -> Timestamp {
        let limit = if number < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let days = match self.turn {
            TurnLength::Hours(hours) => {
                let seconds = number.saturating_mul(i64::from(hours) * HOUR_SECONDS);
                let anchor = first_shown(self.anchor, &self.zone);
                return anchor.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(limit);
            }
            TurnLength::Days(days) => i64::from(days),
            TurnLength::Weeks(weeks) => i64::from(weeks) * 7,
        };
        let span = Span::new().try_days(number.saturating_mul(days));
        let start = span.and_then(|span| self.anchor.checked_add(span));
        start.map_or(limit, |start| first_shown(start, &self.zone))
    }

    fn number_at(&self, at: Timestamp) -> i64 {
        let (passed, turn) = match self.turn {
            TurnLength::Hours(hours) => {
                let anchor = first_shown(self.anchor, &self.zone);
                (at.duration_since(anchor), i64::from(hours) * HOUR_SECONDS)
            }
            TurnLength::Days(days) => (self.shown_since_anchor(at), i64::from(days) * DAY_SECONDS),
            TurnLength::Weeks(weeks) => {
                (self.shown_since_anchor(at), i64::from(weeks) * 7 * DAY_SECONDS)
            }
        };
        // A first estimate: clock changes and fractions of a second can make it wrong.
        let mut number = passed.as_secs().div_euclid(turn.max(1));
        while self.start_of_turn(number) > at {
            number -= 1;
        }
        while self.start_of_turn(number + 1) <= at.min(LAST) {
            number += 1;
        }
        number
    }

    /// Difference between the local times of `at` and the anchor, ignoring clock changes in
    /// between.
    fn shown_since_anchor(&self, at: Timestamp) -> SignedDuration {
        self.zone.to_datetime(at).duration_since(self.anchor)
    }

    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let (from, until) = self.bounds();
        if let Some(from) = from.filter(|from| at < *from) {
            return Some(from);
        }
        if until.is_some_and(|until| until <= at) {
            return None;
        }
        let window = self.window.as_ref().and_then(|window| {
            let days = (-1..=WINDOW_DAYS_MAX).filter_map(|day| self.opening(window, at, day));
            // Chronological, so that the first match is the next change.
            days.flat_map(|(opens, closes)| [opens, closes]).find(|edge| *edge > at)
        });
        let turn = self.start_of_turn(self.number_at(at) + 1);
        [Some(turn), window, until].into_iter().flatten().min()
    }

    fn last_change(&self, at: Timestamp) -> Option<Timestamp> {
        let (from, until) = self.bounds();
        if let Some(until) = until.filter(|until| *until <= at) {
            return Some(until);
        }
        if from.is_some_and(|from| at < from) {
            return None;
        }
        let window = self.window.as_ref().and_then(|window| {
            let days = (-WINDOW_DAYS_MAX..=1).rev();
            let days = days.filter_map(|day| self.opening(window, at, day));
            days.flat_map(|(opens, closes)| [closes, opens]).find(|edge| *edge <= at)
        });
        let turn = self.start_of_turn(self.number_at(at));
        [Some(turn), window, from].into_iter().flatten().max()
    }
}
