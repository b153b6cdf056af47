//! Reading internal texts, each with its limit.

use super::misread::{too_long, too_much_formatting};
use super::refusal::Refusal;
use crate::core::incident::model::TEXT_BYTES_MAX;
use crate::core::response::internal_text::InternalText;
use crate::core::response::model::SHORT_CHARS_MAX;
use crate::core::text::Text;

/// A text that is shown on a line of its own, or `None` where it shows nothing.
///
/// # Errors
/// A refusal of a text that is longer, or formatted more, than its limit.
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

/// The text as internal, where its formatting is within the limit.
///
/// # Errors
/// A refusal where it is not.
pub(crate) fn within_bytes(text: Text) -> Result<InternalText, Refusal> {
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(too_much_formatting());
    }
    Ok(InternalText::new(text))
}
