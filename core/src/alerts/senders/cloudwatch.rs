//! Amazon CloudWatch's alarms, delivered through SNS or `EventBridge`.

use serde_json::{Value, json};

use super::super::json::{list, pairs, text, written};
use super::super::reading::{Condition, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;
use super::super::words::time;
use crate::http::encode;

pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let event = of_event_bridge(body);
    let body = event.as_ref().unwrap_or(body);
    let name = text(body, "AlarmName")?;
    let state = text(body, "NewStateValue")?;
    Some(Ok(alarm(body, name, state)))
}

/// An event of `EventBridge` about an alarm, in the form of SNS.
fn of_event_bridge(body: &Value) -> Option<Value> {
    text(body, "detail-type").filter(|kind| *kind == "CloudWatch Alarm State Change")?;
    let detail = body.get("detail")?;
    let state = detail.get("state")?;
    let configuration = detail.get("configuration").unwrap_or(&Value::Null);
    let mut metrics = list(configuration, "metrics");
    let metric = metrics.find_map(|of| of.pointer("/metricStat/metric"));
    let metric = metric.unwrap_or(&Value::Null);
    let dimensions = pairs(metric, "dimensions");
    let dimensions = dimensions.map(|(name, value)| json!({ "name": name, "value": value }));
    Some(json!({
        "AlarmName": detail.get("alarmName"),
        "AlarmDescription": configuration.get("description"),
        "NewStateValue": state.get("value"),
        "NewStateReason": state.get("reason"),
        "StateChangeTime": state.get("timestamp"),
        "AlarmArn": body.pointer("/resources/0"),
        "AWSAccountId": body.get("account"),
        "Region": body.get("region"),
        "Trigger": {
            "Namespace": metric.get("namespace"),
            "MetricName": metric.get("name"),
            "Dimensions": dimensions.collect::<Vec<Value>>(),
        },
    }))
}

fn alarm(body: &Value, name: &str, state: &str) -> Reading {
    let trigger = body.get("Trigger").unwrap_or(&Value::Null);
    // An expression over several metrics is about the things of the first.
    let first = list(trigger, "Metrics").find_map(|of| of.pointer("/MetricStat/Metric"));
    let trigger = first.unwrap_or(trigger);
    let dimensions: Vec<(String, String)> = list(trigger, "Dimensions")
        .filter_map(|of| Some((written(of, "name")?, written(of, "value")?)))
        .collect();
    let is_over = state.eq_ignore_ascii_case("OK");
    let title = title(name, &dimensions, state);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("rule", name);
    fields.add("subscription", text(body, "AWSAccountId").unwrap_or_default());
    for (name, value) in &dimensions {
        fields.add("resource", value);
        fields.add_label(name, value);
    }
    let metric = [text(trigger, "Namespace"), text(trigger, "MetricName")];
    let metric: Vec<&str> = metric.into_iter().flatten().collect();
    let mut metric = metric.join(" ");
    for (name, value) in &dimensions {
        metric = format!("{metric}, {name}={value}");
    }
    let account = [text(body, "AWSAccountId"), text(body, "Region")];
    let account: Vec<&str> = account.into_iter().flatten().collect();
    let account = account.join(", ");
    let told = [
        text(body, "AlarmDescription").unwrap_or_default(),
        text(body, "NewStateReason").unwrap_or_default(),
        metric.as_str(),
        account.as_str(),
    ];
    let changed = text(body, "StateChangeTime").and_then(time);
    let arn = text(body, "AlarmArn");
    Reading {
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        key: match arn {
            Some(arn) => vec![arn.to_owned()],
            None => vec![name.to_owned(), account.clone()],
        },
        description: lines(told),
        title,
        fired_at: changed.filter(|_| !is_over),
        newest_at: changed.filter(|_| !is_over),
        resolved_at: changed.filter(|_| is_over),
        link: arn.and_then(|arn| console(arn, name)),
        fields,
        ..Reading::default()
    }
}

/// The alarm's name, and the watched resource if the name does not mention it.
fn title(name: &str, dimensions: &[(String, String)], state: &str) -> String {
    let lower = name.to_lowercase();
    let things: Vec<&str> = dimensions
        .iter()
        .map(|(_, value)| value.as_str())
        .filter(|value| !lower.contains(&value.to_lowercase()))
        .collect();
    let on = if things.is_empty() { String::new() } else { format!(" on {}", things.join(", ")) };
    let is_blind = state.eq_ignore_ascii_case("INSUFFICIENT_DATA");
    let no_data = if is_blind { ": no data" } else { "" };
    one_line(&format!("{name}{on}{no_data}"), TITLE_CHARS_MAX)
}

/// The alarm's page in the console. China and the government's regions have separate consoles.
fn console(arn: &str, name: &str) -> Option<String> {
    let mut parts = arn.split(':');
    let (partition, region) = (parts.nth(1)?, parts.nth(1)?);
    let host = match partition {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let is_region = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = encode(name);
    let page = format!("https://{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}");
    link(&page).filter(|_| is_region)
}
