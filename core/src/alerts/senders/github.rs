//! GitHub's webhooks: workflows that fail on the default branch, and security alerts.

use serde_json::Value;

use super::super::json::{text, written};
use super::super::reading::{
    AlertKind, Condition, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line,
};
use super::super::refused::NotAnAlert;
use super::super::words::{grade_of, time};

/// Tells the events apart by the body alone, although a header names them too.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let repository = body.get("repository").filter(|_| body.get("sender").is_some())?;
    let repository_name = text(repository, "full_name")?;
    let of = |name: &str| body.get(name).filter(|value| value.is_object());
    Some(Ok(if body.get("zen").is_some() {
        let title = format!("GitHub webhook of {repository_name}");
        Reading { kind: AlertKind::Test, title, ..Reading::default() }
    } else if let Some(run) = of("workflow_run") {
        workflow(run, repository, repository_name)
    } else if let Some(alert) = of("alert") {
        security(text(body, "action").unwrap_or_default(), alert, repository_name)
    } else {
        ignored(repository_name)
    }))
}

fn ignored(repository: &str) -> Reading {
    let title = one_line(&format!("GitHub event of {repository}"), TITLE_CHARS_MAX);
    Reading { kind: AlertKind::Ignored, title, ..Reading::default() }
}

/// A finished run on the default branch. Failures of other branches concern only their authors.
fn workflow(run: &Value, repository: &Value, repository_name: &str) -> Reading {
    let branch = text(run, "head_branch");
    let condition = match text(run, "conclusion") {
        Some("failure" | "timed_out" | "startup_failure") => Condition::Fired,
        Some("success") => Condition::Resolved,
        _ => return ignored(repository_name),
    };
    if branch != text(repository, "default_branch") {
        return ignored(repository_name);
    }
    let is_over = condition == Condition::Resolved;
    let name = text(run, "name").unwrap_or("workflow");
    let outcome = if is_over { "succeeded" } else { "failed" };
    let title = one_line(&format!("{name} {outcome} in {repository_name}"), TITLE_CHARS_MAX);
    let told = [
        text(run, "display_title").map(str::to_owned),
        branch.map(|branch| format!("Branch: {branch}")),
        text(run, "event").map(|event| format!("Started by: {event}")),
        written(run, "run_number").map(|number| format!("Run: {number}")),
    ];
    let ended = text(run, "updated_at").and_then(time);
    Reading {
        condition,
        key: vec![repository_name.to_owned(), text(run, "path").unwrap_or(name).to_owned()],
        description: lines(told.iter().flatten().map(String::as_str)),
        fired_at: ended.filter(|_| !is_over),
        newest_at: ended.filter(|_| !is_over),
        resolved_at: ended.filter(|_| is_over),
        link: text(run, "html_url").and_then(link),
        fields: fields(&title, name, repository_name),
        title,
        ..Reading::default()
    }
}

/// An alert of code scanning, secret scanning or Dependabot.
fn security(action: &str, alert: &Value, repository: &str) -> Reading {
    let rule = alert.get("rule").unwrap_or(&Value::Null);
    let advisory = alert.get("security_advisory").unwrap_or(&Value::Null);
    let what = [
        text(rule, "description"),
        text(advisory, "summary"),
        text(alert, "secret_type_display_name"),
        text(alert, "secret_type"),
    ];
    let what = what.into_iter().flatten().next().unwrap_or("Security alert");
    let title = one_line(&format!("{what} in {repository}"), TITLE_CHARS_MAX);
    let grade =
        [text(rule, "security_severity_level"), text(advisory, "severity"), text(rule, "severity")];
    let grade = grade.into_iter().flatten().next();
    let is_over = ["fixed", "resolved", "closed_by_user", "dismissed", "auto_dismissed", "revoked"]
        .contains(&action);
    let address = text(alert, "html_url");
    let number = written(alert, "number").unwrap_or_else(|| what.to_owned());
    let package = alert.pointer("/dependency/package").and_then(|package| text(package, "name"));
    let told = [
        Some(format!("Action: {action}")),
        package.map(|name| format!("Package: {name}")),
        text(rule, "id").map(|id| format!("Rule: {id}")),
    ];
    let moment = |name: &str| text(alert, name).and_then(time);
    let mut fields = fields(&title, text(rule, "id").unwrap_or(what), repository);
    fields.add("severity", grade.unwrap_or_default());
    Reading {
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        key: vec![address.map_or_else(|| format!("{repository} {number}"), str::to_owned)],
        description: lines(told.iter().flatten().map(String::as_str)),
        grade: grade.and_then(grade_of),
        fired_at: moment("created_at").filter(|_| !is_over),
        newest_at: moment("created_at").filter(|_| !is_over),
        resolved_at: moment("fixed_at").or_else(|| moment("dismissed_at")).filter(|_| is_over),
        link: address.and_then(link),
        fields,
        title,
        ..Reading::default()
    }
}

fn fields(title: &str, rule: &str, repository: &str) -> Fields {
    let mut fields = Fields::default();
    fields.add("title", title);
    fields.add("rule", rule);
    fields.add("resource", repository);
    fields
}
