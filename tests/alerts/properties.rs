//! Properties of all bodies: nothing panics, and the result is clean and bounded.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use status_update::core::alerts::alert::{
    Alert, DESCRIPTION_CHARS_MAX, FIELD_CHARS_MAX, FIELDS_MAX, KEY_BYTES_MAX, TITLE_CHARS_MAX,
};
use status_update::core::alerts::read::read_alert;
use status_update::core::text::{LINK_BYTES_MAX, NAME_CHARS_MAX, Text};

use crate::properties::inputs::{scrap, settings, text};

/// The longest sentence of a refusal, in characters.
const SENTENCE_CHARS_MAX: usize = 500;

fn is_clean_line(text: &str) -> bool {
    !text.contains('\n') && Text::plain(text).to_plain() == text
}

fn assert_bounded(alert: &Alert) {
    assert!(!alert.title.is_empty() && is_clean_line(&alert.title), "{:?}", alert.title);
    assert!(alert.title.chars().count() <= TITLE_CHARS_MAX);
    assert_eq!(Text::plain(&alert.description).to_plain(), alert.description);
    assert!(alert.description.chars().count() <= DESCRIPTION_CHARS_MAX);
    assert!(alert.key.as_str().len() <= KEY_BYTES_MAX, "{}", alert.key.as_str());
    assert!(is_clean_line(alert.key.as_str()), "{:?}", alert.key);
    assert!(alert.key.as_str().starts_with(alert.source.name()));
    if let Some(link) = &alert.link {
        assert!(link.len() <= LINK_BYTES_MAX && link.to_lowercase().starts_with("http"), "{link}");
    }
    if let Some(component) = &alert.component {
        assert!(component.chars().count() <= TITLE_CHARS_MAX && is_clean_line(component));
    }
    assert!(alert.fields.iter().count() <= FIELDS_MAX);
    for (name, value) in alert.fields.iter() {
        assert!(is_clean_line(name) && name.chars().count() <= NAME_CHARS_MAX, "{name:?}");
        assert!(is_clean_line(value) && value.chars().count() <= FIELD_CHARS_MAX, "{value:?}");
    }
    assert_eq!(alert.fields.values("source").collect::<Vec<_>>(), [alert.source.name()]);
}

fn assert_read(body: &[u8]) {
    match read_alert(body) {
        Ok(alert) => {
            assert_bounded(&alert);
            let again = read_alert(body);
            assert_eq!(again.as_ref(), Ok(&alert), "read again it is something else");
        }
        Err(error) => {
            let told = error.to_string();
            assert!(is_clean_line(&told), "{told:?}");
            assert!(told.chars().count() <= SENTENCE_CHARS_MAX, "{told}");
        }
    }
}

/// The good bodies, whole.
fn samples() -> Vec<Value> {
    let mut samples = Vec::new();
    for source in ["azure", "alertmanager", "grafana", "plain"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alerts").join(source);
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            samples.push(serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap());
        }
    }
    assert!(samples.len() > 50);
    samples
}

/// JSON of any kind.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        "[a-z]{1,9}".prop_map(|word| Value::from(word.repeat(700))),
        Just(json!("Resolved")),
        Just(json!("2026-11-23T09:00:00Z")),
        Just(json!("https://example.com/")),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((scrap(), inner), 0..8)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Replaces the value at index `at` of the whole tree.
fn replaced(value: &mut Value, at: &mut usize, by: &Value) {
    if *at == 0 {
        *value = by.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|inner| replaced(inner, at, by)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| replaced(inner, at, by)),
        _ => {}
    }
}

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(places).sum(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(settings(256))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_read(&bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(body in any_json(), fields in any_json()) {
        assert_read(body.to_string().as_bytes());
        for named in [
            json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {
                "essentials": {}, "alertContext": fields.clone(), "customProperties": body.clone()
            }}),
            json!({"version": "4", "alerts": [fields.clone()], "commonLabels": body.clone()}),
            json!({"version": "1", "alerts": [{"labels": fields.clone(), "annotations": body.clone()}]}),
            json!({"title": body.clone(), "description": fields.clone()}),
            json!({"schemaId": body, "data": fields}),
        ] {
            assert_read(named.to_string().as_bytes());
        }
    }

    /// A good body in which one thing is something else.
    #[test]
    fn any_field_may_be_anything(sample in prop::sample::select(samples()), at: prop::sample::Index,
            by in any_json()) {
        let mut body = sample;
        let mut at = at.index(places(&body));
        replaced(&mut body, &mut at, &by);
        assert_read(body.to_string().as_bytes());
    }

    /// A valid body that is cut off, or has one different byte.
    #[test]
    fn any_part_of_a_body_is_read_or_refused(sample in prop::sample::select(samples()),
            at: prop::sample::Index, byte: u8) {
        let mut body = sample.to_string().into_bytes();
        let at = at.index(body.len());
        assert_read(&body[..at]);
        body[at] = byte;
        assert_read(&body);
    }
}

/// A body of the maximum size costs no more than necessary, whatever it contains.
#[test]
fn large_bodies_are_bounded() {
    let word = "x".repeat(250_000);
    let many: Vec<Value> =
        (0..8_000).map(|n| json!({"name": n.to_string(), "value": "v"})).collect();
    let labels: Map<String, Value> = (0..8_000).map(|n| (format!("l{n}"), json!("v"))).collect();
    for body in [
        json!({"title": word}),
        json!({"title": "x", "description": word}),
        json!({"title": "x", "key": word}),
        json!({"version": "4", "alerts": [{}], "groupKey": word}),
        json!({"version": "4", "alerts": [{}], "commonLabels": labels, "groupLabels": labels}),
        json!({"version": "4", "alerts": vec![json!({}); 60_000]}),
        json!({"version": "1", "alerts": [{"labels": labels}]}),
        json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {
            "alertRule": word}}}),
        json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {
            "alertTargetIDs": vec!["/subscriptions/x/resourceGroups/y"; 6_000]}}}),
        json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {},
            "alertContext": {"condition": {"allOf": [{"dimensions": many}]}}}}),
        json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {},
            "alertContext": {"properties": {"communication": "<p>".repeat(20_000)}}}}),
        json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {},
            "alertContext": {"annotations": labels}}}),
    ] {
        let body = body.to_string();
        assert!(body.len() > 50_000);
        assert_read(body.as_bytes());
    }
}
