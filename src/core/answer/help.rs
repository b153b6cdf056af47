//! How to use it.

use crate::core::chat::words::Verb;
use crate::core::config::Config;
use crate::core::text::markdown::escape;

/// How many components a sentence names.
const NAMES_MAX: usize = 12;

/// One verb's form and what it does.
struct Usage {
    verb: Verb,
    form: &'static str,
    meaning: &'static str,
}

/// Where the form of a verb that takes components has them; left out where none are configured.
const COMPONENTS_FORM: &str = "[on Component, …:] ";

const USAGES: &[Usage] = &[
    Usage {
        verb: Verb::Open,
        form: "open [minor|major|critical] [on Component, …:] what is failing",
        meaning: "opens an incident; `open another …` opens a second one",
    },
    Usage {
        verb: Verb::Update(None),
        form: "update [#42] [investigating|identified|monitoring] [on Component, …:] text [next 30m]",
        meaning: "says more; the number is needed only when several are open; `next 30m` promises \
                  the next update",
    },
    Usage { verb: Verb::Close, form: "close [#42] [text]", meaning: "closes it" },
    Usage { verb: Verb::Reopen, form: "reopen #42 text", meaning: "opens a closed one again" },
    Usage {
        verb: Verb::Correct,
        form: "correct [#42] text",
        meaning: "replaces the newest public text; the log keeps both",
    },
    Usage {
        verb: Verb::PostMortem,
        form: "postmortem #42 text",
        meaning: "adds what was learned to a closed one",
    },
    Usage {
        verb: Verb::Maintenance,
        form: "maintenance 2026-11-23 22:00 to 23:30 [on Component, …:] text",
        meaning: "announces one; also `tomorrow 22:00 for 90m`, `now for 2h`, and \
                  `maintenance #43 cancel`, `extend 30m` or `complete`",
    },
    Usage { verb: Verb::Status, form: "status", meaning: "says how things are" },
    Usage { verb: Verb::List, form: "list", meaning: "lists what is open" },
    Usage { verb: Verb::Help, form: "help [command]", meaning: "explains" },
];

/// All commands, or one of them.
#[must_use]
pub fn help(about: Option<Verb>, config: &Config, bot: &str) -> String {
    let about = about.map(Verb::name);
    let has_components = config.components().next().is_some();
    let mut lines = Vec::new();
    if about.is_none() {
        lines.push(format!("To open an incident: {}", at(bot, "open Checkout is failing")));
    }
    for usage in USAGES.iter().filter(|usage| about.is_none_or(|name| usage.verb.name() == name)) {
        let form = if has_components {
            usage.form.to_owned()
        } else {
            usage.form.replace(COMPONENTS_FORM, "")
        };
        lines.push(format!("{} {}", at(bot, &form), usage.meaning));
        if about.is_some() && has_components && usage.form.contains(COMPONENTS_FORM) {
            let names: Vec<String> = config.components().map(|c| c.name.clone()).collect();
            lines.push(format!("Components: {}", names_of(&names)));
        }
    }
    lines.join("\n\n")
}

/// A line to copy, as code: the bot's mention and what follows it. Back quotes would end the code.
pub(super) fn at(bot: &str, line: &str) -> String {
    format!("`@{} {}`", bot.replace('`', "'"), line.replace('`', "'"))
}

pub(super) fn names_of(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| escape(name)).collect();
    if names.len() > NAMES_MAX {
        shown.push(format!("and {} more", names.len() - NAMES_MAX));
    }
    shown.join(", ")
}
