//! What people wrote, within the Markdown of a chat answer.

/// How many characters of a text a card repeats.
const EXCERPT_CHARS_MAX: usize = 300;

/// The beginning of a text that is too long to repeat.
#[must_use]
pub fn excerpt(text: &str) -> String {
    if text.chars().count() <= EXCERPT_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{start}…")
}

/// What a person wrote, so that Markdown shows it as it is wherever it stands, also where a line or
/// an item of a list begins with it.
#[must_use]
pub fn escape_block(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut escaped = escape(text.trim());
    // Formulas, raised characters and attributes, as extensions of Markdown have them.
    for mark in ["$", "^", "{"] {
        escaped = escaped.replace(mark, &format!("\\{mark}"));
    }
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = escaped.split_at_checked(digits).unwrap_or((&escaped, ""));
    if rest.starts_with('.') || number.is_empty() && rest.starts_with(['-', '+', '=', ':']) {
        return format!("{number}\\{rest}");
    }
    escaped
}

/// What a person wrote, so that Markdown shows it as it is.
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
