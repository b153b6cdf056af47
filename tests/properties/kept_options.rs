//! A line that a refusal offers keeps the number and the options that were typed.

use proptest::prelude::*;
use status_update::core::commands::refusal::Refusal;
use status_update::core::decide::Decision;

use super::inputs::{config, settings};
use crate::cases::thread::{START, Thread};

/// Public verbs with their options, in an order in which all of them count.
const VERBS: &[(&str, &[&str])] = &[
    ("open", &["another", "sev2", "critical", "since=20m", "via=customer", "next 20m", "on API:"]),
    ("update", &["identified", "sev2", "next 20m", "on API, Checkout:"]),
    ("identified", &["sev2", "next 20m", "on API:"]),
    ("impact", &["minor", "next 20m"]),
    ("close", &["at 9:47:"]),
    ("close", &["1m ago:"]),
    ("reopen", &["next 20m"]),
    ("publish", &["critical", "next 20m", "on API:"]),
    ("maintenance", &["tomorrow 22:00 to 23:00", "on API:"]),
    ("backfill", &["yesterday 10:00 to 11:00", "minor", "on API:"]),
    ("correct", &[]),
    ("title", &[]),
    ("postmortem", &[]),
];

const TEXTS: &[&str] = &[
    "",
    "internal we know",
    "intenral we know",
    "private",
    "note: it fails",
    "it fails (internal)",
    "test, please ignore",
    "it",
    "17:00",
    "#2 is down too",
    "3 nodes are down",
    "it fails, see #2",
    "status",
    "eta?",
    "it fails",
    "it fails next 40m",
];

const BEFORE: &[&[&str]] = &[
    &[],
    &["open A"],
    &["open A", "open another B"],
    &["open internal on Checkout: A"],
    &["open internal A", "open another internal B"],
    &["open A", "close"],
    &["open A", "open another B", "close #1", "close #2"],
];

/// The options that a line of this verb lacks, with its number.
fn lost(line: &str, options: &[&str], number: Option<u32>, text: &str) -> Option<String> {
    let is_off_page = ["internal", "drill"].iter().any(|word| line.contains(word));
    for option in options {
        // Only an incident on the page has an impact.
        let has_none = is_off_page && ["critical", "minor"].contains(option);
        let asks = option.starts_with("next") && line.contains("<length>");
        if !has_none && !asks && !line.contains(option.trim_end_matches(':')) {
            return Some((*option).to_owned());
        }
    }
    let number = number.filter(|_| !text.contains('#')).map(|number| format!("#{number}"));
    number.filter(|number| !line.contains(number.as_str()))
}

fn check(
    refusal: &Refusal,
    (verb, options): (&str, &[&str]),
    number: Option<u32>,
    text: &str,
) -> Result<(), TestCaseError> {
    let verb = if verb == "identified" { "update" } else { verb };
    // The time itself was wrong, or the line names an incident that does not exist.
    if verb == "open" && text.starts_with('#') {
        return Ok(());
    }
    if refusal.suggestions().any(|line| line.ends_with("at <time>")) {
        return Ok(());
    }
    for line in refusal.suggestions().filter(|line| line.split(' ').next() == Some(verb)) {
        let lost = lost(line, options, number, text);
        prop_assert!(lost.is_none(), "{line:?} lost {lost:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings(200))]

    #[test]
    fn an_offered_line_keeps_number_and_options(
        (verb, options) in prop::sample::select(VERBS),
        chosen in any::<[bool; 7]>(),
        number in prop::option::of(1u32..=3),
        text in prop::sample::select(TEXTS),
        before in prop::sample::select(BEFORE),
    ) {
        let mut thread = Thread::new(config(), START);
        for line in before {
            thread.say(line).expect_record();
        }
        // The first option of these verbs is never left out.
        let is_needed = ["impact", "maintenance", "backfill"].contains(&verb);
        let options: Vec<&str> = options
            .iter()
            .zip(chosen)
            .enumerate()
            .filter(|(place, (_, chosen))| *chosen || is_needed && *place == 0)
            .map(|(_, (option, _))| *option)
            .collect();
        let number = number.filter(|_| !["open", "maintenance", "backfill"].contains(&verb));
        let place = number.map_or(String::new(), |number| format!("#{number} "));
        let typed = format!("{verb} {place}{} {text}", options.join(" "));
        let typed = typed.trim_end();
        let handled = thread.say(typed);
        let Decision::Refuse(refusal) = handled.decision() else { return Ok(()) };
        check(refusal, (verb, &options), number, text)
            .map_err(|why| TestCaseError::fail(format!("{typed:?} after {before:?}: {why}")))?;
    }
}
