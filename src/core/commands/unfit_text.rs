//! Refusals of the responders' commands, in words.

use super::lines::{at, repeated};
use super::unfit::Unfit;
use super::words::Verb;
use super::{follow_up_answer, roster_refusal_text};
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
        Unfit::BeforeStart { number, started, other: (other, time) } => format!(
            "#{number} would be {} ({time}) before it started ({started}), so nothing was recorded. \
             Correct the one that is wrong:\n\n{}\n\n{}",
            other.word(),
            at(bot, &format!("when #{number} started 13:40")),
            at(bot, &format!("when #{number} {} 13:52", other.word())),
        ),
        Unfit::ReachedAlready { number, milestone, at: time } => format!(
            "#{number} was {} at {time} already, so nothing was changed. To correct that:\n\n{}",
            milestone.word(),
            at(bot, &format!("when #{number} {} 14:05", milestone.word()))
        ),
        Unfit::TooManyCorrections { number, milestone } => format!(
            "When #{number} was {} has been corrected as often as it may be, so nothing was \
             changed. Write it down instead:\n\n{}",
            milestone.word(),
            at(bot, &format!("note #{number} text"))
        ),
        Unfit::FollowUp(why) => follow_up_answer::refusal(why, bot),
        Unfit::Roster(refusal) => roster_refusal_text::sentence(refusal, bot),
        Unfit::NothingToLaunch => {
            "Nothing is set up that a launch could do, so nothing was changed: \
             `[launch]` in `status.toml` says where work items and channels are made, \
             STATUS_NOTIFY_URL where messages go."
                .to_owned()
        }
        Unfit::NotLaunched(number) => format!(
            "#{number} has not been launched, so nothing was changed. To do that:\n\n{}",
            at(bot, &format!("launch #{number}"))
        ),
        Unfit::Launched(number) => format!(
            "#{number} has been launched, and no step waits for a person, so nothing was changed. \
             How far it is:\n\n{}",
            at(bot, &format!("launch status #{number}"))
        ),
        Unfit::StepStands { number, step, skips } => format!(
            "The step “{}” of #{number} {}, so nothing was changed. How far it is:\n\n{}",
            step.name(),
            if *skips {
                "is over, or is being tried right now"
            } else {
                "neither failed nor was skipped"
            },
            at(bot, &format!("launch status #{number}"))
        ),
        Unfit::SameSeverity { number, severity } => format!(
            "The severity of #{number} is {} already, so nothing was changed.",
            severity.number()
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
