//! Positions of problems in a file.

/// The parser's message with the line number, without the excerpt that the parser draws below it.
pub(super) fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(at) => format!("line {}: {message}", line(text, at.start)),
        None => message,
    }
}

/// Line of a byte position, counted from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
