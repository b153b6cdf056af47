//! The answer to a recorded command.

use super::response::main_response;
use super::{Answer, Card, corrected, leftovers, on_call, response};
use crate::commands::next_step::{next_after, next_step};
use crate::commands::on_call::reach::{below_announcement, first_on_call};
use crate::commands::standing::Standing;
use crate::commands::{guide, redact};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Number, Stage, title_of};
use crate::launch::events::LaunchEvent;
use crate::log::record::{Event, Record};
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::response::events::ResponseEvent;
use crate::response::model::{Response, Topic, Visibility};
use crate::response::overview::overview;
use crate::text::capitalised;
use crate::text::card::Line;
use crate::text::markdown::{escape, excerpt};
use crate::timeline::Narrator;

/// The longest text on a card, in characters.
const TEXT_CHARS_MAX: usize = 76;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    Done,
    /// The page is not up to date yet.
    Late,
}

/// The event that the command asked for, without side effects such as new days, recalls and
/// evictions; `None` for a record of bookkeeping only.
#[must_use]
pub fn main_event(record: &Record) -> Option<&StatusEvent> {
    let is_main = |event: &&StatusEvent| {
        !matches!(
            event,
            StatusEvent::TextRemoved { .. }
                | StatusEvent::Day { .. }
                | StatusEvent::Overdue { .. }
                | StatusEvent::Recalled { .. }
                | StatusEvent::Evicted { .. }
        )
    };
    record.status().filter(is_main).last()
}

/// A record in a log line: a word such as `opened`, or the family of its events.
#[must_use]
pub fn done(record: &Record, config: &Config) -> &'static str {
    let told = main_event(record).and_then(|event| Narrator::of(record, config).public(event));
    told.map_or(record.family(), |told| told.done)
}

/// The answer to a recorded command: its effect, and the state after it.
#[must_use]
pub fn recorded(
    record: &Record,
    state: &State,
    publication: Publication,
    config: &Config,
) -> Answer {
    let mut answer = told(record, state, publication, config);
    match &mut answer {
        Answer::Card(card) => {
            for said in carried(record) {
                card.hints.extend(said.lines().map(Line::words));
                let on_call = below_announcement(said, state, record.at, config);
                card.hints.extend(on_call.map(Line::words));
            }
        }
        Answer::Sentence(text) => {
            for said in carried(record) {
                *text = format!("{text}\n\n{}", escape(said));
                if let Some(on_call) = below_announcement(said, state, record.at, config) {
                    *text = format!("{text}\n\n{}", escape(&on_call));
                }
            }
        }
    }
    answer.linking(carried_links(record))
}

/// The links of the messages that the answer carries.
fn carried_links(record: &Record) -> impl Iterator<Item = &(String, String)> {
    record.deliveries().filter_map(|event| match event {
        DeliveryEvent::Carried { link, .. } => link.as_ref(),
        _ => None,
    })
}

/// The answer without carried messages.
fn told(record: &Record, state: &State, publication: Publication, config: &Config) -> Answer {
    if let Some(sentence) = redact::recorded(record, state, config) {
        return Answer::Sentence(sentence);
    }
    if let Some(answer) = corrected::corrected(record, state, config) {
        return answer;
    }
    let card = public(record, state, config)
        .or_else(|| internal(record, state, config))
        .or_else(|| launched(record, state, config))
        .or_else(|| on_call::recorded(record, state, config));
    let Some(mut card) = card else {
        return Answer::Sentence("Recorded.".to_owned());
    };
    if publication == Publication::Late {
        let is_review =
            record.response().any(|event| matches!(event, ResponseEvent::Reviewed { .. }));
        card.warnings.push(Line::words(if is_review {
            "The review is not written yet. That will be retried automatically."
        } else {
            "Publishing is delayed and will be retried automatically."
        }));
    }
    Answer::Card(card)
}

/// Messages that could not be sent, so the answer carries them. They are in the record, so that the
/// answer can be repeated.
fn carried(record: &Record) -> impl Iterator<Item = &str> {
    record.deliveries().filter_map(|event| match event {
        DeliveryEvent::Carried { said, .. } => Some(said.as_str()),
        _ => None,
    })
}

/// The head of an incident's card.
fn head(standing: &Standing, title: &str) -> Card {
    let (state, tone) = standing.state();
    let title = short(title);
    Card { title: format!("#{} {title}", standing.number), state, tone, ..Card::default() }
}

/// The answer to a record that changed the page.
fn public(record: &Record, state: &State, config: &Config) -> Option<Card> {
    let event = main_event(record)?;
    let number = event.number()?;
    let text = event.text()?;
    let standing = Standing::of(number, state, record.at, config);
    let of_text = title_of(text);
    let title = standing.incident.map_or(of_text.as_str(), |incident| &incident.title);
    let behind = behind_title(title, title == of_text, &text.to_plain());
    let what = public_words(event, record, config);
    let is_bare = behind.trim().is_empty() && what.starts_with("Update ");
    let mut card = head(&standing, title);
    if !matches!(event, StatusEvent::Corrected { .. }) {
        (card.state, card.tone) = standing.state_at(event.update());
    }
    card.lines.extend(line(&what, &behind).filter(|_| !is_bare));
    card.people = standing.people().map(|people| Line::words(capitalised(&people)));
    card.links.extend(config.incident_url(number).map(|url| ("Page".to_owned(), url)));
    after(&mut card, record, &standing, config);
    Some(card)
}

/// The effect of a public event, unless the incident's state shows it.
fn public_words(event: &StatusEvent, record: &Record, config: &Config) -> String {
    if !matches!(event, StatusEvent::Opened { .. }) {
        let told = Narrator::of(record, config).public(event);
        return told.map_or(String::new(), |told| told.on_a_card().to_owned());
    }
    if record.response().any(|event| matches!(event, ResponseEvent::Published { .. })) {
        return "Published".to_owned();
    }
    response::details(record, config)
}

/// An event and its text in a line.
fn line(what: &str, text: &str) -> Option<Line> {
    let text = short(text);
    match (what.is_empty(), text.is_empty()) {
        (true, true) => None,
        (false, true) => Some(Line::words(what)),
        (true, false) => Some(Line::words(text)),
        (false, false) => Some(Line::words(format!("{what}: {text}"))),
    }
}

/// A text cut to one line.
fn short(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= TEXT_CHARS_MAX {
        return words;
    }
    let start: String = words.chars().take(TEXT_CHARS_MAX).collect();
    format!("{}…", start.trim_end())
}

/// Adds warnings, duties, the next command and hints.
fn after(card: &mut Card, record: &Record, standing: &Standing, config: &Config) {
    for event in &record.events {
        match event {
            Event::Status(StatusEvent::Opened { components, .. })
            | Event::Response(ResponseEvent::Declared { components, .. }) => {
                card.links.extend(guide::on_card(components, config));
                let on_call = first_on_call(components, None, standing.state, record.at, config);
                card.lines.extend(on_call.map(Line::words));
            }
            Event::Status(StatusEvent::Updated { stage: Stage::Resolved, .. })
            | Event::Response(ResponseEvent::Updated { stage: Stage::Resolved, .. }) => {
                let closed = standing.response.into_iter();
                card.warnings.extend(closed.clone().flat_map(leftovers::warnings));
                card.lines.extend(closed.filter_map(leftovers::missing));
            }
            _ => {}
        }
    }
    card.details.extend(response::duties(
        record,
        (!standing.is_alone()).then_some(standing.number),
        config,
    ));
    card.next = next_step(standing).map(|next| Line::with_commands(&next));
    card.hints.extend(launch_of(record).map(launch_hint));
}

/// Drops the first line if it is the title, to avoid repeating it.
fn behind_title(title: &str, is_title: bool, text: &str) -> String {
    let behind = text.strip_prefix(title).filter(|rest| rest.is_empty() || rest.starts_with('\n'));
    behind.filter(|_| is_title).unwrap_or(text).to_owned()
}

/// The answer to a record that changed only a launch.
fn launched(record: &Record, state: &State, config: &Config) -> Option<Card> {
    let number = launch_of(record)?;
    let narrator = Narrator::of(record, config);
    let mut events = record.events.iter().filter(|event| matches!(event, Event::Launch(_)));
    let told = events.find_map(|event| narrator.narrate(event))?;
    let standing = Standing::of(number, state, record.at, config);
    let title = standing.response.map_or("", |known| &known.title);
    let mut card = head(&standing, title);
    card.lines.push(Line::words(capitalised(&told.what)));
    card.next = Some(launch_hint(number));
    Some(card)
}

/// The incident whose launch a record changed.
fn launch_of(record: &Record) -> Option<Number> {
    record.launches().find_map(LaunchEvent::number)
}

fn launch_hint(number: Number) -> Line {
    Line::with_commands(&format!("How far its launch is: `launch status #{number}`"))
}

fn noted(event: &ResponseEvent) -> Option<String> {
    match event {
        ResponseEvent::Noted { text, .. } => Some(text.to_plain()).filter(|text| !text.is_empty()),
        _ => None,
    }
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
fn internal(record: &Record, state: &State, config: &Config) -> Option<Card> {
    let event = main_response(record)?;
    let told = Narrator::of(record, config).internal(event)?;
    let number = event.number()?;
    let standing = Standing::of(number, state, record.at, config);
    let known = standing.response;
    let title = known.map_or("", |response| &response.title);
    let is_title = matches!(event, ResponseEvent::Declared { .. });
    let what =
        if is_title { response::details(record, config) } else { capitalised(told.on_a_card()) };
    let noted = || record.response().find_map(noted);
    let text = Some(told.text).filter(|text| !text.is_empty()).or_else(noted);
    let text = text.unwrap_or_else(|| finished(record, known));
    let is_review = record.response().any(|it| matches!(it, ResponseEvent::Reviewed { .. }));
    let mut card = head(&standing, title);
    card.lines.extend(line(&what, &behind_title(title, is_title, &text)));
    let is_role = record.response().any(|it| matches!(it, ResponseEvent::Assigned { .. }));
    let people = standing.people().filter(|_| !is_role);
    card.people = people.map(|people| Line::words(capitalised(&people)));
    after(&mut card, record, &standing, config);
    if let Some(response) = known.filter(|_| is_review) {
        card.lines.push(Line::words(excerpt(summary(response, state, config).trim())));
        card.details.extend(response::review_details(record, state));
    }
    if let Some(next) = next_after(event) {
        card.next = Some(Line::with_commands(&next));
    }
    let is_internal = known.is_some_and(|known| known.visibility == Visibility::Internal);
    if is_title && is_internal {
        let publish = format!("publish #{number} <text>");
        card.hints.push(Line::words("To put it on the page: ").command(publish));
    }
    Some(card)
}

/// The review's summary: the one that somebody wrote, or a draft.
fn summary(response: &Response, state: &State, config: &Config) -> String {
    if let Some(reply) = response.reply(Topic::Summary) {
        return reply.text.to_plain();
    }
    let known = &state.status.component_names;
    let names = response.components.iter().map(|id| config.component_name(id, known).to_owned());
    let incident = state.status.incident(response.number);
    overview(response, incident, &names.collect::<Vec<_>>(), &config.time_zone).join(" ")
}
