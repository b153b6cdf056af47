//! Clients that others wrote, on the published files of a scripted history.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::published::{history, publish};
use crate::support::http::HANG;
use crate::support::tools;

/// Runs a client to its end and reads its output.
pub async fn run(command: Command) -> Value {
    let output = tokio::process::Command::from(command).kill_on_drop(true).output();
    let output = tokio::time::timeout(HANG, output).await.expect("the client hangs").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The output of a Python client about the site; `None` without Python, after saying so.
pub async fn python(client: &str, url: &str) -> Option<Value> {
    let mut script = tools::python("requirements.txt", "site-packages")?.script("clients.py");
    script.args([client, url]);
    Some(run(script).await)
}

async fn node(client: &str, arguments: &[&str]) -> Option<Value> {
    let mut script = tools::node()?.script("clients.mjs");
    script.arg(client).args(arguments);
    Some(run(script).await)
}

/// The violations of each XML file against a schema of this repository, or against XML if none is
/// named.
pub async fn xml(schema: &str, files: &[PathBuf]) -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = if schema.is_empty() { PathBuf::new() } else { root.join(schema) };
    let paths = [&schema].into_iter().chain(files).map(|path| path.to_str().unwrap());
    let complaints = node("xml", &paths.collect::<Vec<_>>()).await?;
    Some(serde_json::from_value(complaints).unwrap())
}

/// The values of a key in a list of objects.
pub fn each<'a>(list: &'a Value, key: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|item| &item[key]).collect()
}

#[tokio::test]
async fn status_widget() {
    let site = publish(history).await;
    let Some(chromium) = tools::chromium() else { return };
    let arguments = [site.url.as_str(), chromium.to_str().unwrap()];
    let Some(seen) = node("status-widget", &arguments).await else { return };
    assert_eq!(seen["complaints"], json!([]));
    let shown = &seen["shown"];
    let link = format!("{}/", site.url);
    for widget in shown.as_array().unwrap() {
        assert!(widget["classes"].as_array().unwrap().contains(&json!("critical")), "{widget}");
        // Its own colour for it: it knows the word.
        assert_eq!(widget["colour"], "rgb(231, 76, 60)");
        assert_eq!(widget["link"], link);
    }
    assert_eq!(
        each(shown, "texts"),
        [&json!(["", "Major Service Outage"]), &json!(["Ours", "Major Service Outage"]),]
    );
    let summary = format!("{}/api/v2/summary.json", site.url);
    assert!(seen["requests"].as_array().unwrap().contains(&summary.into()), "{seen}");
}

#[tokio::test]
async fn statuspage_io() {
    let site = publish(history).await;
    let Some(seen) = node("statuspage.io", &[&site.url]).await else { return };
    assert_eq!(seen["status"]["status"]["indicator"], "critical");
    assert_eq!(seen["summary"]["page"]["url"], site.url.as_str());
    assert_eq!(seen["components"]["components"].as_array().unwrap().len(), 6);
    assert_eq!(each(&seen["incidents"]["incidents"], "id"), ["7", "6", "1"]);
    assert_eq!(each(&seen["unresolved"]["incidents"], "id"), ["7", "6"]);
    let maintenances = |key: &str| each(&seen[key]["scheduled_maintenances"], "id");
    assert_eq!(maintenances("maintenances"), ["5"]);
    assert_eq!(maintenances("upcoming"), ["5"]);
    assert_eq!(maintenances("active"), ["5"]);
}

#[tokio::test]
async fn statuscheck() {
    let site = publish(history).await;
    let Some(seen) = python("statuscheck", &site.url).await else { return };
    let summary = &seen["summary"];
    assert_eq!(summary["status"]["name"], "Critical incident");
    assert_eq!(summary["status"]["is_ok"], false);
    assert_eq!(
        each(&summary["components"], "status"),
        [
            "Major outage",
            "Degraded performance",
            "Under maintenance",
            "Operational",
            "Under maintenance",
            "Operational",
        ]
    );
    assert_eq!(each(&summary["incidents"], "id"), ["7", "6", "2", "5"]);
    let printed = seen["printed"].as_str().unwrap();
    for line in [
        "Current Ours status: Critical incident",
        "- [investigating] Slow <again> & again",
        "- [in_progress] The bank moves",
        "- [scheduled] Coffee moves",
        "    - Checkout [Major outage]",
    ] {
        assert!(printed.lines().any(|there| there == line), "{line:?} is not in {printed}");
    }
}

#[tokio::test]
async fn discordstatus() {
    let site = publish(history).await;
    let Some(passed) = python("discordstatus", &site.url).await else { return };
    assert_eq!(passed.as_array().unwrap().len(), 8, "{passed}");
}

#[tokio::test]
async fn feedparser() {
    let site = publish(history).await;
    let Some(seen) = python("feedparser", &site.url).await else { return };
    let url = &site.url;
    let paths = ["feed.atom", "feed.rss", "updates.atom", "components/search-v2/feed.atom"];
    let lengths = [7, 7, 17, 2];
    for (path, length) in paths.into_iter().zip(lengths) {
        let feed = &seen[path];
        assert_eq!(feed["bozo"], 0, "{path}");
        assert_eq!(feed["status"], 200, "{path}");
        assert_eq!(feed["language"], "en", "{path}");
        let rss = path == "feed.rss";
        assert_eq!(feed["version"], if rss { "rss20" } else { "atom10" });
        assert_eq!(feed["links"]["self"], format!("{url}/{path}"));
        assert_eq!(feed["links"]["alternate"], format!("{url}/"));
        let entries = &feed["entries"];
        assert_eq!(entries.as_array().unwrap().len(), length, "{path}");
        let mut ids: Vec<String> = each(entries, "id").iter().map(ToString::to_string).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), length, "{path}");
    }
    assert_eq!(seen["feed.atom"]["id"], "tag:127.0.0.1,2005:/history");
    let entries = &seen["feed.atom"]["entries"];
    let newest = json!({
        "id": "tag:127.0.0.1,2005:/incidents/7",
        "title": "Slow <again> & again",
        "link": format!("{url}/incidents/7/"),
        "published": [2026, 11, 23, 22, 32, 0, 0, 327, 0],
        "updated": [2026, 11, 23, 22, 32, 0, 0, 327, 0],
        "html": "<p><small>Nov 23, 2026, 23:32 CET</small><br /><strong>Investigating</strong> - \
                 We are investigating.</p><p>Affected: Search</p>",
    });
    assert_eq!(entries[0], newest);
    let titles = ["Slow <again> & again", "Nobody can pay", "The bank moves"];
    assert_eq!(each(entries, "title")[..3], titles);
    // The first <strong> is the current state.
    let states: Vec<&str> = each(entries, "html")
        .into_iter()
        .map(|html| html.as_str().unwrap().split(['<', '>']).skip_while(|s| *s != "strong").nth(1))
        .map(Option::unwrap)
        .collect();
    assert_eq!(
        states,
        [
            "Investigating",
            "Investigating",
            "In progress",
            "Completed",
            "Scheduled",
            "Cancelled",
            "Post-mortem",
        ]
    );
    let links: Vec<String> = [7, 6, 2, 4, 5, 3, 1].map(|n| format!("{url}/incidents/{n}/")).into();
    assert_eq!(each(entries, "link"), links.iter().collect::<Vec<_>>());
    assert_eq!(each(&seen["feed.rss"]["entries"], "id"), links.iter().collect::<Vec<_>>());
    assert_eq!(each(&seen["feed.rss"]["entries"], "html"), each(entries, "html"));
    assert_eq!(each(&seen["feed.rss"]["entries"], "title"), each(entries, "title"));
    let updates = &seen["updates.atom"]["entries"];
    assert_eq!(updates[1]["id"], "tag:127.0.0.1,2005:/incidents/6/updates/2");
    assert_eq!(updates[1]["title"], "Investigating: Nobody can pay");
    assert_eq!(updates[1]["link"], format!("{url}/incidents/6/#u2"));
}

#[tokio::test]
async fn icalendar() {
    let site = publish(history).await;
    let Some(seen) = python("icalendar", &site.url).await else { return };
    assert_eq!(seen["errors"], json!([]));
    assert_eq!(seen["same"], true);
    assert_eq!(seen["name"], "Example Shop status: maintenance");
    assert_eq!(seen["refresh"], "0:30:00");
    let events = &seen["events"];
    let uids = [4, 2, 3, 5].map(|n| json!(format!("maintenance-{n}@127.0.0.1")));
    assert_eq!(each(events, "uid"), uids.iter().collect::<Vec<_>>());
    let stages = ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"];
    assert_eq!(each(events, "status"), stages);
    // Every event's last change.
    let editions = [4, 2, 3, 5].map(|n| json!(site.state.status.incident(n).unwrap().edition));
    assert_eq!(each(events, "sequence"), editions.iter().collect::<Vec<_>>());
    let cancelled = json!({
        "uid": "maintenance-3@127.0.0.1",
        "sequence": 9,
        "status": "CANCELLED",
        "start": "2026-11-28T21:00:00+00:00",
        "end": "2026-11-28T22:30:00+00:00",
        "stamp": "2026-11-21T09:53:00+00:00",
        "summary": "A new version, with more",
        "description": format!(
            "Cancelled - The version is not ready; later\n\nAffected: API\n\n{}/incidents/3/",
            site.url
        ),
        "url": format!("{}/incidents/3/", site.url),
    });
    assert_eq!(events[2], cancelled);
    assert_eq!(events[0]["end"], "2026-11-22T10:30:00+00:00");
}
