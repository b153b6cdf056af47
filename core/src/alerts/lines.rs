//! Texts of bodies as clean lines of bounded length.

use crate::text::{Text, is_safe_link};

/// The longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// The longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// The longest description where only a line of it is shown, in characters.
pub const DESCRIPTION_LINE_CHARS_MAX: usize = 300;
/// One clean line of up to `chars_max` characters.
#[must_use]
pub fn one_line(text: &str, chars_max: usize) -> String {
    let plain = Text::plain(text).to_plain();
    let words: Vec<&str> = plain.split_whitespace().collect();
    cut(words.join(" "), chars_max)
}

/// Joins parts as clean lines, without empty and repeated ones.
#[must_use]
pub fn lines<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut kept: Vec<String> = Vec::new();
    for part in parts {
        let part = Text::plain(part).to_plain();
        if !part.is_empty() && !kept.contains(&part) {
            kept.push(part);
        }
    }
    cut(kept.join("\n"), DESCRIPTION_CHARS_MAX)
}

/// Cuts a text to `chars_max` characters, at a word boundary if one is nearby.
fn cut(text: String, chars_max: usize) -> String {
    const WORD_CHARS_MAX: usize = 60;
    if text.chars().count() <= chars_max {
        return text;
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    let end = kept.rfind(char::is_whitespace).filter(|end| kept.len() - end <= WORD_CHARS_MAX);
    let kept = kept.get(..end.unwrap_or(kept.len())).unwrap_or_default();
    format!("{}…", kept.trim_end().trim_end_matches([',', ':']))
}

/// `None` unless the address is safe to follow.
#[must_use]
pub fn link(address: &str) -> Option<String> {
    let is_web = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let is_web = is_web("https://") || is_web("http://");
    (is_web && is_safe_link(address)).then(|| address.to_owned())
}
