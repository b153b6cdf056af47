//! Azure Monitor's common alert schema. Every essential may be null, and what stands in the context
//! differs by the kind of alert.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use super::alert::{
    Alert, AlertKind, AlertSource, Condition, Fields, Key, TITLE_CHARS_MAX, lines, link, one_line,
    time,
};
use super::azure_context;
use super::json::{list, pairs, text, texts, written};
use super::refused::NotAnAlert;
use crate::core::incident::severity::Severity;

/// What `schemaId` says.
pub(super) const SCHEMA: &str = "azureMonitorCommonAlertSchema";

/// The kinds of alert that are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ServiceHealth,
    ResourceHealth,
    /// Any other that is made from an event of the activity log.
    ActivityLog,
    Other,
}

/// Reads the body.
pub(super) fn read(body: &Value) -> Result<Alert, NotAnAlert> {
    let data = body.get("data").unwrap_or(&Value::Null);
    let context = data.get("alertContext").unwrap_or(&Value::Null);
    let essentials = data
        .get("essentials")
        .filter(|essentials| essentials.is_object())
        .ok_or(NotAnAlert::NoEssentials)?;
    let kind = kind(essentials);
    let title = title(essentials, context, kind);
    let is_over = is_resolved(essentials, context, kind);
    let told = azure_context::told(context);
    let description = text(essentials, "description").into_iter();
    // The event that something is over is an alert that was fired by the end of it.
    let fired_at = text(essentials, "firedDateTime")
        .and_then(time)
        .filter(|_| !is_over || kind == Kind::Other);
    Ok(Alert {
        source: AlertSource::AzureMonitor,
        key: key(essentials, context, kind, &title),
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        is_test: is_test(essentials, context),
        description: lines(description.chain(told.iter().map(String::as_str))),
        severity: text(essentials, "severity").and_then(severity),
        component: None,
        fired_at,
        newest_at: fired_at,
        resolved_at: is_over.then(|| resolved_at(essentials, context, kind)).flatten(),
        link: address(essentials, context),
        fields: fields(data, essentials, context, &title),
        members: Vec::new(),
        left_out: 0,
        kind: AlertKind::default(),
        needs_nobody: false,
        title,
    })
}

fn kind(essentials: &Value) -> Kind {
    let service = text(essentials, "monitoringService").unwrap_or_default();
    match service.replace(' ', "").to_ascii_lowercase().as_str() {
        "servicehealth" => Kind::ServiceHealth,
        "resourcehealth" => Kind::ResourceHealth,
        service if service.starts_with("activitylog") => Kind::ActivityLog,
        _ => Kind::Other,
    }
}

/// Azure counts from 0, we from 1; its two lowest are one here.
fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "sev0" => Some(Severity::Critical),
        "sev1" => Some(Severity::High),
        "sev2" => Some(Severity::Medium),
        "sev3" | "sev4" => Some(Severity::Low),
        _ => None,
    }
}

/// Alerts from the activity log never resolve. That something is over is an event of its own, and
/// so another alert, which is "Fired".
fn is_resolved(essentials: &Value, context: &Value, kind: Kind) -> bool {
    let is = |word: Option<&str>| word.is_some_and(|word| word.eq_ignore_ascii_case("resolved"));
    if kind == Kind::Other {
        return is(text(essentials, "monitorCondition"));
    }
    let stage = context.get("properties").and_then(|properties| text(properties, "stage"));
    let operation = text(context, "operationName").unwrap_or_default().to_ascii_lowercase();
    is(text(essentials, "monitorCondition"))
        || is(text(context, "status"))
        || is(stage)
        || operation.ends_with("/healthevent/resolved/action")
}

fn resolved_at(essentials: &Value, context: &Value, kind: Kind) -> Option<Timestamp> {
    let told = text(essentials, "resolvedDateTime");
    let mitigated = context.get("properties").and_then(|of| text(of, "impactMitigationTime"));
    let event = [mitigated, text(context, "eventTimestamp"), text(essentials, "firedDateTime")];
    let event = event.into_iter().flatten().filter(|_| kind != Kind::Other);
    told.into_iter().chain(event).find_map(time)
}

/// The instance of the alert, by its id. The events of one trouble with a service or a resource are
/// alerts with ids of their own: those are told apart by what they are about.
fn key(essentials: &Value, context: &Value, kind: Kind, title: &str) -> Key {
    let of = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().map(|part| part.to_lowercase()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Key::of(AlertSource::AzureMonitor, &parts)
    };
    let mut targets: Vec<String> =
        texts(essentials, "alertTargetIDs").map(str::to_lowercase).collect();
    targets.sort();
    let targets = targets.join(",");
    let tracked = context.get("properties").and_then(|properties| text(properties, "trackingId"));
    match (kind, tracked) {
        (Kind::ServiceHealth, Some(id)) => return of(&["service health", id]),
        (Kind::ResourceHealth, _) if !targets.is_empty() => {
            return of(&["resource health", &targets]);
        }
        _ => {}
    }
    let ids = ["alertId", "originAlertId"];
    if let Some(id) = ids.iter().find_map(|id| text(essentials, id)) {
        return of(&[id]);
    }
    of(&["rule", text(essentials, "alertRule").unwrap_or(title), &targets])
}

/// What the portal sends when somebody tests an action group. No field says so, but it is always
/// the same made-up rule, in a made-up resource group or about a made-up trouble.
fn is_test(essentials: &Value, context: &Value) -> bool {
    let lower = |value: Option<&str>| value.unwrap_or_default().to_ascii_lowercase();
    let is_named = lower(text(essentials, "alertRule")).starts_with("test-");
    let is_made_up = texts(essentials, "alertTargetIDs")
        .any(|target| lower(Some(target)).contains("/resourcegroups/test-rg/"));
    let tracked = context.get("properties").and_then(|properties| text(properties, "trackingId"));
    lower(text(essentials, "alertId")).ends_with("/test_alert")
        || is_named && (is_made_up || lower(tracked) == "test-ttt")
}

/// What went wrong with Azure in its own words; else the rule, and on what.
fn title(essentials: &Value, context: &Value, kind: Kind) -> String {
    let properties = context.get("properties").unwrap_or(&Value::Null);
    let health = match kind {
        Kind::ServiceHealth | Kind::ResourceHealth => text(properties, "title"),
        Kind::ActivityLog | Kind::Other => None,
    };
    let rule = text(essentials, "alertRule").map(|rule| match resource(essentials) {
        Some(resource) if !rule.to_lowercase().contains(&resource.to_lowercase()) => {
            format!("{rule} on {resource}")
        }
        _ => rule.to_owned(),
    });
    let service = text(essentials, "monitoringService").map(|name| format!("{name} alert"));
    let description = text(essentials, "description").map(str::to_owned);
    [health.map(str::to_owned), rule, description, service]
        .into_iter()
        .flatten()
        .map(|title| one_line(&title, TITLE_CHARS_MAX))
        .find(|title| !title.is_empty())
        .unwrap_or_else(|| "Azure Monitor alert".to_owned())
}

/// What is affected, by its name: what the alert calls it, or the end of the target's id.
fn resource(essentials: &Value) -> Option<&str> {
    texts(essentials, "configurationItems").next().or_else(|| {
        texts(essentials, "alertTargetIDs")
            .next()
            .and_then(|target| segment(target, "providers"))?;
        texts(essentials, "alertTargetIDs").next()?.rsplit('/').find(|part| !part.is_empty())
    })
}

/// What stands in a resource id behind a segment, whose case varies.
fn segment<'a>(id: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = id.split('/').filter(|part| !part.is_empty());
    parts.by_ref().find(|part| part.eq_ignore_ascii_case(name))?;
    parts.next()
}

/// The page of the investigation, that of the alert, or that of what the query found.
fn address(essentials: &Value, context: &Value) -> Option<String> {
    let is_listed = |id: &&str| {
        id.to_ascii_lowercase().contains("/providers/microsoft.alertsmanagement/alerts/")
    };
    let page = text(essentials, "alertId").filter(is_listed).map(|id| {
        let id = percent_encoded(id);
        format!(
            "https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/\
             AlertDetails.ReactView/alertId~/{id}"
        )
    });
    text(essentials, "investigationLink")
        .and_then(link)
        .or_else(|| page.as_deref().and_then(link))
        .or_else(|| azure_context::results(context).find_map(link))
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn fields(data: &Value, essentials: &Value, context: &Value, title: &str) -> Fields {
    let mut fields = Fields::default();
    fields.add("source", AlertSource::AzureMonitor.name());
    fields.add("title", title);
    let named = [
        ("rule", "alertRule"),
        ("severity", "severity"),
        ("service", "monitoringService"),
        ("signal", "signalType"),
        ("resource_group", "targetResourceGroup"),
    ];
    for (field, essential) in named {
        fields.add(field, text(essentials, essential).unwrap_or_default());
    }
    for item in texts(essentials, "configurationItems") {
        fields.add("resource", item);
    }
    for target in texts(essentials, "alertTargetIDs") {
        fields.add("target", target);
        fields.add("resource_group", segment(target, "resourceGroups").unwrap_or_default());
        fields.add("subscription", segment(target, "subscriptions").unwrap_or_default());
    }
    for (name, value) in pairs(data, "customProperties") {
        fields.add_label(name, &value);
    }
    for holder in ["labels", "properties"] {
        for (name, value) in pairs(context, holder) {
            fields.add_label(name, &value);
        }
    }
    let condition = context.get("condition").unwrap_or(&Value::Null);
    let criteria = list(condition, "allOf").flat_map(|criterion| list(criterion, "dimensions"));
    for dimension in criteria.chain(list(context, "Dimensions")) {
        let value = written(dimension, "value").unwrap_or_default();
        fields.add_label(text(dimension, "name").unwrap_or_default(), &value);
    }
    fields
}
