//! Errors of a roster file, with their position.

use std::ops::Range;

use toml::Spanned;

use crate::rosters::roster::Rosters;
use crate::text::clean_name;

#[derive(Debug)]
pub(super) struct Refused {
    pub at: Range<usize>,
    pub reason: String,
}

pub(super) fn refused(at: &Range<usize>, reason: impl Into<String>) -> Refused {
    Refused { at: at.clone(), reason: reason.into() }
}

/// Rejects a list that is too long, at its first excess item.
pub(super) fn at_most<T>(list: &[Spanned<T>], most: usize, what: &str) -> Result<(), Refused> {
    match list.get(most) {
        Some(first) => Err(refused(&first.span(), format!("more than {most} {what}"))),
        None => Ok(()),
    }
}

/// The person's name, spelled as under `[[people]]`.
pub(super) fn person_named(
    given: &str,
    at: &Range<usize>,
    people: &Rosters,
) -> Result<String, Refused> {
    people.contact(&clean_name(given)).map(|contact| contact.name.clone()).ok_or_else(|| {
        refused(at, format!("nobody is called \"{given}\": add them under [[people]]"))
    })
}
