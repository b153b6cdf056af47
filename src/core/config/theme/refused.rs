//! Why a part of a theme is not used.

/// Why a part of the theme is not used: the key, its value and what is wrong with it, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// A refusal of `key = "value"`.
    pub(crate) fn of(key: &str, value: &str, why: &str) -> Self {
        Self(format!("{key} = \"{value}\" {why}"))
    }
}
