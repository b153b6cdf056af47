//! Hand-overs: who is on call that was not when the channel was told last.

use jiff::{SignedDuration, Timestamp};

use super::cover::LevelName;
use super::events::HandOver;
use super::roster::{Contact, Rosters};
use super::rota::is_same_people;
use super::state::RosterState;

/// How far ahead the next change is looked for.
pub const SIGHT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The hand-overs since those that were recorded last. However long ago that was, a level has one
/// at most: the one to those who are on call now. A time without anybody is none, for nobody takes
/// over.
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

/// A hand-over as it is announced, with how those are reached whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverNotice {
    /// At which level of which roster.
    pub level: LevelName,
    /// Those who were on call last.
    pub from: Vec<Contact>,
    /// Those who are.
    pub to: Vec<Contact>,
    /// When the next change is due.
    pub until: Option<Timestamp>,
}

impl HandOverNotice {
    /// With what the rosters say of the people. Somebody whom they name no longer has a name alone.
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
