//! On-call hand-overs: recorded once, and announced in one message.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::commands::context::Context;
use crate::log::record::Event;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Notice, NoticeKind, Payload};
use crate::response::person::Person;
use crate::rosters::cover::LevelName;
use crate::rosters::effective::effective;
use crate::rosters::events::{HandOver, RosterEvent};
use crate::rosters::hand_over::{HandOverNotice, SIGHT, hand_overs};
use crate::rosters::roster::{Contact, Rosters};
use crate::text::time::short_with_zone;

/// The limit of levels in one notice.
const LEVELS_MAX: usize = 20;

impl Context<'_> {
    /// Hand-overs since the last recorded ones, with one notice for all of them. Waiting notices
    /// are replaced, because they may name somebody who is no longer on call.
    pub(super) fn hand_overs(&self) -> Vec<Event> {
        let state = &self.state.rosters;
        // Most pages have no rosters.
        let Ok(effective) = effective(state) else {
            return Vec::new();
        };
        let found = hand_overs(state, &effective.rosters, self.time());
        if found.is_empty() {
            return Vec::new();
        }
        let (skipped, unsent) = self.unsent_levels();
        let is_new = |level: &LevelName| found.iter().all(|hand_over| hand_over.level != *level);
        let repeated = unsent.into_iter().filter(is_new);
        let repeated = repeated.filter_map(|level| current(&effective.rosters, level, self.time()));
        let repeated: Vec<HandOver> = repeated.collect();
        let of = |hand_over| HandOverNotice::of(hand_over, &effective.rosters);
        let notices: Vec<HandOverNotice> = found.iter().chain(&repeated).map(of).collect();
        let notice = DeliveryEvent::notice(None, self.hand_over_notice(&notices));
        let recorded = found.into_iter().map(|hand_over| RosterEvent::HandedOver { hand_over });
        let deliveries = skipped.into_iter().chain([notice]).map(Event::Delivery);
        recorded.map(Event::Roster).chain(deliveries).collect()
    }

    /// Hand-over notices that nobody has begun to send, as skipped, with their levels.
    fn unsent_levels(&self) -> (Vec<DeliveryEvent>, BTreeSet<LevelName>) {
        let mut levels = BTreeSet::new();
        let mut skipped = Vec::new();
        for delivery in self.state.deliveries.waiting() {
            if let Payload::Notice(Notice { kind: NoticeKind::OnCall { levels: of }, .. }) =
                &delivery.what
                && delivery.claim.is_none()
                && delivery.gave_up.is_none()
            {
                levels.extend(of.iter().cloned());
                let why = "a later hand-over replaces it".to_owned();
                skipped.push(DeliveryEvent::Skipped { id: delivery.id, why });
            }
        }
        (skipped, levels)
    }

    fn hand_over_notice(&self, hand_overs: &[HandOverNotice]) -> Notice {
        let zone = &self.config.time_zone;
        let fact = |hand_over: &HandOverNotice| {
            let HandOverNotice { level, from, to, until } = hand_over;
            let until = until.map(|at| format!(" until {}", short_with_zone(at, zone)));
            let before =
                if from.is_empty() { String::new() } else { format!(", before: {}", names(from)) };
            let on_call = format!("{}{}{before}", names(to), until.unwrap_or_default());
            (format!("{} {}", level.roster, level.level), on_call)
        };
        let more = hand_overs.len().saturating_sub(LEVELS_MAX);
        let more = if more > 0 { format!(" There are {more} more.") } else { String::new() };
        let levels = hand_overs.iter().map(|hand_over| hand_over.level.clone()).collect();
        Notice {
            kind: NoticeKind::OnCall { levels },
            to: called(hand_overs),
            heading: format!("On call from {}", short_with_zone(self.time(), zone)),
            text: format!("Phone numbers, and who is next: `oncall`.{more}"),
            facts: hand_overs.iter().take(LEVELS_MAX).map(fact).collect(),
            link: None,
        }
    }
}

/// The people on call at a level, as they will be recorded.
fn current(rosters: &Rosters, name: LevelName, now: Timestamp) -> Option<HandOver> {
    let roster = rosters.rosters.iter().find(|roster| roster.name == name.roster)?;
    let level = roster.levels.iter().find(|level| level.name == name.level)?;
    let to: Vec<String> = level.on_call(now).people.into_iter().map(str::to_owned).collect();
    let until = now.checked_add(SIGHT).ok().and_then(|until| level.hand_over(now, until));
    let until = until.map(|next| next.at);
    (!to.is_empty()).then_some(HandOver { level: name, from: Vec::new(), to, until })
}

fn names(contacts: &[Contact]) -> String {
    let names: Vec<&str> = contacts.iter().map(|contact| contact.name.as_str()).collect();
    names.join(", ")
}

/// The people who are now on call, each once.
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
