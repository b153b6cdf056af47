//! Our own format, for any program that can post JSON.
//!
//! The author of such a body does not see the answer, so nothing but a missing title loses an
//! alert. Anything that is not understood is kept as a label and listed in the answer.

use serde_json::{Map, Value};

use super::super::json::{as_text, is_empty, scalar};
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::{NotAnAlert, quoted};
use super::super::words::{GRADES, Grade, any_time, grade_of, state_of};

/// Fields that hold the state. The first one that is understood counts.
const STATES: [&str; 2] = ["status", "state"];
/// Fields that are not labels, next to [`GRADES`] and [`STATES`].
const FIELDS: [&str; 7] =
    ["title", "description", "component", "key", "link", "fired_at", "labels"];
/// Other names of a field, such as those of Grafana `OnCall`. They count if the field is missing.
const OTHER_NAMES: [(&str, &str); 4] = [
    ("description", "message"),
    ("key", "alert_uid"),
    ("link", "link_to_upstream_details"),
    ("link", "url"),
];

pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let body = body.as_object().filter(|body| body.contains_key("title"))?;
    Some(Plain { body, not_understood: Vec::new() }.read())
}

struct Plain<'a> {
    body: &'a Map<String, Value>,
    not_understood: Vec<String>,
}

impl Plain<'_> {
    fn read(mut self) -> Result<Reading, NotAnAlert> {
        let Some(title) = self.line("title").filter(|title| !title.is_empty()) else {
            return Err(NotAnAlert::NoTitle(quoted(&self.value("title").to_string())));
        };
        let component = self.line("component");
        // Without a key, equal texts about the same component are the same alert.
        let key = match self.line(self.name("key")) {
            Some(key) => vec![key],
            None => vec![title.clone(), component.clone().unwrap_or_default()],
        };
        let mut fields = Fields::default();
        fields.add("title", &title);
        fields.add("component", component.as_deref().unwrap_or_default());
        fields.add("key", &self.written(self.name("key")).unwrap_or_default());
        // Programs write "None" for a severity that nobody has set.
        let given = |grade: &Grade| *grade != Grade::None;
        let grade = self.first(&GRADES, |value| grade_of(&scalar(value)?).filter(given));
        let state = self.first(&STATES, |value| state_of(&scalar(value)?));
        let fired_at = self.understood("fired_at", any_time);
        let link = self.understood(self.name("link"), |value| link(value.as_str()?.trim()));
        let extra = self.labels(&mut fields);
        let description = self.value(self.name("description"));
        let description = Some(as_text(description)).filter(|_| !is_empty(description));
        let place = component.as_ref().map(|name| format!("Component: {name}"));
        let parts = description.into_iter().chain(place).chain(extra);
        Ok(Reading {
            kind: AlertKind::of_state(state),
            condition: Reading::condition_of(state),
            key,
            description: lines(parts.collect::<Vec<_>>().iter().map(String::as_str)),
            title,
            grade,
            component,
            fired_at,
            newest_at: fired_at,
            link,
            fields,
            not_understood: self.not_understood,
            ..Reading::default()
        })
    }

    /// The name of a field in this body.
    fn name(&self, field: &'static str) -> &'static str {
        let is_there = |name: &str| self.body.get(name).is_some_and(|value| !is_empty(value));
        let others = OTHER_NAMES.iter().filter(|(of, _)| *of == field).map(|(_, other)| *other);
        let name = [field].into_iter().chain(others).find(|name| is_there(name));
        name.unwrap_or(field)
    }

    fn value(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    fn written(&self, name: &str) -> Option<String> {
        scalar(self.value(name))
    }

    /// A field as one line. Values that are neither text nor numbers are reported as not
    /// understood.
    fn line(&mut self, name: &str) -> Option<String> {
        let line = self.understood(name, scalar)?;
        Some(one_line(&line, TITLE_CHARS_MAX)).filter(|line| !line.is_empty())
    }

    /// The meaning of a field. A value that `read` rejects is reported as not understood.
    fn understood<T>(&mut self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.body.get(name)?;
        let understood = read(value);
        if understood.is_none() && !is_empty(value) {
            self.not_understood.push(format!("{name} = {}", quoted(&value.to_string())));
        }
        understood
    }

    /// The meaning of the first field that is understood.
    fn first<T>(&mut self, names: &[&str], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| self.understood(name, &read))
    }

    /// Adds all remaining fields as labels, and returns them as lines.
    fn labels(&mut self, fields: &mut Fields) -> Vec<String> {
        let mut told = Vec::new();
        let named = self.body.get("labels").and_then(Value::as_object).into_iter().flatten();
        for (name, value) in named.filter(|(_, value)| !is_empty(value)) {
            fields.add_label(name, &as_text(value));
            told.push(format!("{name}: {}", as_text(value)));
        }
        for name in GRADES {
            fields.add("severity", &self.written(name).unwrap_or_default());
        }
        for (name, value) in self.body {
            let name = name.as_str();
            let is_field = [&FIELDS[..], &GRADES, &STATES].iter().any(|all| all.contains(&name));
            let is_field = is_field && (name != "labels" || value.is_object());
            let is_read =
                is_field || FIELDS.iter().any(|field| *field != name && self.name(field) == name);
            if !is_read && !is_empty(value) {
                fields.add_label(name, &as_text(value));
                told.push(format!("{name}: {}", as_text(value)));
                self.not_understood.push(format!("{name}: kept as a label"));
            }
        }
        told.into_iter().map(|line| one_line(&line, 300)).collect()
    }
}
