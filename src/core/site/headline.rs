//! The headline of the front page: the worst that is going on, and what it affects.

use serde::Serialize;

use super::renderer::Site;
use super::views::tone;
use crate::core::incident::model::Impact;
use crate::core::incident::status::Status;

/// How many components the headline names.
const NAMED_MAX: usize = 3;

/// The status of everything, in words.
#[derive(Serialize)]
pub(super) struct Headline {
    pub tone: &'static str,
    /// The worst impact with the components that it affects.
    pub text: String,
    /// How many components work; `None` while all do, or where none are configured.
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

    /// Names in a row, the first few of many; `None` of none.
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
