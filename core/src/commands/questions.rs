//! `status`, `list` and `questions`.

use jiff::Timestamp;

use super::alerts;
use super::channel;
use super::command::{Command, Question as Asking, Subject};
use super::line::Line;
use super::lines::copyable;
use super::next_step::next_step;
use super::standing::Standing;
use super::usage::{Screen, Usage};
use super::view::View;
use crate::alerts::course::Firing;
use crate::alerts::firing::Condition;
use crate::config::Config;
use crate::incident::model::{Impact, Number};
use crate::log::state::State;
use crate::response::lifecycle::Question;
use crate::response::milestone::{Milestone, MilestoneReading, ReadingSource};
use crate::response::model::{Response, Topic};
use crate::text::capitalised;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::short_time;

pub const QUESTIONS: Usage = Usage {
    words: &["questions"],
    form: "questions [#42]",
    meaning: "shows the five questions about it, and what is not answered",
    examples: &["questions"],
    screen: Some(Screen::Respond),
    brief: ("questions", "what is not known yet"),
    ..Usage::NEW
};

pub const STATUS: Usage = Usage {
    words: &["status"],
    form: "status [#42] [verbose]",
    meaning: "shows what is open, or how one stands; `verbose` adds revisions, sources and answers",
    examples: &["status", "status verbose"],
    brief: ("status", "what is open"),
    ..Usage::NEW
};

pub const LIST: Usage = Usage {
    words: &["list"],
    form: "list",
    meaning: "lists what is open",
    examples: &["list"],
    brief: ("list", "what is open, with numbers"),
    ..Usage::NEW
};

/// Reads the number and `verbose` in any order, and ignores other words.
pub(crate) fn read_status(mut line: Line) -> Command {
    let is_verbose = |line: &mut Line| {
        let is_it =
            line.reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("verbose"));
        if is_it {
            line.reader.next_word();
        }
        is_it
    };
    let before = is_verbose(&mut line);
    let target = line.target();
    let subject =
        if before || is_verbose(&mut line) { Subject::StatusVerbose } else { Subject::Status };
    let about = Some(target).filter(|target| target.number.is_some());
    Command::Ask(Asking { usage: line.usage, about, subject })
}

/// `status`. The published revision may be unknown.
pub(crate) fn status(view: &View) -> String {
    let View { state, at, published, config, .. } = *view;
    let page = match published {
        _ if state.revision == 0 => "Nothing has been recorded yet.",
        Some(shown) if shown >= state.revision => "The page is up to date.",
        _ => "Publishing is delayed and is retried automatically.",
    };
    let link = match &config.public_url {
        Some(url) => format!(" [Open the page]({url}/)"),
        None => String::new(),
    };
    let open = state.open_numbers();
    let only = open.first().filter(|_| open.len() == 1);
    let step = only.and_then(|number| next_step(&Standing::of(*number, state, at, config)));
    let step = step.map_or(String::new(), |step| format!("\n\n{step}"));
    format!("{}\n\n{page}{link}{step}", list(view))
}

/// `status verbose`: the same with revisions.
pub(crate) fn status_verbose(view: &View) -> String {
    let State { revision, status, .. } = view.state;
    let published = view.published.map_or("not known".to_owned(), |shown| shown.to_string());
    let edition = status.edition;
    format!(
        "{}\n\nRevision of the log: {revision}. Published: {published}. Of the page: {edition}.",
        self::status(view)
    )
}

/// `list`: open incidents and planned maintenance.
pub(crate) fn list(view: &View) -> String {
    let View { state, at, config, .. } = *view;
    let status = &state.status;
    let line = |number: &Number| {
        let standing = Standing::of(*number, state, at, config);
        open_line(&standing, at)
    };
    let mut lines: Vec<String> = status.open.keys().map(line).collect();
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
    let planned = status.maintenance.values().map(|maintenance| {
        let alert = state.alerts.of_maintenance(maintenance.number);
        let alert = alert.map_or(String::new(), |alert| alerts::listed(alert, &maintenance.title));
        format!("{}{alert}", line(&maintenance.number))
    });
    lines.extend(planned);
    lines.extend(state.open_internal().map(|response| line(&response.number)));
    lines.join("\n\n")
}

fn listed_alert(response: &Response) -> String {
    let alert = response.alert.as_ref();
    alert.map_or(String::new(), |alert| alerts::listed(alert, &response.title))
}

/// `status #7` and `timeline #7` for a maintenance: `alert` is noted under it, `entries` is the
/// length of its timeline.
pub(crate) fn of_maintenance(
    standing: &Standing,
    alert: Option<&Firing>,
    entries: usize,
    config: &Config,
) -> String {
    let line = format!("{}: {}", title_line(standing), escape(&standing.state().0));
    let alert =
        alert.map(|alert| format!("Noted under it: {}", fires(alert, "", standing.now, config)));
    let all = copyable(&format!("timeline full #{}", standing.number));
    let entries = match entries {
        1 => format!("1 entry: {all}"),
        count => format!("{count} entries: {all}"),
    };
    [Some(line), alert, Some(entries)].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn open_line(standing: &Standing, now: Timestamp) -> String {
    let broken = standing.response.map_or(0, |response| response.promises.counts(now).1);
    let broken = match broken {
        0 => None,
        1 => Some("1 promised update missed".to_owned()),
        count => Some(format!("{count} promised updates missed")),
    };
    let parts = [Some(standing.state().0), standing.people(), broken];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| escape(&part)).collect();
    let alert = standing.response.map_or(String::new(), listed_alert);
    format!("{}: {}{alert}", title_line(standing), parts.join(" · "))
}

fn title_line(standing: &Standing) -> String {
    format!("**#{} {}**", standing.number, escape(standing.title()))
}

/// `status #42`, short enough for a phone.
pub(crate) fn of_one(response: &Response, view: &View) -> String {
    let View { state, at, config, .. } = *view;
    let standing = Standing::of_response(response, state, at, config);
    let promised = response.promises.words(at).map(|words| format!("promised updates: {words}"));
    let people = [standing.people(), promised].into_iter().flatten().collect::<Vec<_>>();
    let mut lines = vec![format!("{}: {}", title_line(&standing), escape(&standing.state().0))];
    lines.push(escape(&capitalised(&people.join(" · "))));
    let known = Milestone::ALL.into_iter().filter_map(|milestone| {
        let reading = response.milestones.last(milestone)?;
        let via = reading.via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
        let time = short_time(reading.at, at, &config.time_zone);
        Some(escape(&format!("{} {time}{via}", milestone.word())))
    });
    lines.push(capitalised(&known.collect::<Vec<_>>().join(" · ")));
    lines.extend(response.alert.as_ref().map(|alert| fires(alert, &response.title, at, config)));
    lines.push(channel::lines(response, state).join(" · "));
    let missing: Vec<&str> = response.unanswered().map(Question::unknown).collect();
    let is_led = !standing.is_open() || standing.lead().is_some();
    if is_led && !missing.is_empty() {
        let line = copyable(&format!("questions #{}", response.number));
        lines.push(format!("Still missing: {}. {line}", missing.join(", ")));
    } else {
        lines.extend(next_step(&standing));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n\n")
}

/// `status #42 verbose`: with the questions and the sources.
pub(crate) fn of_one_verbose(response: &Response, view: &View) -> String {
    let View { state, at, config, .. } = *view;
    let mut lines = vec![heading(response, state, config)];
    lines.extend(milestones(response, at, config));
    lines.extend(response.alert.as_ref().map(|alert| fires(alert, &response.title, at, config)));
    lines.extend(response.promises.words(at).map(|words| format!("promised updates: {words}")));
    lines.extend(channel::lines(response, state));
    lines.push(format!("revision: {}", response.revision));
    lines.push(questions(response, at, config));
    lines.join("\n\n")
}

/// Known milestones with their times.
pub(crate) fn milestones(response: &Response, now: Timestamp, config: &Config) -> Vec<String> {
    let known = Milestone::ALL.into_iter().filter_map(|milestone| {
        let reading = response.milestones.last(milestone)?;
        let corrections = response.milestones.readings(milestone).len().saturating_sub(1);
        Some(format!("{}: {}", milestone.word(), reading_words(reading, corrections, now, config)))
    });
    known.collect()
}

pub(crate) fn heading(response: &Response, state: &State, config: &Config) -> String {
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
    let known = &state.status.component_names;
    let names = response.components.iter().map(|id| escape(config.component_name(id, known)));
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        line = format!("{line} on {}", names.join(", "));
    }
    line
}

/// The incident's alert: condition, firing members, description and link.
fn fires(alert: &Firing, title: &str, now: Timestamp, config: &Config) -> String {
    let state = match (alert.condition, alert.fired_at) {
        (Condition::Resolved, _) => "resolved".to_owned(),
        (Condition::Fired, None) => "fires".to_owned(),
        (Condition::Fired, Some(at)) => {
            format!("fires since {}", short_time(at, now, &config.time_zone))
        }
    };
    let state = format!("alert{}: {state}", alert.source.behind_alert());
    let members = alerts::members(alert, title).map(|members| format!("firing: {members}"));
    let said = alert.description.as_deref().map(escape);
    let parts = [Some(state), members, said, alerts::link(alert)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// A milestone's time and source.
fn reading_words(
    reading: &MilestoneReading,
    corrections: usize,
    now: Timestamp,
    config: &Config,
) -> String {
    let time = short_time(reading.at, now, &config.time_zone);
    let via = reading.via.as_ref().map_or(String::new(), |via| format!(" via {}", escape(via)));
    let known = match reading.source {
        ReadingSource::Recorded => "recorded".to_owned(),
        ReadingSource::Typed => format!("typed by {}", escape(&reading.by)),
    };
    let corrected = match corrections {
        0 => String::new(),
        1 => ", corrected once".to_owned(),
        times => format!(", corrected {times} times"),
    };
    format!("{time}{via} ({known}{corrected})")
}

/// `questions`: each question with its answer or the line to type.
pub(crate) fn questions(response: &Response, now: Timestamp, config: &Config) -> String {
    let lines = Question::ALL.into_iter().map(|question| {
        let answer = reply(question, response, now, config);
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

fn reply(
    question: Question,
    response: &Response,
    now: Timestamp,
    config: &Config,
) -> Option<String> {
    let typed = |topic| response.reply(topic).map(|reply| escape(&excerpt(&reply.text.to_plain())));
    let detected = response.milestones.last(Milestone::Detected);
    match question {
        Question::When => detected.map(|reading| short_time(reading.at, now, &config.time_zone)),
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

/// The lines to type for an unanswered question.
fn missing(question: Question, response: &Response) -> Vec<String> {
    let number = response.number;
    let mut lines = Vec::new();
    if response.is_answered(question) {
        return lines;
    }
    match question {
        // The line for the detection time asks for its source, too.
        Question::How if response.milestones.at(Milestone::Detected).is_none() => {}
        Question::When | Question::How => {
            lines.push(format!("when #{number} detected <time> via <who>"));
        }
        Question::Aware => lines.push(format!("aware #{number} <text>")),
        Question::Doing => lines.push(format!("working #{number} <text>")),
        Question::HowBad => {
            if response.severity.is_none() {
                lines.push(format!("sev #{number} <n>"));
            }
            if response.reply(Topic::Affected).is_none() {
                lines.push(format!("affected #{number} <text>"));
            }
        }
    }
    lines
}
