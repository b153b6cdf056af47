//! Reminders that follow from the passing of time: a word to those outside is due or overdue, or
//! nobody has written anything down for long.

use jiff::{SignedDuration, Timestamp};

use crate::core::commands::context::Context;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::outbox::model::{Delivery, Kind, Notice, What};
use crate::core::response::model::{Reminder, Response, Visibility};
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::text::time::spoken;

impl Context<'_> {
    /// What is to be said now of incidents that are open, whoever sees them.
    pub(super) fn reminders(&self) -> Vec<DeliveryEvent> {
        let mut events = Vec::new();
        for response in self.state.responses.values() {
            for (reminder, since) in response.reminders(&self.config.cadence, self.time()) {
                events.extend(self.replaced(response, reminder));
                let notice = self.notice(response, reminder, since);
                events.push(DeliveryEvent::notice(Some(response.number), notice));
            }
        }
        events
    }

    /// Earlier reminders that the new one says as well.
    fn replaced(&self, response: &Response, new: Reminder) -> Vec<DeliveryEvent> {
        let same = |reminder| match new {
            Reminder::Nudge | Reminder::Overdue => reminder != Reminder::Silence,
            Reminder::Silence => reminder == Reminder::Silence,
        };
        let is_replaced = |delivery: &&Delivery| {
            let What::Notice(Notice { kind, .. }) = &delivery.what else {
                return false;
            };
            delivery.about == Some(response.number)
                && delivery.claim.is_none()
                && delivery.gave_up.is_none()
                && matches!(kind, Kind::Reminder { reminder, .. } if same(*reminder))
        };
        let replaced = self.state.deliveries.waiting().filter(is_replaced);
        let why = "a later reminder says more";
        replaced.map(|d| DeliveryEvent::Skipped { id: d.id, why: why.to_owned() }).collect()
    }

    fn notice(&self, response: &Response, reminder: Reminder, since: Timestamp) -> Notice {
        let Response { number, title, .. } = response;
        let kind = if response.visibility == Visibility::Drill { "Drill" } else { "Incident" };
        let now = self.time();
        let length = length(now.duration_since(since));
        let at = spoken(since, &self.config.time_zone);
        let speak = if response.is_public() {
            format!(
                "“update #{number}” puts a word on the page; “told #{number}” keeps what was said \
                 elsewhere."
            )
        } else {
            format!("“told #{number}” keeps what was said to whom; it is on no page.")
        };
        let (what, text) = match reminder {
            Reminder::Nudge => (
                format!("{length} without a word to those outside"),
                format!("The last one was at {at}. {speak}"),
            ),
            Reminder::Overdue => (
                format!("a word to those outside is overdue, {length} after the last"),
                format!("The last one was at {at}. {speak}"),
            ),
            Reminder::Silence => (
                format!("{length} without an entry in the timeline"),
                format!(
                    "The last one was at {at}. Ask {} how it goes; “note #{number}” writes it down.",
                    secondary(response)
                ),
            ),
        };
        let link = self.config.incident_url(*number).filter(|_| response.is_public());
        Notice {
            kind: Kind::Reminder { reminder, since },
            to: called(response, reminder),
            heading: format!("{kind} #{number}: {what}"),
            text: format!("{title}\n{text}"),
            facts: Vec::new(),
            link: link.map(|url| ("Open the page".to_owned(), url)),
        }
    }
}

/// A length of time for people.
fn length(length: SignedDuration) -> String {
    match length.as_mins() {
        minutes @ 0..=119 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

fn secondary(response: &Response) -> String {
    match response.holders(Role::Secondary).next() {
        Some(holder) => format!("{} (secondary)", holder.person.name),
        None => "those who work on it".to_owned(),
    }
}

/// Who is reminded: the commander where nobody has the role that it is for; nobody but the channel
/// where there is no commander either.
fn called(response: &Response, reminder: Reminder) -> Vec<Person> {
    let roles: &[Role] = match reminder {
        Reminder::Nudge => &[Role::Comms],
        Reminder::Overdue => &[Role::Commander, Role::Comms],
        Reminder::Silence => &[Role::Scribe],
    };
    let mut called: Vec<Person> = Vec::new();
    for role in roles.iter().chain(&[Role::Commander]) {
        if *role == Role::Commander && !roles.contains(role) && !called.is_empty() {
            break;
        }
        for holder in response.holders(*role) {
            if !called.iter().any(|person| person.is(&holder.person)) {
                called.push(holder.person.clone());
            }
        }
    }
    called
}
