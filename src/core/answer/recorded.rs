//! The answer to a command that was recorded.

use jiff::Timestamp;

use super::{Answer, Card, Mood, corrected, launch, on_call, response};
use crate::core::commands::lines::window_words;
use crate::core::commands::redact;
use crate::core::config::Config;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Impact, Number, Stage, title_of};
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{Response, Topic, Visibility};
use crate::core::response::overview::overview;
use crate::core::text::Text;
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::{spoken, spoken_with_weekday};

/// Whether the page shows a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// It does.
    Done {
        /// How long that took from the message's arrival, in milliseconds, if it was measured.
        elapsed_ms: Option<u64>,
    },
    /// Not yet.
    Late,
}

/// What a card tells of a record's main event.
struct Told<'a> {
    number: Number,
    title: String,
    impact: Impact,
    stage: Stage,
    text: &'a Text,
    done: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl<'a> Told<'a> {
    /// From the record alone, so that it can be told again.
    fn of(record: &'a Record, config: &Config) -> Option<Self> {
        let event = main_event(record)?;
        let (number, title, impact, stage, text) = match event {
            StatusEvent::Opened { number, impact, text, .. } => {
                (*number, title_of(text), *impact, Stage::Investigating, text)
            }
            StatusEvent::Updated { number, title, impact, stage, text, .. }
            | StatusEvent::Corrected { number, title, impact, stage, text, .. } => {
                (*number, title.clone(), *impact, *stage, text)
            }
            StatusEvent::Reopened { number, title, impact, text, .. } => {
                (*number, title.clone(), *impact, Stage::Investigating, text)
            }
            StatusEvent::PostMortem { number, title, impact, text, .. } => {
                (*number, title.clone(), *impact, Stage::PostMortem, text)
            }
            StatusEvent::Scheduled { number, window, text, .. } => {
                (*number, title_of(text), Impact::Maintenance, window.stage(record.at), text)
            }
            StatusEvent::Extended { number, title, stage, text, .. } => {
                (*number, title.clone(), Impact::Maintenance, *stage, text)
            }
            _ => return None,
        };
        let done = done(record)?;
        let facts = facts(event, config);
        Some(Self { number, title, impact, stage, text, done, facts })
    }
}

/// The event that a command called for; `None` in a record of bookkeeping alone. What stands
/// beside it in its record (days that began, what was brought back or evicted) only came with it.
#[must_use]
pub fn main_event(record: &Record) -> Option<&StatusEvent> {
    record.status().filter(|event| participle(event, record.at).is_some()).last()
}

/// What a record did, in a word such as `opened`; `None` in a record of bookkeeping alone.
#[must_use]
pub fn done(record: &Record) -> Option<&'static str> {
    participle(main_event(record)?, record.at)
}

fn participle(event: &StatusEvent, at: Timestamp) -> Option<&'static str> {
    Some(match event {
        StatusEvent::Opened { .. } => "opened",
        StatusEvent::Updated { stage: Stage::Resolved, .. } => "closed",
        StatusEvent::Updated { stage: Stage::Completed, .. } => "completed",
        StatusEvent::Updated { stage: Stage::Cancelled, .. } => "cancelled",
        StatusEvent::Updated { .. } => "updated",
        StatusEvent::Reopened { .. } => "reopened",
        StatusEvent::PostMortem { .. } => "post-mortem added",
        StatusEvent::Scheduled { window, .. } if window.stage(at) == Stage::InProgress => "begun",
        StatusEvent::Scheduled { .. } => "scheduled",
        StatusEvent::Extended { .. } => "extended",
        StatusEvent::Corrected { .. }
        | StatusEvent::Amended { .. }
        | StatusEvent::Retitled { .. } => "corrected",
        StatusEvent::Withdrawn { .. } => "withdrawn",
        StatusEvent::Unpublished { .. } => "unpublished",
        StatusEvent::Duplicated { .. } => "closed as a duplicate",
        StatusEvent::Backfilled { .. } => "added",
        StatusEvent::Rescheduled { .. } | StatusEvent::UpdateMoved { .. } => "moved",
        StatusEvent::Undone { .. } => "undone",
        StatusEvent::TextRemoved { .. }
        | StatusEvent::Day { .. }
        | StatusEvent::Overdue { .. }
        | StatusEvent::Recalled { .. }
        | StatusEvent::Evicted { .. } => return None,
    })
}

fn facts(event: &StatusEvent, config: &Config) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let zone = &config.time_zone;
    let (components, next) = match event {
        StatusEvent::Opened { impact, components, next_update_by, .. } => {
            facts.push(("Impact", impact.word().to_owned()));
            (components.as_slice(), *next_update_by)
        }
        StatusEvent::Updated { impact, stage, components, next_update_by, .. } => {
            if *impact != Impact::Maintenance && !stage.is_end() {
                facts.push(("Impact", impact.word().to_owned()));
            }
            (components.as_deref().unwrap_or_default(), *next_update_by)
        }
        StatusEvent::Reopened { impact, next_update_by, .. } => {
            facts.push(("Impact", impact.word().to_owned()));
            (&[] as &[String], *next_update_by)
        }
        StatusEvent::Scheduled { window, components, .. } => {
            facts.push(("When", window_words(*window, config)));
            (components.as_slice(), None)
        }
        StatusEvent::Extended { until, .. } => {
            facts.push(("Until", spoken_with_weekday(*until, zone)));
            (&[] as &[String], None)
        }
        _ => (&[] as &[String], None),
    };
    if !components.is_empty() {
        let names: Vec<&str> = components.iter().map(|id| config.component_name(id)).collect();
        facts.push(("Affected", names.join(", ")));
    }
    if let Some(next) = next {
        facts.push(("Next", format!("update promised by {}", spoken(next, zone))));
    }
    facts
}

/// The answer to a command that was recorded. It is told from the record alone, so that it can be
/// told again.
#[must_use]
pub fn recorded(
    record: &Record,
    state: &State,
    publication: Publication,
    config: &Config,
) -> Answer {
    let mut answer = told(record, state, publication, config);
    match &mut answer {
        Answer::Card(card) => card.hints.extend(carried(record)),
        Answer::Sentence(text) => {
            for said in carried(record) {
                *text = format!("{text}\n\n{}", escape(&said));
            }
        }
    }
    answer.linking(carried_links(record))
}

/// Where the messages lead that the answer to a record carries.
fn carried_links(record: &Record) -> impl Iterator<Item = &(String, String)> {
    record.deliveries().filter_map(|event| match event {
        DeliveryEvent::Carried { link, .. } => link.as_ref(),
        _ => None,
    })
}

/// The same without what it says for others.
fn told(record: &Record, state: &State, publication: Publication, config: &Config) -> Answer {
    if let Some(sentence) = redact::recorded(record) {
        return Answer::Sentence(sentence);
    }
    if let Some(answer) = corrected::corrected(record, state, config) {
        return answer;
    }
    let told = Told::of(record, config);
    let Some(Told { number, title, impact, stage, text, done, mut facts }) = told else {
        return internal(record, state, publication, config);
    };
    let title = state.status.incident(number).map_or(title, |incident| incident.title.clone());
    let mood = match (stage, impact) {
        (Stage::Resolved | Stage::PostMortem | Stage::Completed, _) => Mood::Good,
        (_, Impact::Maintenance) => Mood::Neutral,
        (_, Impact::Minor) => Mood::Warning,
        (_, Impact::Major | Impact::Critical) => Mood::Attention,
    };
    facts.extend(record.response().filter_map(|event| response::fact(event, config)));
    facts.push(("State", stage.word().to_owned()));
    let update = main_event(record).and_then(StatusEvent::update);
    facts.extend(update.map(|update| ("Update", update.to_string())));
    facts.push(("Revision", record.revision.to_string()));
    facts.push(("Page", publication.words()));
    let is_published =
        record.response().any(|event| matches!(event, ResponseEvent::Published { .. }));
    let done = if is_published { "published" } else { done };
    let is_title = title == title_of(text);
    let text = behind_title(&title, is_title, &text.to_plain());
    let (hints, guides) = hints(record, state, config);
    let page = config.incident_url(number).map(|url| ("Open the page".to_owned(), url));
    let kind = if impact == Impact::Maintenance { "Maintenance" } else { "Incident" };
    Answer::Card(Card {
        heading: format!("{kind} #{number} {done}"),
        text: excerpt(text.trim()),
        title,
        mood,
        facts,
        hints,
        links: page.into_iter().chain(guides).collect(),
    })
}

/// Messages that the answer to a record carries, because they could not be sent. They come from the
/// record, so that the answer can be repeated.
fn carried(record: &Record) -> impl Iterator<Item = String> {
    record.deliveries().filter_map(|event| match event {
        DeliveryEvent::Carried { said, .. } => Some(said.clone()),
        _ => None,
    })
}

/// What else is to be known, and what helps.
fn hints(record: &Record, state: &State, config: &Config) -> (Vec<String>, Vec<(String, String)>) {
    let (mut hints, links) = response::hints(record, state, config);
    hints.extend(launch::hint(record));
    (hints, links)
}

/// Where the title is the first line of a text, it is not repeated.
fn behind_title(title: &str, is_title: bool, text: &str) -> String {
    let behind = text.strip_prefix(title).filter(|rest| rest.is_empty() || rest.starts_with('\n'));
    behind.filter(|_| is_title).unwrap_or(text).to_owned()
}

/// The answer to a record that changed nothing but a launch.
fn launched(record: &Record, state: &State, config: &Config) -> Option<Card> {
    let (number, done) = launch::done(record)?;
    let (hints, links) = hints(record, state, config);
    let known = state.response(number);
    Some(Card {
        heading: format!("{} #{number} {done}", kind(known)),
        title: known.map_or(String::new(), |known| known.title.clone()),
        mood: Mood::Neutral,
        facts: vec![("Revision", record.revision.to_string())],
        text: String::new(),
        hints,
        links,
    })
}

fn kind(known: Option<&Response>) -> &'static str {
    let is_drill = known.is_some_and(|response| response.visibility == Visibility::Drill);
    if is_drill { "Drill" } else { "Incident" }
}

/// The text of the task or action item that a record finishes.
fn finished(record: &Record, known: Option<&Response>) -> String {
    let todo = record.response().find_map(|event| match event {
        ResponseEvent::TaskDone { task, .. } => known?.tasks.iter().find(|it| it.id == *task),
        ResponseEvent::ActionDone { action, .. } => {
            known?.actions.iter().find(|it| it.id == *action)
        }
        _ => None,
    });
    todo.map_or(String::new(), |todo| todo.text.to_plain())
}

/// The answer to a record that changed nothing on the page.
fn internal(record: &Record, state: &State, publication: Publication, config: &Config) -> Answer {
    let Some(told) = response::Told::of(record, config) else {
        let bare = || Answer::Sentence(format!("Recorded as revision {}.", record.revision));
        if let Some(card) = launched(record, state, config) {
            return Answer::Card(card);
        }
        return on_call::recorded(record, config).map_or_else(bare, Answer::Card);
    };
    let response::Told { number, done, mood, text, is_title, mut facts } = told;
    let known = state.response(number);
    facts.push(("Revision", record.revision.to_string()));
    if record.response().any(|event| matches!(event, ResponseEvent::Reviewed { .. })) {
        facts.push(("Document", publication.document(number)));
    }
    let (hints, links) = hints(record, state, config);
    let title = known.map_or(String::new(), |response| response.title.clone());
    let text = if text.is_empty() { finished(record, known) } else { text };
    let is_review = record.response().any(|it| matches!(it, ResponseEvent::Reviewed { .. }));
    let summary = known.filter(|_| is_review).map(|response| summary(response, config));
    let text = summary.unwrap_or_else(|| behind_title(&title, is_title, &text));
    Answer::Card(Card {
        heading: format!("{} #{number} {}", kind(known), escape(&done)),
        title,
        mood,
        facts,
        text: excerpt(text.trim()),
        hints,
        links,
    })
}

/// The summary that somebody wrote for the review, or what is known.
fn summary(response: &Response, config: &Config) -> String {
    if let Some(reply) = response.reply(Topic::Summary) {
        return reply.text.to_plain();
    }
    let names = response.components.iter().map(|id| config.component_name(id).to_owned());
    overview(response, &names.collect::<Vec<_>>(), &config.time_zone).join(" ")
}

impl Publication {
    fn words(self) -> String {
        match self {
            Self::Done { elapsed_ms: None } => "published".to_owned(),
            Self::Done { elapsed_ms: Some(ms) } => format!("published in {}", duration(ms)),
            Self::Late => "recorded, not published yet: it follows by itself".to_owned(),
        }
    }

    /// Where a review is, or is to be.
    fn document(self, number: Number) -> String {
        let key = format!("reviews/{number:010}.md in the container “state”");
        match self {
            Self::Done { .. } => key,
            Self::Late => format!("{key}, not written yet: it follows by itself"),
        }
    }
}

fn duration(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}
