//! Each template of docs/alerts.md, filled in as its monitor does: for a trouble and for its end.

use std::collections::BTreeSet;

use serde_json::Value;
use status_update::core::alerts::alert::{Alert, AlertKind, Condition};
use status_update::core::alerts::read::read_alert;
use status_update::core::incident::severity::Severity;

const DOCUMENT: &str = include_str!("../../docs/alerts.md");

/// The block of JSON below a heading.
fn template(heading: &str) -> &'static str {
    let section = DOCUMENT.split_once(&format!("\n### {heading}\n")).expect(heading).1;
    section.split_once("```json\n").unwrap().1.split("```").next().unwrap()
}

/// Fills in a template as the monitor would. Every placeholder has to be known.
fn filled(heading: &str, values: &[(&str, &str)]) -> String {
    let mut body = template(heading).to_owned();
    for (variable, value) in values {
        assert!(body.contains(variable), "{heading} has no {variable}: {body}");
        body = body.replace(variable, value);
    }
    body
}

fn read(heading: &str, values: &[(&str, &str)]) -> Alert {
    let body = filled(heading, values);
    let alert = read_alert(body.as_bytes()).unwrap_or_else(|error| panic!("{heading}: {error}"));
    for rest in ["$", "{{", "*", "{P"] {
        assert!(!alert.title.contains(rest), "{heading}: {}", alert.title);
    }
    alert
}

/// The same values with others for the end: a trouble and its end are about one thing.
#[track_caller]
fn pair(heading: &str, values: &[(&str, &str)], end: &[(&str, &str)]) -> Alert {
    let fires = read(heading, values);
    let changed = values.iter().map(|(variable, value)| {
        let other = end.iter().find(|(changed, _)| changed == variable);
        (*variable, other.map_or(*value, |(_, value)| *value))
    });
    let over = read(heading, &changed.collect::<Vec<_>>());
    assert_eq!((fires.kind, fires.condition), (AlertKind::Alert, Condition::Fired), "{heading}");
    assert_eq!((over.kind, over.condition), (AlertKind::Alert, Condition::Resolved), "{heading}");
    assert_eq!(fires.key, over.key, "{heading}");
    assert_eq!(over.not_understood, Vec::<String>::new(), "{heading}");
    fires
}

#[track_caller]
fn is(alert: &Alert, title: &str, severity: Option<Severity>) {
    assert_eq!((alert.title.as_str(), alert.severity()), (title, severity));
    assert_eq!(alert.not_understood, Vec::<String>::new());
}

#[test]
fn every_template_is_tested() {
    let templates = DOCUMENT.split_once("## Templates").unwrap().1.split("\n## ").next().unwrap();
    let found: BTreeSet<&str> =
        templates.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let tested = [
        "Datadog",
        "Dynatrace",
        "Healthchecks",
        "Kibana",
        "New Relic",
        "Uptime Kuma",
        "UptimeRobot",
        "Zabbix",
    ];
    assert_eq!(found, tested.into());
}

#[test]
fn datadog() {
    let values = [
        ("$ALERT_TITLE", "Disk is nearly full"),
        ("$TEXT_ONLY_MSG", "95 % used\n\nNotified @webhook-incidents"),
        ("$ALERT_TRANSITION", "Triggered"),
        ("$ALERT_PRIORITY", "P1"),
        ("$AGGREG_KEY", "9bd4ac313a4d1e8fae2482df7b77628"),
        ("$LINK", "https://app.datadoghq.com/event/event?id=1"),
        ("$ALERT_SCOPE", "host:web-1"),
        ("$TAGS", "host:web-1,monitor"),
    ];
    let fires = pair("Datadog", &values, &[("$ALERT_TRANSITION", "Recovered")]);
    is(&fires, "Disk is nearly full", Some(Severity::Critical));
    assert!(fires.description.contains("scope: host:web-1"), "{}", fires.description);
    for transition in ["Re-Triggered", "Warn", "Re-Warn", "No Data", "Re-No Data", "Renotify"] {
        let mut again = values;
        again[2].1 = transition;
        is(&read("Datadog", &again), "Disk is nearly full", Some(Severity::Critical));
    }
}

#[test]
fn uptime_kuma() {
    let title = "{{ name | append: \" \" | append: hostnameOrURL | json }}";
    let values = [
        (title, "\"Shop https://shop.example\""),
        ("{{ msg | json }}", "\"[Shop] [🔴 Down] timeout of 48000ms exceeded\""),
        ("{{ status | json }}", "\"🔴 Down\""),
        ("{{ name | json }}", "\"Shop\""),
    ];
    let fires = pair("Uptime Kuma", &values, &[("{{ status | json }}", "\"✅ Up\"")]);
    is(&fires, "Shop https://shop.example", None);
    let mut test = values;
    test[2].1 = "\"⚠️ Test\"";
    assert_eq!(read("Uptime Kuma", &test).kind, AlertKind::Test);
}

#[test]
fn uptimerobot() {
    let values = [
        ("*monitorFriendlyName*", "Shop"),
        ("*alertDetails*", "HTTP 503 - Service Unavailable"),
        ("*monitorURL*", "https://shop.example"),
        ("*alertTypeFriendlyName*", "Down"),
        ("*monitorID*", "776"),
    ];
    let end = [("*alertTypeFriendlyName*", "Up"), ("*alertDetails*", "HTTP 200 - OK")];
    is(&pair("UptimeRobot", &values, &end), "Shop: HTTP 503 - Service Unavailable", None);
}

#[test]
fn new_relic() {
    let title = "\"shop query result is > 1.0 for 1 minutes on 'Low storage'\"";
    let values = [
        ("{{ json annotations.title.[0] }}", title),
        ("{{ json state }}", "\"ACTIVATED\""),
        ("{{ json priority }}", "\"HIGH\""),
        ("{{ json issueId }}", "\"c5faa7e6-7b54-402d-af79-f99601e0278c\""),
        (
            "{{ json issuePageUrl }}",
            "\"https://radar-api.service.newrelic.com/accounts/1/issues/1\"",
        ),
        ("{{ createdAt }}", "1713755131352"),
        ("{{ json entitiesData.names }}", "[\"shop\", \"cart\"]"),
        ("{{ json accumulations.policyName }}", "[\"Golden Signals\"]"),
        ("{{ json accumulations.conditionName }}", "null"),
    ];
    let fires = pair("New Relic", &values, &[("{{ json state }}", "\"CLOSED\"")]);
    is(&fires, title.trim_matches('"'), Some(Severity::High));
    assert_eq!(fires.fired_at.unwrap().to_string(), "2024-04-22T03:05:31.352Z");
    let mut noted = values;
    noted[1].1 = "\"ACKNOWLEDGED\"";
    assert_eq!(read("New Relic", &noted).kind, AlertKind::Note);
}

#[test]
fn dynatrace() {
    let values = [
        ("{ProblemTitle}", "Failure rate increase"),
        ("{ImpactedEntity}", "checkout"),
        (
            "{ProblemDetailsText}",
            "OPEN Problem P-230515\nError on service \u{201c}checkout\u{201d}",
        ),
        ("{State}", "OPEN"),
        ("{ProblemSeverity}", "ERROR"),
        ("{ProblemID}", "P-230515"),
        ("{ProblemURL}", "https://abc.live.dynatrace.com/#problems/problemdetails;pid=1"),
        ("{Tags}", "team:shop"),
        ("{ProblemImpact}", "SERVICES"),
    ];
    let fires = pair("Dynatrace", &values, &[("{State}", "RESOLVED")]);
    is(&fires, "Failure rate increase on checkout", Some(Severity::High));
    assert!(fires.description.contains("\nError on service"), "{}", fires.description);
}

/// As the script does: 0 is the end.
#[test]
fn zabbix() {
    let sent = |value: &str| {
        let values = [
            ("{HOST.NAME}", "web-1"),
            ("{EVENT.NAME}", "Disk is nearly full"),
            ("{EVENT.OPDATA}", "95 %"),
            ("{EVENT.VALUE}", value),
            ("{EVENT.SEVERITY}", "Average"),
            ("{TRIGGER.ID}", "13577"),
            ("{HOST.ID}", "10084"),
            ("{EVENT.ID}", "77"),
            ("{$ZABBIX.URL}", "https://zabbix.example"),
        ];
        let mut body: Value = serde_json::from_str(&filled("Zabbix", &values)).unwrap();
        let body = body.as_object_mut().unwrap();
        body.remove("url");
        let is_over = body.remove("value").unwrap() == "0";
        body.insert("status".into(), if is_over { "resolved" } else { "firing" }.into());
        read_alert(Value::Object(body.clone()).to_string().as_bytes()).unwrap()
    };
    let (fires, over) = (sent("1"), sent("0"));
    is(&fires, "web-1: Disk is nearly full", Some(Severity::Medium));
    assert_eq!((over.condition, &over.key), (Condition::Resolved, &fires.key));
}

#[test]
fn kibana() {
    let values = [
        ("{{rule.name}}", "CPU"),
        ("{{alert.id}}", "web-1"),
        ("{{context.reason}}", "CPU is 97 % in the last 5 min for web-1. Alert when above 90 %."),
        ("{{alert.actionGroup}}", "failed"),
        ("{{rule.id}}", "8ad8ca00"),
        ("{{rule.url}}", "https://kibana.example/app/rules/8ad8ca00"),
        ("{{date}}", "2026-11-20T09:00:00.000Z"),
    ];
    let fires = pair("Kibana", &values, &[("{{alert.actionGroup}}", "recovered")]);
    is(&fires, "CPU: web-1", None);
    let mut other = values;
    other[3].1 = "metrics.threshold.fired";
    let other = read("Kibana", &other);
    assert_eq!(other.condition, Condition::Fired);
    assert_eq!(other.not_understood, ["status = \"metrics.threshold.fired\""]);
}

#[test]
fn healthchecks() {
    let values = [
        ("$NAME_JSON", "\"Nightly \\\"backup\\\"\""),
        ("$TAGS", "prod db"),
        ("$STATUS", "down"),
        ("$CODE", "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"),
    ];
    is(&pair("Healthchecks", &values, &[("$STATUS", "up")]), "Nightly \"backup\"", None);
}
