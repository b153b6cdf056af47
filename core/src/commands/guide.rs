//! `guide`: troubleshooting guide, dashboards, owners and roster of a component.

use super::components::{is_called, nearest};
use super::line::Line;
use super::lines::{copyable, names_of};
use super::refusal::Refusal;
use super::usage::{Screen, Usage};
use crate::config::guide::Guide;
use crate::config::{Component, Config};
use crate::incident::status::NO_NAMES;
use crate::text::clean_name;
use crate::text::markdown::{escape, link_to};

pub const GUIDE: Usage = Usage {
    words: &["guide"],
    form: "guide [Component]",
    meaning: "shows a component's troubleshooting guide, dashboards, owners and roster",
    examples: &["guide"],
    screen: Some(Screen::Respond),
    brief: ("guide", "what to do about a component"),
    ..Usage::NEW
};

/// The limit of all guides together, in bytes: Teams accepts 28 KB.
const BYTES_MAX: usize = 24 * 1024;
/// The limit of links on a card: Teams draws six buttons.
const LINKS_ON_CARD_MAX: usize = 4;

/// The component after `guide` by its place in the configuration; `None` for all guides.
pub(crate) fn read(line: &Line) -> Result<Option<usize>, Refusal> {
    let name = line.reader.rest().trim().trim_end_matches([':', '?']).trim_end();
    if name.is_empty() {
        return Ok(None);
    }
    let place = line.config.components().position(|component| is_called(component, name));
    place.map(Some).ok_or_else(|| unknown_component(name, line.config))
}

fn unknown_component(name: &str, config: &Config) -> Refusal {
    let what = format!("There is no component “{}”", escape(&clean_name(name)));
    let known: Vec<String> = config.components().map(|c| c.name.clone()).collect();
    match nearest(name, config) {
        Some(nearest) => {
            Refusal::new(format!("{what}. Did you mean")).line(format!("guide {nearest}"))
        }
        None if known.is_empty() => Refusal::new(format!(
            "{what}: no components are configured. They are set in \
                                  `status.toml`."
        )),
        None => Refusal::new(format!("{what}. Components: {}", names_of(&known))),
    }
}

/// One component's guide, or all guides.
pub(crate) fn answer(place: Option<usize>, config: &Config) -> String {
    if let Some(component) = place.and_then(|place| config.components().nth(place)) {
        return match config.guides.get(&component.id) {
            Some(guide) => line(component, guide),
            None => format!(
                "**{}** has no guide. `guide`, `dashboards`, `owners` and `roster` of a \
                 component in \
                 `status.toml` are shown here.",
                escape(&component.name)
            ),
        };
    }
    let mut lines = Vec::new();
    let mut bytes = 0;
    let mut left_out = Vec::new();
    for component in config.components() {
        let Some(guide) = config.guides.get(&component.id) else {
            continue;
        };
        let line = line(component, guide);
        if bytes + line.len() > BYTES_MAX {
            left_out.push(component);
            continue;
        }
        bytes += line.len();
        lines.push(line);
    }
    if let Some(first) = left_out.first() {
        let line = copyable(&format!("guide {}", first.name));
        lines.push(format!("{} more, one by one: {line}", left_out.len()));
    }
    if lines.is_empty() {
        lines.push(
            "No component has a guide. `guide`, `dashboards`, `owners` and `roster` of a component \
             in `status.toml` are shown here."
                .to_owned(),
        );
    }
    lines.join("\n\n")
}

fn line(component: &Component, guide: &Guide) -> String {
    let mut parts = Vec::new();
    parts.extend(guide.guide.as_ref().map(|address| link_to("troubleshooting guide", address)));
    let dashboards = guide.dashboards.iter().enumerate();
    let dashboards: Vec<String> = dashboards
        .map(|(place, address)| link_to(&format!("dashboard {}", place + 1), address))
        .collect();
    if !dashboards.is_empty() {
        parts.push(dashboards.join(", "));
    }
    if !guide.owners.is_empty() {
        parts.push(format!("owners: {}", escape(&guide.owners.join(", "))));
    }
    parts.extend(guide.roster.as_ref().map(|roster| format!("on call: roster {}", escape(roster))));
    format!("**{}**: {}", escape(&component.name), parts.join("; "))
}

/// Links for the card of an opening, to the guides and dashboards of its components.
pub(crate) fn on_card(components: &[String], config: &Config) -> Vec<(String, String)> {
    let guides = components.iter().filter_map(|id| Some((id, config.guides.get(id)?)));
    let is_only = guides.clone().count() == 1;
    let links = guides.flat_map(|(id, guide)| {
        let name = config.component_name(id, &NO_NAMES);
        let of = if is_only { String::new() } else { format!(": {name}") };
        let boards = guide.dashboards.iter().take(1).map(|url| ("Dashboard", url));
        let both = guide.guide.iter().map(|url| ("Guide", url)).chain(boards);
        both.map(move |(what, url)| (format!("{what}{of}"), url.clone()))
    });
    links.take(LINKS_ON_CARD_MAX).collect()
}
