//! Slips: words that resemble an option or a fact, and are no words of their own.

use strsim::osa_distance;

use crate::incident::model::Impact;

/// Words that resemble an option or a fact, but are words of their own.
const REAL_WORDS: &str = "begin begun bean beans began's clover closer closes closet cloned clothed \
    clouded compact criticals critically criticise criticize ender enders impacts impacted import \
    identifier identifiers identifies identify investigation mayor manor majors maker miner miners \
    mines minors mentoring monitors motor nest net newt opener openers opens resolver resolves \
    revolved starred stated started's starter starters staged stared tended text mended";

/// True if a word is probably a slip of a known one. Longer words tolerate two.
pub(crate) fn is_slip(word: &str, known: &str) -> bool {
    let slips_max = if known.chars().count() >= 8 { 2 } else { 1 };
    let slips = osa_distance(word, known);
    let begins_alike = word.chars().next() == known.chars().next();
    slips > 0
        && (slips == 1 || slips <= slips_max && begins_alike)
        && word.chars().count() > 2
        && !REAL_WORDS.split_whitespace().any(|real| real == word)
}

/// The impact that a word is a slip of.
pub(crate) fn slip_of_impact(word: &str) -> Option<Impact> {
    let impacts = [Impact::Minor, Impact::Major, Impact::Critical];
    impacts.into_iter().find(|impact| is_slip(word, impact.word()))
}

/// The fact that a word names, or is a slip of.
pub(crate) fn named_fact(word: &str) -> Option<&'static str> {
    const CLOSED: [&str; 8] =
        ["closed", "resolved", "ended", "close", "ends", "end", "closes", "resolve"];
    const STARTED: [&str; 8] =
        ["started", "began", "opened", "start", "starts", "begin", "begins", "beginning"];
    let is = |names: [&str; 8]| names.contains(&word);
    let resembles = |names: [&str; 8]| names.iter().take(3).any(|name| is_slip(word, name));
    if is(CLOSED) || resembles(CLOSED) {
        Some("closed")
    } else {
        (is(STARTED) || resembles(STARTED)).then_some("started")
    }
}

/// True if letters in front of a digit are a slip of `sev`.
pub(crate) fn slip_of_severity(letters: &str) -> bool {
    let only_sev = letters.chars().all(|c| "sev".contains(c));
    only_sev && is_slip(letters, "sev") || is_slip(letters, "severity")
}
