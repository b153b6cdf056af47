//! What follows from an alert: an incident of its own, a word in the one that it belongs to, or
//! nothing.

use jiff::Timestamp;

use super::launch_steps::announcement_start;
use crate::core::alerts::alert::{Alert, AlertKind, Reading};
use crate::core::alerts::firing::{BURST, Condition};
use crate::core::alerts::rule::{Handling, Opening, handling};
use crate::core::commands::context::Context;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Impact, Number, OPEN_INCIDENTS_MAX, Stage};
use crate::core::incident::severity::Severity;
use crate::core::log::fold::FoldError;
use crate::core::log::record::{Cause, Event, MessageId, Record, Source};
use crate::core::outbox::events::DeliveryEvent;
use crate::core::outbox::model::{Kind, Notice};
use crate::core::response::events::ResponseEvent;
use crate::core::response::internal_text::InternalText;
use crate::core::response::milestone::{Milestone, READINGS_MAX, Source as Known};
use crate::core::response::model::{Response, TIMELINE_MAX, Visibility};
use crate::core::response::person::Person;
use crate::core::text::Text;

/// What a record of an alert gives as its conversation; no conversation in Teams is called so.
pub const ALERT: &str = "alert";

/// How many incidents may be open for alerts; the rest of the room is for people. What comes beyond
/// joins the newest of them.
pub const ALERTED_MAX: usize = OPEN_INCIDENTS_MAX - 5;

/// By what an alert is detected.
const VIA: &str = "monitoring";

/// What becomes of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It opens an incident.
    Opened,
    /// It is told of in the incident that is open for it.
    Joined,
    /// It was told of there a moment ago.
    Repeated,
    /// There is no room: it is told of in the newest incident that an alert opened.
    Crowded,
    /// It is over, which is told of in its incident.
    Resolved,
    /// It is over, and so is its incident.
    Closed,
    /// Its incident was closed before; it fires since then, not again.
    Over,
    /// It is over, and no incident is open for it.
    NothingOpen,
    /// Somebody tries whether alerts arrive.
    Test,
    /// A rule says that nothing is to be done.
    Muted,
}

impl Fate {
    /// The word for it in answers and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Joined => "joined",
            Self::Repeated => "repeated",
            Self::Crowded => "crowded",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Over => "over",
            Self::NothingOpen => "nothing_open",
            Self::Test => "test",
            Self::Muted => "muted",
        }
    }
}

/// What is to be done with an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What becomes of it.
    pub fate: Fate,
    /// The incident that it belongs to.
    pub number: Option<Number>,
    /// What is to be recorded, if anything is.
    pub record: Option<Box<Record>>,
}

/// Why nothing can be done with an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDecision {
    /// As many incidents are open as may be, none of which an alert opened.
    NoRoom,
    /// What was to be recorded does not follow from the state: a defect of this program.
    Impossible(FoldError),
}

/// What stands in a record of an alert that came at `at`.
#[must_use]
pub fn cause(alert: &Alert, at: Timestamp) -> Cause {
    let id = format!("{} {at}", alert.key.as_str());
    Cause {
        source: Source::Alert,
        by: Person {
            id: ALERT.to_owned(),
            name: alert.source.title().to_owned(),
            ..Person::default()
        },
        message: MessageId { conversation: ALERT.to_owned(), id },
        thread: None,
        at,
    }
}

/// Decides. `deliveries` is how often the alert was delivered, as far as is known, since it was last
/// told of in a record, this time included.
///
/// # Errors
/// [`NoDecision`].
pub fn decide_alert(
    context: Context<'_>,
    alert: &Alert,
    deliveries: u32,
) -> Result<Decided, NoDecision> {
    let nothing = |fate, number| Ok(Decided { fate, number, record: None });
    if alert.kind == AlertKind::Test {
        let record = tested(context, alert).map_err(NoDecision::Impossible)?;
        return Ok(Decided { fate: Fate::Test, number: None, record });
    }
    let Handling::Open(opening) = handling(&context.config.alerts, alert) else {
        return nothing(Fate::Muted, None);
    };
    let of_key = context
        .state
        .responses
        .values()
        .map(AsRef::as_ref)
        .filter(|response| response.alert.as_ref().is_some_and(|known| known.key == alert.key));
    // The open one, else the one that was opened last.
    let known: Option<&Response> = of_key.max_by_key(|known| (known.is_open(), known.number));
    let told = Told { context, alert, opening: &opening, deliveries };
    match (alert.condition, known) {
        (Condition::Fired, Some(known)) if known.is_open() => told.fired_again(known),
        (Condition::Fired, Some(known)) if is_same(known, alert.newest_at) => {
            nothing(Fate::Over, Some(known.number))
        }
        (Condition::Fired, _) => told.fired(),
        (Condition::Resolved, Some(known)) if known.is_open() => told.resolved(known),
        (Condition::Resolved, _) => nothing(Fate::NothingOpen, None),
    }
}

fn is_same(response: &Response, newest_at: Option<Timestamp>) -> bool {
    response.alert.as_ref().is_some_and(|known| known.is_same(newest_at))
}

/// An alert, and what is known about it.
struct Told<'a> {
    context: Context<'a>,
    alert: &'a Alert,
    opening: &'a Opening,
    deliveries: u32,
}

impl Told<'_> {
    fn fired(&self) -> Result<Decided, NoDecision> {
        let Self { context, alert, opening, .. } = self;
        let state = context.state;
        let open = state.responses.values().filter(|r| r.is_open() && r.alert.is_some());
        let is_full = if opening.publish {
            state.status.open.len() >= OPEN_INCIDENTS_MAX
        } else {
            state.open_internal().count() >= OPEN_INCIDENTS_MAX
        };
        if is_full || open.clone().count() >= ALERTED_MAX {
            let newest = open.max_by_key(|r| r.number).ok_or(NoDecision::NoRoom)?;
            let is_told = newest.alert.as_ref().is_some_and(|a| a.is_in_burst(context.time()));
            let text = format!("There is no room for an incident of its own: {}", alert.title);
            let event = self.alerted(newest.number, alert.newest_at, &text);
            let fits = !is_told && newest.entries.len() < TIMELINE_MAX;
            return self.decided(Fate::Crowded, newest.number, fits.then_some(vec![event]));
        }
        let number = state.next_number;
        let severity = opening.severity(alert);
        let named =
            || alert.component.as_deref().and_then(|name| context.config.component_id(name));
        let components: Vec<String> =
            opening.component.clone().or_else(named).into_iter().collect();
        let (opened, more) = if opening.publish {
            let opened = StatusEvent::Opened {
                number,
                update: 1,
                month: context.month(),
                impact: impact(severity),
                components,
                next_update_by: context.promise(None),
                // Whoever wrote the rule knows its titles; what stands below them nobody does.
                text: Text::plain(&alert.title),
            };
            (Event::Status(opened), self.details())
        } else {
            let text = format!("{}\n{}", alert.title, self.details());
            let text = InternalText::new(Text::plain(&text));
            let visibility = Visibility::Internal;
            let declared = ResponseEvent::Declared { number, visibility, components, text };
            (Event::Response(declared), String::new())
        };
        let detected = ResponseEvent::Reached {
            number,
            milestone: Milestone::Detected,
            at: alert.fired_at.map_or(context.time(), |at| at.min(context.time())),
            source: Known::Recorded,
            via: Some(VIA.to_owned()),
            was: None,
        };
        let graded = ResponseEvent::Graded { number, severity };
        let events = [detected, graded].map(Event::Response);
        let alerted = self.alerted(number, alert.newest_at, &more);
        let launched = if context.can_launch() { Context::launched(number) } else { Vec::new() };
        let events = [opened].into_iter().chain(events).chain([alerted]).chain(launched).collect();
        self.decided(Fate::Opened, number, Some(events))
    }

    /// It fires in an incident that is open for it.
    fn fired_again(&self, known: &Response) -> Result<Decided, NoDecision> {
        let alert = self.alert;
        let Some(firing) = &known.alert else {
            return self.decided(Fate::Repeated, known.number, None);
        };
        let is_told = match firing.condition {
            Condition::Fired => firing.is_in_burst(self.context.time()),
            // A copy that comes late says nothing of what is now.
            Condition::Resolved => firing.is_same(alert.newest_at),
        };
        if is_told || known.entries.len() >= TIMELINE_MAX {
            return self.decided(Fate::Repeated, known.number, None);
        }
        let event = self.alerted(known.number, alert.newest_at, &alert.title);
        self.decided(Fate::Joined, known.number, Some(vec![event]))
    }

    fn resolved(&self, known: &Response) -> Result<Decided, NoDecision> {
        let Self { context, alert, .. } = self;
        let (number, now) = (known.number, self.context.time());
        let firing = known.alert.as_ref();
        let fired_since = firing.and_then(|firing| firing.fired_at).zip(alert.resolved_at);
        let is_told = firing.is_some_and(|firing| firing.condition == Condition::Resolved)
            || fired_since.is_some_and(|(fired, resolved)| resolved < fired);
        if is_told {
            return self.decided(Fate::Repeated, number, None);
        }
        let at = alert.resolved_at.map_or(now, |at| at.min(now));
        let started = known.milestones.at(Milestone::Started);
        let mut events = Vec::new();
        if known.entries.len() < TIMELINE_MAX {
            events.push(self.alerted(number, alert.resolved_at, &alert.title));
            if known.milestones.readings(Milestone::Mitigated).len() < READINGS_MAX {
                events.push(Event::Response(ResponseEvent::Reached {
                    number,
                    milestone: Milestone::Mitigated,
                    at: started.map_or(at, |started| at.max(started)),
                    source: Known::Recorded,
                    via: None,
                    was: known.milestones.at(Milestone::Mitigated),
                }));
            }
        }
        if !self.opening.close_on_resolve {
            let fate = if events.is_empty() { Fate::Repeated } else { Fate::Resolved };
            return self.decided(fate, number, (!events.is_empty()).then_some(events));
        }
        let stage = Stage::Resolved;
        events.push(match context.state.status.open.get(&number) {
            Some(incident) => Event::Status(StatusEvent::Updated {
                number,
                update: incident.next_update(),
                title: incident.title.clone(),
                impact: incident.impact,
                stage,
                components: None,
                next_update_by: None,
                text: Text::default(),
            }),
            None => Event::Response(ResponseEvent::Updated {
                number,
                title: known.title.clone(),
                note: known.notes.next(),
                stage,
                text: InternalText::default(),
            }),
        });
        self.decided(Fate::Closed, number, Some(events))
    }

    /// The event that tells of a delivery.
    fn alerted(&self, number: Number, at: Option<Timestamp>, text: &str) -> Event {
        Event::Response(ResponseEvent::Alerted {
            number,
            key: self.alert.key.clone(),
            source: self.alert.source,
            condition: self.alert.condition,
            at,
            deliveries: self.deliveries,
            roster: self.opening.roster.clone(),
            link: self.alert.link.clone().filter(|_| self.alert.condition == Condition::Fired),
            text: InternalText::new(Text::plain(text)),
        })
    }

    /// What the channel is told of it. Nobody has typed anything there, so of what is new whoever
    /// asks for anything next hears, where there is no other way.
    fn announcement(&self, fate: Fate, number: Number) -> Option<DeliveryEvent> {
        let alert = self.alert;
        let (source, title) = (alert.source.title(), &alert.title);
        let (about, heading, text) = match fate {
            Fate::Opened => {
                let heading = format!("{} of {source}: {title}", announcement_start(number));
                (None, heading, alert.description.clone())
            }
            Fate::Resolved => {
                let heading = format!("Incident #{number}: the alert of {source} resolved");
                (Some(number), heading, title.clone())
            }
            Fate::Closed => {
                let heading = format!("Incident #{number} is closed: its alert resolved");
                (Some(number), heading, title.clone())
            }
            _ => return None,
        };
        let mut facts = Vec::new();
        if fate == Fate::Opened {
            let severity = self.opening.severity(alert).number();
            facts.push(("Severity".to_owned(), severity.to_string()));
            let roster = self.opening.roster.iter();
            facts.extend(roster.map(|roster| ("Roster".to_owned(), roster.clone())));
        }
        Some(DeliveryEvent::notice(about, notice(heading, text, facts, alert)))
    }

    /// What the alert says below its title.
    fn details(&self) -> String {
        let Reading { title, description, link, .. } = &**self.alert;
        let repeated = description == title;
        let link = link.iter().map(String::as_str);
        let parts = [description.as_str()].into_iter().filter(|_| !repeated).chain(link);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn decided(
        &self,
        fate: Fate,
        number: Number,
        events: Option<Vec<Event>>,
    ) -> Result<Decided, NoDecision> {
        // The launch's own message says more, once its steps are done.
        let is_launched =
            fate == Fate::Opened && self.context.can_launch() && self.context.config.notifies;
        let said = self.announcement(fate, number).filter(|_| !is_launched).map(Event::Delivery);
        let events = events.map(|events| events.into_iter().chain(said).collect());
        let record = events.map(|events| self.context.record(events)).transpose();
        let record = record.map_err(NoDecision::Impossible)?.map(Box::new);
        Ok(Decided { fate, number: Some(number), record })
    }
}

/// A word in the channel that tests arrive, unless one was just queued.
fn tested(context: Context<'_>, alert: &Alert) -> Result<Option<Box<Record>>, FoldError> {
    let heading = format!("A test alert of {} arrived", alert.source.title());
    let now = context.time();
    let is_recent = |queued: Timestamp| now.duration_since(queued) < BURST;
    let deliveries = &context.state.deliveries;
    let is_said = deliveries.waiting().any(|d| d.what.heading() == heading && is_recent(d.queued))
        || deliveries.ended().iter().any(|d| d.heading == heading && is_recent(d.queued));
    if is_said {
        return Ok(None);
    }
    let text = format!("Alerts reach this page: {}. Nothing was opened.", alert.title);
    let said = DeliveryEvent::notice(None, notice(heading, text, Vec::new(), alert));
    context.record(vec![Event::Delivery(said)]).map(|record| Some(Box::new(record)))
}

fn notice(heading: String, text: String, facts: Vec<(String, String)>, alert: &Alert) -> Notice {
    let link = alert.link.clone().map(|link| ("Open the alert".to_owned(), link));
    Notice { kind: Kind::Announcement, to: Vec::new(), heading, text, facts, link }
}

/// What the page says of a severity.
fn impact(severity: Severity) -> Impact {
    match severity {
        Severity::Critical => Impact::Critical,
        Severity::High => Impact::Major,
        Severity::Medium | Severity::Low => Impact::Minor,
    }
}
