//! A notification of a monitor, and what is known when it arrives.

use jiff::Timestamp;

use super::outcome::{Fate, NoDecision, Outcome};
use crate::core::alerts::alert::{Alert, AlertKind, Condition, Key, Member};
use crate::core::alerts::change::{AlertChange, AlertMark};
use crate::core::alerts::course::Firing;
use crate::core::alerts::members::AlertDigest;
use crate::core::alerts::rule::Opening;
use crate::core::commands::context::Context;
use crate::core::incident::model::Number;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::internal_text::InternalText;
use crate::core::response::model::TIMELINE_MAX;
use crate::core::text::Text;

/// Members that an entry or a message names; the others are counted.
pub(super) const NAMED_MAX: usize = 10;

/// A notification of a monitor, and what is known when it arrives.
#[derive(Clone, Copy)]
pub(super) struct Notified<'a> {
    pub(super) context: Context<'a>,
    pub(super) alert: &'a Alert,
    pub(super) opening: &'a Opening,
    pub(super) deliveries: u32,
}

impl Notified<'_> {
    /// What follows for each incident that it is about.
    pub(super) fn outcomes(&self) -> Result<Vec<Outcome>, NoDecision> {
        if self.alert.kind == AlertKind::Note {
            return Ok(vec![self.annotated()]);
        }
        let homes = self.homes();
        let mut all = Vec::new();
        for (number, members) in &homes.open {
            all.extend(self.joined(*number, members));
        }
        for (number, members) in &homes.maintenance {
            all.extend(self.noted_again(*number, members));
        }
        if !homes.fresh.is_empty() {
            all.push(self.opened(&homes)?);
        }
        if !homes.resolved.is_empty() {
            all.push(self.resolved_nowhere(&homes));
        }
        all.extend(homes.over.map(|over| Outcome::nothing(Fate::Over, over.closed)));
        Ok(all)
    }

    /// Something more about an alert goes into the timeline of the incident that knows it, open or
    /// closed.
    fn annotated(&self) -> Outcome {
        let knows = |firing: &Firing| {
            let mut members = self.alert.members.iter().map(|member| self.id(member));
            firing.course.group == Some(self.group())
                || members.any(|id| firing.members.contains_key(&id))
        };
        let its = || self.alerted_incidents().filter(|(_, firing)| knows(firing));
        let open = its().find(|(response, _)| response.is_open());
        let Some((response, firing)) = open.or_else(|| its().next()) else {
            return Outcome::nothing(Fate::NothingOpen, None);
        };
        let number = Some(response.number);
        if response.entries.len() >= TIMELINE_MAX {
            return Outcome::nothing(Fate::Repeated, number);
        }
        let change = AlertChange { left_out: firing.left_out, ..AlertChange::default() };
        let text = format!("{}\n{}", self.alert.title, self.alert.description);
        let text = (text.trim(), None);
        let event = self.alerted(response.number, firing.condition, text, change);
        Outcome { fate: Fate::Joined, number, events: vec![event] }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.time()
    }

    pub(super) fn group(&self) -> AlertDigest {
        AlertDigest::of(&self.alert.key)
    }

    pub(super) fn id(&self, member: &Member) -> AlertDigest {
        AlertDigest::of(&Key::of(self.alert.source, &["member", &member.fingerprint]))
    }

    /// When a member began to fire. A time that is still to come is a wrong clock's: it says
    /// nothing.
    pub(super) fn start(&self, member: &Member) -> Option<Timestamp> {
        member.since.filter(|at| *at <= self.now())
    }

    /// When a member resolved; a time that is still to come counts as now.
    pub(super) fn end(&self, member: &Member) -> Option<Timestamp> {
        member.ended.map(|at| at.min(self.now()))
    }

    pub(super) fn left_out(&self) -> u32 {
        if self.alert.condition == Condition::Resolved {
            return 0;
        }
        u32::try_from(self.alert.left_out).unwrap_or(u32::MAX)
    }

    /// The event about the alert for an incident or a maintenance.
    pub(super) fn alerted(
        &self,
        number: Number,
        condition: Condition,
        (text, title): (&str, Option<&str>),
        mut change: AlertChange,
    ) -> Event {
        let alert = self.alert;
        change.group = self.group();
        if self.opening.close_on_resolve {
            change.marks.push(AlertMark::ClosesOnResolve);
        }
        let at = match condition {
            Condition::Fired => self.began(),
            Condition::Resolved => alert.resolved_at.map(|at| at.min(self.now())),
        };
        let internal = |text: &str| InternalText::new(Text::plain(text));
        Event::Response(ResponseEvent::Alerted {
            number,
            key: alert.key.clone(),
            source: alert.source,
            condition,
            at,
            deliveries: self.deliveries,
            roster: self.opening.roster.clone(),
            link: alert.link.clone().filter(|_| condition == Condition::Fired),
            text: internal(text),
            title: title.map(internal),
            change: Some(Box::new(change)),
        })
    }

    /// When the first of the members that fire began.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.alert.fired_at.filter(|at| *at <= self.now())
    }
}

/// Members by their titles, or else by their labels, the first ones only.
pub(super) fn named(members: &[&Member]) -> String {
    let mut names: Vec<String> = Vec::new();
    for member in members {
        let name = name(member);
        if !name.is_empty() && !names.contains(&name) && names.len() < NAMED_MAX {
            names.push(name);
        }
    }
    let more = members.len().saturating_sub(names.len());
    match (names.is_empty(), more) {
        (true, more) => format!("{more} of its members"),
        (false, 0) => names.join("; "),
        (false, more) => format!("{}; and {more} more", names.join("; ")),
    }
}

fn name(member: &Member) -> String {
    if !member.title.is_empty() {
        return member.title.clone();
    }
    let labels = member.labels.iter().map(|(name, value)| format!("{name}={value}"));
    labels.collect::<Vec<_>>().join(", ")
}
