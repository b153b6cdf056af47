//! The pages before Lighthouse: at least 98, 100, 100, 100 on every kind of page.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::scenes::{self, Scene};
use super::{browser, none_wrong, run_within};
use crate::support::http::HANG;

/// Shares of one.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Scores {
    performance: f64,
    accessibility: f64,
    best_practices: f64,
    seo: f64,
    /// The audits that cost any of it.
    costs: Vec<String>,
}

async fn judge(scene: &Scene, paths: &[&str]) {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    scenes::write(&scene.thread, folder.path());
    let arguments = [chromium, folder.path().into()].into_iter();
    let arguments = arguments.chain(paths.iter().map(PathBuf::from));
    let judged: BTreeMap<String, Scores> = run_within(10 * HANG, "lighthouse.mjs", arguments).await;
    assert_eq!(judged.len(), paths.len());
    let mut wrong = Vec::new();
    for (path, Scores { performance, accessibility, best_practices, seo, costs }) in judged {
        let least = [(performance, 0.98), (accessibility, 1.0), (best_practices, 1.0), (seo, 1.0)];
        if least.into_iter().any(|(score, least)| score < least) {
            let scores = least.map(|(score, _)| score);
            wrong.push(format!("{}{path}: {scores:?}: {costs:?}", scene.name));
        }
    }
    none_wrong(&wrong);
}

#[tokio::test]
async fn lighthouse_has_nothing_to_add_on_a_bad_day() {
    let paths = ["/", "/incidents/16/", "/uptime/", "/history/2026-11/", "/reports/2026-11/"];
    judge(&scenes::heavy(), &paths).await;
}

#[tokio::test]
async fn lighthouse_has_nothing_to_add_on_any_other_page() {
    let paths = [
        "/",
        "/incidents/2/",
        "/incidents/7/",
        "/incidents/8/",
        "/history/",
        "/subscribe/",
        "/404.html",
    ];
    judge(&scenes::corrected(), &paths).await;
}
