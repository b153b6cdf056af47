//! All that a review tells, as the template sees it. Every text is plain: the template's engine
//! escapes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::history;
use crate::core::answer::entries::{Kind, TimelineEntry, tell};
use crate::core::commands::review::missing_facts;
use crate::core::commands::statistics::missing;
use crate::core::config::Config;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Incident, Stage};
use crate::core::incident::severity::Severity;
use crate::core::log::record::{Event, Record};
use crate::core::response::cadence::kept;
use crate::core::response::events::ResponseEvent;
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::{Milestone, Source as Known};
use crate::core::response::model::{Response, Todo, Topic, Visibility};
use crate::core::response::statistics::Measure;
use crate::core::response::summary::Summary;
use crate::core::text::time::{spoken, spoken_length};

/// What a review is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What the responders know.
    pub response: &'a Response,
    /// What the page shows of it, where it is there.
    pub incident: Option<&'a Incident>,
    /// The records of its timeline, by revision.
    pub records: &'a [Record],
    /// The page's zone, and the names of components.
    pub config: &'a Config,
}

/// A time, in UTC and by the clocks of the page's zone.
#[derive(Debug, Serialize)]
pub struct At {
    utc: String,
    /// `None` where that zone is UTC.
    local: Option<String>,
}

#[derive(Debug, Serialize)]
struct MilestoneFact {
    name: &'static str,
    at: At,
    known: String,
}

/// Something with a value.
#[derive(Debug, Serialize)]
struct Fact {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Statistic {
    name: &'static str,
    formula: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct RoleFact {
    role: &'static str,
    topic: Option<String>,
    person: String,
    since: At,
    until: Option<At>,
}

#[derive(Debug, Serialize)]
struct Entry {
    at: At,
    /// When it was written down, where that was a minute later or more.
    recorded: Option<At>,
    by: String,
    what: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Communication {
    at: At,
    audience: String,
    place: String,
    what: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Item {
    id: u32,
    text: String,
    assignee: Option<String>,
    due: Option<String>,
    done: Option<At>,
}

/// A question about the incident, with its answers.
#[derive(Debug, Serialize)]
struct Answered {
    question: &'static str,
    answer: Option<String>,
}

/// All that a review tells.
#[derive(Debug, Serialize)]
pub struct Review {
    number: u32,
    title: String,
    is_drill: bool,
    is_draft: bool,
    on_the_page: bool,
    stage: &'static str,
    severity: Option<u8>,
    components: Vec<String>,
    zone: String,
    lacking: Vec<String>,
    milestones: Vec<MilestoneFact>,
    happened: Vec<String>,
    factors: Vec<String>,
    resolution: Vec<String>,
    affected: Option<String>,
    severities: Vec<Fact>,
    impacts: Vec<Fact>,
    responders: Vec<String>,
    roles: Vec<RoleFact>,
    timeline: Vec<Entry>,
    communications: Vec<Communication>,
    cadence: Option<String>,
    statistics: Vec<Statistic>,
    well: Vec<String>,
    badly: Vec<String>,
    actions: Vec<Item>,
    questions: Vec<Answered>,
}

impl Review {
    /// What there is to tell.
    #[must_use]
    pub fn of(source: Source<'_>) -> Self {
        let Source { response, incident, records, config } = source;
        let number = response.number;
        let zone = &config.time_zone;
        let names = response.components.iter().map(|id| config.component_name(id).to_owned());
        let notes = Notes::of(records, response);
        let mut entries: Vec<TimelineEntry> =
            records.iter().flat_map(|record| tell(record, number, zone)).collect();
        entries.sort_by_key(|entry| (entry.at, entry.revision));
        let told = |entry: &TimelineEntry| communication(entry, zone);
        let length = |length| spoken_length(length);
        // What was graded at the opening was never without a severity.
        let severities = history::severities(records, number).into_iter();
        let severities = severities.filter(|(severity, sum)| severity.is_some() || !sum.is_zero());
        let severities = severities.map(|(severity, sum)| {
            let name = severity.map_or("no severity said".to_owned(), |severity| {
                format!("severity {}", severity.number())
            });
            Fact { name, value: length(sum) }
        });
        let impacts = incident.map(history::impacts).unwrap_or_default().into_iter();
        let impacts = impacts
            .map(|(impact, sum)| Fact { name: impact.word().to_owned(), value: length(sum) });
        Self {
            number,
            title: response.title.clone(),
            is_drill: response.visibility == Visibility::Drill,
            is_draft: response.is_open(),
            on_the_page: response.is_public(),
            stage: response.stage.word(),
            severity: response.severity.map(Severity::number),
            components: names.collect(),
            zone: config.time_zone_name.clone(),
            lacking: missing_facts(response),
            milestones: milestones(response, zone),
            affected: response.reply(Topic::Affected).map(|reply| reply.text.to_plain()),
            severities: severities.collect(),
            impacts: impacts.collect(),
            responders: history::responders(records),
            roles: roles(records, response, zone),
            communications: entries.iter().filter_map(told).collect(),
            cadence: cadence(response, config),
            timeline: entries.into_iter().map(|entry| timeline(entry, zone)).collect(),
            statistics: statistics(response),
            actions: response.actions.iter().map(|action| item(action, zone)).collect(),
            questions: Question::ALL.map(|question| answered(question, response, zone)).into(),
            happened: notes.happened,
            factors: notes.factors,
            resolution: notes.resolution,
            well: notes.well,
            badly: notes.badly,
        }
    }
}

/// A time as the template sees it.
fn at(time: Timestamp, zone: &TimeZone) -> At {
    let utc = spoken(time, &TimeZone::UTC);
    let local = Some(spoken(time, zone)).filter(|local| *local != utc);
    At { utc, local }
}

fn milestones(response: &Response, zone: &TimeZone) -> Vec<MilestoneFact> {
    let fact = |milestone: Milestone| {
        let reading = response.milestones.last(milestone)?;
        let via = reading.via.as_ref().map_or(String::new(), |via| format!("by {via}, "));
        let known = match reading.source {
            Known::Recorded => "recorded when it happened",
            Known::Typed => "said afterwards",
        };
        let corrected = match response.milestones.readings(milestone).len() {
            0 | 1 => "",
            _ => ", corrected",
        };
        let known = format!("{via}{known}{corrected}");
        Some(MilestoneFact { name: milestone.word(), at: at(reading.at, zone), known })
    };
    Milestone::ALL.into_iter().filter_map(fact).collect()
}

/// What was said, by the section that it belongs to.
#[derive(Default)]
struct Notes {
    happened: Vec<String>,
    factors: Vec<String>,
    resolution: Vec<String>,
    well: Vec<String>,
    badly: Vec<String>,
}

impl Notes {
    fn of(records: &[Record], response: &Response) -> Self {
        let mut notes = Self::default();
        let number = response.number;
        for record in records {
            let is_mitigation = record.response().any(|event| {
                matches!(event, ResponseEvent::Reached { milestone, .. }
                    if matches!(milestone, Milestone::Mitigated | Milestone::Resolved))
            });
            for event in &record.events {
                match event {
                    Event::Status(event) if event.number() == Some(number) => notes.public(event),
                    Event::Response(event) if event.number() == Some(number) => {
                        notes.internal(event, is_mitigation);
                    }
                    _ => {}
                }
            }
        }
        let via = response.milestones.last(Milestone::Detected).and_then(|r| r.via.as_deref());
        match via {
            Some("customer") => notes.badly.push("A customer noticed it first.".to_owned()),
            Some("monitoring") => notes.well.push("Our monitoring noticed it.".to_owned()),
            _ => {}
        }
        notes
    }

    fn public(&mut self, event: &StatusEvent) {
        match event {
            StatusEvent::Opened { text, .. } | StatusEvent::Reopened { text, .. } => {
                push(&mut self.happened, text.to_plain());
            }
            StatusEvent::Updated { stage, text, .. } => self.updated(*stage, text.to_plain()),
            StatusEvent::PostMortem { text, .. } => push(&mut self.factors, text.to_plain()),
            _ => {}
        }
    }

    fn internal(&mut self, event: &ResponseEvent, is_mitigation: bool) {
        match event {
            ResponseEvent::Declared { text, .. } | ResponseEvent::Reopened { text, .. } => {
                push(&mut self.happened, text.to_plain());
            }
            ResponseEvent::Updated { stage, text, .. } => self.updated(*stage, text.to_plain()),
            ResponseEvent::Noted { text, .. } => self.noted(&text.to_plain(), is_mitigation),
            ResponseEvent::Tested { passed: true, text, .. } => {
                push(&mut self.resolution, text.to_plain());
            }
            _ => {}
        }
    }

    fn updated(&mut self, stage: Stage, text: String) {
        match stage {
            Stage::Identified => push(&mut self.factors, text),
            Stage::Monitoring | Stage::Resolved => push(&mut self.resolution, text),
            _ => push(&mut self.happened, text),
        }
    }

    /// A note goes to the section that its first word names.
    fn noted(&mut self, text: &str, is_mitigation: bool) {
        let (word, rest) = text.split_once(':').unwrap_or(("", text));
        let section = match word.trim().to_ascii_lowercase().as_str() {
            "factor" => &mut self.factors,
            "well" => &mut self.well,
            "badly" => &mut self.badly,
            _ if is_mitigation => return push(&mut self.resolution, text.to_owned()),
            _ => return,
        };
        push(section, rest.trim().to_owned());
    }
}

/// What says something, once.
fn push(section: &mut Vec<String>, text: String) {
    if !text.is_empty() && !section.contains(&text) {
        section.push(text);
    }
}

fn roles(records: &[Record], response: &Response, zone: &TimeZone) -> Vec<RoleFact> {
    let tenures = history::tenures(records, response.number).into_iter();
    let fact = |tenure: history::Tenure| RoleFact {
        role: tenure.role.word(),
        topic: tenure.topic,
        person: tenure.person.name,
        since: at(tenure.since, zone),
        until: tenure.until.map(|until| at(until, zone)),
    };
    tenures.map(fact).collect()
}

fn timeline(entry: TimelineEntry, zone: &TimeZone) -> Entry {
    let late = entry.recorded.duration_since(entry.at).as_mins() > 0;
    Entry {
        at: at(entry.at, zone),
        recorded: late.then(|| at(entry.recorded, zone)),
        by: entry.by,
        what: entry.what,
        text: entry.text,
    }
}

fn communication(entry: &TimelineEntry, zone: &TimeZone) -> Option<Communication> {
    let (audience, place, what) = match &entry.kind {
        Kind::Page => ("everybody".to_owned(), "on the page".to_owned(), entry.what.clone()),
        Kind::Told { audience, via } => (audience.clone(), format!("via {via}"), String::new()),
        _ => return None,
    };
    let text = entry.text.clone();
    Some(Communication { at: at(entry.at, zone), audience, place, what, text })
}

/// How well those outside were kept informed; of what goes on, nothing can be said yet.
pub(super) fn cadence(response: &Response, config: &Config) -> Option<String> {
    let gap_max = config.cadence.overdue?;
    let closed = response.milestones.at(Milestone::Closed)?;
    let kept = kept(response, gap_max, closed);
    let percent = kept.share_percent()?;
    let (gaps, over) = (kept.gaps, kept.over);
    let bound = spoken_length(gap_max);
    let longest = spoken_length(kept.longest);
    Some(format!(
        "The cadence was kept in {} of {gaps} waits for a word ({percent} %), with at most {bound} \
         between two; the longest was {longest}.",
        gaps - over
    ))
}

/// The same in lines.
pub(super) fn statistic_lines(response: &Response) -> Vec<String> {
    let lines = statistics(response).into_iter();
    lines.map(|Statistic { name, formula, value }| format!("{name}: {value} ({formula})")).collect()
}

fn statistics(response: &Response) -> Vec<Statistic> {
    let summary = Summary::of(response, None);
    let statistic = |measure: Measure| {
        let missing = missing(measure, &summary);
        let words: Vec<&str> = missing.iter().map(|milestone| milestone.word()).collect();
        let unknown = || format!("not known: {} missing", words.join(" and "));
        let value = measure.of(&summary.times).map_or_else(unknown, spoken_length);
        Statistic { name: measure.name(), formula: measure.formula(), value }
    };
    Measure::ALL.map(statistic).into()
}

fn item(action: &Todo, zone: &TimeZone) -> Item {
    Item {
        id: action.id,
        text: action.text.to_plain(),
        assignee: action.assignee.as_ref().map(|person| person.name.clone()),
        due: action.due.map(|due| due.to_string()),
        done: action.done.map(|done| at(done, zone)),
    }
}

fn answered(question: Question, response: &Response, zone: &TimeZone) -> Answered {
    let reply = |topic| response.reply(topic).map(|reply| reply.text.to_plain());
    let detected = response.milestones.last(Milestone::Detected);
    let answer = match question {
        Question::When => detected.map(|reading| {
            let At { utc, local } = at(reading.at, zone);
            local.map_or(utc.clone(), |local| format!("{utc} ({local})"))
        }),
        Question::How => detected.and_then(|reading| reading.via.clone()),
        Question::Aware => reply(Topic::Aware),
        Question::Doing => reply(Topic::Doing),
        Question::HowBad => {
            let severity = response.severity.map(|sev| format!("severity {}", sev.number()));
            let parts: Vec<String> = severity.into_iter().chain(reply(Topic::Affected)).collect();
            (!parts.is_empty()).then(|| parts.join(": "))
        }
    };
    Answered { question: question.words(), answer }
}
