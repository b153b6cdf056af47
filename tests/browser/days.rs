//! The front page about past days, and pages for other programs.

use jiff::ToSpan as _;
use serde_json::Value;
use status_update::core::config::language::Language;
use status_update::core::site::renderer::Site;
use status_update::core::site::texts::Texts;

use super::scenes::{config, index, pages, say, wait};
use crate::cases::thread::{START, Thread};

/// The days that are named as quiet.
fn quiet_days(thread: &Thread) -> Vec<String> {
    let page = String::from_utf8(index(thread).to_vec()).unwrap();
    let days = page.split("<dt>").skip(1).filter(|day| day.contains("<dd>No incidents</dd>"));
    // Days in a row are one line.
    days.map(|day| day.split('<').next().unwrap().to_owned()).collect()
}

fn incident(thread: &mut Thread) {
    say(thread, "open major It fails");
    say(thread, "close It works");
}

#[test]
fn no_day_before_the_first_record_is_called_quiet() {
    let mut thread = Thread::new(config(), START);
    incident(&mut thread);
    assert!(quiet_days(&thread).is_empty());
    wait(&mut thread, 48.hours());
    assert_eq!(quiet_days(&thread), ["Nov 22 – Nov 23"]);
}

#[test]
fn a_day_within_an_incident_is_not_quiet() {
    let mut thread = Thread::new(config(), START);
    wait(&mut thread, 24.hours());
    say(&mut thread, "open major It fails");
    wait(&mut thread, 48.hours());
    say(&mut thread, "close It works");
    wait(&mut thread, 24.hours());
    assert_eq!(quiet_days(&thread), ["Nov 25"]);
}

/// A day whose incidents may have been evicted is not called quiet, even if it was.
#[test]
fn days_with_evicted_incidents_are_not_called_quiet() {
    let mut thread = Thread::new(config(), START);
    (0..11).for_each(|_| incident(&mut thread));
    wait(&mut thread, 48.hours());
    (0..50).for_each(|_| incident(&mut thread));
    wait(&mut thread, 24.hours());
    assert_eq!(thread.state.status.closed.len(), 50);
    // Evicted incidents ended on the first day: the next day is completely known.
    assert_eq!(quiet_days(&thread), ["Nov 24", "Nov 22"]);

    // One of the first day is recalled for a correction, which proves nothing about the others.
    say(&mut thread, "correct #1 It worked");
    assert!(thread.state.status.closed.iter().any(|incident| incident.number == 1));
    for _ in 0..49 {
        wait(&mut thread, 1.minutes());
        incident(&mut thread);
    }
    wait(&mut thread, 24.hours());
    let closed = &thread.state.status.closed;
    assert_eq!(closed.front().unwrap().number, 1, "it is the one that came in first now");
    assert_eq!(quiet_days(&thread), ["Nov 25"]);
}

/// Of the first hours a share would say nothing: "0 %" where the first record is an outage.
#[test]
fn uptime_is_a_share_of_a_whole_day_at_least() {
    let mut thread = Thread::new(config(), START);
    say(&mut thread, "open critical on API: It fails");
    wait(&mut thread, 119.minutes());
    let page = |thread: &Thread| String::from_utf8(index(thread).to_vec()).unwrap();
    let first = page(&thread);
    assert!(!first.contains("% uptime"), "{first}");
    assert!(first.contains("On record for less than a day"), "{first}");
    // The day itself is named, and the period is a single one.
    let uptime = |thread: &Thread| {
        let pages = pages(thread);
        let page = pages.iter().find(|page| page.name == "uptime/index.html").unwrap();
        String::from_utf8(page.bytes.to_vec()).unwrap()
    };
    let told = uptime(&thread);
    assert!(told.contains("Nov 21: Major outage 2 h</span> · <a href=\"/incidents/1/\""), "{told}");
    assert!(told.contains("<p>Nov 21</p>"), "{told}");
    say(&mut thread, "close It works");
    wait(&mut thread, 21.hours().minutes(58));
    say(&mut thread, "open minor on Mail: It is slow");
    assert!(!page(&thread).contains("% uptime"));
    // A message takes a minute, so that this arrives at the end of the first 24 hours.
    say(&mut thread, "close It is fast");
    let second = page(&thread);
    assert!(second.contains("</svg>91.666% uptime</a>"), "{second}");
    assert!(second.contains("</svg>100% uptime</a>"), "{second}");
    assert!(uptime(&thread).contains("<p>Nov 21 – Nov 22</p>"), "{second}");
}

/// Nothing begins twice: an extension without words of its own is a change of the plan.
#[test]
fn a_maintenance_begins_once() {
    let mut thread = Thread::new(config(), START);
    say(&mut thread, "maintenance 2026-11-22 10:00 to 11:00 on API: Gateway upgrade");
    wait(&mut thread, 24.hours());
    say(&mut thread, "maintenance #1 extend 1h");
    let pages = pages(&thread);
    let names = [
        "index.html",
        "incidents/1/index.html",
        "feed.atom",
        "feed.rss",
        "updates.atom",
        "components/api/feed.atom",
        "api/v2/summary.json",
    ];
    for name in names {
        let page = pages.iter().find(|page| page.name == name);
        let page = page.unwrap_or_else(|| panic!("{name} is not published"));
        let text = std::str::from_utf8(&page.bytes).unwrap();
        // A description for other programs has the newest words once more.
        let (_, text) = text.split_once("<body").unwrap_or(("", text));
        let times = |words| text.matches(words).count();
        assert_eq!(times("The maintenance has begun."), 1, "{name}: {text}");
        assert_eq!(times("The plan has changed."), 1, "{name}: {text}");
    }
    let page = pages.iter().find(|page| page.name == "incidents/1/index.html").unwrap();
    let page = std::str::from_utf8(&page.bytes).unwrap();
    assert!(page.contains("content=\"In progress: The plan has changed.\""), "{page}");
}

/// Further lines of a day are in the month's list.
#[test]
fn a_day_with_more_than_its_lines_links_the_rest() {
    let mut thread = Thread::new(config(), START);
    (0..11).for_each(|_| incident(&mut thread));
    let page = String::from_utf8(index(&thread).to_vec()).unwrap();
    let link = "<dd><a href=\"/history/2026-11/\">and more: see the history</a></dd>";
    assert_eq!(page.matches(link).count(), 1, "{page}");
}

/// A month's page is not rendered again when a maintenance begins, so it says only what stays true.
#[test]
fn a_month_does_not_say_of_a_plan_that_it_is_not_over() {
    let mut thread = Thread::new(config(), START);
    say(&mut thread, "maintenance 2026-11-28 22:00 to 23:30 on API: Gateway upgrade");
    say(&mut thread, "open minor on Search: It is slow");
    let pages = pages(&thread);
    let month = pages.iter().find(|page| page.name == "history/2026-11/index.html").unwrap();
    let month = std::str::from_utf8(&month.bytes).unwrap();
    assert_eq!(month.matches("ongoing").count(), 1, "{month}");
    assert!(month.contains("Nov 28, 2026, 22:00 CET</time> · Affects API</p>"), "{month}");
}

#[test]
fn metadata_of_pages_match_their_content() {
    let mut thread = Thread::new(config(), START);
    say(&mut thread, "open major </script><script>window.ran = 1</script><!-- \" & ' ]]>");
    say(&mut thread, "maintenance 2026-11-23 22:00 to 23:30 on API: <!--<script> work");
    let mut kinds = Vec::new();
    for page in pages(&thread) {
        let page = String::from_utf8(page.bytes.to_vec()).unwrap();
        let Some((_, data)) = page.split_once("<script type=\"application/ld+json\">") else {
            continue;
        };
        let data = data.split("</script>").next().unwrap();
        assert!(!data.contains('<'), "{data}");
        let data: Value = serde_json::from_str(data).unwrap();
        let name = data.get("headline").or(data.get("name")).unwrap().as_str().unwrap();
        assert!(name.contains("<script>"), "{name}");
        kinds.push(data["@type"].as_str().unwrap().to_owned());
    }
    kinds.sort();
    assert_eq!(kinds, ["Event", "LiveBlogPosting"]);
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let scenes = super::scenes::all();
    for (scene, again) in scenes.iter().zip(super::scenes::all()) {
        assert_eq!(pages(&scene.thread), pages(&again.thread), "{}", scene.name);
    }
    let look = |config| Site::new(config).unwrap().theme_digest().to_owned();
    assert_eq!(look(config()), look(config()));
}

/// The names in braces of a text.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<_> = text.split('{').skip(1).map(|rest| rest.split('}').next()).collect();
    places.sort_unstable();
    places.into_iter().flatten().collect()
}

#[test]
fn every_language_has_every_text() {
    let english = Texts::of(Language::English).unwrap();
    for tag in Language::ALL {
        let language = Texts::of(tag).unwrap();
        assert!(language.page().keys().eq(english.page().keys()), "{tag:?}");
        for (name, text) in english.page() {
            assert_eq!(places(language.words(name)), places(text), "{tag:?}: {name}");
        }
    }
}

#[test]
fn shares_are_never_rounded_up() {
    let language = Texts::of(Language::English).unwrap();
    let shown = [100_000, 99_999, 99_950, 99_000, 5].map(|share| language.percent(share));
    assert_eq!(shown, ["100%", "99.999%", "99.95%", "99%", "0.005%"]);
}

/// Heading and text of each entry without markup; an incident's newest comes first.
fn entries(page: &str) -> Vec<String> {
    let lists = page.split("<ol class=\"updates\">").skip(1);
    let entries = lists.flat_map(|list| list.split("</ol>").next().unwrap().split("<li ").skip(1));
    let plain = |entry: &str| {
        let parts = entry.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
        parts.collect::<String>().trim().to_owned()
    };
    entries.map(plain).collect()
}

/// A first update that says no more than the title above it has words of its own.
#[test]
fn no_first_update_is_empty() {
    let said = [
        (
            Language::English,
            "Investigating Nov 21, 10:45 CETWe are investigating.",
            "Scheduled Nov 21, 10:46 CETThis maintenance is planned.",
        ),
        (
            Language::German,
            "Wird untersucht 21. Nov., 10:45 CETWir untersuchen das Problem.",
            "Geplant 21. Nov., 10:46 CETDiese Wartung ist geplant.",
        ),
        (
            Language::Hebrew,
            "בבדיקה 21 בנוב׳, 10:45 CETאנחנו בודקים את התקלה.",
            "מתוכנן 21 בנוב׳, 10:46 CETעבודות תחזוקה אלה מתוכננות.",
        ),
    ];
    for (language, opened, announced) in said {
        let config = status_update::core::config::Config { language, ..config() };
        let mut thread = Thread::new(config, START);
        say(&mut thread, "open on API: It fails");
        say(&mut thread, "maintenance today 10:47 to 12:00 on Mail: A move");
        wait(&mut thread, 5.minutes());
        let page = String::from_utf8(index(&thread).to_vec()).unwrap();
        let entries = entries(&page);
        assert!(entries.contains(&opened.to_owned()), "{entries:?}");
        assert!(entries.contains(&announced.to_owned()), "{entries:?}");
    }
}
