//! An operator erases a text of the log at a terminal, while the function runs.

use std::path::Path;

use serde_json::{Value, json};
use status_update::store::Container;

use super::{Place, Scene, on_both_stores};
use crate::support::local::{run_with, text};
use crate::support::teams::{USER, USER_NAME};

const ADDRESS: (&str, &str) = ("STATUS_PUBLIC_URL", "https://status.example.com");

on_both_stores!(an_operator_erases_a_text_while_the_function_runs);

async fn an_operator_erases_a_text_while_the_function_runs(place: Place) {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::with(place, &[ADDRESS]).await;
    for line in ["open Checkout is failing", "task #1 Call Mr Private", "review #1"] {
        scene.say(line).await;
    }
    let holds = async |name: &str| {
        let bytes = scene.place.read(Container::Log, name).await.unwrap();
        String::from_utf8(bytes).unwrap().contains("Private")
    };
    assert!(holds("0000000002.json").await);

    let storage = scene.place.setting();
    let redact = async |arguments: &[&str]| redact(folder.path(), &storage, arguments).await;
    let (code, listed) = redact(&["2"]).await;
    assert_eq!(code, 0, "{listed}");
    assert!(listed.contains("2.0  sender, by: a person, "), "{listed}");
    assert!(listed.contains("2.1  task_added, text: 15 characters, "), "{listed}");
    assert!(listed.ends_with("To erase one of them, name it, such as: redact 2.0\n"), "{listed}");
    let (code, asked) = redact(&["2.1"]).await;
    assert_eq!(code, 1, "{asked}");
    assert!(asked.contains("Nothing was erased yet. To erase it, add --yes."), "{asked}");
    assert!(holds("0000000002.json").await);
    let (code, done) = redact(&["2.1", "--yes", "--because", "a customer's name"]).await;
    assert_eq!(code, 0, "{done}");
    assert!(!holds("0000000002.json").await);
    let (code, again) = redact(&["2.1", "--yes"]).await;
    assert_eq!((code, again.ends_with("This was erased before.\n")), (0, true), "{again}");
    for wrong in [["99"], ["2.7"]] {
        assert_eq!(redact(&wrong).await.0, 1);
    }

    let settings = [("STATUS_STORAGE", storage.as_str()), ADDRESS];
    let person = format!("@{USER_NAME}");
    let exported = run_with(folder.path(), &settings, &["export", &person]).await;
    assert!(exported.status.success(), "{exported:?}");
    let lines: Vec<Value> =
        text(&exported.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fields: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["text"].as_str().unwrap(), line["field"].as_str().unwrap()))
        .collect();
    assert_eq!(
        fields,
        [("1.0", "sender, by"), ("1.1", "opened, text"), ("2.0", "sender, by")],
        "what was erased is not exported"
    );
    assert_eq!(lines[0]["value"]["name"], USER_NAME);

    // The function had the text in memory, and does not bring it back.
    scene.host.fire_timer("Reconcile").await.unwrap();
    scene.say("note #1 Called").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    let tasks = scene.say("tasks #1").await.sentence();
    assert!(tasks.contains("removed") && !tasks.contains("Private"), "{tasks}");
    let snapshot = scene.place.read(Container::State, "status.json").await.unwrap();
    assert!(!String::from_utf8(snapshot).unwrap().contains("Private"));

    // An erasure does not reach the lines of the program's log, so nobody is in them.
    let lines = scene.host.log();
    assert!(lines.contains("\"recorded\""), "{lines}");
    for personal in ["Private", USER_NAME, USER] {
        assert!(!lines.contains(personal), "{personal}: {lines}");
    }

    let verified = run_with(folder.path(), &settings, &["verify"]).await;
    let said = text(&verified.stdout);
    assert!(verified.status.success(), "{said}");
    assert!(said.starts_with("text 1 of record 2 was removed by Operator on "), "{said}");
    assert!(said.contains(", because a customer's name\n"), "{said}");
}

/// The terminal says before an erasure that alerts will no longer be recognised.
#[tokio::test]
async fn erasing_an_alerts_text_says_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::with(Place::directory(), &[ADDRESS]).await;
    let alert = json!({ "title": "Disk of Mr Private is full", "key": "disk" });
    scene.alert(&alert).await;
    let storage = scene.place.setting();
    let (_, listed) = redact(folder.path(), &storage, &["1"]).await;
    let its = listed.lines().find(|line| line.contains("alert_received")).expect("its text");
    let place = its.trim_start().split(' ').next().unwrap();
    let (code, asked) = redact(folder.path(), &storage, &[place]).await;
    assert_eq!(code, 1, "{asked}");
    assert!(asked.contains("It is an alert's. Incidents that are open now no longer"), "{asked}");
}

/// Exit code and output, which must not contain a text.
async fn redact(folder: &Path, storage: &str, arguments: &[&str]) -> (i32, String) {
    let settings = [("STATUS_STORAGE", storage), ADDRESS];
    let arguments = [&["redact"], arguments].concat();
    let output = run_with(folder, &settings, &arguments).await;
    let printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!printed.contains("Private"), "{printed}");
    (output.status.code().unwrap(), printed)
}
