//! Text written by people, for the Markdown of a chat answer or a review.

use std::fmt::Write as _;

/// Maximum length of an excerpt, in characters.
const EXCERPT_CHARS_MAX: usize = 300;

/// Shortens a text that is too long to repeat in full.
#[must_use]
pub fn excerpt(text: &str) -> String {
    if text.chars().count() <= EXCERPT_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{start}…")
}

/// A link of plain words; `None` where the address could end it.
#[must_use]
pub fn link(words: &str, address: &str) -> Option<String> {
    let is_whole = !address.contains(['<', '>', '\\', '"']);
    is_whole.then(|| link_to(&escape(words), address))
}

/// A link of words in Markdown. Parentheses and backslashes would end its address.
#[must_use]
pub fn link_to(markdown: &str, address: &str) -> String {
    let address = address.replace('(', "%28").replace(')', "%29").replace('\\', "%5C");
    format!("[{markdown}]({address})")
}

/// A command or another text as code.
#[must_use]
pub fn code(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect();
    format!("`{text}`")
}

/// An address for a link between `<` and `>`, also within a table: what could end it, or mean
/// something else there, is percent-encoded.
#[must_use]
pub fn address(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '<' | '>' | '\\' | '`' | '|' | ' ' => {
                let _ = write!(encoded, "%{:02X}", u32::from(c));
            }
            c if c.is_control() => {}
            c => encoded.push(c),
        }
    }
    encoded
}

/// Escapes text so that Markdown shows it literally, also at the beginning of a line or a list
/// item. Only characters that could be read as formatting are escaped, because people also read the
/// Markdown source.
#[must_use]
pub fn escape_block(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Extensions use the last four for formulas, superscript and attributes.
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' | '^' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    // Markdown removes trailing number signs from a heading.
    if escaped.ends_with('#') && escaped.len() > 1 {
        escaped.insert(escaped.len() - 1, '\\');
    }
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = escaped.split_at_checked(digits).unwrap_or((&escaped, ""));
    let begins = |marks: &[char]| rest.starts_with(marks);
    if begins(&['.', ')']) || number.is_empty() && begins(&['-', '+', '=', ':', '#', '!']) {
        return format!("{number}\\{rest}");
    }
    escaped
}

/// Escapes text so that Markdown shows it literally, on a single line.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '~' | '#' | '|' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
