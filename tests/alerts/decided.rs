//! Decisions about alerts in a channel where people work as well.

mod room;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use status_update::core::alerts::alert::{Alert, Condition};
use status_update::core::alerts::course::FLAP_WINDOW;
use status_update::core::alerts::firing::BURST;
use status_update::core::alerts::read::read_alert;
use status_update::core::alerts::words::Grade;
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::answer::report::report;
use status_update::core::answer::{Answer, Card};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::alert::{ALERTED_MAX, AlertOutcome, Decided};
use status_update::core::incident::model::{Impact, Number, OPEN_INCIDENTS_MAX, Stage};
use status_update::core::incident::severity::Severity;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::log::record::{Record, Source};
use status_update::core::outbox::model::Payload;
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::lifecycle::{Phase, Question};
use status_update::core::response::milestone::Milestone;
use status_update::core::response::model::{Response, TIMELINE_MAX, Visibility};
use status_update::core::timeline::entries_of;

use super::bodies::alert;
use crate::cases::thread::{START, Thread};
use crate::properties::inputs::settings;

const SHOP: &str = include_str!("../cases/shop.toml");

fn thread(rules: &str) -> Thread {
    Thread::new(Config::parse(&format!("{SHOP}\n{rules}")).unwrap(), START)
}

/// A minute ago, for the first message of a thread.
fn before(minutes: i64) -> Timestamp {
    START - SignedDuration::from_mins(minutes)
}

fn plain(key: &str, condition: Condition, fired_at: Option<Timestamp>) -> Alert {
    let status = if condition == Condition::Fired { "firing" } else { "resolved" };
    let body = json!({"title": format!("{key} is slow"), "key": key, "status": status,
        "description": "p95 is 4 s", "link": "https://grafana.example.com/d/1",
        "fired_at": fired_at});
    read_alert(body.to_string().as_bytes()).unwrap()
}

fn begins(alert: &mut Alert, at: Option<Timestamp>) {
    alert.reading.fired_at = at;
    alert.reading.newest_at = at;
    alert.reading.members.iter_mut().for_each(|member| member.since = at);
}

fn ends(alert: &mut Alert, at: Option<Timestamp>) {
    alert.reading.resolved_at = at;
    alert.reading.members.iter_mut().for_each(|member| member.ended = at);
}

fn fired(key: &str) -> Alert {
    plain(key, Condition::Fired, None)
}

fn resolved(key: &str) -> Alert {
    plain(key, Condition::Resolved, None)
}

#[track_caller]
fn told(thread: &mut Thread, alert: &Alert) -> Decided {
    thread.alert(alert, 1).unwrap()
}

#[track_caller]
fn fate(thread: &mut Thread, alert: &Alert) -> (AlertOutcome, Option<Number>) {
    let decided = told(thread, alert);
    (decided.fate, decided.number)
}

fn response(thread: &Thread, number: Number) -> &Response {
    thread.state.response(number).unwrap()
}

fn events(record: &Record) -> Vec<&ResponseEvent> {
    record.response().collect()
}

#[test]
fn a_firing_alert_opens_an_internal_incident_detected_by_monitoring() {
    let mut thread = thread("");
    let mut alert = plain("Checkout", Condition::Fired, Some(before(10)));
    alert.reading.component = Some("search-V2".to_owned());
    let decided = told(&mut thread, &alert);
    assert_eq!((decided.fate, decided.number), (AlertOutcome::Opened, Some(1)));
    let response = response(&thread, 1);
    assert_eq!(response.visibility, Visibility::Internal);
    assert_eq!(response.title, "Checkout is slow");
    assert_eq!(response.severity, Some(Severity::Medium));
    assert_eq!(response.components, ["search-v2"]);
    let detected = response.milestones.last(Milestone::Detected).unwrap();
    assert_eq!(detected.at, before(10));
    assert_eq!(detected.via.as_deref(), Some("monitoring"));
    assert!(response.is_answered(Question::When) && response.is_answered(Question::How));
    assert_eq!(response.phase(), Phase::Detection);
    let record = decided.record.unwrap();
    assert_eq!(record.cause.source, Source::Alert);
    let [ResponseEvent::Declared { text, .. }, ..] = events(&record)[..] else {
        panic!("{record:?}")
    };
    assert_eq!(text.to_plain(), "Checkout is slow\np95 is 4 s\nhttps://grafana.example.com/d/1");
    assert!(record.status().next().is_none(), "nothing of it is public");
    assert!(thread.state.status.open.is_empty());
}

#[test]
fn a_worse_alert_is_announced_once_and_the_severity_of_a_person_stays() {
    let mut thread = thread("");
    let graded = |severity: &str| {
        let body = json!({"title": "Checkout is slow", "key": "Checkout", "status": "firing",
            "severity": severity});
        read_alert(body.to_string().as_bytes()).unwrap()
    };
    told(&mut thread, &graded("P3"));
    thread.say("sev #1 2").expect_record();
    assert!(told(&mut thread, &graded("P2")).record.is_none(), "no worse than what was set");
    let decided = told(&mut thread, &graded("P1"));
    assert_eq!(decided.fate, AlertOutcome::Joined);
    let record = decided.record.unwrap();
    let notices = format!("{:?}", record.deliveries().collect::<Vec<_>>());
    assert!(notices.contains("Incident #1 got worse: the alert has severity 1"), "{notices}");
    assert!(notices.contains("The severity stays 2"), "{notices}");
    assert!(notices.contains("sev #1 1"), "{notices}");
    assert_eq!(response(&thread, 1).severity, Some(Severity::High));
    assert!(
        told(&mut thread, &graded("P1"))
            .record
            .is_none_or(|again| { again.deliveries().next().is_none() })
    );
    assert_eq!(response(&thread, 1).severity, Some(Severity::High));
}

#[test]
fn the_record_reads_back_unchanged() {
    let mut thread = thread("");
    let mut card = |alert: &Alert| {
        let record = told(&mut thread, alert).record.unwrap();
        let (publication, config) = (Publication::Late, &thread.config.clone());
        let answer = recorded(&record, &thread.state, publication, config);
        let Answer::Card(Card { title, state, lines, .. }) = answer else { panic!("{answer:?}") };
        [title, state, lines[0].to_plain()]
    };
    let opened = card(&fired("Checkout"));
    let state = "Internal, not on the page · investigating";
    assert_eq!(opened[..2], ["#1 Checkout is slow", state]);
    assert_eq!(
        opened[2],
        "Detected 10:45 via monitoring: p95 is 4 s https://grafana.example.com/d/1"
    );
    let over = card(&resolved("Checkout"));
    let said = "Alert resolved: Checkout is slow";
    assert_eq!(over, ["#1 Checkout is slow", state, said]);
}

#[test]
fn deliveries_within_a_burst_are_one() {
    let mut thread = thread("");
    let alert = fired("Checkout");
    assert_eq!(fate(&mut thread, &alert), (AlertOutcome::Opened, Some(1)));
    let opened = thread.records.len();
    let first = thread.records[0].at;
    for _ in 0..1_000 {
        assert_eq!(fate(&mut thread, &alert), (AlertOutcome::Repeated, Some(1)));
    }
    assert_eq!(thread.records.len(), opened, "a repetition costs no record");
    thread.now = first + BURST - SignedDuration::from_secs(1);
    assert_eq!(fate(&mut thread, &alert), (AlertOutcome::Repeated, Some(1)));
    thread.now = first + BURST;
    let joined = thread.alert(&alert, 1_001).unwrap();
    assert_eq!((joined.fate, joined.number), (AlertOutcome::Joined, Some(1)));
    let record = joined.record.unwrap();
    assert!(
        matches!(events(&record)[..], [ResponseEvent::Alerted { deliveries: 1_001, .. }]),
        "{record:?}"
    );
    let response = thread.state.response(1).unwrap();
    let [entry] = &entries_of(&record, response, &thread.config, &NO_NAMES)[..] else { panic!() };
    assert_eq!(entry.said.what, "alert fires, delivered 1001 times at least");
    assert_eq!((entry.by.as_str(), entry.said.text.as_str()), ("a program", "Checkout is slow"));
    assert_eq!(
        fate(&mut thread, &alert),
        (AlertOutcome::Repeated, Some(1)),
        "that began another burst"
    );
    assert_eq!(thread.records.len(), opened + 1);
}

#[test]
fn a_resolved_alert_is_noted_and_closes_nothing() {
    let mut thread = thread("");
    told(&mut thread, &fired("Checkout"));
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Resolved, Some(1)));
    let response = response(&thread, 1);
    assert!(response.is_open());
    assert_eq!(response.phase(), Phase::Remediation);
    assert_eq!(response.alert.as_ref().unwrap().condition, Condition::Resolved);
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Repeated, Some(1)));
    // It fires again before anybody closed it, within the burst: that is news.
    assert_eq!(fate(&mut thread, &fired("Checkout")), (AlertOutcome::Joined, Some(1)));
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Resolved, Some(1)));
    assert_eq!(thread.records.len(), 4);
}

#[test]
fn the_standing_says_whether_it_fires() {
    let mut thread = thread("");
    let alert = plain("Checkout", Condition::Fired, Some(before(10)));
    let standing = |thread: &mut Thread| {
        let asked = thread.say("status #1");
        let Decision::Answer(asked) = asked.decision() else { panic!("{asked:?}") };
        let answer = report(asked, &thread.state, None, &thread.config);
        let Answer::Sentence(told) = answer else { panic!("{answer:?}") };
        told
    };
    told(&mut thread, &alert);
    let fires = standing(&mut thread);
    assert!(fires.contains("alert: fires since 10:35"), "{fires}");
    told(&mut thread, &resolved("Checkout"));
    let over = standing(&mut thread);
    assert!(over.contains("alert: resolved"), "{over}");
}

#[test]
fn it_was_mitigated_when_the_monitor_says() {
    let mut thread = thread("");
    let mut alert = super::bodies::alert("azure/metric_static");
    begins(&mut alert, Some(before(30)));
    told(&mut thread, &alert);
    thread.say("when started 09:30").expect_record();
    let mut over = super::bodies::alert("azure/metric_resolved");
    ends(&mut over, Some(before(5)));
    assert_eq!(fate(&mut thread, &over), (AlertOutcome::Resolved, Some(1)));
    let milestones = &response(&thread, 1).milestones;
    let started = milestones.at(Milestone::Started).unwrap();
    assert_eq!(milestones.at(Milestone::Mitigated), Some(before(5).max(started)));
    // A start in the future counts as now.
    let mut ahead = fired("Ahead");
    begins(&mut ahead, Some(thread.now + SignedDuration::from_hours(1)));
    told(&mut thread, &ahead);
    let response = response(&thread, 2);
    assert_eq!(
        response.milestones.at(Milestone::Detected),
        response.milestones.at(Milestone::Declared)
    );
}

#[test]
fn a_rule_closes_a_resolved_incident_and_a_later_firing_is_new() {
    let mut thread = thread("[[alerts]]\nmatch.source = \"plain\"\nclose_on_resolve = true");
    let first = plain("Checkout", Condition::Fired, Some(before(10)));
    assert_eq!(fate(&mut thread, &first), (AlertOutcome::Opened, Some(1)));
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Closed, Some(1)));
    let closed = response(&thread, 1);
    assert!(!closed.is_open() && closed.stage == Stage::Resolved);
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::NothingOpen, None));
    // A copy that was on its way meanwhile opens nothing.
    assert_eq!(fate(&mut thread, &first), (AlertOutcome::Over, Some(1)));
    // Long after that it is a trouble of its own.
    thread.now += SignedDuration::from_hours(1);
    let again = plain("Checkout", Condition::Fired, Some(thread.now));
    assert_eq!(fate(&mut thread, &again), (AlertOutcome::Opened, Some(2)));
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Closed, Some(2)));
    // An alert that does not say when it began is taken to fire again; so soon, it is the same.
    assert_eq!(fate(&mut thread, &fired("Checkout")), (AlertOutcome::Reopened, Some(2)));
    // It flaps now: the incident stays open until it is quiet.
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Resolved, Some(2)));
    assert!(response(&thread, 2).is_open());
    let quiet = thread.now + FLAP_WINDOW;
    thread.clock(quiet);
    assert!(!response(&thread, 2).is_open());
    assert!(waiting(&thread).last().unwrap().contains("has stopped flapping and resolved"));
}

/// An incident that a person closed stays closed while the alert continues, as Alertmanager repeats
/// it every few hours. A member that joins its group opens a new one.
#[test]
fn an_incident_closed_by_a_person_stays_closed() {
    let mut thread = thread("");
    let group = |starts: &[&str]| {
        let members: Vec<_> =
            starts.iter().map(|at| json!({"status": "firing", "startsAt": at})).collect();
        let body = json!({"version": "4", "groupKey": "{}:{}", "alerts": members});
        read_alert(body.to_string().as_bytes()).unwrap()
    };
    let one = group(&["2026-11-21T09:00:00Z"]);
    assert_eq!(fate(&mut thread, &one), (AlertOutcome::Opened, Some(1)));
    thread.say("close #1 Known, and harmless").expect_record();
    thread.now += SignedDuration::from_hours(4);
    assert_eq!(fate(&mut thread, &one), (AlertOutcome::Over, Some(1)));
    let two = group(&["2026-11-21T09:00:00Z", "2026-11-21T12:00:00Z"]);
    assert_eq!(fate(&mut thread, &two), (AlertOutcome::Opened, Some(2)));
}

#[test]
fn a_late_word_says_nothing_of_now() {
    let mut thread = thread("");
    let at = |minutes| Some(before(minutes));
    told(&mut thread, &plain("Checkout", Condition::Fired, at(10)));
    told(&mut thread, &resolved("Checkout"));
    let copy = plain("Checkout", Condition::Fired, at(10));
    assert_eq!(fate(&mut thread, &copy), (AlertOutcome::Repeated, Some(1)));
    assert_eq!(response(&thread, 1).alert.as_ref().unwrap().condition, Condition::Resolved);
    let again = plain("Checkout", Condition::Fired, at(2));
    assert_eq!(fate(&mut thread, &again), (AlertOutcome::Joined, Some(1)));
    // The end of the previous firing arrives after the next firing.
    let mut over = resolved("Checkout");
    ends(&mut over, at(5));
    assert_eq!(fate(&mut thread, &over), (AlertOutcome::Repeated, Some(1)));
    assert_eq!(response(&thread, 1).alert.as_ref().unwrap().condition, Condition::Fired);
}

#[test]
fn a_rule_puts_it_on_the_page_without_its_details() {
    let mut thread = thread(
        "[[alerts]]\nmatch.key = \"check*\"\npublish = true\nseverity = 1\n\
         component = \"Checkout\"\nroster = \"Payments\"\nclose_on_resolve = true",
    );
    let opened = told(&mut thread, &fired("Checkout"));
    let incident = thread.state.status.incident(1).unwrap();
    assert_eq!(incident.impact, Impact::Critical);
    assert_eq!(incident.components, ["checkout"]);
    assert_eq!(incident.updates[0].text.to_plain(), "Checkout is slow");
    let known = response(&thread, 1);
    assert_eq!((known.visibility, known.severity), (Visibility::Public, Some(Severity::Critical)));
    assert_eq!(known.alert.as_ref().unwrap().roster.as_deref(), Some("Payments"));
    let record = opened.record.unwrap();
    let public: Vec<String> =
        record.status().map(|event| serde_json::to_string(event).unwrap()).collect();
    assert!(!public.concat().contains("p95"), "{public:?}");
    let [.., ResponseEvent::Alerted { text, .. }] = events(&record)[..] else { panic!() };
    assert_eq!(text.to_plain(), "p95 is 4 s\nhttps://grafana.example.com/d/1");
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Closed, Some(1)));
    assert!(thread.state.status.open.is_empty());
    let ended = thread.state.status.incident(1).unwrap().updates.last().unwrap();
    assert!(ended.stage == Stage::Resolved && ended.text.is_empty());
}

#[test]
fn an_incident_published_by_a_person_is_closed_on_the_page() {
    let mut thread = thread("[[alerts]]\nmatch.source = \"plain\"\nclose_on_resolve = true");
    told(&mut thread, &fired("Checkout"));
    thread.say("publish #1 minor on Checkout: We are looking into it").expect_record();
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Closed, Some(1)));
    assert!(thread.state.status.open.is_empty() && !response(&thread, 1).is_open());
}

#[test]
fn muted_alerts_leave_nothing() {
    let mut thread = thread("[[alerts]]\nmatch.title = \"*noise*\"\nmute = true");
    assert_eq!(fate(&mut thread, &fired("Noise")), (AlertOutcome::Muted, None));
    assert_eq!(fate(&mut thread, &resolved("Noise")), (AlertOutcome::Muted, None));
    assert_eq!(fate(&mut thread, &resolved("Unknown")), (AlertOutcome::NothingOpen, None));
    assert!(thread.records.is_empty());
}

/// Messages that wait for the channel, a line each.
fn waiting(thread: &Thread) -> Vec<String> {
    thread.state.deliveries.waiting().map(|delivery| delivery.what.heading()).collect()
}

/// A person opens the link that confirms it; this program never does.
#[test]
fn a_subscription_is_announced_with_its_link() {
    let mut thread = thread("");
    let subscription = alert("sns/subscription");
    assert_eq!(fate(&mut thread, &subscription), (AlertOutcome::Ignored, None));
    let last = thread.state.deliveries.waiting().last().unwrap();
    let Payload::Notice(notice) = &last.what else { panic!("{last:?}") };
    let (button, address) = notice.link.clone().unwrap();
    assert_eq!(button, "Confirm the subscription");
    assert_eq!(Some(address), subscription.link.clone());
    assert!(thread.state.responses.is_empty());
}

#[test]
fn a_test_opens_nothing_and_is_announced() {
    let mut thread = thread("");
    for name in ["azure/test_metric_static", "azure/test_service_health", "grafana/test_button"] {
        assert_eq!(fate(&mut thread, &alert(name)), (AlertOutcome::Test, None), "{name}");
    }
    let told = ["Azure Monitor", "Grafana"].map(|of| format!("A test alert from {of} arrived"));
    assert_eq!(waiting(&thread), told, "one word for both of Azure's");
    assert_eq!(thread.records.len(), 2);
    assert_eq!(thread.state.next_number, 1);
    thread.now += BURST;
    assert_eq!(fate(&mut thread, &alert("grafana/test_button")), (AlertOutcome::Test, None));
    assert_eq!(thread.records.len(), 3);
}

#[test]
fn the_channel_is_notified_of_openings_and_ends() {
    let mut thread = thread("[[alerts]]\nmatch.key = \"Shop\"\nclose_on_resolve = true");
    for alert in [fired("Shop"), fired("Mail"), fired("Mail"), resolved("Shop"), resolved("Mail")] {
        told(&mut thread, &alert);
    }
    let heard = waiting(&thread);
    assert_eq!(
        heard,
        [
            "Incident #1, opened by an alert: Shop is slow",
            "Incident #2, opened by an alert: Mail is slow",
            "Incident #1 is closed: its alert resolved",
            "Incident #2: the alert resolved",
        ]
    );
    // Without a workflow, the next answer reports the opened incident.
    thread.say("open Something else").expect_record();
    let left = waiting(&thread);
    assert_eq!(left, heard[2..], "{left:?}");
}
