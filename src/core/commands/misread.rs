//! Refusals of what was not understood: the word that does not fit, and what to type.

use super::lines::{actions, names_of, repeated, thousands};
use super::refusal::Refusal;
use crate::core::incident::model::{Number, TEXT_CHARS_MAX};
use crate::core::text::markdown::{escape, excerpt};

/// The first word is no verb; `nearest` is one that it resembles.
#[must_use]
pub fn unknown_verb(word: &str, nearest: Option<&str>, rest: &str) -> Refusal {
    let what = format!("“{}” is not a command, so nothing was done.", escape(&excerpt(word)));
    let rest = rest.trim();
    if let Some(nearest) = nearest {
        let line = format!("{nearest} {}", repeated(rest));
        return Refusal::new(format!("{what} Did you mean")).line(line.trim_end());
    }
    let line = match rest {
        "" => "open what is failing".to_owned(),
        rest => format!("open {}", repeated(&format!("{word} {rest}"))),
    };
    let open = Refusal::new(format!("{what} To open an incident:")).line(line);
    open.sentence("All commands:").line("help all")
}

/// A word stands where something else is needed, or nothing does.
#[must_use]
pub fn expected(found: Option<&str>, needed: &str, example: &str) -> Refusal {
    let what = match found {
        Some(found) => format!("“{}” does not fit here: write {needed}", escape(&excerpt(found))),
        None => format!("Something is missing: write {needed}"),
    };
    Refusal::new(format!("{what}. Nothing was done. For example:")).line(example)
}

/// The command has no text; the line shows where it goes.
#[must_use]
pub fn missing_text(line: &str) -> Refusal {
    Refusal::new("The text is missing, so nothing was done:").line(line)
}

/// A number stands where a text is needed; it may be an incident's.
#[must_use]
pub fn only_number(digits: &str, line: &str) -> Refusal {
    Refusal::new(format!(
        "“{digits}” alone could be an incident's number or a text, so nothing was done. A number has \
         a # in front:"
    ))
    .line(line)
}

/// The command names two incidents.
#[must_use]
pub fn two_numbers(lines: [String; 2]) -> Refusal {
    Refusal::new("One command is about one incident, so nothing was done. One after the other:")
        .lines(lines)
}

/// The action is missing of a command about a maintenance.
#[must_use]
pub fn no_action(number: Number) -> Refusal {
    Refusal::new(format!(
        "What is to be done with the maintenance #{number} is missing, so nothing was done:"
    ))
    .lines(actions(number))
}

/// The text of an update is longer than the page takes.
#[must_use]
pub fn text_too_long(chars: usize) -> Refusal {
    Refusal::new(format!(
        "The text has {} characters; at most {} are allowed, so nothing was done. Send it in parts, \
         each as an update.",
        thousands(chars),
        thousands(TEXT_CHARS_MAX)
    ))
}

/// A text is longer than fits where it stands.
#[must_use]
pub fn too_long(chars: usize, chars_max: usize) -> Refusal {
    Refusal::new(format!(
        "The text has {} characters; at most {} are allowed here, so nothing was done.",
        thousands(chars),
        thousands(chars_max)
    ))
}

/// The formatting and the links of a text take more room than its limit.
#[must_use]
pub fn too_much_formatting() -> Refusal {
    Refusal::new(
        "The text has more formatting or longer links than fit, so nothing was done. Send it with \
         less of them.",
    )
}

/// No component has that name.
#[must_use]
pub fn unknown_component(name: &str, nearest: Option<&str>, known: &[String]) -> Refusal {
    let name = escape(name);
    Refusal::new(match nearest {
        Some(nearest) => format!(
            "There is no component “{name}”, so nothing was done. Did you mean `on {}: …`?",
            nearest.replace('`', "'")
        ),
        None => format!(
            "There is no component “{name}”, so nothing was done. Components: {}",
            names_of(known)
        ),
    })
}
