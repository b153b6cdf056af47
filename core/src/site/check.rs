//! Tests a team's own templates by rendering every kind of page before they are used.

use super::assets::TEMPLATES;
use super::page::SiteError;
use super::renderer::Site;
use super::sample;
use crate::config::Config;
use crate::config::theme::{Refused, Templates};

impl Site {
    /// Renders every kind of page from invented states in which everything happens. Finds templates
    /// that use a missing value, and pages without a revision, by which publishing tells their
    /// versions apart.
    ///
    /// # Errors
    /// [`Refused`], naming the file and the line.
    pub fn check(config: &Config) -> Result<(), Refused> {
        let templates = &config.theme.templates;
        let names = || TEMPLATES.iter().map(|(name, _)| *name);
        if let Some(name) = templates.names().find(|name| !names().any(|known| known == *name)) {
            let all = names().collect::<Vec<_>>().join(", ");
            let why = format!("has {name}, which replaces nothing: the templates are {all}");
            return Err(Refused::of("templates", &templates.folder, &why));
        }
        let known =
            config.public_url.clone().unwrap_or_else(|| "https://status.example".to_owned());
        for public_url in [None, Some(known)] {
            let config = Config { public_url, ..config.clone() };
            let site = Self::new(config).map_err(|error| refused(templates, &error))?;
            let same = sample::first_without_revision(&site);
            if let Some(name) = same.map_err(|error| refused(templates, &error))? {
                let why = format!(
                    "cannot be used: {name} does not contain {{{{ revision }}}}, which every page \
                     needs"
                );
                return Err(Refused::of("templates", &templates.folder, &why));
            }
        }
        Ok(())
    }
}

/// The error as one line.
fn refused(templates: &Templates, error: &SiteError) -> Refused {
    let why = match error {
        SiteError::Template(error) => place(templates, error),
        SiteError::Language => error.to_string(),
    };
    Refused::of("templates", &templates.folder, &format!("cannot be used: {why}"))
}

/// Place and kind of a template error, with the line itself.
fn place(templates: &Templates, error: &minijinja::Error) -> String {
    // The innermost error with a place; the outer ones are including templates.
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
    let own = templates.get(name);
    let source = own.and_then(|source| source.lines().nth(line.checked_sub(1)?));
    let shown: String = source.unwrap_or_default().trim().chars().take(100).collect();
    match own {
        Some(_) => format!("{name}, line {line}: {what}, in \"{shown}\""),
        None => format!("our own {name}, line {line}, does not fit them: {what}"),
    }
}
