//! Matching of rules, and errors in rules.

use status_update::core::alerts::alert::Alert;
use status_update::core::alerts::read::read_alert;
use status_update::core::alerts::rule::{Handling, Opening, Pattern, handling};
use status_update::core::config::Config;
use status_update::core::incident::severity::Severity;

use super::bodies::alert;

const SHOP: &str = include_str!("../cases/shop.toml");

fn config(rules: &str) -> Config {
    Config::parse(&format!("{SHOP}\n{rules}")).unwrap_or_else(|error| panic!("{error}: {rules}"))
}

fn handled(rules: &str, alert: &Alert) -> Handling {
    handling(&config(rules).alerts, alert)
}

fn one(name: &str) -> Alert {
    alert(name)
}

#[test]
fn patterns_match_without_case_and_with_an_asterisk_at_an_end() {
    for (pattern, yes, no) in [
        ("checkout", vec!["checkout", "CHECKOUT"], vec!["checkout-1", "a checkout", ""]),
        ("Check*", vec!["check", "checkout"], vec!["a check"]),
        ("*OUT", vec!["out", "checkout"], vec!["outer"]),
        ("*eck*", vec!["eck", "checkout"], vec!["ec k"]),
        ("*", vec!["", "x"], vec![]),
        ("**", vec!["", "x"], vec![]),
        ("STRASSE", vec!["strasse"], vec!["straße"]),
        ("ÉTÉ", vec!["été"], vec!["ete"]),
    ] {
        let read = Pattern::parse(pattern).unwrap();
        assert!(yes.iter().all(|text| read.matches(text)), "{pattern}");
        assert!(!no.iter().any(|text| read.matches(text)), "{pattern}");
    }
    for wrong in ["", "  ", "a*b", "*a*b*", "***"] {
        assert_eq!(Pattern::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn an_alert_without_a_rule_is_internal_and_of_severity_3_by_default() {
    let plain = one("plain/least");
    let Handling::Open(opening) = handled("", &plain) else { panic!("muted") };
    assert_eq!(opening, Opening::default());
    assert!(!opening.publish && !opening.close_on_resolve);
    assert_eq!(opening.severity(&plain), Severity::Medium);
    let severities = ["metric_availability", "metric_dynamic", "log_v2", "metric_static"];
    let severities =
        severities.map(|name| opening.severity(&one(&format!("azure/{name}"))).number());
    assert_eq!(severities, [1, 2, 3, 4]);
    assert_eq!(opening.severity(&one("azure/all_null")), Severity::Medium);
}

#[test]
fn the_first_rule_that_matches_counts_and_all_its_fields_have_to() {
    let rules = r#"
        [[alerts]]
        match = { source = "azure*", rule = "WCUS-*", severity = "Sev0" }
        severity = 1

        [[alerts]]
        match.rule = "wcus-*"
        match.resource_group = "PipelineAlertRG"
        match.target = "*/virtualMachines/*"
        component = "card payments"
        severity = 2
        roster = "Payments"
        publish = true
        close_on_resolve = true

        [[alerts]]
        match = { rule = "*" }
        mute = true
    "#;
    let metric = one("azure/metric_static");
    let expected = Opening {
        component: Some("card-payments".to_owned()),
        severity: Some(Severity::High),
        roster: Some("Payments".to_owned()),
        publish: true,
        close_on_resolve: true,
        ..Opening::default()
    };
    assert_eq!(expected.severity(&metric), Severity::High, "the rule's, not the alert's");
    assert_eq!(handled(rules, &metric), Handling::Open(expected));
    assert_eq!(handled(rules, &one("azure/log_v2")), Handling::Mute);
    assert_eq!(handled(rules, &one("azure/budget")), Handling::Open(Opening::default()));
}

#[test]
fn rules_match_the_fields_of_each_monitor() {
    for (name, matches) in [
        ("azure/metric_availability", r#"label.team = "payments""#),
        ("azure/metric_availability", r#"resource_group = "shop", signal = "metric""#),
        ("azure/log_v2", r#"label.computer = "testcomputer", service = "log alerts*""#),
        ("azure/prometheus", r#"label = { Environment = "prod", cluster = "my*" }"#),
        ("azure/service_health_active", r#"label.region = "west europe""#),
        ("azure/metric_static", r#"subscription = "aaaa0a0a-*", resource = "wcus-*""#),
        ("alertmanager/one", r#"receiver = "oncall", rule = "HighErrors", severity = "critical""#),
        ("alertmanager/many_members", r#"label.cluster = "eu-*", label.job = "api""#),
        ("grafana/firing", r#"label.grafana_folder = "device", title = "*memory*""#),
        ("plain/whole", r#"component = "checkout", key = "checkout-*", source = "plain""#),
    ] {
        let rules = format!("[[alerts]]\nmatch = {{ {matches} }}\nmute = true");
        let alert = one(name);
        assert_eq!(handled(&rules, &alert), Handling::Mute, "{name}: {matches}");
        let rules = rules.replacen(" = \"", " = \"not ", 1);
        assert_ne!(handled(&rules, &alert), Handling::Mute, "{name}: {rules}");
    }
}

#[test]
fn each_wrong_rule_has_its_sentence_with_its_line() {
    let matches = "match = { rule = \"x\" }";
    for (rule, sentence) in [
        ("severity = 1", "line 1: missing field `match`"),
        (
            "match = {}",
            "line 2: alerts: match is empty: name a field, such as rule = \"checkout-*\"",
        ),
        (
            "match = { label = {} }",
            "line 2: alerts: match is empty: name a field, such as rule = \"checkout-*\"",
        ),
        (
            "match = { resouce = \"x\" }",
            "line 2: unknown field `resouce`, expected one of `source`, `title`, `rule`, \
             `severity`, `service`, `signal`, `resource`, `resource_group`, `subscription`, \
             `target`, `receiver`, `component`, `key`, `label`",
        ),
        (
            "mute = true\nmatch = { label.team = \"a*b\" }",
            "line 3: alerts: match.label.team = \"a*b\" is empty or has an asterisk in the middle: use one at the beginning or the end",
        ),
        (
            "match.rule = \"\"",
            "line 2: alerts: match.rule = \"\" is empty or has an asterisk in the middle: use one at the beginning or the end",
        ),
        (
            "match.source = \"grafna\"",
            "line 2: alerts: match.source = \"grafna\" is none of grafana, alertmanager, \
             pagerduty, cloudwatch, sns, sentry, github, google_cloud, better_stack, pingdom, \
             plain, azure_monitor",
        ),
        (
            &format!("{matches}\ncomponent = \"Chekout\""),
            "line 3: alerts: component = \"Chekout\" is not the name or id of a component",
        ),
        (
            &format!("{matches}\nseverity = 5"),
            "line 3: alerts: severity = 5 is not a severity from 1 to 4",
        ),
        (
            &format!("{matches}\nseverity = -1"),
            "line 3: alerts: severity = -1 is not a severity from 1 to 4",
        ),
        (
            &format!("{matches}\nseverity = \"high\""),
            "line 3: invalid type: string \"high\", expected i64",
        ),
        (
            &format!("{matches}\nroster = \" \""),
            "line 3: alerts: roster = \" \" shows nothing: name one",
        ),
        (
            &format!("{matches}\nmute = true\npublish = false"),
            "line 4: alerts: publish next to mute = true: a muted alert opens nothing",
        ),
        (
            &format!("{matches}\nclose = true"),
            "line 3: unknown field `close`, expected one of `match`, `component`, `severity`, \
             `roster`, `publish`, `close_on_resolve`, `reopen_within`, `during_maintenance`, `mute`",
        ),
    ] {
        let error = Config::parse(&format!("[[alerts]]\n{rule}")).unwrap_err();
        assert_eq!(error.to_string(), sentence, "{rule}");
    }
    let many = |count: usize| format!("[[alerts]]\n{matches}\n").repeat(count);
    assert!(Config::parse(&many(200)).is_ok());
    let error = Config::parse(&many(201)).unwrap_err().to_string();
    assert_eq!(error, "line 401: more than 200 rules for alerts");
}

#[test]
fn the_documented_rules_and_bodies_can_be_read() {
    let document = include_str!("../../docs/alerts.md");
    let blocks = |kind: &str| -> Vec<&str> {
        let begin = format!("```{kind}\n");
        let blocks = document.split(begin.as_str()).skip(1);
        blocks.map(|block| block.split("```").next().unwrap()).collect()
    };
    let [rules] = blocks("toml")[..] else { panic!("one block of rules") };
    assert_eq!(config(rules).alerts.len(), 3, "{rules}");
    let body = blocks("json").into_iter().find(|body| body.contains("checkout-latency")).unwrap();
    let read = read_alert(body.as_bytes()).unwrap();
    assert_eq!(read.not_understood, Vec::<String>::new());
    assert_eq!(read.fired_at, None, "a fixed time would be wrong wherever the body is tried");
    assert!(matches!(handled(rules, &read), Handling::Open(opening) if opening.publish));
}
