//! Effects: which components an incident affected, when, and how badly. The ledger books time as it
//! passes; once the past is corrected, the days that changed are computed again from effects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Impact, ImpactCorrection, Incident, Stage};

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
    pub(super) fn is_at(&self, at: Timestamp) -> bool {
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
