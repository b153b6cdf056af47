//! Components of the page and their descriptions.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::guide::{self, Guide, Guides};
use super::problems::Problems;
use crate::text::clean_name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `None` for components without a group.
    pub name: Option<String>,
    /// Shown below the heading.
    pub description: Option<String>,
    pub components: Vec<Component>,
}

/// A part of the service that people know by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Used in records, so it stays the same when the name changes.
    pub id: String,
    pub name: String,
    /// Shown below the name.
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileGroup {
    name: String,
    description: Option<String>,
    #[serde(default)]
    components: Vec<FileComponent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileComponent {
    id: Option<String>,
    name: String,
    description: Option<String>,
    guide: Option<String>,
    #[serde(default)]
    dashboards: Vec<String>,
    #[serde(default)]
    owners: Vec<String>,
    roster: Option<String>,
}

const COMPONENTS_MAX: usize = 200;

/// Checks the groups with their components, and the guides of the components.
pub(super) fn groups(
    loose: Vec<FileComponent>,
    grouped: Vec<FileGroup>,
    problems: &mut Problems,
) -> (Vec<Group>, Guides) {
    let mut taken = Taken::default();
    let mut guides = Guides::new();
    let mut checked = |components: Vec<FileComponent>| -> Vec<Component> {
        let checked = components.into_iter().filter_map(|file| {
            let (component, guide) = problems.note(component(file))?;
            problems.note(taken.take(&component))?;
            guides.extend(guide.map(|guide| (component.id.clone(), guide)));
            Some(component)
        });
        checked.collect()
    };
    let mut groups = Vec::new();
    if !loose.is_empty() {
        groups.push(Group { name: None, description: None, components: checked(loose) });
    }
    for FileGroup { name, description, components } in grouped {
        groups.push(Group { name: Some(name), description, components: checked(components) });
    }
    if taken.ids.len() > COMPONENTS_MAX {
        problems.0.push(format!("more than {COMPONENTS_MAX} components"));
    }
    (groups, guides)
}

/// Ids and lower-case names in use so far.
#[derive(Default)]
struct Taken {
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Taken {
    fn take(&mut self, component: &Component) -> Result<(), String> {
        let Component { id, name, .. } = component;
        if self.ids.insert(id.clone()) & self.names.insert(name.to_lowercase()) {
            return Ok(());
        }
        Err(format!(
            "the component \"{name}\" (id \"{id}\") exists twice: names and ids must be unique"
        ))
    }
}

fn component(file: FileComponent) -> Result<(Component, Option<Guide>), String> {
    let name = clean_name(&file.name);
    if name.is_empty() || name.contains([',', ':']) {
        return Err(format!(
            "the component name \"{}\" is empty or has a comma or colon, which separate names in \
             `open on Name, Name: text`",
            file.name
        ));
    }
    if file.id.is_none() && !name.is_ascii() {
        return Err(format!(
            "the component name \"{name}\" contains letters that are not allowed in an id: set \
             `id` to a word in a-z, 0-9 and -"
        ));
    }
    let id = file.id.clone().unwrap_or_else(|| slug(&name));
    let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(is_id) {
        return Err(format!(
            "the id \"{id}\" of the component \"{name}\" may have only a-z, 0-9 and -: set `id`"
        ));
    }
    let FileComponent { description, guide, dashboards, owners, roster, .. } = file;
    let guide = guide::checked(&name, Guide { guide, dashboards, owners, roster })?;
    Ok((Component { id, name, description }, guide))
}

/// Id of the component with this name or id.
pub(super) fn component_id(groups: &[Group], name: &str) -> Option<String> {
    let mut components = groups.iter().flat_map(|group| &group.components);
    let name = clean_name(name).to_lowercase();
    let found = components.find(|own| own.name.to_lowercase() == name || own.id == name)?;
    Some(found.id.clone())
}

/// Derives an id from a name: lower case, with a hyphen for everything but letters and digits.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
