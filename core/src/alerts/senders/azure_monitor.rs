//! Azure Monitor's common alert schema. Every essential may be null, and the context differs by the
//! kind of alert.

use serde_json::Value;

use super::super::json::{pairs, text, texts};
use super::super::reading::{
    AlertKind, Condition, Fields, Member, Reading, TITLE_CHARS_MAX, link, one_line,
};
use super::super::refused::{NotAnAlert, quoted};
use super::super::words::{Grade, time};
use super::azure_context;
use super::azure_parts::{Parts, Service};
use super::group;
use crate::http::encode;

/// The value of `schemaId`.
const SCHEMA: &str = "azureMonitorCommonAlertSchema";

/// Reads a body. An older schema is refused by name.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    if let Some(schema) = text(body, "schemaId") {
        return Some(if schema.eq_ignore_ascii_case(SCHEMA) {
            common(body)
        } else {
            Err(NotAnAlert::AzureSchema(format!("The schema \"{}\"", quoted(schema))))
        });
    }
    let has = |name: &str| body.get(name).is_some();
    let old = if has("AlertRuleName") || has("SearchQuery") {
        "The schema of log alerts V1"
    } else if has("operation") && has("context") {
        return Some(Err(NotAnAlert::Autoscale));
    } else if has("status") && has("context") {
        "The schema of classic alerts"
    } else {
        return None;
    };
    Some(Err(NotAnAlert::AzureSchema(old.to_owned())))
}

fn common(body: &Value) -> Result<Reading, NotAnAlert> {
    let data = body.get("data").unwrap_or(&Value::Null);
    let essentials = data
        .get("essentials")
        .filter(|essentials| essentials.is_object())
        .ok_or(NotAnAlert::NoEssentials)?;
    let parts = Parts::read(data, essentials);
    let title = title(&parts);
    let is_over = parts.is_resolved();
    let condition = if is_over { Condition::Resolved } else { Condition::Fired };
    // The end of a problem is an alert of its own, whose firing time is that end.
    let fired_at = parts
        .essential("firedDateTime")
        .and_then(time)
        .filter(|_| !is_over || parts.service == Service::Other);
    let resolved_at = is_over.then(|| parts.resolved_at()).flatten();
    let severity = parts.severity();
    let key = parts.identity(&title);
    Ok(Reading {
        kind: if is_test(&parts) { AlertKind::Test } else { parts.kind() },
        condition,
        description: azure_context::description(&parts),
        grade: severity.map(Grade::Severity),
        fired_at,
        newest_at: fired_at,
        resolved_at,
        planned: parts.planned(),
        link: address(&parts),
        fields: fields(&parts, &title),
        members: vec![Member {
            fingerprint: key.join("|"),
            condition,
            since: fired_at,
            ended: resolved_at,
            severity,
            title: title.clone(),
            labels: parts.dimensions(),
        }],
        key,
        title,
        ..Reading::default()
    })
}

/// The portal's test of an action group. No field marks it, but the rule is called `test-…` and the
/// ids are invented.
fn is_test(parts: &Parts<'_>) -> bool {
    let id = parts.essential("alertId").unwrap_or_default().to_ascii_lowercase();
    let origin = parts.essential("originAlertId").unwrap_or_default().to_ascii_lowercase();
    let ids = [id.rsplit('/').next(), segment(&id, "subscriptions"), origin.split('_').next()];
    let is_named = parts
        .essential("alertRule")
        .is_some_and(|rule| rule.to_ascii_lowercase().starts_with("test-"));
    id.ends_with("/test_alert") || is_named && ids.into_iter().flatten().any(is_invented)
}

/// Recognises ids such as `11111111-1111-…`, `eeeeeeee-4444-…` and `12345678-1234-…`.
fn is_invented(id: &str) -> bool {
    let is_one_letter = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| letters.all(|letter| letter == first))
    };
    let is_guid = id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let counts = ["12345678-1234", "1234abcd5678"];
    is_guid && id.split('-').all(is_one_letter) || counts.iter().any(|start| id.starts_with(start))
}

/// The problem and the affected resource.
fn title(parts: &Parts<'_>) -> String {
    let rule = parts.essential("alertRule");
    let on = |what: &str| {
        let lower = what.to_lowercase();
        let names = resources(parts.essentials);
        let names = names.into_iter().filter(|name| !lower.contains(&name.to_lowercase()));
        let names = group::names(&names.map(str::to_owned).collect::<Vec<_>>());
        if names.is_empty() { what.to_owned() } else { format!("{what} on {names}") }
    };
    let own = match parts.service {
        Service::AzureHealth => parts.property("title").map(str::to_owned),
        Service::ResourceHealth => parts.property("title").map(|title| {
            let thing = resources(parts.essentials).first().copied();
            thing.map_or_else(|| title.to_owned(), |thing| format!("{thing}: {title}"))
        }),
        Service::Security => parts.property("category").map(on),
        Service::ActivityLog | Service::Other => {
            let said = group::summary(parts.context);
            let thing = group::thing(parts.context);
            said.or_else(|| Some(format!("{}: {}", rule?, thing?)))
        }
    };
    let service = parts.essential("monitoringService").map(|name| format!("{name} alert"));
    let described = parts.essential("description").map(str::to_owned);
    [own, rule.map(on), described, service]
        .into_iter()
        .flatten()
        .map(|title| one_line(&title, TITLE_CHARS_MAX))
        .find(|title| !title.is_empty())
        .unwrap_or_else(|| "Azure Monitor alert".to_owned())
}

/// Names of the affected resources: the alert's own, or the last segments of the targets' ids. A
/// subscription is not a resource.
fn resources(essentials: &Value) -> Vec<&str> {
    let is_name = |name: &&str| !name.starts_with("/subscriptions/");
    let named: Vec<&str> = texts(essentials, "configurationItems").filter(is_name).collect();
    if !named.is_empty() {
        return named;
    }
    let things = texts(essentials, "alertTargetIDs");
    let things = things.filter(|target| segment(target, "providers").is_some());
    things.filter_map(|target| target.rsplit('/').find(|part| !part.is_empty())).collect()
}

/// The value after a segment of a resource id. Azure varies the case of segments.
fn segment<'a>(id: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = id.split('/').filter(|part| !part.is_empty());
    parts.by_ref().find(|part| part.eq_ignore_ascii_case(name))?;
    parts.next()
}

/// The page of the investigation, of the alert, or of the query's results.
fn address(parts: &Parts<'_>) -> Option<String> {
    let is_listed = |id: &&str| {
        id.to_ascii_lowercase().contains("/providers/microsoft.alertsmanagement/alerts/")
    };
    let page = parts.essential("alertId").filter(is_listed).map(|id| {
        let id = encode(id);
        format!(
            "https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/\
             AlertDetails.ReactView/alertId~/{id}"
        )
    });
    parts
        .essential("investigationLink")
        .and_then(link)
        .or_else(|| page.as_deref().and_then(link))
        .or_else(|| azure_context::results(parts.context).find_map(link))
}

fn fields(parts: &Parts<'_>, title: &str) -> Fields {
    let Parts { data, essentials, context, .. } = parts;
    let mut fields = Fields::default();
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
    for (name, value) in pairs(context, "properties") {
        fields.add_label(name, &value);
    }
    for (name, value) in parts.dimensions() {
        fields.add_label(&name, &value);
    }
    fields
}
