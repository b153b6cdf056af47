//! The answer to what was not understood: the word that does not fit, and what to type.

use super::command::Misread;
use super::lines::{MAINTENANCE_EXAMPLE, actions, at, names_of, repeated, thousands};
use super::schedule::Unreadable;
use super::words::Verb;
use crate::core::incident::model::{Impact, Number, TEXT_CHARS_MAX};
use crate::core::response::model::NOTE_CHARS_MAX;
use crate::core::text::markdown::{escape, excerpt};

pub(crate) fn misread(misread: &Misread, bot: &str) -> String {
    match misread {
        Misread::UnknownVerb { word, nearest: Some(nearest), rest } => {
            let line = format!("{nearest} {}", repeated(rest.trim()));
            format!(
                "“{}” is not a command, so nothing was done. Did you mean\n\n{}",
                escape(&excerpt(word)),
                at(bot, line.trim_end())
            )
        }
        Misread::UnknownVerb { word, nearest: None, rest } => {
            let line = match rest.trim() {
                "" => "open what is failing".to_owned(),
                rest => format!("open {}", repeated(&format!("{word} {rest}"))),
            };
            format!(
                "“{}” is not a command, so nothing was done. To open an incident:\n\n{}\n\nAll \
                 commands:\n\n{}",
                escape(&excerpt(word)),
                at(bot, &line),
                at(bot, "help all")
            )
        }
        Misread::MissingText { verb, number } => missing_text(*verb, *number, bot),
        Misread::NoImpact { number, word, nearest } => {
            no_impact(*number, word.as_deref(), *nearest, bot)
        }
        Misread::OnlyNumber { verb, digits, option } => format!(
            "“{digits}” alone could be an incident's number or a text, so nothing was done. A number \
             has a # in front:\n\n{}",
            numbered(*verb, digits, *option, bot)
        ),
        Misread::Time { number, why } => format!(
            "{}, so nothing was done. For example:\n\n{}",
            unreadable(why),
            match number {
                Some(number) => at(bot, &format!("maintenance #{number} extend 30m")),
                None => at(bot, MAINTENANCE_EXAMPLE),
            }
        ),
        Misread::Promise(words) => format!(
            "“{}” does not say when the next update comes, so nothing was done. Write minutes or \
             hours, such as `next 30m` or `next 2h`.",
            escape(words)
        ),
        Misread::TwoNumbers { verb, numbers: [first, second], option } => format!(
            "One command is about one incident, so nothing was done. One after the \
             other:\n\n{}\n\n{}",
            numbered(*verb, &first.to_string(), *option, bot),
            numbered(*verb, &second.to_string(), *option, bot),
        ),
        Misread::NoAction(number) => format!(
            "What is to be done with the maintenance #{number} is missing, so nothing was \
             done:\n\n{}",
            actions(*number, bot)
        ),
        Misread::TextTooLong(chars) => format!(
            "The text has {} characters; at most {} are allowed, so nothing was done. Send it in \
             parts, each as an update.",
            thousands(*chars),
            thousands(TEXT_CHARS_MAX)
        ),
        Misread::Expected { found, needed, example, .. } => {
            expected(found.as_deref(), needed, example, bot)
        }
        Misread::TooLong { chars, chars_max } => format!(
            "The text has {} characters; at most {} are allowed here, so nothing was done.",
            thousands(*chars),
            thousands(*chars_max)
        ),
        Misread::TooMuchFormatting => {
            "The text has more formatting or longer links than fit, so nothing was done. Send it \
             with less of them."
                .to_owned()
        }
        Misread::NoteTooLong(chars) => format!(
            "The note has {} characters; at most {} are allowed, so nothing was written down. Send \
             it in parts, each as a note.",
            thousands(*chars),
            thousands(NOTE_CHARS_MAX)
        ),
        Misread::UnknownComponent { verb, name, nearest, known } => {
            unknown_component(*verb, name, nearest.as_deref(), known, bot)
        }
    }
}

fn unknown_component(
    verb: Verb,
    name: &str,
    nearest: Option<&str>,
    known: &[String],
    bot: &str,
) -> String {
    let name = escape(name);
    match (verb, nearest) {
        (Verb::Guide, Some(nearest)) => {
            let line = at(bot, &format!("guide {nearest}"));
            format!("There is no component “{name}”. Did you mean\n\n{line}")
        }
        (Verb::Guide, None) if known.is_empty() => format!(
            "There is no component “{name}”, nor any other: `status.toml` has the components."
        ),
        (Verb::Guide, None) => {
            format!("There is no component “{name}”. Components: {}", names_of(known))
        }
        (_, Some(nearest)) => format!(
            "There is no component “{name}”, so nothing was done. Did you mean `on {}: …`?",
            nearest.replace('`', "'")
        ),
        (_, None) => format!(
            "There is no component “{name}”, so nothing was done. Components: {}",
            names_of(known)
        ),
    }
}

fn expected(found: Option<&str>, needed: &str, example: &str, bot: &str) -> String {
    let what = match found {
        Some(found) => format!("“{}” does not fit here: write {needed}", escape(&excerpt(found))),
        None => format!("Something is missing: write {needed}"),
    };
    format!("{what}. Nothing was done. For example:\n\n{}", at(bot, example))
}

fn missing_text(verb: Verb, number: Option<Number>, bot: &str) -> String {
    if verb == Verb::Maintenance {
        let line = at(bot, MAINTENANCE_EXAMPLE);
        return format!("The text is missing, so nothing was done. For example:\n\n{line}");
    }
    let number = match number {
        Some(number) => format!("#{number} "),
        None if verb == Verb::Reopen => "#42 ".to_owned(),
        None => String::new(),
    };
    let what = match verb {
        Verb::Open => "what is failing",
        Verb::Note => "what happened",
        Verb::Task => "what is to be done",
        _ => "what is new",
    };
    let line = format!("{} {number}{what}", verb.name());
    format!("The text is missing, so nothing was done:\n\n{}", at(bot, &line))
}

fn no_impact(
    number: Option<Number>,
    word: Option<&str>,
    nearest: Option<Impact>,
    bot: &str,
) -> String {
    let what = match word {
        Some(word) => format!("“{}” is not an impact", escape(&excerpt(word))),
        None => "The impact is missing".to_owned(),
    };
    let remedy = match nearest {
        Some(_) => "Did you mean",
        None => "It is minor, major or critical, for example",
    };
    let number = number.map_or(String::new(), |number| format!("#{number} "));
    let line = format!("impact {number}{}", nearest.unwrap_or(Impact::Critical).word());
    format!("{what}, so nothing was done. {remedy}\n\n{}", at(bot, &line))
}

/// A command for an incident, with the stage or impact that was typed for it.
fn numbered(verb: Verb, digits: &str, option: Option<&str>, bot: &str) -> String {
    let line = format!("{} #{digits} {}", verb.name(), option.unwrap_or_default());
    at(bot, line.trim_end())
}

fn unreadable(why: &Unreadable) -> String {
    match why {
        Unreadable::From(None) => "The time of the maintenance is missing".to_owned(),
        Unreadable::From(Some(word)) => {
            format!("“{}” is not a time that a maintenance can begin at", escape(&excerpt(word)))
        }
        Unreadable::Until(None) => "The end is missing".to_owned(),
        Unreadable::Until(Some(word)) => {
            format!("“{}” does not say when it ends", escape(&excerpt(word)))
        }
        Unreadable::Impossible(word) => {
            format!("There is no such time as “{}”", escape(&excerpt(word)))
        }
        Unreadable::Zone(word) => format!(
            "There is no time zone “{}” (if it is the text, put a colon in front)",
            escape(&excerpt(word))
        ),
    }
}
