//! Evictions from the state. They are decided when a record is completed and are part of it, so a
//! changed limit never changes what an old log means.

use jiff::{SignedDuration, Timestamp};

use super::authentic::digest;
use super::draft::{Completed, Draft};
use super::fold::FoldError;
use super::record::{Event, MessageEvent, PeopleEvent};
use super::state::State;
use crate::incident::events::StatusEvent;
use crate::incident::ledger::DAYS_SHOWN;
use crate::incident::model::{Incident, Number};
use crate::incident::status::Status;
use crate::launch::events::LaunchEvent;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Delivery, DeliveryId, Payload};
use crate::response::events::ResponseEvent;
use crate::rosters::events::RosterEvent;

/// Limits of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Closed incidents, and the same number of past maintenances. Older ones are documents.
    pub closed: usize,
    /// Closed incidents that are not on the page.
    pub internal: usize,
    /// Past covers.
    pub covers: usize,
    /// Size of the updates of all closed incidents and maintenances, in bytes.
    pub closed_bytes: usize,
    /// Parts of the history.
    pub months: usize,
    /// Days of component time.
    pub days: usize,
    /// Components, whether they are still configured or not.
    pub components: usize,
    /// Ids of people's messages: 32 bytes each in memory, and 45 in the snapshot. At this limit new
    /// commands wait until the oldest are old enough.
    pub messages: usize,
    /// Minimum age of an evicted message: twice the largest clock skew that can be configured,
    /// because a message may arrive that early and its copy that late.
    pub remembered: SignedDuration,
    /// Closed incidents in the statistics, by their declaration.
    pub summaries: usize,
    /// People who have sent something.
    pub people: usize,
    /// Waiting notices. The oldest ones beyond the limit are not sent.
    pub waiting: usize,
    /// Finished messages to external services.
    pub delivered: usize,
}

impl Limits {
    /// Statuspage's lists show the same number of closed incidents.
    pub const DEFAULT: Self = Self {
        closed: 50,
        internal: 50,
        covers: 50,
        closed_bytes: 2 * 1024 * 1024,
        months: 240,
        days: DAYS_SHOWN,
        components: 1_000,
        messages: 20_000,
        remembered: SignedDuration::from_hours(2),
        summaries: 500,
        people: 500,
        waiting: 200,
        delivered: 50,
    };
}

/// Messages are evicted in groups of this size, so that few records contain an eviction.
const MESSAGES_STEP: usize = 64;
/// The same for finished messages to external services.
const DELIVERED_STEP: usize = 10;

/// Completes a record with the evictions that follow from it. Incidents that the record itself
/// changes stay until the next one, because publishing takes them from the state.
///
/// # Errors
/// A [`FoldError`] if the record does not fit the state: it must never be written.
pub fn complete(mut draft: Draft<'_>, limits: &Limits) -> Result<Completed, FoldError> {
    draft.extend(evictions(&draft, limits))?;
    Ok(draft.completed())
}

fn evictions(draft: &Draft<'_>, limits: &Limits) -> Vec<Event> {
    let (base, next, record) = (draft.base(), draft.state(), draft.record());
    let mut events = Vec::new();
    // The limit does not matter here: commands wait at it, and young messages are kept.
    let kept = next.messages_younger_than(limits.remembered, record.at);
    let over = next.messages.len().saturating_sub(kept);
    if over >= MESSAGES_STEP
        && let Some((_, through)) = next.messages.get(over - 1)
    {
        events.push(Event::Message(MessageEvent::Evicted { through: *through }));
    }
    let over = next.people.len().checked_sub(limits.people + 1);
    if let Some(through) = over.and_then(|place| next.people.revision_at(place)) {
        events.push(Event::People(PeopleEvent::Evicted { through }));
    }
    let changed: Vec<Number> = next.changed_by(record.revision).map(|d| d.number()).collect();
    if record.status().next().is_some() {
        events.extend(evicted(next, &changed, limits).map(Event::Status));
    }
    events.extend(evicted_unlisted(next, &changed).map(Event::Status));
    events.extend(over_deliveries(base, next, limits).into_iter().map(Event::Delivery));
    events.extend(evicted_responses(next, &changed, limits).map(Event::Response));
    let through = next.summaries.over(limits.summaries);
    let gone = through.map(|through| ResponseEvent::SummariesEvicted { through });
    events.extend(gone.map(Event::Response));
    events.extend(evicted_launches(next).map(Event::Launch));
    events.extend(evicted_covers(next, record.at, limits).map(Event::Roster));
    events
}

/// Closed incidents beyond the limit that are not on the page, first closed first.
fn evicted_responses(state: &State, changed: &[Number], limits: &Limits) -> Option<ResponseEvent> {
    let closed = state.responses.values().filter(|r| !r.is_public() && !r.is_open());
    let mut closed: Vec<_> = closed.map(|r| (r.ended(), r.number)).collect();
    let over = closed.len().saturating_sub(limits.internal);
    closed.sort();
    let oldest = closed.into_iter().map(|(_, number)| number);
    let numbers: Vec<Number> =
        oldest.filter(|number| !changed.contains(number)).take(over).collect();
    let digests = digests(state, &numbers);
    (!numbers.is_empty()).then_some(ResponseEvent::Evicted { numbers, digests })
}

/// Incidents that were recalled for their response only, once the response is evicted.
fn evicted_unlisted(state: &State, changed: &[Number]) -> Option<StatusEvent> {
    let unlisted = state.status.unlisted.keys().copied();
    let incidents: Vec<Number> = unlisted.filter(|number| !changed.contains(number)).collect();
    let digests = digests(state, &incidents);
    (!incidents.is_empty()).then_some(StatusEvent::Evicted {
        incidents,
        months_through: None,
        days_through: None,
        components: Vec::new(),
        digests,
    })
}

/// Digests of those incidents that statistics still know, so their number is bounded.
fn digests(state: &State, numbers: &[Number]) -> Vec<(Number, String)> {
    let known = numbers.iter().filter(|number| state.summaries.get(**number).is_some());
    known.filter_map(|number| Some((*number, digest(&state.dossier(*number)?)))).collect()
}

/// Cancels the oldest waiting notices beyond the limit, except claimed and new ones, and evicts
/// finished messages.
fn over_deliveries(state: &State, next: &State, limits: &Limits) -> Vec<DeliveryEvent> {
    // Work item syncs need no limit: there are never more than kept incidents.
    let is_notice = |delivery: &&Delivery| matches!(delivery.what, Payload::Notice(_));
    let notices = || next.deliveries.waiting().filter(is_notice);
    let over = notices().count().saturating_sub(limits.waiting);
    let is_old = |id: DeliveryId| state.deliveries.get(id).is_some();
    let may_go = notices().filter(|d| d.claim.is_none() && is_old(d.id));
    let why = "too much else was waiting";
    let skipped = may_go.take(over).map(|d| DeliveryEvent::Skipped { id: d.id, why: why.into() });
    let mut events: Vec<DeliveryEvent> = skipped.collect();
    let ended = next.deliveries.ended();
    let over = (ended.len() + events.len()).saturating_sub(limits.delivered);
    if over >= DELIVERED_STEP {
        let ids: Vec<DeliveryId> = ended.iter().take(over).map(|ended| ended.id).collect();
        events.push(DeliveryEvent::Evicted { ids });
    }
    events
}

/// Past covers beyond the limit, first ended first.
fn evicted_covers(state: &State, at: Timestamp, limits: &Limits) -> Option<RosterEvent> {
    let over = state.rosters.covers.iter().filter(|cover| cover.end <= at);
    let mut over: Vec<_> = over.map(|cover| (cover.end, cover.number)).collect();
    over.sort_unstable();
    over.truncate(over.len().saturating_sub(limits.covers));
    let covers: Vec<u32> = over.into_iter().map(|(_, number)| number).collect();
    let levels = Vec::new();
    (!covers.is_empty()).then_some(RosterEvent::Evicted { covers, levels })
}

/// Launches of incidents that left the statistics. Those of evicted incidents stay until then, so
/// that launching such an incident again creates no second work item.
fn evicted_launches(state: &State) -> Option<LaunchEvent> {
    let is_known = |number: &Number| {
        state.responses.contains_key(number) || state.summaries.get(*number).is_some()
    };
    let gone = state.launches.keys().copied();
    let numbers: Vec<Number> = gone.filter(|number| !is_known(number)).collect();
    (!numbers.is_empty()).then_some(LaunchEvent::Evicted { numbers })
}

fn evicted(state: &State, changed: &[Number], limits: &Limits) -> Option<StatusEvent> {
    let status = &state.status;
    let mut incidents = closed_over(status, changed, limits);
    incidents.extend(withdrawn_over(status, changed, limits));
    let over = status.months.len().checked_sub(limits.months + 1);
    let months_through = over.and_then(|place| status.months.keys().nth(place).copied());
    let over = status.ledger.days().len().checked_sub(limits.days + 1);
    let days_through = over.and_then(|place| status.ledger.days().get(place)).map(|day| day.date);
    let components = components_over(status, limits);
    let any = !incidents.is_empty()
        || months_through.is_some()
        || days_through.is_some()
        || !components.is_empty();
    let digests = digests(state, &incidents);
    any.then_some(StatusEvent::Evicted {
        incidents,
        months_through,
        days_through,
        components,
        digests,
    })
}

/// The oldest closed ones beyond the limits, without those that were just changed.
fn closed_over(status: &Status, changed: &[Number], limits: &Limits) -> Vec<Number> {
    let mut kept: Vec<&Incident> = status.closed.iter().map(AsRef::as_ref).collect();
    let mut evicted = Vec::new();
    let mut let_go = |kept: &mut Vec<&Incident>, of_kind: &dyn Fn(&Incident) -> bool| {
        let may_go = |i: &&Incident| of_kind(i) && !changed.contains(&i.number);
        let oldest = kept.iter().position(may_go);
        oldest.map(|place| evicted.push(kept.remove(place).number)).is_some()
    };
    for maintenance in [false, true] {
        let of_kind = |incident: &Incident| incident.is_maintenance() == maintenance;
        while kept.iter().filter(|i| of_kind(i)).count() > limits.closed {
            if !let_go(&mut kept, &of_kind) {
                break;
            }
        }
    }
    let bytes = |kept: &[&Incident]| kept.iter().map(|i| i.bytes()).sum::<usize>();
    while kept.len() > 1 && bytes(&kept) > limits.closed_bytes {
        if !let_go(&mut kept, &|_| true) {
            break;
        }
    }
    evicted
}

/// The oldest withdrawn ones beyond the limit.
fn withdrawn_over(status: &Status, changed: &[Number], limits: &Limits) -> Vec<Number> {
    let over = status.withdrawn.len().saturating_sub(limits.closed);
    let mut oldest: Vec<&Incident> = status.withdrawn.values().map(AsRef::as_ref).collect();
    oldest.sort_by_key(|incident| incident.revision);
    let numbers = oldest.into_iter().map(|incident| incident.number);
    numbers.filter(|number| !changed.contains(number)).take(over).collect()
}

fn components_over(status: &Status, limits: &Limits) -> Vec<String> {
    let over = status.components.len().saturating_sub(limits.components);
    if over == 0 {
        return Vec::new();
    }
    let mut oldest: Vec<_> = status.components.iter().collect();
    oldest.sort_by_key(|(id, standing)| (standing.shown.revision, (*id).clone()));
    oldest.into_iter().take(over).map(|(id, _)| id.clone()).collect()
}
