//! Whatever a service answers, a try ends, after not too many requests, with a sentence that can be
//! said in a chat.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use status_update::core::http::{Request, Response};
use status_update::core::launch::brief::{Channel, WorkItem};
use status_update::core::launch::place::Shifts;
use status_update::core::launch::step::{Step, StepOutcome};

use super::world::{START, World, comments};
use crate::support::outbound::InMemory;

/// Values that readers look for, or nearly.
fn value(random: &mut impl FnMut(usize) -> usize, depth: usize) -> Value {
    const WORDS: [&str; 12] = [
        "x",
        "",
        "2026-11-21T10:00:00Z",
        "a\nb\u{202e}<script>",
        "TF401347: Invalid tree name",
        "Severity",
        "State",
        "Channel name already existed, please use other name",
        "contain allowed characters",
        "unknown identity",
        "inc-42-3bc5a2e2/summary/1/00000000",
        "https://graph.microsoft.com/v1.0/next",
    ];
    const NAMES: [&str; 22] = [
        "id",
        "rev",
        "fields",
        "value",
        "workItems",
        "comments",
        "continuationToken",
        "@odata.nextLink",
        "error",
        "code",
        "message",
        "typeKey",
        "System.Tags",
        "System.State",
        "System.Description",
        "displayName",
        "description",
        "webUrl",
        "sharedShift",
        "startDateTime",
        "userId",
        "text",
    ];
    match random(if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => Value::Bool(random(2) == 0),
        2 => json!(random(3)),
        3 => json!(-1.5),
        4 => WORDS[random(WORDS.len())].repeat(1 + 500 * (random(20) / 19)).into(),
        5 => (0..random(4)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let names = (0..random(8)).map(|_| NAMES[random(NAMES.len())].to_owned());
            let names: Vec<String> = names.collect();
            let fields: Map<String, Value> =
                names.into_iter().map(|name| (name, value(random, depth - 1))).collect();
            Value::Object(fields)
        }
    }
}

fn sentences(outcome: &StepOutcome) -> Vec<String> {
    match outcome {
        StepOutcome::Done { remarks, .. } => remarks.clone(),
        StepOutcome::Wait { why, .. }
        | StepOutcome::Failed { why, .. }
        | StepOutcome::Skipped { why } => {
            vec![why.clone()]
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_try_ends_with_a_sentence(seed in any::<u64>(), is_in_doubt in any::<bool>()) {
        let state = AtomicU64::new(seed);
        let random = move |below: usize| {
            let next = state.load(SeqCst).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.store(next, SeqCst);
            usize::try_from(next >> 33).unwrap() % below
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        for step in Step::ALL {
            let mut world = World::new();
            let seed = random(1 << 30) as u64;
            let mut own = seed;
            let mut next = move |below: usize| {
                own = own.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                usize::try_from(own >> 33).unwrap() % below
            };
            world.outbound = InMemory::new(move |_: &Request| {
                const STATUSES: [u16; 12] =
                    [200, 200, 200, 200, 201, 204, 400, 403, 404, 409, 429, 503];
                let json = (next(8) > 0).then(|| value(&mut next, 4));
                Response { status: STATUSES[next(STATUSES.len())], retry_after: None, json }
            });
            world.brief.work_item = Some(WorkItem { id: 7, url: "https://x.example/7".to_owned() });
            let url = "https://x.example/c".to_owned();
            world.brief.channel = Some(Channel { id: "c".to_owned(), name: "c".to_owned(), url });
            world.brief.comments = comments(1, "x");
            world.launch.teams.as_mut().unwrap().shifts = Some(Shifts { scheduling_group: None });
            if is_in_doubt {
                world.in_doubt_since = Some(START.parse().unwrap());
                world.now += jiff::SignedDuration::from_hours(1);
            }
            let outcome = runtime.block_on(world.try_once(step));
            let sent = world.outbound.sent().len();
            prop_assert!(sent <= 120, "{:?}: {} requests", step, sent);
            for sentence in sentences(&outcome) {
                let chars = sentence.chars().count();
                let is_fit = chars <= 700 && !sentence.contains(['\n', '\u{202e}']);
                prop_assert!(is_fit, "{:?}: {:?}", step, sentence);
            }
        }
    }
}
