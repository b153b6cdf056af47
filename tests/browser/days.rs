//! What the front page claims of the days that are past, and what pages tell programs.

use jiff::ToSpan as _;
use serde_json::Value;
use status_update::core::site::Site;
use status_update::core::site::language::Language;

use super::scenes::{config, index, pages, say, wait};
use crate::cases::thread::{START, Thread};

/// The days that are named as quiet.
fn quiet_days(thread: &Thread) -> Vec<String> {
    let page = String::from_utf8(index(thread).to_vec()).unwrap();
    let days = page.split("<dt>").skip(1).filter(|day| day.contains("<dd>No incidents</dd>"));
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
    assert_eq!(quiet_days(&thread), ["Nov 23", "Nov 22"]);
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

/// A day whose incidents the state may have let go of is not called quiet, even where it was.
#[test]
fn what_is_no_longer_known_is_not_claimed() {
    let mut thread = Thread::new(config(), START);
    (0..11).for_each(|_| incident(&mut thread));
    wait(&mut thread, 48.hours());
    (0..50).for_each(|_| incident(&mut thread));
    wait(&mut thread, 24.hours());
    assert_eq!(thread.state.closed.len(), 50);
    assert_eq!(quiet_days(&thread), ["Nov 24"]);

    // One of the first day is brought back to be corrected: it says nothing of the others.
    say(&mut thread, "correct #1 It worked");
    assert!(thread.state.closed.iter().any(|incident| incident.number == 1));
    for _ in 0..49 {
        wait(&mut thread, 1.minutes());
        incident(&mut thread);
    }
    wait(&mut thread, 24.hours());
    let closed = &thread.state.closed;
    assert_eq!(closed.front().unwrap().number, 1, "it is the one that came in first now");
    assert_eq!(quiet_days(&thread), ["Nov 25"]);
}

#[test]
fn what_pages_tell_programs_is_theirs_to_read_and_nothing_else() {
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
    let look = |config| Site::new(config).unwrap().look().to_owned();
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
    let english = Language::get("en").unwrap();
    for tag in Language::tags() {
        let language = Language::get(tag).unwrap();
        assert!(language.page().keys().eq(english.page().keys()), "{tag}");
        for (name, text) in english.page() {
            assert_eq!(places(language.words(name)), places(text), "{tag}: {name}");
        }
    }
}

#[test]
fn shares_are_never_rounded_up() {
    let language = Language::get("en").unwrap();
    let shown = [100_000, 99_999, 99_950, 99_000, 5].map(|share| language.percent(share));
    assert_eq!(shown, ["100%", "99.999%", "99.95%", "99%", "0.005%"]);
}
