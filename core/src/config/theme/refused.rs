//! Rejected parts of a theme.

/// Reason why a part of the theme is rejected: the key, its value and the problem, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// Rejects `key = "value"`.
    pub(crate) fn of(key: &str, value: &str, why: &str) -> Self {
        Self(format!("{key} = \"{value}\" {why}"))
    }
}
