//! Recomputes the component time of days from effects after a correction of the past.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::effect::Effect;
use super::ledger::{Affected, Day, Ledger};
use super::model::{Incident, Number};
use super::status::Status;

impl Status {
    /// Effects of an incident, including those kept for an evicted one.
    pub(super) fn effects_of(&self, number: Number) -> Vec<Effect> {
        match self.incident(number) {
            Some(incident) => incident.effects(),
            None => self.evicted_effects.get(&number).cloned().unwrap_or_default(),
        }
    }

    /// Effects of every incident and maintenance that may reach into the ledger.
    fn all_effects(&self) -> Vec<Effect> {
        let known = self.kept().chain(self.unlisted.values().map(AsRef::as_ref));
        let numbers = known.map(|incident| incident.number);
        let numbers: BTreeSet<Number> =
            numbers.chain(self.evicted_effects.keys().copied()).collect();
        numbers.into_iter().flat_map(|number| self.effects_of(number)).collect()
    }

    /// Keeps the effects of an incident that is about to be evicted, if they reach into the ledger.
    pub(super) fn keep_effects(&mut self, incident: &Incident) {
        let mut effects = incident.effects();
        effects.retain(|effect| self.ledger.reaches(effect));
        if effects.is_empty() {
            self.evicted_effects.remove(&incident.number);
        } else {
            self.evicted_effects.insert(incident.number, effects);
        }
    }

    /// Drops effects of evicted incidents that no longer reach into the ledger.
    pub(super) fn prune_effects(&mut self) {
        let ledger = &self.ledger;
        self.evicted_effects.retain(|_, effects| effects.iter().any(|one| ledger.reaches(one)));
    }

    /// Recomputes the days that the effects `changed` touch.
    pub(super) fn restate(&mut self, changed: &[Effect]) {
        let effects = self.all_effects();
        self.ledger.restate(&effects, changed, self.at);
    }
}

impl Ledger {
    /// Returns `true` if any part of the effect is on a day of the ledger.
    fn reaches(&self, effect: &Effect) -> bool {
        let first = self.days().front();
        first.is_some_and(|day| effect.until.is_none_or(|until| until > day.began))
    }

    fn restate(&mut self, effects: &[Effect], changed: &[Effect], now: Timestamp) {
        let ends: Vec<Timestamp> =
            self.days().iter().skip(1).map(|day| day.began).chain([now]).collect();
        for (day, end) in self.days_mut().zip(ends) {
            let touches = |effect: &&Effect| {
                effect.from < end && effect.until.is_none_or(|until| until > day.began)
            };
            if changed.iter().any(|effect| touches(&effect)) {
                let effects: Vec<&Effect> = effects.iter().filter(touches).collect();
                restate_day(day, end, &effects);
            }
        }
    }
}

/// Books a day again. At any moment a component counts once, under the most severe impact.
fn restate_day(day: &mut Day, end: Timestamp, effects: &[&Effect]) {
    day.affected.clear();
    let edges = effects.iter().flat_map(|effect| [Some(effect.from), effect.until]).flatten();
    let mut cuts: BTreeSet<Timestamp> =
        edges.filter(|cut| day.began < *cut && *cut < end).collect();
    cuts.insert(end);
    let mut start = day.began;
    for cut in cuts {
        let on = effects.iter().filter(|effect| effect.is_at(start));
        let on =
            on.flat_map(|effect| effect.components.iter().map(|id| (id.as_str(), effect.impact)));
        Affected::book(&mut day.affected, on, start, cut);
        start = cut;
    }
}
