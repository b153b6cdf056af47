//! Reads component names at the beginning of a text.

use super::misread::unknown_component;
use super::refusal::Refusal;
use super::usage::Usage;
use super::words;
use crate::config::{Component, Config, Group};
use crate::incident::status::NO_NAMES;
use crate::text::clean_name;

/// The limit of components in one command.
const NAMES_MAX: usize = 50;

/// Separators between two names.
const BETWEEN: [&str; 7] = [",", ";", "&", "+", "/", "and ", "und "];

/// Words for an empty list of components.
const NONE: [&str; 2] = ["none", "nothing"];

/// Reads `on <name>, <name>:`, also with "and" and a dash, or the names alone. Returns the
/// components' ids and the beginning of the text; `None` without components.
///
/// # Errors
/// An unknown name among known ones, or words that could be names or text.
pub(crate) fn components(
    rest: &str,
    config: &Config,
    usage: &Usage,
) -> Result<Option<(Vec<String>, usize)>, Refusal> {
    let begun = rest.trim_start();
    let behind_on = strip_ignoring_case(begun, "on").filter(|at| {
        begun.get(*at..).is_some_and(|behind| behind.starts_with(char::is_whitespace))
    });
    let names_at = rest.len() - begun.len() + behind_on.unwrap_or(0);
    let line = rest.get(names_at..).unwrap_or_default();
    let line = line.split('\n').next().unwrap_or_default();
    let is_on = behind_on.is_some();
    if is_on && let Some(taken) = none_named(line) {
        return Ok(Some((Vec::new(), names_at + taken)));
    }
    let Named { ids, end, behind } = named(line, config);
    let end_of_names = end_of_names(behind);
    match end_of_names {
        _ if ids.is_empty() && is_on => match misspelt(line, config) {
            Some(name) => Err(unknown(name, line, config, usage)),
            None => Ok(None),
        },
        _ if ids.is_empty() => Ok(None),
        Some(taken) if is_on => Ok(Some((ids, names_at + end + taken))),
        Some(taken) if taken > 0 && usage.name() != "update" => {
            Ok(Some((ids, names_at + end + taken)))
        }
        Some(taken) if taken > 0 => Err(names_or_text(&ids, config, usage)),
        None if is_on && goes_on(line, end) && behind.contains(':') => {
            let name = unknown_name(line.get(end..).unwrap_or_default());
            Err(unknown(name, line, config, usage))
        }
        None if is_on => Err(names_or_text(&ids, config, usage)),
        _ => Ok(None),
    }
}

/// Known names, their end, and the rest.
struct Named<'a> {
    ids: Vec<String>,
    end: usize,
    behind: &'a str,
}

/// The names at the beginning of a line. The longest match wins.
fn named<'a>(line: &'a str, config: &Config) -> Named<'a> {
    let (mut ids, mut rest): (Vec<String>, &str) = (Vec::new(), line);
    for _ in 0..NAMES_MAX {
        let start = behind_joints(rest);
        let Some((meant, taken)) = longest_name(start, config) else {
            // "on Checkout, : cards fail"
            if !ids.is_empty() && end_of_names(start).is_some_and(|taken| taken > 0) {
                rest = start;
            }
            break;
        };
        for id in meant {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        rest = start.get(taken..).unwrap_or_default();
        if behind_joints(rest).len() == rest.trim_start().len() {
            break;
        }
    }
    Named { ids, end: line.len() - rest.len(), behind: rest }
}

fn behind_joints(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(behind) =
        BETWEEN.iter().find_map(|joint| rest.get(strip_ignoring_case(rest, joint)?..))
    {
        rest = behind.trim_start();
    }
    rest
}

/// True if a further name follows.
fn goes_on(line: &str, end: usize) -> bool {
    let rest = line.get(end..).unwrap_or_default();
    behind_joints(rest).len() < rest.trim_start().len()
}

/// The longest name of a component or group at the beginning of a text: the ids, and its length in
/// bytes.
fn longest_name(text: &str, config: &Config) -> Option<(Vec<String>, usize)> {
    let of_component = |component: &Component| {
        let names = [component.name.as_str(), component.id.as_str()];
        let taken = names.into_iter().filter_map(|name| whole_name(text, name)).max()?;
        Some((vec![component.id.clone()], taken))
    };
    // A group stands for its components.
    let of_group = |group: &Group| {
        let taken = whole_name(text, group.name.as_ref()?)?;
        Some((group.components.iter().map(|part| part.id.clone()).collect(), taken))
    };
    let groups = config.groups.iter().filter_map(of_group);
    let components = config.components().filter_map(of_component);
    groups.chain(components).max_by_key(|(_, taken)| *taken)
}

fn whole_name(text: &str, name: &str) -> Option<usize> {
    let taken = strip_ignoring_case(text, name)?;
    let is_whole = !text.get(taken..)?.starts_with(char::is_alphanumeric);
    is_whole.then_some(taken)
}

/// Length of a prefix, ignoring case.
fn strip_ignoring_case(text: &str, prefix: &str) -> Option<usize> {
    let mut wanted = prefix.chars().flat_map(char::to_lowercase).peekable();
    for (at, c) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(at);
        }
        if !c.to_lowercase().all(|c| wanted.next_if_eq(&c).is_some()) {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

/// Length of the colon or dash that ends a list of names; 0 at the end of the line.
fn end_of_names(behind: &str) -> Option<usize> {
    let rest = behind.trim_start();
    let space = behind.len() - rest.len();
    if rest.is_empty() {
        return Some(0);
    }
    if rest.starts_with(':') {
        return Some(space + 1);
    }
    let dash = rest.chars().next().filter(|c| ['-', '–', '—'].contains(c))?;
    let is_apart = space > 0 && rest.get(dash.len_utf8()..)?.starts_with(' ');
    is_apart.then_some(space + dash.len_utf8())
}

/// `none:`
fn none_named(line: &str) -> Option<usize> {
    let word = line.split_once(':').map(|(word, _)| word)?;
    let is_none = NONE.iter().any(|none| word.trim().eq_ignore_ascii_case(none));
    is_none.then_some(word.len() + 1)
}

/// The first name of a list in which some name is known, or nearly.
fn misspelt<'a>(line: &'a str, config: &Config) -> Option<&'a str> {
    let names = listed(line);
    let is_known = |name: &&&str| longest_name(name, config).is_some_and(|(_, n)| n == name.len());
    let is_meant = |name: &&str| is_known(&name) || nearest(name, config).is_some();
    let is_list = names.len() <= NAMES_MAX && names.iter().any(is_meant);
    names.iter().find(|name| is_list && !is_known(name)).copied()
}

/// The names in front of a colon or dash.
fn listed(line: &str) -> Vec<&str> {
    let names = line.split_once(':').or_else(|| line.split_once(" - "));
    let names = names.map_or("", |(names, _)| names).split(',');
    let names = names.flat_map(|name| name.split(" and ")).map(str::trim);
    names.filter(|name| !name.is_empty()).collect()
}

/// The name after the known ones.
fn unknown_name(rest: &str) -> &str {
    let name = behind_joints(rest);
    name.split([',', ':']).next().unwrap_or_default().trim()
}

pub(crate) fn is_called(component: &Component, name: &str) -> bool {
    component.name.to_lowercase() == name.to_lowercase() || component.id == name
}

pub(crate) fn nearest<'a>(name: &str, config: &'a Config) -> Option<&'a str> {
    words::nearest(name, config.components().map(|component| component.name.as_str()))
}

fn unknown(name: &str, line: &str, config: &Config, usage: &Usage) -> Refusal {
    let known: Vec<String> = config.components().map(|component| component.name.clone()).collect();
    let meant = listed(line).into_iter().map(|name| {
        let is_known = longest_name(name, config).is_some_and(|(_, taken)| taken == name.len());
        if is_known { Some(name) } else { nearest(name, config) }
    });
    let meant = meant.collect::<Option<Vec<&str>>>();
    // A correction of the components has no text.
    let text = if usage.name() == "correct" { "" } else { ": <text>" };
    let line = meant.map(|names| format!("{} on {}{text}", usage.name(), names.join(", ")));
    unknown_component(&clean_name(name), line, &known)
}

/// Refuses names that could be the beginning of the text.
fn names_or_text(ids: &[String], config: &Config, usage: &Usage) -> Refusal {
    let names: Vec<&str> = ids.iter().map(|id| config.component_name(id, &NO_NAMES)).collect();
    let (names, verb) = (names.join(", "), usage.name());
    Refusal::new(format!(
        "“{}” could be an affected component or part of the text. Nothing was published. If it \
         is affected:",
        crate::text::markdown::escape(&names)
    ))
    .line(format!("{verb} on {names}: <text>"))
    .offer("If it is text, begin with a different word:", format!("{verb} <text>"))
}
