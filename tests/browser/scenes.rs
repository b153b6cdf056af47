//! Sites in all important states, rendered by the core from a scripted channel.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use jiff::{Span, Timestamp, ToSpan as _};
use status_update::core::config::Config;
use status_update::core::config::language::Language;
use status_update::core::incident::history::MonthDocument;
use status_update::core::incident::model::MonthPart;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use crate::cases::thread::Thread;

/// When the channel begins: 90 days before [`TODAY`].
const BEGIN: Timestamp = Timestamp::constant(1_787_565_600, 0);
/// When visitors look: 2026-11-21T10:40:00Z.
pub const TODAY: Timestamp = Timestamp::constant(1_795_257_600, 0);

/// Twelve components in four groups.
pub const COMPONENTS: &str = r#"
title = "Northwind Status"
time_zone = "Europe/Berlin"
support = "https://help.northwind.example/"
update_every = "30m"
uptime_target = 99.9
[[components]]
name = "Website"
[[groups]]
name = "Shop"
components = [
  { name = "Checkout", description = "Cards, vouchers and invoices" },
  { name = "Search" }, { name = "Basket" }, { name = "Accounts" },
]
[[groups]]
name = "Platform"
components = [{ name = "API" }, { name = "Webhooks" }, { name = "Sign-in" }, { name = "File storage" }]
[[groups]]
name = "Logistics"
components = [{ name = "Tracking" }, { name = "Labels" }, { name = "Mail" }]
"#;

/// Messages of earlier days, each with the minutes since the previous one.
const PAST: &[(i64, &str)] = &[
    (300, "open minor on Search: Search results are stale"),
    (25, "update identified An index build stopped half way"),
    (70, "close The index is complete again"),
    (31 * 1440 + 200, "open major on API, Webhooks: API requests time out in the EU region"),
    (12, "update identified A database replica lags"),
    (35, "update monitoring The replica was replaced"),
    (40, "close Latency is back to normal"),
    (1500, "postmortem #2 The replica's disk was full. It is now watched, and grows by itself."),
    (9 * 1440, "maintenance 2026-10-06 22:00 to 23:30 on File storage: Storage firmware upgrade"),
    (6 * 1440 + 200, "open critical on Checkout, Basket: Nobody can pay"),
    (9, "update identified A certificate has expired"),
    (22, "close It was renewed"),
    (20 * 1440, "open minor on Mail: Mail is delayed by up to an hour"),
    (190, "close All mail has been delivered"),
    (14 * 1440, "open major on Tracking: Tracking pages show no positions"),
    (48, "close Positions are shown again"),
];

/// A scripted channel.
pub struct Scene {
    pub name: &'static str,
    pub thread: Thread,
}

pub fn config() -> Config {
    let config = Config::parse(COMPONENTS).unwrap();
    Config { public_url: Some("https://status.northwind.example".to_owned()), ..config }
}

/// Nothing was ever recorded.
pub fn empty() -> Scene {
    Scene { name: "empty", thread: Thread::new(config(), BEGIN) }
}

/// Three months of history, and all is well.
pub fn quiet() -> Scene {
    let mut thread = Thread::new(config(), BEGIN);
    for (minutes, text) in PAST {
        wait(&mut thread, minutes.minutes());
        say(&mut thread, text);
    }
    until(&mut thread, TODAY - 4.hours());
    Scene { name: "quiet", thread }
}

/// The same, and three incidents are open.
pub fn incidents() -> Scene {
    let Scene { mut thread, .. } = quiet();
    open_three(&mut thread);
    Scene { name: "incidents", thread }
}

/// Three months in which components were affected on 49 days in all, and three open incidents, to
/// measure the front page's size.
pub fn heavy() -> Scene {
    let mut thread = Thread::new(config(), BEGIN);
    let affected = ["API, Webhooks, Sign-in", "Checkout, Basket, Accounts", "Mail, Labels, Search"];
    for (number, components) in (1..=15).zip(affected.iter().cycle()) {
        wait(&mut thread, if number == 1 { 1.hours() } else { 150.hours() });
        let impact = ["minor", "major", "critical"][number % 3];
        say(&mut thread, &format!("open {impact} on {components}: Requests time out for some"));
        wait(&mut thread, 40.minutes());
        say(&mut thread, "close A fix is in place, and requests are answered again");
    }
    until(&mut thread, TODAY - 4.hours());
    open_three(&mut thread);
    Scene { name: "heavy", thread }
}

/// Number of days on which components were affected.
pub fn affected_days(thread: &Thread) -> usize {
    thread.state.status.ledger.days().iter().map(|day| day.affected.len()).sum()
}

fn open_three(thread: &mut Thread) {
    let open: &[(i64, &str)] = &[
        (0, "open minor on Labels: Labels print slowly next 2h"),
        (
            40,
            "update identified A print server in Hamburg is overloaded. Labels arrive after two \
              to three minutes. next 4h",
        ),
        (65, "open another major on API, Webhooks: Some API requests fail with status 503"),
        (
            10,
            "update #SECOND identified The newest release of the gateway drops connections under load",
        ),
        (
            12,
            "update #SECOND monitoring The release before it is back in place. Webhooks that failed \
              are delivered again by themselves. next 3h",
        ),
        (40, "open another critical on Checkout: Payments by card fail"),
        (
            8,
            "update #THIRD identified Our payment provider rejects connections since 11:20. Invoices \
             and vouchers work. We are in contact with them. next 15m",
        ),
    ];
    let first = thread.state.next_number;
    for (minutes, text) in open {
        wait(thread, minutes.minutes());
        let text = text.replace("SECOND", &(first + 1).to_string());
        say(thread, &text.replace("THIRD", &(first + 2).to_string()));
    }
    wait(thread, 14.minutes());
}

/// A maintenance runs, and others are planned.
pub fn maintenance() -> Scene {
    let Scene { mut thread, .. } = quiet();
    say(
        &mut thread,
        "maintenance 2026-11-21 09:00 to 12:30 on File storage, Accounts: Moving \
                      files to the new data centre. Uploads may be slow.",
    );
    say(&mut thread, "maintenance 2026-11-24 22:00 to 23:30 on API, Webhooks: Gateway upgrade");
    say(&mut thread, "maintenance 2026-12-02 05:00 to 06:00: Network maintenance");
    say(&mut thread, "maintenance #9 cancel The supplier has moved it to January");
    until(&mut thread, TODAY - 90.minutes());
    say(&mut thread, "update #7 Half of the files have been moved");
    Scene { name: "maintenance", thread }
}

/// A corrected past: a withdrawn incident, one with different times, a duplicate, and a backfilled
/// one.
pub fn corrected() -> Scene {
    let Scene { mut thread, .. } = quiet();
    for text in [
        "open major on API: API requests time out",
        "open another minor on Search: Results are stale",
        "open another critical on API: The API does not answer",
        "duplicate #9 of #7",
        "withdraw #8 Our monitoring was wrong: every search was answered",
        "update #7 identified A database replica lags",
        "close #7 The replica was replaced",
        "correct #7 started 45m ago",
        "correct #7 The replica was replaced, and all requests are answered",
        "backfill yesterday 10:00 to 11:30 minor on Mail: Mail was delayed",
    ] {
        say(&mut thread, text);
    }
    Scene { name: "corrected", thread }
}

/// The same in a different language.
pub fn in_language(language: Language, name: &'static str, scene: Scene) -> Scene {
    let mut thread = scene.thread;
    thread.config = Config { language, ..thread.config };
    Scene { name, thread }
}

/// Everything that a page can show.
pub fn all() -> Vec<Scene> {
    let german = in_language(Language::German, "german", incidents());
    let hebrew = in_language(Language::Hebrew, "hebrew", incidents());
    vec![empty(), quiet(), incidents(), maintenance(), corrected(), german, hebrew]
}

pub fn say(thread: &mut Thread, text: &str) {
    thread.say(text).expect_record();
}

/// Lets time pass, with a timer run.
pub fn wait(thread: &mut Thread, span: Span) {
    let then = thread.now.checked_add(span).unwrap();
    until(thread, then);
}

fn until(thread: &mut Thread, then: Timestamp) {
    while thread.now < then {
        thread.clock(then.min(thread.now + 4.hours()));
    }
}

/// Everything that is published in the state of the channel.
pub fn pages(thread: &Thread) -> Vec<Page> {
    let site = Site::new(thread.config.clone()).unwrap();
    let names = &thread.state.status.component_names;
    let mut pages = site.static_pages().unwrap();
    let mut months: BTreeMap<MonthPart, MonthDocument> = BTreeMap::new();
    for incident in thread.incidents() {
        pages.push(site.incident(incident, names).unwrap());
        let month = months.entry(incident.month);
        month
            .or_insert_with(|| MonthDocument::new(incident.month))
            .merge(incident, &thread.state.status);
    }
    for month in months.values_mut() {
        month.link(&thread.state.status);
    }
    pages.extend(months.values().map(|document| site.month(document, names).unwrap()));
    pages.extend(site.all_files(&thread.state.status));
    pages.extend(site.current(&thread.state.status).unwrap());
    pages
}

/// The front page.
pub fn index(thread: &Thread) -> Bytes {
    Site::new(thread.config.clone()).unwrap().index(&thread.state.status).unwrap().bytes
}

/// Writes the published files into a folder.
pub fn write(thread: &Thread, folder: &Path) {
    for page in pages(thread) {
        let file = folder.join(&page.name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, &page.bytes).unwrap();
    }
}
