//! People at a terminal: `send` acts as anybody and mentions anybody; `say` names people whom the
//! channel knows.

use std::path::Path;

use crate::support::local::{Local, run, text};

/// The output of `send`.
async fn sent(local: &Local, folder: &Path, name: &str, words: &str) -> String {
    let said = run(folder, &["send", "--to", &local.url, "--from", name, words]).await;
    assert!(said.status.success(), "{words}: {}", text(&said.stderr));
    text(&said.stdout).to_owned()
}

async fn said(folder: &Path, name: &str, words: &str) -> (bool, String) {
    let said = run(folder, &["say", "--as", name, words]).await;
    (said.status.success(), text(&said.stdout).to_owned())
}

#[tokio::test]
async fn a_mentioned_person_is_the_sender_of_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let local = Local::start(folder, &[]).await;
    sent(&local, folder, "Ann Lee", "open internal Checkout is failing").await;
    let given = sent(&local, folder, "Ann Lee", "role scribe @\"Bo Larsen\"").await;
    assert!(given.contains("\nScribe assigned: Bo Larsen\n"), "{given}");
    // The mention identifies him as the current sender.
    let again = sent(&local, folder, "Bo Larsen", "scribe me").await;
    assert!(again.contains("Bo Larsen is scribe of #1 already"), "{again}");
    let handed = sent(&local, folder, "Bo Larsen", "scribe @Cy").await;
    assert!(handed.contains("Cy (from Bo Larsen)"), "{handed}");
    // Text that is not a mention stays unchanged.
    let words = "doing Writing to <b>mail@example.com</b> & co., @ten, with @Cy";
    let doing = sent(&local, folder, "Cy", words).await;
    let shown = "Writing to <b>mail@example.com</b> & co., ten, with Cy";
    assert!(doing.contains(shown), "{doing}");

    // An operator counts as the person of that name only if the channel knows it.
    let (good, answer) = said(folder, "Eli Novak", "tester me").await;
    assert!(!good && answer.contains("I can't resolve `me`"), "{answer}");
    let (good, answer) = said(folder, "bo larsen", "tester me").await;
    assert!(good && answer.contains("\nTester assigned: Bo Larsen\n"), "{answer}");
    let (good, answer) = said(folder, "Operator", "release tester @\"Bo Larsen\"").await;
    assert!(good && answer.contains("Tester released"), "{answer}");
    let (good, answer) = said(folder, "Operator", "scribe me").await;
    assert!(!good && answer.contains("I can't resolve `me`"), "{answer}");
    let (good, answer) = said(folder, "Operator", "roles").await;
    assert!(good && answer.contains("scribe Cy, since"), "{answer}");
    // A line that was pasted from the channel below another one is not published.
    let (good, answer) =
        said(folder, "Operator", "publish #1 We are on it\n@StatusPage close").await;
    assert!(!good && answer.contains("`close`"), "{answer}");
}

/// A name is only a name: nobody gets a different person's id by it.
#[tokio::test]
async fn a_hostile_name_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let local = Local::start(folder, &[]).await;
    sent(&local, folder, "Ann Lee", "open internal Checkout is failing").await;
    let name = "</at><at>Bo</at> & \"Co\"";
    // As everywhere in a card, nothing in it reads as a mention.
    let shown = "‹/at>‹at>Bo‹/at> & \"Co\"";
    let given = sent(&local, folder, name, "scribe me").await;
    assert!(given.contains(shown), "{given}");
    let other = sent(&local, folder, "Bo", "scribe me").await;
    assert!(other.contains(&format!("Bo (from {shown})")), "{other}");
}
