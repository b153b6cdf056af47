//! A rendered page, and rendering errors.

use bytes::Bytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path in the site.
    pub name: String,
    /// The edition of the last change to its content.
    pub edition: u64,
    pub bytes: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A template does not parse, or uses a missing value.
    #[error("a template cannot be used: {0}")]
    Template(#[from] minijinja::Error),
    /// The file of a language cannot be read.
    #[error("the texts of the language cannot be read")]
    Language,
}
