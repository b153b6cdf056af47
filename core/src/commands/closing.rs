//! The closing text of an incident.

use super::reader::without_closing;
use super::refusal::Refusal;
use crate::incident::model::Number;
use crate::text::Text;

/// Words that only name the incident do not count as a text. Ambiguous ones are refused with a
/// question.
pub(crate) fn closing(text: Text, number: Option<Number>) -> Result<Text, Refusal> {
    const VAGUE: [&str; 12] = [
        "it",
        "this",
        "that",
        "them",
        "now",
        "please",
        "it now",
        "it please",
        "both",
        "all",
        "all of them",
        "everything",
    ];
    const NAMES: [&str; 4] = ["incident", "issue", "outage", "problem"];
    let plain = text.to_plain().to_lowercase();
    let plain = without_closing(&plain);
    if VAGUE.contains(&plain) {
        return Err(Refusal::new(format!(
            "“{plain}” would be the closing text. Nothing was changed. To close without a text:"
        ))
        .line_about("close", number, "")
        .sentence("With one:")
        .line_about("close", number, "<text>"));
    }
    let named = plain.strip_prefix("the ").or(plain.strip_prefix("this ")).unwrap_or(plain);
    Ok(if NAMES.contains(&named) { Text::default() } else { text })
}
