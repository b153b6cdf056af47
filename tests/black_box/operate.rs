//! An operator at a terminal: `say`, `verify`, `rebuild`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use status_update::service::{Outcome, Service};
use status_update::store::memory::Memory;
use status_update::store::{Condition, Container, Key, Store as _, Write};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::simulation::world::{message, now, site};
use crate::support::local::{Local, run, run_with, text};

/// A store with a little history, written without a server and Teams.
async fn history() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[components]]\nname = \"Checkout\"\n[[components]]\nname = \"Search\"\n";
    fs::write(folder.path().join("status.toml"), config).unwrap();
    for command in [
        "open critical on Checkout: Checkout is failing next 30m",
        "maintenance tomorrow 22:00 to 23:30 on Search: New switches",
        "update identified A certificate has expired",
        "close",
        "postmortem #1 We renew certificates a month ahead now",
        "open minor on Search: Search is slow",
    ] {
        say(folder.path(), command).await;
    }
    folder
}

async fn say(folder: &Path, command: &str) -> String {
    let said = run(folder, &["say", command]).await;
    let answer = text(&said.stdout).to_owned();
    assert!(said.status.success(), "{command}: {answer}{}", text(&said.stderr));
    answer
}

async fn verify(folder: &Path) -> (Option<i32>, String) {
    let output = run(folder, &["verify"]).await;
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.code(), said)
}

async fn assert_holds(folder: &Path) {
    let (code, said) = verify(folder).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("everything matches the log.\n"), "{said}");
}

async fn assert_differs(folder: &Path, difference: &str) {
    let (code, said) = verify(folder).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.lines().any(|line| line.contains(difference)), "{difference}: {said}");
    assert!(said.contains("Differences from the log: "), "{said}");
}

async fn rebuild(folder: &Path) {
    let output = run(folder, &["rebuild"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("Rebuilt "), "{}", text(&output.stdout));
    assert!(output.stderr.is_empty(), "nobody watches: {}", text(&output.stderr));
}

#[tokio::test]
async fn operators_commands_are_recorded_and_published() {
    let folder = tempfile::tempdir().unwrap();
    let answer = say(folder.path(), "open Checkout is failing").await;
    assert!(answer.starts_with("#1 Checkout is failing\nMajor (partial outage)"), "{answer}");
    let page = fs::read_to_string(folder.path().join("local/web/index.html")).unwrap();
    assert!(page.contains("Checkout is failing"), "{page}");
    let record = fs::read_to_string(folder.path().join("local/log/0000000001.json")).unwrap();
    assert!(record.contains("\"operator\""), "{record}");

    let refused = run(folder.path(), &["say", "opne It is broken"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("Did you mean"), "{}", text(&refused.stdout));
    assert!(say(folder.path(), "status").await.contains("Checkout is failing"));
}

/// The function, back again, goes on from where the operator was.
#[tokio::test]
async fn an_operator_and_a_server_share_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let address = [("STATUS_PUBLIC_URL", "https://status.example")];
    let local = Local::start(folder.path(), &address).await;
    local.wait_for("/", "</html>").await;
    let said = run_with(folder.path(), &address, &["say", "open Checkout is failing"]).await;
    assert!(said.status.success(), "{}", text(&said.stderr));
    local.wait_for("/", "Checkout is failing").await;
    let update = ["send", "--to", &local.url, "update identified A certificate has expired"];
    let said = run(folder.path(), &update).await;
    assert!(
        text(&said.stdout).contains("Update 2: A certificate has expired"),
        "{}",
        text(&said.stdout)
    );
    let page = local.wait_for("/", "A certificate has expired").await.text();
    assert!(page.contains("Checkout is failing"), "{page}");
    let verified = run_with(folder.path(), &address, &["verify"]).await;
    assert!(verified.status.success(), "{}", text(&verified.stdout));
}

#[tokio::test]
async fn an_untouched_store_holds_and_so_does_an_empty_one() {
    let folder = history().await;
    assert_holds(folder.path()).await;
    rebuild(folder.path()).await;
    assert_holds(folder.path()).await;
}

#[tokio::test]
async fn every_change_is_found_and_repaired() {
    let folder = history().await;
    let local = folder.path().join("local");
    for (name, change) in [
        ("web/index.html", "was changed by somebody else"),
        ("web/incidents/1/index.html", "was changed by somebody else"),
        ("web/404.html", "is missing"),
        ("state/incidents/0000000001.json", "is missing"),
        ("state/status.json", ""),
    ] {
        let path = local.join(name);
        if change == "is missing" {
            fs::remove_file(&path).unwrap();
        } else {
            let mut content = fs::read(&path).unwrap();
            content.extend_from_slice(b" ");
            content[20] ^= 1;
            fs::write(&path, content).unwrap();
        }
        let shown = name.replacen("web/", "$web/", 1);
        assert_differs(folder.path(), format!("{shown} {change}").trim()).await;
        rebuild(folder.path()).await;
        assert_holds(folder.path()).await;
    }
}

/// Changed bytes with an unchanged stamp deceive publishing, but not `verify`.
#[tokio::test]
async fn a_forged_page_is_found_and_replaced() {
    let memory = Memory::default();
    let service = Service::new(Arc::new(memory.clone()), site(), 0);
    let deadline = Instant::now() + std::time::Duration::from_mins(1);
    let message = message(1, "open Checkout is failing");
    let outcome = service.command(&message.cause(now()), &message.said, deadline).await;
    assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
    service.reconcile(now()).await.unwrap();
    let key = Key::new(Container::Web, "incidents/1/index.html");
    let there = memory.get(&key).await.unwrap().unwrap();
    let condition = Condition::Match(there.head.etag);
    let forged = Write { bytes: "forged".into(), stamp: there.head.stamp, condition };
    memory.put(&key, forged).await.unwrap();
    let found = service.verify(|_| {}).await.unwrap();
    assert_eq!(found.differences, ["$web/incidents/1/index.html was changed by somebody else"]);
    service.rebuild(false, |_| {}).await.unwrap();
    assert_eq!(memory.get(&key).await.unwrap().unwrap().bytes, there.bytes);
    assert!(service.verify(|_| {}).await.unwrap().differences.is_empty());
}

#[tokio::test]
async fn a_changed_look_is_reported_and_a_rebuild_applies_it() {
    let folder = history().await;
    let config = folder.path().join("status.toml");
    let named = format!("title = \"Acme Status\"\n{}", fs::read_to_string(&config).unwrap());
    fs::write(&config, named).unwrap();
    assert_differs(folder.path(), "$web/incidents/1/index.html is at revision").await;
    rebuild(folder.path()).await;
    assert_holds(folder.path()).await;
    let page = fs::read_to_string(folder.path().join("local/web/incidents/1/index.html")).unwrap();
    assert!(page.contains("Acme Status"), "{page}");
}

#[tokio::test]
async fn a_changed_or_lost_record_breaks_the_chain_and_nothing_hides_it() {
    let folder = history().await;
    let record = |number: u32| folder.path().join(format!("local/log/{number:010}.json"));
    let whole = fs::read_to_string(record(3)).unwrap();
    for (from, to, difference) in [
        ("certificate", "Zertifikat", "log: text 1 of record 3 was altered"),
        ("\"identified\"", "\"monitoring\"", "the hash chain is broken"),
    ] {
        let changed = whole.replace(from, to);
        assert_ne!(whole, changed);
        fs::write(record(3), &changed).unwrap();
        assert_differs(folder.path(), difference).await;
    }
    fs::remove_file(record(3)).unwrap();
    assert_differs(folder.path(), "log/0000000003.json is missing, and record 4 is there").await;
    fs::write(record(3), &whole).unwrap();
    assert_holds(folder.path()).await;
    // The newest record is in the snapshot and on the pages as well.
    fs::remove_file(record(6)).unwrap();
    assert_differs(folder.path(), "which the log does not know").await;
}
