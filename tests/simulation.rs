//! Fault simulation: processes that share one store, whose every operation waits for a scheduler
//! that says which goes next and what becomes of it. Exhaustive for two writers and a reconcile,
//! seeded beyond. Time is simulated as well.

mod checks;
pub mod world;

use status_update::core::decide::refusal::Refusal;
use status_update::service::Outcome;
use status_update::store::memory::{Fault, OperationKind};
use world::{Job, Plan, Run, Step, message};

/// What can become of an operation, besides nothing.
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

/// What two writers may want at the same moment, beside a reconcile.
fn scenarios() -> Vec<(&'static str, Vec<&'static str>, [Job; 3])> {
    vec![
        (
            "two incidents are opened",
            vec![],
            [
                Job::Command(message(1, "open on Checkout: It is failing")),
                Job::Command(message(2, "open another minor Search is slow")),
                Job::Reconcile,
            ],
        ),
        (
            "one closes what the other updates",
            vec!["open on Checkout: It is failing"],
            [
                Job::Command(message(1, "update identified Found it")),
                Job::Command(message(2, "close Done")),
                Job::Reconcile,
            ],
        ),
        (
            "the same message reaches both",
            vec!["open Checkout is failing"],
            [
                Job::Command(message(1, "update monitoring Fix is out")),
                Job::Command(message(1, "update monitoring Fix is out")),
                Job::Reconcile,
            ],
        ),
        (
            "a day, a maintenance and a promise end for two timers while one updates",
            vec!["open Checkout is failing next 30m", "maintenance now for 1h: New switches"],
            [
                Job::Command(message(1, "update monitoring Fix is out")),
                Job::ReconcileOn(2),
                Job::ReconcileOn(2),
            ],
        ),
    ]
}

#[test]
fn every_single_fault_at_every_operation_in_every_order() {
    for (name, before, jobs) in scenarios() {
        for order in ORDERS {
            let calm = Run::of(&before, &jobs, &Plan::in_order(order));
            calm.check(&format!("{name}, order {order:?}, no fault"));
            assert!(calm.all_answered(), "{name}: without a fault everything is answered");
            for at in 0..calm.operations.len() {
                for fault in FAULTS {
                    let plan = Plan::in_order(order).with(at, *fault);
                    let label = format!("{name}, order {order:?}, {fault:?} at operation {at}");
                    Run::of(&before, &jobs, &plan).check(&label);
                }
            }
        }
    }
}

#[test]
fn every_switch_between_processes_at_every_operation() {
    for (name, before, jobs) in scenarios() {
        for order in ORDERS {
            let length = Run::of(&before, &jobs, &Plan::in_order(order)).operations.len();
            for at in 0..length {
                for to in 0..jobs.len() {
                    let plan = Plan::in_order(order).switch(at, to);
                    let label = format!("{name}, order {order:?}, to {to} at operation {at}");
                    let run = Run::of(&before, &jobs, &plan);
                    run.check(&label);
                    assert!(run.all_answered(), "{label}: without a fault everything is answered");
                    if jobs.iter().any(|job| matches!(job, Job::ReconcileOn(_))) {
                        let state = run.final_state();
                        assert!(state.status.maintenance.is_empty(), "{label}: it is over");
                        assert_eq!(state.status.ledger.days().len(), 3, "{label}: two days began");
                    }
                }
            }
        }
    }
}

/// The writes are where two processes can hurt each other: a fault there, and a switch anywhere.
fn every_lost_answer_and_crash_at_a_write_with_every_switch(scenario: usize) {
    let hard = [
        Step::Fault(Fault::AppliedUnknown),
        Step::Fault(Fault::LandsLater),
        Step::Crash(Fault::AppliedNever),
    ];
    let (name, before, jobs) = scenarios().swap_remove(scenario);
    let order = &ORDERS[0];
    let calm = Run::of(&before, &jobs, &Plan::in_order(order));
    let is_write = |at: &usize| calm.operations[*at].kind == OperationKind::Put;
    let writes: Vec<usize> = (0..calm.operations.len()).filter(is_write).collect();
    assert!(writes.len() >= 3, "{name}: something is written");
    for fault_at in writes {
        for (switch_at, goes_anyway) in calm.owners.iter().enumerate() {
            for to in (0..jobs.len()).filter(|to| to != goes_anyway) {
                for fault in hard {
                    let plan = Plan::in_order(order).switch(switch_at, to).with(fault_at, fault);
                    let label = format!(
                        "{name}, {fault:?} at operation {fault_at}, to {to} at {switch_at}"
                    );
                    Run::of(&before, &jobs, &plan).check(&label);
                }
            }
        }
    }
}

// Three tests, so that they run side by side.
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

/// A page never says less than it did, and a crash right behind the commit loses nothing.
#[test]
fn a_crash_behind_the_commit_is_made_good_by_the_next_process() {
    let jobs =
        [Job::Command(message(1, "open Checkout is failing")), Job::Reconcile, Job::Reconcile];
    let calm = Run::of(&[], &jobs, &Plan::in_order(&[0, 1, 2]));
    let commit = calm
        .operations
        .iter()
        .position(|operation| operation.kind == OperationKind::Put)
        .expect("the command commits");
    let plan = Plan::in_order(&[0, 1, 2]).with(commit, Step::Crash(Fault::AppliedNever));
    let run = Run::of(&[], &jobs, &plan);
    run.check("crash behind the commit");
    assert!(run.outcomes[0].is_none(), "the process is gone");
    assert_eq!(run.final_state().revision, 1);
}

#[test]
fn storage_that_stalls_is_answered_within_the_deadline() {
    let jobs =
        [Job::Command(message(1, "open Checkout is failing")), Job::Reconcile, Job::Reconcile];
    let length = Run::of(&[], &jobs, &Plan::in_order(&[0, 1, 2])).operations.len();
    let mut late = 0;
    for at in 0..length {
        let plan = Plan::in_order(&[0, 1, 2]).with(at, Step::PastDeadline);
        let run = Run::of(&[], &jobs, &plan);
        run.check(&format!("stalled at operation {at}"));
        let outcome = run.outcomes[0].as_ref().expect("a stall is no crash");
        late += usize::from(!matches!(outcome, Outcome::Recorded { published: true, .. }));
    }
    assert!(late > 0, "some stall is felt");
}

/// What a process knew before is good for trying to commit, and for nothing else.
#[test]
fn a_process_that_is_behind_neither_refuses_nor_reports_what_was() {
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
        matches!(&answers[4], Outcome::Refused(Refusal::NothingOpen { .. })),
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

/// Warm, a command costs three round trips one after another: commit, pages side by side, index.
/// In simulated time each operation takes a second and nothing else takes any.
#[test]
fn a_warm_command_takes_three_round_trips_one_after_another() {
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

/// Histories beyond what can be enumerated: several commands, restarts, faults at random.
/// `SIMULATION_SEEDS` runs more of them, `SIMULATION_SEED` one alone.
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
