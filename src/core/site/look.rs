//! What a team changes about the page's looks: language, logo, colour, links, stylesheet,
//! templates. Files come in as bytes; whatever is not right is refused before a page is made.

mod accent;
mod logo;
mod sample;
mod stylesheet;

use std::collections::BTreeMap;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

pub use accent::{Accent, Rgb, grounds};
pub use logo::{LOGO_BYTES_MAX, Logo};
pub use stylesheet::{STYLESHEET_BYTES_MAX, Stylesheet};

use super::{Page, Site, SiteError, TEMPLATES};

/// The largest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024;

/// The looks that a team chose; its default is ours.
#[derive(Clone, Debug, Default)]
pub struct Look {
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

/// Why a part of the looks is not used: the key, its value and what is wrong with it, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Refused {
    fn of(key: &str, value: &str, why: &str) -> Self {
        Self(format!("{key} = \"{value}\" {why}"))
    }
}

/// Templates by the names of those that they replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    folder: String,
    sources: BTreeMap<&'static str, String>,
}

impl Templates {
    /// Takes the files, by name, of the folder that `status.toml` calls `folder`. Whether they
    /// parse and can be filled in, [`Site::check`] says.
    ///
    /// # Errors
    /// [`Refused`] for a file that replaces nothing, is too large or is not UTF-8.
    pub fn new(folder: &str, files: BTreeMap<String, Vec<u8>>) -> Result<Self, Refused> {
        let refused = |why: &str| Refused::of("templates", folder, why);
        let mut sources = BTreeMap::new();
        for (name, bytes) in files {
            let Some((known, _)) = TEMPLATES.iter().find(|(known, _)| *known == name) else {
                let all: Vec<&str> = TEMPLATES.iter().map(|(known, _)| *known).collect();
                let all = all.join(", ");
                return Err(refused(&format!(
                    "has {name}, which replaces nothing: there is {all}"
                )));
            };
            if bytes.len() > TEMPLATE_BYTES_MAX {
                let length = bytes.len();
                return Err(refused(&format!(
                    "cannot be used: {name} has {length} bytes, more than {TEMPLATE_BYTES_MAX}"
                )));
            }
            let source = String::from_utf8(bytes)
                .map_err(|_| refused(&format!("cannot be used: {name} is not UTF-8")))?;
            sources.insert(*known, source);
        }
        Ok(Self { folder: folder.to_owned(), sources })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The one that stands for ours of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.sources.get(name).map(String::as_str)
    }

    /// What is wrong with one of them, in one line.
    fn refused(&self, error: &SiteError) -> Refused {
        let why = match error {
            SiteError::Template(error) => self.place(error),
            SiteError::Language => error.to_string(),
        };
        Refused::of("templates", &self.folder, &format!("cannot be used: {why}"))
    }

    /// Where an error of the template engine is, what it is, and the line itself.
    fn place(&self, error: &minijinja::Error) -> String {
        // The innermost error that knows its place: those around it are where it was included.
        let sources = std::iter::successors(Some(error as &dyn std::error::Error), |e| e.source());
        let placed = sources
            .filter_map(|error| error.downcast_ref::<minijinja::Error>())
            .filter(|error| error.line().is_some())
            .last()
            .unwrap_or(error);
        let what = match placed.detail() {
            Some(detail) => format!("{}: {detail}", placed.kind()),
            None => placed.kind().to_string(),
        };
        let (Some(name), Some(line)) = (placed.name(), placed.line()) else {
            return what;
        };
        let own = self.get(name);
        let source = own.and_then(|source| source.lines().nth(line.checked_sub(1)?));
        let shown: String = source.unwrap_or_default().trim().chars().take(100).collect();
        match own {
            Some(_) => format!("{name}, line {line}: {what}, in \"{shown}\""),
            None => format!("our own {name}, line {line}, does not fit to them: {what}"),
        }
    }
}

/// What logo, links and colour need besides our stylesheet: pages without them do not carry it.
pub(super) const BRAND_STYLE: &str = include_str!("../../../templates/brand.css");

/// A stylesheet as a page carries it: without indentation.
fn compact(style: &str) -> String {
    style.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

impl Look {
    /// Our stylesheet, what the looks need besides, and a team's own.
    pub(super) fn style(&self, ours: &str) -> String {
        let mut style = compact(ours);
        let mut add = |more: &str| {
            style.push('\n');
            style.push_str(more);
        };
        if self.logo.is_some() || !self.header_links.is_empty() || !self.footer_links.is_empty() {
            add(&compact(BRAND_STYLE));
        }
        if let Some(Accent { light, dark }) = self.accent {
            add(&format!(
                ":root{{--link:{light}}}\n\
                 @media (prefers-color-scheme:dark){{:root{{--link:{dark}}}}}\n\
                 body{{border-top:.3rem solid var(--link)}}\n\
                 main :focus-visible,footer :focus-visible,.brand :focus-visible\
                 {{outline-color:var(--link)}}"
            ));
        }
        if let Some(stylesheet) = &self.stylesheet {
            add(stylesheet.text());
        }
        style
    }

    /// Gives the templates what the looks put on every page.
    pub(super) fn add_globals(&self, environment: &mut Environment<'_>) {
        let logo = self.logo.as_ref().map(|logo| format!("/{}", logo.name));
        environment.add_global("logo", logo);
        environment.add_global("header_links", Serde(&self.header_links));
        environment.add_global("footer_links", Serde(&self.footer_links));
    }

    /// The files that pages refer to. Their names are made from their content, so they are only
    /// ever created.
    pub(super) fn assets(&self) -> Vec<Page> {
        let logo = self.logo.iter();
        logo.map(|logo| Page { name: logo.name.clone(), revision: 0, bytes: logo.bytes.clone() })
            .collect()
    }
}

impl Site {
    /// Makes every kind of page from made-up states in which everything happens, so that a
    /// template that asks for what is not there is found before it is needed; and sees to it that
    /// pages tell their revision, by which publishing tells them apart.
    ///
    /// # Errors
    /// [`Refused`], naming the file and the line.
    pub fn check(config: &super::Config) -> Result<(), Refused> {
        let templates = &config.look.templates;
        let known =
            config.public_url.clone().unwrap_or_else(|| "https://status.example".to_owned());
        for public_url in [None, Some(known)] {
            let config = super::Config { public_url, ..config.clone() };
            let site = Self::new(config).map_err(|error| templates.refused(&error))?;
            let same = sample::first_without_revision(&site);
            if let Some(name) = same.map_err(|error| templates.refused(&error))? {
                let why = format!(
                    "cannot be used: {name} is made without {{{{ revision }}}}, which has to be \
                     somewhere on it"
                );
                return Err(Refused::of("templates", &templates.folder, &why));
            }
        }
        Ok(())
    }
}
