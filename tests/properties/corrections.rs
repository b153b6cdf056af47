//! A corrected fact counts as if it had been recorded correctly, and an undone record as if it had
//! never existed.

use std::path::Path;

use jiff::{Span, Timestamp};
use proptest::prelude::*;
use status_update::core::commands::SPECS;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::events::{Fact, StatusEvent};
use status_update::core::incident::ledger::Day;
use status_update::core::incident::model::{Impact, ImpactCorrection, Incident};
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;
use status_update::core::response::model::Response;

use crate::cases::thread::{Content, Message, START, Sender, Thread};

const CONFIG: &str = "time_zone = \"Europe/Berlin\"\n[[components]]\nname = \"Checkout\"\n\
                      [[components]]\nname = \"Search\"\n";

const IMPACTS: [&str; 3] = ["minor", "major", "critical"];
const COMPONENTS: [&str; 3] = ["Checkout", "Search", "Checkout, Search"];

/// The true course of an incident, and its first recording.
#[derive(Clone, Debug)]
struct Truth {
    start: i64,
    length: i64,
    impact: usize,
    on: usize,
    late_open: i64,
    late_close: i64,
    first_impact: usize,
    first_on: usize,
    way: Way,
}

/// The way in which the truth was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Corrected,
    ClosedAt,
    Backfilled,
    /// It was a false alarm.
    Withdrawn,
}

fn truth() -> impl Strategy<Value = Truth> {
    let way = prop_oneof![
        3 => Just(Way::Corrected),
        1 => Just(Way::ClosedAt),
        1 => Just(Way::Backfilled),
        1 => Just(Way::Withdrawn),
    ];
    let times = (60_i64..4_000, 1_i64..2_000, 0_i64..300, 1_i64..300);
    (times, 0_usize..3, 0_usize..3, 0_usize..3, 0_usize..3, way).prop_map(
        |((start, length, late_open, late_close), impact, on, first_impact, first_on, way)| Truth {
            start,
            length,
            impact,
            on,
            late_open,
            late_close,
            first_impact,
            first_on,
            way,
        },
    )
}

fn at(start: Timestamp, minutes: i64) -> Timestamp {
    start + Span::new().minutes(minutes)
}

fn typed(start: Timestamp, minutes: i64) -> String {
    at(start, minutes).strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// Says something at a minute.
#[track_caller]
fn say(thread: &mut Thread, start: Timestamp, minutes: i64, text: &str) {
    thread.now = at(start, minutes);
    let said = thread.say(text);
    assert!(matches!(said.decision(), Decision::Record(_)), "{text}: {said:?}");
}

/// Runs the steps in their order, and returns the number of each opened incident.
fn play(start: Timestamp, mut steps: Vec<(i64, usize, String)>) -> (Thread, Vec<(usize, u32)>) {
    let mut thread = Thread::new(Config::parse(CONFIG).unwrap(), start);
    say(&mut thread, start, 0, "open The first that there was");
    say(&mut thread, start, 1, "close #1");
    steps.sort_by_key(|step| step.0);
    let mut numbers: Vec<(usize, u32)> = Vec::new();
    for (minutes, place, text) in steps {
        let number = numbers.iter().find(|known| known.0 == place).map(|known| known.1);
        if number.is_none() {
            numbers.push((place, thread.state.next_number));
        }
        let text = text.replace("{n}", &number.unwrap_or_default().to_string());
        say(&mut thread, start, minutes, &text);
    }
    (thread, numbers)
}

fn ledger(thread: &mut Thread, start: Timestamp) -> Vec<Day> {
    thread.clock(at(start, 12_000));
    let mut days: Vec<Day> = thread.state.status.ledger.days().iter().cloned().collect();
    for day in &mut days {
        day.affected.retain(|_, sum| sum.worst().is_some());
    }
    days
}

/// As it was recorded at first, and corrected after all of it.
fn corrected(start: Timestamp, truths: &[Truth]) -> Thread {
    let mut steps = Vec::new();
    for (place, truth) in truths.iter().enumerate() {
        let (impact, on) = (IMPACTS[truth.first_impact], COMPONENTS[truth.first_on]);
        let (opened, end) = (truth.start + truth.late_open, truth.start + truth.length);
        let open = format!("open another {impact} on {on}: Number {place}");
        let closed = end.max(opened) + truth.late_close;
        match truth.way {
            Way::Backfilled => {}
            Way::ClosedAt => {
                let (impact, on) = (IMPACTS[truth.impact], COMPONENTS[truth.on]);
                let open = format!("open another {impact} on {on}: Number {place}");
                steps.push((truth.start, place, open));
                let when = typed(start, end);
                steps.push((end + truth.late_close, place, format!("close #{{n}} at {when}")));
            }
            Way::Corrected | Way::Withdrawn => {
                steps.push((opened, place, open));
                steps.push((closed, place, "close #{n}".to_owned()));
            }
        }
    }
    let (mut thread, numbers) = play(start, steps);
    for (place, truth) in truths.iter().enumerate() {
        let number = numbers.iter().find(|known| known.0 == place).map_or(0, |known| known.1);
        let (began, end) = (typed(start, truth.start), typed(start, truth.start + truth.length));
        let (impact, on) = (IMPACTS[truth.impact], COMPONENTS[truth.on]);
        let mut lines = Vec::new();
        match truth.way {
            Way::ClosedAt => {}
            Way::Withdrawn => lines.push(format!("withdraw #{number}")),
            Way::Backfilled => {
                lines.push(format!("backfill {began} to {end} {impact} on {on}: Later"));
            }
            Way::Corrected => {
                // A known time is refused.
                let opened = typed(start, truth.start + truth.late_open);
                if began != opened {
                    lines.push(format!("correct #{number} started {began}"));
                }
                let known_end = (truth.start + truth.length).max(truth.start + truth.late_open);
                if end != typed(start, known_end + truth.late_close) {
                    lines.push(format!("correct #{number} closed {end}"));
                }
                if truth.impact != truth.first_impact {
                    lines.push(format!("correct #{number} impact {impact}"));
                }
                lines.push(format!("correct #{number} on {on}"));
            }
        }
        for line in lines {
            say(&mut thread, start, 10_000, &line);
        }
    }
    thread
}

/// As it was, from the start.
fn straight(start: Timestamp, truths: &[Truth]) -> Thread {
    let mut steps = Vec::new();
    for (place, truth) in truths.iter().enumerate().filter(|(_, t)| t.way != Way::Withdrawn) {
        let (impact, on) = (IMPACTS[truth.impact], COMPONENTS[truth.on]);
        steps.push((truth.start, place, format!("open another {impact} on {on}: Number {place}")));
        steps.push((truth.start + truth.length, place, "close #{n}".to_owned()));
    }
    play(start, steps).0
}

/// Where clocks are moved, and where they are not.
const STARTS: [&str; 3] = ["2026-11-21T09:45:00Z", "2026-10-24T09:00:00Z", "2027-03-27T20:00:00Z"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_corrected_past_counts_as_if_it_had_been_so(
        truths in prop::collection::vec(truth(), 1..6),
        start in 0_usize..3,
    ) {
        let start: Timestamp = STARTS[start].parse().unwrap();
        let (mut one, mut other) = (corrected(start, &truths), straight(start, &truths));
        prop_assert_eq!(ledger(&mut one, start), ledger(&mut other, start));
        let mut state = State::default();
        for bytes in &one.log {
            fold_bytes(&mut state, bytes).unwrap();
        }
        prop_assert_eq!(state, one.state);
    }
}

/// The compared part of an incident: all except counters and marks of the last change.
fn shown(incident: Option<&Incident>) -> Option<Incident> {
    let mut incident = incident?.clone();
    incident.updates_recorded = 0;
    (incident.revision, incident.listed) = (0, 0);
    (incident.edition, incident.listed_edition) = (0, 0);
    Some(incident)
}

/// The same of a response, without the timeline, which keeps everything.
fn known(response: Option<&Response>) -> Option<String> {
    let mut value = serde_json::to_value(response?).unwrap();
    let fields = value.as_object_mut().unwrap();
    for name in ["entries", "entered_later", "revision", "tasks_ever", "actions_ever"] {
        fields.remove(name);
    }
    for name in ["notes", "told_elsewhere"] {
        if let Some(numbered) = fields.get_mut(name).and_then(serde_json::Value::as_object_mut) {
            numbered.remove("recorded");
        }
    }
    fields.retain(|_, value| {
        !value.as_object().is_some_and(|kept| kept.values().all(|v| v == &serde_json::json!([])))
    });
    Some(value.to_string())
}

/// Each command that can be undone, with the messages before it.
const UNDONE: &[(&str, &[&str], &str)] = &[
    ("update", &[], "update identified It is a certificate"),
    ("update", &[], "update on Search: It is the search"),
    ("impact", &[], "impact critical"),
    ("close", &[], "close All is well"),
    ("close", &[], "close 2m ago"),
    ("reopen", &["close"], "reopen #1 It is back"),
    ("correct", &[], "correct Checkout fails for some"),
    ("correct", &["close"], "correct #1 closed 2m ago"),
    ("correct", &[], "correct #1 started 1h ago"),
    ("correct", &[], "correct #1 impact minor"),
    ("correct", &["close"], "correct #1 impact critical from 4m ago to 3m ago"),
    ("correct", &[], "correct #1 on Search"),
    ("correct", &["update It is a certificate"], "correct #1 update 1: Checkout is down"),
    ("title", &[], "title #1 Payments fail"),
    ("withdraw", &[], "withdraw #1 A false alarm"),
    ("withdraw", &["close"], "withdraw #1"),
    ("unpublish", &[], "unpublish #1"),
    ("duplicate", &["open another Search is slow"], "duplicate #1 of #2"),
    ("postmortem", &["close"], "postmortem #1 We learned"),
    ("when", &[], "when #1 started 20m ago"),
    ("when", &["when #1 started 30m ago"], "when #1 started 20m ago"),
    ("ack", &[], "ack"),
    ("mitigated", &[], "mitigated Traffic is elsewhere"),
    ("sev", &[], "sev 2"),
    ("sev", &["sev 3"], "sev 2"),
    ("aware", &["know The bank"], "know The payment team"),
    ("working", &[], "doing We roll back"),
    ("affected", &["affects Nobody"], "affects Everybody"),
    ("role", &[], "role commander me"),
    ("release", &["role commander me"], "release commander"),
    ("note", &[], "note The queue is empty"),
    ("note remove", &["note The queue is empty"], "note remove 1"),
    ("task", &[], "task Call the bank"),
    ("task done", &["task Call the bank"], "task done 1"),
    ("task remove", &["task Call the bank"], "task remove 1"),
    ("task reopen", &["task Call the bank", "task done 1"], "task reopen 1"),
    ("action", &[], "action Watch the certificates"),
    ("action done", &["action Watch it"], "action done 1"),
    ("action remove", &["action Watch it"], "action remove 1"),
    ("action reopen", &["action Watch it", "action done 1"], "action reopen 1"),
    ("tested", &["tested failed It is slow"], "tested ok It works"),
    ("told", &[], "told the bank via phone: We are on it"),
    ("told remove", &["told the bank via phone: We are on it"], "told remove 1"),
    ("move", &["open internal: The queue", "note #1 It is long"], "move #1 note 1 to #2"),
    ("move", &["open another Slow", "update #1 It is"], "move #1 update 2 to #2"),
    ("move", &["open internal: Slow", "update #1 It is"], "move #1 update 2 to #2"),
    ("maintenance", &["maintenance tomorrow 22:00 to 23:00: Work"], "maintenance #2 cancel"),
    ("maintenance", &["maintenance tomorrow 22:00 to 23:00: Work"], "maintenance #2 extend 30m"),
    ("maintenance", &["maintenance tomorrow 22:00 to 23:00: Work"], "maintenance #2 start"),
    (
        "maintenance",
        &["maintenance tomorrow 22:00 to 23:00: Work"],
        "maintenance #2 move to tomorrow 23:00 to 23:30",
    ),
    ("publish", &["open internal: The queue is long"], "publish #2 Mails are late"),
];

/// Openings, whose undoing leaves a withdrawal.
const WITHDRAWN: &[(&str, &str)] = &[
    ("open", "open another Search is slow"),
    ("open", "open internal: The queue is long"),
    ("open", "open drill: Nobody is there"),
    ("backfill", "backfill yesterday 10:00 to 11:00 minor on Search: Slow"),
    ("maintenance", "maintenance tomorrow 22:00 to 23:00: Work"),
];

/// Tested with rosters, elsewhere.
const ON_CALL: [&str; 2] = ["cover", "swap"];

fn begun() -> Thread {
    let mut thread = Thread::new(Config::parse(CONFIG).unwrap(), START);
    thread.say("open major on Checkout: Checkout is failing").expect_record();
    thread.now = at(START, 10);
    thread
}

#[test]
fn an_undone_record_is_as_if_it_had_never_existed() {
    for (_, before, line) in UNDONE {
        let mut thread = begun();
        for line in *before {
            let said = thread.say(line);
            assert!(matches!(said.decision(), Decision::Record(_)), "{line}: {said:?}");
        }
        let was = thread.state.clone();
        let said = thread.say(line);
        assert!(matches!(said.decision(), Decision::Record(_)), "{line}: {said:?}");
        let mid = thread.state.clone();
        let undone = thread.say("undo");
        assert!(matches!(undone.decision(), Decision::Record(_)), "{line}: {undone:?}");
        let now = &thread.state;
        for number in 1..was.next_number {
            let (a, b) = (was.status.incident(number), now.status.incident(number));
            // A publication that was undone leaves a mark on the page.
            if b.is_none_or(|incident| incident.withdrawal.is_none()) {
                assert_eq!(shown(a), shown(b), "{line}: #{number}");
            }
            let (a, b) = (was.response(number), now.response(number));
            assert_eq!(known(a), known(b), "{line}: #{number}");
            assert_eq!(was.summaries.get(number), now.summaries.get(number), "{line}");
        }
        assert_eq!(
            was.actions.iter().collect::<Vec<_>>(),
            now.actions.iter().collect::<Vec<_>>(),
            "{line}"
        );
        let same = mid.status.ledger.days().iter().map(|day| day.date);
        assert!(same.eq(now.status.ledger.days().iter().map(|day| day.date)), "{line}");
        let mut state = State::default();
        for bytes in &thread.log {
            fold_bytes(&mut state, bytes).unwrap();
        }
        assert_eq!(state, thread.state, "{line}");
    }
}

#[test]
fn undone_openings_are_withdrawn() {
    for (_, line) in WITHDRAWN {
        let mut thread = begun();
        let was = thread.state.clone();
        let said = thread.say(line);
        assert!(matches!(said.decision(), Decision::Record(_)), "{line}: {said:?}");
        let undone = thread.say("undo");
        assert!(matches!(undone.decision(), Decision::Record(_)), "{line}: {undone:?}");
        let now = &thread.state;
        assert_eq!(was.status.kept().count(), now.status.kept().count(), "{line}");
        assert_eq!(was.open_internal().count(), now.open_internal().count(), "{line}");
        assert_eq!(was.summaries, now.summaries, "{line}");
        let down = |state: &State| {
            let days = state.status.ledger.days().iter();
            days.filter(|day| day.affected.contains_key("search")).count()
        };
        assert_eq!(down(&was), down(now), "{line}");
    }
}

/// No verb is forgotten: each change that the table calls undoable is tried above.
#[test]
fn every_undoable_verb_is_undone_in_a_test() {
    let mut thread = begun();
    let tried: Vec<&str> = UNDONE
        .iter()
        .map(|row| row.0)
        .chain(WITHDRAWN.iter().map(|row| row.0))
        .chain(ON_CALL)
        .collect();
    for spec in SPECS {
        let name = spec.usage.name();
        let is_question = spec.usage.examples.iter().any(|example| {
            let said =
                Message { from: Sender::Nobody, ..Content::Plain((*example).to_owned()).into() };
            matches!(thread.send(&said).decision(), Decision::Answer(_))
        });
        assert!(
            is_question || name == "oncall" || !spec.usage.undoable || tried.contains(&name),
            "no test undoes `{name}`"
        );
    }
}

/// The answer to each is in a case file, as a phone shows it.
#[test]
fn every_undoable_verb_has_a_case_of_its_undo() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/undo");
    let undone = UNDONE.iter().map(|row| row.0).chain(WITHDRAWN.iter().map(|row| row.0));
    for verb in undone.chain(ON_CALL) {
        let file = folder.join(verb.replace(' ', "_")).with_extension("txt");
        let case = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(case.lines().any(|line| line == "undo"), "no case undoes `{verb}`: {file:?}");
    }
}

/// One of each fact that can be corrected. Does not compile while one is missing.
fn facts() -> Vec<Fact> {
    let (at, was) = (START, START);
    let correction = ImpactCorrection { impact: Impact::Minor, from: START, until: START };
    let all = vec![
        Fact::Started { at, was },
        Fact::Closed { at, was },
        Fact::Impact(Impact::Minor),
        Fact::ImpactFor(correction),
        Fact::Components(Vec::new()),
    ];
    for fact in &all {
        match fact {
            Fact::Started { .. }
            | Fact::Closed { .. }
            | Fact::Impact(_)
            | Fact::ImpactFor(_)
            | Fact::Components(_) => {}
        }
    }
    all
}

/// Each fact that can be corrected is recorded, answered and undone in a case file or a test above.
#[test]
fn every_correctable_fact_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let cases = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_correction = |path: &std::path::PathBuf| {
        path.file_name().unwrap().to_str().unwrap().starts_with("case@correct__")
    };
    let cases = cases.filter(is_correction).map(|path| std::fs::read_to_string(path).unwrap());
    let cases: String = cases.collect();
    let name_of = |fact: &Fact| {
        let value = serde_json::to_value(fact).unwrap();
        value.as_object().unwrap().keys().next().unwrap().clone()
    };
    let mut undone = Vec::new();
    for (verb, before, line) in UNDONE.iter().filter(|row| row.0 == "correct") {
        let mut thread = begun();
        for text in before.iter().chain([line]) {
            thread.say(text).expect_record();
        }
        let amended = thread.records.last().unwrap().status().find_map(|event| match event {
            StatusEvent::Amended { fact, .. } => Some(name_of(fact)),
            _ => None,
        });
        assert_eq!(*verb, "correct");
        undone.extend(amended);
    }
    for fact in facts() {
        let name = name_of(&fact);
        let recorded = format!("\"fact\":{{\"{name}\"");
        assert!(cases.contains(&recorded), "no case corrects `{name}`");
        assert!(undone.contains(&name), "no test undoes a corrected `{name}`");
    }
    for event in ["corrected", "retitled"] {
        let recorded = format!("\"event\":\"{event}\"");
        assert!(cases.contains(&recorded), "no case has an event `{event}`");
    }
}
