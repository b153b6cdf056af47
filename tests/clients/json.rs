//! Statuspage's JSON and the badge's against schemas of their own.

use serde_json::{Value, json};
use status_update::core::config::Config;
use status_update::core::log::state::State;
use status_update::core::site::renderer::Site;

use super::published::{after, config, history, pages, text};
use crate::cases::thread::Thread;

const FILES: &[(&str, &str)] = &[
    ("status", include_str!("../fixtures/statuspage/status.json")),
    ("components", include_str!("../fixtures/statuspage/components.json")),
    ("summary", include_str!("../fixtures/statuspage/summary.json")),
    ("incidents", include_str!("../fixtures/statuspage/incidents.json")),
    ("incidents/unresolved", include_str!("../fixtures/statuspage/incidents-unresolved.json")),
    ("scheduled-maintenances", include_str!("../fixtures/statuspage/scheduled-maintenances.json")),
    (
        "scheduled-maintenances/upcoming",
        include_str!("../fixtures/statuspage/scheduled-maintenances-upcoming.json"),
    ),
    (
        "scheduled-maintenances/active",
        include_str!("../fixtures/statuspage/scheduled-maintenances-active.json"),
    ),
];

fn schema(file: &str) -> Value {
    let (_, schema) = FILES.iter().find(|(name, _)| *name == file).unwrap();
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    let parts: Value =
        serde_json::from_str(include_str!("../fixtures/statuspage/parts.json")).unwrap();
    schema["$defs"] = parts["$defs"].clone();
    schema
}

pub fn complaints(file: &str, json: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::options().build(&schema(file)).unwrap();
    validator.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn published(thread: &Thread) -> impl Fn(&str) -> Value + use<> {
    let site = Site::new(thread.config.clone()).unwrap();
    let pages = pages(&site, &thread.state.status);
    move |file| {
        let json = serde_json::from_str(&text(&pages, &format!("api/v2/{file}.json"))).unwrap();
        assert_eq!(complaints(file, &json), [""; 0], "{file}: {json:#}");
        json
    }
}

fn with_address() -> Config {
    let mut config = config();
    config.public_url = Some("https://status.example.com".to_owned());
    config
}

#[test]
fn every_file_is_of_its_schema_at_every_revision() {
    for config in [with_address(), config(), Config::default()] {
        let mut thread = Thread::new(config.clone(), after(0));
        for (file, _) in FILES {
            published(&thread)(file);
        }
        let all = if config.components().next().is_some() { history(config) } else { continue };
        let mut state = State::default();
        for record in &all.log {
            status_update::core::log::fold::fold_bytes(&mut state, record).unwrap();
            thread.state = state.clone();
            let of = published(&thread);
            for (file, _) in FILES {
                of(file);
            }
        }
    }
}

#[test]
fn the_schemas_notice_violations() {
    let of = published(&history(with_address()));
    let wrong = [
        ("status", "/status/indicator", json!("maintenance")),
        ("status", "/status/description", json!("Fine")),
        ("status", "/page/updated_at", json!("2026-11-21T09:45:00Z")),
        ("components", "/components/0/status", json!("fine")),
        ("components", "/components/0/components", json!([])),
        ("components", "/components/0/group", json!(true)),
        ("summary", "/incidents/0/status", json!("completed")),
        ("summary", "/scheduled_maintenances/0/scheduled_for", Value::Null),
        ("incidents", "/incidents/0/incident_updates", json!([])),
        ("incidents", "/incidents/0/other", json!(1)),
        ("incidents", "/incidents/0/incident_updates/0/affected_components", json!([])),
        ("incidents/unresolved", "/incidents/0/status", json!("resolved")),
        ("scheduled-maintenances", "/scheduled_maintenances/0/status", json!("cancelled")),
        ("scheduled-maintenances/active", "/scheduled_maintenances/0/status", json!("completed")),
        ("scheduled-maintenances/upcoming", "/scheduled_maintenances/0/id", json!(5)),
    ];
    for (file, place, value) in wrong {
        let mut json = of(file);
        let (parent, key) = place.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[key] = value;
        assert_ne!(complaints(file, &json), [""; 0], "{file}{place}");
        json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
        // Keys that the schema lacks may be missing.
        if !["other", "components"].contains(&key) {
            assert_ne!(complaints(file, &json), [""; 0], "{file} without {place}");
        }
    }
}

fn of<'a>(list: &'a Value, key: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|item| &item[key]).collect()
}

#[test]
fn the_files_show_the_current_status() {
    let of_file = published(&history(with_address()));
    let summary = of_file("summary");
    assert_eq!(summary["status"]["indicator"], "critical");
    assert_eq!(summary["status"]["description"], "Major Service Outage");
    assert_eq!(summary["page"]["url"], "https://status.example.com");
    assert_eq!(summary["page"]["time_zone"], "Europe/Berlin");
    assert_eq!(of(&summary["incidents"], "id"), ["7", "6"]);
    assert_eq!(of(&summary["scheduled_maintenances"], "id"), ["2", "5"]);
    assert_eq!(summary["status"], of_file("status")["status"]);
    assert_eq!(summary["components"], of_file("components")["components"]);
    assert_eq!(summary["incidents"], of_file("incidents/unresolved")["incidents"]);
    let upcoming = of_file("scheduled-maintenances/upcoming");
    assert_eq!(of(&upcoming["scheduled_maintenances"], "id"), ["5"]);
    let active = of_file("scheduled-maintenances/active");
    assert_eq!(of(&active["scheduled_maintenances"], "id"), ["2"]);
    assert_eq!(of(&of_file("incidents")["incidents"], "id"), ["7", "6", "1"]);
    let all = of_file("scheduled-maintenances");
    let all = &all["scheduled_maintenances"];
    assert_eq!(of(all, "id"), ["5", "4", "3", "2"]);
    assert_eq!(of(all, "status"), ["scheduled", "completed", "completed", "in_progress"]);
    let said = &all[2]["incident_updates"][0]["body"];
    assert_eq!(said, "Cancelled: The version is not ready; later");
    assert_eq!(all[1]["scheduled_until"], "2026-11-22T10:30:00.000Z");
    assert_eq!(all[1]["resolved_at"], "2026-11-22T10:30:00.000Z");
}

#[test]
fn components_stand_in_their_groups() {
    let components = published(&history(with_address()))("components");
    let components = &components["components"];
    assert_eq!(
        of(components, "name"),
        ["Checkout", "Search", "Platform", "API", "Card payments", "Café finder"]
    );
    assert_eq!(
        of(components, "status"),
        [
            "major_outage",
            "degraded_performance",
            "under_maintenance",
            "operational",
            "under_maintenance",
            "operational",
        ]
    );
    assert_eq!(of(components, "position"), [1, 2, 3, 1, 2, 3]);
    let group = &components[2];
    assert_eq!(group["components"], json!(["api", "card-payments", "cafe-finder"]));
    for (index, component) in components.as_array().unwrap().iter().enumerate() {
        let expected = if index > 2 { group["id"].clone() } else { Value::Null };
        assert_eq!(component["group_id"], expected);
        assert_eq!(component["page_id"].as_str().unwrap().len(), 12);
        assert_eq!(component["created_at"], "2026-11-21T09:45:00.000Z");
        assert_eq!(component.get("components").is_some(), index == 2);
    }
}

#[test]
fn an_update_tells_what_it_changed() {
    let incidents = published(&history(with_address()))("incidents");
    let promised = &incidents["incidents"][1];
    assert_eq!(promised["next_update_by"], "2026-11-23T23:01:00.000Z");
    assert_eq!(promised["components"].as_array().unwrap().len(), 1);
    assert_eq!(promised["shortlink"], "https://status.example.com/incidents/6/");
    let updates = &promised["incident_updates"];
    assert_eq!(of(updates, "id"), ["6-2", "6-1"]);
    let change = |code: &str, name: &str, old: &str, new: &str| json!({ "code": code, "name": name, "old_status": old, "new_status": new });
    assert_eq!(
        updates[0]["affected_components"],
        json!([
            change("checkout", "Checkout", "major_outage", "major_outage"),
            change("api", "API", "major_outage", "operational"),
        ])
    );
    let over = &incidents["incidents"][2];
    assert_eq!(over["status"], "postmortem");
    assert_eq!(over["monitoring_at"], "2026-11-21T09:47:00.000Z");
    assert_eq!(over["resolved_at"], "2026-11-21T09:49:00.000Z");
    assert_eq!(over["updated_at"], "2026-11-21T09:50:00.000Z");
    let updates = &over["incident_updates"];
    let stages = ["postmortem", "resolved", "monitoring", "identified", "investigating"];
    assert_eq!(of(updates, "status"), stages);
    assert_eq!(updates[1]["body"], "This incident has been resolved.");
    assert_eq!(updates[2]["updated_at"], "2026-11-21T09:48:00.000Z");
    let search = |old, new| json!([change("search-v2", "Search", old, new)]);
    let changes = [
        ("operational", "operational"),
        ("degraded_performance", "operational"),
        ("degraded_performance", "degraded_performance"),
        ("degraded_performance", "degraded_performance"),
        ("operational", "degraded_performance"),
    ];
    assert_eq!(
        of(updates, "affected_components"),
        changes.map(|(old, new)| search(old, new)).iter().collect::<Vec<_>>()
    );
}

#[test]
fn a_badge_shows_the_current_status() {
    let thread = history(with_address());
    let site = Site::new(thread.config.clone()).unwrap();
    let pages = pages(&site, &thread.state.status);
    let expected = [
        ("badge", "Example Shop status", "Major outage", "c0262d"),
        ("components/checkout/badge", "Checkout", "Major outage", "c0262d"),
        ("components/search-v2/badge", "Search", "Degraded performance", "9a6700"),
        ("components/card-payments/badge", "Card payments", "Under maintenance", "0b5cad"),
        ("components/api/badge", "API", "Operational", "1a7f37"),
    ];
    for (name, label, message, color) in expected {
        let json: Value = serde_json::from_str(&text(&pages, &format!("{name}.json"))).unwrap();
        assert_eq!(
            json,
            json!({ "schemaVersion": 1, "label": label, "message": message, "color": color })
        );
        let svg = text(&pages, &format!("{name}.svg"));
        assert!(svg.contains(&format!("aria-label=\"{label}: {message}\"")), "{svg}");
        assert!(svg.contains(&format!("<title>{label}: {message}</title>")), "{svg}");
        assert!(svg.contains("role=\"img\"") && svg.contains(&format!("#{color}")), "{svg}");
    }
}
