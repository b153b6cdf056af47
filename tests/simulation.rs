//! Fault simulation: processes that share one store, whose every operation waits for a scheduler
//! that chooses its order and fate. Exhaustive for two writers and a reconcile, by seed beyond.
//! Time is simulated as well.

mod checks;
mod clocks;
pub mod world;

use jiff::SignedDuration;
use status_update::service::Outcome;
use status_update::store::memory::{Fault, OperationKind};
use world::{Job, Kind, Plan, Run, Scenario, Step, message};

/// Possible fates of an operation other than nothing.
const FAULTS: &[Step] = &[
    Step::Fault(Fault::Conflict),
    Step::Fault(Fault::FailBefore),
    Step::Fault(Fault::AppliedUnknown),
    Step::Fault(Fault::LandsLater),
    Step::PastDeadline,
    Step::Crash(Fault::Never),
    Step::Crash(Fault::AppliedNever),
];

/// All orders in which three processes may come first.
const ORDERS: &[[usize; 3]] = &[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Possible commands of two writers at the same moment, in addition to a reconcile.
fn scenarios() -> Vec<Scenario> {
    let plain = |name, before, jobs| Scenario { name, before, jobs, kind: Kind::Plain };
    let command = |id, text| Job::Command(message(id, text));
    vec![
        plain(
            "two incidents are opened",
            vec![],
            vec![
                command(1, "open on Checkout: It is failing"),
                command(2, "open another minor Search is slow"),
                Job::Reconcile,
            ],
        ),
        plain(
            "one closes what the other updates",
            vec!["open on Checkout: It is failing"],
            vec![
                command(1, "update identified Found it"),
                command(2, "close Done"),
                Job::Reconcile,
            ],
        ),
        plain(
            "the same message reaches both",
            vec!["open Checkout is failing"],
            vec![
                command(1, "update monitoring Fix is out"),
                command(1, "update monitoring Fix is out"),
                Job::Reconcile,
            ],
        ),
        plain(
            "a day, a maintenance and a promise end for two timers while one updates",
            vec!["open Checkout is failing next 30m", "maintenance now for 1h: New switches"],
            vec![
                command(1, "update monitoring Fix is out"),
                Job::ReconcileOn(2),
                Job::ReconcileOn(2),
            ],
        ),
        plain(
            "an internal incident ends while a closed public one is spoken of",
            vec![
                "open on Checkout: It is failing",
                "close Done",
                "open internal Backstage: the queue is stuck",
            ],
            vec![
                command(1, "doing #1 Backstage: the review is being written"),
                command(2, "close #2 Backstage: it was the disk"),
                Job::Reconcile,
            ],
        ),
        Scenario {
            name: "an older version is still there",
            before: vec!["open on Checkout: It is failing"],
            jobs: vec![
                command(1, "update Found it"),
                command(2, "update It was it"),
                Job::Reconcile,
            ],
            kind: Kind::TwoThemes,
        },
        Scenario {
            name: "a machine's clock is wrong",
            before: vec!["open on Checkout: It is failing"],
            jobs: vec![
                Job::WithWrongClock(message(1, "update Found it"), SignedDuration::from_hours(700)),
                command(2, "update identified It was it"),
                Job::Reconcile,
            ],
            kind: Kind::Clocks,
        },
        Scenario {
            name: "the log was restored",
            before: vec!["open on Checkout: It is failing", "update This is lost"],
            jobs: vec![command(1, "update Found it"), command(2, "close Done"), Job::Reconcile],
            kind: Kind::Restored,
        },
        Scenario {
            name: "people are reminded by two timers while one speaks",
            before: vec!["open on Checkout: It is failing"],
            jobs: vec![command(1, "doing We look"), Job::ReconcileOn(1), Job::ReconcileOn(1)],
            kind: Kind::Sending,
        },
    ]
}

/// Each scenario and order has other files that can fail; all of them have their turn.
fn plan(scenario: usize, order: usize) -> Plan {
    Plan::in_order(&ORDERS[order]).class(scenario * ORDERS.len() + order)
}

fn every_single_fault_at_every_operation_in_every_order(number: usize) {
    let scenario = &scenarios()[number];
    let name = scenario.name;
    // The others take many more runs of the timer, so two orders of them have to suffice.
    let step = if scenario.kind == Kind::Plain { 1 } else { 3 };
    for order in (0..ORDERS.len()).step_by(step) {
        let calm = Run::of(scenario, &plan(number, order));
        calm.check(&format!("{name}, order {order}, no fault"));
        assert!(calm.all_answered(), "{name}: without a fault everything is answered");
        assert_eq!(calm.sends > 0, scenario.kind == Kind::Sending, "{name}: {} sent", calm.sends);
        for at in 0..calm.operations.len() {
            for fault in FAULTS {
                let label = format!("{name}, order {order}, {fault:?} at operation {at}");
                Run::of(scenario, &plan(number, order).with(at, *fault)).check(&label);
            }
        }
    }
}

fn every_switch_between_processes_at_every_operation(number: usize) {
    let scenario = &scenarios()[number];
    let (name, jobs) = (scenario.name, &scenario.jobs);
    for order in 0..ORDERS.len() {
        let length = Run::of(scenario, &plan(number, order)).operations.len();
        for at in 0..length {
            for to in 0..jobs.len() {
                let label = format!("{name}, order {order}, to {to} at operation {at}");
                let run = Run::of(scenario, &plan(number, order).switch(at, to));
                run.check(&label);
                assert!(run.all_answered(), "{label}: without a fault everything is answered");
                if jobs.iter().any(|job| matches!(job, Job::ReconcileOn(2))) {
                    let state = run.final_state();
                    assert!(state.status.maintenance.is_empty(), "{label}: it is over");
                    assert_eq!(state.status.ledger.days().len(), 3, "{label}: two days began");
                }
            }
        }
    }
}

/// Each scenario in tests of its own, so that they run side by side.
macro_rules! scenarios {
    ($($name:ident = $number:expr;)*) => {$(
        mod $name {
            #[test]
            fn every_single_fault_at_every_operation_in_every_order() {
                super::every_single_fault_at_every_operation_in_every_order($number);
            }

            #[test]
            fn every_switch_between_processes_at_every_operation() {
                super::every_switch_between_processes_at_every_operation($number);
            }
        }
    )*};
}

scenarios! {
    two_are_opened = 0;
    one_is_closed_and_updated = 1;
    a_message_comes_twice = 2;
    two_timers_and_a_command = 3;
    internal_ones = 4;
    an_older_version = 5;
    a_wrong_clock = 6;
    a_restored_log = 7;
    people_are_reminded = 8;
}

#[test]
fn every_scenario_has_its_tests() {
    assert_eq!(scenarios().len(), 9);
}

/// The writes are where two processes can hurt each other: a fault there, and a switch anywhere.
fn every_lost_answer_and_crash_at_a_write_with_every_switch(number: usize) {
    let hard = [
        Step::Fault(Fault::AppliedUnknown),
        Step::Fault(Fault::LandsLater),
        Step::Crash(Fault::AppliedNever),
    ];
    let scenario = scenarios().swap_remove(number);
    let (name, jobs) = (scenario.name, &scenario.jobs);
    let calm = Run::of(&scenario, &plan(number, 0));
    let is_write = |at: &usize| calm.operations[*at].kind == OperationKind::Put;
    let writes: Vec<usize> = (0..calm.operations.len()).filter(is_write).collect();
    assert!(writes.len() >= 3, "{name}: something is written");
    for fault_at in writes {
        for (switch_at, goes_anyway) in calm.owners.iter().enumerate() {
            for to in (0..jobs.len()).filter(|to| to != goes_anyway) {
                for fault in hard {
                    let plan = plan(number, 0).switch(switch_at, to).with(fault_at, fault);
                    let label = format!(
                        "{name}, {fault:?} at operation {fault_at}, to {to} at {switch_at}"
                    );
                    Run::of(&scenario, &plan).check(&label);
                }
            }
        }
    }
}

// Several tests, so that they run side by side.
#[test]
fn every_hard_fault_with_every_switch_while_two_are_opened() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(0);
}

#[test]
fn every_hard_fault_with_every_switch_while_one_is_closed_and_updated() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(1);
}

#[test]
fn every_hard_fault_with_every_switch_while_a_message_comes_twice() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(2);
}

#[test]
fn every_hard_fault_with_every_switch_while_people_are_reminded() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(8);
}

#[test]
fn every_hard_fault_with_every_switch_while_two_timers_and_a_command_run() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(3);
}

#[test]
fn every_hard_fault_with_every_switch_while_two_speak_among_themselves() {
    every_lost_answer_and_crash_at_a_write_with_every_switch(4);
}

fn one_command() -> Scenario {
    let command = Job::Command(message(1, "open Checkout is failing"));
    let jobs = vec![command, Job::Reconcile, Job::Reconcile];
    Scenario { name: "one command", before: Vec::new(), jobs, kind: Kind::Plain }
}

/// A page never shows less than before, and a crash right after the commit loses nothing.
#[test]
fn a_crash_after_the_commit_is_repaired_by_the_next_process() {
    let scenario = one_command();
    let calm = Run::of(&scenario, &Plan::in_order(&[0, 1, 2]));
    let commit = calm
        .operations
        .iter()
        .position(|operation| operation.kind == OperationKind::Put)
        .expect("the command commits");
    let plan = Plan::in_order(&[0, 1, 2]).with(commit, Step::Crash(Fault::AppliedNever));
    let run = Run::of(&scenario, &plan);
    run.check("crash behind the commit");
    assert!(run.outcomes[0].is_none(), "the process is gone");
    assert_eq!(run.final_state().revision, 1);
}

#[test]
fn storage_that_stalls_is_answered_within_the_deadline() {
    let scenario = one_command();
    let length = Run::of(&scenario, &Plan::in_order(&[0, 1, 2])).operations.len();
    let mut late = 0;
    for at in 0..length {
        let plan = Plan::in_order(&[0, 1, 2]).with(at, Step::PastDeadline);
        let run = Run::of(&scenario, &plan);
        run.check(&format!("stalled at operation {at}"));
        let outcome = run.outcomes[0].as_ref().expect("a stall is no crash");
        late += usize::from(!matches!(outcome, Outcome::Recorded { published: true, .. }));
    }
    assert!(late > 0, "some stall is felt");
}

/// Earlier knowledge is good for trying a commit, and for nothing else.
#[test]
fn a_lagging_process_neither_refuses_nor_reports_old_state() {
    let answers = world::in_turns(&[
        (0, "status"),
        (1, "open Checkout is failing"),
        (0, "update identified Found it"),
        (1, "close Done"),
        (0, "update Too late"),
        (1, "reopen #1 It is back"),
        (0, "status"),
    ]);
    assert!(matches!(&answers[2], Outcome::Recorded { record, .. } if record.revision == 2));
    assert!(matches!(&answers[3], Outcome::Recorded { record, .. } if record.revision == 3));
    assert!(
        matches!(
            &answers[4],
            Outcome::Refused(why) if why.to_markdown().starts_with("#1 is closed already")
        ),
        "{:?}",
        answers[4]
    );
    assert!(matches!(&answers[5], Outcome::Recorded { record, .. } if record.revision == 4));
    assert!(
        matches!(&answers[6], Outcome::Report { state, published: Some(4), .. }
            if state.status.open.len() == 1),
        "{:?}",
        answers[6]
    );
}

/// A warm command costs three sequential round trips: commit, pages in parallel, index. In
/// simulated time each operation takes a second and nothing else takes any.
#[test]
fn a_warm_command_takes_three_sequential_round_trips() {
    let commands = [
        "open Checkout is failing",
        "update identified Found it",
        "close Done",
        "open minor Search is slow",
        "open another critical Login is down",
        "update #2 monitoring Better words",
        "correct #2 Even better",
        "close #3 It was a test",
        "reopen #3 It was not",
        "close #2 Done",
    ];
    for (text, seconds) in commands.iter().zip(world::seconds_each(&commands)) {
        assert_eq!(seconds, 3, "{text}");
    }
}

/// Histories beyond enumeration: several commands, restarts, random faults. `SIMULATION_SEEDS` runs
/// more of them, `SIMULATION_SEED` a single one.
#[test]
fn seeded_histories() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(150),
    };
    let mut faults = 0;
    for seed in seeds.clone() {
        let run = world::seeded(seed);
        faults += run.faults;
        run.check(&format!("SIMULATION_SEED={seed}"));
    }
    assert!(seeds.end - seeds.start == 1 || faults > 100, "only {faults} faults were injected");
}
