//! Where the site is, for files that are read away from it.

use crate::core::incident::model::Number;

/// Where the site is, for those who read a file away from it.
///
/// Without a known address, links are relative to the root of wherever the file was found, and
/// names are of `localhost`.
pub(super) struct BaseUrl {
    pub(super) base: String,
    pub(super) host: String,
    pub(super) path: String,
}

impl BaseUrl {
    pub(super) fn of(public_url: Option<&str>) -> Self {
        let base = public_url.unwrap_or_default().to_owned();
        let behind_scheme = base.split_once("://").map_or("", |(_, rest)| rest);
        let (authority, path) = match behind_scheme.find('/') {
            Some(slash) => behind_scheme.split_at(slash),
            None => (behind_scheme, ""),
        };
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let path = path.to_owned();
        let host = if host.is_empty() { "localhost".to_owned() } else { host };
        Self { base, host, path }
    }

    /// The address of a path that begins with a slash.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of an incident's page.
    pub(super) fn incident(&self, number: Number) -> String {
        self.url(&format!("/incidents/{number}/"))
    }

    /// A name that never changes (RFC 4151), with the year that Statuspage gives its own.
    pub(super) fn tag(&self, path: &str) -> String {
        format!("tag:{},2005:{}{path}", self.host, self.path)
    }
}
