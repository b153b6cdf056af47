//! Phrases that sound translated stay out of what people read.

use super::{all_sources, read, root};

/// Each phrase, with what to write instead.
const BANNED: &[(&str, &str)] = &[
    ("a word to those outside", "a customer update"),
    ("those outside", "customers, stakeholders"),
    ("let go of", "evict"),
    ("at hand ", "current"),
    ("at hand.", "current"),
    ("services of others", "external services"),
    ("the gravest", "the most severe"),
    ("does without", "does not need"),
    ("in the place of", "instead of"),
    (" anew", "again"),
    ("brings back", "restores"),
    ("brought back by hand", "restored manually"),
    ("speaks unasked", "sends proactively"),
    ("rights arrive", "role assignments take effect"),
    ("rests at", "idle cost"),
    ("as there may be", "the maximum"),
    ("as it may have", "the maximum"),
    ("as it may be", "as is allowed"),
    ("cannot be told", "I can't tell"),
    ("carries out", "runs"),
    ("gives back", "returns"),
    ("ask whoever", "ask the person who"),
    ("what is to be sent", "outbox"),
    (" beside it", "next to it"),
    ("wait for rights", "waiting for role assignments"),
    ("what hangs together", "how the parts fit together"),
];

/// The phrases in a text, with the lines that they are in.
fn found(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        for (phrase, instead) in BANNED {
            if lower.contains(phrase) {
                let number = number + 1;
                found.push(format!("{name}:{number}: “{phrase}”; write “{instead}”"));
            }
        }
    }
    found
}

fn check(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Answers, log lines and errors, whose texts stand in the code. Line numbers count no comments.
#[test]
fn texts_of_the_program_are_plain_english() {
    let code = all_sources().into_iter();
    let code: Vec<String> = code.flat_map(|source| found(&source.name, &source.code)).collect();
    check(&code);
}

#[test]
fn documents_and_pages_are_plain_english() {
    let mut files = vec![
        "README.md".to_owned(),
        "languages/en.toml".to_owned(),
        "languages/duties/en.toml".to_owned(),
    ];
    for folder in ["docs", "templates"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_text =
                [".md", ".html", ".js", ".css", ".xml"].iter().any(|end| name.ends_with(end));
            if is_text && root().join(folder).join(&name).is_file() {
                files.push(format!("{folder}/{name}"));
            }
        }
    }
    let found: Vec<String> = files.iter().flat_map(|file| found(file, &read(file))).collect();
    check(&found);
}

#[test]
fn a_banned_phrase_is_found() {
    let text = "All is well.\nNothing is At Hand.";
    assert_eq!(found("README.md", text), ["README.md:2: “at hand.”; write “current”"]);
}
