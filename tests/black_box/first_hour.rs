//! The first hour with a configuration of one's own: files to start from, and every problem of
//! them at once.

use std::fs;
use std::process::Stdio;

use tokio::io::AsyncReadExt;

use crate::support::local::{Local, program, run, run_with, text};

#[tokio::test]
async fn init_writes_files_that_start_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(folder.path(), &["init"]).await;
    assert!(written.status.success(), "{}", text(&written.stderr));
    assert_eq!(
        text(&written.stdout),
        "./status.toml: written\n./rosters.toml: written\n./site/logo.svg: written\n\
         ./site/custom.css: written\n\nEdit them, then run `status-update check`.\n"
    );
    let checked = run(folder.path(), &["check"]).await;
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    assert_eq!(
        text(&checked.stdout),
        "status.toml: \"Example status\", components: 2, alert rules: 0\n\
         rosters.toml: people: 2, rosters: 1\n"
    );
    let set = run(folder.path(), &["roster", "set", "rosters.toml"]).await;
    assert!(set.status.success(), "{}{}", text(&set.stdout), text(&set.stderr));

    let local = Local::start(folder.path(), &[]).await;
    let page = local.wait_for("/", "</html>").await.text();
    for part in ["Example status", "Website", "API", "letter-spacing"] {
        assert!(page.contains(part), "{part} is not on the page");
    }
}

/// The commented parts are examples: without the comment signs they work as well.
#[tokio::test]
async fn the_examples_in_the_files_are_right() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["init"]).await.status.success());
    for name in ["status.toml", "rosters.toml"] {
        let path = folder.path().join(name);
        let file = fs::read_to_string(&path).unwrap();
        let is_code = |line: &str| line.contains('=') || line.starts_with("[[") || line.is_empty();
        let lines = file.lines().map(|line| match line.strip_prefix("# ") {
            Some(code) if is_code(code) => code,
            _ => line,
        });
        fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    }
    let checked = run(folder.path(), &["check"]).await;
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let said = text(&checked.stdout);
    assert!(said.contains("components: 3, alert rules: 1"), "{said}");
}

#[tokio::test]
async fn init_touches_no_file_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("status.toml"), "title = \"Ours\"").unwrap();
    let written = run(folder.path(), &["init"]).await;
    assert!(text(&written.stdout).starts_with("./status.toml: kept, it was there\n"));
    let kept = fs::read_to_string(folder.path().join("status.toml")).unwrap();
    assert_eq!(kept, "title = \"Ours\"");
}

#[tokio::test]
async fn check_lists_every_problem_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "title = \" \"\n\
        time_zone = \"Berlin\"\n\
        accent = \"blue\"\n\
        logo = \"site/logo.svg\"\n\
        stylesheet = \"site/custom.css\"\n\
        review = \"site/review.md\"\n\
        templates = \"site/templates\"\n\
        duties = \"site/duties.toml\"\n\
        [cadence]\nnudge = -5\n\
        [[components]]\nname = \"A, B\"\n\
        [[components]]\nname = \"Web\"\nroster = \"Payments\"\n\
        [[components]]\nname = \"web\"\n\
        [[alerts]]\nmatch = { rule = \"a*b\" }\n\
        [[alerts]]\nmatch = { rule = \"a\" }\nseverity = 9\n";
    fs::write(folder.path().join("status.toml"), toml).unwrap();
    let rosters = "[[people]]\nname = \"Ada\"\n[[rosters]]\nname = \"Web\"\n";
    fs::write(folder.path().join("rosters.toml"), rosters).unwrap();
    let checked = run(folder.path(), &["check"]).await;
    assert_eq!(checked.status.code(), Some(1));
    insta::assert_snapshot!("every_problem_at_once", text(&checked.stdout));

    let fixed = "[[components]]\nname = \"Web\"\nroster = \"Payments\"\n";
    fs::write(folder.path().join("status.toml"), fixed).unwrap();
    fs::remove_file(folder.path().join("rosters.toml")).unwrap();
    assert!(run(folder.path(), &["init"]).await.status.success());
    let checked = run(folder.path(), &["check"]).await;
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(
        text(&checked.stdout),
        "status.toml: \"Service status\", components: 1, alert rules: 0\n\
         rosters.toml: the configuration names the roster \"Payments\", which the roster file lacks\n"
    );
}

/// The next step that `init` prints works as printed, also for another folder.
#[tokio::test]
async fn check_looks_next_to_the_named_file() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(folder.path(), &["init", "our page"]).await;
    let last = text(&written.stdout).lines().last().unwrap();
    assert_eq!(
        last,
        "Edit them, then run `status-update check --config \"our page/status.toml\"`."
    );
    let check = ["check", "--config", "our page/status.toml"];
    let checked = run(folder.path(), &check).await;
    assert_eq!(
        text(&checked.stdout),
        "our page/status.toml: \"Example status\", components: 2, alert rules: 0\n\
         our page/rosters.toml: people: 2, rosters: 1\n"
    );
    let config = [("STATUS_CONFIG", "our page/status.toml")];
    let checked = run_with(folder.path(), &config, &["check"]).await;
    assert!(text(&checked.stdout).contains("our page/rosters.toml: people: 2"));
}

/// One line with the meaning of the argument and the usage.
#[tokio::test]
async fn a_missing_argument_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    for (typed, said) in [
        (
            &["review", "--html"][..],
            "<NUMBER> is missing: Number of the incident, such as 42. Type: status-update review \
             --html <NUMBER>",
        ),
        (
            &["report"],
            "<MONTH> is missing: A month within the last 90 days, such as 2026-11. Type: \
             status-update report <MONTH>",
        ),
        (
            &["roster", "set"],
            "<FILE> is missing: Roster file, such as rosters.toml. Type: status-update roster set \
             <FILE>",
        ),
        (
            &["alert"],
            "<FILE> is missing: File with the body, such as body.json; `-` reads standard input. \
             Type: status-update alert <FILE>",
        ),
        (
            &["export"],
            "<PERSON> is missing: A name as Teams shows it, such as \"@Ada Lovelace\", or a \
             directory id. Type: status-update export <PERSON>",
        ),
        (
            &["say"],
            "<TEXT>... is missing: The command, such as: open Checkout is failing. Type: \
             status-update say <TEXT>...",
        ),
    ] {
        let ended = run(folder.path(), typed).await;
        assert_eq!(ended.status.code(), Some(2));
        assert_eq!(text(&ended.stderr), format!("status-update: {said}\n"));
    }
}

/// As `roster ics rosters.toml | head -1` does.
#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["init"]).await.status.success());
    let mut calendar = program(folder.path())
        .args(["roster", "ics", "rosters.toml", "--days", "730"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut begin = [0; 15];
    calendar.stdout.take().unwrap().read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"BEGIN:VCALENDAR");
    let ended = calendar.wait_with_output().await.unwrap();
    assert!(ended.status.success());
    assert_eq!(text(&ended.stderr), "");
}
