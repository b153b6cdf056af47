//! What helps the responders with a component: for them alone, on no page.

use std::collections::BTreeMap;

use crate::core::text::{clean_name, is_safe_link};

/// How many dashboards, and how many owners, a component may have.
const LIST_MAX: usize = 8;

/// What helps with a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// Where its troubleshooting guide is.
    pub guide: Option<String>,
    /// Where its dashboards are.
    pub dashboards: Vec<String>,
    /// Who owns it: people or teams, by name.
    pub owners: Vec<String>,
    /// The roster of who is on call for it, by its name.
    pub roster: Option<String>,
}

/// Guides by the ids of their components, for those that have one.
pub type Guides = BTreeMap<String, Guide>;

/// A component's guide as it was written, checked; `None` where nothing was written.
pub(super) fn checked(component: &str, written: Guide) -> Result<Option<Guide>, String> {
    let Guide { guide, dashboards, owners, roster } = written;
    for (key, count) in [("dashboards", dashboards.len()), ("owners", owners.len())] {
        if count > LIST_MAX {
            return Err(format!(
                "the component \"{component}\" has {count} {key}: at most {LIST_MAX}"
            ));
        }
    }
    let guide = Guide {
        guide: guide.map(|address| link(component, "guide", address)).transpose()?,
        dashboards: dashboards
            .into_iter()
            .map(|address| link(component, "dashboards", address))
            .collect::<Result<_, _>>()?,
        owners: owners
            .iter()
            .map(|owner| name(component, "owners", owner))
            .collect::<Result<_, _>>()?,
        roster: roster.map(|roster| name(component, "roster", &roster)).transpose()?,
    };
    Ok((guide != Guide::default()).then_some(guide))
}

fn link(component: &str, key: &str, address: String) -> Result<String, String> {
    if is_safe_link(&address) {
        return Ok(address);
    }
    Err(format!(
        "{key} of the component \"{component}\": \"{address}\" is not a link that starts with \
         https:, http: or mailto:"
    ))
}

fn name(component: &str, key: &str, name: &str) -> Result<String, String> {
    let shown = clean_name(name);
    if shown.is_empty() {
        return Err(format!("{key} of the component \"{component}\": \"{name}\" shows nothing"));
    }
    Ok(shown)
}
