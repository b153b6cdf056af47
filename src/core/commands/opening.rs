//! What can be said of an incident while it is opened: `sev2`, `since=20m`, `via=customer`,
//! `internal`, `drill`.

use super::command::Misread;
use super::past::{Past, read_past};
use super::reader::without_closing;
use super::response_command::Opening;
use super::usage::Usage;
use super::words::Verb;
use crate::core::config::Config;
use crate::core::response::model::Visibility;
use crate::core::response::severity::Severity;
use crate::core::text::clean_name;

pub const OPEN: Usage = Usage {
    words: &["open", "declare", "new", "start", "raise"],
    form: "open [minor|major|critical] [on Component, …:] what is failing",
    meaning: "opens an incident; `open another …` opens a second one",
    examples: &["open Checkout is failing", "open critical Checkout is down"],
    ..Usage::NEW
};

/// How many words a time may take.
const TIME_WORDS_MAX: usize = 4;

impl Opening {
    /// Takes what the rest begins with, each kind once. Gives how many words that was; `None`
    /// where the rest begins with something else.
    ///
    /// # Errors
    /// A [`Misread`] where an option's value cannot be read.
    pub(crate) fn take(&mut self, rest: &str, config: &Config) -> Result<Option<usize>, Misread> {
        let words: Vec<&str> = rest.split_whitespace().take(TIME_WORDS_MAX + 1).collect();
        let Some((first, behind)) = words.split_first() else {
            return Ok(None);
        };
        let word = without_closing(first).to_ascii_lowercase();
        if self.visibility.is_none()
            && let Some(visibility) = visibility(&word, config)
        {
            if let Some(next) = behind.first().filter(|next| may_be_text(&word, first, next)) {
                return Err(Misread::Expected {
                    verb: Verb::Open,
                    found: Some(clean_name(&format!("{first} {next}"))),
                    needed: "a colon behind `internal` if nobody outside is to see it, or other \
                             words first if it is for the page",
                    example: format!("open internal: {}", clean_name(next)),
                });
            }
            self.visibility = Some(visibility);
            return Ok(Some(1));
        }
        if self.severity.is_none()
            && let Some((severity, taken)) = severity(&word, behind)?
        {
            self.severity = Some(severity);
            return Ok(Some(taken));
        }
        if self.via.is_none()
            && let Some(via) = word.strip_prefix("via=")
        {
            self.via = Some(detected_by(via)?);
            return Ok(Some(1));
        }
        if self.since.is_none()
            && let Some((since, taken)) = since(first, behind)?
        {
            self.since = Some(since);
            return Ok(Some(taken));
        }
        Ok(None)
    }
}

/// Whether `internal` may be the first word of what is failing: to keep that from the page, or to
/// lose the word, would both be wrong.
fn may_be_text(word: &str, typed: &str, next: &str) -> bool {
    let next = without_closing(next).to_ascii_lowercase();
    let is_thing = matches!(next.as_str(), "server" | "error" | "errors" | "exception" | "network");
    word == "internal" && !typed.ends_with(':') && is_thing
}

/// `public` is a word of the text unless something else is the rule.
fn visibility(word: &str, config: &Config) -> Option<Visibility> {
    match word {
        "internal" => Some(Visibility::Internal),
        "drill" => Some(Visibility::Drill),
        "public" if config.internal_first => Some(Visibility::Public),
        _ => None,
    }
}

/// `sev2`, `sev=2`, `sev 2`. Gives how many words it took.
fn severity(word: &str, behind: &[&str]) -> Result<Option<(Severity, usize)>, Misread> {
    let Some(value) = word.strip_prefix("severity").or_else(|| word.strip_prefix("sev")) else {
        return Ok(None);
    };
    let digit = |text: &str| without_closing(text).parse().ok().and_then(Severity::of);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if value.is_empty() {
        return Ok(behind.first().and_then(|next| digit(next)).map(|severity| (severity, 2)));
    }
    match value.strip_prefix('=') {
        None if !is_number(value) => Ok(None),
        given => match digit(given.unwrap_or(value)) {
            Some(severity) => Ok(Some((severity, 1))),
            None => Err(Misread::Expected {
                verb: Verb::Open,
                found: Some(clean_name(word)),
                needed: "a severity from 1 to 4",
                example: "open sev2 what is failing".to_owned(),
            }),
        },
    }
}

/// `since=20m`, `since=13:40`, `since 13:40`. Gives how many words it took.
fn since(first: &str, behind: &[&str]) -> Result<Option<(Past, usize)>, Misread> {
    let lower = first.to_ascii_lowercase();
    if lower == "since" {
        // Without a time, it is a word of the text.
        let time = read_past(behind).ok().flatten();
        return Ok(time.map(|(past, taken)| (past, taken + 1)));
    }
    let Some(value) = lower.strip_prefix("since=") else {
        return Ok(None);
    };
    let value = without_closing(value);
    match read_past(&[value]) {
        Ok(Some((past, _))) => Ok(Some((past, 1))),
        _ => Err(Misread::Expected {
            verb: Verb::Open,
            found: Some(clean_name(value)),
            needed: "a time in the past",
            example: "open since=20m what is failing".to_owned(),
        }),
    }
}

/// The longest word for what detected an incident, in characters.
const VIA_CHARS_MAX: usize = 40;

/// By what an incident was detected: one word.
pub(crate) fn detected_by(word: &str) -> Result<String, Misread> {
    let word = clean_name(without_closing(word));
    if word.is_empty() || word.chars().count() > VIA_CHARS_MAX {
        return Err(Misread::Expected {
            verb: Verb::When,
            found: (!word.is_empty()).then_some(word),
            needed: "a word for what noticed it, such as customer or monitoring",
            example: "when detected 13:52 via customer".to_owned(),
        });
    }
    Ok(word)
}
