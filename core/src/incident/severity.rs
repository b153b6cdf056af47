//! Internal severity of an incident.

use serde::{Deserialize, Serialize};

/// Severity for the team, the most severe first. It is internal: the page shows an impact instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Severity {
    /// 1: everything else waits.
    Critical,
    /// 2: many customers notice.
    High,
    /// 3: some customers notice.
    Medium,
    /// 4: customers need not notice.
    Low,
}

impl Severity {
    /// The most severe first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// Number that is typed and shown, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Critical => 1,
            Self::High => 2,
            Self::Medium => 3,
            Self::Low => 4,
        }
    }

    /// `None` outside 1 to 4.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.number() == number)
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.number()
    }
}

impl TryFrom<u8> for Severity {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::of(number).ok_or_else(|| format!("{number} is not a severity from 1 to 4"))
    }
}
