//! A second terminal in a different folder: nothing is created there, and the answer says where it
//! looked.

use std::fs;

use crate::support::local::{Local, run, run_with, text};

/// Every command that only reads.
const READING: &[&[&str]] = &[
    &["review", "1"],
    &["review", "1", "--html"],
    &["stats"],
    &["report", "2026-11"],
    &["verify"],
    &["rebuild"],
    &["export", "Ada"],
    &["redact", "1"],
    &["roster", "get"],
    &["roster", "check"],
    &["roster", "ics"],
    &["say", "timeline #1"],
    &["say", "list"],
    &["say", "opne It fails"],
];

#[tokio::test]
async fn reading_commands_create_nothing_and_name_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let looked_in = folder.path().join("local").display().to_string();
    for command in READING {
        let read = run(folder.path(), command).await;
        let said = text(&read.stderr);
        assert_eq!(read.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains(&format!("there is no log in {looked_in}.")), "{command:?}: {said}");
        assert!(said.ends_with("To start a log here: `status-update`\n"), "{command:?}: {said}");
        let created = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(created, 0, "{command:?} created something");
        let names_a_file = said.contains(&format!("`status-update {} <file>`", command.join(" ")));
        assert_eq!(names_a_file, matches!(command, ["roster", "check" | "ics"]), "{said}");
    }
    let set = run(folder.path(), &["roster", "set", "missing.toml"]).await;
    assert!(text(&set.stderr).starts_with("status-update: missing.toml: "));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let elsewhere = folder.path().join("elsewhere").display().to_string();
    let setting = [("STATUS_STORAGE", &*format!("dir:{elsewhere}"))];
    let read = run_with(folder.path(), &setting, &["stats"]).await;
    assert!(text(&read.stderr).contains(&elsewhere), "{}", text(&read.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_command_that_starts_a_log_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let opened = run(folder.path(), &["say", "open It fails"]).await;
    assert!(opened.status.success(), "{}", text(&opened.stdout));
    let log = folder.path().join("local").display().to_string();
    assert_eq!(text(&opened.stderr), format!("This starts a new log in {log}.\n"));
    let listed = run(folder.path(), &["say", "list"]).await;
    assert!(listed.status.success() && listed.stderr.is_empty(), "{}", text(&listed.stderr));
    let checked = run(folder.path(), &["roster", "check"]).await;
    assert_eq!(
        text(&checked.stderr),
        "status-update: no rosters are set. Type `status-update roster set <file>`, or name a file: \
         `status-update roster check <file>`\n"
    );
}

/// The second terminal does not know the port of the first.
#[tokio::test]
async fn verify_compares_with_the_address_of_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path(), &[]).await;
    let said = run(folder.path(), &["send", "--to", &local.url, "open It fails"]).await;
    assert!(said.status.success(), "{}", text(&said.stderr));
    local.wait_for("/", "It fails").await;
    local.wait_for("/incidents/1/", "It fails").await;
    drop(local);
    // Brings the snapshot up to date.
    assert!(run(folder.path(), &["say", "note It fails less"]).await.status.success());
    let verified = run(folder.path(), &["verify"]).await;
    let said = text(&verified.stdout);
    assert!(verified.status.success(), "{said}");
    let head = said.lines().find_map(|line| line.strip_prefix("Head of record 2: "));
    assert_eq!(head.map(str::len), Some(64), "{said}");
}
