//! Refusals of the responders' commands, in words.

use super::lines::{at, repeated};
use super::unfit::Unfit;
use super::words::Verb;
use crate::core::incident::model::Number;
use crate::core::response::model::Visibility;
use crate::core::text::markdown::escape;

/// The sentence for a refusal.
pub(crate) fn sentence(unfit: &Unfit, bot: &str) -> String {
    match unfit {
        Unfit::InternalOpen { open, visibility, text } => {
            internal_open(open, *visibility, text, bot)
        }
        Unfit::IsInternal { number, verb } => is_internal(*number, *verb, bot),
        Unfit::IsDrill(number) => format!(
            "#{number} is a drill, which is never published, so nothing was changed. If it is \
             real:\n\n{}",
            at(bot, "open what is failing")
        ),
        Unfit::PublishedAlready(number) => format!(
            "#{number} is on the page already, so nothing was changed. To add an update:\n\n{}",
            at(bot, &format!("update #{number} text"))
        ),
        Unfit::ClosedInternal(number) => format!(
            "#{number} is closed already, so nothing was changed. To open it again:\n\n{}",
            at(bot, &format!("reopen #{number} text"))
        ),
    }
}

fn internal_open(
    open: &[(Number, String)],
    visibility: Visibility,
    text: &str,
    bot: &str,
) -> String {
    let listed = open.iter().map(|(number, title)| format!("**#{number}** {}", escape(title)));
    let listed: Vec<String> = listed.collect();
    let first = open.first().map_or(42, |(number, _)| *number);
    let (kind, text) = (visibility.word(), repeated(text));
    format!(
        "One is open already as {kind}, so nothing was opened: {}\n\nIf it is about that:\n\n{}\n\nIf \
         it is another one:\n\n{}",
        listed.join(", "),
        at(bot, &format!("update #{first} {text}")),
        at(bot, &format!("open another {kind} {text}")),
    )
}

fn is_internal(number: Number, verb: Verb, bot: &str) -> String {
    let remedy = match verb {
        Verb::Impact => format!("sev #{number} 2"),
        _ => format!("publish #{number} text"),
    };
    format!(
        "#{number} is not on the page, and `{}` is for what is, so nothing was changed. \
         Instead:\n\n{}\n\n{}",
        verb.name(),
        at(bot, &format!("update #{number} text")),
        at(bot, &remedy),
    )
}
