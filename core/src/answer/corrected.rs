//! Answers to corrections: the new state, the messages that cannot be recalled, and the way back.

use super::Answer;
use crate::commands::lines::{copyable, drill};
use crate::commands::undo::STEPS_MAX;
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::record::{Event, MessageEvent, Record};
use crate::log::state::State;
use crate::log::undo::{RecentRecord, UNDO_WINDOW};
use crate::response::model::Visibility;
use crate::rosters::events::RosterEvent;
use crate::timeline::Narrator;

/// `None` if the record corrects nothing.
pub(super) fn corrected(record: &Record, state: &State, config: &Config) -> Option<Answer> {
    let undone = record.events.iter().find_map(|event| match event {
        Event::Message(MessageEvent::TakenBack { what, .. }) => Some(what.as_str()),
        _ => None,
    });
    let number = record.events.iter().find_map(Event::number);
    let lines = if let Some(what) = undone {
        taken_back(record, state, number, what)
    } else {
        let narrator = Narrator::of(record, config);
        let said = record.events.iter().rev().filter_map(|event| narrator.narrate(event));
        let mut lines = vec![said.map(|said| said.answer).find(|answer| !answer.is_empty())?];
        lines.push(format!("Wrong? {}", copyable("undo")));
        lines
    };
    let response = number.and_then(|number| state.response(number));
    let is_drill = response.is_some_and(|known| known.visibility == Visibility::Drill);
    let text = lines.join("\n\n");
    Some(Answer::Sentence(if is_drill { drill(&text) } else { text }))
}

fn taken_back(record: &Record, state: &State, number: Option<Number>, what: &str) -> Vec<String> {
    let of = number.map_or(String::new(), |number| format!(" on #{number}"));
    let mut lines = vec![format!("**Undone**{of}: {}.", in_words(what))];
    let has = |is: fn(&Event) -> bool| record.events.iter().any(is);
    if has(|event| matches!(event, Event::Status(_))) {
        let is_gone = ["update ", "postmortem", "open", "backfill", "maintenance", "publish"]
            .iter()
            .any(|gone| what.starts_with(gone));
        let shown =
            if is_gone { "It is off the page and feeds." } else { "The page is as before." };
        lines.push(format!("{shown} Copies already sent can't be recalled."));
    } else if has(|event| matches!(event, Event::Roster(RosterEvent::Uncovered { .. }))) {
        lines.push("The rota counts again. Messages already sent stay.".to_owned());
    } else {
        lines.push(
            "The timeline keeps that it was recorded. Messages already sent stay.".to_owned(),
        );
    }
    if can_go_on(record, state) {
        lines.push(format!("One step further back: {}", copyable("undo")));
    }
    lines
}

/// The undone record as people say it. The log holds the command of its line.
fn in_words(command: &str) -> &str {
    match command {
        "open" => "the opening",
        "close" => "the closing",
        "reopen" => "the reopening",
        "correct" => "the correction",
        "title" => "the new title",
        "publish" => "the publication",
        "postmortem" => "the post-mortem",
        "withdraw" => "the withdrawal",
        "duplicate" => "the mark as a duplicate",
        "unpublish" => "taking it off the page",
        "maintenance" => "the announcement",
        "extend" => "the extension",
        "cancel" => "the cancellation",
        "complete" => "the completion",
        "move" => "the move",
        "backfill" => "the addition to the history",
        "aware" => "who is aware",
        "working" => "the current action",
        "affected" => "who is affected",
        "review summary" => "the summary of the review",
        "channel" => "the link to the call",
        "tested" => "the test",
        command => command,
    }
}

/// True if the sender has an earlier record that `undo` would take back next, without a number.
fn can_go_on(record: &Record, state: &State) -> bool {
    let mine: Vec<&RecentRecord> = state
        .recent
        .commands()
        .filter(|earlier| {
            earlier.revision <= record.revision
                && earlier.by.is(&record.cause.by)
                && earlier.conversation == record.cause.message.conversation
        })
        .collect();
    // Each step is two records: the one that was taken back, and the one that did it.
    let steps = mine.iter().take_while(|earlier| earlier.undone).count();
    mine.get(steps).is_some_and(|next| {
        steps < STEPS_MAX * 2
            && record.at.duration_since(next.at) <= UNDO_WINDOW
            && !next.events.is_empty()
    })
}
