//! A theme's design: its stylesheet, values for templates, and the files that pages refer to.

use minijinja::Environment;
use minijinja::value::Serde;

use super::page::Page;
use crate::config::theme::{Accent, Theme};

/// Styles for logo, links and colour, which pages without them do not need.
const BRAND_STYLE: &str = include_str!("../../../templates/brand.css");

/// Removes indentation.
fn compact(style: &str) -> String {
    style.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// Our stylesheet, the styles for the theme, and a team's own.
pub(super) fn style(theme: &Theme, ours: &str) -> String {
    let mut style = compact(ours);
    let mut add = |more: &str| {
        style.push('\n');
        style.push_str(more);
    };
    if theme.logo.is_some() || !theme.header_links.is_empty() || !theme.footer_links.is_empty() {
        add(&compact(BRAND_STYLE));
    }
    if let Some(Accent { light, dark }) = theme.accent {
        add(&format!(
            ":root{{--link:{light}}}\n\
             @media (prefers-color-scheme:dark){{:root{{--link:{dark}}}}}\n\
             body{{border-top:.3rem solid var(--link)}}\n\
             main :focus-visible,footer :focus-visible,.brand :focus-visible\
             {{outline-color:var(--link)}}"
        ));
    }
    if let Some(stylesheet) = &theme.stylesheet {
        add(stylesheet.text());
    }
    style
}

/// Adds values of the theme to every template.
pub(super) fn add_globals(theme: &Theme, environment: &mut Environment<'_>) {
    let logo = theme.logo.as_ref().map(|logo| format!("/{}", logo.name));
    environment.add_global("logo", logo);
    environment.add_global("header_links", Serde(&theme.header_links));
    environment.add_global("footer_links", Serde(&theme.footer_links));
}

/// The files that pages refer to. Their names are made from their content, so they never change.
pub(super) fn assets(theme: &Theme) -> Vec<Page> {
    let logo = theme.logo.iter();
    logo.map(|logo| Page { name: logo.name.clone(), edition: 0, bytes: logo.bytes.clone() })
        .collect()
}
