//! Shifts as an iCalendar subscription.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _};

use super::roster::{Contact, Level, Roster, Rosters};
use super::rota::Shift;
use crate::digest::sha256_hex;
use crate::text::calendar::{Calendar, utc};

/// Number of hex characters of a digest that identify a shift.
const UID_CHARS: usize = 32;

/// Selection of the people whose shifts are in a calendar.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Everyone, in all rosters.
    All,
    /// Everyone in one roster.
    Roster(&'a Roster),
    /// One person, in all rosters.
    Person(&'a Contact),
}

/// Writes every shift that overlaps the period of `days` from `from`, at its full length. A shift
/// keeps its UID as long as its roster, level and start stay the same. One that an override, a
/// cover or a newer roster file removed is written as cancelled, so that calendars which already have
/// it delete it. `before` holds the rosters of earlier files.
///
/// The calendar is passed to `write` in pieces: a small roster file can produce hundreds of
/// megabytes.
///
/// # Errors
/// Returns the first error of `write`, which is not called again.
pub fn write_calendar<E>(
    (rosters, before): (&Rosters, &[Rosters]),
    whose: Whose<'_>,
    (from, days): (Timestamp, u16),
    mut write: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let until = from.checked_add((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MAX);
    let name = match whose {
        Whose::All => "On call".to_owned(),
        Whose::Roster(roster) => format!("On call: {}", roster.name),
        Whose::Person(contact) => format!("On call: {}", contact.name),
    };
    let mut file = Calendar::new("On call", &name);
    let is_meant =
        |roster: &Roster| !matches!(whose, Whose::Roster(only) if only.name != roster.name);
    let all = std::iter::once(rosters).chain(before);
    let mut known = BTreeSet::new();
    for rosters in all.clone() {
        for (roster, level) in levels(rosters).filter(|(roster, _)| is_meant(roster)) {
            // A level is written once, with what every file says of it.
            if !known.insert((&roster.name, &level.name)) {
                continue;
            }
            let mut starts = BTreeSet::new();
            for (age, of) in all.clone().enumerate() {
                let names = (&roster.name, &level.name);
                let found = levels(of).find(|(roster, level)| (&roster.name, &level.name) == names);
                let Some((roster, level)) = found else { continue };
                let plain = Level { overrides: Vec::new(), ..level.clone() };
                let confirmed = (age == 0).then_some((level, true));
                for (level, is_confirmed) in confirmed.into_iter().chain([(&plain, false)]) {
                    let place = Place { rosters: of, whose, roster, level, now: from };
                    for shift in level.shifts(from, until) {
                        if !starts.contains(&shift.start)
                            && place.event(&mut file, &shift, is_confirmed)
                        {
                            starts.insert(shift.start);
                            write(&file.take())?;
                        }
                    }
                }
            }
        }
    }
    write(&file.finish())
}

fn levels(rosters: &Rosters) -> impl Iterator<Item = (&Roster, &Level)> {
    let rosters = rosters.rosters.iter();
    rosters.flat_map(|roster| roster.levels.iter().map(move |level| (roster, level)))
}

/// The level whose shifts are being written.
struct Place<'a> {
    rosters: &'a Rosters,
    whose: Whose<'a>,
    roster: &'a Roster,
    level: &'a Level,
    now: Timestamp,
}

impl Place<'_> {
    /// Writes a shift as confirmed or as cancelled; returns `false` if it belongs to nobody
    /// selected.
    fn event(&self, file: &mut Calendar, shift: &Shift<'_>, is_confirmed: bool) -> bool {
        let Self { rosters, whose, roster, level, now } = *self;
        let people: Vec<&Contact> =
            shift.on_call.people.iter().filter_map(|name| rosters.contact(name)).collect();
        let is_theirs = match whose {
            Whose::Person(one) => people.iter().any(|person| person.name == one.name),
            _ => !people.is_empty(),
        };
        if !is_theirs {
            return false;
        }
        let place = format!("{} {}", roster.name, level.name);
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        let (person, summary) = match whose {
            Whose::Person(one) => (one.name.as_str(), format!("On call: {place}")),
            _ => ("", format!("{place}: {}", names.join(", "))),
        };
        file.put("BEGIN", "VEVENT");
        file.put("UID", &uid([&roster.name, &level.name, person], shift.start));
        file.put("DTSTAMP", &utc(now));
        // Lets a newer file replace what an older one said about the same shift.
        file.put("SEQUENCE", &(now.as_second() / 60).to_string());
        file.put("STATUS", if is_confirmed { "CONFIRMED" } else { "CANCELLED" });
        file.put("DTSTART", &utc(shift.start));
        file.put("DTEND", &utc(shift.end));
        file.put_text("SUMMARY", &summary);
        let reached: Vec<String> = people.iter().map(|person| reached(person)).collect();
        file.put_text("DESCRIPTION", &reached.join("\n"));
        // Being on call does not block the person's time.
        file.put("TRANSP", "TRANSPARENT");
        file.put("END", "VEVENT");
        true
    }
}

/// Stable identifier of a shift, independent of when and for whom the calendar is written.
fn uid(names: [&str; 3], start: Timestamp) -> String {
    // Names contain no line breaks, so the joined text is unambiguous.
    let digest = sha256_hex(format!("{}\n{start}", names.join("\n")).as_bytes());
    let digest: String = digest.chars().take(UID_CHARS).collect();
    format!("on-call-{digest}@status-update")
}

/// Name, phone number and e-mail address.
fn reached(person: &Contact) -> String {
    let ways = [Some(&person.name), person.phone.as_ref(), person.email.as_ref()];
    let ways: Vec<&str> = ways.into_iter().flatten().map(String::as_str).collect();
    ways.join(", ")
}
