//! What a team changes about how the page looks: logo, colour, links, stylesheet, templates. Files
//! come in as bytes; whatever is not right is refused before a page is made.

mod accent;
mod logo;
mod stylesheet;
mod templates;

use serde::Serialize;

pub use accent::{Accent, Rgb, grounds};
pub use logo::{LOGO_BYTES_MAX, Logo};
pub use stylesheet::{STYLESHEET_BYTES_MAX, Stylesheet};
pub use templates::{TEMPLATE_BYTES_MAX, Templates};

/// Our own stylesheet as it is written, which a theme builds on.
pub const STYLE: &str = include_str!("../../../templates/style.css");

/// The theme that a team chose; its default is ours.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    /// The colour of links, of the focus and of the line at the top.
    pub accent: Option<Accent>,
    /// The image at the top.
    pub logo: Option<Logo>,
    /// The links at the top, in their order.
    pub header_links: Vec<Link>,
    /// The links at the bottom.
    pub footer_links: Vec<Link>,
    /// What stands behind our own stylesheet.
    pub stylesheet: Option<Stylesheet>,
    /// Templates in the place of ours.
    pub templates: Templates,
}

/// A link to somewhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it is called.
    pub text: String,
    /// An `https:`, `http:` or `mailto:` address.
    pub address: String,
}

/// Why a part of the theme is not used: the key, its value and what is wrong with it, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    /// A refusal of `key = "value"`.
    pub(in crate::core) fn of(key: &str, value: &str, why: &str) -> Self {
        Self(format!("{key} = \"{value}\" {why}"))
    }
}
