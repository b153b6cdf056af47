//! The answer to a command that changes nothing: why, and always what to type.

use super::lines::{MAINTENANCE_EXAMPLE, actions, at, repeated};
use super::unchanged::Unchanged;
use super::words::Verb;
use crate::core::incident::model::{Impact, MAINTENANCES_MAX, Number, OPEN_INCIDENTS_MAX};
use crate::core::text::markdown::escape;

pub(crate) fn sentence(refusal: &Unchanged, bot: &str) -> String {
    match refusal {
        Unchanged::AlreadyOpen { open, impact, components, text } => {
            already_open(open, *impact, components, text, bot)
        }
        Unchanged::NothingOpen { verb, closed } => nothing_open(*verb, *closed, bot),
        Unchanged::WhichOne {
            verb: verb @ (Verb::Reopen | Verb::PostMortem), candidates, ..
        } if candidates.is_empty() => {
            format!("No incident has been closed, so there is nothing to {}.", purpose(*verb))
        }
        Unchanged::WhichOne { verb, candidates, behind: (words, text) } => {
            let number = candidates.first().map_or(42, |(number, _)| *number);
            let gap = if words.is_empty() { "" } else { " " };
            let line = format!("{} #{number} {words}{gap}{}", verb.name(), repeated(text));
            format!(
                "Nothing was changed: name the one that you mean, for example\n\n{}\n\n{}",
                at(bot, line.trim_end()),
                titles(candidates)
            )
        }
        Unchanged::NoSuchIncident { number: Number::MAX, open } => {
            format!("There is no incident with that number. {}", open_ones(open, bot))
        }
        Unchanged::NoSuchIncident { number, open } => {
            format!("There is no incident #{number}. {}", open_ones(open, bot))
        }
        Unchanged::Closed(number) => format!(
            "#{number} is closed already, so nothing was changed. To open it again:\n\n{}\n\n\
             To change its last text:\n\n{}",
            at(bot, &format!("reopen #{number} text")),
            at(bot, &format!("correct #{number} text")),
        ),
        Unchanged::SameImpact { number, impact, text } => format!(
            "The impact of #{number} is {} already, so nothing was changed. To add an \
             update:\n\n{}",
            impact.word(),
            at(
                bot,
                &format!(
                    "update #{number} {}",
                    if text.is_empty() { "text" } else { repeated(text) }
                )
            ),
        ),
        Unchanged::StillOpen { number, verb } => format!(
            "#{number} is open, so there is nothing to {}. To add an update:\n\n{}",
            purpose(*verb),
            at(bot, &format!("update #{number} text"))
        ),
        Unchanged::Time(why) => format!("{} Nothing was changed.", why.sentence()),
        Unchanged::Over(number) => format!(
            "The maintenance #{number} is over already, so nothing was changed. To change its last \
             text:\n\n{}",
            at(bot, &format!("correct #{number} text"))
        ),
        Unchanged::NotBegun(number) => format!(
            "The maintenance #{number} has not begun, so it cannot be completed. To call it \
             off:\n\n{}",
            at(bot, &format!("maintenance #{number} cancel"))
        ),
        Unchanged::IsMaintenance { number, verb } => is_maintenance(*number, *verb, bot),
        Unchanged::NoMaintenance(number) => format!(
            "#{number} is an incident and no maintenance, so nothing was changed. To add an update, \
             or to close it:\n\n{}\n\n{}",
            at(bot, &format!("update #{number} text")),
            at(bot, &format!("close #{number}")),
        ),
        Unchanged::TooManyMaintenances(one) => format!(
            "{MAINTENANCES_MAX} maintenances are planned, which is as many as there may be, so \
             nothing was announced. Cancel one first:\n\n{}",
            at(bot, &format!("maintenance #{} cancel", one.unwrap_or(42)))
        ),
        Unchanged::TooManyOpen(one) => format!(
            "{OPEN_INCIDENTS_MAX} incidents are open, which is as many as there may be, so nothing \
             was opened. Close one first:\n\n{}",
            at(bot, &format!("close #{}", one.unwrap_or(42)))
        ),
        Unchanged::TooManyUpdates { number, open } => too_many_updates(*number, *open, bot),
    }
}

fn nothing_open(verb: Verb, closed: Option<Number>, bot: &str) -> String {
    match verb {
        Verb::Correct => format!(
            "Nothing is open, so nothing was changed. To correct a closed incident, name it:\n\n{}",
            at(bot, &format!("correct #{} text", closed.unwrap_or(42)))
        ),
        Verb::Maintenance => format!(
            "No maintenance is planned or running, so nothing was changed. To announce one:\n\n{}",
            at(bot, MAINTENANCE_EXAMPLE)
        ),
        Verb::Impact => format!(
            "Nothing is open, so there is no impact to change. To open an incident:\n\n{}",
            at(bot, "open critical what is failing")
        ),
        verb => format!(
            "Nothing is open, so there is nothing to {}. To open an incident:\n\n{}",
            verb.name(),
            at(bot, "open what is failing")
        ),
    }
}

fn is_maintenance(number: Number, verb: Verb, bot: &str) -> String {
    match verb {
        Verb::Reopen | Verb::PostMortem => format!(
            "#{number} is a maintenance, which is not reopened or reviewed, so nothing was changed. \
             To announce another one:\n\n{}",
            at(bot, MAINTENANCE_EXAMPLE)
        ),
        verb => format!(
            "#{number} is a maintenance, and `{}` is for incidents, so nothing was changed. What can \
             be done with it:\n\n{}",
            verb.name(),
            actions(number).map(|line| at(bot, &line)).join("\n\n")
        ),
    }
}

fn too_many_updates(number: Number, open: bool, bot: &str) -> String {
    let (remedy, line) = if open {
        ("Close it, and go on in another one:", format!("close #{number}"))
    } else {
        ("It stays closed. Open a new one:", "open another what is failing".to_owned())
    };
    format!(
        "#{number} has as many updates, or as much text, as there may be, so nothing was changed. \
         {remedy}\n\n{}",
        at(bot, &line)
    )
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

/// What somebody wanted to do, as a verb of the sentence.
fn purpose(verb: Verb) -> &'static str {
    if verb == Verb::PostMortem { "review" } else { "reopen" }
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
