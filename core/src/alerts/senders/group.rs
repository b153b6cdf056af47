//! A group of alerts in the shape that Alertmanager and Grafana share.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::super::json::{list, pairs, text, written};
use super::super::reading::Condition;
use super::super::reading::{Fields, Member, Reading, TITLE_CHARS_MAX, lines, one_line};
use super::super::words::{GRADES, Grade, any_time, grade_of};
use crate::digest::sha256_hex;
use crate::text::capitalised;

/// The limit of members in the description.
const SHOWN_MAX: usize = 10;
/// The limit of rules or things in a title.
const NAMED_MAX: usize = 3;
/// The longest line about one member, in characters.
const LINE_CHARS_MAX: usize = 300;
/// Labels that identify the affected thing, the most specific first.
const THINGS: [&str; 12] = [
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "job_name",
    "persistentvolumeclaim",
    "container",
    "node",
    "instance",
    "host",
    "hostname",
    "service",
];

pub(super) struct Group<'a> {
    body: &'a Value,
    members: Vec<Member>,
    /// The firing members, or all members once the group has resolved.
    counted: Vec<&'a Value>,
}

impl<'a> Group<'a> {
    pub(super) fn read(body: &'a Value) -> Self {
        let all: Vec<&Value> = list(body, "alerts").collect();
        let firing: Vec<&Value> = all.iter().copied().filter(|alert| !is_resolved(alert)).collect();
        let members = all.iter().map(|alert| member(alert)).collect();
        Self { body, members, counted: if firing.is_empty() { all } else { firing } }
    }

    /// The group as an alert with this title.
    pub(super) fn reading(self, title: String, link: Option<String>) -> Reading {
        let condition = self.condition();
        let is_over = condition == Condition::Resolved;
        let (fired_at, newest_at) = self.began();
        Reading {
            key: self.key(),
            condition,
            description: self.description(),
            grade: self.grade(),
            fired_at,
            newest_at,
            resolved_at: is_over.then(|| self.ended()).flatten(),
            link,
            fields: self.fields(&title),
            left_out: self.left_out(),
            members: self.members,
            title,
            ..Reading::default()
        }
    }

    /// Resolved when none of its members fires. If members were left out of the body, the group's
    /// own state counts.
    fn condition(&self) -> Condition {
        let fires = self.members.iter().any(|member| member.condition == Condition::Fired);
        let is_cut = self.left_out() > 0;
        if fires || (is_cut && self.says_firing()) { Condition::Fired } else { Condition::Resolved }
    }

    /// The sender's own word on whether the group fires. Alertmanager's status is that of the
    /// members in the body alone; the reason, which its newer versions give, is that of all.
    fn says_firing(&self) -> bool {
        match text(self.body, "notification_reason") {
            Some("all alerts resolved") => false,
            Some("some alerts resolved" | "new alerts added" | "repeat interval elapsed") => true,
            _ => text(self.body, "status").is_none_or(|status| status != "resolved"),
        }
    }

    /// Number of members that the sender left out of the body.
    fn left_out(&self) -> u64 {
        self.body.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or(0)
    }

    /// Starts of the oldest and the newest counted member.
    fn began(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let times = || self.counted.iter().filter_map(|alert| moment(alert, "startsAt"));
        (times().min(), times().max())
    }

    fn ended(&self) -> Option<Timestamp> {
        self.members.iter().filter_map(|member| member.ended).max()
    }

    /// The sender's own group key, otherwise the labels that all members share; and the sender's
    /// address, because two senders may use the same key.
    fn key(&self) -> Vec<String> {
        let shared = ["groupLabels", "commonLabels"].iter().find_map(|name| {
            self.body.get(name).filter(|labels| labels.as_object().is_some_and(|of| !of.is_empty()))
        });
        let key = text(self.body, "groupKey").map(str::to_owned);
        let key = key.or_else(|| Some(format!("labels {}", shared?)));
        let sender = text(self.body, "externalURL").unwrap_or_default();
        vec![key.unwrap_or_default(), sender.to_owned()]
    }

    /// The highest grade of the counted members; `none` only if all of them have it.
    fn grade(&self) -> Option<Grade> {
        let common = self.body.get("commonLabels").and_then(grade_in);
        let of_alert = |alert: &&Value| alert.get("labels").and_then(grade_in).or(common);
        let grades: Vec<Option<Grade>> = self.counted.iter().map(of_alert).collect();
        let severity = grades.iter().flatten().filter_map(|grade| grade.severity()).min();
        let all_none = grades.iter().all(|grade| *grade == Some(Grade::None));
        severity.map(Grade::Severity).or(all_none.then_some(Grade::None))
    }

    /// One member: its own summary. Several: their rule, number and common labels. Several rules:
    /// their names.
    pub(super) fn title(&self, otherwise: &str) -> String {
        let rules: BTreeSet<String> = self.counted.iter().map(|alert| rule(alert)).collect();
        let rules: Vec<String> = rules.into_iter().filter(|rule| !rule.is_empty()).collect();
        let summary = self.common_summary();
        let title = match (self.counted.as_slice(), rules.as_slice()) {
            ([only], _) => summary.unwrap_or_else(|| self.rule_and_thing(only)),
            ([], _) | (_, []) => summary.unwrap_or_default(),
            (several, [rule]) => {
                let place = summary.or_else(|| self.place());
                let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                let fires = self.condition() == Condition::Fired;
                let only_left_out = fires && several.iter().all(|alert| is_resolved(alert));
                let named = if only_left_out { 0 } else { several.len() as u64 };
                let state = if fires { "firing" } else { "resolved" };
                format!("{rule}: {} {state}{place}", named + self.left_out())
            }
            (_, several) => names(several),
        };
        let title = one_line(&title, TITLE_CHARS_MAX);
        if title.is_empty() { otherwise.to_owned() } else { title }
    }

    /// The summary that all counted members share.
    fn common_summary(&self) -> Option<String> {
        let common = text(self.body.get("commonAnnotations").unwrap_or(&Value::Null), "summary");
        let mut own = self.counted.iter().map(|alert| summary(alert));
        let first = own.next().flatten();
        let same = first.as_ref().filter(|first| own.all(|own| own.as_ref() == Some(*first)));
        let is_grouped = self.counted.len() > 1;
        same.cloned().or_else(|| common.filter(|_| is_grouped).map(str::to_owned))
    }

    fn rule_and_thing(&self, alert: &Value) -> String {
        let (rule, thing) = (rule(alert), thing(alert).or_else(|| self.place()));
        match thing {
            Some(thing) if rule.is_empty() => thing,
            Some(thing) => format!("{rule}: {thing}"),
            None => rule,
        }
    }

    /// The labels of the group other than the rule.
    fn place(&self) -> Option<String> {
        let by: Vec<String> = pairs(self.body, "groupLabels")
            .filter(|(name, _)| !["alertname", "grafana_folder"].contains(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!by.is_empty()).then(|| by.join(", "))
    }

    /// The labels that all members share, then each member with the labels that differ.
    fn description(&self) -> String {
        let all: Vec<&Value> = list(self.body, "alerts").collect();
        let common = shared(self.body, "commonAnnotations", &all, "annotations");
        let mut told = annotations(&common);
        let differing = differing(&all);
        for alert in all.iter().take(SHOWN_MAX) {
            told.push(self.line(alert, &differing, &common));
        }
        let unshown = all.len().saturating_sub(SHOWN_MAX);
        if unshown > 0 {
            told.push(format!("and {unshown} more"));
        }
        if self.left_out() > 0 {
            told.push(format!("and {} more that the sender left out", self.left_out()));
        }
        lines(told.iter().map(String::as_str))
    }

    /// A member: its state, the labels by which it differs, its own text and its values.
    fn line(&self, alert: &Value, differing: &BTreeSet<String>, common: &Shared) -> String {
        let is_one = self.members.len() == 1;
        let labels: Vec<String> = pairs(alert, "labels")
            .filter(|(name, _)| differing.contains(*name) || is_one && !name.starts_with("__"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let words = ["summary", "description", "message"].iter().filter_map(|name| {
            let words = annotation(alert, name)?;
            common.get(*name).is_none_or(|shared| shared != words).then_some(words)
        });
        let words = words.collect::<Vec<_>>().join(" ");
        let values: Vec<String> =
            pairs(alert, "values").map(|(name, value)| format!("{name} = {value}")).collect();
        let state = if is_resolved(alert) { "resolved" } else { "firing" };
        let mut line = format!("{state} {}", labels.join(", ")).trim_end().to_owned();
        for (before, part) in [(": ", words), ("; ", values.join(", "))] {
            if !part.is_empty() {
                line = format!("{line}{before}{part}");
            }
        }
        one_line(&line, LINE_CHARS_MAX)
    }

    /// Labels that all counted members share, and the receiver.
    fn fields(&self, title: &str) -> Fields {
        let mut fields = Fields::default();
        fields.add("title", title);
        for alert in &self.counted {
            fields.add("title", &summary(alert).unwrap_or_default());
            fields.add("rule", &rule(alert));
            let labels = alert.get("labels").unwrap_or(&Value::Null);
            for name in GRADES {
                fields.add("severity", &written(labels, name).unwrap_or_default());
            }
        }
        fields.add("receiver", text(self.body, "receiver").unwrap_or_default());
        let common = shared(self.body, "commonLabels", &self.counted, "labels");
        fields.add("rule", common.get("alertname").map_or("", String::as_str));
        fields.add("severity", common.get("severity").map_or("", String::as_str));
        for (name, value) in &common {
            fields.add_label(name, value);
        }
        for (name, value) in pairs(self.body, "groupLabels") {
            fields.add_label(name, &value);
        }
        fields
    }
}

type Shared = BTreeMap<String, String>;

/// Labels or annotations that all alerts share, and those that the body declares as common.
fn shared(body: &Value, common: &str, alerts: &[&Value], holder: &str) -> Shared {
    let mut all: Shared = pairs(body, common).map(|(name, of)| (name.to_owned(), of)).collect();
    if let Some((first, rest)) = alerts.split_first() {
        let alike = pairs(first, holder).filter(|(name, value)| {
            rest.iter().all(|alert| {
                alert.get(holder).and_then(|of| written(of, name)).as_ref() == Some(value)
            })
        });
        all.extend(alike.map(|(name, value)| (name.to_owned(), value)));
    }
    all.retain(|name, _| !name.starts_with("__"));
    all
}

/// Names of labels whose values differ between alerts.
fn differing(alerts: &[&Value]) -> BTreeSet<String> {
    let names = alerts.iter().flat_map(|alert| pairs(alert, "labels")).map(|(name, _)| name);
    let names: BTreeSet<&str> = names.filter(|name| !name.starts_with("__")).collect();
    let value = |alert: &Value, name: &str| {
        alert.get("labels").and_then(|labels| labels.get(name)).cloned()
    };
    let differs = |name: &&str| {
        let mut values = alerts.iter().map(|alert| value(alert, name));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    names.into_iter().filter(differs).map(str::to_owned).collect()
}

/// Up to [`NAMED_MAX`] names, and the number of further ones.
pub(super) fn names(all: &[String]) -> String {
    let named = all.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn member(alert: &Value) -> Member {
    let labels: Vec<(String, String)> =
        pairs(alert, "labels").map(|(name, value)| (name.to_owned(), value)).collect();
    // An alert without either is identified by its start only.
    let fingerprint = match text(alert, "fingerprint") {
        Some(print) => print.to_owned(),
        None if labels.is_empty() => text(alert, "startsAt").unwrap_or_default().to_owned(),
        None => sha256_hex(format!("{labels:?}").as_bytes()),
    };
    let is_over = is_resolved(alert);
    Member {
        fingerprint,
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        since: moment(alert, "startsAt"),
        ended: moment(alert, "endsAt").filter(|_| is_over),
        severity: alert.get("labels").and_then(grade_in).and_then(Grade::severity),
        title: summary(alert).unwrap_or_else(|| rule(alert)),
        labels,
    }
}

/// All annotations, the most useful first.
fn annotations(all: &Shared) -> Vec<String> {
    let words = ["summary", "description", "message"];
    let said = words.iter().filter_map(|name| all.get(*name).cloned());
    let others = all.iter().filter(|(name, _)| !words.contains(&name.as_str()));
    said.chain(others.map(|(name, value)| format!("{}: {value}", heading(name)))).collect()
}

fn heading(name: &str) -> String {
    let name = name.trim_end_matches("_url").trim_end_matches("URL").replace('_', " ");
    capitalised(&name)
}

fn annotation<'a>(alert: &'a Value, name: &str) -> Option<&'a str> {
    alert.get("annotations").and_then(|annotations| text(annotations, name))
}

fn label<'a>(alert: &'a Value, name: &str) -> Option<&'a str> {
    alert.get("labels").and_then(|labels| text(labels, name))
}

pub(super) fn summary(alert: &Value) -> Option<String> {
    let summary = annotation(alert, "summary").map(|text| one_line(text, TITLE_CHARS_MAX));
    summary.filter(|summary| !summary.is_empty())
}

fn rule(alert: &Value) -> String {
    one_line(label(alert, "alertname").unwrap_or_default(), TITLE_CHARS_MAX)
}

/// The affected thing, with its namespace.
pub(super) fn thing(alert: &Value) -> Option<String> {
    let (name, thing) = THINGS.iter().find_map(|name| Some((name, label(alert, name)?)))?;
    let space = label(alert, "namespace").filter(|_| !["instance", "node"].contains(name));
    let space = space.map(|space| format!("{space}/")).unwrap_or_default();
    Some(format!("{space}{thing}"))
}

fn grade_in(labels: &Value) -> Option<Grade> {
    GRADES.iter().find_map(|name| grade_of(&written(labels, name)?))
}

fn is_resolved(alert: &Value) -> bool {
    text(alert, "status").is_some_and(|status| status.eq_ignore_ascii_case("resolved"))
}

fn moment(alert: &Value, name: &str) -> Option<Timestamp> {
    alert.get(name).and_then(any_time)
}
