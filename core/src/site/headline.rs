//! The headline of the front page: the worst current impact, and the affected components.

use serde::Serialize;

use super::renderer::Site;
use super::views::tone;
use crate::incident::model::Impact;
use crate::incident::status::Status;

/// The limit of components in the headline.
const NAMED_MAX: usize = 3;

/// The overall status in words.
#[derive(Serialize)]
pub(super) struct Headline {
    pub tone: &'static str,
    /// The worst impact with its components.
    pub text: String,
    /// Number of working components; `None` if all work, or none are configured.
    pub working: Option<String>,
}

impl Site {
    pub(super) fn headline(&self, status: &Status) -> Headline {
        let Some(worst) = status.impact() else {
            let text = self.texts.overall(None).to_owned();
            return Headline { tone: "good", text, working: None };
        };
        let impact = self.texts.impact(worst);
        let impacts: Vec<(&str, Option<Impact>)> = self
            .config
            .components()
            .map(|component| (component.name.as_str(), status.impact_on(&component.id)))
            .collect();
        let is_worst = |(name, impact): &(&'_ str, Option<Impact>)| {
            (*impact == Some(worst)).then(|| (*name).to_owned())
        };
        let affected: Vec<String> = impacts.iter().filter_map(is_worst).collect();
        let working = impacts.iter().filter(|(_, impact)| impact.is_none()).count();
        let count = || {
            let text = self.texts.words("working").replace("{n}", &working.to_string());
            text.replace("{all}", &impacts.len().to_string())
        };
        Headline {
            tone: tone(worst),
            text: match self.named(&affected) {
                Some(names) => format!("{impact}: {names}"),
                None => impact.to_owned(),
            },
            working: (worst != Impact::Maintenance && working < impacts.len()).then(count),
        }
    }

    /// A list of names, cut to the limit; `None` if it is empty.
    fn named(&self, names: &[String]) -> Option<String> {
        let shown = names.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
        match names.len().saturating_sub(NAMED_MAX) {
            _ if names.is_empty() => None,
            0 => Some(shown),
            more => {
                let text = self.texts.words("more_components").replace("{n}", &more.to_string());
                Some(text.replace("{names}", &shown))
            }
        }
    }
}
