//! Calendars: whole shifts, each with the same UID in every rendering, as third-party programs read
//! them.

use std::collections::BTreeSet;
use std::fs;

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use status_update::core::rosters::calendar::{Whose, write_calendar};
use status_update::core::rosters::roster::Rosters;

use super::{NOW, at, rosters};
use crate::support::tools;

const FILE: &str = include_str!("coverage/overrides.toml");

/// Every event's lines except the file's own time.
fn events(file: &str) -> BTreeSet<String> {
    let events = file.split("BEGIN:VEVENT\r\n").skip(1);
    let lasting = |event: &str| {
        let is_stamp = |line: &&str| line.starts_with("DTSTAMP:") || line.starts_with("SEQUENCE:");
        let lines = event.lines().filter(|line| !is_stamp(line));
        lines.take_while(|line| *line != "END:VEVENT").collect::<Vec<_>>().join("\n")
    };
    events.map(lasting).collect()
}

fn uids(events: &BTreeSet<String>) -> BTreeSet<&str> {
    events.iter().map(|event| event.lines().next().unwrap()).collect()
}

/// A whole calendar, of which no piece is large.
fn calendar(rosters: &Rosters, whose: Whose<'_>, from: Timestamp, days: u16) -> String {
    let mut file = String::new();
    let written: Result<(), ()> = write_calendar((rosters, &[]), whose, (from, days), |piece| {
        assert!(piece.len() < PIECE_BYTES_MAX, "a piece of {} bytes", piece.len());
        file.push_str(piece);
        Ok(())
    });
    assert_eq!(written, Ok(()));
    file
}

/// The most of a calendar that is in memory at once.
const PIECE_BYTES_MAX: usize = 64 << 10;

/// All people take turns of an hour, so the calendar is thousands of times larger than the file.
#[test]
fn a_calendar_is_written_piece_by_piece() {
    let filler = "x".repeat(90);
    let names: Vec<String> = (0..20).map(|index| format!("Person {index} {filler}")).collect();
    let people = names
        .iter()
        .map(|name| format!("[[people]]\nname = \"{name}\"\nphone = \"+49 30 1234567\"\n"));
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let (turn, reversed) = (quoted.join(","), quoted.iter().rev().cloned().collect::<Vec<_>>());
    let file = format!(
        "{}[[rosters]]\nname = \"All\"\n[[rosters.layers]]\nlevel = \"primary\"\nzone = \"UTC\"\n\
         anchor = 2026-11-23T00:00:00\nturn = \"1 hour\"\nmembers = [[{turn}], [{}]]\n",
        people.collect::<String>(),
        reversed.join(",")
    );
    assert!(file.len() <= 32 << 10, "{}", file.len());
    let written = calendar(&rosters(&file), Whose::All, at(NOW), 20);
    assert!(written.len() > 100 * file.len(), "{}", written.len());
    // The reader has gone: nothing more is rendered.
    let mut pieces = 0;
    let stopped = write_calendar((&rosters(&file), &[]), Whose::All, (at(NOW), 730), |_| {
        pieces += 1;
        Err("gone")
    });
    assert_eq!((stopped, pieces), (Err("gone"), 1));
}

#[test]
fn a_shift_has_the_same_uid_in_every_calendar() {
    let rosters = rosters(FILE);
    let made = |hours: i64| events(&calendar(&rosters, Whose::All, at(NOW) + hours.hours(), 90));
    let first = made(0);
    assert!(first.len() > 40, "{first:#?}");
    assert_eq!(uids(&first).len(), first.len());
    // A moment later, in the middle of a shift, nothing has changed; later some are over.
    assert_eq!(made(1), first);
    let later = made(24 * 10 + 5);
    let both: BTreeSet<_> = later.intersection(&first).collect();
    assert!((first.len() - 8..first.len()).contains(&both.len()), "{}", both.len());
    assert_eq!(uids(&later).intersection(&uids(&first)).count(), both.len());
}

/// A new roster file removes shifts: of a different person, at a different time, and of a removed
/// level.
#[test]
fn a_shift_of_an_earlier_file_is_cancelled() {
    let file = |members: &str, hour: &str, level: &str| {
        rosters(&format!(
            "[[people]]\nname = \"Ada\"\n[[people]]\nname = \"Grace\"\n[[rosters]]\n\
             name = \"Shop\"\n[[rosters.layers]]\nlevel = \"{level}\"\nzone = \"UTC\"\n\
             anchor = 2026-11-23T{hour}:00:00\nturn = \"1 day\"\nmembers = [{members}]\n"
        ))
    };
    let events_of = |now: &Rosters, before: &[Rosters], whose: Whose<'_>| {
        let mut written = String::new();
        let done: Result<(), ()> = write_calendar((now, before), whose, (at(NOW), 5), |piece| {
            written.push_str(piece);
            Ok(())
        });
        assert_eq!(done, Ok(()));
        events(&written)
    };
    let is_confirmed = |event: &&String| event.contains("STATUS:CONFIRMED");
    let old = file("\"Ada\", \"Grace\"", "09", "primary");
    let first = events_of(&old, &[], Whose::All);
    let first: BTreeSet<String> = first.into_iter().collect();
    assert!(first.iter().all(|event| is_confirmed(&event)), "{first:#?}");
    for (new, what) in [
        (file("\"Ada\", \"Grace\"", "12", "primary"), "another time"),
        (file("\"Ada\", \"Grace\"", "09", "backup"), "another level"),
    ] {
        let then = events_of(&new, std::slice::from_ref(&old), Whose::All);
        let cancelled: BTreeSet<String> =
            then.iter().filter(|event| !is_confirmed(event)).cloned().collect();
        assert_eq!(uids(&cancelled), uids(&first), "{what}");
        assert_eq!(
            then.iter().filter(is_confirmed).count(),
            events_of(&new, &[], Whose::All).len()
        );
        // Repetition changes nothing, and current shifts are never cancelled.
        assert_eq!(then, events_of(&new, &[old.clone(), old.clone()], Whose::All));
        let same = events_of(&new, std::slice::from_ref(&new), Whose::All);
        assert!(same.iter().all(|event| is_confirmed(&event)), "{what}");
    }
    // Whose shift it was sees it go, although the shift itself is somebody's still.
    let new = file("\"Grace\"", "09", "primary");
    let ada = Whose::Person(new.contact("Ada").unwrap());
    let hers = events_of(&new, std::slice::from_ref(&old), ada);
    assert!(!hers.is_empty() && !hers.iter().any(|event| is_confirmed(&event)), "{hers:#?}");
}

/// A cover removes a shift: existing calendars delete it, but only that of the replaced person.
#[test]
fn a_shift_that_was_taken_away_is_cancelled() {
    let file = "[[people]]\nname = \"Ada\"\n[[people]]\nname = \"Grace\"\n[[rosters]]\n\
                name = \"Shop\"\n[[rosters.layers]]\nlevel = \"primary\"\nzone = \"UTC\"\n\
                anchor = 2026-11-23T09:00:00\nturn = \"1 day\"\nmembers = [\"Ada\", \"Grace\"]\n";
    let over = "[[overrides]]\nroster = \"Shop\"\nlevel = \"primary\"\nzone = \"UTC\"\n\
                start = 2026-11-25T09:00:00\nend = 2026-11-26T09:00:00\nonly = \"Grace\"\n";
    let (before, after) = (rosters(file), rosters(&format!("{file}{over}")));
    let of = |rosters: &Rosters, name: &str, hours: i64| {
        let whose = Whose::Person(rosters.contact(name).unwrap());
        calendar(rosters, whose, at(NOW) + hours.hours(), 10)
    };
    let event = |file: &str| {
        let mut events = file.split("BEGIN:VEVENT").skip(1);
        events.find(|event| event.contains("DTSTART:20261125T090000Z")).map(str::to_owned)
    };
    let line = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned()
    };
    let (first, then) = (event(&of(&before, "Ada", 0)), event(&of(&after, "Ada", 1)));
    let (first, then) = (first.unwrap(), then.unwrap());
    assert_eq!(line(&first, "STATUS:"), "CONFIRMED");
    assert_eq!(line(&then, "STATUS:"), "CANCELLED");
    assert_eq!(line(&first, "UID:"), line(&then, "UID:"));
    let sequence = |event: &str| line(event, "SEQUENCE:").parse::<u32>().unwrap();
    assert!(sequence(&first) < sequence(&then), "{first}{then}");
    assert_eq!(event(&of(&before, "Grace", 0)), None);
}

#[test]
fn a_calendar_is_of_all_of_a_roster_or_of_a_person() {
    let more = "\n[[rosters]]\nname = \"Mail\"\ntopics = [\"SMTP\"]\n[[rosters.layers]]\n\
                level = \"expert\"\nzone = \"UTC\"\nanchor = 2026-11-23T00:00:00\n\
                turn = \"1 week\"\nmembers = [\"Ada Lovelace\"]\n";
    let rosters = rosters(&FILE.replacen("\n[[overrides]]", &format!("{more}\n[[overrides]]"), 1));
    let made = |whose| calendar(&rosters, whose, at(NOW), 30);
    let summaries = |file: &str| -> BTreeSet<String> {
        let lines = file.lines().filter_map(|line| line.strip_prefix("SUMMARY:"));
        lines.map(str::to_owned).collect()
    };
    let mail = made(Whose::Roster(rosters.roster("smtp").unwrap()));
    assert_eq!(summaries(&mail), BTreeSet::from(["Mail expert: Ada Lovelace".to_owned()]));
    let linus = made(Whose::Person(rosters.contact("linus pauling").unwrap()));
    assert_eq!(summaries(&linus), BTreeSet::from(["On call: Databases primary".to_owned()]));
    // It has the days for which he was added, cut where somebody else takes over.
    assert!(linus.contains("DTSTART:20261201T000000Z") && linus.contains("DTEND:20261205T000001Z"));
    assert!(linus.contains("DESCRIPTION:") && linus.contains("+49 30 1234567"), "{linus}");
    let all = summaries(&made(Whose::All));
    assert!(all.is_superset(&summaries(&mail)) && all.len() > 3, "{all:?}");
    // Nothing but a component that means nothing.
    let mary = made(Whose::Person(rosters.contact("Mary Anning").unwrap()));
    assert!(summaries(&mary).is_empty() && mary.contains("BEGIN:VTIMEZONE"), "{mary}");
}

#[test]
fn lines_are_folded() {
    let long = "Lovelace, \u{d6}sterreich; \\ ".repeat(5);
    let name = format!("Ada {}", long.trim());
    let name = name.chars().take(100).collect::<String>().replace('\\', "\\\\");
    let rosters = rosters(&FILE.replace("Ada Lovelace", &name).replace("ada lovelace", &name));
    let file = calendar(&rosters, Whose::All, at(NOW), 10);
    let lines: Vec<&str> = file.split_terminator("\r\n").collect();
    assert!(lines.iter().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{file}");
    assert!(lines.iter().any(|line| line.starts_with(' ')), "{file}");
}

/// The package icalendar reads every shift at its time.
#[test]
fn a_third_party_program_reads_the_shifts() {
    let Some(python) = tools::python("requirements.txt", "site-packages") else { return };
    let rosters = rosters(FILE);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("on-call.ics");
    fs::write(&path, calendar(&rosters, Whose::Roster(&rosters.rosters[0]), at(NOW), 90)).unwrap();
    let output = python.script("ics.py").arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&seen["errors"], &seen["same"]), (&json!([]), &json!(true)));
    assert_eq!(seen["name"], "On call: Databases");
    let level = &rosters.rosters[0].levels[0];
    let shifts = level.shifts(at(NOW), at(NOW) + (24 * 90).hours());
    let wanted: Vec<Value> = shifts
        .filter(|shift| !shift.on_call.people.is_empty())
        .map(|shift| {
            let summary = format!("Databases primary: {}", shift.on_call.people.join(", "));
            json!([shift.start.as_second(), shift.end.as_second(), summary])
        })
        .collect();
    let events = seen["events"].as_array().unwrap();
    let read: Vec<Value> = events
        .iter()
        .filter(|event| event["status"] == "CONFIRMED")
        .map(|event| json!([event["start"], event["end"], event["summary"]]))
        .collect();
    assert_eq!(read, wanted);
    let described = events[0]["description"].as_str().unwrap();
    assert_eq!(described, "Ada Lovelace, +49 30 1234567, ada@example.com");
}
