//! A folder of records that somebody took away from: some of them, or all.

use std::fs;
use std::path::Path;

use crate::support::local::{Local, run, run_with, text};

const ADDRESS: (&str, &str) = ("STATUS_PUBLIC_URL", "https://status.example");

async fn say(folder: &Path, command: &str) -> (bool, String) {
    let said = run_with(folder, &[ADDRESS], &["say", command]).await;
    (said.status.success(), format!("{}{}", text(&said.stdout), text(&said.stderr)))
}

async fn history() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for command in ["open First", "close", "open Second", "update #2 Words"] {
        let (done, said) = say(folder.path(), command).await;
        assert!(done, "{said}");
    }
    folder
}

fn remove_records(folder: &Path, revisions: std::ops::RangeInclusive<u32>) {
    for revision in revisions {
        fs::remove_file(folder.join(format!("local/log/{revision:010}.json"))).unwrap();
    }
}

async fn assert_holds(folder: &Path) {
    let verified = run_with(folder, &[ADDRESS], &["verify"]).await;
    assert!(verified.status.success(), "{}", text(&verified.stdout));
}

/// Four records, two deleted like in a restore or a failover, a restart, and `open another …`.
#[tokio::test]
async fn a_restored_log_goes_on_and_verify_agrees() {
    let folder = history().await;
    remove_records(folder.path(), 3..=4);
    let (done, said) = say(folder.path(), "open another Afterwards").await;
    assert!(done, "{said}");
    assert!(folder.path().join("local/log/0000000003.json").exists(), "it follows what is there");
    let local = Local::start(folder.path(), &[ADDRESS]).await;
    local.wait_for("/incidents/2/", "Afterwards").await;
    // The server rebuilds by itself; the health page says so until it has.
    local.wait_for("/api/health", "\"behind\":0").await;
    local.wait_for("/api/health", "\"problem\":null").await;
    assert_holds(folder.path()).await;
    let rebuilt = run_with(folder.path(), &[ADDRESS], &["rebuild"]).await;
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    assert_holds(folder.path()).await;
}

#[tokio::test]
async fn an_empty_log_stops_everything_until_somebody_accepts_it() {
    let folder = history().await;
    remove_records(folder.path(), 1..=4);
    let page = folder.path().join("local/web/index.html");
    let before = fs::read(&page).unwrap();
    let local = Local::start(folder.path(), &[ADDRESS]).await;
    local.wait_for("/api/health", "rebuild --accept-empty-log").await;
    for command in ["open Something", "status"] {
        let (done, said) = say(folder.path(), command).await;
        assert!(!done && said.contains("the log is empty"), "{said}");
        let sent = run(folder.path(), &["send", "--to", &local.url, command]).await;
        assert!(text(&sent.stdout).contains("the log is empty"), "{}", text(&sent.stdout));
    }
    let refused = run_with(folder.path(), &[ADDRESS], &["rebuild"]).await;
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("--accept-empty-log"), "{}", text(&refused.stderr));
    let verified = run_with(folder.path(), &[ADDRESS], &["verify"]).await;
    assert!(!verified.status.success(), "{}", text(&verified.stdout));
    assert_eq!(fs::read(&page).unwrap(), before, "no page changes");
    assert_eq!(fs::read_dir(folder.path().join("local/log")).unwrap().count(), 0);

    let rebuilt = run_with(folder.path(), &[ADDRESS], &["rebuild", "--accept-empty-log"]).await;
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    // The server that was there all along goes on.
    let sent = run(folder.path(), &["send", "--to", &local.url, "open Anew"]).await;
    assert!(text(&sent.stdout).starts_with("#1 Anew\n"), "{}", text(&sent.stdout));
    assert!(folder.path().join("local/log/0000000001.json").exists());
    local.wait_for("/", "Anew").await;
    local.wait_for("/api/health", "\"problem\":null").await;
    assert_holds(folder.path()).await;
}

/// A record in the middle is deleted, and the snapshot as well: the page does not go back, nothing
/// is recorded in its place, and the program goes on once it is there again.
#[tokio::test]
async fn a_gap_stops_the_program_until_the_record_is_back() {
    let folder = history().await;
    let at = |name: &str| folder.path().join("local").join(name);
    let (record, page) = (at("log/0000000003.json"), at("web/index.html"));
    let (kept, before) = (fs::read(&record).unwrap(), fs::read(&page).unwrap());
    fs::remove_file(&record).unwrap();
    fs::remove_file(at("state/status.json")).unwrap();
    for command in ["open another Fourth", "status"] {
        let (_, said) = say(folder.path(), command).await;
        assert!(said.contains("log/0000000003.json is missing"), "{said}");
        assert!(said.contains("docs/runbook.md"), "{said}");
    }
    assert!(!record.exists() && fs::read(&page).unwrap() == before, "nothing was written");
    fs::write(&record, kept).unwrap();
    let (done, said) = say(folder.path(), "open another Fourth").await;
    assert!(done, "{said}");
    assert!(at("log/0000000005.json").exists());
    let rebuilt = run_with(folder.path(), &[ADDRESS], &["rebuild"]).await;
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    assert_holds(folder.path()).await;
}
