//! `help`: the next step, a screen for each part of the work, and each command.

use super::candidates::just_closed;
use super::lines::{copyable, names_of};
use super::usage::{Screen, Usage};
use super::view::View;
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::state::State;
use crate::response::milestone::Milestone;
use crate::response::role::Role;
use crate::text::markdown::escape;

pub const HELP: Usage = Usage {
    words: &["help", "?"],
    form: "help [respond|page|review|oncall|all|command]",
    meaning: "shows what to type next, a screen about a part of the work, or one command",
    examples: &["help", "help respond", "help all"],
    brief: ("help", "what to type next"),
    ..Usage::NEW
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpTopic {
    /// The next step.
    Next,
    Screen(Screen),
    All,
    Verb(&'static Usage),
}

/// The place of components in a verb's form.
const COMPONENTS_FORM: &str = "[on Component, …:] ";

/// The longest title in help, in characters, so that its line fits a phone.
const TITLE_CHARS_MAX: usize = 22;

#[must_use]
pub(crate) fn answer(topic: HelpTopic, usages: &[&'static Usage], view: &View) -> String {
    let config = view.config;
    let lines = match topic {
        HelpTopic::Next => next(usages, view),
        HelpTopic::Screen(screen) => self::screen(screen, usages),
        HelpTopic::All => all(usages),
        HelpTopic::Verb(about) => {
            // Verbs of several words belong to their first word.
            let first = |usage: &Usage| usage.name().split(' ').next();
            let meant = usages.iter().filter(|usage| first(usage) == first(about));
            meant.flat_map(|usage| usage.lines(config)).collect()
        }
    };
    lines.join("\n\n")
}

/// The most common line of each command, by the part of the work.
fn all(usages: &[&'static Usage]) -> Vec<String> {
    let part = |screen: Option<Screen>| {
        let heading = format!("**{}**", screen.map_or("more", Screen::word));
        let on_it = usages.iter().filter(move |usage| usage.screen == screen);
        [heading].into_iter().chain(on_it.map(|usage| usage.short(false, None)))
    };
    let parts = Screen::ALL.map(Some).into_iter().chain([None]);
    let options = format!("Options of one: {}", copyable("help update"));
    parts.flat_map(part).chain([options]).collect()
}

/// Open and just closed incidents, the next step, and further topics.
fn next(usages: &[&'static Usage], view: &View) -> Vec<String> {
    let state = view.state;
    let open = state.open_numbers();
    let closed = just_closed(state, view.at);
    let (heading, verbs, number): (String, [&str; 4], Option<Number>) =
        match (&open[..], &closed[..]) {
            ([only], _) => {
                let response = state.response(*only);
                let is_taken = |taken: bool, verb, otherwise| if taken { otherwise } else { verb };
                let acknowledged = response.is_some_and(|response| {
                    response.milestones.at(Milestone::Acknowledged).is_some()
                });
                let led = response
                    .is_some_and(|response| response.holders(Role::Commander).next().is_some());
                let verbs = [
                    "update",
                    is_taken(acknowledged, "ack", "note"),
                    is_taken(led, "role", "task"),
                    "close",
                ];
                (format!("{} is open.", titled(state, *only)), verbs, None)
            }
            ([], [closed]) => {
                let verbs = ["correct", "reopen", "action", "review"];
                (format!("{} is closed.", titled(state, *closed)), verbs, Some(*closed))
            }
            ([], _) => (
                "**Nothing is open.**".to_owned(),
                ["open", "maintenance", "oncall", "status"],
                None,
            ),
            (several, _) => {
                let heading = format!("**{} incidents are open.**", several.len());
                (heading, ["list", "update", "note", "close"], None)
            }
        };
    let needs_number = open.len() > 1 || !open.is_empty() && !closed.is_empty();
    let lines = verbs.iter().filter_map(|verb| {
        let usage = usages.iter().find(|usage| usage.name() == *verb)?;
        Some(usage.short(needs_number, number))
    });
    let [first, screens @ ..] = Screen::ALL.map(Screen::word);
    let more = format!("More: {}, {}", copyable(&format!("help {first}")), screens.join(", "));
    [heading].into_iter().chain(lines).chain([more]).collect()
}

/// An incident's number and the beginning of its title.
fn titled(state: &State, number: Number) -> String {
    let response = state.response(number);
    let title = response.map_or("", |response| response.title.as_str());
    let title = if title.chars().count() > TITLE_CHARS_MAX {
        title.chars().take(TITLE_CHARS_MAX - 1).chain(['…']).collect()
    } else {
        title.to_owned()
    };
    format!("**#{number}** {}", escape(&title))
}

fn screen(screen: Screen, usages: &[&'static Usage]) -> Vec<String> {
    let on_it = usages.iter().filter(|usage| usage.screen == Some(screen));
    let lines = on_it.flat_map(|usage| {
        let lines = usage.options.iter().filter(|(line, _)| line.starts_with(usage.name()));
        let lines = lines.map(|(line, gist)| told(line, gist));
        [usage.short(false, None)].into_iter().chain(lines)
    });
    lines.chain([format!("All: {}", copyable("help all"))]).collect()
}

fn told(line: &str, gist: &str) -> String {
    format!("{} {gist}", copyable(line))
}

impl Usage {
    /// Its most common line with its meaning; with a number if one is needed or known.
    fn short(&self, needs_number: bool, number: Option<Number>) -> String {
        let (line, gist) = self.brief;
        let line = match (line.contains("#<n>"), number) {
            (true, Some(number)) => line.replace("#<n>", &format!("#{number}")),
            (false, _) if needs_number && self.name() != "list" => {
                let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
                format!("{verb} #<n> {rest}").trim_end().to_owned()
            }
            _ => line.to_owned(),
        };
        told(&line, gist)
    }

    /// The whole form, with options and components.
    fn lines(&self, config: &Config) -> Vec<String> {
        let mut lines = vec![told(self.form, self.meaning)];
        lines.extend(self.options.iter().map(|(option, gist)| told(option, gist)));
        if self.form.contains(COMPONENTS_FORM) {
            let names: Vec<String> = config.components().map(|c| c.name.clone()).collect();
            let names = if names.is_empty() { "none yet".to_owned() } else { names_of(&names) };
            lines.push(format!("Components: {names}"));
        }
        lines
    }
}
