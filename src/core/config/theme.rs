//! What a team changes about how the page looks: logo, colour, links, stylesheet, templates. Files
//! come in as bytes; whatever is not right is refused before a page is made.

mod accent;
mod logo;
mod refused;
mod stylesheet;
mod templates;

use serde::Serialize;

pub use accent::{Accent, Rgb, grounds};
pub use logo::{LOGO_BYTES_MAX, Logo};
pub use refused::Refused;
pub use stylesheet::{STYLE, STYLESHEET_BYTES_MAX, Stylesheet};
pub use templates::{TEMPLATE_BYTES_MAX, Templates};

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
