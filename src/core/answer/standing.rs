//! How one incident stands, for the responders.

use crate::core::commands::lines::at;
use crate::core::config::Config;
use crate::core::response::firing::{Condition, Firing};
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::{Milestone, Reading, Source};
use crate::core::response::model::{Response, Topic};
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::spoken;

/// The lines of `status #42`: what it is, how far it is, when was what, and the questions.
pub(super) fn standing(response: &Response, config: &Config, bot: &str) -> String {
    let mut lines = vec![heading(response, config)];
    lines.extend(milestones(response, config));
    lines.extend(response.alert.as_ref().map(|alert| fires(alert, config)));
    lines.push(questions(response, config, bot));
    lines.join("\n\n")
}

/// When was what, as far as it is known.
pub(super) fn milestones(response: &Response, config: &Config) -> Vec<String> {
    let known = Milestone::ALL.into_iter().filter_map(|milestone| {
        let reading = response.milestones.last(milestone)?;
        let corrections = response.milestones.readings(milestone).len().saturating_sub(1);
        Some(format!("{}: {}", milestone.word(), told(reading, corrections, config)))
    });
    known.collect()
}

pub(super) fn heading(response: &Response, config: &Config) -> String {
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

/// The alert that the incident was opened for.
fn fires(alert: &Firing, config: &Config) -> String {
    let state = match (alert.condition, alert.fired_at) {
        (Condition::Resolved, _) => "resolved".to_owned(),
        (Condition::Fired, None) => "fires".to_owned(),
        (Condition::Fired, Some(at)) => format!("fires since {}", spoken(at, &config.time_zone)),
    };
    format!("alert of {}: {state}", alert.source.title())
}

/// A milestone's time, and how it is known.
fn told(reading: &Reading, corrections: usize, config: &Config) -> String {
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

/// The lines of `questions`: each with its answer, or with what to type.
pub(super) fn questions(response: &Response, config: &Config, bot: &str) -> String {
    let lines = Question::ALL.into_iter().map(|question| {
        let answer = answer(question, response, config);
        let missing = missing(question, response);
        let missing = missing.into_iter().map(|line| at(bot, &line));
        let mut parts: Vec<String> = answer.into_iter().chain(missing).collect();
        if parts.is_empty() {
            parts.push("not known yet".to_owned());
        }
        format!("**{}** {}", question.words(), parts.join(" "))
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

fn answer(question: Question, response: &Response, config: &Config) -> Option<String> {
    let reply = |topic| response.reply(topic).map(|reply| escape(&excerpt(&reply.text.to_plain())));
    let detected = response.milestones.last(Milestone::Detected);
    match question {
        Question::When => detected.map(|reading| spoken(reading.at, &config.time_zone)),
        Question::How => detected.and_then(|reading| reading.via.as_ref()).map(|via| escape(via)),
        Question::Aware => reply(Topic::Aware),
        Question::Doing => reply(Topic::Doing),
        Question::HowBad => {
            let severity = response.severity.map(|sev| format!("severity {}", sev.number()));
            let parts: Vec<String> = severity.into_iter().chain(reply(Topic::Affected)).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
    }
}

/// The lines to type for what nobody has answered.
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
            lines.push(format!("when #{number} detected 13:52 via customer"));
        }
        Question::Aware => lines.push(format!("know #{number} who is aware")),
        Question::Doing => lines.push(format!("doing #{number} what is being done")),
        Question::HowBad => {
            if response.severity.is_none() {
                lines.push(format!("sev #{number} 2"));
            }
            if response.reply(Topic::Affected).is_none() {
                lines.push(format!("affects #{number} whom it affects"));
            }
        }
    }
    lines
}
