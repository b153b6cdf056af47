//! Hand-overs: changes of the people on call since the channel was last notified.

use jiff::{SignedDuration, Timestamp};

use super::cover::LevelName;
use super::events::HandOver;
use super::roster::{Contact, Rosters};
use super::rota::is_same_people;
use super::state::RosterState;

/// Maximum distance of the next hand-over that is shown.
pub const SIGHT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Hand-overs to the people on call now, at most one per level however long ago the last one was
/// recorded. The start of a gap is not a hand-over.
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

/// A hand-over with the contact data of its people, ready to be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverNotice {
    pub level: LevelName,
    pub from: Vec<Contact>,
    pub to: Vec<Contact>,
    /// Time of the next hand-over.
    pub until: Option<Timestamp>,
}

impl HandOverNotice {
    /// Adds contact data from the rosters. A person who is no longer in them has only a name.
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
