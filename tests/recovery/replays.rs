//! Copies of messages: whatever else was recorded meanwhile, a copy is the same record and the same
//! answer, and a recorded message is never denied.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use status_update::core::answer::trouble::Trouble;
use status_update::core::commands::context::Context;
use status_update::core::commands::parse::parse;
use status_update::core::config::Config;
use status_update::core::decide::{Decision, clock, decide};
use status_update::core::log::evict::Limits;
use status_update::core::log::seal::Salt;
use status_update::core::log::state::State;
use status_update::service::Outcome;
use status_update::store::Container;
use status_update::store::memory::{Fault, Hook, Memory, OperationKind};
use tokio::time::sleep;

use super::{assert_recorded, folded, history, say, service};
use crate::simulation::world::{message, now, runtime};

/// A storm of alerts, messages and notes within a moment once evicted the first message.
#[test]
fn a_copy_after_a_storm_is_the_same_record() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        assert_recorded(&say(&process, 1, "open internal A queue").await);
        assert_recorded(&say(&process, 2, "note #1 The first").await);
        for id in 10..710 {
            assert_recorded(&say(&process, id, "note #1 More").await);
        }
        for process in [process, service(&memory)] {
            let copy = say(&process, 2, "note #1 The first").await;
            let Outcome::Recorded { record, replayed: true, .. } = &copy else {
                panic!("recorded twice: {copy:?}");
            };
            assert_eq!(record.revision, 2);
        }
        assert_eq!(folded(&memory).revision, 702);
    });
}

fn decided(state: &State, id: u64, limits: &Limits, later: SignedDuration) -> Decision {
    let config = Config::default();
    let message = message(id, "note #1 More");
    let cause = &message.cause(now() + later);
    let context = Context { state, config: &config, limits, cause, recalled: None };
    decide(context, &parse(&message.said, &config))
}

/// At the limit a new command waits instead of evicting a young message; when the oldest are old
/// enough, they make room.
#[test]
fn at_the_bound_new_commands_wait_until_the_oldest_are_old_enough() {
    let limits = Limits { messages: 100, ..Limits::DEFAULT };
    let memory = Memory::default();
    runtime().block_on(async {
        let process = service(&memory);
        assert_recorded(&say(&process, 0, "open internal A queue").await);
        for id in 1..100 {
            assert_recorded(&say(&process, id, "note #1 More").await);
        }
    });
    let state = folded(&memory);
    let hours = SignedDuration::from_hours;
    assert_eq!(decided(&state, 500, &limits, hours(0)), Decision::Busy);
    assert_eq!(decided(&state, 500, &limits, hours(2)), Decision::Busy);
    assert_eq!(decided(&state, 7, &limits, hours(0)), Decision::Duplicate(8), "a copy is told so");
    let after = hours(2) + SignedDuration::from_secs(1);
    assert!(matches!(decided(&state, 500, &limits, after), Decision::Record(_)));
    let room = Limits { messages: 101, ..limits };
    assert!(matches!(decided(&state, 500, &room, hours(0)), Decision::Record(_)));
}

/// Faults of storage.
const NOTHING: u8 = 0;
const FAILS: u8 = 1;
const RECORDS_HANG: u8 = 2;

fn troubled(memory: &Memory) -> (Memory, Arc<AtomicU8>) {
    let trouble = Arc::new(AtomicU8::new(NOTHING));
    let now = Arc::clone(&trouble);
    let hook: Hook = Arc::new(move |operation| {
        let is_record =
            operation.kind == OperationKind::Put && operation.key.container == Container::Log;
        let now = now.load(Ordering::Relaxed);
        Box::pin(async move {
            if now == RECORDS_HANG && is_record {
                sleep(Duration::from_secs(30)).await;
            }
            if now == FAILS { Fault::FailBefore } else { Fault::None }
        })
    });
    (memory.with_faults(hook), trouble)
}

#[test]
fn a_copy_of_a_recorded_message_is_never_denied_while_storage_fails() {
    runtime().block_on(async {
        let memory = history().await;
        let (handle, trouble) = troubled(&memory);
        let process = service(&handle);
        assert_recorded(&say(&process, 50, "update Found it").await);
        trouble.store(FAILS, Ordering::Relaxed);
        for round in 0..3 {
            let copy = say(&process, 50, "update Found it").await;
            let is_told = matches!(copy, Outcome::Trouble(Trouble::RecordedBefore(6)));
            assert!(is_told, "round {round}: {copy:?}");
            // Something else fails in between, and leaves the log's end in doubt.
            let other = say(&process, 60 + round, "update Something else").await;
            assert!(matches!(other, Outcome::Trouble(Trouble::NotRecorded(_))), "{other:?}");
        }
        trouble.store(NOTHING, Ordering::Relaxed);
        let copy = say(&process, 50, "update Found it").await;
        assert!(matches!(copy, Outcome::Recorded { replayed: true, .. }), "{copy:?}");
    });
}

/// A different process may have recorded it.
#[test]
fn a_process_that_has_not_read_the_log_denies_nothing() {
    runtime().block_on(async {
        let memory = history().await;
        assert_recorded(&say(&service(&memory), 50, "update Found it").await);
        let (handle, trouble) = troubled(&memory);
        trouble.store(FAILS, Ordering::Relaxed);
        let process = service(&handle);
        let copy = say(&process, 50, "update Found it").await;
        assert!(matches!(copy, Outcome::Trouble(Trouble::NotKnown(_))), "{copy:?}");
        trouble.store(NOTHING, Ordering::Relaxed);
        let copy = say(&process, 50, "update Found it").await;
        assert!(matches!(copy, Outcome::Recorded { replayed: true, .. }), "{copy:?}");
    });
}

/// Records of the clock and of messages that are sent do not wait, and take no room, however many
/// there are.
#[test]
fn no_number_of_other_records_makes_a_young_message_forgotten() {
    let limits = Limits { messages: 100, ..Limits::DEFAULT };
    let (memory, config) = (Memory::default(), Config::default());
    runtime().block_on(async {
        let process = service(&memory);
        assert_recorded(&say(&process, 0, "open internal A queue").await);
        for id in 1..50 {
            assert_recorded(&say(&process, id, "note #1 More").await);
        }
    });
    let mut state = folded(&memory);
    for _ in 0..300 {
        let step = clock::step((&state, &config, &limits), now(), Vec::new()).unwrap();
        let mut completed = step.unwrap();
        completed.seal(&Salt::default()).unwrap();
        state = completed.state;
    }
    assert_eq!(decided(&state, 7, &limits, SignedDuration::ZERO), Decision::Duplicate(8));
    assert!(matches!(decided(&state, 500, &limits, SignedDuration::ZERO), Decision::Record(_)));
    let Decision::Record(much_later) = decided(&state, 500, &limits, SignedDuration::from_hours(3))
    else {
        panic!("not recorded")
    };
    assert_eq!(much_later.state.messages.len(), 51, "of so few, none is worth an event");
    let limits = Limits { messages: 10, ..limits };
    assert_eq!(decided(&state, 500, &limits, SignedDuration::ZERO), Decision::Busy);
}

#[test]
fn a_copy_of_a_message_in_doubt_is_not_reported_as_lost() {
    runtime().block_on(async {
        let memory = history().await;
        let (handle, trouble) = troubled(&memory);
        let process = service(&handle);
        assert!(matches!(say(&process, 40, "status").await, Outcome::Report { .. }));
        trouble.store(RECORDS_HANG, Ordering::Relaxed);
        let first = say(&process, 50, "update Found it").await;
        assert!(matches!(first, Outcome::Trouble(Trouble::Unconfirmed)), "{first:?}");
        trouble.store(FAILS, Ordering::Relaxed);
        let copy = say(&process, 50, "update Found it").await;
        assert!(matches!(copy, Outcome::Trouble(Trouble::Unconfirmed)), "{copy:?}");
        let other = say(&process, 51, "update Something else").await;
        assert!(matches!(other, Outcome::Trouble(Trouble::NotRecorded(_))), "{other:?}");
    });
}
