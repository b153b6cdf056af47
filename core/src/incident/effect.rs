//! Effects: which components an incident affected, when, and how severely. The ledger normally
//! books time as it passes; after a correction of the past, the days concerned are recomputed from
//! effects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Impact, ImpactCorrection, Incident, Stage};

/// A period in which an incident affected the same components with the same impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    pub from: Timestamp,
    /// `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub impact: Impact,
    /// Component ids.
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
    /// Effects on components, in order. An incident that is off the page has none.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        if self.withdrawal.is_some() {
            return Vec::new();
        }
        let mut effects = self.stretches();
        effects.retain(|effect| !effect.components.is_empty());
        merged(effects)
    }

    /// Returns `true` if it had this impact throughout.
    #[must_use]
    pub fn has_always(&self, impact: Impact) -> bool {
        self.impact == impact && self.updates.iter().all(|update| update.impact == impact)
    }

    #[must_use]
    pub fn worst_impact(&self) -> Impact {
        self.stretches().iter().map(|effect| effect.impact).max().unwrap_or(self.impact)
    }

    fn stretches(&self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = Vec::new();
        // Index of the first effect since the incident was last opened.
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

/// Splits effects at the edges of a correction and applies its impact in between.
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

/// Joins adjacent effects with the same impact and components.
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
