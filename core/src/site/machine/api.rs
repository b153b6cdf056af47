//! Statuspage's API, version 2: all eight files with every field, and also `next_update_by`. Its
//! words are English in every language of the page.

mod shapes;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use self::shapes::{
    AffectedJson, ComponentJson, IncidentJson, Millis, OverallJson, PageJson, UpdateJson,
};
use super::base_url::BaseUrl;
use super::json::{json, json_fields, list, object};
use super::told::{changed, last_change, newest_updates};
use crate::config::{Component, Group};
use crate::digest::sha256_hex;
use crate::incident::model::{Impact, Incident, Stage, Update};
use crate::incident::status::{Change, ComponentNames, Status};
use crate::site::render_cache::RenderCache;
use crate::site::renderer::Site;

/// The limit of incidents in a list, and of maintenance windows.
const LISTED_MAX: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiFile {
    Status,
    Components,
    Summary,
    Incidents,
    Unresolved,
    Maintenances,
    Upcoming,
    Active,
}

impl ApiFile {
    pub(super) const ALL: [Self; 8] = [
        Self::Status,
        Self::Components,
        Self::Summary,
        Self::Incidents,
        Self::Unresolved,
        Self::Maintenances,
        Self::Upcoming,
        Self::Active,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Components => "components",
            Self::Summary => "summary",
            Self::Incidents => "incidents",
            Self::Unresolved => "incidents/unresolved",
            Self::Maintenances => "scheduled-maintenances",
            Self::Upcoming => "scheduled-maintenances/upcoming",
            Self::Active => "scheduled-maintenances/active",
        }
    }

    /// The last change of the file's content.
    pub(super) fn change(self, status: &Status) -> Change {
        let changes = &status.changes;
        // A list includes the current status of its components.
        let named = || {
            let named = self.listed(status).into_iter().flat_map(|incident| &incident.components);
            named.map(|id| status.standing(id).status).fold(Change::default(), Change::later)
        };
        let components = || {
            let standings = status.components.values().map(|standing| standing.status);
            standings.fold(changes.unmentioned, Change::later)
        };
        match self {
            Self::Status => changes.overall,
            Self::Components => components(),
            Self::Summary => {
                let lists = changes.unresolved.later(changes.maintenance);
                lists.later(changes.overall).later(components())
            }
            Self::Incidents => changes.incidents.later(named()),
            Self::Unresolved => changes.unresolved.later(named()),
            Self::Maintenances | Self::Upcoming | Self::Active => {
                changes.maintenance.later(named())
            }
        }
    }

    /// The incidents of its list. The summary has two lists, which belong to other files.
    fn listed(self, status: &Status) -> Vec<&Incident> {
        let all = |maintenance: bool| {
            listed(status.kept().filter(|kept| kept.is_maintenance() == maintenance))
        };
        let going_on = |stage: Stage| {
            let mut all = planned_and_running(status);
            all.retain(|maintenance| maintenance.stage == stage);
            all
        };
        match self {
            Self::Status | Self::Components | Self::Summary => Vec::new(),
            Self::Incidents => all(false),
            Self::Unresolved => status.open.values().rev().map(AsRef::as_ref).collect(),
            Self::Maintenances => all(true),
            Self::Upcoming => going_on(Stage::Scheduled),
            Self::Active => going_on(Stage::InProgress),
        }
    }
}

fn planned_and_running(status: &Status) -> Vec<&Incident> {
    let mut all: Vec<&Incident> = status.maintenance.values().map(AsRef::as_ref).collect();
    all.sort_by_key(|maintenance| (maintenance.began(), maintenance.number));
    all
}

/// The newest, and all current ones.
fn listed<'a>(kept: impl Iterator<Item = &'a Incident>) -> Vec<&'a Incident> {
    let mut listed: Vec<&Incident> = kept.collect();
    listed.sort_by_key(|incident| (incident.resolved.is_some(), Reverse(incident.number)));
    listed.truncate(LISTED_MAX);
    listed.sort_by_key(|incident| Reverse(incident.number));
    listed
}

/// The data that all files share.
pub(super) struct Api<'a> {
    site: &'a Site,
    base_url: &'a BaseUrl,
    status: &'a Status,
    page_id: String,
    /// The components outside of groups, or in them, by id, as JSON.
    leaves: BTreeMap<&'a str, String>,
}

impl<'a> Api<'a> {
    pub(super) fn new(site: &'a Site, base_url: &'a BaseUrl, status: &'a Status) -> Self {
        let known_by = if base_url.base.is_empty() { &site.config.title } else { &base_url.base };
        let page_id = short_id(known_by);
        let mut api = Self { site, base_url, status, page_id, leaves: BTreeMap::new() };
        let impacts = status.impacts();
        let mut loose = 0;
        for group in &site.config.groups {
            let group_id = group_id(group);
            for (index, component) in group.components.iter().enumerate() {
                let mut position = index + 1;
                if group_id.is_none() {
                    loose += 1;
                    position = loose;
                }
                let impact = impacts.get(&component.id).copied();
                let leaf = api.leaf(component, impact, position, group_id.as_deref());
                api.leaves.insert(&component.id, leaf);
            }
        }
        api
    }

    pub(super) fn names(&self) -> &ComponentNames {
        &self.status.component_names
    }

    /// A file with the given last change.
    pub(super) fn file(&self, file: ApiFile, change: Change, cache: &RenderCache) -> String {
        let page = self.page(change);
        let listed = |file: ApiFile| self.incidents(&file.listed(self.status), cache);
        let fields = match file {
            ApiFile::Status => vec![("status", self.overall())],
            ApiFile::Components => vec![("components", self.components())],
            ApiFile::Summary => {
                let maintenances = self.incidents(&planned_and_running(self.status), cache);
                vec![
                    ("components", self.components()),
                    ("incidents", listed(ApiFile::Unresolved)),
                    ("scheduled_maintenances", maintenances),
                    ("status", self.overall()),
                ]
            }
            ApiFile::Incidents | ApiFile::Unresolved => vec![("incidents", listed(file))],
            ApiFile::Maintenances | ApiFile::Upcoming | ApiFile::Active => {
                vec![("scheduled_maintenances", listed(file))]
            }
        };
        let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
        object(&[("page", page.as_str())].into_iter().chain(fields).collect::<Vec<_>>())
    }

    fn page(&self, change: Change) -> String {
        let base = self.base_url.base.as_str();
        json(&PageJson {
            id: &self.page_id,
            name: &self.site.config.title,
            url: if base.is_empty() { "/" } else { base },
            time_zone: &self.site.config.time_zone_name,
            updated_at: Millis(change.at),
        })
    }

    fn overall(&self) -> String {
        let (indicator, description) = match self.status.impact() {
            None => ("none", "All Systems Operational"),
            Some(Impact::Maintenance) => ("maintenance", "Service Under Maintenance"),
            Some(Impact::Minor) => ("minor", "Partially Degraded Service"),
            Some(Impact::Major) => ("major", "Partial System Outage"),
            Some(Impact::Critical) => ("critical", "Major Service Outage"),
        };
        json(&OverallJson { indicator, description })
    }

    /// In the order of the page; a group before its components.
    fn components(&self) -> String {
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
        list(components)
    }

    fn leaf(
        &self,
        component: &Component,
        impact: Option<Impact>,
        position: usize,
        group_id: Option<&str>,
    ) -> String {
        let zone = &self.site.config.time_zone;
        let start = self.status.since.map(|since| since.to_zoned(zone.clone()).date().to_string());
        json(&ComponentJson {
            id: &component.id,
            name: &component.name,
            status: component_status(impact),
            created_at: self.since(),
            updated_at: Millis(self.status.standing(&component.id).status.at),
            position,
            description: component.description.as_deref(),
            showcase: true,
            start_date: start,
            group_id,
            page_id: &self.page_id,
            group: false,
            only_show_if_degraded: false,
            components: None,
        })
    }

    fn group(&self, group: &Group, id: &str, position: usize) -> String {
        let ids: Vec<&str> = group.components.iter().map(|leaf| leaf.id.as_str()).collect();
        let worst = ids.iter().filter_map(|id| self.status.impact_on(id)).max();
        let changed = ids.iter().map(|id| self.status.standing(id).status.at).max();
        json(&ComponentJson {
            id,
            name: group.name.as_deref().unwrap_or_default(),
            status: component_status(worst),
            created_at: self.since(),
            updated_at: changed.map_or_else(|| self.since(), Millis),
            position,
            description: group.description.as_deref(),
            showcase: false,
            start_date: None,
            group_id: None,
            page_id: &self.page_id,
            group: true,
            only_show_if_degraded: false,
            components: Some(ids),
        })
    }

    fn incidents(&self, incidents: &[&Incident], cache: &RenderCache) -> String {
        list(incidents.iter().filter_map(|incident| {
            let fields = &cache.of(incident.number)?.json_fields;
            let ids = incident.components.iter();
            let components = list(ids.filter_map(|id| self.leaves.get(id.as_str())));
            Some(format!("{{{fields},\"components\":{components}}}"))
        }))
    }

    /// The part that depends on the incident alone, not on its components' status.
    pub(super) fn incident_fields(&self, incident: &Incident) -> String {
        let monitoring = |update: &&Update| update.stage == Stage::Monitoring;
        let monitored = incident.updates.iter().rev().find(monitoring);
        let updates = newest_updates(incident).into_iter();
        json_fields(&IncidentJson {
            id: incident.number.to_string(),
            name: &incident.title,
            status: stage_word(incident.stage),
            created_at: Millis(incident.opened),
            updated_at: Millis(last_change(incident)),
            monitoring_at: monitored.map(|update| Millis(update.at)),
            resolved_at: incident.resolved.map(Millis),
            impact: incident.impact.word(),
            shortlink: self.base_url.incident(incident.number),
            started_at: Millis(incident.began()),
            page_id: &self.page_id,
            incident_updates: updates
                .map(|(index, update)| self.update(incident, index, update))
                .collect(),
            reminder_intervals: (),
            next_update_by: incident.next_update_by.map(Millis),
            scheduled_for: incident.window.map(|window| Millis(window.from)),
            scheduled_until: incident.window.map(|window| Millis(window.until)),
        })
    }

    fn update<'i>(
        &'i self,
        incident: &'i Incident,
        index: usize,
        update: &'i Update,
    ) -> UpdateJson<'i> {
        let words = self.site.told(incident, index);
        let body = match update.stage {
            stage @ Stage::Cancelled if !update.text.is_empty() => {
                format!("{}: {words}", self.site.texts.stage(stage))
            }
            _ => words,
        };
        let before = index.checked_sub(1).and_then(|before| incident.updates.get(before));
        UpdateJson {
            id: format!("{}-{}", incident.number, update.number),
            status: stage_word(update.stage),
            body,
            incident_id: incident.number.to_string(),
            created_at: Millis(update.at),
            updated_at: Millis(changed(update)),
            display_at: Millis(update.at),
            affected_components: self.affected_components(before, update),
            deliver_notifications: true,
            custom_tweet: (),
            tweet_id: (),
        }
    }

    /// Components whose status an update changed or confirmed; `None` if neither it nor the
    /// previous one names any.
    fn affected_components<'i>(
        &'i self,
        before: Option<&'i Update>,
        update: &'i Update,
    ) -> Option<Vec<AffectedJson<'i>>> {
        let named = before.map_or(&[][..], |before| &before.components);
        let gone = named.iter().filter(|id| !update.components.contains(id));
        let after = |update: Option<&Update>, id: &String| {
            let felt = update.filter(|u| is_felt(u.stage) && u.components.contains(id));
            component_status(felt.map(|update| update.impact))
        };
        let affected = update.components.iter().chain(gone).map(|id| AffectedJson {
            code: id,
            name: self.site.config.component_name(id, &self.status.component_names),
            old_status: after(before, id),
            new_status: after(Some(update), id),
        });
        Some(affected.collect::<Vec<_>>()).filter(|affected| !affected.is_empty())
    }

    /// The creation of the page, as far as the log knows.
    fn since(&self) -> Millis {
        Millis(self.status.since.unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

/// True if users of a component are affected in this stage.
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

/// Clients fail on an unknown word, so a cancelled maintenance is "completed"; its last update
/// explains.
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

/// A group's id: made from its name, and different from every component's. `None` for components
/// without a group.
fn group_id(group: &Group) -> Option<String> {
    group.name.as_ref().map(|name| format!("group_{}", short_id(name)))
}

/// Twelve characters, like Statuspage's ids.
fn short_id(name: &str) -> String {
    let mut id = sha256_hex(name.as_bytes());
    id.truncate(12);
    id
}
