//! The answers to questions.

use super::recorded::when;
use super::{Answer, deliveries, launch, on_call, standing, statistics, timeline};
use crate::core::commands::lines::drill;
use crate::core::commands::view::View;
use crate::core::commands::{self, Subject};
use crate::core::config::Config;
use crate::core::decide::Asked;
use crate::core::incident::model::{Impact, Incident};
use crate::core::incident::status::Status;
use crate::core::log::state::State;
use crate::core::response::model::Visibility;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken;

/// The answer to a question. `published` is the revision that the page shows, if it is known.
#[must_use]
pub fn report(
    asked: &Asked,
    state: &State,
    published: Option<u64>,
    config: &Config,
    bot: &str,
) -> Answer {
    let about = asked.response();
    let subject = &asked.question.subject;
    let sentence = match (subject, about) {
        (Subject::Status, Some(response)) => standing::standing(response, config, bot),
        (Subject::Questions, Some(response)) => standing::questions(response, config, bot),
        (Subject::StatisticsOf, Some(response)) => statistics::of_one(response, bot),
        (Subject::Statistics(choice), _) => statistics::chosen(*choice, state, asked.at, config),
        (Subject::Timeline(portion), Some(response)) => {
            timeline::timeline(asked, response, *portion, config, bot)
        }
        (Subject::OnCall(name), _) => {
            on_call::on_call(name.as_deref(), state, asked.at, config, bot)
        }
        (Subject::Launch, Some(response)) => launch::status(response.number, state, config, bot),
        (Subject::Deliveries, _) => deliveries::list(state, config),
        (Subject::List, _) => list(state, config),
        _ => {
            let view = View { state, about, at: asked.at, config, bot };
            commands::answer(subject, &view).unwrap_or_else(|| status(state, published, config))
        }
    };
    let is_drill = about.is_some_and(|response| response.visibility == Visibility::Drill);
    Answer::Sentence(if is_drill { drill(&sentence) } else { sentence })
}

fn status(state: &State, published: Option<u64>, config: &Config) -> String {
    let page = match published {
        Some(shown) if shown >= state.revision => format!("the page shows revision {shown}"),
        Some(shown) => format!("the page shows revision {shown} and follows by itself"),
        None => "the page follows by itself".to_owned(),
    };
    let link = match &config.public_url {
        Some(url) => format!(" [Open the page]({url}/)"),
        None => String::new(),
    };
    let recorded = match state.revision {
        0 => "Nothing has been recorded yet.".to_owned(),
        revision => format!("Revision {revision} is recorded, {page}."),
    };
    format!("{}\n\n{recorded}{link}", list(state, config))
}

fn list(state: &State, config: &Config) -> String {
    let status = &state.status;
    let mut lines: Vec<String> =
        status.open.values().map(|incident| open_line(status, incident, config)).collect();
    match status.impact() {
        None if state.open_internal().next().is_some() => {
            lines.push("Nothing is open on the page.".to_owned());
        }
        None => lines.push("Nothing is open: all systems are operational.".to_owned()),
        Some(Impact::Maintenance) => {
            lines.push("No incident is open; maintenance is in progress.".to_owned());
        }
        Some(_) => {}
    }
    lines.extend(status.maintenance.values().map(|maintenance| {
        format!(
            "**#{}** Maintenance: {} ({}, {})",
            maintenance.number,
            escape(&maintenance.title),
            maintenance.stage.word(),
            maintenance.window.map_or(String::new(), |window| when(window, config)),
        )
    }));
    lines.extend(state.open_internal().map(|response| {
        format!(
            "**#{}** {} ({}, {})",
            response.number,
            escape(&response.title),
            response.visibility.word(),
            response.stage.word()
        )
    }));
    lines.join("\n\n")
}

fn open_line(status: &Status, incident: &Incident, config: &Config) -> String {
    let next = match incident.next_update_by {
        Some(_) if status.is_overdue(incident) => ", the next update is overdue".to_owned(),
        Some(at) => format!(", next update by {}", spoken(at, &config.time_zone)),
        None => String::new(),
    };
    format!(
        "**#{}** {} ({}, {}, since {}{next})",
        incident.number,
        escape(&incident.title),
        incident.impact.word(),
        incident.stage.word(),
        spoken(incident.opened, &config.time_zone),
    )
}
