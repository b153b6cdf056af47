//! The parts of pages other than their content: style, script, templates and their one filter.

use std::collections::BTreeMap;

use bytes::Bytes;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, HtmlEscape, Value, filters};

use serde_json::json;

use super::page::Page;
use super::texts::Texts;
use crate::config::theme::Templates;
use crate::digest::sha256_hex;

/// Keeps an open page up to date.
const SCRIPT: &str = include_str!("../../../templates/live.js");
/// The templates by name.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../../templates/layout.html")),
    ("incident-parts.html", include_str!("../../../templates/incident-parts.html")),
    ("index.html", include_str!("../../../templates/index.html")),
    ("incident.html", include_str!("../../../templates/incident.html")),
    ("month.html", include_str!("../../../templates/month.html")),
    ("history.html", include_str!("../../../templates/history.html")),
    ("report.html", include_str!("../../../templates/report.html")),
    ("withdrawn.html", include_str!("../../../templates/withdrawn.html")),
    ("uptime.html", include_str!("../../../templates/uptime.html")),
    ("subscribe.html", include_str!("../../../templates/subscribe.html")),
    ("404.html", include_str!("../../../templates/404.html")),
];

/// The script's texts.
const SCRIPT_WORDS: [&str; 6] = ["checked", "changed", "offline", "stale", "overdue", "your_time"];

/// The published script, of edition 0: the page's zone and texts, then the code without comments
/// and indentation. Its name is made from its content, so it may be cached for ever.
pub(super) fn script(texts: &Texts, zone: &str) -> Page {
    let words: BTreeMap<&str, &str> =
        SCRIPT_WORDS.iter().map(|name| (*name, texts.words(name))).collect();
    let constants = format!("const t = {};\nconst zone = {};\n", json!(words), json!(zone));
    let lines = SCRIPT.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let script = lines.fold(constants, |script, line| script + line + "\n");
    let hash = sha256_hex(script.as_bytes());
    let name = format!("assets/app-{}.js", hash.get(..12).unwrap_or_default());
    Page { name, edition: 0, bytes: Bytes::from(script) }
}

/// An environment with the templates, a team's own instead of ours, and only those filters that
/// they use: all of minijinja's would be a tenth of the program.
pub(super) fn environment(own: &Templates) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::empty();
    environment.add_filter("fill", |text: &str, words: Kwargs| fill(text, &words));
    environment.add_filter("join", filters::join);
    environment.add_filter("length", filters::length);
    environment.add_filter("safe", filters::safe);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    environment.set_syntax(syntax.build()?);
    for (name, source) in TEMPLATES {
        match own.get(name) {
            Some(own) => environment.add_template_owned(*name, own.to_owned())?,
            None => environment.add_template(name, source)?,
        }
    }
    Ok(environment)
}

/// Replaces names in braces by their values, as HTML. Escapes everything that is not HTML already.
fn fill(text: &str, words: &Kwargs) -> Result<Value, minijinja::Error> {
    let mut html = HtmlEscape(text).to_string();
    // From the end, so that braces within a value are not replaced.
    let mut places = Vec::new();
    for name in words.args() {
        let place = format!("{{{name}}}");
        if let Some(at) = html.find(&place) {
            let word: Value = words.get(name)?;
            let text = word.to_string();
            let word = if word.is_safe() { text } else { HtmlEscape(&text).to_string() };
            places.push((at..at + place.len(), word));
        }
    }
    places.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, word) in places {
        html.replace_range(range, &word);
    }
    Ok(Value::from_safe_string(html))
}

/// Shorter forms for a stylesheet.
const SHORTER: &[(&str, &str)] = &[
    (" {", "{"),
    ("{ ", "{"),
    ("; ", ";"),
    (": ", ":"),
    (", ", ","),
    (" }", "}"),
    ("} ", "}"),
    (" > ", ">"),
    (";}", "}"),
];

/// Removes comments and space from a stylesheet. Only for ours: no string in it contains a comment
/// or one of the shortened pairs.
pub(super) fn minified(style: &str) -> String {
    let mut css = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        css.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    css.push_str(rest);
    let mut css = css.split_whitespace().collect::<Vec<_>>().join(" ");
    for (long, short) in SHORTER {
        css = css.replace(long, short);
    }
    css
}
