//! Histories of responders: all that people can say of an incident and its launch, in any order,
//! with hostile words in it.

use jiff::Span;
use proptest::prelude::*;
use status_update::core::answer::{Answer, card};
use status_update::core::decide::Decision;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;

use super::histories::step;
use super::inputs::{Typed, config, message, settings, text};
use crate::cases::answer;
use crate::cases::thread::{Handled, START, Thread};

/// Teams accepts answers of about 28 KB.
const ANSWER_BYTES_MAX: usize = 28 * 1024;

/// A responder's message: a command with words after it, cut off, or whole.
fn said() -> impl Strategy<Value = Typed> {
    let number = prop::sample::select(&["", "#1 ", "#1 ", "#1 ", "#2 ", "#99 "][..]);
    let verb = prop::sample::select(
        &[
            "open internal sev2 since=20m on Checkout:",
            "open drill",
            "publish #1 major",
            "publish",
            "ack",
            "know",
            "doing",
            "affects",
            "sev 2",
            "sev 9",
            "mitigated",
            "mitigated at 9:00",
            "when started 20m ago",
            "when resolved now",
            "when detected 99:99 via",
            "questions",
            "role scribe {@Bo Larsen}",
            "ic me",
            "expert me for",
            "release scribe",
            "release",
            "roles",
            "note",
            "note 5m ago",
            "note at 9:00",
            "note in 5m",
            "timeline",
            "timeline full",
            "timeline full page 2",
            "timeline full #1 entry 3",
            "task",
            "task done 1",
            "tasks",
            "tested ok",
            "tested failed",
            "tested",
            "told support via mail:",
            "told",
            "guide",
            "action",
            "action done 1",
            "action #1 Alert @me by friday",
            "actions",
            "review",
            "stats",
            "stats #1",
            "oncall",
            "cover checkout primary me for",
            "swap with {@Bo Larsen}",
            "uncover 1",
            "launch",
            "launch status",
            "launch retry channel",
            "launch skip message",
            "deliveries",
            "status",
            "update",
            "close",
            "reopen",
        ][..],
    );
    let behind = prop_oneof![
        2 => Just(String::new()),
        3 => Just("The gateway is slow".to_owned()),
        1 => Just("Ask support {@Cy Dekker}".to_owned()),
        3 => text(),
    ];
    let typed = (verb, number, behind).prop_map(|(verb, number, text)| {
        let (word, rest) = verb.split_once(' ').unwrap_or((verb, ""));
        let number = if word == "open" || rest.contains('#') { "" } else { number };
        format!("{word} {number}{rest} {text}")
    });
    prop_oneof![
        12 => typed.clone().prop_map(Typed::Plain),
        6 => (any::<prop::sample::Index>(), typed).prop_map(|(f, text)| Typed::Reply(f, text)),
        1 => message(),
        1 => Just(Typed::Again),
    ]
}

/// A history begins with something to talk about.
fn begun(rosters: bool) -> Thread {
    let mut thread = Thread::new(config(), START);
    if rosters {
        thread.config.notifies = true;
        let set = thread.set_rosters(include_str!("../cases/shop-rosters.toml"));
        assert!(matches!(set, Decision::Record(_)), "{set:?}");
    }
    thread.say("open internal Checkout is failing").expect_record();
    thread
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn any_responder_command_has_a_bounded_answer_and_replays(
        messages in prop::collection::vec(said(), 1..40),
        minutes in prop::collection::vec(0..90_i64, 40),
        rosters in any::<bool>(),
    ) {
        let mut thread = begun(rosters);
        for (typed, minutes) in messages.iter().zip(minutes) {
            let at = thread.now + Span::new().minutes(minutes);
            thread.clock(at);
            let records = thread.records.len();
            let said = step(&mut thread, typed)?;
            let Handled::Decided { decision, .. } = &said else { continue };
            let recorded = matches!(decision.as_ref(), Decision::Record(_));
            prop_assert_eq!(thread.records.len(), records + usize::from(recorded));
            prop_assert!(!matches!(decision.as_ref(), Decision::Impossible(_)), "{:?}", decision);
            let answer = answer(decision, &thread).expect("an answer");
            if let Decision::Refuse(why) = decision.as_ref() {
                let Answer::Sentence(sentence) = &answer else {
                    return Err(TestCaseError::fail(format!("{why:?} has no sentence")));
                };
                prop_assert!(sentence.contains(' '), "{:?}: {}", why, sentence);
            }
            let bytes = card::activity(&answer).to_string().len();
            prop_assert!(bytes <= ANSWER_BYTES_MAX, "{} bytes of answer to {:?}", bytes, typed);
        }
        let mut state = State::default();
        for bytes in &thread.log {
            fold_bytes(&mut state, bytes).unwrap();
            let json = serde_json::to_vec(&state).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<State>(&json).unwrap(), &state);
        }
        prop_assert_eq!(&state, &thread.state);
    }
}
