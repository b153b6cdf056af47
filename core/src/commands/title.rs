//! Title and text of an opening, which are typed together: `Title | text`, two lines, or several
//! sentences. The recorded text has the title on a line of its own.

use super::misread::too_long;
use super::refusal::Refusal;
use crate::incident::model::TITLE_CHARS_MAX;
use crate::text::Text;

/// Separates a title from the text after it.
const SEPARATOR: char = '|';
/// Signs that end a sentence before a space.
const SENTENCE_ENDS: [char; 5] = ['.', '!', '?', '…', '。'];
/// Abbreviations whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 14] = [
    "e.g.", "i.e.", "approx.", "ca.", "etc.", "incl.", "no.", "nr.", "vs.", "resp.", "z.b.",
    "bzw.", "st.", "dr.",
];
/// A shorter beginning is not a title, in characters.
const TITLE_CHARS_MIN: usize = 4;

/// The text with its title on a line of its own.
///
/// # Errors
/// The title before `|` is too long.
pub(crate) fn with_title_line(text: Text) -> Result<Text, Refusal> {
    let plain = text.to_plain();
    let line = plain.lines().next().unwrap_or_default();
    if let Some((title, behind)) = separated(line) {
        let chars = title.trim().chars().count();
        if chars > TITLE_CHARS_MAX {
            return Err(too_long(chars, TITLE_CHARS_MAX));
        }
        return Ok(text.after(line.len() - behind.len()).led_by(title.trim(), true));
    }
    Ok(match sentence(line) {
        Some((title, behind)) => {
            text.after(line.len() - behind.len()).led_by(without_full_stop(title), true)
        }
        None => text,
    })
}

/// A title has no full stop, but keeps an ellipsis.
fn without_full_stop(title: &str) -> &str {
    title.strip_suffix('.').filter(|title| !title.ends_with('.')).unwrap_or(title)
}

/// The parts before and after `|`.
fn separated(line: &str) -> Option<(&str, &str)> {
    let (title, behind) = line.split_once(SEPARATOR)?;
    let is_apart = title.ends_with(char::is_whitespace) || behind.starts_with(char::is_whitespace);
    (is_apart && !title.trim().is_empty()).then_some((title, behind))
}

/// The first of several sentences, and the rest.
fn sentence(line: &str) -> Option<(&str, &str)> {
    let (_, (at, c)) =
        line.char_indices().enumerate().take(TITLE_CHARS_MAX).find(|(place, (at, c))| {
            let (said, behind) = line.split_at_checked(at + c.len_utf8()).unwrap_or((line, ""));
            let word = said.split_whitespace().next_back().unwrap_or_default().to_lowercase();
            *place >= TITLE_CHARS_MIN
                && SENTENCE_ENDS.contains(c)
                && behind.starts_with(char::is_whitespace)
                && !behind.trim().is_empty()
                && !ABBREVIATIONS.contains(&word.as_str())
                && !word.trim_end_matches('.').bytes().all(|byte| byte.is_ascii_digit())
        })?;
    line.split_at_checked(at + c.len_utf8())
}
