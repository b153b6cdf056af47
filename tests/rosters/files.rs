//! Every file in `coverage/` has its table, every one in `refused/` its sentence. A test is a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use status_update::core::rosters::coverage::CHECKED_DAYS;
use status_update::core::rosters::coverage_table::check;
use status_update::core::rosters::file::{self, BYTES_MAX};

use super::{NOW, at, rosters};

fn compared(snapshots: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(snapshots);
}

#[test]
fn every_roster_has_the_table_that_its_snapshot_shows() {
    compared(|| {
        insta::glob!("coverage/*.toml", |path| {
            let checked =
                check(&rosters(&fs::read_to_string(path).unwrap()), at(NOW), CHECKED_DAYS);
            assert_eq!(checked.gaps > 0, checked.text.contains("  gap  "), "{}", checked.text);
            insta::assert_snapshot!("coverage", checked.text);
        });
    });
}

#[test]
fn every_wrong_file_has_its_sentence() {
    compared(|| {
        insta::glob!("refused/*.toml", |path| {
            let error = file::parse(&fs::read_to_string(path).unwrap()).unwrap_err();
            let told = error.to_string();
            assert_eq!(told.lines().count(), 1, "{told}");
            insta::assert_snapshot!("refused", told);
        });
    });
}

#[test]
fn every_snapshot_has_its_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rosters");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let mut wanted = BTreeSet::new();
    for kind in ["coverage", "refused"] {
        let files = names(&folder.join(kind));
        wanted.extend(files.iter().map(|file| format!("{kind}@{file}.snap")));
    }
    let mut found = names(&folder.join("snapshots"));
    found.retain(|name| !name.ends_with(".snap.new"));
    assert_eq!(found, wanted);
}

/// Input at a limit is read; input beyond it is refused at its first line.
#[test]
fn everything_is_limited() {
    let person = |number| format!("[[people]]\nname = \"p{number}\"\n");
    let layer = "[[rosters.layers]]\nlevel = \"primary\"\nzone = \"UTC\"\n\
                 anchor = 2026-11-23T09:00:00\nturn = \"1 day\"\nmembers = [\"p0\"]\n";
    let roster = |number| format!("[[rosters]]\nname = \"r{number}\"\n{layer}");
    let over = |number: usize| {
        let (from, to) = (number / 24, number % 24);
        format!(
            "[[overrides]]\nroster = \"r0\"\nlevel = \"primary\"\nzone = \"UTC\"\n\
             start = 2026-{:02}-{:02}T{to:02}:00:00\nend = 2026-{:02}-{:02}T{to:02}:30:00\n\
             add = \"p0\"\nby = \"p0\"\nwhy = \"x\"\n",
            1 + from / 28,
            1 + from % 28,
            1 + from / 28,
            1 + from % 28,
        )
    };
    let many =
        |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let base = person(0) + &roster(0);
    let file = |toml: &str| file::parse(toml).map_err(|error| error.to_string());

    let people = |count| many(count, &person) + &roster(0);
    assert!(file(&people(500)).is_ok());
    assert_eq!(file(&people(501)).unwrap_err(), "1001: more than 500 people");
    let rosters = |count| person(0) + &many(count, &roster);
    assert!(file(&rosters(100)).is_ok());
    assert!(file(&rosters(101)).unwrap_err().ends_with("more than 100 rosters"));
    let layers = |count: usize| base.clone() + &layer.repeat(count - 1);
    assert!(file(&layers(20)).is_ok());
    assert!(file(&layers(21)).unwrap_err().contains("more than 20 layers"));
    let wide = |count: usize| person(0) + &many(count, &|number| roster(number) + &layer.repeat(9));
    assert!(file(&wide(20)).is_ok());
    assert!(file(&wide(21)).unwrap_err().ends_with("more than 200 layers in the whole file"));
    let overrides = |count| base.clone() + &many(count, &over);
    assert!(file(&overrides(500)).is_ok(), "{:?}", file(&overrides(500)));
    assert!(file(&overrides(501)).unwrap_err().ends_with("more than 500 overrides"));
    let members = |count| base.replace("[\"p0\"]", &format!("[{}]", "\"p0\",".repeat(count)));
    assert!(file(&members(100)).is_ok());
    assert_eq!(file(&members(101)).unwrap_err(), "10: more than 100 turns in one layer");
    let size = |bytes: usize| base.clone() + "#" + &"x".repeat(bytes - base.len() - 1);
    assert!(file(&size(BYTES_MAX)).is_ok());
    assert_eq!(
        file(&size(BYTES_MAX + 1)).unwrap_err(),
        format!("1: the file has {} bytes: {BYTES_MAX} at most", BYTES_MAX + 1)
    );
}
