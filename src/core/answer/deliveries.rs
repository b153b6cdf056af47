//! What is told of deliveries: what an answer carries, and the list of what waits and what failed.

use crate::core::config::Config;
use crate::core::delivery::events::DeliveryEvent;
use crate::core::delivery::model::{Delivery, DeliveryId, End, Ended};
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::Update;
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken;

/// How many of each a list shows.
const SHOWN_MAX: usize = 10;

/// What a record's answer says for others: told from the record, so that it can be told again.
pub(super) fn carried(record: &Record) -> impl Iterator<Item = String> {
    record.deliveries().filter_map(|event| match event {
        DeliveryEvent::Carried { said, .. } => Some(said.clone()),
        _ => None,
    })
}

/// A word of warning where the page was updated soon after the last time, and nothing but words
/// changed.
pub(super) fn early(record: &Record, state: &State, config: &Config) -> Option<String> {
    let early = config.cadence.early?;
    let number = record.status().find_map(|event| match event {
        StatusEvent::Updated { number, text, .. } if !text.is_empty() => Some(*number),
        _ => None,
    })?;
    let updates = &state.status.incident(number).filter(|i| !i.is_maintenance())?.updates;
    let said: Vec<&Update> = updates.iter().filter(|update| !update.text.is_empty()).collect();
    let place = said.iter().rposition(|update| update.at == record.at)?;
    let (last, before) = (said.get(place)?, said.get(place.checked_sub(1)?)?);
    let is_change = last.stage != before.stage || last.impact != before.impact;
    let passed = last.at.duration_since(before.at);
    (!is_change && passed < early).then(|| {
        format!(
            "The last word on the page was {} min before. Fuller updates at least {} min apart are \
             easier to follow, unless something has changed.",
            passed.as_mins(),
            early.as_mins(),
        )
    })
}

/// The lines of `deliveries`.
pub(super) fn list(state: &State, config: &Config) -> String {
    let deliveries = &state.deliveries;
    let mut lines = Vec::new();
    let count = deliveries.waiting().count();
    match count {
        0 => lines.push("Nothing waits to be sent.".to_owned()),
        1 => lines.push("One waits to be sent:".to_owned()),
        count => lines.push(format!("{count} wait to be sent:")),
    }
    lines.extend(deliveries.waiting().take(SHOWN_MAX).map(|delivery| waiting(delivery, config)));
    if count > SHOWN_MAX {
        lines.push(format!("… and {} more", count - SHOWN_MAX));
    }
    if !config.notifies {
        lines.push(
            "STATUS\\_NOTIFY\\_URL is not set: nothing is sent to the channel unasked, and the next \
             answer about an incident says what waits."
                .to_owned(),
        );
    }
    if !deliveries.ended().is_empty() {
        lines.push("Lately:".to_owned());
    }
    lines.extend(deliveries.ended().iter().rev().take(SHOWN_MAX).map(|ended| over(ended, config)));
    lines.join("\n\n")
}

fn named(id: DeliveryId, heading: &str) -> String {
    format!("**{id}** {}", escape(heading))
}

fn times(tries: u32) -> String {
    match tries {
        0 => "not tried yet".to_owned(),
        1 => "tried once".to_owned(),
        tries => format!("tried {tries} times"),
    }
}

fn waiting(delivery: &Delivery, config: &Config) -> String {
    let at = |time| spoken(time, &config.time_zone);
    let mut line = format!(
        "{} (since {}, {}",
        named(delivery.id, &delivery.what.heading()),
        at(delivery.queued),
        times(delivery.tries)
    );
    if let Some(failure) = &delivery.failure {
        line = format!("{line}, failed {}: {}", at(failure.at), escape(&failure.why));
    }
    let next = match (&delivery.gave_up, &delivery.claim, delivery.next_try()) {
        (Some(why), ..) => format!("given up, the next answer says so: {}", escape(why)),
        (None, Some(claim), _) => format!("being sent; again from {}", at(claim.until)),
        (None, None, Some(next)) if config.notifies => format!("next try {}", at(next)),
        _ => "the next answer says it".to_owned(),
    };
    format!("{line}; {next})")
}

fn over(ended: &Ended, config: &Config) -> String {
    let how = match &ended.end {
        End::Delivered => format!("sent, {}", times(ended.tries)),
        End::Carried => "told in an answer".to_owned(),
        End::Skipped(why) => format!("not sent: {}", escape(why)),
    };
    let at = spoken(ended.at, &config.time_zone);
    format!("{} ({at}: {how})", named(ended.id, &ended.heading))
}
