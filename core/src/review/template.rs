//! The document's template: ours, or a team's own. User text is always escaped.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, filters};

use super::facts::{Review, ReviewSource};
use super::sample;
use crate::config::Config;
use crate::config::theme::Refused;
use crate::text::markdown::{address, code, escape_block};

const TEMPLATE: &str = include_str!("../../../templates/review.md");
const NAME: &str = "review.md";

/// The document of an incident, in Markdown.
///
/// # Errors
/// The template is faulty. Ours and those checked at the start are not.
pub fn document(source: ReviewSource<'_>) -> Result<String, Error> {
    let review = Review::of(source);
    let mut environment = Environment::empty();
    environment.add_filter("length", filters::length);
    environment.add_filter("code", |text: &str| Value::from_safe_string(code(text)));
    environment.add_filter("address", |url: &str| Value::from_safe_string(address(url)));
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_formatter(|out, _, value| {
        if value.is_none() {
            return Ok(());
        }
        let text = value.to_string();
        let text = if value.is_safe() { text } else { escape_block(&text) };
        out.write_str(&text).map_err(Error::from)
    });
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    environment.set_syntax(syntax.build()?);
    let source = source.config.review.as_ref().map_or(TEMPLATE, |own| own.text.as_str());
    environment.add_template(NAME, source)?;
    environment.get_template(NAME)?.render(Serde(&review))
}

/// Tests a team's own template with few and with many facts.
///
/// # Errors
/// [`Refused`], naming the file and the line.
pub fn check(config: &Config) -> Result<(), Refused> {
    let Some(own) = &config.review else {
        return Ok(());
    };
    let refused = |error: Error| {
        let what = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        let line = error.line().unwrap_or_default();
        let shown = own.text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
        let shown: String = shown.chars().take(100).collect();
        let why = format!("cannot be used: line {line}: {what}, in \"{shown}\"");
        Refused::of("review", &own.name, &why)
    };
    for source in sample::samples().iter().filter_map(|sample| sample.source(config)) {
        document(source).map_err(refused)?;
    }
    Ok(())
}
