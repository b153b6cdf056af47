//! A page as it is published, and why one could not be made.

use bytes::Bytes;

/// A page as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name in the site.
    pub name: String,
    /// The edition of the status that changed what it shows last.
    pub edition: u64,
    /// The content.
    pub bytes: Bytes,
}

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A template does not parse, or asks for what is not there.
    #[error("a template cannot be used: {0}")]
    Template(#[from] minijinja::Error),
    /// The file of a language cannot be read.
    #[error("the texts of the language cannot be read")]
    Language,
}
