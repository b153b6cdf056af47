//! Histories: whatever is sent, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use proptest::prelude::*;
use status_update::core::answer::recorded::main_event;
use status_update::core::commands::refusal::RefusalKind;
use status_update::core::decide::Decision;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::model::{Number, OPEN_INCIDENTS_MAX};
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::{FoldError, fold_bytes};
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::teams::activity;

use super::inputs::{Typed, config, message, settings};
use crate::cases::thread::{Content, FIRST_ID, Handled, Message, START, Thread};

/// Sends a message and checks all that one message may and may not do.
pub fn step(thread: &mut Thread, typed: &Typed) -> Result<Handled, TestCaseError> {
    let before = thread.state.clone();
    let again = || {
        let nothing_yet = thread.records.is_empty();
        if nothing_yet { Content::Plain("status".to_owned()) } else { Content::Again }
    };
    let message = typed.message(thread).unwrap_or_else(|| again().into());
    let said = thread.send(&message);
    let Handled::Decided { message, command, decision, recalled } = &said else {
        return Ok(said);
    };
    match decision.as_ref() {
        Decision::Record(record) => {
            prop_assert_eq!(record.revision, before.revision + 1);
            prop_assert!(record.at >= before.at);
            let again = thread.decide(message, command, None);
            prop_assert_eq!(again, Decision::Duplicate(record.revision));
        }
        Decision::Recall(_) => prop_assert!(false, "asked twice for a document"),
        other => {
            prop_assert_eq!(&before, &thread.state);
            let document = recalled.and_then(|number| thread.documents.get(&number));
            prop_assert_eq!(&thread.decide(message, command, document), other);
        }
    }
    Ok(said)
}

/// Which of the messages that were sent began the thread of this one.
fn root_of(message: &activity::Message) -> usize {
    let id: usize = message.thread.as_ref().unwrap().parse().unwrap();
    id - usize::try_from(FIRST_ID).unwrap()
}

fn check(state: &State) -> Result<(), TestCaseError> {
    prop_assert!(state.status.open.len() <= OPEN_INCIDENTS_MAX);
    prop_assert!(state.status.closed.len() <= Limits::DEFAULT.closed);
    prop_assert!(state.messages.len() <= Limits::DEFAULT.messages + 64);
    prop_assert!(state.status.months.len() <= Limits::DEFAULT.months);
    let mut numbers = BTreeSet::new();
    for incident in state.status.open.values().chain(&state.status.closed) {
        prop_assert!(numbers.insert(incident.number), "#{} is there twice", incident.number);
        prop_assert!(incident.number < state.next_number);
        prop_assert!(!incident.updates.is_empty());
        prop_assert!(incident.updates.iter().all(|update| update.at <= state.at));
        let is_open = state.status.open.contains_key(&incident.number);
        prop_assert_eq!(is_open, incident.resolved.is_none());
        prop_assert_eq!(is_open, incident.stage.word() != "resolved");
    }
    prop_assert!(state.status.open.iter().all(|(number, incident)| *number == incident.number));
    Ok(())
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn replay_equals_fold_from_every_snapshot(
        messages in prop::collection::vec(message(), 1..40),
        clock in prop::collection::vec(-600..600_i64, 40),
    ) {
        let mut thread = Thread::new(config(), START);
        let mut states = vec![thread.state.clone()];
        for (typed, seconds) in messages.iter().zip(clock) {
            // The clocks of two machines differ, in both directions.
            thread.now += Span::new().seconds(seconds);
            if let Decision::Record(_) = step(&mut thread, typed)?.decision() {
                states.push(thread.state.clone());
            }
            check(&thread.state)?;
        }
        prop_assert_eq!(states.len(), thread.log.len() + 1);
        for (revision, state) in states.iter().enumerate() {
            let json = serde_json::to_vec(state).unwrap();
            let mut replayed: State = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(&replayed, state);
            for bytes in &thread.log[revision..] {
                fold_bytes(&mut replayed, bytes).unwrap();
            }
            prop_assert_eq!(&replayed, &thread.state);
        }
    }

    #[test]
    fn a_number_is_given_once_and_the_log_has_no_gaps(
        messages in prop::collection::vec(message(), 1..60),
    ) {
        let mut thread = Thread::new(config(), START);
        for typed in &messages {
            step(&mut thread, typed)?;
        }
        let opened = thread.records.iter().flat_map(Record::status).filter_map(|event| {
            if let StatusEvent::Opened { number, .. } = event { Some(*number) } else { None }
        });
        prop_assert!(opened.eq(1..thread.state.next_number));
        let revisions = thread.records.iter().map(|record| record.revision);
        prop_assert!(revisions.eq(1..=thread.state.revision));
    }

    /// A command without a number, in a thread in which something was opened that the state keeps,
    /// changes nothing that was opened elsewhere; and where one thing is open there, that one.
    #[test]
    fn a_reply_is_about_the_incident_of_its_thread(
        messages in prop::collection::vec(message(), 1..40),
        which in any::<prop::sample::Index>(),
        verb in prop::sample::select(&[
            "update Found it", "identified Found it", "close", "impact critical", "impact minor",
            "reopen It is back", "correct Nothing works", "postmortem Learned",
        ][..]),
    ) {
        let mut thread = Thread::new(config(), START);
        let mut roots = BTreeMap::new();
        for typed in &messages {
            let said = step(&mut thread, typed)?;
            let Handled::Decided { message, decision, .. } = &said else { continue };
            if let Decision::Record(record) = decision.as_ref()
                && let Some(StatusEvent::Opened { number, .. }) = main_event(record)
            {
                roots.insert(*number, root_of(message));
            }
        }
        prop_assume!(!roots.is_empty());
        let root = *which.get(&roots.values().copied().collect::<Vec<_>>());
        let is_here = |number: &Number| roots.get(number) == Some(&root);
        let open: Vec<Number> = thread.state.status.open.keys().copied().collect();
        let open_here: Vec<Number> = open.iter().copied().filter(is_here).collect();
        let content = Content::Plain(verb.to_owned());
        let said = thread.send(&Message { reply_to: Some(root), ..content.into() });
        let changed = match said.decision() {
            Decision::Record(record) => main_event(record).and_then(StatusEvent::number),
            Decision::Refuse(refusal) => match refusal.kind {
                Some(RefusalKind::SameImpact(number)) => Some(number),
                _ => None,
            },
            _ => None,
        };
        prop_assert!(changed.is_none_or(|number| is_here(&number)), "{verb:?}: {changed:?}");
        let is_of_open = !verb.starts_with("reopen") && !verb.starts_with("postmortem");
        if let [only] = open_here[..] && is_of_open {
            prop_assert_eq!(changed, Some(only), "{}", verb);
        }
    }

    #[test]
    fn a_changed_log_does_not_fold(
        messages in prop::collection::vec(message(), 6..20),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let mut thread = Thread::new(config(), START);
        thread.say("open Checkout is failing").expect_record();
        thread.say("update Still failing").expect_record();
        for typed in &messages {
            step(&mut thread, typed)?;
        }
        let (last, others) = thread.log.split_last_mut().unwrap();
        let record = others.iter_mut().last().unwrap();
        let place = place.index(record.len());
        record[place] ^= 1 << bit;
        let mut state = State::default();
        let mut outcome = Ok(());
        for bytes in others.iter().chain([&*last]) {
            outcome = fold_bytes(&mut state, bytes).map(drop);
            if outcome.is_err() {
                break;
            }
        }
        prop_assert!(outcome.is_err(), "nobody noticed");
    }
}

proptest! {
    #![proptest_config(settings(2))]

    /// Long enough to pass every limit.
    #[test]
    fn the_state_stays_bounded(
        messages in prop::collection::vec(message(), 40),
        days in 30..40_i64,
    ) {
        let mut thread = Thread::new(config(), START);
        let mut closed_most = 0;
        for round in 0..300_i64 {
            thread.now += Span::new().hours(24 * days);
            if thread.state.status.open.len() > OPEN_INCIDENTS_MAX / 2 {
                let oldest = *thread.state.status.open.keys().next().unwrap();
                step(&mut thread, &Typed::Plain(format!("close #{oldest}")))?;
            }
            let texts = ["open another Something fails", "update #{n} Found it", "close #{n}"];
            for text in texts {
                let number = thread.state.next_number - u32::from(!text.starts_with("open"));
                step(&mut thread, &Typed::Plain(text.replace("{n}", &number.to_string())))?;
            }
            if let Some(typed) = messages.get(usize::try_from(round % 60).unwrap()) {
                step(&mut thread, typed)?;
            }
            check(&thread.state)?;
            closed_most = closed_most.max(thread.state.status.closed.len());
        }
        prop_assert_eq!(closed_most, Limits::DEFAULT.closed);
        let remembered = thread.state.messages.len();
        // Those of the last two hours, and one step of older ones.
        prop_assert!(remembered <= 64 + 8, "{remembered}");
        prop_assert_eq!(thread.state.status.months.len(), Limits::DEFAULT.months);
        let json = serde_json::to_vec(&thread.state).unwrap();
        prop_assert_eq!(&serde_json::from_slice::<State>(&json).unwrap(), &thread.state);
    }
}

/// The state no longer knows the thread's opening, so a reply is like any other message.
#[test]
fn a_reply_in_the_thread_of_an_evicted_incident_is_like_any_message() {
    let mut thread = Thread::new(config(), START);
    thread.say("open Checkout is failing").expect_record();
    thread.say("close").expect_record();
    for _ in 0..=Limits::DEFAULT.closed {
        thread.say("open Search is slow").expect_record();
        thread.say("close").expect_record();
    }
    assert!(thread.state.status.incident(1).is_none(), "not evicted");
    // Nothing was closed just now.
    thread.now += Span::new().minutes(31);
    let reply =
        |text: &str| Message { reply_to: Some(0), ..Content::Plain(text.to_owned()).into() };
    let asked = thread.send(&reply("reopen It is back"));
    let Decision::Refuse(refusal) = asked.decision() else {
        panic!("{asked:?}");
    };
    let Some(RefusalKind::WhichOne(candidates)) = &refusal.kind else {
        panic!("{refusal:?}");
    };
    assert!(candidates.len() == 5 && !candidates.contains(&1));
    let nothing = thread.send(&reply("close"));
    let Decision::Refuse(refusal) = nothing.decision() else {
        panic!("{nothing:?}");
    };
    assert_eq!(refusal.kind, Some(RefusalKind::NothingOpen));
    thread.send(&reply("reopen #1 It is back")).expect_record();
    thread.send(&reply("close")).expect_record();
    assert!(thread.state.status.open.is_empty());
}

#[test]
fn a_record_from_another_place_does_not_fold() {
    let mut thread = Thread::new(config(), START);
    for text in ["open Checkout is failing", "update Found it", "close"] {
        thread.say(text).expect_record();
    }
    let error = fold_bytes(&mut State::default(), &thread.log[1]).unwrap_err();
    assert_eq!(error, FoldError::Revision { expected: 1, found: 2 });
    let mut state = State::default();
    fold_bytes(&mut state, &thread.log[0]).unwrap();
    state.head = state.head.replace(|c: char| c.is_ascii_digit(), "a");
    let error = fold_bytes(&mut state, &thread.log[1]).unwrap_err();
    assert_eq!(error, FoldError::Chain { revision: 2 });
    let error = fold_bytes(&mut state, b"{").unwrap_err();
    assert!(matches!(error, FoldError::Unreadable { revision: 2, .. }), "{error}");
    let unknown = String::from_utf8(thread.log[0].clone()).unwrap().replace("opened", "invented");
    let error = fold_bytes(&mut State::default(), unknown.as_bytes()).unwrap_err();
    assert!(matches!(error, FoldError::Unreadable { revision: 1, .. }), "{error}");
}
