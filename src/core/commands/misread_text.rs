//! What was not understood of the verbs that are still read with [`Misread`], as refusals.

use super::command::Misread;
use super::lines::MAINTENANCE_EXAMPLE;
use super::misread::{
    expected, missing_text, no_action, only_number, text_too_long, too_long, too_much_formatting,
    two_numbers, unknown_component,
};
use super::refusal::Refusal;
use super::schedule::Unreadable;
use super::words::Verb;
use crate::core::incident::model::{Impact, Number};
use crate::core::text::markdown::{escape, excerpt};

impl From<Misread> for Refusal {
    fn from(misread: Misread) -> Self {
        match misread {
            Misread::MissingText { verb, number } => no_text(verb, number),
            Misread::NoImpact { number, word, nearest } => {
                no_impact(number, word.as_deref(), nearest)
            }
            Misread::OnlyNumber { verb, digits, option } => {
                only_number(&digits, &numbered(verb, &digits, option))
            }
            Misread::Time { number, why } => {
                let example = match number {
                    Some(number) => format!("maintenance #{number} extend 30m"),
                    None => MAINTENANCE_EXAMPLE.to_owned(),
                };
                let why = unreadable(&why);
                Self::new(format!("{why}, so nothing was done. For example:")).line(example)
            }
            Misread::Promise(words) => Self::new(format!(
                "“{}” does not say when the next update comes, so nothing was done. Write minutes or \
                 hours, such as `next 30m` or `next 2h`.",
                escape(&words)
            )),
            Misread::TwoNumbers { verb, numbers, option } => {
                two_numbers(numbers.map(|number| numbered(verb, &number.to_string(), option)))
            }
            Misread::NoAction(number) => no_action(number),
            Misread::TextTooLong(chars) => text_too_long(chars),
            Misread::Expected { found, needed, example, .. } => {
                expected(found.as_deref(), needed, &example)
            }
            Misread::TooLong { chars, chars_max } => too_long(chars, chars_max),
            Misread::TooMuchFormatting => too_much_formatting(),
            Misread::UnknownComponent { name, nearest, known } => {
                unknown_component(&name, nearest.as_deref(), &known)
            }
        }
    }
}

fn no_text(verb: Verb, number: Option<Number>) -> Refusal {
    if verb == Verb::Maintenance {
        return Refusal::new("The text is missing, so nothing was done. For example:")
            .line(MAINTENANCE_EXAMPLE);
    }
    let number = match number {
        Some(number) => format!("#{number} "),
        None if verb == Verb::Reopen => "#42 ".to_owned(),
        None => String::new(),
    };
    let what = if verb == Verb::Open { "what is failing" } else { "what is new" };
    missing_text(&format!("{} {number}{what}", verb.name()))
}

fn no_impact(number: Option<Number>, word: Option<&str>, nearest: Option<Impact>) -> Refusal {
    let what = match word {
        Some(word) => format!("“{}” is not an impact", escape(&excerpt(word))),
        None => "The impact is missing".to_owned(),
    };
    let remedy = match nearest {
        Some(_) => "Did you mean",
        None => "It is minor, major or critical, for example",
    };
    let number = number.map_or(String::new(), |number| format!("#{number} "));
    Refusal::new(format!("{what}, so nothing was done. {remedy}"))
        .line(format!("impact {number}{}", nearest.unwrap_or(Impact::Critical).word()))
}

/// A line with the number of an incident, for the case that such was meant.
fn numbered(verb: Verb, digits: &str, option: Option<&str>) -> String {
    format!("{} #{digits} {}", verb.name(), option.unwrap_or_default()).trim_end().to_owned()
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
