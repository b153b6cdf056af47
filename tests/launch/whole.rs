//! From an alert to the end of its work item: all steps in a process, with every fault in between.

use serde_json::Value;
use status_update::core::http::Receiver;
use status_update::core::launch::step::Step;
use status_update::store::Container;
use status_update::store::memory::{Operation, OperationKind};

use super::process::{ALERT_LINK, ALL, Process};
use crate::support::outbound::Fault;

fn field<'a>(item: &'a Value, name: &str) -> &'a str {
    item["fields"][name].as_str().unwrap_or_else(|| panic!("no {name} in {item:#}"))
}

const STATE: &str = "System.State";
const DESCRIPTION: &str = "System.Description";

fn assigned(item: &Value) -> String {
    item["fields"]["System.AssignedTo"].to_string()
}

#[tokio::test(start_paused = true)]
async fn an_alert_ends_in_its_work_item_channel_people_and_message_in_one_run() {
    let process = Process::new(ALL).await;
    assert_eq!(process.alert("firing").await, 1);
    process.wait(1).await;
    assert_eq!(process.done(), Step::ONCE, "without the timer: {:#?}", process.progress());
    let item = process.item();
    assert_eq!(field(&item, "System.Title"), "Incident #1: Checkout is failing");
    assert!(assigned(&item).contains("ada@example.com"), "{item:#}");
    assert_eq!(item["links"].as_array().unwrap().len(), 1, "the channel: {item:#}");
    let description = field(&item, DESCRIPTION);
    let link = format!("<a href=\"{ALERT_LINK}\">Open the alert</a>");
    assert_eq!(description.matches(ALERT_LINK).count(), 1, "{description}");
    assert!(description.contains(&link), "{description}");
    let on_call = "<tr><td>On call: Checkout primary</td><td>Ada (ada@example.com)</td></tr>";
    assert!(description.contains(on_call), "{description}");
    {
        let services = process.services();
        let [_, channel] = &services.graph.channels[..] else { panic!("one channel") };
        assert_eq!(channel.name, "inc-1-checkout-is-failing");
        let [posted] = &services.workflow.posted[..] else { panic!("one message") };
        let posted = posted.to_string();
        let button = format!(
            "{{\"title\":\"Open the alert\",\"type\":\"Action.OpenUrl\",\"url\":\"{ALERT_LINK}\"}}"
        );
        assert!(posted.contains(&button), "{posted}");
        for part in ["Checkout is failing", "<at>Ada</at>", "Work item 1", "guide", &channel.name] {
            assert!(posted.to_lowercase().contains(&part.to_lowercase()), "{part}: {posted}");
        }
    }
    // Again and again: it is the same incident, and nothing is done twice.
    let sent = process.outbound.sent().len();
    assert_eq!(process.alert("firing").await, 1);
    process.wait(1).await;
    assert_eq!(process.outbound.sent().len(), sent);
    let writes = process.take_operations().into_iter().filter(|o| o.kind == OperationKind::Put);
    let public = writes.filter(|o| o.key.container == Container::Web).count();
    assert_eq!(public, 0, "nothing of it is public");
}

#[tokio::test(start_paused = true)]
async fn an_idle_timer_costs_two_reads_despite_launches() {
    let process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(5).await;
    let revision = process.history().0.revision;
    process.take_operations();
    let is_read = |operation: &Operation| operation.kind == OperationKind::Head;
    let mut cheap = 0;
    for _ in 0..10 {
        process.minutes(1).await;
        let operations = process.take_operations();
        cheap += usize::from(operations.len() == 2 && operations.iter().all(is_read));
    }
    assert_eq!(cheap, 8, "of 10, as every fifth run checks more");
    assert_eq!(process.history().0.revision, revision, "nothing is recorded");
}

/// All that can go wrong with a request.
const FAULTS: [Fault; 11] = [
    Fault::Unreachable,
    Fault::NoToken,
    Fault::Hangs,
    Fault::DoneButHangs,
    Fault::DoneButLost,
    Fault::Lost,
    Fault::DoneThenKilled,
    Fault::Throttled(90),
    Fault::Answers(401),
    Fault::Answers(403),
    Fault::Answers(503),
];

/// An incident from its alert to its end, with a fault in the way.
async fn through(at: Option<(usize, Fault)>) -> (Value, usize) {
    let mut process = Process::new(ALL).await;
    {
        let mut services = process.services();
        let lag = jiff::SignedDuration::from_secs(20);
        (services.boards.lag, services.graph.lag) = (lag, lag);
    }
    if let Some((at, fault)) = at {
        process.outbound.script((0..at).map(|_| None).chain([Some(fault)]));
    }
    process.alert("firing").await;
    if matches!(at, Some((_, Fault::DoneThenKilled))) {
        process.wait(1).await;
        process.restart();
    }
    process.finish().await;
    process.say_as("Grace", "primary me").await;
    process.finish().await;
    let seen = process.seen();
    (seen, process.outbound.sent().len())
}

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_request_ends_as_without() {
    let (expected, requests) = Box::pin(through(None)).await;
    for at in 0..requests {
        for fault in FAULTS {
            let (seen, _) = Box::pin(through(Some((at, fault)))).await;
            assert_eq!(seen, expected, "{fault:?} at request {at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_ticket_tells_the_story() {
    let mut process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(2).await;
    assert_eq!(field(&process.item(), STATE), "Doing");
    process.say_as("Grace", "primary me").await;
    process.say("severity 1").await;
    process.minutes(1).await;
    let item = process.item();
    assert!(assigned(&item).contains("grace@example.com"), "it follows roles: {item:#}");
    assert!(field(&item, DESCRIPTION).contains("Grace"), "{item:#}");
    assert!(field(&item, DESCRIPTION).contains("Severity</td><td>1"), "{item:#}");
    assert_eq!(item["comments"].as_array().unwrap().len(), 0);

    process.say("close It was the gateway").await;
    process.minutes(2).await;
    let item = process.item();
    assert_eq!(field(&item, STATE), "Done");
    let comments = |item: &Value| -> Vec<String> {
        let all = item["comments"].as_array().unwrap();
        all.iter().map(|comment| comment.as_str().unwrap().to_owned()).collect()
    };
    let first = comments(&item);
    assert_eq!(first.len(), 2, "{first:#?}");
    assert!(first.iter().any(|comment| comment.contains("Statistics")), "{first:#?}");
    process.minutes(3).await;
    assert_eq!(comments(&process.item()), first, "written once");

    // Facts learned later correct them.
    process.say("note #1 It was the certificate after all").await;
    process.minutes(2).await;
    let corrected = comments(&process.item());
    assert_eq!(corrected.len(), 2, "corrected in their place: {corrected:#?}");
    assert!(corrected.iter().any(|comment| comment.contains("certificate after all")));

    process.say("reopen #1 It is back").await;
    process.minutes(2).await;
    assert_eq!(field(&process.item(), STATE), "Doing");
    process.say("close").await;
    process.minutes(2).await;
    let item = process.item();
    assert_eq!((field(&item, STATE), comments(&item).len()), ("Done", 2));
}

/// An outage of one service does not affect the others: the message is sent without the missing
/// facts, which follow later.
#[tokio::test(start_paused = true)]
async fn no_failure_stops_the_others() {
    for down in [Receiver::Boards, Receiver::Graph, Receiver::Workflows] {
        let mut process = Process::new(ALL).await;
        process.outbound.always(Some((down, Fault::Hangs)));
        process.alert("firing").await;
        process.minutes(6).await;
        let late = |step: &str| {
            process
                .messages()
                .iter()
                .any(|body| body.to_string().contains(&format!("Launch: {step}: not done yet, ")))
        };
        assert_eq!(late("work item"), down == Receiver::Boards, "{down:?}");
        assert_eq!(late("channel"), down == Receiver::Graph, "{down:?}");
        let done = process.done();
        for step in Step::ONCE {
            let needs =
                step.uses().iter().any(|used| used.receiver() == down && *used != Step::OnCall);
            let waits = step.receiver() == down || needs && step != Step::Message;
            let local = step == Step::OnCall;
            assert!(waits != done.contains(&step) || local, "{down:?} {step:?}: {done:?}");
        }
        process.outbound.always(None);
        process.minutes(70).await;
        process.finish().await;
        assert!(Step::ONCE.iter().all(|step| process.done().contains(step)), "{down:?}");
        let posted = process.messages();
        assert_eq!(posted.len(), 1, "{down:?}: {posted:#?}");
        process.item();
    }
}

/// A person decides about a step that fails permanently, or is given up after a day.
#[tokio::test(start_paused = true)]
async fn a_step_that_is_given_up_waits_for_a_person() {
    let mut process = Process::new(ALL).await;
    process.outbound.always(Some((Receiver::Boards, Fault::Answers(503))));
    process.alert("firing").await;
    process.minutes(26 * 60).await;
    let status = process.say("launch status #1").await;
    assert!(status.contains("work item: failed"), "{status}");
    assert!(status.contains("launch #1 retry work item"), "{status}");
    assert_eq!(process.history().0.deliveries.waiting().count(), 0, "nothing is left over");
    process.outbound.always(None);
    process.say("launch resume #1").await;
    process.finish().await;
    process.item();
    // A skipped step stays skipped.
    process.say("severity 1 #1").await;
    process.outbound.always(Some((Receiver::Boards, Fault::Answers(403))));
    process.minutes(2).await;
    let status = process.say("launch status #1").await;
    assert!(status.contains("story: waiting until"), "{status}");
    process.say("launch skip story #1").await;
    process.outbound.always(None);
    let revision = process.history().0.revision;
    process.minutes(10).await;
    assert_eq!(process.history().0.revision, revision);
    process.say("launch retry story #1").await;
    process.finish().await;
    assert!(field(&process.item(), DESCRIPTION).contains("Severity</td><td>1"));
}

/// A 503 says when to come again: until then the service is left alone.
#[tokio::test(start_paused = true)]
async fn a_service_that_says_when_to_come_again_is_left_alone_until_then() {
    for receiver in [Receiver::Boards, Receiver::Graph] {
        let mut process = Process::new(ALL).await;
        let tries = |process: &Process| {
            process.outbound.sent().iter().filter(|request| request.to == receiver).count()
        };
        process.outbound.always(Some((receiver, Fault::Later(1_800))));
        process.alert("firing").await;
        process.minutes(2).await;
        let asked = tries(&process);
        assert!(asked > 0, "{receiver:?} was not tried");
        process.outbound.always(None);
        process.minutes(25).await;
        assert_eq!(tries(&process), asked, "{receiver:?} is left alone for half an hour");
        process.minutes(6).await;
        process.finish().await;
        assert!(Step::ONCE.iter().all(|step| process.done().contains(step)), "{receiver:?}");
        process.item();
    }
}

/// An incident is launched once, even after its eviction.
#[tokio::test(start_paused = true)]
async fn an_evicted_incident_that_is_launched_again_gets_no_second_work_item() {
    let by_hand = ALL.replace("on_open = true", "on_open = false");
    let mut process = Process::new(&by_hand).await;
    process.say("open internal sev2 The queue grows").await;
    process.say("launch #1").await;
    process.finish().await;
    process.say("close #1").await;
    process.minutes(2).await;
    for number in 2..=60 {
        process.say("open internal sev3 Another queue grows").await;
        process.say(&format!("close #{number}")).await;
    }
    process.minutes(2).await;
    assert!(process.history().0.response(1).is_none(), "it is still kept");
    let status = process.say("launch status #1").await;
    assert!(status.contains("work item: done"), "{status}");
    process.say("note #1 It happened again").await;
    process.finish().await;
    process.item();
}

/// The first message names the people to call. Their numbers are looked up for sending: neither a
/// record other than the roster's nor the work item has them.
#[tokio::test(start_paused = true)]
async fn the_first_message_names_the_people_on_call_and_no_record_has_the_number() {
    let process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(2).await;
    let [posted] = &process.messages()[..] else { panic!("one message") };
    let posted = posted.to_string();
    for part in ["On call: Checkout primary: Ada +49 30 5550 0199", "Lead: nobody yet (ic me)"] {
        assert!(posted.contains(part), "{part}: {posted}");
    }
    assert_eq!(posted.matches("Component: Checkout").count(), 1, "{posted}");
    let (_, records) = process.history();
    let kept = records.iter().skip(1).map(|record| serde_json::to_string(record).unwrap());
    for kept in kept.chain([process.item().to_string()]) {
        assert!(!kept.contains("5550"), "{kept}");
    }
}

/// Without a workflow, answers that announce an alert's incident name the people to call as well.
#[tokio::test(start_paused = true)]
async fn answers_that_announce_an_incident_name_who_is_on_call() {
    let toml = "[[components]]\nname = \"Checkout\"\nroster = \"Checkout\"\n";
    let mut process = Process::with(toml, false).await;
    process.alert("firing").await;
    for command in ["oncall", "open another internal Something else"] {
        let answer = process.say(command).await;
        let announced = answer.split_once("Incident #1, opened by an alert").unwrap().1;
        assert!(announced.contains("On call: Ada +49 30 5550 0199"), "{command}: {answer}");
    }
    let (_, records) = process.history();
    for record in records.iter().skip(1) {
        let record = serde_json::to_string(record).unwrap();
        assert!(!record.contains("5550"), "{record}");
    }
}

/// Nobody reads the same announcement twice within minutes; somebody else reads it.
#[tokio::test(start_paused = true)]
async fn an_announcement_is_shown_once_in_ten_minutes_to_a_person() {
    let mut process = Process::with("[[components]]\nname = \"Checkout\"\n", false).await;
    process.alert("firing").await;
    for (name, minutes, is_shown) in
        [("Ada", 0, true), ("Ada", 1, false), ("Bo", 0, true), ("Ada", 10, true), ("Bo", 0, true)]
    {
        tokio::time::advance(tokio::time::Duration::from_mins(minutes)).await;
        let answer = process.say_as(name, "list").await;
        let shown = answer.contains("Incident #1, opened by an alert");
        assert_eq!(shown, is_shown, "{name}, {minutes} minutes later: {answer}");
    }
}

/// A linked call is shown next to the launch's channel, and never replaces it.
#[tokio::test(start_paused = true)]
async fn a_linked_call_is_shown_next_to_the_channel() {
    let mut process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(2).await;
    process.say("channel https://calls.example/1").await;
    process.finish().await;
    for question in ["channel", "status #1"] {
        let answer = process.say(question).await;
        assert!(answer.contains("Channel:"), "{question}: {answer}");
        assert!(answer.contains("https://calls.example/1"), "{question}: {answer}");
    }
    let description = process.item()["fields"][DESCRIPTION].to_string();
    assert!(description.contains("https://calls.example/1"), "{description}");
    process.say("channel none").await;
    process.finish().await;
    let answer = process.say("channel").await;
    assert!(answer.contains("Channel:") && !answer.contains("calls.example"), "{answer}");
    let description = process.item()["fields"][DESCRIPTION].to_string();
    assert!(!description.contains("calls.example"), "{description}");
}

/// A deleted work item is recreated only on request, and an existing one stays.
#[tokio::test(start_paused = true)]
async fn a_deleted_work_item_is_recreated_on_request() {
    let mut process = Process::new(ALL).await;
    process.alert("firing").await;
    process.minutes(2).await;
    process.say("launch retry work item #1").await;
    process.minutes(2).await;
    let first = process.item();
    process.services().boards.items.clear();
    process.say("severity 1 #1").await;
    process.minutes(2).await;
    let status = process.say("launch status #1").await;
    assert!(status.contains("`launch retry work item`"), "{status}");
    process.say("launch retry work item #1").await;
    process.minutes(2).await;
    let item = process.item();
    assert_eq!((&item["links"], assigned(&item)), (&first["links"], assigned(&first)));
    assert!(field(&item, DESCRIPTION).contains("Severity</td><td>1"), "{item:#}");
    assert_eq!(field(&item, STATE), "Doing");
    assert_eq!(process.messages().len(), 1);
}
