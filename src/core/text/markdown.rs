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
/// an item of a list begins with it. Only what would be read as formatting is escaped: people read
/// the Markdown itself, too.
#[must_use]
pub fn escape_block(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // The last four are formulas, raised characters and attributes in extensions.
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
    // A heading may end with what it began with.
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
