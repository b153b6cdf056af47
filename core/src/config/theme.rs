//! Custom appearance of the page: logo, colour, links, stylesheet and templates. Files are passed
//! in as bytes, and wrong ones are rejected before a page is rendered.

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

/// The default is the built-in theme.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    /// Colour of links, of the focus outline and of the line at the top.
    pub accent: Option<Accent>,
    pub logo: Option<Logo>,
    pub header_links: Vec<Link>,
    pub footer_links: Vec<Link>,
    /// Added after the built-in stylesheet.
    pub stylesheet: Option<Stylesheet>,
    /// Replace built-in templates.
    pub templates: Templates,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    pub text: String,
    /// An `https:`, `http:` or `mailto:` address.
    pub address: String,
}
