//! The words for events that only responders see.

use super::narration::{EntryKind, Narration, Narrator};
use crate::alerts::change::{AlertMark, Series};
use crate::alerts::firing::Condition;
use crate::incident::model::Stage;
use crate::response::alerted::is_quiet;
use crate::response::events::{RemovedText, ResponseEvent};
use crate::response::milestone::ReadingSource;
use crate::response::model::{Topic, Visibility};
use crate::response::person::Person;
use crate::text::markdown::escape;

impl Narrator<'_> {
    /// The words for an internal event; `None` for bookkeeping.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind")]
    #[must_use]
    pub fn internal(&self, event: &ResponseEvent) -> Option<Narration> {
        let told = match event {
            ResponseEvent::Declared { visibility, text, .. } => {
                self.declared(*visibility).saying(text.to_plain())
            }
            // The public event has the words for the timeline.
            ResponseEvent::Published { .. } => Narration::new("publish", "").on_card("published"),
            ResponseEvent::Updated { note, stage: Stage::Resolved, text, .. } => {
                Narration::new("close", format!("closed (note {note})"))
                    .in_review("Closed")
                    .saying(text.to_plain())
            }
            ResponseEvent::Updated { note, stage, text, .. } => {
                let done = format!("updated internally (note {note})");
                Narration::new("update", format!("{done}, {}", stage.word()))
                    .on_card(done)
                    .in_review(format!("Internal update, {}", stage.word()))
                    .saying(text.to_plain())
            }
            ResponseEvent::Reopened { note, text, .. } => {
                Narration::new("reopen", format!("reopened internally (note {note})"))
                    .saying(text.to_plain())
            }
            ResponseEvent::Reached { milestone, at, source, via, was, .. } => {
                let word = milestone.word();
                let by = via.as_ref().map_or(String::new(), |via| format!(" by {via}"));
                let via = via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
                let known = if *source == ReadingSource::Typed { " (typed)" } else { "" };
                let now = self.short(*at);
                let [before, short] = match was {
                    Some(was) => [
                        format!(", was {}", self.full(*was)),
                        format!(" (was {})", self.short(*was)),
                    ],
                    None => [String::new(), String::new()],
                };
                Narration::new(word, format!("{word}{via}{known}{before}"))
                    .on_card(format!("{word} {now}{via}{short}"))
                    .in_review(format!("{word}{by}"))
                    .of_kind(EntryKind::Milestone(*milestone))
            }
            ResponseEvent::Replied { topic, text, .. } => replied(*topic).saying(text.to_plain()),
            ResponseEvent::Graded { severity, .. } => {
                let number = severity.number();
                Narration::new(format!("sev {number}"), format!("severity {number}"))
                    .on_card(format!("severity set to {number}"))
            }
            ResponseEvent::Assigned { role, topic, person, from, .. } => {
                let (word, done) =
                    (role.word(), if from.is_some() { "handed over" } else { "assigned" });
                let topic = topic.as_ref().map_or(String::new(), |topic| format!(", for {topic}"));
                let from = from.as_ref().map_or(String::new(), |p| format!(" (from {})", p.name));
                listed(word.to_owned(), format!("{word} {done}"))
                    .saying(format!("{}{topic}{from}", person.name))
            }
            ResponseEvent::Released { role, person, .. } => {
                let word = role.word();
                listed(format!("release {word}"), format!("{word} released"))
                    .saying(person.name.clone())
            }
            ResponseEvent::Noted { note, at, text, .. } => {
                let done = format!("note {note} added");
                let at = at.map_or(String::new(), |at| format!(" for {}", self.short(at)));
                Narration::new(format!("note {note}"), done.clone())
                    .on_card(format!("{done}{at}"))
                    .of_kind(EntryKind::Note)
                    .saying(text.to_plain())
            }
            ResponseEvent::TaskAdded { task, text, assignee, .. } => {
                let assignee = for_whom(assignee.as_ref());
                listed(format!("task {task}"), format!("task {task} added{assignee}"))
                    .saying(text.to_plain())
            }
            ResponseEvent::TaskDone { task, text, .. } => {
                listed(format!("task done {task}"), format!("task {task} done"))
                    .saying(text.to_plain())
            }
            ResponseEvent::ActionAdded { action, text, assignee, due, .. } => {
                let assignee = for_whom(assignee.as_ref());
                let due = due.map_or(String::new(), |due| format!(" by {due}"));
                listed(format!("action {action}"), format!("action {action} added{assignee}{due}"))
                    .saying(text.to_plain())
            }
            ResponseEvent::ActionDone { action, text, .. } => {
                listed(format!("action done {action}"), format!("action {action} done"))
                    .saying(text.to_plain())
            }
            ResponseEvent::Tested { passed, text, .. } => {
                let (what, review) = if *passed {
                    ("test passed", "Test passed")
                } else {
                    ("test failed", "Test failed")
                };
                Narration::new("tested", what).in_review(review).saying(text.to_plain())
            }
            ResponseEvent::Told { told, at, audience, via, text, .. } => {
                let (audience, via) = (audience.clone(), via.clone());
                let words = format!("old {audience} via {via}");
                let at = at.map_or(String::new(), |at| format!(" for {}", self.short(at)));
                Narration::new(format!("told {told}"), format!("t{words} (told {told})"))
                    .on_card(format!("t{words} (told {told}){at}"))
                    .in_review(format!("T{words}"))
                    .of_kind(EntryKind::Told { audience, via })
                    .saying(text.to_plain())
            }
            ResponseEvent::Alerted { condition, text, .. } => {
                let is_firing = *condition == Condition::Fired;
                let review = if is_firing { "Alert fired" } else { "Alert resolved" };
                let what = if is_quiet(event) { String::new() } else { self.alerted(event) };
                let told = Narration::unasked(what).in_review(review).saying(text.to_plain());
                Narration { omits_text: !is_firing, ..told }
            }
            ResponseEvent::FlappingEnded { condition, series, .. } => {
                let state = match condition {
                    Condition::Fired => "it still fires",
                    Condition::Resolved => "it has resolved",
                };
                let fired = self.firings(*series);
                Narration::unasked(format!("alert has stopped flapping: {fired}, {state}"))
            }
            ResponseEvent::AlertsMoved { number, to } => {
                Narration::unasked(format!("alerts of #{number} count in #{to} from now on"))
            }
            ResponseEvent::TextRemoved { number, removed, .. } => {
                let (what, answer) = match removed {
                    RemovedText::Title => ("the title".to_owned(), "The title".to_owned()),
                    RemovedText::Note(note) => {
                        (format!("the text of note {note}"), format!("Note {note}"))
                    }
                    RemovedText::Told(told) => {
                        (format!("the text of told {told}"), format!("Told {told}"))
                    }
                };
                Narration::unasked(format!("{what} was erased"))
                    .answered(format!("{answer} of #{number} is removed"))
            }
            ResponseEvent::CallLinked { call, .. } => {
                let what = if call.is_some() { "call linked" } else { "call removed" };
                Narration::new("channel", what).saying(call.clone().unwrap_or_default())
            }
            ResponseEvent::Reviewed { .. } => listed("review".to_owned(), "review written".into()),
            ResponseEvent::OverdueNamed { .. } => Narration::unasked("overdue action items named"),
            ResponseEvent::NoteRemoved { number, note } => {
                let named = format!("note {note}");
                Narration::new(format!("note remove {note}"), format!("{named} removed")).answered(
                    format!(
                        "Note {note} of **#{number}** is removed from the timeline. Erase a secret \
                         with `redact`."
                    ),
                )
            }
            ResponseEvent::ToldRemoved { number, told } => {
                Narration::new(format!("told remove {told}"), format!("told {told} removed"))
                    .answered(format!(
                        "Told {told} of **#{number}** is removed. It no longer counts as an update."
                    ))
            }
            ResponseEvent::NoteMoved { number, note, to, becomes, .. } => {
                Narration::new("move", format!("note {note} of #{number} moved to #{to}")).answered(
                    format!("Note {note} of **#{number}** is note {becomes} of **#{to}** now."),
                )
            }
            ResponseEvent::TaskRemoved { number, task } => {
                Narration::new(format!("task remove {task}"), format!("task {task} removed"))
                    .answered(format!(
                        "Task {task} of **#{number}** is removed. Its number stays unused."
                    ))
            }
            ResponseEvent::TaskReopened { number, task } => {
                Narration::new(format!("task reopen {task}"), format!("task {task} open again"))
                    .answered(format!("Task {task} of **#{number}** is open again."))
            }
            ResponseEvent::ActionRemoved { number, action } => Narration::new(
                format!("action remove {action}"),
                format!("action {action} removed"),
            )
            .answered(format!(
                "Action item {action} of **#{number}** is removed. Its number stays unused."
            )),
            ResponseEvent::ActionReopened { number, action } => Narration::new(
                format!("action reopen {action}"),
                format!("action {action} open again"),
            )
            .answered(format!("Action item {action} of **#{number}** is open again.")),
            ResponseEvent::Retitled { number, title } => Narration::new("title", "title changed")
                .saying(title.to_plain())
                .answered(format!("**#{number}** is now called {}.", escape(&title.title()))),
            ResponseEvent::Withdrawn { number, reason } => Narration::new("withdraw", "withdrawn")
                .saying(reason.to_plain())
                .answered(format!("**#{number}** is withdrawn and no longer counted.")),
            ResponseEvent::Duplicated { number, of } => {
                Narration::new("duplicate", format!("is a duplicate of #{of}")).answered(format!(
                    "**#{number}** is closed as a duplicate of #{of} and no longer counted."
                ))
            }
            ResponseEvent::Undone { .. } => Narration::unasked("undone"),
            ResponseEvent::Recalled { .. }
            | ResponseEvent::Evicted { .. }
            | ResponseEvent::SummariesEvicted { .. }
            | ResponseEvent::AlertsResolved { .. }
            | ResponseEvent::MaintenanceAlertsMoved { .. }
            | ResponseEvent::AlertsKeyed { .. } => return None,
        };
        Some(told)
    }

    fn declared(&self, visibility: Visibility) -> Narration {
        let (what, review) = match (visibility, self.has_alert) {
            (Visibility::Drill, _) => ("opened (a drill, not on the page)", "Drill declared"),
            (_, true) => ("opened (internal, not on the page)", "Incident declared by an alert"),
            (_, false) => ("opened (internal, not on the page)", "Incident declared internally"),
        };
        // The text of the alert has a place of its own.
        let omits_text = self.has_alert && visibility != Visibility::Drill;
        Narration { omits_text, ..Narration::new("open", what).in_review(review) }
    }

    fn alerted(&self, event: &ResponseEvent) -> String {
        let ResponseEvent::Alerted { source, condition, at, deliveries, change, .. } = event else {
            return String::new();
        };
        let did = match condition {
            Condition::Fired => "fires",
            Condition::Resolved => "resolved",
        };
        let often = match deliveries {
            0 | 1 => String::new(),
            more => format!(", delivered {more} times at least"),
        };
        let series = change.as_ref().and_then(|change| change.series);
        let series = series.filter(|series| series.firings > 1);
        let fired = series.map_or(String::new(), |series| format!(", {}", self.firings(series)));
        let last = at.filter(|_| series.is_some());
        let last = last.map_or(String::new(), |at| format!(", last {}", self.full(at)));
        let has = |mark| change.as_ref().is_some_and(|change| change.has(mark));
        let flaps = if has(AlertMark::Flapping) { ", it flaps" } else { "" };
        let back = if has(AlertMark::Unmitigated) { ", no longer mitigated" } else { "" };
        format!("alert{} {did}{fired}{last}{flaps}{back}{often}", source.behind_alert())
    }

    fn firings(&self, Series { firings, since }: Series) -> String {
        format!("fired {firings} times since {}", self.full(since))
    }
}

fn replied(topic: Topic) -> Narration {
    let (command, what) = match topic {
        Topic::Aware => ("aware", "who is aware"),
        Topic::Doing => {
            return Narration::new("working", "current action").in_review("Current action");
        }
        Topic::Affected => ("affected", "who is affected"),
        Topic::Summary => ("review summary", "summary of the review"),
    };
    listed(command.to_owned(), what.to_owned())
}

fn listed(command: String, what: String) -> Narration {
    Narration::new(command, what).of_kind(EntryKind::Listed)
}

fn for_whom(assignee: Option<&Person>) -> String {
    assignee.map_or(String::new(), |person| format!(" for {}", person.name))
}
