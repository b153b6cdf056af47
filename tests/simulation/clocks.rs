//! Both clocks of two processes at once, while a person speaks and one of the processes crashes:
//! nothing is recorded or sent twice, and nothing is left undone.

use status_update::store::memory::Fault;

use super::world::{Job, Kind, Plan, Run, Scenario, Step, message};

/// The runs of each order, spread over the operations that a crash can come with.
const RUNS_PER_ORDER: usize = 24;

#[test]
fn both_clocks_of_two_processes_do_nothing_twice_whichever_of_them_crashes() {
    let scenario = Scenario {
        name: "both clocks of two processes",
        before: vec!["open on Checkout: It is failing"],
        jobs: vec![
            Job::BothClocks(1),
            Job::BothClocks(1),
            Job::Command(message(1, "doing We look")),
        ],
        kind: Kind::Sending,
    };
    for order in [[0, 1, 2], [1, 0, 2], [2, 0, 1]] {
        let calm = Run::of(&scenario, &Plan::in_order(&order));
        calm.check(&format!("{order:?}, nothing crashes"));
        assert!(calm.sends > 0, "{order:?}: people are reminded");
        let operations = calm.operations.len();
        for round in 0..RUNS_PER_ORDER {
            let at = round * operations / RUNS_PER_ORDER;
            let crash = if round % 2 == 0 { Fault::Never } else { Fault::AppliedNever };
            let to = (order[0] + 1) % 2;
            let plan = Plan::in_order(&order).with(at, Step::Crash(crash)).switch(at / 2, to);
            Run::of(&scenario, &plan).check(&format!("{order:?}, {crash:?} at operation {at}"));
        }
    }
}
