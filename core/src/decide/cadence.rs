//! Reminders: a customer update is due or overdue, nobody leads, or the timeline is silent. An
//! incident gets one message at a time.

use jiff::{SignedDuration, Timestamp};

use crate::commands::context::Context;
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Notice, NoticeKind, Payload};
use crate::response::cadence::Promise;
use crate::response::model::{Reminder, Response, Visibility};
use crate::response::person::Person;
use crate::response::role::Role;
use crate::text::time::short_time;

/// A reminder with the start of its window.
type Due = (Reminder, Timestamp);

/// The next update that the page promises for an incident.
pub(super) fn promise(state: &State, response: &Response) -> Option<Promise> {
    let incident = state.status.incident(response.number)?;
    let made = incident.updates.last().map_or(incident.opened, |update| update.at);
    incident.next_update_by.map(|due| Promise { made, due })
}

impl Context<'_> {
    /// Due reminders of open incidents, on the page or not.
    pub(super) fn reminders(&self) -> Vec<DeliveryEvent> {
        let mut events = Vec::new();
        for response in self.state.responses.values() {
            let promise = promise(self.state, response);
            let mut due = response.reminders(&self.config.cadence, promise, self.time());
            if due.is_empty() {
                continue;
            }
            let (skipped, unsent) = self.unsent(response);
            let still = |(reminder, since): &Due| {
                due.iter().all(|(new, _)| new.subject() != reminder.subject())
                    && response.still_calls_for(*reminder, *since, promise)
            };
            let unsent: Vec<Due> = unsent.into_iter().filter(still).collect();
            due.extend(unsent);
            due.sort_by_key(|(reminder, _)| reminder.urgency());
            events.extend(skipped);
            let notice = self.notice(response, &due);
            events
                .extend(notice.map(|notice| DeliveryEvent::notice(Some(response.number), notice)));
        }
        events
    }

    /// Earlier reminders that nobody has begun to send. They are skipped, because the new message
    /// repeats those that still apply.
    fn unsent(&self, response: &Response) -> (Vec<DeliveryEvent>, Vec<Due>) {
        let (mut skipped, mut unsent) = (Vec::new(), Vec::new());
        for delivery in self.state.deliveries.waiting() {
            if let Payload::Notice(Notice {
                kind: NoticeKind::Reminder { reminder, since, also },
                ..
            }) = &delivery.what
                && delivery.about == Some(response.number)
                && delivery.claim.is_none()
                && delivery.gave_up.is_none()
            {
                unsent.extend([(*reminder, *since)].iter().chain(also));
                let why = "a later reminder replaces it".to_owned();
                skipped.push(DeliveryEvent::Skipped { id: delivery.id, why });
            }
        }
        (skipped, unsent)
    }

    /// One message for all reminders, without repeating a subject.
    fn notice(&self, response: &Response, due: &[Due]) -> Option<Notice> {
        let Response { number, title, .. } = response;
        let [(reminder, since), also @ ..] = due else {
            return None;
        };
        let kind = if response.visibility == Visibility::Drill { "Drill" } else { "Incident" };
        let mut lines = vec![title.clone()];
        let mut to: Vec<Person> = Vec::new();
        let mut subjects = Vec::new();
        for (reminder, since) in due {
            if subjects.contains(&reminder.subject()) {
                continue;
            }
            if !subjects.is_empty() {
                lines.push(format!("Also: {}.", self.heading(response, *reminder, *since)));
            }
            subjects.push(reminder.subject());
            lines.extend(self.lines(response, *reminder, *since));
            for person in called(response, *reminder) {
                if !to.iter().any(|known| known.is(&person)) {
                    to.push(person);
                }
            }
        }
        let link = self.config.incident_url(*number).filter(|_| response.is_public());
        Some(Notice {
            kind: NoticeKind::Reminder { reminder: *reminder, since: *since, also: also.to_vec() },
            to,
            heading: format!("{kind} #{number}: {}", self.heading(response, *reminder, *since)),
            text: lines.join("\n"),
            facts: Vec::new(),
            link: link.map(|url| ("Open the page".to_owned(), url)),
        })
    }

    fn heading(&self, response: &Response, reminder: Reminder, since: Timestamp) -> String {
        let now = self.time();
        let length = length(now.duration_since(since));
        let at = || short_time(since, now, &self.config.time_zone);
        match reminder {
            Reminder::PromiseDue => format!("customer update promised for {}", at()),
            Reminder::PromiseBroken => {
                format!("the customer update promised for {} is overdue", at())
            }
            Reminder::Nudge => format!("no customer update for {length}"),
            Reminder::Overdue => format!("customer update overdue, none for {length}"),
            Reminder::LeadOrSeverity => match response.lacks_lead_and_severity() {
                (true, true) => "nobody leads, and the severity is missing".to_owned(),
                (true, false) => "nobody leads".to_owned(),
                (false, _) => "the severity is missing".to_owned(),
            },
            Reminder::Silence => format!("nothing in the timeline for {length}"),
        }
    }

    /// Commands to copy.
    fn lines(&self, response: &Response, reminder: Reminder, since: Timestamp) -> Vec<String> {
        let number = response.number;
        let at = || short_time(since, self.time(), &self.config.time_zone);
        let label = if response.is_public() {
            "Told customers elsewhere?"
        } else {
            "Tell them, and record it:"
        };
        let elsewhere = format!("{label} `told #{number} <audience> via <channel>: <text>`");
        let update = format!("Post it: `update #{number} <text>`");
        match reminder {
            Reminder::PromiseDue => vec![update],
            Reminder::PromiseBroken => {
                vec!["The page shows it as overdue.".to_owned(), update]
            }
            Reminder::Nudge | Reminder::Overdue => {
                let page = Some(update).filter(|_| response.is_public());
                let last = format!("The last one was at {}.", at());
                [last].into_iter().chain(page).chain([elsewhere]).collect()
            }
            Reminder::LeadOrSeverity => {
                let (lead, severity) = response.lacks_lead_and_severity();
                let lead = lead.then(|| format!("Take the lead: `ic #{number} me`"));
                let severity = severity
                    .then(|| format!("Set it, from 1 (most severe) to 4: `sev #{number} <n>`"));
                lead.into_iter().chain(severity).collect()
            }
            Reminder::Silence => {
                let mut lines = vec![format!("The last entry was at {}.", at())];
                if let Some(holder) = response.holders(Role::Secondary).next() {
                    lines.push(format!("Ask {} (secondary) how it is going.", holder.person.name));
                }
                lines.push(format!("Write it down: `note #{number} <text>`"));
                lines
            }
        }
    }
}

/// A duration in words.
fn length(length: SignedDuration) -> String {
    match length.as_mins() {
        minutes @ 0..=119 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

/// The people to mention: the holders of the role that can act on it, otherwise the commander.
/// Without either, the message is for the channel.
fn called(response: &Response, reminder: Reminder) -> Vec<Person> {
    let roles: &[Role] = match reminder {
        Reminder::PromiseDue | Reminder::PromiseBroken | Reminder::Nudge => &[Role::Comms],
        Reminder::Overdue => &[Role::Commander, Role::Comms],
        Reminder::LeadOrSeverity => &[Role::Commander],
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
