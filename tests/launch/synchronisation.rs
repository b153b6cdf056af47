//! The work item follows its incident: refusals of a project, outages, and repairs by people.

use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::http::Receiver;
use status_update::core::launch::step::Step;
use status_update::core::log::record::Record;
use status_update::core::outbox::model::{Delivery, Payload};
use status_update::core::review::brief::{brief, needed};

use super::process::{ALL, Process};
use crate::support::outbound::Fault;

const STATE: &str = "System.State";

fn field(process: &Process, name: &str) -> Value {
    process.item()["fields"][name].clone()
}

/// Messages to the channel other than the first message of a launch.
fn notices(process: &Process, words: &str) -> usize {
    let posted = process.services().workflow.posted.clone();
    posted.iter().filter(|body| body.to_string().contains(words)).count()
}

#[tokio::test(start_paused = true)]
async fn later_repairs_are_noticed_and_a_refusal_is_announced_once() {
    let mut process = Process::new(ALL).await;
    process.services().boards.rules.needed_to_close = Some(["Custom.RootCause", "Root Cause"]);
    process.alert("firing").await;
    process.minutes(2).await;
    process.say("severity 1").await;
    process.say("close It was the gateway").await;
    process.minutes(10).await;
    assert_eq!(field(&process, STATE), "Doing");
    assert_eq!(field(&process, "Microsoft.VSTS.Common.Priority"), 1);
    assert_eq!(process.item()["comments"].as_array().unwrap().len(), 2);
    assert_eq!(notices(&process, "needs a person"), 1);
    assert_eq!(notices(&process, "Rule Error for field Root Cause"), 1);
    let status = process.say("launch status #1").await;
    assert!(status.contains("story: done (the state stays as it was"), "{status}");
    assert!(status.contains("Next check: "), "{status}");
    // Later changes do not wait.
    process.say("note #1 It was the certificate after all").await;
    process.minutes(2).await;
    assert!(process.item()["comments"].to_string().contains("certificate after all"));
    {
        let mut services = process.services();
        let item = services.boards.items.values_mut().next().unwrap();
        item.fields.insert("Custom.RootCause".to_owned(), "A certificate".into());
    }
    process.minutes(65).await;
    assert_eq!(field(&process, STATE), "Done");
    assert_eq!(notices(&process, "needs a person"), 1);
    process.minutes(10).await;
    assert_eq!(process.history().0.deliveries.waiting().count(), 0);
}

/// Comments that are written already are corrected after an undo, a removal or an erasure.
#[tokio::test(start_paused = true)]
async fn what_is_taken_back_leaves_the_comments() {
    let mut process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(2).await;
    process.say("close It was the gateway").await;
    process.minutes(2).await;
    for (said, words, taken_back) in [
        ("note #1 Ask Zacharias", "Zacharias", "undo"),
        ("note #1 Ask Melchior", "Melchior", "note #1 remove 3"),
        ("note #1 The password is hunter2", "hunter2", "redact #1 note 4 yes"),
        ("told #1 customers via mail: Dear Balthasar", "Balthasar", "redact #1 told 1 yes"),
    ] {
        process.say(said).await;
        process.minutes(2).await;
        let item = process.item();
        assert!(item["comments"].to_string().contains(words), "{words}: {item:#}");
        let answer = process.say(taken_back).await;
        process.minutes(2).await;
        let item = process.item();
        assert_eq!(item["comments"].as_array().unwrap().len(), 2, "in their place: {item:#}");
        assert!(!item.to_string().contains(words), "{taken_back}: {answer}: {item:#}");
    }
    // The timeline keeps what was said of a task, and that it was taken back.
    process.say("task #1 Call Caspar").await;
    process.say("undo").await;
    process.minutes(2).await;
    let comments = process.item()["comments"].to_string();
    assert!(comments.contains("Caspar") && comments.contains("undone"), "{comments}");
}

/// Corrections follow into comments that are written already, and a component keeps its name there
/// after it left the configuration.
#[tokio::test(start_paused = true)]
async fn corrections_follow_into_the_comments() {
    let mut process = Process::new(ALL).await;
    process.say("open major on Checkout: Paying fails").await;
    process.minutes(5).await;
    process.say("close It was the gatway").await;
    process.minutes(2).await;
    for (said, words) in [
        ("correct #1 It was the gateway", "It was the gateway"),
        ("correct #1 impact minor", "impact was minor"),
        ("correct #1 on none", "affected: no components"),
        ("correct #1 on Checkout", "affected: Checkout"),
        ("correct #1 closed 1m ago", "end is"),
        ("correct #1 started 20m ago", "start is"),
    ] {
        process.say(said).await;
        process.minutes(2).await;
        let item = process.item();
        let comments = item["comments"].to_string();
        assert!(comments.contains(words), "{said}: {comments}");
        assert_eq!(item["comments"].as_array().unwrap().len(), 2, "in their place: {item:#}");
    }
    process.say("title #1 Nobody can pay").await;
    process.minutes(2).await;
    let title = field(&process, "System.Title").to_string();
    assert!(title.contains("Nobody can pay"), "{title}");
    let (state, records) = process.history();
    let wanted = needed(state.response(1).unwrap(), true);
    let records: Vec<Record> =
        records.into_iter().filter(|record| wanted.contains(&record.revision)).collect();
    let brief = brief(&state, &Config::default(), 1, &records, process.now()).unwrap();
    assert!(brief.facts.contains(&("Component".to_owned(), "Checkout".to_owned())), "{brief:?}");
    assert!(format!("{:?}", brief.comments).contains("affected: Checkout"), "{brief:?}");
}

/// Nobody has to say anything once it is repaired, however long that took.
#[tokio::test(start_paused = true)]
async fn a_launch_resumes_automatically() {
    for (fault, minutes, after) in [
        (Fault::Answers(503), 26 * 60, 6 * 60),
        (Fault::Answers(401), 3, 5),
        (Fault::Answers(403), 3, 5),
        (Fault::Answers(404), 3, 5),
        (Fault::Hangs, 3, 5),
    ] {
        let mut process = Process::new(ALL).await;
        process.alert("firing").await;
        process.minutes(2).await;
        process.outbound.always(Some((Receiver::Boards, fault)));
        process.say("severity 1").await;
        process.minutes(minutes).await;
        let status = process.say("launch status #1").await;
        assert!(status.contains("story: waiting until"), "{fault:?}: {status}");
        assert!(status.contains("launch #1 retry story"), "{fault:?}: {status}");
        process.outbound.always(None);
        process.minutes(after).await;
        assert_eq!(field(&process, "Microsoft.VSTS.Common.Priority"), 1, "{fault:?}");
        let status = process.say("launch status #1").await;
        assert!(status.contains("story: done"), "{fault:?}: {status}");
    }
}

/// A person can ask for a retry at once.
#[tokio::test(start_paused = true)]
async fn a_person_can_have_it_tried_at_once() {
    for words in ["launch retry story #1", "launch #1"] {
        let mut process = Process::new(ALL).await;
        process.alert("firing").await;
        process.minutes(2).await;
        process.outbound.always(Some((Receiver::Boards, Fault::Answers(403))));
        process.say("severity 1").await;
        process.minutes(120).await;
        process.outbound.always(None);
        process.say(words).await;
        process.minutes(1).await;
        assert_eq!(field(&process, "Microsoft.VSTS.Common.Priority"), 1, "{words}");
        assert_eq!(process.history().0.deliveries.waiting().count(), 0, "{words}");
        assert_eq!(process.done(), Step::ALL);
    }
}

/// Nobody typed the alert: somebody has to hear of its incident.
#[tokio::test(start_paused = true)]
async fn without_a_workflow_the_next_answer_announces_an_alert() {
    let mut without = Process::with(ALL, false).await;
    without.alert("firing").await;
    without.minutes(2).await;
    let answer = without.say("open Something else").await;
    assert!(answer.contains("Incident #1, opened by an alert"), "{answer}");
    assert!(answer.contains("Checkout is failing"), "{answer}");

    // The workflow was deleted, as when its owner left.
    let mut deleted = Process::new(ALL).await;
    deleted.outbound.always(Some((Receiver::Workflows, Fault::Answers(404))));
    deleted.alert("firing").await;
    deleted.minutes(2).await;
    let answer = deleted.say("open Something else").await;
    assert!(answer.contains("Incident #1: Checkout is failing"), "{answer}");
    assert!(answer.contains("answers 404"), "{answer}");
    let answer = deleted.say("note #2 It goes on").await;
    assert!(!answer.contains("Incident #1: Checkout is failing"), "told once: {answer}");
}

/// The project and the workflow are taken out of the settings while steps wait.
#[tokio::test(start_paused = true)]
async fn waiting_steps_end_without_their_settings() {
    let mut process = Process::new(ALL).await;
    process.outbound.always(Some((Receiver::Boards, Fault::Answers(503))));
    process.alert("firing").await;
    process.minutes(2).await;
    assert!(process.history().0.deliveries.waiting().any(is_step));
    process.take_everything_away();
    process.minutes(70).await;
    let steps = process.history().0.deliveries.waiting().filter(|one| is_step(one)).count();
    assert_eq!(steps, 0);
    let status = process.say("launch status #1").await;
    assert!(
        status.contains("work item: skipped") && status.contains("message: skipped"),
        "{status}"
    );
    let answer = process.say("open Something else").await;
    assert!(answer.contains("Incident #1: Checkout is failing"), "{answer}");
    assert!(answer.contains("is not set"), "{answer}");
}

fn is_step(delivery: &Delivery) -> bool {
    matches!(delivery.what, Payload::Step { .. })
}
