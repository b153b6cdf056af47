//! Details that no client above checks.

use status_update::core::config::Config;
use status_update::core::config::language::Language;
use status_update::core::incident::model::Impact;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use super::changes::change_impact;
use super::published::{config, history, pages, pass, text};
use crate::cases::thread::{START, Thread};

fn published(thread: &Thread) -> Vec<Page> {
    pages(&Site::new(thread.config.clone()).unwrap(), &thread.state.status)
}

fn at(public_url: Option<&str>) -> Vec<Page> {
    let mut config = config();
    config.public_url = public_url.map(str::to_owned);
    published(&history(config))
}

#[test]
fn names_and_links_are_of_the_pages_address() {
    let places = [
        (Some("https://status.example.com"), "https://status.example.com", "status.example.com"),
        (Some("http://Example.com:8080/a/b"), "http://Example.com:8080/a/b", "example.com"),
        (None, "", "localhost"),
    ];
    for (public_url, base, host) in places {
        let pages = at(public_url);
        let path = if public_url.is_some_and(|url| url.ends_with("/a/b")) { "/a/b" } else { "" };
        let atom = text(&pages, "feed.atom");
        assert!(atom.contains(&format!("<id>tag:{host},2005:{path}/history</id>")), "{atom:.600}");
        assert!(atom.contains(&format!("<id>tag:{host},2005:{path}/incidents/7</id>")));
        assert!(atom.contains(&format!("href=\"{base}/incidents/7/\"")));
        let rss = text(&pages, "feed.rss");
        let guid = match public_url {
            Some(_) => format!("<guid isPermaLink=\"true\">{base}/incidents/7/</guid>"),
            None => "<guid isPermaLink=\"false\">tag:localhost,2005:/incidents/7</guid>".to_owned(),
        };
        assert!(rss.contains(&guid), "{rss:.900}");
        let calendar = text(&pages, "maintenance.ics");
        assert!(calendar.contains(&format!("UID:maintenance-2@{host}{path}\r\n")));
        assert!(calendar.contains(&format!("URL:{base}/incidents/2/\r\n")));
        let summary = text(&pages, "api/v2/summary.json");
        assert!(summary.contains(&format!("\"shortlink\":\"{base}/incidents/7/\"")));
    }
}

/// Ids never change, whatever happens to their incidents.
#[test]
fn ids_stay() {
    let mut thread = Thread::new(config(), START);
    thread.say("open on API: It fails").expect_record();
    let ids = |thread: &Thread, name: &str| -> Vec<String> {
        let feed = text(&published(thread), name);
        feed.split("<id>").skip(2).map(|part| part.split('<').next().unwrap().to_owned()).collect()
    };
    let incident = ids(&thread, "feed.atom");
    let mut updates = ids(&thread, "updates.atom");
    for text in ["correct Something else fails", "update on Search: x", "close", "reopen #1 again"]
    {
        thread.say(text).expect_record();
        assert_eq!(ids(&thread, "feed.atom"), incident);
        let now = ids(&thread, "updates.atom");
        assert!(now.ends_with(&updates), "{now:?}");
        updates = now;
    }
    assert_eq!(updates.len(), 4);
    // It is in the feeds of both, and ends in both.
    for component in ["search-v2", "api"] {
        assert_eq!(ids(&thread, &format!("components/{component}/feed.atom")), incident);
    }
    thread.say("close It is over").expect_record();
    let feed = text(&published(&thread), "components/api/feed.atom");
    assert!(feed.contains("&lt;strong&gt;Resolved&lt;/strong&gt; - It is over"), "{feed}");
    assert_eq!(ids(&thread, "components/checkout/feed.atom"), [""; 0]);
}

#[test]
fn an_event_is_changed_with_a_higher_sequence() {
    let mut thread = Thread::new(config(), START);
    thread.say("maintenance tomorrow 22:00 to 23:30 A router is replaced").expect_record();
    let line = |thread: &Thread, name: &str| {
        let calendar = text(&published(thread), "maintenance.ics");
        let mut lines = calendar.lines().filter_map(|line| line.strip_prefix(name));
        lines.next_back().unwrap_or_else(|| panic!("no {name} in {calendar}")).to_owned()
    };
    let sequence = |thread: &Thread| line(thread, "SEQUENCE:").parse::<u32>().unwrap();
    let mut last = sequence(&thread);
    let mut rises = |thread: &Thread| {
        let now = sequence(thread);
        assert!(now > last, "{now} after {last}");
        last = now;
    };
    assert_eq!(line(&thread, "DTEND:"), "20261122T223000Z");
    thread.say("maintenance #1 extend to 23:45").expect_record();
    rises(&thread);
    assert_eq!(line(&thread, "DTEND:"), "20261122T224500Z");
    pass(&mut thread, "2026-11-22T21:00:00Z");
    rises(&thread);
    thread.say("maintenance #1 complete It went well").expect_record();
    rises(&thread);
    // It ended with its beginning: an event is a minute long at least.
    assert_eq!(line(&thread, "DTSTART:"), "20261122T210000Z");
    assert_eq!(line(&thread, "DTEND:"), "20261122T210100Z");
    assert_eq!(line(&thread, "STATUS:"), "CONFIRMED");
    thread.say("open on API: Something else").expect_record();
    assert_eq!(sequence(&thread), last);
}

/// The contrast of white on a colour such as `c0262d` (WCAG 2.2).
fn contrast(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    1.05 / (0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4) + 0.05)
}

#[test]
fn a_badge_is_readable_on_every_ground() {
    assert!((contrast("ffffff") - 1.0).abs() < 0.01 && contrast("777777") < 4.5);
    let mut grounds = 0;
    let badges = at(None).into_iter().filter(|page| page.name.contains("badge.svg"));
    for badge in badges {
        let svg = String::from_utf8(badge.bytes.to_vec()).unwrap();
        // Nothing is fetched, and nothing runs.
        assert_eq!(svg.matches("http").count(), 1, "{svg}");
        for part in svg.split("fill=\"#").skip(1) {
            let colour = part.split('"').next().unwrap();
            let long: String = match colour.len() {
                3 => colour.chars().flat_map(|c| [c, c]).collect(),
                _ => colour.to_owned(),
            };
            if long != "ffffff" {
                assert!(contrast(&long) >= 4.5, "{colour}: {}", contrast(&long));
                grounds += 1;
            }
        }
    }
    assert_eq!(grounds, 12);
}

#[test]
fn a_long_badge_is_cut() {
    let config = Config { title: "Very long ".repeat(20), ..Config::default() };
    let pages = published(&Thread::new(config, START));
    let svg = text(&pages, "badge.svg");
    assert!(svg.contains("Very long…</text>"), "{svg}");
    assert!(svg.contains("aria-label=\"Very long"));
}

/// A change of the impact without a word is said in words, on pages and in every file.
#[test]
fn a_silent_change_of_the_impact_has_words() {
    let said = [
        (Language::English, "The impact is now: major outage."),
        (Language::German, "Auswirkung jetzt: Schwerwiegende Störung."),
        (Language::Hebrew, "ההשפעה כעת: השבתה נרחבת."),
    ];
    for (language, words) in said {
        let config = Config { language, ..config() };
        let mut thread = Thread::new(config, START);
        thread.say("open minor on API: It is slow").expect_record();
        change_impact(&mut thread, Impact::Critical);
        let site = Site::new(thread.config.clone()).unwrap();
        let pages = published(&thread);
        let json = text(&pages, "api/v2/incidents.json");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let updates = &json["incidents"][0]["incident_updates"];
        assert_eq!(updates[0]["body"], words);
        let affected = &updates[0]["affected_components"][0];
        assert_eq!(affected["old_status"], "degraded_performance");
        assert_eq!(affected["new_status"], "major_outage");
        assert_eq!(updates[1]["affected_components"][0]["new_status"], "degraded_performance");
        for feed in ["feed.atom", "feed.rss", "updates.atom", "components/api/feed.atom"] {
            let feed = text(&pages, feed);
            assert!(feed.contains(&format!("&lt;/strong&gt; - {words}&lt;/p&gt;")), "{feed}");
        }
        let status = &thread.state.status;
        let own = site.incident(status.incident(1).unwrap(), &status.component_names).unwrap();
        for page in [site.index(status).unwrap(), own] {
            let html = String::from_utf8(page.bytes.to_vec()).unwrap();
            assert!(html.contains(&format!("<p>{words}</p>")), "{html}");
        }
    }
}
