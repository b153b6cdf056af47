//! The answer to an unknown line never suggests one that would publish the typed words.

use std::collections::BTreeSet;

use proptest::prelude::*;
use status_update::core::commands::parse::parse;
use status_update::core::commands::refusal::Refusal;
use status_update::core::commands::{Change, Command, SPECS};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::teams::said::Said;
use status_update::core::text::Text;

use super::inputs::{config, scrap, settings, text};
use crate::cases::thread::{START, Thread};

/// Words that begin a line, known or nearly.
fn first_words() -> impl Strategy<Value = String> {
    let known: Vec<&str> = SPECS.iter().flat_map(|spec| spec.usage.words).copied().collect();
    let verb = prop::sample::select(known);
    let slip = (verb.clone(), any::<prop::sample::Index>(), "[a-z]").prop_map(|(verb, at, c)| {
        let mut letters: Vec<char> = verb.chars().collect();
        let at = at.index(letters.len());
        match at % 3 {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, c.chars().next().unwrap()),
            _ => letters[at] = c.chars().next().unwrap(),
        }
        letters.into_iter().collect()
    });
    let private = prop::sample::select(
        &[
            "update internal",
            "open intenral",
            "open (internal)",
            "close private:",
            "update note:",
            "open #1",
            "close #1 and #2",
            "update critical",
            "open on Checkout",
            "update Checkout:",
            "please",
            "can you",
            "who is",
            "open test,",
            "update 2",
            "publish internal",
            "#1",
            "#2",
            "close it",
            "correct 1",
            "impact",
            "maintenance",
            "reopen",
            "publish",
        ][..],
    );
    prop_oneof![
        3 => verb.prop_map(str::to_owned),
        3 => slip,
        3 => private.prop_map(str::to_owned),
        2 => "[a-zA-Z]{1,9}",
        1 => scrap(),
    ]
}

/// The letters of the words in a text.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    words.map(str::to_owned).collect()
}

/// The text that a command would publish.
fn published(command: &Command, line: &str) -> Option<String> {
    let Command::Change(change) = command else { return None };
    let is_public = match change {
        Change::Open(opening) => opening.details.visibility.is_none(),
        Change::Publish(..) | Change::Announce(_) => true,
        other => {
            let verb = line.split_whitespace().next().unwrap_or_default();
            let usage = SPECS.iter().find(|spec| spec.usage.words.contains(&verb))?.usage;
            let _ = other;
            usage.is_public
        }
    };
    is_public.then(|| line.to_owned())
}

fn check(typed: &str, refusal: &Refusal, config: &Config) -> Result<(), TestCaseError> {
    let first = typed.split_whitespace().next().unwrap_or_default().to_lowercase();
    let typed_words = words(typed.split_once(char::is_whitespace).map_or("", |(_, rest)| rest));
    for line in refusal.suggestions() {
        let Ok(command) = parse(&Said::from(Text::plain(line)), config) else { continue };
        let Some(text) = published(&command, line) else { continue };
        let verb = line.split_whitespace().next().unwrap_or_default();
        // A verb that is misspelt by one letter, and nothing else, may be corrected.
        let first = first.trim_end_matches([':', ',', '.', '!']);
        let is_slip = strsim_one(first, verb);
        let known: BTreeSet<String> = words(
            "minor major critical identified monitoring another \
             investigating resolved drill internal on none checkout search api card payments café \
             finder platform cancel complete extend",
        );
        let repeated: Vec<String> = words(text.split_once(' ').map_or("", |(_, rest)| rest))
            .intersection(&typed_words)
            .filter(|word| !known.contains(*word) && word.parse::<u64>().is_err())
            .cloned()
            .collect();
        prop_assert!(is_slip || repeated.is_empty(), "{typed:?} suggests {line:?}");
    }
    Ok(())
}

/// True if two words differ by one insertion, deletion, substitution or swap.
fn strsim_one(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let rest = |a: &[char], b: &[char], i: usize, j: usize| {
        a.get(i..).unwrap_or_default() == b.get(j..).unwrap_or_default()
    };
    rest(a, b, 1, 1)
        || rest(a, b, 1, 0)
        || rest(a, b, 0, 1)
        || (a.len() > 1 && b.len() > 1 && a[0] == b[1] && a[1] == b[0] && rest(a, b, 2, 2))
}

/// Earlier messages.
const BEFORE: &[&[&str]] = &[
    &[],
    &["open Thing fails"],
    &["open Thing fails", "open another Sky falls"],
    &["open internal on Checkout: Thing fails"],
    &["open Thing fails", "close"],
];

proptest! {
    #![proptest_config(settings(600))]

    #[test]
    fn no_refusal_suggests_to_publish_what_was_typed(
        first in first_words(),
        rest in prop_oneof![2 => "[a-z]{3,9}( [a-z]{3,9}){0,4}".boxed(), 1 => text().boxed()],
        before in prop::sample::select(BEFORE),
    ) {
        let typed = format!("{first} {rest}");
        let mut thread = Thread::new(config(), START);
        for message in before {
            thread.say(message).expect_record();
        }
        if let Decision::Refuse(refusal) = thread.say(&typed).decision() {
            check(&typed, refusal, &thread.config)?;
        }
    }
}
