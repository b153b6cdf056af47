//! `help`: how commands are written.

use super::lines::{copyable, names_of};
use super::usage::Usage;
use crate::core::config::Config;

pub const HELP: Usage = Usage {
    words: &["help", "?"],
    form: "help [all|command]",
    meaning: "explains the commands that matter first, all of them, or one",
    examples: &["help", "help all"],
    ..Usage::NEW
};

/// What help is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpTopic {
    /// The commands that matter first, short enough for a phone.
    Basics,
    /// Every command.
    All,
    /// One command.
    Verb(&'static Usage),
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

/// The help on a topic, in Markdown.
#[must_use]
pub fn answer(topic: HelpTopic, usages: &[&'static Usage], config: &Config) -> String {
    let lines = match topic {
        HelpTopic::Basics => basics(),
        HelpTopic::All => usages.iter().map(|usage| usage.line(config)).collect(),
        HelpTopic::Verb(about) => {
            // The verbs of several words go with their first one.
            let first = |usage: &Usage| usage.name().split(' ').next();
            let meant = usages.iter().filter(|usage| first(usage) == first(about));
            meant.flat_map(|usage| usage.lines(config)).collect()
        }
    };
    lines.join("\n\n")
}

fn basics() -> Vec<String> {
    let more = format!("More: {}, {}", copyable("help all"), copyable("help update"));
    let basics = BASICS.iter().map(|(line, meaning)| format!("{} {meaning}", copyable(line)));
    basics.chain([more]).collect()
}

impl Usage {
    fn takes_components(&self, config: &Config) -> bool {
        self.form.contains(COMPONENTS_FORM) && config.components().next().is_some()
    }

    fn line(&self, config: &Config) -> String {
        let form = if self.takes_components(config) {
            self.form.to_owned()
        } else {
            self.form.replace(COMPONENTS_FORM, "")
        };
        format!("{} {}", copyable(&form), self.meaning)
    }

    /// The same, with the components that there are.
    fn lines(&self, config: &Config) -> Vec<String> {
        let mut lines = vec![self.line(config)];
        if self.takes_components(config) {
            let names: Vec<String> = config.components().map(|c| c.name.clone()).collect();
            lines.push(format!("Components: {}", names_of(&names)));
        }
        lines
    }
}
