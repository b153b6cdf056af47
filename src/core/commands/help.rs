//! How commands are written.

use std::mem::discriminant;

use super::command::HelpTopic;
use super::lines::{at, names_of};
use super::words::Verb;
use crate::core::config::Config;

/// What `help` tells of a command.
struct Usage {
    verb: Verb,
    form: &'static str,
    meaning: &'static str,
}

/// Where the form of a verb that takes components has them; left out where none are configured.
const COMPONENTS_FORM: &str = "[on Component, …:] ";

/// What matters first, as lines that work as they stand, each short enough for a phone.
const BASICS: &[(&str, &str)] = &[
    ("open Checkout is failing", "opens an incident"),
    ("update The cause is found", "adds an update"),
    ("close", "closes it"),
    ("status", "shows what is open"),
    ("maintenance now for 2h: New switches", "announces work"),
];

const USAGES: &[Usage] = &[
    Usage {
        verb: Verb::Open,
        form: "open [minor|major|critical] [on Component, …:] what is failing",
        meaning: "opens an incident; `open another …` opens a second one",
    },
    Usage {
        verb: Verb::Update(None),
        form: "update [#42] [investigating|identified|monitoring] [on Component, …:] text [next 30m]",
        meaning: "adds an update; the number is needed only when several are open, and not in the \
                  thread in which the incident was opened; `next 30m` promises the next update",
    },
    Usage {
        verb: Verb::Impact,
        form: "impact minor|major|critical [#42] [text]",
        meaning: "changes how bad it is",
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
        meaning: "announces one; also `monday 22:00-23:30`, `tomorrow 22:00 for 90m`, \
                  `in 2 hours for 30m`, `now for 2h`, and `maintenance #43 cancel`, `extend 30m` or \
                  `complete`",
    },
    Usage {
        verb: Verb::Publish,
        form: "publish [#42] [minor|major|critical] [on Component, …:] text",
        meaning: "puts an incident on the page that was opened with `open internal …`; what was said \
                  before stays internal. `open drill …` opens an exercise, which is never published",
    },
    Usage {
        verb: Verb::When,
        form: "when [#42] started|detected|mitigated|resolved 13:40 [via customer]",
        meaning: "says when it was, or corrects that; also `20m ago`, `yesterday 23:50`, and at the \
                  opening `open since=20m via=customer sev2 …`",
    },
    Usage {
        verb: Verb::Acknowledge,
        form: "ack [#42] [text]",
        meaning: "says that somebody is on it",
    },
    Usage {
        verb: Verb::Mitigated,
        form: "mitigated [#42] [at 14:05] [text]",
        meaning: "says that those affected notice it no longer",
    },
    Usage {
        verb: Verb::Severity,
        form: "sev [#42] 1|2|3|4",
        meaning: "says how bad it is for the team, 1 being the gravest",
    },
    Usage { verb: Verb::Aware, form: "know [#42] text", meaning: "says who is aware of it" },
    Usage { verb: Verb::Doing, form: "doing [#42] text", meaning: "says what is being done" },
    Usage { verb: Verb::Affected, form: "affects [#42] text", meaning: "says for whom it is bad" },
    Usage {
        verb: Verb::Role(None),
        form: "role [#42] scribe @person|me|oncall",
        meaning: "gives somebody a role: commander, primary, secondary, scribe, comms, tester, or \
                  `expert @person for a topic`; in short `ic @person`, `scribe me`",
    },
    Usage {
        verb: Verb::Release,
        form: "release [#42] scribe [@person]",
        meaning: "takes the role from who has it",
    },
    Usage {
        verb: Verb::Roles,
        form: "roles [#42]",
        meaning: "shows who has which role, what it is for, and which are open",
    },
    Usage {
        verb: Verb::Launch,
        form: "launch [#42] [status|retry channel|skip channel]",
        meaning: "makes its work item and channel, finds who is on call and calls them, or shows how \
                  far that is",
    },
    Usage {
        verb: Verb::Questions,
        form: "questions [#42]",
        meaning: "shows the five questions about it, and what is not answered",
    },
    Usage {
        verb: Verb::Action,
        form: "action [#42] text [@person] [by friday]",
        meaning: "adds something to be done after the incident; `action #42 done 1` says that it is. \
                  Overdue ones are named every Monday",
    },
    Usage {
        verb: Verb::Actions,
        form: "actions [#42]",
        meaning: "lists the action items that are open, of all incidents or with those done of one",
    },
    Usage {
        verb: Verb::Review,
        form: "review #42",
        meaning: "says what is missing, and writes the post-incident document of a closed one. Notes \
                  that begin with `factor:`, `well:` or `badly:` go to their sections",
    },
    Usage {
        verb: Verb::Statistics,
        form: "stats [#42|90d|2026-11|2026-Q4|2026|all] [component Checkout] [sev 2]",
        meaning: "tells how long it took to detect, acknowledge, mitigate and resolve",
    },
    Usage {
        verb: Verb::OnCall,
        form: "oncall [roster|topic]",
        meaning: "shows who is on call, until when, who is next, and how to reach them",
    },
    Usage {
        verb: Verb::Cover,
        form: "cover [roster] primary @person today 18:00 to 22:00 [: why]",
        meaning: "somebody stands in on call; also `for 2h`, `from friday 9:00 to monday 9:00`, and \
                  `me` for yourself",
    },
    Usage {
        verb: Verb::Swap,
        form: "swap [roster] [primary] with @person friday [for monday]",
        meaning: "gives your turn on call of that day or time to somebody, and you theirs: the one \
                  named behind `for`, or else their next",
    },
    Usage { verb: Verb::Uncover, form: "uncover 3", meaning: "takes a cover back" },
    Usage {
        verb: Verb::Note,
        form: "note [#42] [at 14:05|5m ago] text",
        meaning: "writes down what happened",
    },
    Usage {
        verb: Verb::Task,
        form: "task [#42] text [@person]",
        meaning: "adds a task; `task done 1` says that it is done",
    },
    Usage { verb: Verb::Tasks, form: "tasks [#42]", meaning: "lists the tasks" },
    Usage {
        verb: Verb::Tested,
        form: "tested [#42] ok|failed [text]",
        meaning: "says whether it works again",
    },
    Usage {
        verb: Verb::Told,
        form: "told [#42] whom via where: text",
        meaning: "says what was told elsewhere, such as `told key customers via mailing list: …`",
    },
    Usage {
        verb: Verb::Timeline,
        form: "timeline [full] [#42] [page 2]",
        meaning: "shows what happened: the summary, or all in pages",
    },
    Usage {
        verb: Verb::Guide,
        form: "guide [Component]",
        meaning: "shows a component's troubleshooting guide, dashboards, owners and roster",
    },
    Usage {
        verb: Verb::Status,
        form: "status [#42]",
        meaning: "shows what is open and which revision the page shows, or how one stands",
    },
    Usage {
        verb: Verb::Deliveries,
        form: "deliveries",
        meaning: "shows what waits to be sent to the channel, and what failed",
    },
    Usage { verb: Verb::List, form: "list", meaning: "lists what is open" },
    Usage {
        verb: Verb::Help,
        form: "help [all|command]",
        meaning: "explains the commands that matter first, all of them, or one",
    },
];

/// The help on a topic, in Markdown.
#[must_use]
pub fn help(topic: HelpTopic, config: &Config, bot: &str) -> String {
    let lines = match topic {
        HelpTopic::Basics => basics(bot),
        HelpTopic::All => USAGES.iter().map(|usage| usage.line(config, bot)).collect(),
        HelpTopic::Verb(verb) => {
            let kind = discriminant(&verb);
            let of_verb = USAGES.iter().filter(|usage| discriminant(&usage.verb) == kind);
            of_verb.flat_map(|usage| usage.lines(config, bot)).collect()
        }
    };
    lines.join("\n\n")
}

fn basics(bot: &str) -> Vec<String> {
    let more = format!("More: {}, {}", at(bot, "help all"), at(bot, "help update"));
    let basics = BASICS.iter().map(|(line, meaning)| format!("{} {meaning}", at(bot, line)));
    basics.chain([more]).collect()
}

impl Usage {
    fn takes_components(&self, config: &Config) -> bool {
        self.form.contains(COMPONENTS_FORM) && config.components().next().is_some()
    }

    fn line(&self, config: &Config, bot: &str) -> String {
        let form = if self.takes_components(config) {
            self.form.to_owned()
        } else {
            self.form.replace(COMPONENTS_FORM, "")
        };
        format!("{} {}", at(bot, &form), self.meaning)
    }

    /// The same, with the components that there are.
    fn lines(&self, config: &Config, bot: &str) -> Vec<String> {
        let mut lines = vec![self.line(config, bot)];
        if self.takes_components(config) {
            let names: Vec<String> = config.components().map(|c| c.name.clone()).collect();
            lines.push(format!("Components: {}", names_of(&names)));
        }
        lines
    }
}
