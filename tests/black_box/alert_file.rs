//! `status-update alert FILE`: a body is posted from a terminal, for setting monitors and rules up.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::local::{Local, run, text};

const RULES: &str = r#"
title = "Shop"

[[components]]
name = "Checkout"

[[alerts]]
match.rule = "Watchdog"
mute = true

[[alerts]]
match.key = "closes"
close_on_resolve = true
"#;

/// The output for a body, and `true` for success.
async fn posted(folder: &Path, url: &str, body: &Value) -> (bool, String) {
    fs::write(folder.join("body.json"), body.to_string()).unwrap();
    let output = run(folder, &["alert", "--to", url, "body.json"]).await;
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    (output.status.success(), text(&output.stdout).to_owned())
}

#[tokio::test]
async fn a_body_is_posted_and_its_outcome_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("status.toml"), RULES).unwrap();
    let local = Local::start(folder, &[("STATUS_CONFIG", "status.toml")]).await;
    let plain = |key: &str, status: &str| json!({ "title": format!("{key} is slow"), "key": key, "status": status });
    let group = json!({ "version": "4", "commonLabels": { "alertname": "Watchdog" },
        "alerts": [{ "labels": { "alertname": "Watchdog" }, "status": "firing" }] });
    for (body, printed) in [
        (plain("search", "firing"), "Incident #1: opened for this alert.\n"),
        (plain("search", "firing"), "Incident #1: the alert is in its timeline already.\n"),
        (
            plain("search", "resolved"),
            "Incident #1: the alert resolved; the incident stays open.\n",
        ),
        (plain("search", "firing"), "Incident #1: the alert is in its timeline.\n"),
        (plain("mail", "resolved"), "The alert resolved, and no incident is open for it.\n"),
        (plain("closes", "firing"), "Incident #2: opened for this alert.\n"),
        (plain("closes", "resolved"), "Incident #2: the alert resolved and closed it.\n"),
        (plain("closes", "firing"), "Incident #2: opened again for this alert.\n"),
        (group, "Muted by a rule: nothing is recorded.\n"),
    ] {
        assert_eq!(posted(folder, &local.url, &body).await, (true, printed.to_owned()), "{body}");
    }
    let odd = json!({ "title": "Disk is full", "severity": "purple" });
    let (is_good, printed) = posted(folder, &local.url, &odd).await;
    assert!(is_good && printed.starts_with("Incident #3: opened for this alert.\n"), "{printed}");
    assert!(printed.contains("Not understood: severity"), "{printed}");

    let (is_good, printed) = posted(folder, &local.url, &json!({ "text": "Disk is full" })).await;
    assert!(!is_good && printed.starts_with("Refused (400): "), "{printed}");
    let key = ["alert", "--to", &local.url, "--key", "wrong", "body.json"];
    let refused = run(folder, &key).await;
    let said = text(&refused.stdout);
    assert_eq!(said, "Refused (401): Is the key the right one (--key)?\n");
    assert!(!refused.status.success());
    let missing = run(folder, &["alert", "--to", &local.url, "none.json"]).await;
    assert!(!missing.status.success());
    assert!(
        text(&missing.stderr).contains("none.json cannot be read: No such file"),
        "{missing:?}"
    );
}

/// An alert about a component under maintenance is noted there.
#[tokio::test]
async fn a_body_under_maintenance_is_noted_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("status.toml"), RULES).unwrap();
    let local = Local::start(folder, &[("STATUS_CONFIG", "status.toml")]).await;
    let announced = "maintenance now for 1h on Checkout: New switches";
    let said = run(folder, &["send", "--to", &local.url, announced]).await;
    assert!(said.status.success(), "{said:?}");
    let body = json!({ "title": "Checkout is slow", "component": "Checkout" });
    let (is_good, printed) = posted(folder, &local.url, &body).await;
    let noted = "Maintenance #1: the alert is in its timeline; it opens nothing while the \
        maintenance lasts.\n";
    assert_eq!((is_good, printed.as_str()), (true, noted));
    let told = run(folder, &["send", "--to", &local.url, "timeline full #1"]).await;
    assert!(text(&told.stdout).contains("Checkout is slow"), "{}", text(&told.stdout));
}
