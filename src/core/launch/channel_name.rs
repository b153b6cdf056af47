//! What a channel may be called: at most 50 characters, some of which are forbidden, and some
//! names are taken for good (Microsoft Teams limits and `channel: displayName`).

use crate::core::incident::model::Number;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 50;
/// Names that the service which keeps a channel's files has for itself.
const RESERVED: [&str; 6] = ["forms", "con", "prn", "aux", "nul", "desktop.ini"];

/// The name of an incident's channel, from a pattern with `{number}` and perhaps `{title}`. In the
/// title only letters and digits stay, and what is too long ends with a whole word.
#[must_use]
pub fn channel_name(pattern: &str, number: Number, title: &str) -> String {
    let bare = allowed(&pattern.replace("{number}", &number.to_string()).replace("{title}", ""));
    let room = NAME_CHARS_MAX.saturating_sub(bare.chars().count());
    let name = pattern.replace("{number}", &number.to_string());
    named(&allowed(&name.replace("{title}", &slug(title, room))))
}

/// A name for when that one is taken, or was and is deleted: the second, the third…
#[must_use]
pub fn numbered(name: &str, number: u32) -> String {
    let end = format!("-{number}");
    let room = NAME_CHARS_MAX - end.len().min(NAME_CHARS_MAX);
    named(&(name.chars().take(room).collect::<String>() + &end))
}

/// A name that every team takes.
#[must_use]
pub fn plain(number: Number) -> String {
    format!("inc-{number}")
}

/// Words in lower case, joined by hyphens; at most so many characters, where a first word is no
/// longer.
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

/// Only what may stand in a name.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| !c.is_control() && !"~#%&*{}+/\\:<>?|'\",".contains(*c);
    text.chars().filter(is_allowed).take(NAME_CHARS_MAX).collect()
}

/// A name that neither begins nor ends as none may, and is not taken for good.
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
