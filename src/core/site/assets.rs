//! What pages are made of besides their content: style, script, templates and their one filter.

use std::collections::BTreeMap;

use bytes::Bytes;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, HtmlEscape, Value, filters};

use serde_json::json;

use super::page::Page;
use super::texts::Texts;
use crate::core::config::theme::Templates;
use crate::core::digest::sha256_hex;

/// The script that keeps an open page up to date.
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

/// The words that the script says.
const SCRIPT_WORDS: [&str; 6] = ["checked", "changed", "offline", "stale", "overdue", "your_time"];

/// The script as it is published, of edition 0: the page's zone and words, then the code without
/// comments and indentation. Its name changes with it, so that it may be cached for ever.
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

/// An environment with the templates, a team's own in the place of ours, and nothing in it that
/// they do not use: all of minijinja's filters would be a tenth of the program.
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

/// A text with words in braces, as HTML: the named words take the places of their braces. What is
/// not HTML already is escaped.
fn fill(text: &str, words: &Kwargs) -> Result<Value, minijinja::Error> {
    let mut html = HtmlEscape(text).to_string();
    // From the back of the text, so that no braces in a word are taken for a place.
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

/// What is shortened in a stylesheet.
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

/// A stylesheet without what only its readers need. It is ours: no string in it has a comment,
/// or one of the pairs that are shortened.
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
