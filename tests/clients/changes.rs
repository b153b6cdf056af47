//! A file changes with its own revision alone, and is written only then.

use std::collections::BTreeMap;

use proptest::prelude::*;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::model::Impact;
use status_update::core::incident::status::Status;
use status_update::core::log::draft::Draft;
use status_update::core::log::evict::{Limits, complete};
use status_update::core::log::record::{Event, Record};
use status_update::core::site::page::Page;
use status_update::core::site::render_cache::RenderCache;
use status_update::core::site::renderer::Site;
use status_update::core::text::Text;

use super::published::{append, config, pass, pass_to, text};
use crate::cases::thread::{START, Thread};
use crate::golden::NO_TIME;
use crate::properties::inputs::{self, Typed, settings};

/// Limits that a short history passes.
const TIGHT: Limits = Limits {
    closed: 2,
    internal: 2,
    covers: 2,
    closed_bytes: 4_000,
    months: 2,
    days: 3,
    components: 3,
    messages: 4,
    remembered: NO_TIME,
    summaries: 2,
    people: 2,
    waiting: 3,
    delivered: 3,
};

/// Changes the impact of an open incident without a text.
pub fn change_impact(thread: &mut Thread, impact: Impact) {
    let Some(incident) = thread.state.status.open.values().next() else { return };
    let event = StatusEvent::Updated {
        number: incident.number,
        update: incident.next_update(),
        title: incident.title.clone(),
        impact,
        stage: incident.stage,
        components: None,
        next_update_by: incident.next_update_by,
        ended: None,
        text: Text::default(),
    };
    let last = thread.records.last().unwrap();
    let record = Record {
        revision: thread.state.revision + 1,
        at: thread.now.max(thread.state.at),
        previous: thread.state.head.clone(),
        events: vec![Event::Status(event)],
        ..last.clone()
    };
    let draft = Draft::begin(&thread.state, record).unwrap();
    let completed = complete(draft, &thread.limits).unwrap();
    append(thread, completed.record);
}

/// Something that may happen.
#[derive(Clone, Debug)]
enum Step {
    Say(Typed),
    Impact(Impact),
    Hours(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let maintenance = [
        "maintenance tomorrow 10:00 to 16:00 on Search, API: Later",
        "maintenance now for 3h on Checkout: Now",
        "maintenance tomorrow 22:00 for 1h A router is replaced",
        "maintenance cancel",
        "maintenance complete",
        "maintenance extend for 30m",
        "postmortem #1 The disk was full",
        "open another on Card payments, Café finder: Coffee cannot be paid",
    ];
    let said = maintenance.map(|text| Typed::Plain(text.to_owned())).to_vec();
    prop_oneof![
        10 => inputs::message().prop_map(Step::Say),
        4 => prop::sample::select(said).prop_map(Step::Say),
        2 => prop::sample::select(vec![Impact::Minor, Impact::Major, Impact::Critical]).prop_map(Step::Impact),
        3 => (1..80_i64).prop_map(Step::Hours),
    ]
}

fn take(thread: &mut Thread, step: &Step) {
    match step {
        Step::Say(Typed::Plain(text) | Typed::Reply(_, text)) => drop(thread.say(text)),
        Step::Say(Typed::Html(html)) => drop(thread.say_html(html)),
        Step::Say(Typed::Again) => {}
        Step::Impact(impact) => change_impact(thread, *impact),
        Step::Hours(hours) => {
            let later = thread.now + jiff::SignedDuration::from_hours(*hours);
            pass_to(thread, later);
        }
    }
}

fn newer(pages: &[Page], edition: u64) -> Vec<Page> {
    pages.iter().filter(|page| page.edition > edition).cloned().collect()
}

/// Between two states, bytes change with the edition, and the edition is that of the change.
fn check(before: &[Page], after: &[Page], status: &Status) -> Result<(), TestCaseError> {
    prop_assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        prop_assert_eq!(&before.name, &after.name);
        if before.edition == after.edition {
            prop_assert_eq!(&before.bytes, &after.bytes, "{}", &after.name);
        } else {
            prop_assert!(after.edition > before.edition, "{} went back", &after.name);
            prop_assert_eq!(after.edition, status.edition, "{}", &after.name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn a_file_changes_with_its_edition_alone(
        steps in prop::collection::vec(step(), 1..50),
        tight in any::<bool>(),
    ) {
        let mut thread = Thread::new(config(), START);
        thread.limits = if tight { TIGHT } else { Limits::DEFAULT };
        let site = Site::new(thread.config.clone()).unwrap();
        let mut before = site.all_files(&thread.state.status);
        let (mut cache, mut written, mut shown) = (RenderCache::default(), 0, 0);
        for (place, step) in steps.iter().enumerate() {
            take(&mut thread, step);
            let status = &thread.state.status;
            let after = site.all_files(status);
            check(&before, &after, status)?;
            // Parts rendered two steps ago are used only where nothing has changed.
            if place % 2 == 0 {
                let changed = site.files_changed_after(&mut cache, status, written);
                prop_assert_eq!(changed, newer(&after, shown));
                (written, shown) = (status.revision, status.edition);
            }
            before = after;
        }
        let json = serde_json::to_vec(&thread.state.status).unwrap();
        let status: Status = serde_json::from_slice(&json).unwrap();
        let again = Site::new(thread.config.clone()).unwrap().all_files(&status);
        prop_assert_eq!(&again, &before);
    }
}

/// The names of the files that something changes.
fn changed(thread: &mut Thread, act: impl FnOnce(&mut Thread)) -> Vec<String> {
    let site = Site::new(thread.config.clone()).unwrap();
    let before = thread.state.status.revision;
    act(thread);
    let pages = site.files_changed_after(&mut RenderCache::default(), &thread.state.status, before);
    pages.into_iter().map(|page| page.name).collect()
}

const FEEDS: [&str; 3] = ["feed.atom", "feed.rss", "updates.atom"];
const BADGES: [&str; 2] = ["badge.svg", "badge.json"];
const LISTS: [&str; 2] = ["api/v2/incidents.json", "api/v2/incidents/unresolved.json"];
const MAINTENANCES: [&str; 3] = [
    "api/v2/scheduled-maintenances.json",
    "api/v2/scheduled-maintenances/upcoming.json",
    "api/v2/scheduled-maintenances/active.json",
];
const OVERALL: &str = "api/v2/status.json";
const COMPONENTS: &str = "api/v2/components.json";
const SUMMARY: &str = "api/v2/summary.json";

#[track_caller]
fn expect(changed: &[String], groups: &[&[&str]]) {
    let mut expected: Vec<&str> = groups.concat();
    let mut changed: Vec<&str> = changed.iter().map(String::as_str).collect();
    expected.sort_unstable();
    changed.sort_unstable();
    assert_eq!(changed, expected);
}

#[test]
fn each_happening_changes_the_files_that_show_it() {
    let api = ["feed.atom", "badge.svg", "badge.json"].map(|name| format!("components/api/{name}"));
    let [api_feed, api_badges @ ..] = api.each_ref().map(String::as_str);
    let mut thread = Thread::new(config(), START);
    let say = |text: &'static str| move |thread: &mut Thread| drop(thread.say(text));
    // All begins with the first record.
    let first = changed(&mut thread, say("open critical on Checkout: Nobody can pay"));
    assert_eq!(first.len(), 6 + 8 + 3 * 5, "{first:?}");
    let plain = [&FEEDS[..], &LISTS, &[SUMMARY]].concat();
    expect(
        &changed(&mut thread, say("update A certificate has expired")),
        &[&plain, &["components/checkout/feed.atom"]],
    );
    // As bad as before on the whole, and worse on one component.
    expect(
        &changed(&mut thread, say("open another minor on API: Slow")),
        &[&plain, &[COMPONENTS, api_feed], &api_badges],
    );
    expect(&changed(&mut thread, say("update #2 monitoring A fix is out")), &[&plain, &[api_feed]]);
    expect(
        &changed(&mut thread, |thread| change_impact(thread, Impact::Major)),
        &[
            &plain,
            &BADGES,
            &[OVERALL, COMPONENTS, "components/checkout/feed.atom"],
            &["components/checkout/badge.svg", "components/checkout/badge.json"],
        ],
    );
    expect(
        &changed(&mut thread, say("close #2 All is fast")),
        &[&plain, &[COMPONENTS, api_feed], &api_badges],
    );
    let closed = [&FEEDS[..], &["api/v2/incidents.json", api_feed]].concat();
    expect(&changed(&mut thread, say("correct #2 All is fast again")), &[&closed]);
    expect(&changed(&mut thread, say("postmortem #2 A cache was cold")), &[&closed]);
    // The lists of maintenance include their components' status.
    let planned = [&FEEDS[..], &MAINTENANCES, &["maintenance.ics", SUMMARY, api_feed]].concat();
    let command = "maintenance tomorrow 22:00 to 23:30 on API: A router is replaced";
    expect(&changed(&mut thread, say(command)), &[&planned]);
    let lists = ["api/v2/scheduled-maintenances.json", MAINTENANCES[1]];
    expect(
        &changed(&mut thread, say("open another on API: Down")),
        &[&plain, &[COMPONENTS, api_feed], &api_badges, &lists],
    );
    // A day begins, and a promise is broken: no file says more than before.
    thread.say("update #4 Working on it next 30m").expect_record();
    expect(&changed(&mut thread, |thread| pass(thread, "2026-11-22T12:00:00Z")), &[]);
    assert_eq!(thread.state.status.revision, thread.state.revision);
    expect(&changed(&mut thread, |thread| pass(thread, "2026-11-22T21:00:00Z")), &[&planned]);
    assert!(thread.state.status.is_overdue(&thread.state.status.open[&4]));
}

/// An evicted incident leaves the files that contained it.
#[test]
fn an_eviction_changes_the_files_with_the_incident() {
    let mut thread = Thread::new(config(), START);
    thread.limits = Limits { closed: 1, ..Limits::DEFAULT };
    let site = Site::new(thread.config.clone()).unwrap();
    for text in ["open on API: One", "close", "open on Search: Two"] {
        thread.say(text).expect_record();
    }
    let pages = site.all_files(&thread.state.status);
    assert!(text(&pages, "components/api/feed.atom").contains("<title>[Resolved] One</title>"));
    let gone = changed(&mut thread, |thread| drop(thread.say("close")));
    let pages = site.all_files(&thread.state.status);
    for name in ["components/api/feed.atom", "feed.atom", "updates.atom", "api/v2/incidents.json"] {
        assert!(gone.contains(&name.to_owned()), "{name}");
        assert!(!text(&pages, name).contains("One"), "{name}");
    }
    assert!(!gone.contains(&"components/checkout/feed.atom".to_owned()), "{gone:?}");
}

/// A file's own time is that of its own change.
#[test]
fn a_file_tells_the_time_of_its_own_change() {
    let mut thread = Thread::new(config(), START);
    for text in ["open on API: One", "update #1 Two", "open another on API: Three"] {
        thread.say(text).expect_record();
    }
    let site = Site::new(thread.config.clone()).unwrap();
    let pages = site.all_files(&thread.state.status);
    let times: BTreeMap<&str, String> =
        ["status", "components", "summary", "scheduled-maintenances"]
            .into_iter()
            .map(|file| {
                let json: serde_json::Value =
                    serde_json::from_str(&text(&pages, &format!("api/v2/{file}.json"))).unwrap();
                (file, json["page"]["updated_at"].as_str().unwrap().to_owned())
            })
            .collect();
    let first = "2026-11-21T09:45:00.000Z";
    assert_eq!(times["status"], first);
    assert_eq!(times["components"], first);
    assert_eq!(times["scheduled-maintenances"], first);
    assert_eq!(times["summary"], "2026-11-21T09:47:00.000Z");
}
