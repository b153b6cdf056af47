//! Roster state and the fold of its events, which knows no limits and reads nothing else.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cover::Cover;
use super::cover::LevelName;
use super::events::{HandOver, RosterEvent};

/// The roster file, and everything changed in the channel since it was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RosterState {
    /// The file as written; `None` until one is set. Shared, so that cloning the state does not
    /// copy it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Arc<str>>,
    /// Ordered by number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Cover>,
    /// Number of covers ever made, which is the last one's number.
    pub covers_ever: u32,
    /// The people last announced in the channel, one entry per level.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Announced>,
}

/// The people last announced for a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    pub level: LevelName,
    /// Names; never empty.
    pub people: Vec<String>,
}

impl RosterState {
    #[must_use]
    pub fn cover(&self, number: u32) -> Option<&Cover> {
        self.covers.iter().find(|cover| cover.number == number)
    }

    /// Returns `true` if no file was ever set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_none()
    }

    /// Folds an event; `None` if it does not fit.
    #[must_use]
    pub fn apply(&mut self, event: &RosterEvent) -> Option<()> {
        match event {
            RosterEvent::Set { text } => self.text = Some(Arc::clone(text)),
            RosterEvent::Covered { cover } => {
                let number = self.covers_ever.checked_add(1)?;
                (cover.number == number).then_some(())?;
                self.covers_ever = number;
                self.covers.push(cover.clone());
            }
            RosterEvent::Uncovered { cover, end } => self.uncover(cover.number, *end)?,
            RosterEvent::HandedOver { hand_over: HandOver { level, to, .. } } => {
                let told = Announced { level: level.clone(), people: to.clone() };
                match self.told.iter_mut().find(|known| known.level == *level) {
                    Some(known) => *known = told,
                    None => self.told.push(told),
                }
            }
            RosterEvent::Evicted { covers, levels } => {
                for number in covers {
                    let place = self.covers.iter().position(|cover| cover.number == *number)?;
                    self.covers.remove(place);
                }
                for level in levels {
                    let place = self.told.iter().position(|told| told.level == *level)?;
                    self.told.remove(place);
                }
            }
        }
        Some(())
    }

    /// Ends a cover. The past part of it stays, so that nobody appears never to have been on call.
    fn uncover(&mut self, number: u32, end: Timestamp) -> Option<()> {
        let place = self.covers.iter().position(|cover| cover.number == number)?;
        let cover = self.covers.get_mut(place)?;
        cover.end = end.min(cover.end);
        if cover.end <= cover.start {
            self.covers.remove(place);
        }
        Some(())
    }
}
