//! Shared parts of answers: lines to copy, and lists of names.

use crate::incident::model::Number;
use crate::response::model::Todo;
use crate::text::markdown::escape;

/// The longest text that a line to copy repeats, in characters.
const REPEATED_CHARS_MAX: usize = 200;

/// The text for a line to copy, or a placeholder if the line would differ from it.
pub(crate) fn repeated(text: &str) -> &str {
    if text.contains('\n') || text.chars().count() > REPEATED_CHARS_MAX { "<text>" } else { text }
}

/// A command to copy, as code and without the bot's mention, because a pasted mention is only text
/// in Teams. Back quotes would end the code.
pub(crate) fn copyable(line: &str) -> String {
    format!("`{}`", line.replace('`', "'"))
}

/// Marks an answer as being about a drill.
pub(crate) fn drill(answer: &str) -> String {
    format!("**This is a drill.**\n\n{answer}")
}

/// A task with its assignee.
pub(crate) fn task_words(task: &Todo) -> String {
    let text = task.text.to_plain();
    match &task.assignee {
        Some(person) => format!("{}: {text}", person.name),
        None => format!("{UNASSIGNED}: {text}"),
    }
}

pub(crate) const UNASSIGNED: &str = "Unassigned";

/// The limit of names in a sentence.
const NAMES_MAX: usize = 12;

pub(crate) fn names_of(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| escape(name)).collect();
    if names.len() > NAMES_MAX {
        shown.push(format!("and {} more", names.len() - NAMES_MAX));
    }
    shown.join(", ")
}

/// The limit of names in a line of a card.
const LINE_NAMES_MAX: usize = 3;

/// Names as people list them, in plain text: `Checkout, Search and 2 more`.
pub(crate) fn name_list(names: &[&str]) -> String {
    let shown = names.get(..LINE_NAMES_MAX).filter(|_| names.len() > LINE_NAMES_MAX + 1);
    let more = format!("{} more", names.len().saturating_sub(LINE_NAMES_MAX));
    let shown: Vec<&str> = match shown {
        Some(shown) => shown.iter().copied().chain([more.as_str()]).collect(),
        None => names.to_vec(),
    };
    match shown.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// A number below a million with a comma at the thousands.
pub(crate) fn thousands(number: usize) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", number / 1_000, number % 1_000)
}

/// The line that announces a maintenance.
pub(crate) const MAINTENANCE_LINE: &str = "maintenance <from> to <until>: <text>";

/// The lines to copy for a planned maintenance.
pub(crate) fn actions(number: Number) -> [String; 4] {
    let action = |action: &str| format!("maintenance #{number} {action}");
    let update = format!("update #{number} <text>");
    [action("extend <length>"), action("cancel"), action("complete"), update]
}
