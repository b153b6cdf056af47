//! Problems in a configuration, collected in one pass.

use std::fmt;

/// Problems that prevent the use of a configuration. Each is a sentence with the key, its value and
/// the allowed values. `Display` shows them on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Never empty.
    pub problems: Vec<String>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problems.first().map_or("", String::as_str))?;
        match self.problems.len() {
            0 | 1 => Ok(()),
            all => write!(f, " (and {} more: `status-update check` lists them all)", all - 1),
        }
    }
}

/// Problems found so far. Each is a sentence with the key, its value and the allowed values.
#[derive(Default)]
pub struct Problems(pub(super) Vec<String>);

impl Problems {
    /// Returns the value, or records the problem and returns `None`.
    pub fn note<T, E: ToString>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.push(error.to_string())).ok()
    }

    /// Returns the value, or records the problem and returns the default.
    pub(super) fn or_default<T: Default, E: ToString>(&mut self, result: Result<T, E>) -> T {
        self.note(result).unwrap_or_default()
    }

    /// Returns `value` if no problem was recorded.
    ///
    /// # Errors
    /// Returns all recorded problems.
    pub fn end<T>(self, value: T) -> Result<T, ConfigError> {
        if self.0.is_empty() { Ok(value) } else { Err(ConfigError { problems: self.0 }) }
    }
}
