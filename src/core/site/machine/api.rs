//! The JSON of Statuspage's API, version 2, as its clients read it: all eight files with every
//! field, and `next_update_by` besides. Its words stay English whatever the page's language.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::base_url::BaseUrl;
use super::told::{changed, last_change, newest_updates};
use crate::core::config::{Component, Group};
use crate::core::digest::sha256_hex;
use crate::core::incident::model::{Impact, Incident, Stage, Update};
use crate::core::incident::status::Status;
use crate::core::site::renderer::Site;

/// How many incidents, and how many maintenances, a list has.
const LISTED_MAX: usize = 50;

/// The eight files.
pub(super) fn files(site: &Site, base_url: &BaseUrl, status: &Status) -> Vec<(String, String)> {
    let api = Api::new(site, base_url, status);
    let overall = || ("status", api.overall());
    let components = || ("components", Value::from(api.components()));
    let incidents = |list: &[&Incident]| ("incidents", api.incidents(list));
    let maintenances = |list: &[&Incident]| ("scheduled_maintenances", api.incidents(list));

    let open: Vec<&Incident> = status.open.values().rev().map(AsRef::as_ref).collect();
    let mut going_on: Vec<&Incident> = status.maintenance.values().map(AsRef::as_ref).collect();
    going_on.sort_by_key(|maintenance| (maintenance.began(), maintenance.number));
    let in_stage = |stage: Stage| -> Vec<&Incident> {
        going_on.iter().copied().filter(|m| m.stage == stage).collect()
    };
    let all = |kind: bool| listed(status.kept().filter(|kept| kept.is_maintenance() == kind));
    let summary = vec![components(), incidents(&open), maintenances(&going_on), overall()];
    let files = [
        ("status", vec![overall()]),
        ("components", vec![components()]),
        ("summary", summary),
        ("incidents", vec![incidents(&all(false))]),
        ("incidents/unresolved", vec![incidents(&open)]),
        ("scheduled-maintenances", vec![maintenances(&all(true))]),
        ("scheduled-maintenances/upcoming", vec![maintenances(&in_stage(Stage::Scheduled))]),
        ("scheduled-maintenances/active", vec![maintenances(&in_stage(Stage::InProgress))]),
    ];
    let file = |(name, parts): (&str, Vec<(&str, Value)>)| {
        let parts = [("page", api.page())].into_iter().chain(parts);
        let file: Map<String, Value> = parts.map(|(key, value)| (key.to_owned(), value)).collect();
        (format!("api/v2/{name}.json"), text(&file.into()))
    };
    files.into_iter().map(file).collect()
}

/// JSON that is harmless even where somebody takes it for HTML.
pub(super) fn text(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

/// The newest first, and what is going on in any case.
fn listed<'a>(kept: impl Iterator<Item = &'a Incident>) -> Vec<&'a Incident> {
    let mut listed: Vec<&Incident> = kept.collect();
    listed.sort_by_key(|incident| (incident.resolved.is_some(), Reverse(incident.number)));
    listed.truncate(LISTED_MAX);
    listed.sort_by_key(|incident| Reverse(incident.number));
    listed
}

/// What all files share.
struct Api<'a> {
    site: &'a Site,
    base_url: &'a BaseUrl,
    status: &'a Status,
    page_id: String,
    /// The components outside of groups, or in them, by id.
    leaves: BTreeMap<&'a str, Value>,
}

impl<'a> Api<'a> {
    fn new(site: &'a Site, base_url: &'a BaseUrl, status: &'a Status) -> Self {
        let known_by = if base_url.base.is_empty() { &site.config.title } else { &base_url.base };
        let page_id = short_id(known_by);
        let mut api = Self { site, base_url, status, page_id, leaves: BTreeMap::new() };
        let mut loose = 0;
        for group in &site.config.groups {
            let group_id = group_id(group);
            for (index, component) in group.components.iter().enumerate() {
                let mut position = index + 1;
                if group_id.is_none() {
                    loose += 1;
                    position = loose;
                }
                let leaf = api.leaf(component, position, group_id.as_deref());
                api.leaves.insert(&component.id, leaf);
            }
        }
        api
    }

    fn page(&self) -> Value {
        json!({
            "id": self.page_id,
            "name": self.site.config.title,
            "url": if self.base_url.base.is_empty() { "/" } else { self.base_url.base.as_str() },
            "time_zone": self.site.config.time_zone_name,
            "updated_at": time(self.status.at),
        })
    }

    fn overall(&self) -> Value {
        let (indicator, description) = match self.status.impact() {
            None => ("none", "All Systems Operational"),
            Some(Impact::Maintenance) => ("maintenance", "Service Under Maintenance"),
            Some(Impact::Minor) => ("minor", "Partially Degraded Service"),
            Some(Impact::Major) => ("major", "Partial System Outage"),
            Some(Impact::Critical) => ("critical", "Major Service Outage"),
        };
        json!({ "indicator": indicator, "description": description })
    }

    /// In the order of the page; a group before what is in it.
    fn components(&self) -> Vec<Value> {
        let mut components = Vec::new();
        let mut position = 0;
        for group in &self.site.config.groups {
            let leaves = group.components.iter().filter_map(|leaf| self.leaves.get(&*leaf.id));
            match group_id(group) {
                None => position += group.components.len(),
                Some(id) => {
                    position += 1;
                    components.push(self.group(group, &id, position));
                }
            }
            components.extend(leaves.cloned());
        }
        components
    }

    fn leaf(&self, component: &Component, position: usize, group_id: Option<&str>) -> Value {
        let standing = self.status.components.get(&component.id);
        let changed = standing.map_or_else(|| self.since(), |standing| standing.status.at);
        let start = self
            .status
            .since
            .map(|since| since.to_zoned(self.site.config.time_zone.clone()).date().to_string());
        json!({
            "id": component.id,
            "name": component.name,
            "status": component_status(self.status.impact_on(&component.id)),
            "created_at": time(self.since()),
            "updated_at": time(changed),
            "position": position,
            "description": component.description,
            "showcase": true,
            "start_date": start,
            "group_id": group_id,
            "page_id": self.page_id,
            "group": false,
            "only_show_if_degraded": false,
        })
    }

    fn group(&self, group: &Group, id: &str, position: usize) -> Value {
        let ids: Vec<&str> = group.components.iter().map(|leaf| leaf.id.as_str()).collect();
        let worst = ids.iter().filter_map(|id| self.status.impact_on(id)).max();
        let standings = ids.iter().filter_map(|id| self.status.components.get(*id));
        let changed = standings.map(|standing| standing.status.at).max();
        json!({
            "id": id,
            "name": group.name,
            "status": component_status(worst),
            "created_at": time(self.since()),
            "updated_at": time(changed.unwrap_or_else(|| self.since())),
            "position": position,
            "description": group.description,
            "showcase": false,
            "start_date": null,
            "group_id": null,
            "page_id": self.page_id,
            "group": true,
            "only_show_if_degraded": false,
            "components": ids,
        })
    }

    fn incidents(&self, incidents: &[&Incident]) -> Value {
        incidents.iter().map(|incident| self.incident(incident)).collect()
    }

    fn incident(&self, incident: &Incident) -> Value {
        let monitoring = |update: &&Update| update.stage == Stage::Monitoring;
        let monitoring_at = incident.updates.iter().rev().find(monitoring).map(|u| time(u.at));
        let updates = newest_updates(incident).into_iter();
        let updates = updates.map(|(index, update)| self.update(incident, index, update));
        let components = incident.components.iter().filter_map(|id| self.leaves.get(id.as_str()));
        let mut value = json!({
            "id": incident.number.to_string(),
            "name": incident.title,
            "status": stage_word(incident.stage),
            "created_at": time(incident.opened),
            "updated_at": time(last_change(incident)),
            "monitoring_at": monitoring_at,
            "resolved_at": incident.resolved.map(time),
            "impact": incident.impact.word(),
            "shortlink": self.base_url.incident(incident.number),
            "started_at": time(incident.began()),
            "page_id": self.page_id,
            "incident_updates": updates.collect::<Vec<_>>(),
            "components": components.collect::<Vec<_>>(),
            "reminder_intervals": null,
            "next_update_by": incident.next_update_by.map(time),
        });
        if let (Some(window), Some(fields)) = (incident.window, value.as_object_mut()) {
            fields.insert("scheduled_for".to_owned(), time(window.from).into());
            fields.insert("scheduled_until".to_owned(), time(window.until).into());
        }
        value
    }

    fn update(&self, incident: &Incident, index: usize, update: &Update) -> Value {
        let words = self.site.told(incident, index);
        let body = match update.stage {
            stage @ Stage::Cancelled if !update.text.is_empty() => {
                format!("{}: {words}", self.site.texts.stage(stage))
            }
            _ => words,
        };
        let before = index.checked_sub(1).and_then(|before| incident.updates.get(before));
        json!({
            "id": format!("{}-{}", incident.number, index + 1),
            "status": stage_word(update.stage),
            "body": body,
            "incident_id": incident.number.to_string(),
            "created_at": time(update.at),
            "updated_at": time(changed(update)),
            "display_at": time(update.at),
            "affected_components": self.affected(incident.impact, before, update),
            "deliver_notifications": true,
            "custom_tweet": null,
            "tweet_id": null,
        })
    }

    /// What an update changed, or left, about the components that it and the one before it name.
    fn affected(&self, impact: Impact, before: Option<&Update>, update: &Update) -> Value {
        let named = before.map_or(&[][..], |before| &before.components);
        let gone = named.iter().filter(|id| !update.components.contains(id));
        let after = |update: Option<&Update>, id: &String| {
            let affects = update.is_some_and(|u| is_felt(u.stage) && u.components.contains(id));
            component_status(affects.then_some(impact))
        };
        let affected: Vec<Value> = update
            .components
            .iter()
            .chain(gone)
            .map(|id| {
                json!({
                    "code": id,
                    "name": self.site.config.component_name(id),
                    "old_status": after(before, id),
                    "new_status": after(Some(update), id),
                })
            })
            .collect();
        if affected.is_empty() { Value::Null } else { affected.into() }
    }

    /// Since when there is a page, as far as the log tells.
    fn since(&self) -> Timestamp {
        self.status.since.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Whether those who use a component feel it in this stage.
fn is_felt(stage: Stage) -> bool {
    use Stage::{Identified, InProgress, Investigating, Monitoring};
    matches!(stage, Investigating | Identified | Monitoring | InProgress)
}

fn component_status(impact: Option<Impact>) -> &'static str {
    match impact {
        None => "operational",
        Some(Impact::Maintenance) => "under_maintenance",
        Some(Impact::Minor) => "degraded_performance",
        Some(Impact::Major) => "partial_outage",
        Some(Impact::Critical) => "major_outage",
    }
}

/// Clients fail on a word that they do not know, so a maintenance that was called off is completed;
/// its last update says in words what it was.
fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Investigating => "investigating",
        Stage::Identified => "identified",
        Stage::Monitoring => "monitoring",
        Stage::Resolved => "resolved",
        Stage::PostMortem => "postmortem",
        Stage::Scheduled => "scheduled",
        Stage::InProgress => "in_progress",
        Stage::Completed | Stage::Cancelled => "completed",
    }
}

/// A group's id: made from its name, and such as no component has. `None` for what is in no group.
fn group_id(group: &Group) -> Option<String> {
    group.name.as_ref().map(|name| format!("group_{}", short_id(name)))
}

/// Twelve characters, as Statuspage's ids have.
fn short_id(name: &str) -> String {
    let mut id = sha256_hex(name.as_bytes());
    id.truncate(12);
    id
}

/// RFC 3339 with milliseconds.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}
