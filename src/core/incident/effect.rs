//! Effects: which components an incident affected, when, and how badly. The ledger books time as it
//! passes; once the past is corrected, the days that changed are computed again from effects.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ledger::{Affected, Day, Ledger};
use super::model::{Impact, ImpactCorrection, Incident, Number, Stage};
use super::status::Status;

/// A stretch of time in which an incident affected the same components in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The impact.
    pub impact: Impact,
    /// Ids of the components.
    pub components: Vec<String>,
}

impl Effect {
    fn is_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    fn clip(&mut self, from: Timestamp, until: Option<Timestamp>) {
        self.from = self.from.max(from);
        self.until = [self.until, until].into_iter().flatten().min();
    }

    fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }
}

impl Incident {
    /// Its effects on components, in order. An incident that is off the page has none.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        if self.withdrawal.is_some() {
            return Vec::new();
        }
        let mut effects = self.stretches();
        effects.retain(|effect| !effect.components.is_empty());
        merged(effects)
    }

    /// Whether it had one impact all the time.
    #[must_use]
    pub fn has_always(&self, impact: Impact) -> bool {
        self.impact == impact && self.updates.iter().all(|update| update.impact == impact)
    }

    /// The worst impact that it ever had.
    #[must_use]
    pub fn worst_impact(&self) -> Impact {
        self.stretches().iter().map(|effect| effect.impact).max().unwrap_or(self.impact)
    }

    fn stretches(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = Vec::new();
        // Where what was opened last began.
        let mut opened = 0;
        for update in self.updates.iter().filter(|update| update.stage != Stage::PostMortem) {
            let at = if effects.is_empty() { self.opened } else { update.at };
            let end = if update.stage.is_end() { update.ended.unwrap_or(update.at) } else { at };
            for effect in effects.iter_mut().skip(opened) {
                effect.clip(effect.from, Some(end));
            }
            if update.stage.is_end() {
                opened = effects.len();
                continue;
            }
            let (impact, components) = (update.impact, update.components.clone());
            effects.push(Effect { from: at, until: None, impact, components });
        }
        let (began, ends) = (self.began(), self.window.map(|window| window.until));
        for effect in &mut effects {
            effect.clip(began, ends);
        }
        for correction in &self.impact_corrections {
            effects = corrected(&effects, correction);
        }
        effects.retain(|effect| !effect.is_empty());
        effects
    }
}

/// Effects with another impact for a time.
fn corrected(effects: &[Effect], correction: &ImpactCorrection) -> Vec<Effect> {
    let ImpactCorrection { impact, from, until } = *correction;
    let parts = effects.iter().flat_map(|effect| {
        let (mut before, mut within, mut after) = (effect.clone(), effect.clone(), effect.clone());
        before.clip(effect.from, Some(from));
        within.clip(from, Some(until));
        within.impact = impact;
        after.clip(until, None);
        [before, within, after]
    });
    parts.filter(|effect| !effect.is_empty()).collect()
}

/// Neighbours that say the same as one.
fn merged(effects: Vec<Effect>) -> Vec<Effect> {
    let mut merged: Vec<Effect> = Vec::new();
    for effect in effects {
        match merged.last_mut() {
            Some(last)
                if last.until == Some(effect.from)
                    && last.impact == effect.impact
                    && last.components == effect.components =>
            {
                last.until = effect.until;
            }
            _ => merged.push(effect),
        }
    }
    merged
}

impl Status {
    /// The effects of an incident, those of evicted ones included.
    pub(super) fn effects_of(&self, number: Number) -> Vec<Effect> {
        match self.incident(number) {
            Some(incident) => incident.effects(),
            None => self.evicted_effects.get(&number).cloned().unwrap_or_default(),
        }
    }

    /// The effects of every incident and maintenance that touch a day of the ledger.
    fn all_effects(&self) -> Vec<Effect> {
        let known = self.kept().chain(self.unlisted.values().map(AsRef::as_ref));
        let numbers = known.map(|incident| incident.number);
        let numbers: BTreeSet<Number> =
            numbers.chain(self.evicted_effects.keys().copied()).collect();
        numbers.into_iter().flat_map(|number| self.effects_of(number)).collect()
    }

    /// Keeps the effects of an incident that is about to be evicted, while the ledger has their days.
    pub(super) fn keep_effects(&mut self, incident: &Incident) {
        let mut effects = incident.effects();
        effects.retain(|effect| self.ledger.reaches(effect));
        if effects.is_empty() {
            self.evicted_effects.remove(&incident.number);
        } else {
            self.evicted_effects.insert(incident.number, effects);
        }
    }

    /// Drops the effects of evicted incidents whose days the ledger no longer has.
    pub(super) fn prune_effects(&mut self) {
        let ledger = &self.ledger;
        self.evicted_effects.retain(|_, effects| effects.iter().any(|one| ledger.reaches(one)));
    }

    /// Computes the days again that the effects `changed` touch.
    pub(super) fn restate(&mut self, changed: &[Effect]) {
        let effects = self.all_effects();
        self.ledger.restate(&effects, changed, self.at);
    }
}

impl Ledger {
    /// Whether any part of an effect is on a day of the ledger.
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

/// Books a day again. At any moment a component counts once, under the worst impact.
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
