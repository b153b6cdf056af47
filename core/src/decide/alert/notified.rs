//! A monitor's delivery, with the state at its arrival.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::outcome::{AlertEffect, AlertOutcome, NoDecision};
use crate::alerts::alert::{
    Alert, AlertKind, Condition, DESCRIPTION_LINE_CHARS_MAX, Key, Member, one_line,
};
use crate::alerts::change::{AlertChange, AlertMark};
use crate::alerts::course::Firing;
use crate::alerts::members::AlertDigest;
use crate::alerts::rule::Opening;
use crate::alerts::secret::AlertSecret;
use crate::commands::context::Context;
use crate::incident::model::Number;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::TIMELINE_MAX;
use crate::text::Text;

/// The limit of members that an entry or a message names.
pub(super) const NAMED_MAX: usize = 10;

/// The longest stored name of a member, in characters.
const NAME_CHARS_MAX: usize = 120;

/// A monitor's delivery, with the state at its arrival.
#[derive(Clone, Copy)]
pub(super) struct Notified<'a> {
    pub(super) context: Context<'a>,
    pub(super) alert: &'a Alert,
    pub(super) opening: &'a Opening,
    pub(super) deliveries: u32,
    pub(super) secret: &'a AlertSecret,
    /// Digests of the members by their fingerprints.
    pub(super) ids: &'a BTreeMap<&'a str, AlertDigest>,
}

impl Notified<'_> {
    /// One outcome for each incident that the delivery affects.
    pub(super) fn outcomes(&self) -> Result<Vec<AlertEffect>, NoDecision> {
        if self.alert.kind == AlertKind::Note {
            return Ok(vec![self.annotated()]);
        }
        let homes = self.homes();
        let mut all = Vec::new();
        for (number, members) in &homes.open {
            all.extend(self.joined(*number, members));
        }
        for (number, members) in &homes.closed_before {
            all.extend(self.ended_after_closing(*number, members));
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
        all.extend(homes.over.map(|over| AlertEffect::nothing(AlertOutcome::Over, over.closed)));
        Ok(all)
    }

    /// Adds a note to the timeline of the incident that knows the alert, open or closed.
    fn annotated(&self) -> AlertEffect {
        let knows = |firing: &Firing| {
            let mut members = self.alert.members.iter().map(|member| self.id(member));
            firing.course.group == Some(self.group())
                || members.any(|id| firing.members.contains_key(&id))
        };
        let its = || self.alerted_incidents().filter(|(_, firing)| knows(firing));
        let open = its().find(|(response, _)| response.is_open());
        let Some((response, firing)) = open.or_else(|| its().next()) else {
            return AlertEffect::nothing(AlertOutcome::NothingOpen, None);
        };
        let number = Some(response.number);
        if response.entries.len() >= TIMELINE_MAX {
            return AlertEffect::nothing(AlertOutcome::Repeated, number);
        }
        let change = AlertChange { left_out: firing.left_out, ..AlertChange::default() };
        let text = format!("{}\n{}", self.alert.title, self.alert.description);
        let text = (text.trim(), None);
        let event = self.alerted(response.number, firing.condition, text, change);
        AlertEffect { fate: AlertOutcome::Joined, number, events: vec![event] }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.time()
    }

    pub(super) fn group(&self) -> AlertDigest {
        self.secret.digest(&self.alert.key)
    }

    pub(super) fn id(&self, member: &Member) -> AlertDigest {
        let known = self.ids.get(member.fingerprint.as_str());
        known.copied().unwrap_or_else(|| member_digest(self.secret, self.alert, member))
    }

    /// Start of a member's firing. A time in the future is ignored: it comes from a wrong clock.
    pub(super) fn start(&self, member: &Member) -> Option<Timestamp> {
        member.since.filter(|at| *at <= self.now())
    }

    /// End of a member's firing. A time in the future counts as now.
    pub(super) fn end(&self, member: &Member) -> Option<Timestamp> {
        member.ended.map(|at| at.min(self.now()))
    }

    /// Number of firing members of the group that the sender does not name. The number in a late
    /// notification is outdated.
    pub(super) fn left_out(&self, firing: Option<&Firing>) -> u32 {
        if let Some(firing) = firing.filter(|firing| self.is_late(firing)) {
            return firing.left_out_of(self.group());
        }
        if self.alert.condition == Condition::Resolved {
            return 0;
        }
        u32::try_from(self.alert.left_out).unwrap_or(u32::MAX)
    }

    /// True if a later notification of the group arrived before this one. Notifications have no time
    /// of their own, so the newest time of their members counts.
    fn is_late(&self, firing: &Firing) -> bool {
        let times = |member: &Member| self.start(member).max(self.end(member));
        let newest = self.alert.members.iter().filter_map(times).max();
        let of_group = firing.members.values().filter(|member| member.group == self.group());
        let known = of_group.filter_map(|member| member.fired_at.max(member.resolved_at)).max();
        newest.zip(known).is_some_and(|(newest, known)| newest < known)
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
        let description = Some(self.description()).filter(|_| !change.fired.is_empty());
        Event::Response(ResponseEvent::Alerted {
            number,
            key: alert.key.clone(),
            source: alert.source,
            condition,
            at,
            deliveries: self.deliveries,
            roster: self.opening.roster.clone(),
            link: alert.link.clone().filter(|_| condition == Condition::Fired),
            description: description.filter(|description| !description.is_empty()),
            text: internal(text),
            title: title.map(internal),
            change: Some(Box::new(change)),
        })
    }

    /// The alert's description as one line.
    fn description(&self) -> String {
        let Alert { reading, .. } = self.alert;
        // Firing members are named separately.
        let is_of_member = |line: &str| {
            let is_labelled = reading.members.iter().any(|member| !member.labels.is_empty());
            is_labelled && ["firing ", "resolved "].iter().any(|state| line.starts_with(state))
        };
        let lines = reading.description.lines();
        let lines = lines.filter(|line| *line != reading.title && !is_of_member(line));
        one_line(&joined(lines), DESCRIPTION_LINE_CHARS_MAX)
    }

    /// Start of the earliest firing member.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.alert.fired_at.filter(|at| *at <= self.now())
    }
}

/// Lines as one. A semicolon separates them where a line has no punctuation at its end.
fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.fold(String::new(), |all, line| match all.chars().next_back() {
        None => line.to_owned(),
        Some('.' | '!' | '?' | ':' | ';' | ',' | '…') => format!("{all} {line}"),
        Some(_) => format!("{all}; {line}"),
    })
}

/// Titles of the first members, or their labels.
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

pub(super) fn member_digest(secret: &AlertSecret, alert: &Alert, member: &Member) -> AlertDigest {
    secret.digest(&Key::of_member(alert.source, &member.fingerprint))
}

/// A name for each member. If several share a title, the labels that differ are added.
pub(super) fn member_names(members: &[&Member]) -> Vec<String> {
    let of = |member: &&Member| {
        let name = name(member);
        let is_shared = members.iter().filter(|other| other.title == member.title).count() > 1;
        if !is_shared || member.title.is_empty() {
            return one_line(&name, NAME_CHARS_MAX);
        }
        let shared = |label: &(String, String)| members.iter().all(|m| m.labels.contains(label));
        let own = member.labels.iter().filter(|label| !shared(label));
        let own: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
        let own = own.join(", ");
        let name = if own.is_empty() { name } else { format!("{name} ({own})") };
        one_line(&name, NAME_CHARS_MAX)
    };
    members.iter().map(of).collect()
}

/// A member's title, or else its labels.
fn name(member: &Member) -> String {
    if !member.title.is_empty() {
        return member.title.clone();
    }
    let labels = member.labels.iter().map(|(name, value)| format!("{name}={value}"));
    labels.collect::<Vec<_>>().join(", ")
}
