//! Every body in `azure/`, `alertmanager/`, `grafana/` and `plain/` has what it becomes, every one
//! in `refused/` its sentence. A test is a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use status_update::core::alerts::alert::{Alert, Condition};
use status_update::core::alerts::read::read_alerts;
use status_update::core::alerts::refused::{ALERTS_MAX, BODY_BYTES_MAX, NotAnAlert};

fn compared(snapshots: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(snapshots);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alerts")
}

/// The alerts of a file such as `azure/metric_static`.
pub fn alerts(name: &str) -> Vec<Alert> {
    let body = fs::read(folder().join(name).with_extension("json")).unwrap();
    read_alerts(&body).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn alert(name: &str) -> Alert {
    let mut alerts = alerts(name);
    assert_eq!(alerts.len(), 1, "{name}");
    alerts.remove(0)
}

/// An alert for a reader.
fn told(alert: &Alert) -> String {
    let time = |at: Option<jiff::Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
    let mut told = format!(
        "{}\n{:?} {}{}\nseverity {}, component {}\nfired {}, resolved {}\n{}\n",
        alert.title,
        alert.condition,
        alert.key.as_str(),
        if alert.is_test { " (a test)" } else { "" },
        alert.severity.map_or("-".to_owned(), |severity| severity.number().to_string()),
        alert.component.as_deref().unwrap_or("-"),
        time(alert.fired_at),
        time(alert.resolved_at),
        alert.link.as_deref().unwrap_or("-"),
    );
    for line in alert.description.lines() {
        writeln!(told, "| {line}").unwrap();
    }
    for (name, value) in alert.fields.iter() {
        writeln!(told, "{name} = {value}").unwrap();
    }
    told
}

#[test]
fn every_body_becomes_what_its_snapshot_shows() {
    compared(|| {
        for source in ["azure", "alertmanager", "grafana", "plain"] {
            insta::glob!(&format!("{source}/*.json"), |path| {
                let read = read_alerts(&fs::read(path).unwrap());
                let alerts = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let all: Vec<String> = alerts.iter().map(told).collect();
                insta::assert_snapshot!(source, all.join("\n"));
            });
        }
    });
}

#[test]
fn every_other_body_has_its_sentence() {
    compared(|| {
        insta::glob!("refused/*.json", |path| {
            let told = read_alerts(&fs::read(path).unwrap()).unwrap_err().to_string();
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
    for kind in ["azure", "alertmanager", "grafana", "plain", "refused"] {
        let files = names(&folder().join(kind));
        wanted.extend(files.iter().map(|file| format!("{kind}@{file}.snap")));
    }
    let mut found = names(&folder().join("snapshots"));
    found.retain(|name| !name.ends_with(".snap.new"));
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
    let members = alerts("grafana/mixed");
    let kept: Vec<String> =
        ["azure/metric_static", "azure/activity_security", "azure/log_analytics"]
            .iter()
            .chain(&["azure/only_rule_and_targets", "azure/all_null", "plain/least", "plain/whole"])
            .chain(&["azure/service_health_active", "azure/resource_health_activated"])
            .chain(&["alertmanager/one", "alertmanager/many_members", "alertmanager/nulls"])
            .map(|name| key(name).as_str().to_owned())
            .chain(members.iter().map(|member| member.key.as_str().to_owned()))
            .collect();
    let different: BTreeSet<&String> = kept.iter().collect();
    assert_eq!(different.len(), kept.len(), "{kept:#?}");
}

/// The same rule that fires again in Grafana has its fingerprint again: it is another alert.
#[test]
fn what_fires_again_in_grafana_is_another_alert() {
    let body = |starts: &str| {
        json!({"version": "1", "alerts": [{"fingerprint": "f", "startsAt": starts}]}).to_string()
    };
    let key = |starts: &str| read_alerts(body(starts).as_bytes()).unwrap().remove(0).key;
    assert_ne!(key("2026-01-02T03:04:05Z"), key("2026-01-02T04:04:05Z"));
    assert_eq!(key("2026-01-02T03:04:05Z"), key("2026-01-02T04:04:05+01:00"));
}

/// Tests of the portal and of Grafana are told from alerts, whatever kind they are of.
#[test]
fn tests_are_recognised_and_nothing_else_is() {
    for source in ["azure", "alertmanager", "grafana", "plain"] {
        for entry in fs::read_dir(folder().join(source)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            for alert in alerts(&format!("{source}/{name}")) {
                assert_eq!(alert.is_test, name.starts_with("test_"), "{source}/{name}");
            }
        }
    }
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
    assert!(read_alerts(padded(BODY_BYTES_MAX).as_bytes()).is_ok());
    let large = read_alerts(padded(BODY_BYTES_MAX + 1).as_bytes()).unwrap_err();
    assert_eq!(large, NotAnAlert::TooLarge(BODY_BYTES_MAX + 1));
    assert_eq!(large.to_string(), "The body has 262145 bytes: 262144 at most.");
    let body = |version: &str, count: usize| {
        json!({"version": version, "alerts": vec![json!({}); count]}).to_string()
    };
    let read = |version, count| read_alerts(body(version, count).as_bytes()).map(|read| read.len());
    assert_eq!(read("1", ALERTS_MAX), Ok(ALERTS_MAX));
    assert_eq!(read("1", ALERTS_MAX + 1), Err(NotAnAlert::TooMany(ALERTS_MAX + 1)));
    // A group is one alert, however many members it has.
    assert_eq!(read("4", ALERTS_MAX + 1), Ok(1));
}
