//! The table of verbs, and which incident a line is about.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use status_update::core::commands::parse::parse;
use status_update::core::commands::{SPECS, Spec};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::log::record::Event;
use status_update::core::text::Text;

use crate::cases::thread::{Content, Message, START, Sender, Thread};

#[test]
fn every_word_of_the_table_is_one_verb() {
    let mut seen = BTreeSet::new();
    for spec in SPECS {
        let usage = spec.usage;
        for word in usage.words {
            assert!(seen.insert(*word), "{word} is written for two verbs");
        }
        let first = usage.name().split(' ').next().unwrap();
        assert_eq!(usage.form.split(' ').next(), Some(first), "{usage:?}");
        assert!(!usage.meaning.is_empty() && !usage.examples.is_empty(), "{usage:?}");
    }
    assert!(seen.contains("task done"), "verbs of several words are in the table");
}

#[test]
fn every_example_of_the_table_is_understood() {
    for spec in SPECS {
        for example in spec.usage.examples {
            let parsed = parse(&Text::plain(example).into(), &Config::default());
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
        }
    }
}

/// The table of verbs as a document has it, between its marks.
fn documented(document: &str) -> String {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let (_, behind) = document.split_once("a test compares them. -->\n").unwrap();
    let (documented, _) = behind.split_once("<!-- The end of the table. -->").unwrap();
    documented.to_owned()
}

const TABLE_HEAD: &str = "| command | meaning |\n| --- | --- |\n";

/// A row of the table in documents.
fn row(spec: &Spec) -> String {
    let [form, meaning] =
        [spec.usage.form, spec.usage.meaning].map(|text| text.replace('|', "\\|"));
    format!("| `{form}` | {meaning} |\n")
}

#[test]
fn the_documented_commands_are_those_of_the_table() {
    let rows = SPECS.iter().map(row).collect::<String>();
    assert_eq!(documented("docs/commands.md"), format!("{TABLE_HEAD}{rows}"));
}

/// The incident that a line is about: #1 is closed, #2 and #3 are open, #4 is internal and open.
/// `here` is the incident in whose thread the line is written.
const MEANT: &[(&str, Option<usize>, Result<u32, &str>)] = &[
    ("note Words", None, Err("Which incident?")),
    ("note #2 Words", None, Ok(2)),
    ("note inc-2: Words", None, Ok(2)),
    ("note #4 Words", Some(2), Ok(4)),
    ("note Words", Some(1), Ok(1)),
    ("note Words", Some(2), Ok(2)),
    ("note Words", Some(4), Ok(4)),
    ("note 5 minutes later it was over", Some(2), Ok(2)),
    ("note #9 Words", None, Err("There is no incident #9.")),
    ("ack", Some(3), Ok(3)),
    ("scribe me", Some(3), Ok(3)),
    ("task #2 done 1", None, Err("#2 has no task 1")),
    ("task done #2 1", None, Err("#2 has no task 1")),
    ("task done 1", Some(2), Err("#2 has no task 1")),
    ("task done #1", Some(2), Err("#2 has no task 1")),
    ("action #2 done 1", None, Err("#2 has no action item 1")),
    ("action done #2 1", None, Err("#2 has no action item 1")),
    ("action done #1", Some(2), Err("#2 has no action item 1")),
    ("action #2 done", None, Err("the number of one action item")),
    ("launch #2 retry channel", None, Err("#2 hasn't been launched")),
    ("launch retry channel #2", None, Err("#2 hasn't been launched")),
    ("launch skip #2 work item", None, Err("#2 hasn't been launched")),
    ("launch resume channel", Some(2), Err("#2 hasn't been launched")),
    ("launch resume", Some(2), Err("No launch is set up")),
    ("update Words", Some(2), Ok(2)),
    ("update #4 Words", None, Ok(4)),
    ("update Words", None, Err("Which incident?")),
    ("note INC2 Words", None, Ok(2)),
    ("note INC 2 Words", None, Ok(2)),
    ("note incident 2: Words", None, Ok(2)),
    ("note incident #2 Words", None, Ok(2)),
    ("note incident 9 Words", None, Err("There is no incident #9.")),
    ("note Incident reports come in", Some(2), Ok(2)),
    ("task INC 2 done 1", None, Err("#2 has no task 1")),
    ("task done incident 2 1", None, Err("#2 has no task 1")),
    ("sev INC 2 1", None, Ok(2)),
    ("sev 2", Some(3), Ok(3)),
    ("update #2: Words", None, Ok(2)),
    ("update INC 2: Words", None, Ok(2)),
    ("update identified incident 2 Words", None, Ok(2)),
    ("update Incident reports come in", None, Err("Which incident?")),
    ("impact INC 3 critical", None, Ok(3)),
    ("impact critical incident 3", None, Ok(3)),
    ("close inc3", None, Ok(3)),
    ("reopen incident 1: It is back", None, Ok(1)),
    ("publish INC 4 The queue is long", None, Ok(4)),
    ("update 12 users are affected", Some(2), Err("could be an incident's number")),
    ("close 3: All is well", None, Ok(3)),
    ("reopen 1 It is back", Some(1), Err("could be an incident's number")),
    ("impact critical 3 nodes are down", Some(3), Err("could be an incident's number")),
    ("update #2 12 users are affected", None, Ok(2)),
    ("note 3 nodes are down", Some(2), Ok(2)),
    ("close", Some(1), Err("#1 is closed already")),
    ("reopen It is back", Some(1), Ok(1)),
    ("impact critical", Some(3), Ok(3)),
];

#[test]
fn a_line_is_about_the_incident_that_is_named_or_whose_thread_it_is_in() {
    for (line, here, meant) in MEANT {
        let mut thread = Thread::new(Config::default(), START);
        let mut openings = Vec::new();
        for opening in [
            "open Checkout is failing",
            "close #1",
            "open Search is slow",
            "open another Mail is late",
            "open internal: The queue is long",
        ] {
            if opening.starts_with("open") {
                openings.push(thread.sent());
            }
            thread.say(opening).expect_record();
        }
        let reply_to = here.map(|number| openings[number - 1]);
        let said = thread.send(&Message { reply_to, ..Content::Plain((*line).to_owned()).into() });
        match (said.decision(), meant) {
            (Decision::Record(record), Ok(number)) => {
                let changed = record.events.iter().find_map(Event::number);
                assert_eq!(changed, Some(*number), "{line} in {here:?}");
            }
            (Decision::Refuse(refusal), Err(words)) => {
                let refused = refusal.to_markdown();
                assert!(refused.contains(words), "{line} in {here:?}: {refused}");
            }
            (other, _) => panic!("{line} in {here:?}: {other:?}"),
        }
    }
}

type AfterClosing = (&'static [&'static str], i64, &'static str, Result<u32, &'static str>);

/// Lines after a closing: the earlier message, the minutes since, the line, and the incident that
/// it applies to.
const AFTER_CLOSING: &[AfterClosing] = &[
    (&["open A", "close"], 1, "note Words", Ok(1)),
    (&["open A", "close"], 1, "reopen It is back", Ok(1)),
    (&["open A", "close"], 1, "correct All is well", Ok(1)),
    (&["open A", "close"], 1, "postmortem Learned", Ok(1)),
    (&["open A", "close"], 28, "note Words", Ok(1)),
    (&["open A", "close"], 31, "note Words", Err("Nothing is open.")),
    (&["open A", "close"], 31, "reopen It is back", Err("reopen #1 <text>")),
    (&["open A", "close"], 1, "close All is well", Ok(1)),
    (&["open A", "close"], 1, "close #1 All is well", Ok(1)),
    (&["open A", "close"], 31, "close #1 All is well", Err("correct #1 <text>")),
    (&["open A", "close"], 1, "close", Err("correct #1 <text>")),
    (&["open A", "close Done"], 1, "close All is well", Err("correct #1 <text>")),
    (&["open A", "close"], 1, "update Words", Err("#1 is closed already")),
    (&["open A", "close", "open B"], 1, "note Words", Ok(2)),
    (&["open A", "open another B", "close #2"], 1, "note Words", Err("note #1 Words")),
    (&["open A", "open another B", "close #2"], 1, "close", Err("close #2 <text>")),
    (&["open A", "open another B", "close #2"], 31, "close", Ok(1)),
    (
        &["open A", "open another B", "close #2", "open another C", "close #1"],
        1,
        "close",
        Err("close #3"),
    ),
    (&["open A", "close", "open B"], 1, "close", Ok(2)),
    (&["open A", "close", "open B"], 1, "reopen It is back", Err("reopen #1 <text>")),
    (&["open A", "close", "open B", "close"], 1, "note Words", Err("note #2 Words")),
    (&["open internal: A", "close"], 1, "note Words", Ok(1)),
    (&["open internal: A", "close"], 1, "reopen It is back", Ok(1)),
];

#[test]
fn just_after_a_closing_a_line_is_about_the_closed_incident() {
    for (before, minutes, line, meant) in AFTER_CLOSING {
        let mut thread = Thread::new(Config::default(), START);
        for said in *before {
            thread.say(said).expect_record();
        }
        thread.now += SignedDuration::from_mins(*minutes);
        let said = thread.say(line);
        match (said.decision(), meant) {
            (Decision::Record(record), Ok(number)) => {
                let changed = record.events.iter().find_map(Event::number);
                assert_eq!(changed, Some(*number), "{line} after {before:?}");
            }
            (Decision::Refuse(refusal), Err(words)) => {
                let refused = refusal.to_markdown();
                assert!(refused.contains(words), "{line} after {before:?}: {refused}");
            }
            (other, _) => panic!("{line} after {before:?}: {other:?}"),
        }
    }
}

/// With configured correctors, others can undo only their own records.
#[test]
fn only_correctors_undo_what_others_recorded_and_erase() {
    let correctors = vec!["directory-ann".to_owned()];
    let mut thread = Thread::new(Config { correctors, ..Config::default() }, START);
    let mut say = |who: &str, text: &str| {
        let from = Sender::Named(who.to_owned());
        let content = Content::Plain(text.to_owned());
        let handled = thread.send(&Message { content, times: 1, reply_to: None, from });
        match handled.decision() {
            Decision::Record(_) => "recorded".to_owned(),
            refused => format!("{refused:?}"),
        }
    };
    for (who, text, expected) in [
        ("Bo", "open internal Checkout is failing", "recorded"),
        ("Bo", "note I look at it", "recorded"),
        ("Cy", "undo #1", "STATUS_CORRECTORS"),
        ("Bo", "undo", "recorded"),
        ("Bo", "note I look at it again", "recorded"),
        ("Ann", "undo #1", "recorded"),
        ("Bo", "note The password is swordfish", "recorded"),
        ("Bo", "redact #1 note 3 yes", "STATUS_CORRECTORS"),
        ("Ann", "redact #1 note 3 yes", "recorded"),
    ] {
        let said = say(who, text);
        assert!(said.contains(expected), "{who}: {text}: {said}");
    }
}
