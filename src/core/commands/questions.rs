//! `status`, `list` and `questions`: how things are.

use jiff::Timestamp;

use super::alerts;
use super::channel;
use super::lines::{copyable, window_words};
use super::usage::Usage;
use crate::core::alerts::course::Firing;
use crate::core::alerts::firing::Condition;
use crate::core::config::Config;
use crate::core::incident::model::{Impact, Incident};
use crate::core::log::state::State;
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::{Milestone, Reading, Source};
use crate::core::response::model::{Response, Topic};
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::spoken;

pub const QUESTIONS: Usage = Usage {
    words: &["questions"],
    form: "questions [#42]",
    meaning: "shows the five questions about it, and what is not answered",
    examples: &["questions"],
    ..Usage::NEW
};

pub const STATUS: Usage = Usage {
    words: &["status"],
    form: "status [#42]",
    meaning: "shows what is open and which revision the page shows, or how one stands",
    examples: &["status"],
    ..Usage::NEW
};

pub const LIST: Usage = Usage {
    words: &["list"],
    form: "list",
    meaning: "lists what is open",
    examples: &["list"],
    ..Usage::NEW
};

/// The answer to `status`: `published` is the revision up to which everything is published, if it
/// is known.
pub(crate) fn status(state: &State, published: Option<u64>, config: &Config) -> String {
    let page = match published {
        _ if state.revision == 0 => "Nothing has been recorded yet.".to_owned(),
        Some(shown) if shown >= state.revision => {
            format!("The page is up to date: revision {}.", state.status.edition)
        }
        _ => "Publishing is delayed and is retried automatically.".to_owned(),
    };
    let link = match &config.public_url {
        Some(url) => format!(" [Open the page]({url}/)"),
        None => String::new(),
    };
    format!("{}\n\n{page}{link}", list(state, config))
}

/// The answer to `list`: open incidents and planned maintenance.
pub(crate) fn list(state: &State, config: &Config) -> String {
    let status = &state.status;
    let mut lines: Vec<String> =
        status.open.values().map(|incident| open_line(state, incident, config)).collect();
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
        let alert = state.alerts.of_maintenance(maintenance.number);
        let alert = alert.map_or(String::new(), |alert| alerts::listed(alert, &maintenance.title));
        format!("{}{alert}", maintenance_line(maintenance, config))
    }));
    lines.extend(state.open_internal().map(|response| {
        format!(
            "**#{}** {} ({}, {}){}",
            response.number,
            escape(&response.title),
            response.visibility.word(),
            response.stage.word(),
            listed_alert(response),
        )
    }));
    lines.join("\n\n")
}

fn listed_alert(response: &Response) -> String {
    let alert = response.alert.as_ref();
    alert.map_or(String::new(), |alert| alerts::listed(alert, &response.title))
}

fn maintenance_line(maintenance: &Incident, config: &Config) -> String {
    format!(
        "**#{}** Maintenance: {} ({}, {})",
        maintenance.number,
        escape(&maintenance.title),
        maintenance.stage.word(),
        maintenance.window.map_or(String::new(), |window| window_words(window, config)),
    )
}

/// The answer to `status #7` and `timeline #7` about a maintenance: `alert` is what was noted under
/// it, `entries` the length of its timeline.
pub(crate) fn of_maintenance(
    maintenance: &Incident,
    alert: Option<&Firing>,
    entries: usize,
    config: &Config,
) -> String {
    let number = maintenance.number;
    let mut line = maintenance_line(maintenance, config);
    let names = maintenance.components.iter().map(|id| escape(config.component_name(id)));
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        line = format!("{line} on {}", names.join(", "));
    }
    let alert = alert.map(|alert| format!("Noted under it: {}", fires(alert, "", config)));
    let all = copyable(&format!("timeline full #{number}"));
    let entries = match entries {
        1 => format!("1 entry: {all}"),
        count => format!("{count} entries: {all}"),
    };
    [Some(line), alert, Some(entries)].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn open_line(state: &State, incident: &Incident, config: &Config) -> String {
    let status = &state.status;
    let broken = state.response(incident.number).map_or(0, |r| r.promises.counts(status.at).1);
    let broken = match broken {
        0 => String::new(),
        1 => ", 1 promised update missed".to_owned(),
        count => format!(", {count} promised updates missed"),
    };
    let next = match incident.next_update_by {
        Some(_) if status.is_overdue(incident) => ", the next update is overdue".to_owned(),
        Some(at) => format!(", next update by {}", spoken(at, &config.time_zone)),
        None => String::new(),
    };
    format!(
        "**#{}** {} ({}, {}, since {}{next}{broken}){}",
        incident.number,
        escape(&incident.title),
        incident.impact.word(),
        incident.stage.word(),
        spoken(incident.opened, &config.time_zone),
        state.response(incident.number).map_or(String::new(), listed_alert),
    )
}

/// The answer to `status #42`: the incident, its milestones and the questions.
pub(crate) fn of_one(
    response: &Response,
    state: &State,
    now: Timestamp,
    config: &Config,
) -> String {
    let mut lines = vec![heading(response, config)];
    lines.extend(milestones(response, config));
    lines.extend(response.alert.as_ref().map(|alert| fires(alert, &response.title, config)));
    lines.extend(response.promises.words(now).map(|words| format!("promised updates: {words}")));
    lines.extend(channel::lines(response, state));
    lines.push(questions(response, config));
    lines.join("\n\n")
}

/// The milestones that are known, each with its time.
pub(crate) fn milestones(response: &Response, config: &Config) -> Vec<String> {
    let known = Milestone::ALL.into_iter().filter_map(|milestone| {
        let reading = response.milestones.last(milestone)?;
        let corrections = response.milestones.readings(milestone).len().saturating_sub(1);
        Some(format!("{}: {}", milestone.word(), reading_words(reading, corrections, config)))
    });
    known.collect()
}

pub(crate) fn heading(response: &Response, config: &Config) -> String {
    let severity = response
        .severity
        .map_or("no severity yet".to_owned(), |severity| format!("severity {}", severity.number()));
    let mut line = format!(
        "**#{}** {} ({}, {}, {severity}, phase: {})",
        response.number,
        escape(&response.title),
        response.visibility.word(),
        response.stage.word(),
        response.phase().word(),
    );
    let names = response.components.iter().map(|id| escape(config.component_name(id)));
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        line = format!("{line} on {}", names.join(", "));
    }
    line
}

/// The alert that the incident was opened for: its condition, the members that fire, what it says,
/// and where it is.
fn fires(alert: &Firing, title: &str, config: &Config) -> String {
    let state = match (alert.condition, alert.fired_at) {
        (Condition::Resolved, _) => "resolved".to_owned(),
        (Condition::Fired, None) => "fires".to_owned(),
        (Condition::Fired, Some(at)) => format!("fires since {}", spoken(at, &config.time_zone)),
    };
    let state = format!("alert of {}: {state}", alert.source.title());
    let members = alerts::members(alert, title).map(|members| format!("firing: {members}"));
    let said = alert.description.as_deref().map(escape);
    let parts = [Some(state), members, said, alerts::link(alert)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// A milestone's time, and how it is known.
fn reading_words(reading: &Reading, corrections: usize, config: &Config) -> String {
    let time = spoken(reading.at, &config.time_zone);
    let via = reading.via.as_ref().map_or(String::new(), |via| format!(" via {}", escape(via)));
    let known = match reading.source {
        Source::Recorded => "recorded".to_owned(),
        Source::Typed => format!("typed by {}", escape(&reading.by)),
    };
    let corrected = match corrections {
        0 => String::new(),
        1 => ", corrected once".to_owned(),
        times => format!(", corrected {times} times"),
    };
    format!("{time}{via} ({known}{corrected})")
}

/// The answer to `questions`: each question with its answer, or with the line to type.
pub(crate) fn questions(response: &Response, config: &Config) -> String {
    let lines = Question::ALL.into_iter().map(|question| {
        let answer = reply(question, response, config);
        let missing = missing(question, response);
        let missing = missing.into_iter().map(|line| copyable(&line));
        let mut parts: Vec<String> = answer.into_iter().chain(missing).collect();
        if parts.is_empty() {
            parts.push("not known yet".to_owned());
        }
        format!("**{}** {}", question.words(), parts.join(" "))
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

fn reply(question: Question, response: &Response, config: &Config) -> Option<String> {
    let typed = |topic| response.reply(topic).map(|reply| escape(&excerpt(&reply.text.to_plain())));
    let detected = response.milestones.last(Milestone::Detected);
    match question {
        Question::When => detected.map(|reading| spoken(reading.at, &config.time_zone)),
        Question::How => detected.and_then(|reading| reading.via.as_ref()).map(|via| escape(via)),
        Question::Aware => typed(Topic::Aware),
        Question::Doing => typed(Topic::Doing),
        Question::HowBad => {
            let severity = response.severity.map(|sev| format!("severity {}", sev.number()));
            let parts: Vec<String> = severity.into_iter().chain(typed(Topic::Affected)).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
    }
}

/// The lines to type for a question that is not answered.
fn missing(question: Question, response: &Response) -> Vec<String> {
    let number = response.number;
    let mut lines = Vec::new();
    if response.is_answered(question) {
        return lines;
    }
    match question {
        // The line for when asks for how too.
        Question::How if response.milestones.at(Milestone::Detected).is_none() => {}
        Question::When | Question::How => {
            lines.push(format!("when #{number} detected <time> via <who>"));
        }
        Question::Aware => lines.push(format!("know #{number} <text>")),
        Question::Doing => lines.push(format!("doing #{number} <text>")),
        Question::HowBad => {
            if response.severity.is_none() {
                lines.push(format!("sev #{number} <n>"));
            }
            if response.reply(Topic::Affected).is_none() {
                lines.push(format!("affects #{number} <text>"));
            }
        }
    }
    lines
}
