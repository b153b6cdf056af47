//! Valid channel names. They have at most 50 characters, and some characters and names are not
//! allowed (Microsoft Teams limits and `channel: displayName`).

use crate::incident::model::Number;

const NAME_CHARS_MAX: usize = 50;
/// Names that the service which stores a channel's files reserves for itself.
const RESERVED: [&str; 6] = ["forms", "con", "prn", "aux", "nul", "desktop.ini"];

/// Name of an incident's channel, from a pattern with `{number}` and optionally `{title}`. Only
/// letters and digits of the title are kept, and a long title is cut after a whole word.
#[must_use]
pub fn channel_name(pattern: &str, number: Number, title: &str) -> String {
    let bare = allowed(&pattern.replace("{number}", &number.to_string()).replace("{title}", ""));
    let room = NAME_CHARS_MAX.saturating_sub(bare.chars().count());
    let name = pattern.replace("{number}", &number.to_string());
    named(&allowed(&name.replace("{title}", &slug(title, room))))
}

/// Alternative to a name that is in use, or was used by a deleted channel.
#[must_use]
pub fn numbered(name: &str, number: u32) -> String {
    let end = format!("-{number}");
    let room = NAME_CHARS_MAX - end.len().min(NAME_CHARS_MAX);
    named(&(name.chars().take(room).collect::<String>() + &end))
}

/// Fallback that every team accepts.
#[must_use]
pub fn plain(number: Number) -> String {
    format!("inc-{number}")
}

/// Joins the words of a title with hyphens, in lower case, up to the first word that does not fit
/// into `room` characters.
fn slug(title: &str, room: usize) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        let joined = if slug.is_empty() { word.to_owned() } else { format!("{slug}-{word}") };
        if joined.chars().count() > room {
            break;
        }
        slug = joined;
    }
    slug
}

/// Removes characters that are not allowed, and cuts the rest to the maximum length.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| !c.is_control() && !"~#%&*{}+/\\:<>?|'\",".contains(*c);
    text.chars().filter(is_allowed).take(NAME_CHARS_MAX).collect()
}

/// Removes sequences that are not allowed, also at the beginning and end, and adds a prefix to an
/// empty or reserved name.
fn named(name: &str) -> String {
    let mut name = name.replace("_vti_", "");
    while name.contains("..") {
        name = name.replace("..", ".");
    }
    let name = name.trim_start_matches(['_', '.', ' ', '-']).trim_end_matches(['.', ' ', '-', '_']);
    let lower = name.to_lowercase();
    let is_device = lower
        .strip_prefix("com")
        .or(lower.strip_prefix("lpt"))
        .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    if name.is_empty() || is_device || RESERVED.contains(&lower.as_str()) {
        format!("incident-{name}").trim_end_matches('-').to_owned()
    } else {
        name.to_owned()
    }
}
