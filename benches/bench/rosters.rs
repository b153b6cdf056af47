//! The cost of computing who is on call, for a team's file and for the largest one.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use jiff::{Timestamp, ToSpan};
use status_update::core::rosters::effective::effective;
use status_update::core::rosters::file::BYTES_MAX;
use status_update::core::rosters::hand_over::hand_overs;
use status_update::core::rosters::state::RosterState;

use super::{median, us};

/// Repetitions.
const ROUNDS: usize = 200;

const TEAM: &str = include_str!("../../tests/cases/shop-rosters.toml");

/// The maximum number of rosters, layers and overrides, filled up with comments.
fn largest() -> String {
    let mut file = "[[people]]\nname = \"Ada\"\n[[people]]\nname = \"Grace\"\n".to_owned();
    for number in 0..100 {
        let _ = write!(file, "[[rosters]]\nname = \"r{number}\"\n");
        let layer = "[[rosters.layers]]\nlevel = \"primary\"\nzone = \"Europe/Berlin\"\n\
                     anchor = 2020-11-23T09:00:00\nturn = \"1 day\"\nmembers = [\"Ada\", \"Grace\"]\n\
                     window = { from = 08:00:00, to = 20:00:00 }\n";
        file += &layer.repeat(2);
    }
    for number in 0..500 {
        let (month, day) = (1 + number / 28 % 12, 1 + number % 28);
        let (year, roster) = (2026 + number / 336, number % 100);
        let _ = write!(
            file,
            "[[overrides]]\nroster = \"r{roster}\"\nlevel = \"primary\"\nzone = \"UTC\"\n\
             start = {year}-{month:02}-{day:02}T09:00:00\nend = {year}-{month:02}-{day:02}T10:00:00\n\
             add = \"Ada\"\nby = \"Ada\"\nwhy = \"x\"\n"
        );
    }
    file
}

/// Prints the time that a timer run needs to find that nobody else is on call.
pub fn rosters() {
    for (label, file) in [("a team's", TEAM.to_owned()), ("the largest", largest())] {
        assert!(file.len() <= BYTES_MAX, "{}", file.len());
        let bytes = file.len();
        let state = RosterState { text: Some(Arc::from(file)), ..RosterState::default() };
        let begin = Timestamp::UNIX_EPOCH + (20_780 * 24).hours();
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let now = begin + i64::try_from(round).unwrap().minutes();
            let watch = Instant::now();
            let effective = effective(&state).unwrap();
            assert!(!hand_overs(&state, &effective.rosters, now).is_empty());
            times.push(watch.elapsed());
        }
        println!("rosters: {label} file of {bytes} bytes: {}", us(median(times)));
    }
}
