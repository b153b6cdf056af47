//! Reading which components a command is about.

use super::misread::unknown_component;
use super::refusal::Refusal;
use super::words;
use crate::core::config::{Component, Config, Group};
use crate::core::text::clean_name;

/// How many components one command may name.
const NAMES_MAX: usize = 50;

/// Reads `<name>, <name>:` behind `on`. Gives the components' ids and where the text begins;
/// `None` where this is just a text that begins with "on".
pub(crate) fn components(
    rest: &str,
    config: &Config,
) -> Result<Option<(Vec<String>, usize)>, Refusal> {
    let line = rest.lines().next().unwrap_or_default();
    let Some(colon) = line.find(':') else {
        return Ok(None);
    };
    let names = line.get(..colon).unwrap_or_default().split(',').map(str::trim);
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.len() > NAMES_MAX {
        return Ok(None);
    }
    let find = |name: &str| {
        config
            .components()
            .find(|component| is_called(component, name))
            .map(|component| component.id.clone())
    };
    // A group stands for its components.
    let of_group = |name: &str| {
        let is_group = |group: &&Group| {
            group.name.as_ref().is_some_and(|known| known.to_lowercase() == name.to_lowercase())
        };
        config.groups.iter().find(is_group).map(|group| &group.components)
    };
    let is_known = |name: &str| find(name).is_some() || of_group(name).is_some();
    let first = names.iter().find(|name| !is_known(name));
    let Some(first) = first else {
        let mut ids: Vec<String> = Vec::new();
        for name in &names {
            let group = of_group(name).into_iter().flatten().map(|part| part.id.clone());
            let meant: Vec<String> = match find(name) {
                Some(id) => vec![id],
                None => group.collect(),
            };
            for id in meant {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        return Ok(Some((ids, colon + 1)));
    };
    let meant = names.iter().any(|name| is_known(name) || nearest(name, config).is_some());
    if meant {
        return Err(unknown(first, config));
    }
    Ok(None)
}

pub(crate) fn is_called(component: &Component, name: &str) -> bool {
    component.name.to_lowercase() == name.to_lowercase() || component.id == name
}

pub(crate) fn nearest<'a>(name: &str, config: &'a Config) -> Option<&'a str> {
    words::nearest(name, config.components().map(|component| component.name.as_str()))
}

fn unknown(name: &str, config: &Config) -> Refusal {
    let known: Vec<String> = config.components().map(|component| component.name.clone()).collect();
    unknown_component(&clean_name(name), nearest(name, config), &known)
}
