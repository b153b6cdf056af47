//! Records contain their evictions. So any fold of them has the same result, whatever the writer's
//! limits were.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use proptest::prelude::*;
use status_update::core::decide::Decision;
use status_update::core::incident::events::StatusEvent;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Event, MessageEvent, Record};
use status_update::core::log::state::State;
use status_update::core::response::events::ResponseEvent;

use super::inputs::{Typed, config, message, settings};
use crate::cases::thread::{Handled, START, Thread};
use crate::golden::NO_TIME;

/// Small ones, so that short histories pass them.
fn limits() -> impl Strategy<Value = Limits> {
    let lists = (0..4_usize, 0..3_000_usize, 1..4_usize);
    (lists, 1..6_usize, 0..4_usize, 1..40_usize).prop_map(
        |((closed, closed_bytes, months), days, components, messages)| Limits {
            closed,
            internal: closed,
            covers: closed,
            closed_bytes,
            months,
            days,
            components,
            messages,
            remembered: NO_TIME,
            summaries: closed,
            people: messages,
            waiting: 3,
            delivered: 3,
        },
    )
}

/// A message, the hours before it, and the limits from then on.
type Moment = (Typed, i64, Option<Limits>);

fn moments(count: usize) -> impl Strategy<Value = Vec<Moment>> {
    let hours = prop_oneof![6 => 0..3_i64, 2 => 20..30_i64, 1 => 600..800_i64];
    // Often about closed incidents, which may have to be recalled.
    let back = prop::sample::select(&["reopen", "correct", "postmortem", "close", "update"][..]);
    let back = (back, 1..8_u32).prop_map(|(verb, n)| Typed::Plain(format!("{verb} #{n} Words")));
    let open = prop::sample::select(&["Checkout", "API", "Search", "Café finder"][..]);
    let seen_by = prop::sample::select(&["", "", "internal ", "drill ", "internal sev2 "][..]);
    let open = (open, seen_by)
        .prop_map(|(on, seen_by)| Typed::Plain(format!("open another {seen_by}on {on}: It fails")));
    // A command about a closed and evicted incident has to find its whole past.
    let said = prop::sample::select(
        &[
            "ack",
            "mitigated",
            "doing",
            "know",
            "affects",
            "sev",
            "publish",
            "note",
            "task",
            "tested",
            "told",
            "status",
            "questions",
            "tasks",
            "timeline",
            "timeline full",
        ][..],
    );
    let said = (said, 1..8_u32).prop_map(|(verb, number)| {
        Typed::Plain(match verb {
            "sev" => format!("sev #{number} {}", number % 4 + 1),
            "status" | "questions" | "tasks" | "timeline" | "timeline full" => {
                format!("{verb} #{number}")
            }
            "tested" => format!("tested #{number} ok"),
            "told" => format!("told #{number} us via mail: Words"),
            _ => format!("{verb} #{number} Words"),
        })
    });
    let typed = prop_oneof![3 => message(), 3 => back, 3 => open, 3 => said];
    let changed = prop_oneof![8 => Just(None), 1 => limits().prop_map(Some)];
    prop::collection::vec((typed, hours, changed), 20..count)
}

fn send(thread: &mut Thread, typed: &Typed) {
    let Some(message) = typed.message(thread) else { return };
    let said = thread.send(&message);
    // A record that could not be folded would be noticed here.
    if let Handled::Decided { decision, .. } = said {
        assert!(!matches!(*decision, Decision::Impossible(_)), "{typed:?}: {decision:?}");
    }
}

/// Incidents that the record changed stay until the next one; everything else is within the limits.
/// (So are components, except those that this record changed or that an evicted incident affected.)
fn check(state: &State, record: &Record, limits: &Limits) -> Result<(), TestCaseError> {
    let mut changed = touched(record);
    changed.extend(state.changed_by(record.revision).map(|dossier| dossier.number()));
    let internal = state.responses.values().filter(|r| !r.is_public() && !r.is_open());
    let others = internal.filter(|response| !changed.contains(&response.number)).count();
    prop_assert!(others <= limits.internal, "{others} closed internal ones under {limits:?}");
    for number in record.response().flat_map(evicted) {
        prop_assert!(state.dossier(*number).is_none());
        prop_assert!(!state.threads.contains_key(number));
    }
    let evicted = record.status().filter_map(|event| match event {
        StatusEvent::Evicted { incidents, .. } => Some(incidents),
        _ => None,
    });
    for number in evicted.flatten() {
        prop_assert!(state.dossier(*number).is_none());
        prop_assert!(!state.threads.contains_key(number));
    }
    // A record that is not public respects no public limit: it may evict only recalled incidents
    // that are on no list.
    if record.status().all(|event| matches!(event, StatusEvent::Evicted { .. })) {
        return Ok(());
    }
    for maintenance in [false, true] {
        let kept = state.status.closed.iter().filter(|i| i.is_maintenance() == maintenance);
        let others = kept.filter(|i| !changed.contains(&i.number)).count();
        prop_assert!(others <= limits.closed, "{others} closed ones under {limits:?}");
    }
    prop_assert!(state.status.months.len() <= limits.months);
    prop_assert!(state.status.ledger.days().len() <= limits.days);
    prop_assert!(state.messages.len() <= limits.messages + 64 + 1);
    Ok(())
}

/// The incidents of a record.
fn touched(record: &Record) -> BTreeSet<u32> {
    let public = record.status().filter_map(StatusEvent::number);
    public.chain(record.response().filter_map(ResponseEvent::number)).collect()
}

fn evicted(event: &ResponseEvent) -> &[u32] {
    if let ResponseEvent::Evicted { numbers, .. } = event { numbers } else { &[] }
}

/// However often an incident is evicted and recalled, the response's timeline has every record
/// about it, and a public one has its public half.
fn check_nothing_is_lost(thread: &Thread) -> Result<(), TestCaseError> {
    let mut told: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for record in &thread.records {
        let public = record.status().filter(|event| {
            !matches!(event, StatusEvent::Recalled { .. } | StatusEvent::Overdue { .. })
        });
        let internal =
            record.response().filter(|event| !matches!(event, ResponseEvent::Recalled { .. }));
        let numbers = public.filter_map(StatusEvent::number);
        for number in numbers.chain(internal.filter_map(ResponseEvent::number)) {
            told.entry(number).or_default().insert(record.revision);
        }
    }
    for (number, revisions) in told {
        let dossier = &thread.documents[&number];
        prop_assert!(dossier.is_whole(number), "#{number}: {dossier:?}");
        if let Some(response) = &dossier.response {
            let entries: BTreeSet<u64> = response.entries.iter().map(|entry| entry.1).collect();
            prop_assert_eq!(entries, revisions, "the timeline of #{}", number);
        }
        if let Some(kept) = thread.state.dossier(number) {
            prop_assert_eq!(&kept, dossier);
        }
    }
    Ok(())
}

fn replay(log: &[Vec<u8>]) -> Result<State, TestCaseError> {
    let mut state = State::default();
    for bytes in log {
        let folded = fold_bytes(&mut state, bytes);
        prop_assert!(folded.is_ok(), "{folded:?}");
    }
    Ok(state)
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn a_log_means_the_same_for_any_limits_of_its_writer(
        first in limits(),
        moments in moments(70),
    ) {
        let mut thread = Thread::new(config(), START);
        thread.limits = first;
        for (typed, hours, changed) in &moments {
            if let Some(changed) = changed {
                thread.limits = *changed;
            }
            let (state, length) = (thread.state.clone(), thread.log.len());
            let at = thread.now + Span::new().hours(*hours);
            thread.clock(at);
            thread.now = at;
            send(&mut thread, typed);
            for record in thread.records.iter().skip(length + 1) {
                prop_assert!(record.revision > state.revision);
            }
            if thread.log.len() > length {
                let record = thread.records.last().unwrap();
                check(&thread.state, record, &thread.limits)?;
            }
        }
        check_nothing_is_lost(&thread)?;
        prop_assert_eq!(replay(&thread.log)?, thread.state);
    }
}

/// The histories above are useful: they contain every kind of eviction and recall.
#[test]
fn tight_limits_cause_every_kind_of_eviction() {
    let mut thread = Thread::new(config(), START);
    thread.limits = Limits {
        closed: 1,
        internal: 1,
        covers: 1,
        closed_bytes: 60,
        months: 2,
        days: 3,
        components: 1,
        messages: 5,
        remembered: NO_TIME,
        summaries: 1,
        people: 2,
        waiting: 3,
        delivered: 3,
    };
    for round in 0..30_u32 {
        let number = thread.state.next_number;
        let on = ["Checkout", "API", "Search"][round as usize % 3];
        for text in [
            format!("open another on {on}: Number {number}"),
            format!("update #{number} Found it"),
            format!("close #{number}"),
            format!("reopen #{} Back", number.saturating_sub(2).max(1)),
            format!("correct #{} Better", number.saturating_sub(2).max(1)),
            format!("close #{}", number.saturating_sub(2).max(1)),
            format!("open another internal on {on}: Number {}", number + 1),
            format!("close #{}", number + 1),
            format!("ack #{} Seen", number.saturating_sub(3).max(2)),
            format!("doing #{} Words", number.saturating_sub(3).max(2)),
        ] {
            thread.say(&text);
        }
        let at = thread.now + Span::new().hours(24 * 9);
        thread.clock(at);
        thread.now = at;
    }
    let mut seen = BTreeSet::new();
    for event in thread.records.iter().flat_map(|record| &record.events) {
        match event {
            Event::Message(MessageEvent::Evicted { .. }) => drop(seen.insert("messages")),
            Event::Status(StatusEvent::Recalled { .. }) => drop(seen.insert("recalled")),
            Event::Status(StatusEvent::Evicted {
                incidents,
                months_through,
                days_through,
                components,
                ..
            }) => {
                let parts = [
                    ("incidents", !incidents.is_empty()),
                    ("months", months_through.is_some()),
                    ("days", days_through.is_some()),
                    ("components", !components.is_empty()),
                ];
                seen.extend(parts.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name));
            }
            Event::Response(ResponseEvent::Evicted { .. }) => drop(seen.insert("internal")),
            Event::Response(ResponseEvent::Recalled { response }) if !response.is_public() => {
                seen.insert("internal recalled");
            }
            Event::Response(ResponseEvent::Recalled { .. }) => {
                seen.insert("response recalled");
            }
            Event::Message(MessageEvent::TakenBack { .. })
            | Event::Status(_)
            | Event::Response(_)
            | Event::Roster(_)
            | Event::Delivery(_)
            | Event::Launch(_)
            | Event::People(_)
            | Event::RemovalOrdered(_)
            | Event::Redacted(_)
            | Event::ComponentsNamed(_)
            | Event::ErasureHindered(_)
            | Event::Erased(_) => {}
        }
    }
    let all = [
        "components",
        "days",
        "incidents",
        "internal",
        "internal recalled",
        "messages",
        "months",
        "recalled",
        "response recalled",
    ];
    assert!(seen.iter().eq(&all), "{seen:?}");
    assert_eq!(replay(&thread.log).unwrap(), thread.state);
}
