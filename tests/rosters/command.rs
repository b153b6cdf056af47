//! `status-update roster`, the program itself: in an empty folder, without settings.

use std::fs;
use std::path::Path;

use status_update::core::rosters::coverage::CHECKED_DAYS;
use status_update::core::rosters::coverage_table::check;

use super::{NOW, at, rosters};
use crate::house::read;
use crate::support::http::HANG;
use crate::support::local::{program, run, text};

/// Exit code, standard output and standard error.
async fn roster(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(folder, &[&["roster"], arguments].concat()).await;
    let (out, error) = (text(&output.stdout).to_owned(), text(&output.stderr).to_owned());
    (output.status.code(), out, error)
}

fn block(language: &str) -> String {
    let document = read("docs/rosters.md");
    let blocks = document.split(&format!("```{language}\n")).nth(1);
    blocks.unwrap().split("```").next().unwrap().to_owned()
}

#[tokio::test]
async fn check_ends_as_the_rosters_are() {
    let folder = tempfile::tempdir().unwrap();
    let covered = include_str!("coverage/around_the_clock.toml");
    let gaps = include_str!("coverage/office_hours.toml");
    fs::write(folder.path().join("good.toml"), covered).unwrap();
    fs::write(folder.path().join("gaps.toml"), gaps).unwrap();
    fs::write(folder.path().join("bad.toml"), gaps.replace("Europe/Berlin", "Europe/Munich"))
        .unwrap();

    let (code, out, error) = roster(folder.path(), &["check", "good.toml"]).await;
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("secondary  covered") && out.contains("Somebody is on call"), "{out}");

    let (code, out, error) = roster(folder.path(), &["check", "gaps.toml"]).await;
    assert_eq!((code, error.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("nobody") && out.contains(" gaps in the 400 days from "), "{out}");
    // Whole minutes, whenever it is run.
    let lengths = out.split_whitespace().filter(|word| {
        word.strip_suffix('s')
            .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    assert_eq!(lengths.count(), 0, "{out}");

    let (code, out, error) = roster(folder.path(), &["check", "bad.toml"]).await;
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let line = 1 + gaps.lines().position(|line| line.starts_with("zone")).unwrap();
    let wanted = format!(
        "status-update: bad.toml:{line}: zone = \"Europe/Munich\" is not a zone of the IANA \
         database such as \"Europe/Berlin\"\n"
    );
    assert_eq!(error, wanted);

    let (code, _, error) = roster(folder.path(), &["check", "none.toml"]).await;
    assert_eq!((code, error.lines().count()), (Some(2), 1), "{error}");
    assert!(error.contains("none.toml"), "{error}");

    // No log and no token was created.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

/// As in `roster ics rosters.toml | head`: the reader has seen enough.
#[tokio::test]
async fn a_reader_may_stop_early() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rosters.toml"), include_str!("coverage/office_hours.toml"))
        .unwrap();
    let mut process = program(folder.path());
    let mut process = process.args(["roster", "ics", "rosters.toml"]).spawn().unwrap();
    drop(process.stdout.take());
    let ended = tokio::time::timeout(HANG, process.wait_with_output()).await.unwrap().unwrap();
    assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), ""));
}

#[tokio::test]
async fn ics_writes_the_calendar_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rosters.toml"), include_str!("coverage/office_hours.toml"))
        .unwrap();
    let ics = async |arguments: &[&str]| {
        roster(folder.path(), &[&["ics", "rosters.toml"], arguments].concat()).await
    };
    let (code, all, error) = ics(&[]).await;
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(all.starts_with("BEGIN:VCALENDAR\r\n") && all.ends_with("END:VCALENDAR\r\n"), "{all}");
    let (_, ada, _) = ics(&["--person", "ada lovelace"]).await;
    assert!(ada.contains("X-WR-CALNAME:On call: Ada Lovelace\r\n"), "{ada}");
    let (_, wiki, _) = ics(&["--roster", "Wiki"]).await;
    assert!(wiki.contains("X-WR-CALNAME:On call: Internal tools\r\n"), "{wiki}");
    let count = |file: &str| file.matches("BEGIN:VEVENT").count();
    assert!(count(&ada) < count(&all) && count(&wiki) == count(&all), "{}", count(&ada));
    let (_, short, _) = ics(&["--days", "14"]).await;
    assert!((9..=11).contains(&count(&short)), "{short}");

    for wrong in [&["--person", "Emmy Noether"][..], &["--roster", "Search"]] {
        let (code, out, error) = ics(wrong).await;
        assert_eq!((code, out.as_str(), error.lines().count()), (Some(2), "", 1), "{error}");
        assert!(error.contains("rosters.toml") && error.contains(wrong[1]), "{error}");
    }
    for wrong in [&["--days", "0"][..], &["--days", "731"], &["--person", "a", "--roster", "b"]] {
        assert_eq!(ics(wrong).await.0, Some(2));
    }
}

/// The documented file, checked at the documented time, results in the documented table.
#[test]
fn the_documented_rosters_are_as_documented() {
    let checked = check(&rosters(&block("toml")), at(NOW), CHECKED_DAYS);
    assert_eq!(block("text"), checked.text);
}
