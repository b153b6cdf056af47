//! The example site of the demo: the page of the guided incident as static files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::pages::{is, unlinked};
use super::{none_wrong, run};
use crate::support::local::{run_with, text};
use crate::support::tools;

/// Plays the demo in a folder with these arguments.
async fn demo(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let temporary = folder.join("temporary");
    fs::create_dir_all(&temporary).unwrap();
    let settings = [("TMPDIR", temporary.to_str().unwrap())];
    run_with(folder, &settings, &[&["demo"], arguments].concat()).await
}

/// The files below a folder: names relative to it, and contents.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

#[tokio::test]
async fn the_demo_writes_a_whole_site() {
    let folder = tempfile::tempdir().unwrap();
    let done = demo(folder.path(), &["--site", "new/site"]).await;
    let shown = text(&done.stdout);
    assert!(done.status.success(), "{shown}{}", text(&done.stderr));
    assert!(shown.contains("The example site is in new/site."), "{shown}");
    let site = folder.path().join("new/site");
    let files = files(&site);
    let names = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(unlinked("demo", "", &names).is_empty());
    // It may be served from anywhere: no address of this machine is in it.
    let local = files.iter().find(|(_, text)| text.contains("127.0.0.1"));
    assert!(local.is_none(), "{local:?}");
    for (page, words) in [
        ("index.html", "All systems operational"),
        ("incidents/1/index.html", "The new release runs out of connections"),
        ("feed.atom", "[Resolved] Card payments are slow"),
    ] {
        assert!(files[page].contains(words), "{page}: {}", files[page]);
    }
    if tools::node().is_some() {
        let pages = files.keys().filter(|name| is(name, "html")).map(|name| site.join(name));
        let wrong: Vec<String> = run("validate.mjs", pages).await;
        none_wrong(&wrong);
    }
}

#[tokio::test]
async fn an_example_site_may_have_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let url = "https://status.example.com";
    let done = demo(folder.path(), &["--site", "site", "--public-url", url]).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    let files = files(&folder.path().join("site"));
    assert!(files["feed.atom"].contains("https://status.example.com/incidents/1/"));
    let page = files["index.html"].replace("&#x2f;", "/");
    assert!(page.contains("content=\"https://status.example.com/badge.svg\""), "{page}");
}

/// Nobody's files are mixed with it, and the demo is not played in vain.
#[tokio::test]
async fn an_example_site_needs_a_new_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::write(folder.path().join("site/mine"), "").unwrap();
    let done = demo(folder.path(), &["--site", "site"]).await;
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    let refusal = "site is not empty. Name a new folder: demo --site <folder>";
    assert!(said.contains(refusal) && done.stdout.is_empty(), "{said}");
}
