//! Notices that the next answer carries because they cannot be sent.

use super::delivery::obsolete;
use crate::commands::context::Context;
use crate::commands::on_call::reach::below_announcement;
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::draft::Draft;
use crate::log::record::{Event, Source};
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Delivery, DeliveryId, Notice, NoticeKind, Payload};

/// The limit of notices in one answer. The others wait for the next one.
const CARRIED_MAX: usize = 5;

impl Context<'_> {
    /// Notices to add to the answer for a record: those that could not be sent, or not before a
    /// person has repaired something; and without a channel, all waiting ones about the same
    /// incident or about none. Notices that the record makes obsolete are skipped.
    pub(super) fn carried(&self, draft: &Draft<'_>) -> Vec<DeliveryEvent> {
        let Context { state, config, .. } = *self;
        // At a terminal nobody of the channel would read them.
        if self.cause.source != Source::Message {
            return Vec::new();
        }
        let now = self.time();
        let mut about: Vec<Number> =
            draft.record().events.iter().filter_map(Event::number).collect();
        about.extend(state.opened_in_thread_of(self.cause));
        let is_meant = |delivery: &&Delivery| {
            let is_about = delivery.about.is_none_or(|number| about.contains(&number));
            let is_word = matches!(delivery.what, Payload::Notice(_));
            is_word && (delivery.unsendable().is_some() || delivery.claim.is_none() && is_about)
        };
        let mut carried = Vec::new();
        let mut left = CARRIED_MAX;
        for delivery in state.deliveries.waiting().filter(is_meant) {
            let id = delivery.id;
            let is_said = delivery.unsendable().is_some() || !config.notifies;
            if delivery.gave_up.is_none()
                && let Some(why) = obsolete(draft.state(), delivery)
            {
                carried.push(DeliveryEvent::Skipped { id, why: why.to_owned() });
            } else if is_said
                && delivery.gave_up.is_none()
                && state.deliveries.is_past(delivery, now)
            {
                let why = "no answer could carry it for a day".to_owned();
                carried.push(DeliveryEvent::Skipped { id, why });
            } else if is_said && delivery.from <= now && left > 0 {
                left -= 1;
                let link = link(delivery).cloned();
                carried.push(DeliveryEvent::Carried { id, said: said(delivery), link });
            }
        }
        carried
    }
}

/// An announcement that concerns everybody and cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The message that it is.
    pub id: DeliveryId,
    /// Its first line, with who is on call.
    pub line: String,
    /// Its link, with its words.
    pub link: Option<(String, String)>,
}

/// The announcements that an answer which records nothing shows as well. The next answer that
/// records something carries them whole, and ends them.
#[must_use]
pub fn announced(state: &State, config: &Config) -> Vec<Announcement> {
    let shown = |delivery: &Delivery| {
        let said = said(delivery);
        let on_call = below_announcement(&said, state, state.at, config);
        let line = said.lines().next().unwrap_or_default().trim_end_matches('.');
        let line = match on_call {
            Some(on_call) => format!("{line}. {on_call}"),
            None => line.to_owned(),
        };
        Announcement { id: delivery.id, line, link: link(delivery).cloned() }
    };
    waiting_announcements(state, config).map(shown).collect()
}

fn waiting_announcements<'a>(
    state: &'a State,
    config: &'a Config,
) -> impl Iterator<Item = &'a Delivery> {
    let is_shown = |delivery: &&Delivery| {
        let is_announcement = matches!(&delivery.what,
            Payload::Notice(notice) if notice.kind == NoticeKind::Announcement);
        let cannot_be_sent = delivery.unsendable().is_some() || !config.notifies;
        is_announcement && delivery.about.is_none() && delivery.claim.is_none() && cannot_be_sent
    };
    state.deliveries.waiting().filter(is_shown).take(CARRIED_MAX)
}

fn link(delivery: &Delivery) -> Option<&(String, String)> {
    match &delivery.what {
        Payload::Notice(notice) => notice.link.as_ref(),
        Payload::Step { .. } => None,
    }
}

/// A notice as text of an answer.
fn said(delivery: &Delivery) -> String {
    let Payload::Notice(Notice { to, heading, text, facts, .. }) = &delivery.what else {
        return delivery.what.heading();
    };
    let names: Vec<&str> = to.iter().map(|person| person.name.as_str()).collect();
    let mut said = match delivery.unsendable() {
        Some(why) => format!("This could not be sent to the channel ({why}). "),
        None => String::new(),
    };
    if !names.is_empty() {
        said = format!("{said}For {}: ", names.join(", "));
    }
    said = format!("{said}{heading}\n{text}");
    for (title, value) in facts {
        said = format!("{said}\n{title}: {value}");
    }
    said
}
