//! Texts that are nothing but a time: "17:00", "in 5 minutes", "tomorrow". Nobody means them as a
//! text for the page.

use super::past::read_past;
use super::refusal::Refusal;
use super::schedule::{read_day, read_moment};
use crate::incident::model::Number;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::{named_zone, read_length, unpunctuated};

/// Longer texts say something, in words.
const WORDS_MAX: usize = 10;

/// Words around a time that say nothing by themselves.
const AROUND: &[&str] = &[
    "a", "about", "after", "ago", "an", "and", "around", "at", "before", "between", "by", "for",
    "from", "gmt", "half", "in", "later", "local", "next", "on", "past", "since", "the", "this",
    "till", "time", "to", "until", "utc", "within", "-", "–", "—",
];

/// Times in words.
const IN_WORDS: &[&str] = &[
    "afternoon",
    "evening",
    "hour",
    "hours",
    "midnight",
    "minute",
    "minutes",
    "month",
    "morning",
    "night",
    "noon",
    "soon",
    "tonight",
    "week",
    "weekend",
    "yesterday",
];

/// True if a text is nothing but a time, a day or a length of time.
pub(crate) fn is_time(plain: &str) -> bool {
    let words: Vec<&str> = plain.split_whitespace().take(WORDS_MAX + 1).collect();
    if words.len() > WORDS_MAX {
        return false;
    }
    let (mut at, mut says_when) = (0, false);
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let word = rest.first().map(|word| bare(word)).unwrap_or_default();
        let taken = read_past(rest)
            .ok()
            .flatten()
            .map(|(_, taken)| taken)
            .or_else(|| read_length(rest).map(|(_, taken)| taken))
            .or_else(|| read_moment(rest).ok().flatten().map(|(_, taken)| taken))
            .or_else(|| read_day(rest).ok().flatten().map(|(_, taken)| taken));
        let is_in_words = IN_WORDS.contains(&word.as_str());
        if taken.is_none() && !is_in_words && !is_around(&word) {
            return false;
        }
        says_when |= taken.is_some() || is_in_words;
        at += taken.unwrap_or(1).max(1);
    }
    says_when
}

fn bare(word: &str) -> String {
    unpunctuated(word).trim_end_matches(['!', '?', ')']).trim_start_matches('(').to_lowercase()
}

fn is_around(word: &str) -> bool {
    AROUND.contains(&word) || named_zone(word).is_some()
}

/// The refusal of a text for the page that is nothing but a time.
pub(crate) fn only_a_time(plain: &str, verb: &str, number: Option<Number>) -> Option<Refusal> {
    if !is_time(plain) {
        return None;
    }
    let what = format!("“{}” alone is a time.", escape(&excerpt(plain.trim())));
    let refusal = Refusal::new(format!("{what} Nothing was changed."));
    Some(match verb {
        "close" => refusal
            .sentence("It closes when you say so. Now:")
            .line_about("close", number, "")
            .sentence("If it was over before:")
            .line_about("close", number, "at <time>"),
        "correct" => refusal
            .sentence("If it began then, or was over then:")
            .line_about("correct", number, "started <time>")
            .line_about("correct", number, "closed <time>"),
        "update" => refusal.sentence("To say more, and when the next update follows:").line_about(
            "update",
            number,
            "<text> next <length>",
        ),
        "open" => refusal.sentence("With words:").line("open <text>"),
        verb => refusal.offer_about("With words:", verb, number, "<text>"),
    })
}
