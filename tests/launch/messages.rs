//! The first message: its text, its mentions, and repeats.

use status_update::core::http::Receiver;
use status_update::core::launch::step::Step;

use super::world::World;
use crate::support::outbound::{Fault, InMemory};

#[tokio::test]
async fn it_has_all_links_and_calls_people() {
    let mut world = World::new();
    for step in [Step::WorkItem, Step::Channel, Step::Message] {
        world.done(step).await;
    }
    assert_eq!(world.services().workflow.failed, [""; 0]);
    let posted = world.services().workflow.posted.clone();
    insta::assert_snapshot!(format!("{:#}", posted[0]));
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0]["channelId"], world.channel().id);
}

/// The mentioned people learn what is missing.
#[tokio::test]
async fn it_says_which_steps_failed() {
    let mut world = World::new();
    world.brief.troubles = vec!["work item: failed, nobody may make one".to_owned()];
    world.done(Step::Message).await;
    let posted = world.services().workflow.posted[0].to_string();
    assert!(posted.contains("Launch: work item: failed, nobody may make one"), "{posted}");
}

#[tokio::test]
async fn without_a_workflow_it_is_skipped() {
    let mut world = World::new();
    world.outbound = InMemory::accepting().without(&[Receiver::Workflows]);
    assert_eq!(world.skips(Step::Message).await, "STATUS_NOTIFY_URL is not set");
}

/// Arrival cannot be checked: a repeat says that it is one, and has the same key.
#[tokio::test]
async fn a_repeat_says_so() {
    let mut world = World::new();
    world.outbound.script([Some(Fault::DoneButLost), Some(Fault::Throttled(9))]);
    world.done(Step::Message).await;
    let posted = world.services().workflow.posted.clone();
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[0]["key"], posted[1]["key"]);
    let again = "sent again";
    let says: Vec<bool> = posted.iter().map(|body| body.to_string().contains(again)).collect();
    assert_eq!(says, [false, true]);
    // A flow that fails after posting answers 500 although it posted.
    let mut world = World::new();
    world.services().workflow.answers = vec![500];
    world.done(Step::Message).await;
    let posted = world.services().workflow.posted.clone();
    let says: Vec<bool> = posted.iter().map(|body| body.to_string().contains(again)).collect();
    assert_eq!(says, [false, true]);
    let mut world = World::new();
    world.outbound.script([Some(Fault::Unreachable), Some(Fault::Answers(404))]);
    world.done(Step::Message).await;
    assert!(!world.services().workflow.posted[0].to_string().contains(again), "certainly not sent");
}
