//! The one command that an answer suggests next. It names its incident, so that it can be copied at
//! any later time.

use super::standing::Standing;
use crate::incident::model::Stage;
use crate::response::events::ResponseEvent;
use crate::response::lifecycle::Question;
use crate::response::milestone::Milestone;
use crate::response::model::Response;

/// The order in which questions about an incident are suggested.
const QUESTIONS: [Question; 5] =
    [Question::Doing, Question::HowBad, Question::Aware, Question::When, Question::How];

/// The next step for an incident's state: a few words, and the command in back quotes.
pub(crate) fn next_step(standing: &Standing) -> Option<String> {
    let number = standing.number;
    if let Some(incident) = standing.incident.filter(|incident| incident.is_maintenance()) {
        return match incident.stage {
            Stage::Scheduled => Some(format!("To cancel it: `maintenance #{number} cancel`")),
            Stage::InProgress => Some(format!("When it is over: `maintenance #{number} complete`")),
            _ => None,
        };
    }
    let response = standing.response?;
    if !standing.is_open() {
        return closed(response);
    }
    if standing.lead().is_none() {
        let of = if standing.is_alone() { String::new() } else { format!(" #{number}") };
        return Some(format!("No lead yet: `ic{of} me`"));
    }
    Some(open(standing, response))
}

fn closed(response: &Response) -> Option<String> {
    let number = response.number;
    match response.reviewed {
        _ if !response.counts() => None,
        None => Some(format!("Next: `review #{number}`")),
        Some(_) if response.actions.is_empty() => {
            Some(format!("Next: `action #{number} <text> @person by <day>`"))
        }
        Some(_) => None,
    }
}

fn open(standing: &Standing, response: &Response) -> String {
    let number = response.number;
    if response.severity.is_none() {
        return format!("No severity yet: `sev #{number} <n>`");
    }
    if response.tested.as_ref().is_some_and(|test| test.passed) {
        return format!("If it is over: `close #{number} <text>`");
    }
    let is_mitigated = response.milestones.at(Milestone::Mitigated).is_some();
    if is_mitigated || response.stage == Stage::Monitoring {
        return format!("Works again? `tested #{number} ok <text>`");
    }
    if standing.incident.is_some_and(|incident| incident.next_update_by.is_none()) {
        return format!("Next: `update #{number} <text> next 30m`");
    }
    let missing = QUESTIONS.into_iter().find(|question| !response.is_answered(*question));
    match missing {
        Some(Question::Doing) => format!("Doing what? `working #{number} <text>`"),
        Some(Question::HowBad) => format!("Who is affected? `affected #{number} <text>`"),
        Some(Question::Aware) => format!("Who is aware of it? `aware #{number} <text>`"),
        Some(Question::When | Question::How) => {
            format!("When did we know? `when #{number} detected <time> via <who>`")
        }
        None if standing.incident.is_some() => format!("Next: `update #{number} <text>`"),
        None => format!("Next: `note #{number} <text>`"),
    }
}

/// The next step after an event, if that is more urgent than the incident's state.
pub(crate) fn next_after(event: &ResponseEvent) -> Option<String> {
    Some(match event {
        ResponseEvent::TaskAdded { number, task, .. } => {
            format!("When it is done: `task #{number} done {task}`")
        }
        ResponseEvent::ActionAdded { number, action, .. } => {
            format!("When it is done: `action #{number} done {action}`")
        }
        _ => return None,
    })
}
