//! The renderer: templates, texts and configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minijinja::{Environment, Value};
use sha2::{Digest, Sha256};

use super::page::{Page, SiteError};
use super::texts::Texts;
use super::{assets, brand};
use crate::config::Config;
use crate::config::guide::Guides;
use crate::config::theme::STYLE;
use crate::digest::sha256_hex;

/// The templates, and their data other than the status.
pub struct Site {
    pub(super) environment: Environment<'static>,
    pub(super) config: Config,
    pub(super) texts: Texts,
    pub(super) theme_digest: String,
    pub(super) script: Page,
}

impl Site {
    /// Parses the templates.
    ///
    /// # Errors
    /// [`SiteError`] if one does not parse.
    pub fn new(config: Config) -> Result<Self, SiteError> {
        let texts = Texts::of(config.language).ok_or(SiteError::Language)?;
        let mut environment = assets::environment(&config.theme.templates)?;
        brand::add_globals(&config.theme, &mut environment);
        let style = brand::style(&config.theme, &assets::minified(STYLE));
        let hash = BASE64.encode(Sha256::digest(style.as_bytes()));
        environment.add_global("style", Value::from_safe_string(style));
        environment.add_global("style_hash", Value::from_safe_string(format!("sha256-{hash}")));
        let script = assets::script(&texts, &config.time_zone_name);
        environment.add_global("script", Value::from_safe_string(format!("/{}", script.name)));
        environment.add_global("site_title", config.title.clone());
        environment.add_global("support", config.support.clone());
        environment.add_global("zone", config.time_zone_name.clone());
        environment.add_global("public_url", config.public_url.clone());
        environment.add_global("lang", texts.tag.clone());
        environment.add_global("dir", texts.direction.clone());
        environment.add_global("t", Value::from_pairs(texts.page().clone()));
        let theme_digest = theme_digest(&config);
        Ok(Self { environment, config, texts, theme_digest, script })
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A digest of everything that pages depend on except the status. If it differs, the pages have
    /// to be rebuilt.
    #[must_use]
    pub fn theme_digest(&self) -> &str {
        &self.theme_digest
    }
}

/// Covers the whole configuration and all sources that render pages, whose digest the build script
/// computes. So nothing can be forgotten; a change that shows nowhere costs a comparison of the
/// pages and no write.
fn theme_digest(config: &Config) -> String {
    // These do not affect pages, and may differ at a terminal.
    let config =
        Config { notifies: false, responder_links: true, guides: Guides::new(), ..config.clone() };
    sha256_hex(format!("{} {config:?}", env!("SITE_SOURCES_DIGEST")).as_bytes())
}
