//! The data of the review's template. All texts are plain, because the template engine escapes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::communications::{Communication, Communications, cadence};
use super::history;
use super::sections::Sections;
pub use super::source::ReviewSource;
use super::source::local;
use super::story;
use super::timeline::{Day, timeline};
use crate::commands::review::{MissingFact, missing_facts};
use crate::commands::statistics::missing;
use crate::config::Config;
use crate::incident::model::{Impact, Incident};
use crate::incident::severity::Severity;
use crate::launch::progress::Progress;
use crate::response::milestone::{Milestone, ReadingSource as Known};
use crate::response::model::{Response, Todo, Topic, Visibility};
use crate::response::overview::{detection, start};
use crate::response::role::Role;
use crate::response::statistics::Measure;
use crate::response::summary::Summary;
use crate::text::capitalised;
use crate::text::time::rounded_length;
use crate::timeline::entries;

/// Kinds of action items, named by the first word of their text: `prevent: …`.
const ACTION_KINDS: [&str; 5] = ["prevent", "mitigate", "detect", "process", "investigate"];

#[derive(Debug, Serialize)]
struct Link {
    text: String,
    address: String,
}

#[derive(Debug, Serialize)]
struct MilestoneFact {
    name: String,
    at: String,
    known: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Statistic {
    name: String,
    formula: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct RoleFact {
    role: &'static str,
    topic: Option<String>,
    person: String,
    since: String,
    until: Option<String>,
}

#[derive(Debug, Serialize)]
struct Item {
    id: u32,
    kind: Option<&'static str>,
    text: String,
    owner: Option<String>,
    due: Option<String>,
    done: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Review {
    number: u32,
    title: String,
    is_drill: bool,
    is_draft: bool,
    /// The zone of all times, with its offset from UTC.
    zone: String,
    date: String,
    duration: Option<String>,
    severity: Option<u8>,
    status: &'static str,
    leads: Vec<String>,
    components: Vec<String>,
    page: Option<String>,
    work_item: Option<Link>,
    channel: Option<Link>,
    missing: Vec<MissingFact>,
    summary: String,
    detection: Option<String>,
    affected: Option<String>,
    severities: Vec<Fact>,
    impacts: Vec<Fact>,
    #[serde(flatten)]
    sections: Sections,
    milestones: Vec<MilestoneFact>,
    responders: Vec<String>,
    roles: Vec<RoleFact>,
    timeline: Vec<Day>,
    communications: Vec<Communication>,
    first_update: Option<String>,
    cadence: Option<String>,
    promises: Option<String>,
    statistics: Vec<Statistic>,
    actions: Vec<Item>,
}

impl Review {
    #[must_use]
    pub fn of(source: ReviewSource<'_>) -> Self {
        let ReviewSource { response, incident, records, progress, config, names } = source;
        let number = response.number;
        let zone = &config.time_zone;
        let components = response.components.iter();
        let components = components.map(|id| config.component_name(id, names).to_owned());
        let components: Vec<String> = components.collect();
        let entries = entries(records, response, config, names);
        let told = Communications::of(&entries, records, response, config);
        let sections = Sections::of(records, number);
        let started = began(response, incident);
        let summary = response.reply(Topic::Summary).map(|reply| reply.text.to_plain());
        let draft = || story::draft((response, incident), &components, &told, &sections, zone);
        let tenures = history::tenures(records, number);
        let leads = tenures.iter().filter(|held| held.role == Role::Commander);
        Self {
            number,
            title: response.title.clone(),
            is_drill: response.visibility == Visibility::Drill,
            is_draft: response.is_open(),
            zone: zone_name(started, config),
            date: started.map_or_else(String::new, |at| local(at, zone, "%Y-%m-%d")),
            duration: duration(response, started),
            severity: response.severity.map(Severity::number),
            status: if response.is_open() { "Open" } else { "Resolved" },
            leads: distinct(leads.map(|held| held.person.name.clone())),
            page: config.incident_url(number).filter(|_| response.is_public()),
            work_item: progress
                .and_then(Progress::work_item)
                .map(|item| Link { text: item.id.to_string(), address: item.url.clone() }),
            channel: progress
                .and_then(Progress::channel)
                .map(|channel| Link { text: channel.name.clone(), address: channel.url.clone() }),
            missing: missing_facts(response),
            summary: summary.unwrap_or_else(draft),
            detection: detection(response),
            affected: response.reply(Topic::Affected).map(|reply| reply.text.to_plain()),
            severities: severities(source, started),
            impacts: incident.map(impacts).unwrap_or_default(),
            sections,
            milestones: milestones(response, zone),
            responders: history::responders(records),
            roles: tenures.into_iter().map(|tenure| role(tenure, zone)).collect(),
            timeline: timeline(source, &entries),
            first_update: told.first_update(response),
            cadence: cadence(response, config),
            promises: told.promises(),
            communications: told.list,
            statistics: statistics(response),
            actions: response.actions.iter().map(|action| item(action, zone)).collect(),
            components,
        }
    }
}

/// The start, or the declaration if no start is known.
fn began(response: &Response, incident: Option<&Incident>) -> Option<Timestamp> {
    start(response, incident).or_else(|| response.milestones.at(Milestone::Declared))
}

fn duration(response: &Response, began: Option<Timestamp>) -> Option<String> {
    let end = response.milestones.at(Milestone::Resolved)?;
    let length = Some(end.duration_since(began?)).filter(|length| !length.is_negative());
    length.map(rounded_length)
}

const DATE_TIME: &str = "%Y-%m-%d %H:%M";

fn zone_name(at: Option<Timestamp>, config: &Config) -> String {
    let name = &config.time_zone_name;
    match at.map(|at| config.time_zone.to_offset(at)) {
        Some(offset) if name != "UTC" => format!("{name}, UTC{offset}"),
        _ => name.clone(),
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// The time in each severity, including the time before the first one, counted from the start.
fn severities(source: ReviewSource<'_>, started: Option<Timestamp>) -> Vec<Fact> {
    let spans = history::severities(source.records, source.response.number, started).into_iter();
    // A value that was corrected at once never counted.
    let spans = spans.filter(|(_, sum)| !sum.is_zero());
    let fact = |(severity, sum): (Option<Severity>, _)| Fact {
        name: severity.map_or_else(
            || "Before a severity was set".to_owned(),
            |severity| format!("Severity {}", severity.number()),
        ),
        value: rounded_length(sum),
    };
    spans.map(fact).collect()
}

fn impacts(incident: &Incident) -> Vec<Fact> {
    let fact = |(impact, sum): (Impact, _)| Fact {
        name: impact.label().to_owned(),
        value: rounded_length(sum),
    };
    history::impacts(incident).into_iter().map(fact).collect()
}

fn milestones(response: &Response, zone: &TimeZone) -> Vec<MilestoneFact> {
    let fact = |milestone: Milestone| {
        let reading = response.milestones.last(milestone)?;
        let via = reading.via.as_ref().map_or(String::new(), |via| format!("by {via}, "));
        let known = match reading.source {
            Known::Recorded => "recorded at the time",
            Known::Typed => "entered later",
        };
        let corrected = match response.milestones.readings(milestone).len() {
            0 | 1 => "",
            _ => ", corrected",
        };
        let known = format!("{via}{known}{corrected}");
        let (name, at) = (capitalised(milestone.word()), local(reading.at, zone, DATE_TIME));
        Some(MilestoneFact { name, at, known })
    };
    Milestone::ALL.into_iter().filter_map(fact).collect()
}

fn role(tenure: history::Tenure, zone: &TimeZone) -> RoleFact {
    RoleFact {
        role: tenure.role.word(),
        topic: tenure.topic,
        person: tenure.person.name,
        since: local(tenure.since, zone, "%H:%M"),
        until: tenure.until.map(|until| local(until, zone, "%H:%M")),
    }
}

pub(super) fn statistic_lines(response: &Response) -> Vec<String> {
    let lines = statistics(response).into_iter();
    lines.map(|Statistic { name, formula, value }| format!("{name}: {value} ({formula})")).collect()
}

fn statistics(response: &Response) -> Vec<Statistic> {
    let summary = Summary::of(response, None);
    let statistic = |measure: Measure| {
        let missing = missing(measure, &summary);
        let words: Vec<&str> = missing.iter().map(|milestone| milestone.word()).collect();
        let unknown = || format!("unknown: {} missing", words.join(" and "));
        let value = match measure.of(&summary.times) {
            Some(length) if length.is_negative() => measure.contradiction(),
            Some(length) => rounded_length(length),
            None => unknown(),
        };
        Statistic { name: capitalised(measure.name()), formula: measure.formula(), value }
    };
    Measure::ALL.map(statistic).into()
}

fn item(action: &Todo, zone: &TimeZone) -> Item {
    let text = action.text.to_plain();
    let named = ACTION_KINDS.into_iter().find_map(|kind| {
        let (first, rest) = text.split_once(':')?;
        first.trim().eq_ignore_ascii_case(kind).then(|| (kind, rest.trim().to_owned()))
    });
    let (kind, text) = named.map_or((None, text), |(kind, rest)| (Some(kind), rest));
    Item {
        id: action.id,
        kind,
        text,
        owner: action.assignee.as_ref().map(|person| person.name.clone()),
        due: action.due.map(|due| due.to_string()),
        done: action.done.map(|done| local(done, zone, "%Y-%m-%d")),
    }
}
