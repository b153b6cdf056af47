//! Everything that is wrong with a configuration, found in one pass.

use std::fmt;

/// Why a configuration is not used: each problem a sentence with the key, its value and what it
/// may be. Displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
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

/// The problems found so far, a sentence each: the key, its value and what it may be.
#[derive(Default)]
pub struct Problems(pub(super) Vec<String>);

impl Problems {
    /// The value, or `None` with the problem noted.
    pub fn note<T, E: ToString>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.push(error.to_string())).ok()
    }

    /// The value, or its default with the problem noted.
    pub(super) fn or_default<T: Default, E: ToString>(&mut self, result: Result<T, E>) -> T {
        self.note(result).unwrap_or_default()
    }

    /// The value, where there was no problem.
    ///
    /// # Errors
    /// All of them.
    pub fn end<T>(self, value: T) -> Result<T, ConfigError> {
        if self.0.is_empty() { Ok(value) } else { Err(ConfigError { problems: self.0 }) }
    }
}
