//! Checks of a text that is about to be published.

use super::numbers::{leading, number, several};
use super::private_words::private_word;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::times::only_a_time;
use super::usage::Usage;
use crate::config::Config;
use crate::incident::model::Number;

/// Checks that the text of a public verb other than `open` can be meant for the page.
///
/// # Errors
/// The text seems private, or names a different incident.
pub(crate) fn check_published(
    usage: &Usage,
    named: Option<Number>,
    plain: &str,
    config: &Config,
) -> Result<(), Refusal> {
    let verb = usage.name();
    if let Some(word) = private_word(plain, config) {
        return Err(word.refusal(verb, named));
    }
    if let Some(refusal) = only_a_time(plain, verb, named) {
        return Err(refusal);
    }
    if let Some(second) = leading(plain, false).filter(|_| named.is_some()) {
        let numbers: Vec<Number> = named.into_iter().chain([second.number]).collect();
        return Err(several(verb, &numbers, "<text>"));
    }
    if named.is_none() {
        check_bare_number(verb, plain)?;
        check_last_word(verb, plain)?;
    }
    Ok(())
}

/// A number in front of a text for the page may be an incident's.
fn check_bare_number(verb: &str, plain: &str) -> Result<(), Refusal> {
    let mut words = plain.split_whitespace();
    let first = words.next().map(without_closing).unwrap_or_default();
    let is_bare = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if !is_bare || words.next().is_none() {
        return Ok(());
    }
    let digits: String = first.chars().take(20).collect();
    Err(Refusal::new(format!(
        "“{digits}” could be an incident's number or the first word of the text. Nothing was \
         published. For that incident:"
    ))
    .line(format!("{verb} #{digits} <text>"))
    .offer("If it is text, name the incident first:", format!("{verb} #<n> {digits} <text>")))
}

/// A number at the end may be the intended incident's.
fn check_last_word(verb: &str, plain: &str) -> Result<(), Refusal> {
    // A last line that is a command gets a remark instead.
    if plain.contains('\n') {
        return Ok(());
    }
    let last = plain.split_whitespace().next_back().unwrap_or_default();
    let Some(number) =
        number(last.trim_start_matches(['(', '[']).trim_end_matches([')', ']', '.']))
    else {
        return Ok(());
    };
    Err(Refusal::new(format!(
        "“#{number}” stands at the end. Nothing was published. If that incident is meant, put it \
         first:"
    ))
    .line(format!("{verb} #{number} <text>"))
    .offer("If not, name the other one:", format!("{verb} #<n> <text>")))
}
