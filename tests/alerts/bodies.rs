//! Every body in `azure/`, `alertmanager/`, `grafana/` and `plain/` has a snapshot of its reading,
//! every one in `refused/` its error. A test is a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use status_update::core::alerts::alert::{Alert, AlertKind, Condition};
use status_update::core::alerts::read::read_alert;
use status_update::core::alerts::refused::{BODY_BYTES_MAX, NotAnAlert};

fn compared(snapshots: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(snapshots);
}

/// Folders of bodies, by sender.
const SENDERS: [&str; 12] = [
    "azure",
    "alertmanager",
    "grafana",
    "plain",
    "pagerduty",
    "cloudwatch",
    "sns",
    "sentry",
    "github",
    "google_cloud",
    "better_stack",
    "pingdom",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alerts")
}

/// The alert of a file such as `azure/metric_static`.
pub fn alert(name: &str) -> Alert {
    let body = fs::read(folder().join(name).with_extension("json")).unwrap();
    read_alert(&body).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// An alert for a reader.
fn told(alert: &Alert) -> String {
    let time = |at: Option<jiff::Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
    let mut told = format!(
        "{}\n{:?} {}{}\nseverity {}, component {}\nfired {}, resolved {}\n{}\n",
        alert.title,
        alert.condition,
        alert.key.as_str(),
        if alert.kind == AlertKind::Alert { String::new() } else { format!(" {:?}", alert.kind) },
        alert.severity().map_or("-".to_owned(), |severity| severity.number().to_string()),
        alert.component.as_deref().unwrap_or("-"),
        time(alert.fired_at),
        time(alert.resolved_at),
        alert.link.as_deref().unwrap_or("-"),
    );
    for line in alert.description.lines() {
        writeln!(told, "| {line}").unwrap();
    }
    for member in &alert.members {
        let (state, print, title) = (member.condition, &member.fingerprint, &member.title);
        writeln!(told, "{state:?} {print}: {title}").unwrap();
    }
    for (name, value) in alert.fields.iter() {
        writeln!(told, "{name} = {value}").unwrap();
    }
    for noted in &alert.not_understood {
        writeln!(told, "not understood: {noted}").unwrap();
    }
    told
}

#[test]
fn every_body_matches_its_snapshot() {
    compared(|| {
        for source in SENDERS {
            insta::glob!(&format!("{source}/*.json"), |path| {
                let read = read_alert(&fs::read(path).unwrap());
                let read = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                insta::assert_snapshot!(source, told(&read));
            });
        }
    });
}

#[test]
fn every_other_body_has_its_sentence() {
    compared(|| {
        insta::glob!("refused/*.json", |path| {
            let told = read_alert(&fs::read(path).unwrap()).unwrap_err().to_string();
            assert!(told.ends_with('.') && told.lines().count() == 1, "{told}");
            insta::assert_snapshot!("refused", told);
        });
    });
}

#[test]
fn every_snapshot_has_its_body() {
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let mut wanted = BTreeSet::new();
    for kind in SENDERS.into_iter().chain(["refused"]) {
        let files = names(&folder().join(kind));
        wanted.extend(files.iter().map(|file| format!("{kind}@{file}.snap")));
    }
    let mut found = names(&folder().join("snapshots"));
    found.retain(|name| !name.ends_with(".snap.new") && !name.starts_with("sequence@"));
    assert_eq!(found, wanted);
}

/// Deliveries about one thing have one key, about two things two.
#[test]
fn a_key_is_one_thing() {
    let key = |name: &str| alert(name).key;
    let same = |one: &str, other: &str| assert_eq!(key(one), key(other), "{one}, {other}");
    same("azure/metric_static", "azure/metric_resolved");
    same("azure/log_v2", "azure/log_v2_resolved");
    same("azure/service_health_active", "azure/service_health_resolved");
    same("azure/resource_health_activated", "azure/resource_health_resolved");
    same("alertmanager/one", "alertmanager/mixed_group_still_fires");
    same("alertmanager/one", "alertmanager/resolved");
    same("plain/whole", "plain/resolved");
    same("plain/severity_by_word", "plain/severity_as_typed");
    let kept: Vec<String> =
        ["azure/metric_static", "azure/activity_security", "azure/log_analytics"]
            .iter()
            .chain(&["azure/only_rule_and_targets", "azure/all_null", "plain/least", "plain/whole"])
            .chain(&["azure/service_health_active", "azure/resource_health_activated"])
            .chain(&["alertmanager/one", "alertmanager/many_members", "alertmanager/nulls"])
            .map(|name| key(name).as_str().to_owned())
            .collect();
    let different: BTreeSet<&String> = kept.iter().collect();
    assert_eq!(different.len(), kept.len(), "{kept:#?}");
}

/// Tests of the portal and of Grafana are distinguished from alerts of every kind.
#[test]
fn tests_are_recognised_and_nothing_else_is() {
    for source in SENDERS {
        for entry in fs::read_dir(folder().join(source)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_test = alert(&format!("{source}/{name}")).kind == AlertKind::Test;
            assert_eq!(is_test, name.starts_with("test_"), "{source}/{name}");
        }
    }
}

/// A rule, its targets and its dimensions are known again, whichever id Azure gives the alert.
#[test]
fn evaluations_of_a_rule_are_about_one_thing() {
    let print = |name: &str| alert(name).members[0].fingerprint.clone();
    assert_eq!(print("azure/prometheus_evaluation_0"), print("azure/prometheus_evaluation_1"));
    assert_eq!(print("azure/metric_static"), print("azure/metric_resolved"));
    assert_ne!(print("azure/metric_static"), print("azure/metric_dynamic"));
}

/// A group as large as Alertmanager sends by default is read whole, and its first members shown.
#[test]
fn a_group_of_many_members_is_read_whole() {
    let member = |n: usize| {
        json!({"status": "firing", "labels": {"alertname": "NodeDown", "instance": format!("n{n}")},
            "annotations": {"summary": "Node is down", "description": format!("{n} is dark. ").repeat(60)},
            "fingerprint": format!("{n:016x}")})
    };
    let members: Vec<Value> = (0..400).map(member).collect();
    let body = json!({"version": "4", "status": "firing", "alerts": members}).to_string();
    assert!(body.len() > 256 * 1024);
    let alert = read_alert(body.as_bytes()).unwrap();
    assert_eq!(alert.members.len(), 400);
    assert_eq!(alert.title, "NodeDown: 400 firing (Node is down)");
    assert!(
        alert.description.contains("n0: 0 is dark.") && alert.description.ends_with("and 390 more")
    );
}

/// Some templates put raw line breaks into texts.
#[test]
fn raw_line_breaks_within_texts_are_read() {
    let body = "{\"title\": \"CPU is high\", \"description\": \"line 1\nline \\\"2\\\"\"}\n";
    assert_eq!(read_alert(body.as_bytes()).unwrap().description, "line 1\nline \"2\"");
}

/// A group of Alertmanager's is over when Alertmanager says so, also of members that it leaves out.
#[test]
fn a_group_is_over_with_its_last_member() {
    let condition = |name: &str| alert(name).condition;
    assert_eq!(condition("alertmanager/mixed_group_still_fires"), Condition::Fired);
    assert_eq!(condition("alertmanager/truncated_resolved"), Condition::Resolved);
    assert_eq!(condition("alertmanager/resolved"), Condition::Resolved);
}

#[test]
fn a_body_is_limited() {
    let padded = |bytes: usize| {
        let body = r#"{"title": "x"}"#;
        body.to_owned() + &" ".repeat(bytes - body.len())
    };
    assert!(read_alert(padded(BODY_BYTES_MAX).as_bytes()).is_ok());
    let large = read_alert(padded(BODY_BYTES_MAX + 1).as_bytes());
    assert_eq!(large, Err(NotAnAlert::TooLarge));
}
