//! Every step with every fault at every of its requests: the end is the same as without the fault,
//! and nothing is there twice.

use jiff::SignedDuration;
use serde_json::Value;
use status_update::core::launch::brief::WorkItemPhase;
use status_update::core::launch::step::{Step, StepOutcome};

use super::world::{World, comments, person};
use crate::support::outbound::Fault;

/// All that can go wrong with a request.
const FAULTS: [Fault; 19] = [
    Fault::Unreachable,
    Fault::NoToken,
    Fault::Hangs,
    Fault::DoneButHangs,
    Fault::DoneButLost,
    Fault::Lost,
    Fault::SaidButNotDone,
    Fault::DoneThenKilled,
    Fault::Throttled(40),
    Fault::Answers(203),
    Fault::Answers(302),
    Fault::Answers(400),
    Fault::Answers(401),
    Fault::Answers(403),
    Fault::Answers(404),
    Fault::Answers(409),
    Fault::Answers(412),
    Fault::Answers(500),
    Fault::Answers(503),
];

/// A world in which everything in front of a step is done, with its services a little slow.
async fn before(step: Step) -> World {
    let mut world = World::new();
    {
        let mut services = world.services();
        services.boards.lag = SignedDuration::from_secs(20);
        services.graph.lag = SignedDuration::from_secs(20);
        // The name that comes first was once that of a channel that is deleted.
        let name = "inc-42-checkout-is-failing-for-everybody-all";
        services.graph.add(name, "").is_deleted = true;
        services.graph.page_length = 2;
        services.boards.page_length = 2;
    }
    for earlier in Step::ALL.into_iter().filter(|earlier| step.uses().contains(earlier)) {
        if earlier != Step::Message {
            world.finish(earlier).await;
        }
    }
    // Created objects get enough time to be found.
    world.now += SignedDuration::from_hours(1);
    if step == Step::WorkItemSync {
        world.brief.phase = WorkItemPhase::Done;
        world.brief.comments = comments(130, "x");
        world.brief.roles[1].person = Some(person("Ada"));
    }
    world
}

/// The visible result. Of messages only those that are not repeats, because marking repeats is all
/// that can be done.
fn seen(world: &World) -> Value {
    let services = world.services();
    let mut seen = services.seen();
    let is_first = |body: &&Value| !body.to_string().contains("sent again");
    let first = services.workflow.posted.iter().filter(is_first).count();
    assert!(first <= 1, "a repeat that does not say so");
    seen["posted"] = (!services.workflow.posted.is_empty()).into();
    seen
}

async fn end_is_the_same(step: Step, expected: &Value, faults: &[Option<Fault>]) {
    let mut world = before(step).await;
    world.outbound.script(faults.iter().copied());
    let mut outcome = world.finish(step).await;
    // A refused part is tried again.
    while step == Step::WorkItemSync
        && matches!(&outcome, StepOutcome::Done { remarks, .. } if !remarks.is_empty())
    {
        outcome = world.finish(step).await;
    }
    assert!(matches!(outcome, StepOutcome::Done { .. }), "{step:?} {faults:?}: {outcome:?}");
    let seen = seen(&world);
    assert_eq!(seen, *expected, "{step:?} {faults:?}");
}

/// A message that was reported as posted but was not cannot be detected.
fn is_beyond_us(step: Step, fault: Fault) -> bool {
    step == Step::Message && fault == Fault::SaidButNotDone
}

/// The result of a step without a fault, and its number of requests.
async fn without_fault(step: Step) -> (Value, usize) {
    let mut world = before(step).await;
    let before = world.outbound.sent().len();
    world.finish(step).await;
    (seen(&world), world.outbound.sent().len() - before)
}

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_request_of_every_step() {
    let mut cases = 0;
    for step in Step::ALL {
        let (expected, requests) = without_fault(step).await;
        assert_eq!(requests > 0, step != Step::OnCall, "{step:?}");
        // One more, because the search after a fault can fail too.
        for at in 0..requests {
            for fault in FAULTS {
                if is_beyond_us(step, fault) {
                    continue;
                }
                let mut faults = vec![None; at];
                faults.push(Some(fault));
                end_is_the_same(step, &expected, &faults).await;
                cases += 1;
            }
        }
    }
    assert!(cases > 300, "{cases}");
}

/// Faults upon faults, from a seed.
#[tokio::test(start_paused = true)]
async fn many_faults_one_after_another() {
    let mut ends = Vec::new();
    for step in Step::ALL {
        ends.push((step, without_fault(step).await.0));
    }
    for seed in 0..60_u64 {
        let mut random = seed;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(random >> 33).unwrap() % below
        };
        for (step, expected) in &ends {
            let faults: Vec<Option<Fault>> = (0..12)
                .map(|_| Some(FAULTS[next(FAULTS.len())]).filter(|_| next(2) == 0))
                .map(|fault| fault.filter(|fault| !is_beyond_us(*step, *fault)))
                .collect();
            end_is_the_same(*step, expected, &faults).await;
        }
    }
}

/// A receiver that is down holds up nothing else.
#[tokio::test(start_paused = true)]
async fn steps_of_other_services_continue() {
    use status_update::core::http::Receiver;
    for (down, works) in [
        (Receiver::Boards, [Step::Channel, Step::OnCall, Step::Message]),
        (Receiver::Graph, [Step::WorkItem, Step::Assign, Step::Message]),
        (Receiver::Workflows, [Step::WorkItem, Step::Channel, Step::LinkChannel]),
    ] {
        let mut world = World::new();
        world.outbound.always(Some((down, Fault::Hangs)));
        for step in works {
            world.done(step).await;
        }
    }
}
