//! Hand-overs: the people on call who were not when the channel last heard of it.

use jiff::{SignedDuration, Timestamp};

use super::cover::LevelName;
use super::events::HandOver;
use super::roster::{Contact, Rosters};
use super::rota::is_same_people;
use super::state::RosterState;

/// How far ahead the next change is looked for.
pub const SIGHT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The hand-overs since those that were recorded last, at most one for each level however long ago
/// that was: to the people who are on call now. Nobody taking over is not a hand-over.
#[must_use]
pub fn hand_overs(state: &RosterState, rosters: &Rosters, now: Timestamp) -> Vec<HandOver> {
    let mut found = Vec::new();
    for roster in &rosters.rosters {
        for level in &roster.levels {
            let name = LevelName { roster: roster.name.clone(), level: level.name.clone() };
            let told = state.told.iter().find(|told| told.level == name);
            let from = told.map_or(&[][..], |told| &told.people);
            let to = level.on_call(now).people;
            let before: Vec<&str> = from.iter().map(String::as_str).collect();
            if to.is_empty() || is_same_people(&before, &to) {
                continue;
            }
            let next = now.checked_add(SIGHT).ok().and_then(|until| level.hand_over(now, until));
            found.push(HandOver {
                level: name,
                from: from.to_vec(),
                to: to.into_iter().map(str::to_owned).collect(),
                until: next.map(|next| next.at),
            });
        }
    }
    found
}

/// A hand-over as it is announced, with its people's contact data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverNotice {
    /// At which level of which roster.
    pub level: LevelName,
    /// The people who were on call before.
    pub from: Vec<Contact>,
    /// The people who are on call now.
    pub to: Vec<Contact>,
    /// When the next change is due.
    pub until: Option<Timestamp>,
}

impl HandOverNotice {
    /// With the rosters' contact data. Somebody whom they no longer name keeps only a name.
    #[must_use]
    pub fn of(hand_over: &HandOver, rosters: &Rosters) -> Self {
        let contacts = |names: &[String]| -> Vec<Contact> {
            let known = |name: &String| rosters.contact(name).cloned();
            names.iter().map(|name| known(name).unwrap_or_else(|| Contact::named(name))).collect()
        };
        Self {
            level: hand_over.level.clone(),
            from: contacts(&hand_over.from),
            to: contacts(&hand_over.to),
            until: hand_over.until,
        }
    }
}
