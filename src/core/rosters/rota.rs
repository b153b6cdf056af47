//! Who is on call when: exact to the second, whatever the clocks do.

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

use super::roster::{Change, Layer, Level, Override, TurnLength, Window};
use crate::core::text::time::first_shown;

/// How far a day may be from the next one on which a window begins: one that a zone skipped may
/// have been in between.
const WINDOW_DAYS_MAX: i64 = 15;
/// The last moment with another behind it.
const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;

/// The same people on call, in the same turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift<'a> {
    /// Since when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// Who and why.
    pub on_call: OnCall<'a>,
}

/// Who is on call at one level at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnCall<'a> {
    /// Their names; nobody where it is empty.
    pub people: Vec<&'a str>,
    /// The turns that this comes from: each by its layer's place and its own number.
    turns: Vec<(usize, i64)>,
    /// Whether turns of several layers bring more people together than any of them has.
    pub is_overlap: bool,
}

/// The same people on call, in whatever turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Since when, not before what was asked for.
    pub start: Timestamp,
    /// Until when, not behind what was asked for.
    pub end: Timestamp,
    /// Their names; nobody where it is empty.
    pub people: Vec<&'a str>,
}

/// The next change of who is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver<'a> {
    /// When.
    pub at: Timestamp,
    /// Who is on call from then on; nobody where it is empty.
    pub to: Vec<&'a str>,
}

impl Level {
    /// Who is on call at a moment.
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

    /// The shift at a moment and all that follow, each from its true beginning to its true end.
    /// Where nothing changes any more, the last one ends at [`Timestamp::MAX`].
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

    /// The shifts of which any part lies in a period, whole.
    pub fn shifts(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Shift<'_>> {
        self.shifts_from(from).take_while(move |shift| shift.start < until)
    }

    /// A time in the parts in which the same people are on call.
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

    /// When others are on call the next time, looking no further than `until`.
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

    /// The first moment after `at` at which anybody may come or go.
    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let layers = self.layers.iter().filter_map(|layer| layer.next_change(at));
        let edges = self.overrides.iter().flat_map(|over| [over.start, over.end]);
        layers.chain(edges.filter(|edge| *edge > at)).min()
    }

    /// The last such moment that is not after `at`.
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

/// Whether the same people are on call, in whatever order.
pub(super) fn is_same_people(some: &[&str], others: &[&str]) -> bool {
    some.len() == others.len() && some.iter().all(|person| others.contains(person))
}

impl Override {
    fn apply<'a>(&'a self, people: &mut Vec<&'a str>) {
        match &self.change {
            Change::Add(added) => put(people, added),
            Change::Remove(removed) => people.retain(|person| person != removed),
            Change::Only(only) => {
                people.clear();
                people.push(only);
            }
            Change::Replace { removed, added } => {
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
    /// When it begins and ends to count.
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

    /// When a window that begins so many days after that of `at` opens and closes, if it does.
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

    /// When a turn begins: number 0 at the anchor.
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

    /// The number of the turn at a moment.
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
        // Right but where clocks were put back over the beginning of a turn, or by a fraction of a
        // second.
        let mut number = passed.as_secs().div_euclid(turn.max(1));
        while self.start_of_turn(number) > at {
            number -= 1;
        }
        while self.start_of_turn(number + 1) <= at.min(LAST) {
            number += 1;
        }
        number
    }

    /// What a clock in the zone has moved on by, as if none were ever put forward or back.
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
            // In the order of time, so that the first is the next.
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
