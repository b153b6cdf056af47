//! Makes long lists fit a chat answer: Teams accepts 28 KB.

use crate::text::markdown::escape;

/// The limit of texts on a page, in bytes: as much as anybody reads in a chat.
pub(crate) const PAGE_BYTES_MAX: usize = 8 * 1024;
/// The limit of texts in an answer without pages, in bytes. It leaves room for the rest of the
/// answer.
pub(crate) const TEXTS_BYTES_MAX: usize = 20 * 1024;

/// Texts escaped for Markdown, each with `true` if it is whole. If they are too long together, the
/// longest are cut to one common length.
pub(crate) fn fit(texts: &[String], bytes_max: usize) -> Vec<(String, bool)> {
    let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or_default();
    let fits = |chars: usize| {
        let bytes: usize = texts.iter().map(|text| bytes_on_the_wire(&cut(text, chars).0)).sum();
        bytes <= bytes_max
    };
    let (mut fitting, mut too_long) = (0, longest + 1);
    while too_long - fitting > 1 {
        let chars = usize::midpoint(fitting, too_long);
        if fits(chars) {
            fitting = chars;
        } else {
            too_long = chars;
        }
    }
    texts.iter().map(|text| cut(text, fitting)).collect()
}

fn cut(text: &str, chars_max: usize) -> (String, bool) {
    match text.char_indices().nth(chars_max) {
        None => (escape(text), true),
        Some((end, _)) => (escape(text.get(..end).unwrap_or_default()) + "…", false),
    }
}

/// In JSON, a quote and a backslash take two bytes.
fn bytes_on_the_wire(text: &str) -> usize {
    text.len() + text.matches(['"', '\\']).count()
}
