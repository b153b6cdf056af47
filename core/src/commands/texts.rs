//! Reads internal texts and checks their limits.

use super::misread::{too_long, too_much_formatting};
use super::refusal::Refusal;
use crate::incident::model::TEXT_BYTES_MAX;
use crate::response::internal_text::InternalText;
use crate::response::model::SHORT_CHARS_MAX;
use crate::text::Text;

/// A text for a line of its own; `None` if it is empty.
///
/// # Errors
/// The text is too long, or has too much formatting.
pub(crate) fn short_text(text: Text) -> Result<Option<InternalText>, Refusal> {
    if !text.is_visible() {
        return Ok(None);
    }
    let chars = text.to_plain().chars().count();
    if chars > SHORT_CHARS_MAX {
        return Err(too_long(chars, SHORT_CHARS_MAX));
    }
    within_bytes(text).map(Some)
}

/// An internal text whose formatting is within the limit.
///
/// # Errors
/// It exceeds the limit.
pub(crate) fn within_bytes(text: Text) -> Result<InternalText, Refusal> {
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(too_much_formatting());
    }
    Ok(InternalText::new(text))
}
