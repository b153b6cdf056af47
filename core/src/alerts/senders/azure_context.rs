//! The context of an Azure Monitor alert as text. Its shape differs by the kind of alert.

use serde_json::Value;

use super::super::json::{list, pairs, scalar, spaced, text, texts, written};
use super::super::reading::{lines, one_line};
use super::azure_parts::Parts;
use crate::text::html::{Piece, read_html};
use crate::text::{Builder, Style};

/// The limit of criteria in the description.
const CRITERIA_MAX: usize = 5;
/// The longest line, in characters.
const LINE_CHARS_MAX: usize = 300;
/// The largest HTML that is read, in bytes.
const HTML_BYTES_MAX: usize = 64 * 1024;

/// The rule's description, the context and the team's own properties.
pub(super) fn description(parts: &Parts<'_>) -> String {
    let context = parts.context;
    let mut told: Vec<String> =
        parts.essential("description").map(str::to_owned).into_iter().collect();
    told.extend(criteria(context));
    told.extend(query(context));
    told.extend(event(context));
    // Without an event source, `properties` are the team's own.
    if context.get("eventSource").is_some() {
        told.extend(health(context));
    } else {
        told.extend(named(context, "properties"));
    }
    told.extend(parts.planned().map(|(from, until)| format!("Window: {from} to {until}")));
    told.extend(prometheus(context));
    told.extend(detector(context));
    told.extend(budget(context));
    told.extend(named(parts.data, "customProperties"));
    let targets: Vec<&str> = texts(parts.essentials, "alertTargetIDs").collect();
    if targets.len() > 1 {
        told.extend(targets.iter().map(|target| format!("Target: {target}")));
    }
    lines(told.iter().map(String::as_str))
}

fn named(holder: &Value, name: &str) -> Vec<String> {
    pairs(holder, name)
        .map(|(name, value)| one_line(&format!("{name}: {value}"), LINE_CHARS_MAX))
        .collect()
}

/// Addresses of query results, the narrowest first.
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

/// Metric alerts, log alerts since V2 and availability tests: the measured value and the limit.
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

/// Log alerts before V2.
fn query(context: &Value) -> Option<String> {
    let (query, count) = (text(context, "SearchQuery")?, written(context, "ResultCount")?);
    let operator = text(context, "Operator").unwrap_or_default();
    let threshold = written(context, "Threshold").unwrap_or_default();
    Some(one_line(&format!("{query}: {count} results, {operator} {threshold}"), LINE_CHARS_MAX))
}

/// Events of the activity log: the operation and its outcome.
fn event(context: &Value) -> Option<String> {
    let operation = text(context, "operationName")?;
    let status = text(context, "status").map(|status| format!(": {status}"));
    Some(one_line(&format!("{operation}{}", status.unwrap_or_default()), LINE_CHARS_MAX))
}

/// Properties that mean nothing to a person, or are shown elsewhere.
const UNTOLD: [&str; 12] = [
    "title",
    "communication",
    "details",
    "description",
    "isHIR",
    "communicationId",
    "version",
    "impactedServices",
    "impactedServicesTableRows",
    "defaultLanguageContent",
    "defaultLanguageTitle",
    "maintenanceId",
];

/// The properties of an event: the health of a service or resource, Defender's findings,
/// autoscale's actions.
fn health(context: &Value) -> Vec<String> {
    let properties = context.get("properties").unwrap_or(&Value::Null);
    let facts = pairs(context, "properties").filter(|(name, _)| !UNTOLD.contains(name));
    let facts = facts.map(|(name, value)| {
        // Some lists are JSON within a string.
        let steps: Option<Vec<String>> = serde_json::from_str(&value).ok();
        let value = steps.map_or(value, |steps| steps.join("; "));
        one_line(&format!("{}: {value}", spaced(name)), LINE_CHARS_MAX)
    });
    let words = ["details", "communication", "description"];
    let words = words.iter().filter_map(|name| text(properties, name)).map(html);
    facts.chain(words).collect()
}

fn prometheus(context: &Value) -> Vec<String> {
    let mut told: Vec<String> =
        pairs(context, "annotations").map(|(_, annotation)| annotation).collect();
    let labels: Vec<String> =
        pairs(context, "labels").map(|(name, value)| format!("{name}={value}")).collect();
    told.extend((!labels.is_empty()).then(|| one_line(&labels.join(", "), LINE_CHARS_MAX)));
    if let (Some(rule), Some(value)) =
        (text(context, "expression"), context.get("expressionValue").and_then(scalar))
    {
        told.push(one_line(&format!("{rule}: {value}"), LINE_CHARS_MAX));
    }
    told
}

/// Application Insights' smart detection: its summary, then its figures.
fn detector(context: &Value) -> Vec<String> {
    let Some(summary) = text(context, "DetectionSummary") else { return Vec::new() };
    let untold = ["DetectionSummary", "SmartDetectorId", "FormattedOccurrenceTime"];
    let all = context.as_object().into_iter().flatten();
    let figures =
        all.filter(|(name, _)| !untold.contains(&name.as_str())).filter_map(|(name, value)| {
            Some(one_line(&format!("{}: {}", spaced(name), scalar(value)?), LINE_CHARS_MAX))
        });
    [summary.to_owned()].into_iter().chain(figures).collect()
}

fn budget(context: &Value) -> Option<String> {
    let budget = context.get("AlertData")?;
    let (name, spent) = (text(budget, "BudgetName")?, text(budget, "SpentAmount")?);
    let limit = text(budget, "NotificationThresholdAmount").unwrap_or("unknown");
    Some(one_line(&format!("{name}: spent {spent}, threshold {limit}"), LINE_CHARS_MAX))
}

/// The text of a piece of HTML, which may be escaped twice.
fn html(html: &str) -> String {
    if html.len() > HTML_BYTES_MAX {
        return String::new();
    }
    let plain = words(html);
    let is_escaped = !html.contains('<') && plain.contains('<') && plain.contains('>');
    if is_escaped { words(&plain) } else { plain }
}

fn words(html: &str) -> String {
    let mut text = Builder::default();
    for piece in read_html(html) {
        match piece {
            Piece::Run(run, style) => text.push(&run, &style),
            Piece::Mention(name) => text.push(&name, &Style::default()),
            Piece::Break => text.line_break(),
            Piece::Block(kind) => text.block(kind),
            Piece::LeftOut(_) => {}
        }
    }
    text.finish().to_plain()
}
