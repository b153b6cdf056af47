//! Incident numbers as people write them: `#42`, `INC42`, `inc-42`, `incident 42`, `(#42)`, `42:`.

use super::refusal::Refusal;
use crate::incident::model::Number;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) number: Number,
    /// Digits only, which could be part of the text.
    pub(crate) is_bare: bool,
    /// Its length in bytes, including the punctuation that closes it.
    pub(crate) bytes: usize,
    /// Closed by a colon.
    pub(crate) is_closed: bool,
    /// Closed by a comma, so that a further number may follow.
    is_listed: bool,
}

const NOUNS: [&str; 2] = ["incident", "inc"];
/// Words between a noun and its number.
const BEHIND_NOUN: [&str; 4] = ["number", "nr", "no", "num"];
const SIGNS: [char; 3] = ['#', '＃', '№'];
const CLOSING: [char; 6] = [':', ',', '.', '!', ')', ']'];

/// The number at the beginning of a text. A bare one counts only before `:` or the end of the line.
pub(crate) fn leading(text: &str, takes_bare: bool) -> Option<Named> {
    let rest = text.trim_start().trim_start_matches(['(', '[']);
    let named = behind_noun(rest);
    let signed = named.unwrap_or(rest).trim_start_matches(' ');
    let unsigned = signed.strip_prefix(SIGNS);
    // "# 1"
    let digits = unsigned.map_or(signed, |rest| rest.strip_prefix(' ').unwrap_or(rest));
    let digits = behind_noun(digits).filter(|_| unsigned.is_some()).unwrap_or(digits);
    let is_bare = named.is_none() && unsigned.is_none();
    let end = digits.find(|c| digit(c).is_none()).unwrap_or(digits.len());
    let (number, behind) = digits.split_at(end);
    let number = whole_number(number)?;
    let is_word_over = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '%' || c == '_');
    let mut after = behind.chars();
    let is_decimal = matches!(after.next(), Some('.' | ',' | ':'))
        && after.next().is_some_and(|c| c.is_ascii_digit());
    if !is_word_over || is_decimal {
        return None;
    }
    let closing = behind.find(|c| !CLOSING.contains(&c)).unwrap_or(behind.len());
    let (closing, behind) = behind.split_at(closing);
    let (is_closed, is_listed) = (closing.contains(':'), closing.contains(','));
    let line_ends = behind.trim_start_matches(' ').is_empty()
        || behind.trim_start_matches(' ').starts_with('\n');
    if is_bare && !(takes_bare && (is_closed || line_ends)) {
        return None;
    }
    let bytes = text.len() - behind.len();
    Some(Named { number, is_bare, bytes, is_closed, is_listed })
}

/// The text after "incident", "INC-", "inc no." and the like.
fn behind_noun(text: &str) -> Option<&str> {
    let noun = NOUNS.iter().find_map(|noun| strip_word(text, noun))?;
    let rest = noun.trim_start_matches([' ', '-', '_', ':', '.']);
    let more = BEHIND_NOUN.iter().find_map(|more| strip_word(rest, more));
    Some(more.map_or(rest, |rest| rest.trim_start_matches([' ', '.', ':'])))
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    let is_whole = !rest.starts_with(char::is_alphabetic);
    (start.eq_ignore_ascii_case(word) && is_whole).then_some(rest)
}

/// The value of a digit, full-width ones included.
fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => None,
    }
}

/// Too large numbers become the largest one, which no incident has.
fn whole_number(digits: &str) -> Option<Number> {
    let mut number: Option<Number> = None;
    for value in digits.chars().filter_map(digit) {
        number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(value));
    }
    number
}

/// `#42`, `INC-42` or `INC42` as one word.
pub(crate) fn number(word: &str) -> Option<Number> {
    let named = leading(word, false).filter(|named| named.bytes == word.len())?;
    Some(named.number)
}

/// Words and signs between numbers of a list.
const BETWEEN: [&str; 8] = ["and", "und", "or", "&", "+", "/", ",", ";"];

/// A bare number that others follow, with its length in bytes.
pub(crate) fn listed(text: &str) -> Option<(Named, usize)> {
    let (number, behind) = behind_digits(text.trim_start())?;
    behind_joint(behind)?;
    let bytes = text.len() - behind.len();
    let named = Named { number, is_bare: true, bytes, is_closed: false, is_listed: false };
    (!further(behind, named).0.is_empty()).then_some((named, bytes))
}

/// The limit of numbers in one line.
const NAMED_MAX: usize = 20;

/// Further numbers after the first: `and #2`, `, 3`. Also returns the text after them.
pub(crate) fn further(text: &str, first: Named) -> (Vec<Number>, &str) {
    let (mut numbers, mut rest, mut is_joined) = (Vec::new(), text, first.is_listed);
    while numbers.len() < NAMED_MAX {
        let mut behind = rest.trim_start();
        while let Some(next) = behind_joint(behind) {
            (behind, is_joined) = (next.trim_start(), true);
        }
        // "#1-#3" is a list; a dash before anything else begins the text.
        let dashed = behind.strip_prefix(['-', '–']).map(str::trim_start);
        behind = dashed.filter(|behind| leading(behind, false).is_some()).unwrap_or(behind);
        let named = leading(behind, is_joined);
        let listed = || behind_digits(behind).filter(|(_, after)| behind_joint(after).is_some());
        let (number, after) = match (named, is_joined) {
            (Some(named), _) => {
                is_joined = named.is_listed;
                (named.number, behind.get(named.bytes..).unwrap_or_default())
            }
            (None, true) => match listed() {
                Some((number, after)) => (number, after),
                None => break,
            },
            (None, false) => break,
        };
        numbers.push(number);
        rest = after;
    }
    (numbers, rest)
}

/// The text after a word or sign between two numbers.
fn behind_joint(text: &str) -> Option<&str> {
    BETWEEN.iter().find_map(|joint| {
        if joint.chars().all(char::is_alphabetic) {
            strip_word(text, joint)
        } else {
            text.strip_prefix(joint)
        }
    })
}

/// The number at the beginning of a text, and the text after it and space.
fn behind_digits(text: &str) -> Option<(Number, &str)> {
    let end = text.find(|c| digit(c).is_none()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    Some((whole_number(digits)?, behind.trim_start()))
}

/// Refuses a line with several incidents: one line for each.
pub(crate) fn several(verb: &str, numbers: &[Number], rest: &str) -> Refusal {
    let lines =
        numbers.iter().map(|number| format!("{verb} #{number} {rest}").trim_end().to_owned());
    Refusal::new(
        "A command is about one incident. Nothing was recorded. Send them one after the other:",
    )
    .lines(lines)
}
