//! What the context of an Azure Monitor alert tells a person, which differs by the kind of alert.

use serde_json::Value;

use super::alert::one_line;
use super::json::{list, pairs, scalar, text, written};
use crate::core::text::html::{Piece, read_html};
use crate::core::text::{Builder, Style};

/// How many criteria are told.
const CRITERIA_MAX: usize = 5;
/// The longest line, in characters.
const LINE_CHARS_MAX: usize = 300;
/// The largest HTML that is read, in bytes.
const HTML_BYTES_MAX: usize = 64 * 1024;

/// Lines of the description.
pub(super) fn told(context: &Value) -> Vec<String> {
    let mut told: Vec<String> = criteria(context).collect();
    told.extend(query(context));
    told.extend(event(context));
    // What is called properties is the team's own where there is no event.
    if context.get("eventSource").is_some() {
        told.extend(health(context));
    }
    told.extend(prometheus(context));
    told.extend(detector(context));
    told.extend(budget(context));
    told
}

/// Addresses of what a query found, the narrowest first.
pub(super) fn results(context: &Value) -> impl Iterator<Item = &str> {
    let condition = context.get("condition").unwrap_or(&Value::Null);
    let names = [
        "linkToFilteredSearchResultsUI",
        "LinkToFilteredSearchResultsUI",
        "linkToSearchResultsUI",
        "LinkToSearchResults",
    ];
    let holders = list(condition, "allOf").chain([context]);
    holders.flat_map(move |holder| names.into_iter().filter_map(|name| text(holder, name)))
}

/// Metric alerts, log alerts since V2 and availability tests: what was measured, and the limit.
fn criteria(context: &Value) -> impl Iterator<Item = String> {
    let condition = context.get("condition").unwrap_or(&Value::Null);
    let window = text(condition, "windowSize");
    list(condition, "allOf").take(CRITERIA_MAX).filter_map(move |criterion| {
        let names = ["webTestName", "metricName", "searchQuery"];
        let name = names.iter().find_map(|name| text(criterion, name))?;
        let value = written(criterion, "metricValue")?;
        let limit =
            [text(criterion, "operator").map(str::to_owned), written(criterion, "threshold")];
        let limit: Vec<String> = limit.into_iter().flatten().collect();
        let over = [text(criterion, "timeAggregation"), window];
        let over: Vec<&str> = over.into_iter().flatten().collect();
        let where_: Vec<String> = list(criterion, "dimensions")
            .filter_map(|of| Some(format!("{}={}", text(of, "name")?, written(of, "value")?)))
            .collect();
        let mut line = format!("{name}: {value}");
        for (before, parts, between) in [
            (", ", limit.join(" "), ""),
            (" (", over.join(" over "), ")"),
            (", ", where_.join(", "), ""),
        ] {
            if !parts.is_empty() {
                line = format!("{line}{before}{parts}{between}");
            }
        }
        Some(one_line(&line, LINE_CHARS_MAX))
    })
}

/// Log alerts of before V2.
fn query(context: &Value) -> Option<String> {
    let (query, count) = (text(context, "SearchQuery")?, written(context, "ResultCount")?);
    let operator = text(context, "Operator").unwrap_or_default();
    let threshold = written(context, "Threshold").unwrap_or_default();
    Some(one_line(&format!("{query}: {count} results, {operator} {threshold}"), LINE_CHARS_MAX))
}

/// Events of the activity log: what was done, and how it went.
fn event(context: &Value) -> Option<String> {
    let operation = text(context, "operationName")?;
    let status = text(context, "status").map(|status| format!(": {status}"));
    Some(one_line(&format!("{operation}{}", status.unwrap_or_default()), LINE_CHARS_MAX))
}

/// The health of a service or a resource, and what autoscale says.
fn health(context: &Value) -> Vec<String> {
    let properties = context.get("properties").unwrap_or(&Value::Null);
    let named = |label: &str, name: &str| {
        text(properties, name).map(|value| one_line(&format!("{label}: {value}"), LINE_CHARS_MAX))
    };
    let plain = |name: &str| text(properties, name).map(str::to_owned);
    [
        named("Service", "service"),
        named("Region", "region"),
        named("Stage", "stage"),
        named("Tracking id", "trackingId"),
        named("Health", "currentHealthStatus"),
        named("Before", "previousHealthStatus"),
        named("Cause", "cause"),
        named("Compromised", "compromisedEntity"),
        plain("details"),
        text(properties, "communication").map(html),
        plain("description"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Azure's managed Prometheus.
fn prometheus(context: &Value) -> Vec<String> {
    let mut told: Vec<String> =
        pairs(context, "annotations").map(|(_, annotation)| annotation).collect();
    if let (Some(rule), Some(value)) =
        (text(context, "expression"), context.get("expressionValue").and_then(scalar))
    {
        told.push(one_line(&format!("{rule}: {value}"), LINE_CHARS_MAX));
    }
    told
}

/// Application Insights' detection of what is unusual.
fn detector(context: &Value) -> Vec<String> {
    let mut told: Vec<String> =
        text(context, "DetectionSummary").map(str::to_owned).into_iter().collect();
    if let Some(value) = text(context, "DetectedValue") {
        let normal = text(context, "NormalValue").unwrap_or("unknown");
        told.push(one_line(&format!("Detected: {value}, normal: {normal}"), LINE_CHARS_MAX));
    }
    told
}

fn budget(context: &Value) -> Option<String> {
    let budget = context.get("AlertData")?;
    let (name, spent) = (text(budget, "BudgetName")?, text(budget, "SpentAmount")?);
    let limit = text(budget, "NotificationThresholdAmount").unwrap_or("unknown");
    Some(one_line(&format!("{name}: spent {spent}, threshold {limit}"), LINE_CHARS_MAX))
}

/// The words of a piece of HTML.
fn html(html: &str) -> String {
    if html.len() > HTML_BYTES_MAX {
        return String::new();
    }
    let mut text = Builder::default();
    for piece in read_html(html) {
        match piece {
            Piece::Run(run, style) => text.push(&run, &style),
            Piece::Mention(name) => text.push(&name, &Style::default()),
            Piece::Break => text.line_break(),
            Piece::Block(kind) => text.block(kind),
        }
    }
    text.finish().to_plain()
}
