//! Hand-overs on call: recorded once, and told to the channel.

use crate::core::commands::context::Context;
use crate::core::log::record::Event;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::outbox::model::{Kind, Notice};
use crate::core::response::person::Person;
use crate::core::rosters::effective::effective;
use crate::core::rosters::events::RosterEvent;
use crate::core::rosters::hand_over::{HandOverNotice, hand_overs};
use crate::core::rosters::roster::Contact;
use crate::core::text::time::spoken_with_weekday;

/// How many levels one notice has.
const LEVELS_MAX: usize = 20;

impl Context<'_> {
    /// What is to be recorded of those who are on call since the last hand-overs, and one notice of
    /// all of it.
    pub(super) fn hand_overs(&self) -> Vec<Event> {
        let state = &self.state.rosters;
        // Nothing is read where nothing was set: most pages have no rosters.
        let Ok(effective) = effective(state) else {
            return Vec::new();
        };
        let found = hand_overs(state, &effective.rosters, self.time());
        if found.is_empty() {
            return Vec::new();
        }
        let of = |found| HandOverNotice::of(found, &effective.rosters);
        let notices: Vec<HandOverNotice> = found.iter().map(of).collect();
        let notice = DeliveryEvent::notice(None, self.hand_over_notice(&notices));
        let recorded = found.into_iter().map(|hand_over| RosterEvent::HandedOver { hand_over });
        recorded.map(Event::Roster).chain([Event::Delivery(notice)]).collect()
    }

    fn hand_over_notice(&self, hand_overs: &[HandOverNotice]) -> Notice {
        let zone = &self.config.time_zone;
        let fact = |hand_over: &HandOverNotice| {
            let HandOverNotice { level, from, to, until } = hand_over;
            let until = until.map(|at| format!(" until {}", spoken_with_weekday(at, zone)));
            let before =
                if from.is_empty() { String::new() } else { format!(", before: {}", names(from)) };
            let told = format!("{}{}{before}", names(to), until.unwrap_or_default());
            (format!("{} {}", level.roster, level.level), told)
        };
        let more = hand_overs.len().saturating_sub(LEVELS_MAX);
        let more = if more > 0 { format!(" There are {more} more.") } else { String::new() };
        Notice {
            kind: Kind::HandOver,
            to: called(hand_overs),
            heading: format!("On call from {}", spoken_with_weekday(self.time(), zone)),
            text: format!("`oncall` tells how they are reached, and who is next.{more}"),
            facts: hand_overs.iter().take(LEVELS_MAX).map(fact).collect(),
            link: None,
        }
    }
}

fn names(contacts: &[Contact]) -> String {
    let names: Vec<&str> = contacts.iter().map(|contact| contact.name.as_str()).collect();
    names.join(", ")
}

/// Those who are on call from now on, each once.
fn called(hand_overs: &[HandOverNotice]) -> Vec<Person> {
    let mut called: Vec<Person> = Vec::new();
    for contact in hand_overs.iter().flat_map(|hand_over| &hand_over.to) {
        let id = contact.id.clone().or(contact.email.clone()).unwrap_or_default();
        let name = contact.name.clone();
        if called.iter().all(|person| person.name != name) {
            called.push(Person { id, name, teams_id: None });
        }
    }
    called
}
