//! The vocabulary of the chat, and the known word that an unknown one resembles.

use strsim::osa_distance;

use super::reader::without_closing;
use super::refusal::Refusal;
use crate::config::language::Language;
use crate::incident::model::{Impact, Stage};
use crate::incident::severity::Severity;
use crate::text::clean_name;
use crate::text::markdown::escape;

/// Every word for a stage.
const STAGES: &[(&str, Stage)] = &[
    ("investigating", Stage::Investigating),
    ("identified", Stage::Identified),
    ("monitoring", Stage::Monitoring),
    ("resolved", Stage::Resolved),
];

const IMPACTS: &[Impact] = &[Impact::Minor, Impact::Major, Impact::Critical];

/// Ignores case.
#[must_use]
pub fn stage(word: &str) -> Option<Stage> {
    lookup(STAGES, word)
}

/// Ignores case.
#[must_use]
pub fn impact(word: &str) -> Option<Impact> {
    IMPACTS.iter().copied().find(|impact| impact.word().eq_ignore_ascii_case(word))
}

fn lookup<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}

/// Words in front of a severity, each with `true` if the number may be a separate word.
const SEVERITY_WORDS: [(&str, bool); 5] =
    [("severity", true), ("sev", true), ("priority", true), ("prio", true), ("p", false)];

/// The severity at the beginning of a text, `P1`, `SEV-1`, `sev 1`, `priority=1`, with its number
/// of words.
///
/// # Errors
/// The number is not a severity.
pub(crate) fn severity(text: &str) -> Result<Option<(Severity, usize)>, Refusal> {
    let mut words = text.split_whitespace();
    let first = words.next().map(without_closing).unwrap_or_default().to_ascii_lowercase();
    let known = SEVERITY_WORDS
        .iter()
        .find_map(|(word, apart)| first.strip_prefix(word).map(|value| (value, *apart)));
    let Some((value, apart)) = known else { return Ok(None) };
    let digits = value.strip_prefix(['=', '-', ':', '#', '_']).unwrap_or(value);
    let digit = |text: &str| without_closing(text).parse().ok().and_then(Severity::of);
    if value.is_empty() {
        let next = words.next().filter(|_| apart).and_then(digit);
        return Ok(next.map(|severity| (severity, 2)));
    }
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // "p99" is not a priority, and "severity=high" is not part of a text.
    if !is_number && !value.starts_with('=') || !apart && digits.len() != 1 {
        return Ok(None);
    }
    digit(digits).map(|severity| Some((severity, 1))).ok_or_else(|| {
        Refusal::new(format!(
            "“{}” isn't a severity. Nothing was recorded. Severities are sev1 (most severe) to \
             sev4.",
            escape(&clean_name(&first))
        ))
    })
}

/// The impact that an unknown word resembles, if any.
#[must_use]
pub fn nearest_impact(word: &str) -> Option<Impact> {
    nearest(word, IMPACTS.iter().map(|impact| impact.word())).and_then(impact)
}

/// The known name that an unknown one resembles most: one slip in up to four letters, two in more
/// that begin alike. Ignores case.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    known
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let chars = lower.chars().count();
            // Hardly anybody mistypes the first letter: “please” is not “release”.
            let begins_alike = lower.chars().next() == word.chars().next();
            let is_long = chars.min(word.chars().count()) > 4;
            let slips_max = if is_long && begins_alike { 2 } else { 1 };
            let slips = osa_distance(&word, &lower);
            // Of two equally near names, the one of the same length wins: two letters were swapped.
            let longer = chars.abs_diff(word.chars().count());
            (chars > 1 && slips <= slips_max).then_some(((slips, longer), candidate))
        })
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// Longer names are not compared, so that a long word costs no more than a short one.
const WORD_CHARS_MAX: usize = 110;

/// The verb for a word of a page's language.
pub(crate) fn translated(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let verbs = Language::ALL.into_iter().map(|language| language.chat().verbs);
    verbs.into_iter().find_map(|mut verbs| verbs.remove(&word))
}
