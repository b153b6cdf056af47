//! The texts of records can go: the log still verifies, and means the same.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::launch::events::LaunchEvent;
use status_update::core::launch::progress::{self, Launches};
use status_update::core::launch::step::{Step, StepResult};
use status_update::core::log::fold::{FoldError, fold_bytes};
use status_update::core::log::lines::Wanted;
use status_update::core::log::seal;
use status_update::core::log::state::State;
use status_update::core::sealed::REMOVED;
use status_update::core::site::renderer::Site;

use crate::cases::thread::{START, Thread};
use crate::clients::published::config;
use crate::golden::golden_log;
use crate::house::{read, root};

fn folded(log: &[Vec<u8>]) -> State {
    let mut state = State::default();
    for bytes in log {
        fold_bytes(&mut state, bytes).unwrap();
    }
    state
}

/// A record without some of its texts.
fn without(bytes: &[u8], is_gone: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let head = lines.next().unwrap().to_vec();
    let lines = lines.map(|line| if is_gone(line) { Vec::new() } else { line.to_vec() });
    [head].into_iter().chain(lines).collect::<Vec<_>>().join(&b'\n')
}

/// Compares two states, ignoring texts.
pub fn assert_same_numbers(whole: &Value, erased: &Value, at: &str) {
    match (whole, erased) {
        (_, Value::String(text)) if text.is_empty() || text.contains(REMOVED) => {}
        // An erased list or option is empty.
        (_, Value::Object(erased)) if erased.len() == 1 && erased.contains_key("sealed") => {}
        (Value::Object(whole), Value::Object(erased)) => {
            for (name, whole) in whole {
                let optional = [
                    "via",
                    "topic",
                    // The digest of a work item's content: the item is written again without it.
                    "told",
                    "roster",
                    "link",
                    "facts",
                    "description",
                    "name",
                    "secret",
                    "shift",
                ];
                let is_optional = optional.contains(&name.as_str());
                let erased = erased.get(name).unwrap_or(&Value::Null);
                if !(is_optional && erased.is_null()) {
                    assert_same_numbers(whole, erased, &format!("{at}/{name}"));
                }
            }
        }
        (Value::Array(whole), Value::Array(erased)) => {
            assert_eq!(whole.len(), erased.len(), "{at}");
            for (place, (whole, erased)) in whole.iter().zip(erased).enumerate() {
                assert_same_numbers(whole, erased, &format!("{at}/{place}"));
            }
        }
        _ => assert_eq!(whole, erased, "{at}"),
    }
}

fn json_of(state: &State) -> Value {
    let mut json = serde_json::to_value(state).unwrap();
    // A person without a name is not remembered, and the roster is one text.
    for name in ["people", "rosters"] {
        json.as_object_mut().unwrap().remove(name);
    }
    json
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_log_without_texts_has_the_same_numbers(seed in any::<u64>(), share in 1..100_u64) {
        let log = golden_log("v2-everything");
        let mut random = seed;
        // Everything that identifies a person goes everywhere at once; so does an alert's key.
        let mut is_gone = |line: &[u8]| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value: Value = serde_json::from_slice(line).unwrap();
            value[1].get("id").is_none() && !value[1].is_string() && (random >> 33) % 100 < share
        };
        let erased: Vec<_> = log.iter().map(|bytes| without(bytes, &mut is_gone)).collect();
        let (whole, erased) = (folded(&log), folded(&erased));
        prop_assert_eq!(&whole.head, &erased.head);
        assert_same_numbers(&json_of(&whole), &json_of(&erased), "");
    }
}

/// A record's lines that hold the same as a line of one of them, all over the log.
fn without_all_that_hold(log: &[Vec<u8>], chosen: &[(usize, usize)]) -> Vec<Vec<u8>> {
    let mut wanted = Wanted::default();
    for (record, place) in chosen {
        wanted.add(seal::split(&log[*record]).1[*place]);
    }
    let erased = log.iter().map(|bytes| {
        let (head, texts) = seal::split(bytes);
        let found = wanted.in_record(&serde_json::from_slice(head).unwrap(), &texts);
        seal::without(bytes, &found.own).unwrap_or_else(|| bytes.clone())
    });
    erased.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    /// Names, keys and whatever else is erased by its place goes everywhere at once.
    #[test]
    fn a_log_without_some_values_has_the_same_numbers(
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        name in prop::sample::select(&["v2-everything", "v2-corrections", "v2-page", "v2-removals"][..]),
    ) {
        let log = golden_log(name);
        let lines: Vec<(usize, usize)> = log
            .iter()
            .enumerate()
            .flat_map(|(record, bytes)| {
                (0..seal::split(bytes).1.len()).map(move |place| (record, place))
            })
            .filter(|(record, place)| !seal::split(&log[*record]).1[*place].is_empty())
            .collect();
        let chosen: Vec<_> = chosen.iter().map(|index| *index.get(&lines)).collect();
        let erased = without_all_that_hold(&log, &chosen);
        let (whole, erased) = (folded(&log), folded(&erased));
        prop_assert_eq!(&whole.head, &erased.head);
        assert_same_numbers(&json_of(&whole), &json_of(&erased), "");
    }
}

#[test]
fn a_log_without_any_text_can_be_folded() {
    let log = golden_log("v2-everything");
    let erased: Vec<_> = log.iter().map(|bytes| without(bytes, &mut |_| true)).collect();
    let (whole, erased) = (folded(&log), folded(&erased));
    assert_eq!(whole.head, erased.head);
    assert_eq!((whole.revision, whole.next_number), (erased.revision, erased.next_number));
    assert_eq!(whole.status.ledger, erased.status.ledger);
}

/// The number of refusals decides when the work item is written again.
#[test]
fn erased_remarks_of_a_launch_still_count() {
    let done = LaunchEvent::Done {
        number: 1,
        step: Step::WorkItemSync,
        result: StepResult::Told,
        remarks: vec!["The project refused the severity.".to_owned()],
        told: Some("a digest".to_owned()),
    };
    let mut erased = serde_json::to_value(&done).unwrap();
    for name in ["remarks", "told"] {
        erased[name] = serde_json::json!({ "erased": null });
    }
    let refused_after = |event: &LaunchEvent| {
        let mut launches = Launches::default();
        for event in [&LaunchEvent::Started { number: 1 }, event, event] {
            progress::apply(&mut launches, START, "", event).unwrap();
        }
        launches[&1].refused
    };
    assert_eq!(refused_after(&done), 2);
    assert_eq!(refused_after(&serde_json::from_value(erased).unwrap()), 2);
}

#[test]
fn an_altered_text_stops_the_fold() {
    let mut thread = Thread::new(config(), START);
    thread.say("open Checkout is failing");
    let whole = String::from_utf8(thread.log[0].clone()).unwrap();
    let altered = whole.replace("Checkout is failing", "Checkout is working");
    assert_ne!(whole, altered);
    let error = fold_bytes(&mut State::default(), altered.as_bytes()).unwrap_err();
    assert!(
        matches!(&error, FoldError::Unreadable { why, .. } if why.contains("altered")),
        "{error}"
    );
}

#[test]
fn a_head_holds_no_text_and_no_name() {
    for bytes in golden_log("v2-everything") {
        let head = String::from_utf8(seal::head(&bytes).to_vec()).unwrap();
        for word in ["Inês", "Carvalho", "Checkout is", "We are on it", "@example.com"] {
            assert!(!head.contains(word), "{word}: {head}");
        }
    }
}

/// The verifier from the documents, unchanged.
pub fn verified(log: &[Vec<u8>]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    for (place, bytes) in log.iter().enumerate() {
        fs::write(folder.path().join(format!("{:010}.json", place + 1)), bytes).unwrap();
    }
    let text = read("docs/verify.md");
    let program = text.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let mut command = Command::new("python3");
    let output = command.args(["-c", program]).arg(folder.path()).current_dir(root()).output();
    let output = output.unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), said)
}

#[test]
fn the_documented_verifier_finds_every_change() {
    let log = golden_log("v2-page");
    let (is_fine, said) = verified(&log);
    assert!(is_fine && said.ends_with("0 removed; no doubt\n"), "{said}");
    assert!(said.contains(&folded(&log).head), "{said}");
    let changed = |place: usize, change: &dyn Fn(&str) -> String| {
        let mut log = log.clone();
        log[place] = change(std::str::from_utf8(&log[place]).unwrap()).into_bytes();
        verified(&log)
    };
    let (is_fine, said) = changed(3, &|text| text.replacen("\"revision\":4", "\"revision\": 4", 1));
    assert!(!is_fine && said.contains("(5, 'chain broken before it')"), "{said}");
    let (is_fine, said) = changed(3, &|text| format!("{text}x"));
    assert!(!is_fine && said.contains("altered"), "{said}");
    let erased = |text: &str| String::from_utf8(without(text.as_bytes(), &mut |_| true)).unwrap();
    let (is_fine, said) = changed(3, &erased);
    assert!(!is_fine && said.contains("(4, 'text 0 missing, undeclared')"), "{said}");
}

#[test]
fn an_erased_text_is_marked_in_the_language_of_the_page() {
    let config = Config::parse("language = \"de\"").unwrap();
    let mut thread = Thread::new(config.clone(), START);
    for line in [
        "open Checkout is failing",
        "update identified It is the password hunter2",
        "update identified We renew it",
        "redact #1 title yes",
        "redact #1 update 2 yes",
    ] {
        thread.say(line).expect_record();
    }
    let (site, status) = (Site::new(config).unwrap(), &thread.state.status);
    let mut pages = site.current(status).unwrap();
    pages.push(site.incident(status.incident(1).unwrap(), &status.component_names).unwrap());
    let mut marked = 0;
    for page in pages.iter().filter(|page| !page.name.contains("json")) {
        let text = String::from_utf8_lossy(&page.bytes);
        assert!(!text.contains(REMOVED), "{}: {text}", page.name);
        marked += usize::from(text.contains("[entfernt]"));
    }
    assert!(marked > 2, "{marked}");
}
