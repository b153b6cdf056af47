//! What is said instead of carrying a command out, always with what to type.

use super::Answer;
use super::help::{at, names_of};
use crate::core::chat::command::Misread;
use crate::core::chat::schedule::Unreadable;
use crate::core::chat::words::Verb;
use crate::core::decide::refusal::Refusal;
use crate::core::decide::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable};
use crate::core::incident::model::{
    Impact, MAINTENANCES_MAX, Number, OPEN_INCIDENTS_MAX, TEXT_CHARS_MAX,
};
use crate::core::text::markdown::{escape, excerpt};

/// The longest text that a line to copy repeats, in characters.
const REPEATED_CHARS_MAX: usize = 200;

/// A text within a line to copy: repeated only where a copy would say the same.
fn repeated(text: &str) -> &str {
    if text.contains('\n') || text.chars().count() > REPEATED_CHARS_MAX {
        "<your text>"
    } else {
        text
    }
}

/// What is said instead of carrying a command out.
#[must_use]
pub fn refusal(refusal: &Refusal, bot: &str) -> Answer {
    Answer::Sentence(match refusal {
        Refusal::Misread(misread) => self::misread(misread, bot),
        Refusal::AlreadyOpen { open, impact, components, text } => {
            already_open(open, *impact, components, text, bot)
        }
        Refusal::NothingOpen { verb: Verb::Correct, closed } => format!(
            "Nothing is open, so nothing was changed. To correct a closed incident, name it:\n\n{}",
            at(bot, &format!("correct #{} text", closed.unwrap_or(42)))
        ),
        Refusal::NothingOpen { verb: Verb::Maintenance, .. } => format!(
            "No maintenance is planned or running, so nothing was changed. To announce one:\n\n{}",
            at(bot, MAINTENANCE_EXAMPLE)
        ),
        Refusal::NothingOpen { verb, .. } => format!(
            "Nothing is open, so there is nothing to {}. To open an incident:\n\n{}",
            verb.name(),
            at(bot, "open what is failing")
        ),
        Refusal::WhichOne {
            verb: verb @ (Verb::Reopen | Verb::PostMortem), candidates, ..
        } if candidates.is_empty() => {
            format!("No incident has been closed, so there is nothing to {}.", purpose(*verb))
        }
        Refusal::WhichOne { verb, candidates, text } => {
            let number = candidates.first().map_or(42, |(number, _)| *number);
            let line = format!("{} #{number} {}", verb.name(), repeated(text));
            format!(
                "Nothing was changed: say which one, for example\n\n{}\n\n{}",
                at(bot, line.trim_end()),
                titles(candidates)
            )
        }
        Refusal::NoSuchIncident { number: Number::MAX, open } => {
            format!("There is no incident with that number. {}", open_ones(open, bot))
        }
        Refusal::NoSuchIncident { number, open } => {
            format!("There is no incident #{number}. {}", open_ones(open, bot))
        }
        Refusal::Over(number) => format!(
            "The maintenance #{number} is over already, so nothing was changed. To change its last \
             text:\n\n{}",
            at(bot, &format!("correct #{number} text"))
        ),
        Refusal::Closed { number, .. } => format!(
            "#{number} is closed already, so nothing was changed. To open it again:\n\n{}\n\n\
             To change its last text:\n\n{}",
            at(bot, &format!("reopen #{number} text")),
            at(bot, &format!("correct #{number} text")),
        ),
        Refusal::StillOpen { number, verb } => format!(
            "#{number} is open, so there is nothing to {}. To say more:\n\n{}",
            purpose(*verb),
            at(bot, &format!("update #{number} text"))
        ),
        Refusal::IsMaintenance { number, verb: Verb::Reopen | Verb::PostMortem } => format!(
            "#{number} is a maintenance, which is not reopened or reviewed, so nothing was changed. To \
             announce another one:\n\n{}",
            at(bot, MAINTENANCE_EXAMPLE)
        ),
        Refusal::IsMaintenance { number, verb } => format!(
            "#{number} is a maintenance, and `{}` is for incidents, so nothing was changed. What can \
             be done with it:\n\n{}",
            verb.name(),
            actions(*number, bot)
        ),
        Refusal::NoMaintenance(number) => format!(
            "#{number} is an incident and no maintenance, so nothing was changed. To say more, or to \
             close it:\n\n{}\n\n{}",
            at(bot, &format!("update #{number} text")),
            at(bot, &format!("close #{number}")),
        ),
        Refusal::NotBegun(number) => format!(
            "The maintenance #{number} has not begun, so it cannot be completed. To call it \
             off:\n\n{}",
            at(bot, &format!("maintenance #{number} cancel"))
        ),
        Refusal::TooManyMaintenances(one) => format!(
            "{MAINTENANCES_MAX} maintenances are planned, which is as many as there may be, so \
             nothing was announced. Cancel one first:\n\n{}",
            at(bot, &format!("maintenance #{} cancel", one.unwrap_or(42)))
        ),
        Refusal::Time(why) => format!("{} Nothing was changed.", unplannable(why)),
        Refusal::TooManyOpen(one) => format!(
            "{OPEN_INCIDENTS_MAX} incidents are open, which is as many as there may be, so nothing \
             was opened. Close one first:\n\n{}",
            at(bot, &format!("close #{}", one.unwrap_or(42)))
        ),
        Refusal::TooManyUpdates { number, open: true } => format!(
            "#{number} has as many updates, or as much text, as there may be. Close it, and go on in \
             another one:\n\n{}",
            at(bot, &format!("close #{number}"))
        ),
        Refusal::TooManyUpdates { number, open: false } => format!(
            "#{number} has as many updates, or as much text, as there may be, so it stays closed. Open a new \
             one:\n\n{}",
            at(bot, "open another what is failing")
        ),
    })
}

fn already_open(
    open: &[(Number, String)],
    impact: Impact,
    components: &[String],
    text: &str,
    bot: &str,
) -> String {
    let number = open.first().map_or(42, |(number, _)| *number);
    let on = match components {
        [] => String::new(),
        names => format!("on {}: ", names.join(", ")),
    };
    let how_bad = match impact {
        Impact::DEFAULT => String::new(),
        impact => format!("{} ", impact.word()),
    };
    let text = repeated(text);
    format!(
        "Nothing was opened, because this is open already: {}\n\nMore about it:\n\n{}\n\nA second, \
         different incident:\n\n{}",
        titles(open),
        at(bot, &format!("update #{number} {on}{text}")),
        at(bot, &format!("open another {how_bad}{on}{text}")),
    )
}

fn misread(misread: &Misread, bot: &str) -> String {
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
                at(bot, "help")
            )
        }
        Misread::MissingText { verb, number } => {
            if *verb == Verb::Maintenance {
                let line = at(bot, MAINTENANCE_EXAMPLE);
                return format!("The text is missing, so nothing was done. For example:\n\n{line}");
            }
            let number = number.map_or(String::new(), |number| format!("#{number} "));
            let what = if *verb == Verb::Open { "what is failing" } else { "what to say" };
            let number = if *verb == Verb::Reopen && number.is_empty() { "#42 " } else { &number };
            format!(
                "The text is missing, so nothing was done:\n\n{}",
                at(bot, &format!("{} {number}{what}", verb.name()))
            )
        }
        Misread::OnlyNumber { verb, digits } => format!(
            "“{digits}” alone could be an incident's number or a text, so nothing was done. A number \
             has a # in front:\n\n{}",
            at(bot, &format!("{} #{digits}", verb.name()))
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
        Misread::TwoNumbers { verb, numbers: [first, second] } => format!(
            "One command is about one incident, so nothing was done. One after the \
             other:\n\n{}\n\n{}",
            at(bot, &format!("{} #{first}", verb.name())),
            at(bot, &format!("{} #{second}", verb.name())),
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
        Misread::TooMuchFormatting => {
            "The text has more formatting or longer links than fit, so nothing was done. Send it \
             with less of them."
                .to_owned()
        }
        Misread::UnknownComponent { name, nearest: Some(nearest), .. } => format!(
            "There is no component “{}”, so nothing was done. Did you mean `on {}: …`?",
            escape(name),
            nearest.replace('`', "'")
        ),
        Misread::UnknownComponent { name, nearest: None, known } => format!(
            "There is no component “{}”, so nothing was done. Components: {}",
            escape(name),
            names_of(known)
        ),
    }
}

/// What somebody wanted to do, as a verb of the sentence.
fn purpose(verb: Verb) -> &'static str {
    if verb == Verb::PostMortem { "review" } else { "reopen" }
}

const MAINTENANCE_EXAMPLE: &str = "maintenance tomorrow 22:00 to 23:30: what will be done";

/// The lines to copy for a maintenance that was announced.
fn actions(number: Number, bot: &str) -> String {
    let lines = ["extend 30m", "cancel", "complete"];
    let lines = lines.map(|action| at(bot, &format!("maintenance #{number} {action}")));
    let say_more = at(bot, &format!("update #{number} text"));
    format!("{}\n\n{say_more}", lines.join("\n\n"))
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

fn unplannable(why: &Unplannable) -> String {
    match why {
        Unplannable::Past(from) => format!(
            "{from} is over already: write a later time, with its day if it is not today, or `now`."
        ),
        Unplannable::EndsBefore { from, until } => {
            format!("The end, {until}, is not after the beginning, {from}.")
        }
        Unplannable::EndPast(until) => {
            format!("The end, {until}, is over already; `complete` ends a maintenance now.")
        }
        Unplannable::TooLong => {
            format!("A maintenance may be {} days long at most.", LENGTH_HOURS_MAX / 24)
        }
        Unplannable::TooShort => "A maintenance takes a minute at least.".to_owned(),
        Unplannable::TooFar => {
            format!("A maintenance may be {} days ahead at most.", AHEAD_HOURS_MAX / 24)
        }
        Unplannable::Skipped { time, zone } => {
            format!("The clocks in {} skip {time} on that day.", escape(zone))
        }
        Unplannable::Twice { time, first, second } => {
            format!("The clocks show {time} twice on that day: write `{first}` or `{second}`.")
        }
    }
}

fn open_ones(open: &[(Number, String)], bot: &str) -> String {
    match open {
        [] => format!("Nothing is open. To open one:\n\n{}", at(bot, "open what is failing")),
        open => format!("Open: {}", titles(open)),
    }
}

fn titles(incidents: &[(Number, String)]) -> String {
    let titles = incidents.iter().map(|(number, title)| format!("**#{number}** {}", escape(title)));
    titles.collect::<Vec<_>>().join("; ")
}

/// A number below a million with a comma at the thousands.
fn thousands(number: usize) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", number / 1_000, number % 1_000)
}
