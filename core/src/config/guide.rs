//! Help for responders with a component. It is internal and appears on no page.

use std::collections::BTreeMap;

use crate::text::{clean_name, is_safe_link};

/// Maximum number of dashboards, and of owners, of a component.
const LIST_MAX: usize = 8;

/// Help for responders with a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// Address of the troubleshooting guide.
    pub guide: Option<String>,
    /// Addresses of the dashboards.
    pub dashboards: Vec<String>,
    /// Names of people or teams.
    pub owners: Vec<String>,
    /// Name of the on-call roster.
    pub roster: Option<String>,
}

/// Guides by component id, for the components that have one.
pub type Guides = BTreeMap<String, Guide>;

/// Checks the guide of a component. `None` if nothing is configured.
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
