//! The site's address, for files that are read elsewhere.

use crate::incident::model::Number;

/// The site's address, for files that are read elsewhere.
///
/// Without a configured address, links are relative to the root of the site, and tags use
/// `localhost`.
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

    /// `path` begins with a slash.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(super) fn incident(&self, number: Number) -> String {
        self.url(&format!("/incidents/{number}/"))
    }

    /// A name that never changes (RFC 4151), with the year that Statuspage uses.
    pub(super) fn tag(&self, path: &str) -> String {
        format!("tag:{},2005:{}{path}", self.host, self.path)
    }
}
