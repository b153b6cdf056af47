//! Alert rules: `[[alerts]]` in `status.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use crate::alerts::alert::{AlertSource, LABEL};
use crate::alerts::rule::{Handling, Opening, Pattern, REOPEN_WITHIN, Rule};
use crate::incident::severity::Severity;
use crate::text::clean_name;
use crate::text::time::read_length;

const RULES_MAX: usize = 200;

/// A problem and its position in the file.
pub(super) struct Wrong {
    pub at: Range<usize>,
    pub why: String,
}

/// Alert rule as written in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    r#match: Spanned<FileMatch>,
    component: Option<Spanned<String>>,
    severity: Option<Spanned<i64>>,
    roster: Option<Spanned<String>>,
    publish: Option<Spanned<bool>>,
    close_on_resolve: Option<Spanned<bool>>,
    reopen_within: Option<Spanned<String>>,
    during_maintenance: Option<Spanned<bool>>,
    #[serde(default)]
    mute: bool,
}

/// Patterns of a rule, by the names of alert fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMatch {
    source: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    rule: Option<Spanned<String>>,
    severity: Option<Spanned<String>>,
    service: Option<Spanned<String>>,
    signal: Option<Spanned<String>>,
    resource: Option<Spanned<String>>,
    resource_group: Option<Spanned<String>>,
    subscription: Option<Spanned<String>>,
    target: Option<Spanned<String>>,
    receiver: Option<Spanned<String>>,
    component: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    #[serde(default)]
    label: BTreeMap<String, Spanned<String>>,
}

/// Checks the rules. `component` returns the id of a component by its name or id.
pub(super) fn rules(
    given: Vec<Spanned<FileRule>>,
    component: impl Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Result<Rule, Wrong>> {
    let too_many = given
        .get(RULES_MAX)
        .map(|first| Err(wrong(first, format!("more than {RULES_MAX} rules for alerts"))));
    let rules = given.into_iter().take(RULES_MAX);
    rules.map(move |rule| one(rule.into_inner(), &component)).chain(too_many)
}

fn wrong<T>(place: &Spanned<T>, why: String) -> Wrong {
    Wrong { at: place.span(), why }
}

fn one(file: FileRule, component: impl Fn(&str) -> Option<String>) -> Result<Rule, Wrong> {
    let at = file.r#match.span();
    let matchers = matchers(file.r#match.into_inner())?;
    if matchers.is_empty() {
        let why = "alerts: match is empty: name a field, such as rule = \"checkout-*\"";
        return Err(Wrong { at, why: why.to_owned() });
    }
    if file.mute {
        let others = [
            ("component", file.component.as_ref().map(Spanned::span)),
            ("severity", file.severity.as_ref().map(Spanned::span)),
            ("roster", file.roster.as_ref().map(Spanned::span)),
            ("publish", file.publish.as_ref().map(Spanned::span)),
            ("close_on_resolve", file.close_on_resolve.as_ref().map(Spanned::span)),
            ("reopen_within", file.reopen_within.as_ref().map(Spanned::span)),
            ("during_maintenance", file.during_maintenance.as_ref().map(Spanned::span)),
        ];
        if let Some((name, Some(at))) = others.into_iter().find(|(_, at)| at.is_some()) {
            let why = format!("alerts: {name} next to mute = true: a muted alert opens nothing");
            return Err(Wrong { at, why });
        }
        return Ok(Rule { matchers, handling: Handling::Mute });
    }
    let is_set = |flag: Option<Spanned<bool>>| flag.is_some_and(Spanned::into_inner);
    let opening = Opening {
        component: file.component.map(|given| known(&given, component)).transpose()?,
        severity: file.severity.map(|given| severity(&given)).transpose()?,
        roster: file.roster.map(|given| roster(&given)).transpose()?,
        publish: is_set(file.publish),
        close_on_resolve: is_set(file.close_on_resolve),
        reopen_within: match file.reopen_within {
            Some(given) => length(&given)?,
            None => REOPEN_WITHIN,
        },
        during_maintenance: is_set(file.during_maintenance),
    };
    Ok(Rule { matchers, handling: Handling::Open(opening) })
}

fn matchers(file: FileMatch) -> Result<Vec<(String, Pattern)>, Wrong> {
    let named = [
        ("source", file.source),
        ("title", file.title),
        ("rule", file.rule),
        ("severity", file.severity),
        ("service", file.service),
        ("signal", file.signal),
        ("resource", file.resource),
        ("resource_group", file.resource_group),
        ("subscription", file.subscription),
        ("target", file.target),
        ("receiver", file.receiver),
        ("component", file.component),
        ("key", file.key),
    ];
    let named = named.into_iter().filter_map(|(name, pattern)| Some((name.to_owned(), pattern?)));
    let labels = file.label.into_iter();
    // Names of labels are cleaned in the same way when an alert is read.
    let labels = labels.map(|(name, pattern)| (clean_name(&format!("{LABEL}{name}")), pattern));
    let checked = named.chain(labels).map(|(name, given)| {
        let pattern = Pattern::parse(given.get_ref()).ok_or_else(|| {
            let text = given.get_ref();
            let why = format!(
                "alerts: match.{name} = \"{text}\" is empty or has an asterisk in the middle: use \
                 one at the beginning or the end"
            );
            wrong(&given, why)
        })?;
        if name == "source" && !AlertSource::ALL.iter().any(|of| pattern.matches(of.name())) {
            let known = AlertSource::ALL.map(AlertSource::name).join(", ");
            let why = format!("alerts: match.source = \"{}\" is none of {known}", given.get_ref());
            return Err(wrong(&given, why));
        }
        Ok((name.to_lowercase(), pattern))
    });
    checked.collect()
}

fn known(
    given: &Spanned<String>,
    component: impl Fn(&str) -> Option<String>,
) -> Result<String, Wrong> {
    let name = given.get_ref();
    component(name).ok_or_else(|| {
        let why = format!("alerts: component = \"{name}\" is not the name or id of a component");
        wrong(given, why)
    })
}

fn severity(given: &Spanned<i64>) -> Result<Severity, Wrong> {
    let number = *given.get_ref();
    u8::try_from(number).ok().and_then(Severity::of).ok_or_else(|| {
        wrong(given, format!("alerts: severity = {number} is not a severity from 1 to 4"))
    })
}

/// Parses a duration of up to a day; `0m` is allowed.
fn length(given: &Spanned<String>) -> Result<SignedDuration, Wrong> {
    let text = given.get_ref();
    let words: Vec<&str> = text.split_whitespace().collect();
    let read = read_length(&words).filter(|(_, taken)| *taken == words.len());
    let length = if text.trim() == "0m" { Some(SignedDuration::ZERO) } else { read.map(|r| r.0) };
    length.filter(|length| *length <= SignedDuration::from_hours(24)).ok_or_else(|| {
        let why = format!(
            "alerts: reopen_within = \"{text}\" is not a time such as 15m or 1h, up to 24h"
        );
        wrong(given, why)
    })
}

fn roster(given: &Spanned<String>) -> Result<String, Wrong> {
    let name = clean_name(given.get_ref());
    if name.is_empty() {
        let why = format!("alerts: roster = \"{}\" shows nothing: name one", given.get_ref());
        return Err(wrong(given, why));
    }
    Ok(name)
}
