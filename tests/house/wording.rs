//! Phrases that sound translated stay out of what people read.

use super::{Source, all_sources, read, root, sources};

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
    ("doesn't fit here", "expected …, not …"),
    ("something is missing", "missing: …"),
    ("name the one that you mean", "which incident?"),
    ("still to come", "in the future"),
    ("is over already", "has passed, is over"),
    ("begun already", "already started"),
    ("called that already", "already has that title"),
    ("don't know anybody", "don't know anyone"),
    ("keeps nothing off", "doesn't keep this off"),
    ("with other words", "in other words"),
    ("when it was started", "time started"),
    ("what it would lack", "still needed"),
    ("were told nothing", "no updates were recorded"),
    ("days long at most", "up to … days"),
    ("a minute at least", "at least a minute"),
    ("no such time as", "isn't a valid time"),
    ("nor any other", "no … are configured"),
    ("can't be recalled, and", "can't be recalled"),
    ("by its severity", "the severity sets it"),
    ("all the time.", "throughout"),
    ("counts for nothing", "no longer counted"),
    ("worst of them", "the most severe"),
    ("every moment counts", "each moment counts"),
];

/// Further phrases that stay out of comments.
const BANNED_IN_COMMENTS: &[(&str, &str)] = &[
    ("whoever", "anyone who, or the role's name"),
    ("those who", "people who"),
    (" beside ", "next to, in addition to"),
    ("besides", "also"),
    ("lets go of", "evicts"),
    ("given back", "returned"),
    ("carried out", "performed, run"),
    ("brought back", "restored, recalled"),
    (" by hand", "manually"),
    ("for good", "permanently, for ever"),
    (" of others", "external, third-party"),
    ("is told", "is notified, is reported"),
    ("are told", "are notified, are reported"),
    ("says nothing", "is empty, proves nothing"),
];

/// Words at the beginning of a comment that names no subject.
const BEGINNINGS: &[&str] = &["What", "Whether", "How", "Who", "Whoever"];

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

/// Comments, each joined to one line and named by its first one.
fn comments(source: &Source) -> Vec<(usize, String)> {
    let mut comments: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in source.text.lines().enumerate() {
        let line = line.trim_start();
        let text = line.strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']).trim());
        match (text, comments.last_mut()) {
            (Some(text), Some((_, comment))) if goes_on && !text.is_empty() => {
                comment.push(' ');
                comment.push_str(text);
            }
            (Some(text), _) if !text.is_empty() => comments.push((number + 1, text.to_owned())),
            _ => {}
        }
        goes_on = text.is_some_and(|text| !text.is_empty());
    }
    comments
}

fn faults(name: &str, line: usize, comment: &str) -> Vec<String> {
    let first = comment.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let begins = BEGINNINGS.contains(&first);
    let mut faults: Vec<String> = begins
        .then(|| format!("{name}:{line}: begins with “{first}”; begin with a noun"))
        .into_iter()
        .collect();
    let lower = comment.to_lowercase();
    for (phrase, instead) in BANNED.iter().chain(BANNED_IN_COMMENTS) {
        if lower.contains(phrase) {
            faults.push(format!("{name}:{line}: “{phrase}”; write “{instead}”"));
        }
    }
    faults
}

#[test]
fn comments_are_plain_english() {
    let folders = ["core/src", "src", "tests", "benches"].into_iter();
    let found = folders.flat_map(sources).flat_map(|source| {
        let comments = comments(&source).into_iter();
        comments.flat_map(|(line, text)| faults(&source.name, line, &text)).collect::<Vec<_>>()
    });
    check(&found.collect::<Vec<_>>());
}

#[test]
fn a_comment_with_a_fault_is_found() {
    let text = "/// A list.\n///\n/// Whether it is\n/// at hand now.\nfn a() {}\n// How it ends."
        .to_owned();
    let source = Source { name: "a.rs".to_owned(), code: String::new(), text };
    let comments = comments(&source);
    let found: Vec<_> = comments.iter().flat_map(|(n, text)| faults("a.rs", *n, text)).collect();
    assert_eq!(
        found,
        [
            "a.rs:3: begins with “Whether”; begin with a noun",
            "a.rs:3: “at hand ”; write “current”",
            "a.rs:6: begins with “How”; begin with a noun",
        ]
    );
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
