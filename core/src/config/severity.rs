//! Default impact for each severity: `[severity]` in `status.toml`.

use serde::Deserialize;

use crate::incident::model::Impact;
use crate::incident::severity::Severity;

/// Impacts of severities 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeverityImpacts([Impact; 4]);

/// Table as written in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSeverity {
    #[serde(rename = "1")]
    one: Option<String>,
    #[serde(rename = "2")]
    two: Option<String>,
    #[serde(rename = "3")]
    three: Option<String>,
    #[serde(rename = "4")]
    four: Option<String>,
}

impl Default for SeverityImpacts {
    fn default() -> Self {
        Self([Impact::Critical, Impact::Major, Impact::Minor, Impact::Minor])
    }
}

impl SeverityImpacts {
    #[must_use]
    pub fn of(&self, severity: Severity) -> Impact {
        let Self([critical, high, medium, low]) = *self;
        match severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low => low,
        }
    }

    /// Checks the table.
    ///
    /// # Errors
    /// Returns a sentence with the key, its value and the allowed values.
    pub(super) fn read(file: &FileSeverity) -> Result<Self, String> {
        let Self([one, two, three, four]) = Self::default();
        Ok(Self([
            impact("1", file.one.as_deref(), one)?,
            impact("2", file.two.as_deref(), two)?,
            impact("3", file.three.as_deref(), three)?,
            impact("4", file.four.as_deref(), four)?,
        ]))
    }
}

fn impact(key: &str, word: Option<&str>, default: Impact) -> Result<Impact, String> {
    let Some(word) = word else { return Ok(default) };
    let known = [Impact::Minor, Impact::Major, Impact::Critical];
    known.into_iter().find(|impact| impact.word() == word).ok_or_else(|| {
        format!("severity.{key} = \"{word}\" is not an impact: write minor, major or critical")
    })
}
