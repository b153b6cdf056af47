//! The ledger of component time, against a judge that looks at every single minute.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use proptest::prelude::*;
use status_update::core::config::Config;
use status_update::core::incident::ledger::{Affected, DAYS_SHOWN};
use status_update::core::incident::model::{Impact, Number, Stage};
use status_update::core::log::state::State;

use crate::cases::thread::{START, Thread};

const COMMANDS: &[&str] = &[
    "open another minor on Checkout: Slow",
    "open another major on Checkout, Search: Failing",
    "open another critical on Search: Down",
    "update #1 on Search: It is another one",
    "update #2 Nothing new",
    "impact #1 critical",
    "impact minor #2",
    "close #1",
    "close #2",
    "close #3",
    "reopen #1 Again",
    "maintenance now for 3h on Checkout: Work",
    "maintenance tomorrow 00:30 to 02:00 on Checkout, Search: Night work",
    "maintenance #2 cancel",
    "maintenance #3 complete",
    "maintenance extend 2h",
];

/// The impact on a component in a minute, according to the states at that time.
fn judge(
    states: &[State],
    until: Timestamp,
    config: &Config,
) -> BTreeMap<(Date, String), Affected> {
    let mut sums: BTreeMap<(Date, String), Affected> = BTreeMap::new();
    let minute = Span::new().minutes(1);
    for (place, state) in states.iter().enumerate() {
        let end = states.get(place + 1).map_or(until, |next| next.at);
        let mut at = state.at;
        while at < end {
            let date = at.to_zoned(config.time_zone.clone()).date();
            for component in config.components() {
                let is_on = |number: &Number| {
                    state.status.incident(*number).unwrap().components.contains(&component.id)
                };
                let open = state
                    .status
                    .open
                    .keys()
                    .filter(|n| is_on(n))
                    .map(|n| state.status.open[n].impact);
                let planned = state.status.maintenance.values().filter(|m| {
                    let window = m.window.unwrap();
                    is_on(&m.number) && window.from <= at && at < window.until
                });
                let worst = open.chain(planned.map(|_| Impact::Maintenance)).max();
                let sum = match worst {
                    None => continue,
                    Some(_) => sums.entry((date, component.id.clone())).or_default(),
                };
                match worst.unwrap() {
                    Impact::Maintenance => sum.maintenance_ms += 60_000,
                    Impact::Minor => sum.minor_ms += 60_000,
                    Impact::Major => sum.major_ms += 60_000,
                    Impact::Critical => sum.critical_ms += 60_000,
                }
            }
            at += minute;
        }
    }
    sums
}

fn settings() -> ProptestConfig {
    ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn every_minute_is_booked_once_under_the_worst_impact(
        steps in prop::collection::vec((0_i64..900, 0..COMMANDS.len(), any::<bool>()), 1..12),
    ) {
        let config = "time_zone = \"Europe/Berlin\"\n[[components]]\nname = \"Checkout\"\n\
                      [[components]]\nname = \"Search\"\n";
        let mut thread = Thread::new(Config::parse(config).unwrap(), START);
        for (minutes, command, timer) in steps {
            let later = thread.now + Span::new().minutes(minutes);
            if timer {
                thread.clock(later);
            }
            thread.now = later.max(thread.state.at);
            thread.say(COMMANDS[command]);
        }
        let last = thread.now + Span::new().minutes(1_500);
        thread.clock(last);
        prop_assume!(thread.state.revision > 0);
        let booked: BTreeMap<(Date, String), Affected> = thread
            .state
            .status
            .ledger
            .days()
            .iter()
            .flat_map(|day| day.affected.iter().map(|(id, sum)| ((day.date, id.clone()), *sum)))
            .collect();
        let states: Vec<State> = replayed(&thread);
        let judged = judge(&states, thread.state.at, &thread.config);
        prop_assert_eq!(booked, judged);
        for component in thread.config.components() {
            if let Some(uptime) = thread.state.status.ledger.uptime_thousandths(&component.id, thread.state.at) {
                prop_assert!(uptime <= 100_000);
            }
        }
        prop_assert!(thread.state.status.ledger.days().len() <= DAYS_SHOWN);
        let goes_on = |stage| matches!(stage, Stage::Scheduled | Stage::InProgress);
        prop_assert!(thread.state.status.maintenance.values().all(|planned| goes_on(planned.stage)));
    }
}

/// Every state on the way.
fn replayed(thread: &Thread) -> Vec<State> {
    let mut state = State::default();
    let mut states = Vec::new();
    for bytes in &thread.log {
        status_update::core::log::fold::fold_bytes(&mut state, bytes).unwrap();
        states.push(state.clone());
    }
    states
}
