//! `deliveries`: messages that wait, and recent ones with their outcome.

use jiff::Timestamp;

use super::usage::Usage;
use crate::config::Config;
use crate::log::state::State;
use crate::outbox::model::{Delivery, DeliveryId, End, Ended};
use crate::text::markdown::escape;
use crate::text::time::short_time;

pub const DELIVERIES: Usage = Usage {
    words: &["deliveries"],
    form: "deliveries",
    meaning: "shows what waits to be sent to the channel, and what failed",
    examples: &["deliveries"],
    brief: ("deliveries", "messages that wait or failed"),
    ..Usage::NEW
};

/// The limit of each list.
const SHOWN_MAX: usize = 10;

pub(crate) fn answer(state: &State, now: Timestamp, config: &Config) -> String {
    let deliveries = &state.deliveries;
    let mut lines = Vec::new();
    let count = deliveries.waiting().count();
    match count {
        0 => lines.push("Nothing waits to be sent.".to_owned()),
        1 => lines.push("One waits to be sent:".to_owned()),
        count => lines.push(format!("{count} wait to be sent:")),
    }
    lines.extend(
        deliveries.waiting().take(SHOWN_MAX).map(|delivery| waiting(delivery, now, config)),
    );
    if count > SHOWN_MAX {
        lines.push(format!("… and {} more", count - SHOWN_MAX));
    }
    if !config.notifies {
        lines.push(
            "STATUS\\_NOTIFY\\_URL is not set: nothing is sent to the channel proactively, and \
             the next answer about an incident says what is waiting."
                .to_owned(),
        );
    }
    if !deliveries.ended().is_empty() {
        lines.push("Lately:".to_owned());
    }
    lines.extend(
        deliveries.ended().iter().rev().take(SHOWN_MAX).map(|ended| over(ended, now, config)),
    );
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

fn waiting(delivery: &Delivery, now: Timestamp, config: &Config) -> String {
    let at = |time| short_time(time, now, &config.time_zone);
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

fn over(ended: &Ended, now: Timestamp, config: &Config) -> String {
    let how = match &ended.end {
        End::Delivered => format!("sent, {}", times(ended.tries)),
        End::Carried => "said in an answer".to_owned(),
        End::Skipped(why) => format!("not sent: {}", escape(why)),
    };
    let at = short_time(ended.at, now, &config.time_zone);
    format!("{} ({at}: {how})", named(ended.id, &ended.heading))
}
