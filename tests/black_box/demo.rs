//! `demo`: an incident from the alert to the review, without an account or a setting.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use crate::support::http::{self, Body, HANG};
use crate::support::local::{run_with, text};

fn folders() -> (TempDir, TempDir) {
    (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap())
}

/// Whatever settings there are, they are not its own.
fn environment(temporary: &Path) -> [(&str, &str); 3] {
    let temporary = temporary.to_str().unwrap();
    [
        ("TMPDIR", temporary),
        ("STATUS_STORAGE", "dir:never"),
        ("STATUS_NOTIFY_URL", "https://example.com/never"),
    ]
}

/// The text after a step's heading, up to the next one.
fn step<'a>(shown: &'a str, heading: &str) -> &'a str {
    let (_, behind) = shown.split_once(heading).unwrap_or_else(|| panic!("{heading}: {shown}"));
    behind.split("\n== ").next().unwrap()
}

#[track_caller]
fn has(text: &str, all: &[&str]) {
    let mut rest = text;
    for expected in all {
        let at = rest.find(expected);
        let at = at.unwrap_or_else(|| panic!("{expected:?} is not there, or too early: {text}"));
        rest = &rest[at..];
    }
}

#[tokio::test]
async fn an_alert_becomes_a_review() {
    let (here, temporary) = folders();
    let done = run_with(here.path(), &environment(temporary.path()), &["demo"]).await;
    let (shown, errors) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success() && errors.is_empty(), "{shown}{errors}");

    has(step(shown, "Before: who is on call?"), &["Rosters set", "Teams    message: On call from"]);
    let alarm = step(shown, "A monitor sends an alert");
    has(alarm, &["POST /api/alerts {", "\"firing\"", "202 {", "\"incident\":1"]);
    let item = [
        "work item 131489: title Incident #1: Card payments are slow",
        "work item 131489: state Doing",
        "work item 131489: assigned to ada@example.com",
        "work item 131489: link https://teams.microsoft.com/l/channel/",
        "Teams    channel \"inc-1-card-payments-are-slow\"",
        "Teams    message: Incident #1: Card payments are slow",
        "@Ada Lovelace @Grace Hopper",
        "https://dev.azure.com/contoso/Shop/_workitems/edit/131489",
    ];
    has(alarm, &item);
    has(
        step(shown, "@StatusPage ic me"),
        &["Commander assigned", "description brought up to date"],
    );
    let action = step(shown, "@StatusPage action");
    has(action, &["comment \"Statistics\" brought up to date"]);
    has(step(shown, "@StatusPage publish"), &["\nPublished"]);
    let overdue = "shows \"Card payments are slow\", marked as overdue.";
    has(step(shown, "The page says so too"), &[overdue]);
    has(step(shown, "\"resolved\""), &["202 {", "the alert resolved"]);
    let closed = step(shown, "@StatusPage close");
    has(closed, &["Resolved ", "state Done", "comment: Statistics", "comment: Commun"]);
    has(step(shown, "@StatusPage review"), &["Review written"]);
    let review = [
        "# Review: incident 1, Card payments are slow",
        "| Overview | Incident #1 |",
        "## Summary",
        "## Impact",
        "One in five customers who pay by card",
        "## Trigger",
        "## Detection",
        "## Root causes and contributing factors\n",
        "Release 4.2 of the gateway went out",
        "## Mitigation and resolution",
        "## Lessons",
        "### Where we got lucky",
        "## Action items",
        "| 1 | detect | Alert on the free connections | Ada Lovelace |",
        "## Milestones",
        "| Time to detect |",
        "## Timeline",
        "Current action: Rolling back to release 4.1",
        "## Communications",
        "## Responders",
        "commander: Grace Hopper",
        "comms: Mary Anning",
    ];
    let printed = step(shown, " The review\n");
    has(printed, &review);
    // The incident is complete: no fact is missing.
    assert!(!printed.contains("Still missing") && !printed.contains("Not known"), "{printed}");
    assert!(!shown.contains("not posted") && !shown.contains("Not recorded"), "{shown}");

    // It is kept where it said, and nowhere else.
    let kept: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert_eq!((kept.len(), fs::read_dir(here.path()).unwrap().count()), (1, 0));
    let folder = kept.into_iter().next().unwrap().unwrap().path();
    assert!(shown.contains(&format!("Everything is kept in {}.", folder.display())), "{shown}");
    let page = shown.split_once("Its files are in ").unwrap().1.split(". ").next().unwrap();
    let page = Path::new(page).join("index.html");
    assert!(fs::read_to_string(page).unwrap().contains("Card payments are slow"));
    // Internal texts are not public.
    let public = fs::read_to_string(folder.join("store/web/incidents/1/index.html")).unwrap();
    assert!(public.contains("runs out of connections") && !public.contains("Release 4.2"));
    // The log is one that the program itself finds whole.
    let storage = format!("dir:{}", folder.join("store").display());
    let config = folder.join("status.toml").display().to_string();
    let address = shown.split_once("http://127.0.0.1:").unwrap().1.split('/').next().unwrap();
    let address = format!("http://127.0.0.1:{address}");
    let settings = [
        ("STATUS_STORAGE", storage.as_str()),
        ("STATUS_CONFIG", config.as_str()),
        ("STATUS_PUBLIC_URL", address.as_str()),
    ];
    let verified = run_with(here.path(), &settings, &["verify"]).await;
    assert!(verified.status.success(), "{}{}", text(&verified.stdout), text(&verified.stderr));
}

/// Step by step, each Enter shows one more.
#[tokio::test]
async fn it_waits_between_steps() {
    let (here, temporary) = folders();
    // Nothing on the path opens a browser.
    let mut process = Command::new(env!("CARGO_BIN_EXE_status-update"))
        .args(["demo", "--step"])
        .current_dir(here.path())
        .env_clear()
        .envs(environment(temporary.path()))
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut enter, mut out) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    let mut shown = String::new();
    let first = read_to(&mut out, &mut shown, "Enter for the next step").await;
    assert!(!first.contains("A monitor sends an alert"), "{first}");
    enter.write_all(b"\n").await.unwrap();
    let second = read_to(&mut out, &mut shown, "Enter for the next step").await;
    assert!(second.contains("A monitor sends an alert") && !second.contains("ack Looking"));
    // The page answers while the demo waits for Enter.
    for _ in 0..12 {
        enter.write_all(b"\n").await.unwrap();
        read_to(&mut out, &mut shown, "Enter for the next step").await;
    }
    let url = shown.split_once("Page: ").unwrap().1.lines().next().unwrap();
    let page = http::send("GET", url, &[], Body::None);
    let page = tokio::time::timeout(HANG, page).await.expect("the page hangs").unwrap();
    assert!(page.text().contains("Card payments are slow"), "{}", page.text());
    // At the end of the input it goes on to its end.
    drop(enter);
    let rest = async {
        let mut rest = String::new();
        out.read_to_string(&mut rest).await.unwrap();
        (rest, process.wait().await.unwrap())
    };
    let (rest, ended) = tokio::time::timeout(HANG, rest).await.expect("it hangs");
    assert!(ended.success() && rest.contains("# Review: incident 1"), "{rest}");
}

/// Reads until a text appears, and returns the new output.
async fn read_to(out: &mut (impl AsyncRead + Unpin), shown: &mut String, text: &str) -> String {
    let before = shown.len();
    let read = async {
        let mut bytes = [0; 4096];
        while !shown[before..].contains(text) {
            let count = out.read(&mut bytes).await.unwrap();
            assert!(count > 0, "it ends without {text}: {shown}");
            shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    };
    tokio::time::timeout(HANG, read).await.expect("it hangs");
    shown[before..].to_owned()
}

#[tokio::test]
async fn the_page_can_be_looked_at() {
    let (here, temporary) = folders();
    let mut process = Command::new(env!("CARGO_BIN_EXE_status-update"))
        .arg("demo")
        .current_dir(here.path())
        .env_clear()
        .envs(environment(temporary.path()))
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let enter = process.stdin.take().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let url = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(behind) = line.strip_prefix("The page is ") {
                return behind.split_whitespace().next().unwrap().to_owned();
            }
        }
        panic!("it ends");
    };
    let url = tokio::time::timeout(HANG, url).await.expect("it never says where the page is");
    let page = http::send("GET", &url, &[], Body::None).await.unwrap();
    assert!(page.status == 200 && page.text().contains("Card payments are slow"));
    assert!(process.try_wait().unwrap().is_none(), "it does not stay");
    drop(enter);
    let ended = tokio::time::timeout(HANG, process.wait()).await.expect("it does not end");
    assert!(ended.unwrap().success());
}

#[tokio::test]
async fn a_folder_that_cannot_be_created_is_named() {
    let (here, temporary) = folders();
    let missing = temporary.path().join("missing");
    let done = run_with(here.path(), &environment(&missing), &["demo"]).await;
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains(missing.to_str().unwrap()) && said.lines().count() == 1, "{said}");
}
