//! Pages in the states that matter: before axe, by keyboard, on paper, without scripts, as valid
//! HTML, within their budgets; and links that lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use status_update::core::config::language::Language;

use super::scenes::{self, Scene};
use super::{browser, none_wrong, run, run_within};
use crate::support::http::HANG;
use crate::support::tools;

/// The maximum size of the front page in bytes, with 12 components affected on 49 days in all, and
/// 3 open incidents: the capacity of a connection's first round trip.
const INDEX_BYTES_MAX: usize = 14_000;
/// The maximum size of the script, in bytes.
const SCRIPT_BYTES_MAX: usize = 6_000;

fn text(page: &status_update::core::site::page::Page) -> &str {
    std::str::from_utf8(&page.bytes).unwrap()
}

pub fn is(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// Looks at pages of a scene in every way.
async fn audit(scene: &Scene, paths: &[&str]) {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    scenes::write(&scene.thread, folder.path());
    let arguments = [chromium, folder.path().into()].into_iter();
    let arguments = arguments.chain(paths.iter().map(PathBuf::from));
    let wrong: BTreeMap<String, Vec<String>> = run("audit.mjs", arguments).await;
    assert_eq!(wrong.len(), paths.len() * 9, "{wrong:?}");
    let sentences = wrong.iter().flat_map(|(way, wrong)| {
        wrong.iter().map(move |what| format!("{} {way}: {what}", scene.name))
    });
    none_wrong(&sentences.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_quiet_site_is_for_everybody() {
    audit(
        &scenes::quiet(),
        &[
            "/",
            "/incidents/2/",
            "/history/2026-10/",
            "/history/",
            "/uptime/",
            "/reports/2026-11/",
            "/subscribe/",
            "/lost/",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_site_with_incidents_is_for_everybody() {
    audit(&scenes::incidents(), &["/", "/incidents/9/"]).await;
}

#[tokio::test]
async fn a_site_with_maintenance_is_for_everybody() {
    let paths = ["/", "/incidents/7/", "/incidents/8/", "/incidents/9/", "/history/2026-11/"];
    audit(&scenes::maintenance(), &paths).await;
}

#[tokio::test]
async fn a_corrected_site_is_for_everybody() {
    let paths = ["/incidents/7/", "/incidents/8/", "/incidents/9/", "/incidents/10/"];
    audit(&scenes::corrected(), &paths).await;
}

#[tokio::test]
async fn a_site_without_a_past_is_for_everybody() {
    audit(&scenes::empty(), &["/"]).await;
}

#[tokio::test]
async fn other_languages_are_for_everybody() {
    let scenes = scenes::all();
    for scene in scenes.iter().filter(|scene| ["german", "hebrew"].contains(&scene.name)) {
        audit(scene, &["/", "/incidents/9/"]).await;
    }
    let hebrew = scenes::index(&scenes.last().unwrap().thread);
    let hebrew = std::str::from_utf8(&hebrew).unwrap();
    assert!(hebrew.contains("<html lang=\"he\" dir=\"rtl\">"), "{hebrew}");
}

#[tokio::test]
async fn every_page_is_valid() {
    if tools::node().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for scene in scenes::all() {
        let folder = folder.path().join(scene.name);
        scenes::write(&scene.thread, &folder);
        let pages = scenes::pages(&scene.thread);
        let pages = pages.iter().filter(|page| is(&page.name, "html"));
        files.extend(pages.map(|page| folder.join(&page.name)));
    }
    assert!(files.len() > 30, "{files:?}");
    let wrong: Vec<String> = run("validate.mjs", files.into_iter()).await;
    none_wrong(&wrong);
}

/// The other colours are tested in `tests/browser/visits.rs`; this one needs the timer.
#[test]
fn maintenance_has_words_and_a_tone_of_its_own() {
    let Scene { thread, .. } = scenes::maintenance();
    let page = scenes::index(&thread);
    let page = std::str::from_utf8(&page).unwrap();
    assert!(page.contains("<header class=\"info\""), "{page}");
    assert!(page.contains("Maintenance: Accounts, File storage</h1>"), "{page}");
}

#[test]
fn the_first_paint_is_light() {
    let heavy = |language, name| scenes::in_language(language, name, scenes::heavy());
    let heavy = [
        heavy(Language::English, "heavy"),
        heavy(Language::German, "heavy, in German"),
        heavy(Language::Hebrew, "heavy, in Hebrew"),
    ];
    let mut wrong = Vec::new();
    for scene in scenes::all().iter().chain(&heavy) {
        let bytes = scenes::index(&scene.thread).len();
        println!("{}: {bytes} bytes of {INDEX_BYTES_MAX}", scene.name);
        if bytes > INDEX_BYTES_MAX {
            wrong.push(format!("{}: {bytes} bytes", scene.name));
        }
    }
    none_wrong(&wrong);
    let Scene { thread, .. } = scenes::heavy();
    assert_eq!((thread.config.components().count(), thread.state.status.open.len()), (12, 3));
    assert_eq!(scenes::affected_days(&thread), 49);
    assert_eq!(thread.state.status.ledger.days().len(), 90);
    let pages = scenes::pages(&thread);
    let scripts: Vec<_> = pages.iter().filter(|page| is(&page.name, "js")).collect();
    assert_eq!(scripts.len(), 1);
    println!("script: {} bytes of {SCRIPT_BYTES_MAX}", scripts[0].bytes.len());
    assert!(scripts[0].bytes.len() <= SCRIPT_BYTES_MAX, "{}", scripts[0].bytes.len());
}

/// The addresses in attributes of a page.
fn links(page: &str) -> BTreeSet<&str> {
    let values = ["href=\"", "src=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    values.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// From the front page every page can be reached, and no link of any leads nowhere.
fn check_links(scene: &Scene) {
    let public_url = scene.thread.config.public_url.clone().unwrap();
    let pages = scenes::pages(&scene.thread);
    let names = pages.iter().map(|page| (page.name.as_str(), text(page))).collect();
    let missed = unlinked(scene.name, &public_url, &names);
    // A withdrawn incident keeps its address.
    let withdrawn = scene.thread.incidents().filter(|incident| incident.withdrawal.is_some());
    let withdrawn: BTreeSet<_> =
        withdrawn.map(|incident| format!("incidents/{}/index.html", incident.number)).collect();
    assert_eq!(missed, withdrawn, "{}: nothing links them", scene.name);
}

/// Follows all links of a site, each of which has to lead somewhere; gives the pages that no link
/// leads to.
pub fn unlinked(site: &str, public_url: &str, names: &BTreeMap<&str, &str>) -> BTreeSet<String> {
    let mut reached = BTreeSet::from(["404.html".to_owned()]);
    let mut next = vec!["404.html".to_owned(), "index.html".to_owned()];
    while let Some(name) = next.pop() {
        for link in links(names[name.as_str()]) {
            let link = link.replace("&#x2f;", "/");
            let link = link.strip_prefix(public_url).unwrap_or(&link);
            if let Some(fragment) = link.strip_prefix('#') {
                let target = format!("id=\"{fragment}\"");
                assert!(names[name.as_str()].contains(&target), "{name}: {link}");
                continue;
            }
            if link.starts_with("https://help.northwind.example") || link.starts_with("data:") {
                continue;
            }
            let (link, fragment) = link.split_once('#').map_or((link, None), |(l, f)| (l, Some(f)));
            let path = link.strip_prefix('/').unwrap_or_else(|| panic!("{name}: {link}"));
            let is_folder = path.is_empty() || path.ends_with('/');
            let target = if is_folder { format!("{path}index.html") } else { path.to_owned() };
            assert!(names.contains_key(target.as_str()), "{site}, {name}: {link}");
            if let Some(fragment) = fragment {
                let id = format!("id=\"{fragment}\"");
                assert!(names[target.as_str()].contains(&id), "{name}: {link}#{fragment}");
            }
            if reached.insert(target.clone()) && is(&target, "html") {
                next.push(target);
            }
        }
    }
    let missed = names.keys().filter(|name| is(name, "html") && !reached.contains(**name));
    missed.map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_linked() {
    scenes::all().iter().for_each(check_links);
}

/// A busy month is cut into parts: pages of bounded size, each of which links the one before it.
#[test]
fn a_busy_month_is_cut_into_pages() {
    let Scene { mut thread, .. } = scenes::quiet();
    let before = thread.state.next_number;
    for number in before..before + 250 {
        scenes::say(&mut thread, "open on API: Requests time out for many of our customers");
        scenes::say(&mut thread, &format!("close #{number}"));
    }
    let scene = Scene { name: "busy", thread };
    check_links(&scene);
    let pages = scenes::pages(&scene.thread);
    let page = |name: &str| {
        let name = format!("{name}index.html");
        text(pages.iter().find(|page| page.name == name).unwrap_or_else(|| panic!("no {name}")))
    };
    let parts = [
        (
            "history/2026-11/",
            "November 2026",
            "/history/2026-11-2/\" rel=\"next\">November 2026 (2)<",
        ),
        (
            "history/2026-11-2/",
            "November 2026 (2)",
            "/history/2026-11/\" rel=\"prev\">November 2026<",
        ),
        (
            "history/2026-11-3/",
            "November 2026 (3)",
            "/history/2026-11-2/\" rel=\"prev\">November 2026 (2)<",
        ),
    ];
    let mut listed = 0;
    for (name, title, linked) in parts {
        let page = page(name);
        assert!(page.contains(&format!("<title>{title} – Northwind Status</title>")), "{page}");
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
        assert!(page.contains(linked), "{page}");
        let lines = page.matches("<li><a href=\"/incidents/").count();
        assert!(lines <= 100 && page.len() <= 64 * 1024, "{lines} lines, {} bytes", page.len());
        listed += lines;
    }
    let others = scene.thread.incidents().filter(|one| one.number < before);
    assert_eq!(listed, 250 + others.filter(|one| one.month.to_string() == "2026-11").count());
    assert!(pages.iter().all(|page| page.name != "history/2026-11-4/index.html"));
    let index = page("");
    assert!(index.contains("<a href=\"/history/\">History</a>"), "{index}");
    let newest = page(&format!("incidents/{}/", before + 249));
    assert!(newest.contains("<a href=\"/history/2026-11-3/\">November 2026 (3)</a>"), "{newest}");
}

/// The feed of updates leads to each of them on its incident's page.
#[test]
fn every_fragment_in_the_feed_of_updates_is_there() {
    for scene in scenes::all() {
        let public_url = scene.thread.config.public_url.clone().unwrap();
        let pages = scenes::pages(&scene.thread);
        let names: BTreeMap<&str, &str> =
            pages.iter().map(|page| (page.name.as_str(), text(page))).collect();
        let feed = names["updates.atom"];
        let entries = feed.matches("<entry>").count();
        let links: Vec<_> = links(feed).into_iter().filter_map(|l| l.split_once('#')).collect();
        assert_eq!(links.len(), entries, "{}", scene.name);
        assert_eq!(entries == 0, scene.name == "empty", "{}", scene.name);
        for (path, id) in links {
            let path = path.strip_prefix(&public_url).unwrap().trim_start_matches('/');
            let page = names[format!("{path}index.html").as_str()];
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{path}#{id}");
        }
    }
}

/// Draws the pictures of the documents. `PICTURES=docs cargo test --test tests
/// browser::pages::pictures` keeps them; with the path of a different folder, every view is drawn
/// into it, in addition to the sites.
#[tokio::test]
async fn pictures() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wanted = std::env::var_os("PICTURES").map(PathBuf::from);
    let every_view = wanted.clone().filter(|folder| folder != Path::new("docs"));
    let sites = every_view.as_deref().unwrap_or(folder.path()).join("sites");
    for scene in scenes::all().into_iter().chain([scenes::heavy()]) {
        scenes::write(&scene.thread, &sites.join(scene.name));
    }
    if let Some(all) = every_view {
        let arguments = [chromium, sites, all, "all".into()];
        let _: Vec<String> = run_within(10 * HANG, "pictures.mjs", arguments.into_iter()).await;
        return;
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let kept = if wanted.is_some() { docs } else { folder.path().to_owned() };
    let arguments = [chromium, sites, kept.clone()];
    let drawn: Vec<String> = run("pictures.mjs", arguments.into_iter()).await;
    for name in drawn {
        let bytes = fs::metadata(kept.join(&name)).unwrap().len();
        assert!(bytes < 150_000, "{name}: {bytes} bytes");
    }
}
