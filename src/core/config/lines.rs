//! Where in a file something is wrong.

/// The parser's message with its line, without the drawing that it makes below.
pub(super) fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(at) => format!("line {}: {message}", line(text, at.start)),
        None => message,
    }
}

/// The line of a place, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
