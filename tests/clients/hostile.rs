//! Texts that would like to be more than text, in every format that programs read.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use super::programs::{each, python, xml};
use super::published::{config, history, pages, pass_to, publish, text};
use crate::cases::thread::{START, Thread};
use crate::properties::inputs::{self, settings};

/// Texts that some parser on the way to a reader could interpret.
const TEXTS: &[&str] = &[
    "<script>alert(1)</script> </script><!-- ]]> --> <![CDATA[ &lt;b&gt; &#60; &nbsp; \"'`",
    "</title></content></entry></feed><entry/> <?xml version=\"1.0\"?> <!DOCTYPE x [<!ENTITY y 'z'>]>",
    "</description></item></channel></rss> </text></svg><svg onload=alert(1)>",
    "END:VEVENT BEGIN:VEVENT \\n \\, ; SUMMARY:x \\\\",
    "first\nEND:VCALENDAR\r\nBEGIN:VALARM\rDTSTART:x\u{85}next\u{2028}line\u{b}tab\t.",
    "\u{0}\u{7}\u{1b}[31m\u{9b} \u{fffe}\u{ffff} \u{202e}txt.exe\u{202c} \u{2066}six\u{2069} \u{feff}",
    "👩‍💻 הקופה e\u{301} Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "{{7*7}} {% raw %} {title} {components} {from} %s $(id) \\u003cscript\\u003e",
];

/// A history in which all of that was said, of a page that is itself called so.
fn hostile(base: Config) -> Thread {
    let toml = r#"
title = '</title><script>alert(1)</script> & "quotes", \; {component}'
publish_names = true
[[components]]
name = '<b onclick="alert(1)">API</b> & \; ]]>'
id = "api"
description = "<script>alert(1)</script>\u0007"
[[groups]]
name = "</script><script>alert(1)</script>"
components = [{ name = "Search", id = "search-v2" }]
"#;
    let config = Config { public_url: base.public_url, ..Config::parse(toml).unwrap() };
    let mut thread = Thread::new(config, START);
    for text in TEXTS {
        let number = thread.state.next_number;
        thread.say(&format!("open another on Search: {text}")).expect_record();
        thread.say(&format!("update #{number} x {text}")).expect_record();
        thread.say(&format!("maintenance tomorrow 22:00 to 23:30 {text}")).expect_record();
    }
    thread.say(&format!("maintenance #2 cancel {}", TEXTS[4])).expect_record();
    thread.say(&format!("close #1 {}", TEXTS[0])).expect_record();
    let later = thread.now + jiff::SignedDuration::from_hours(40);
    pass_to(&mut thread, later);
    thread
}

/// Reads markup strictly: elements closed in order, attributes quoted, no comments, sections or
/// instructions except the declaration, only the four entities. Returns its characters.
fn strictly(markup: &str, html: bool) -> Result<String, String> {
    let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    let mut rest = markup;
    if !html {
        rest = markup.strip_prefix(declaration).unwrap_or(markup);
    }
    let (mut open, mut said) = (Vec::new(), String::new());
    while let Some(start) = rest.find('<') {
        said.push_str(&rest[..start]);
        let end = rest[start..].find('>').ok_or("a tag without an end")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap().to_owned();
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':');
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(closed) {
                return Err(format!("</{closed}> in the wrong place"));
            }
        } else if !plain(&name(tag)) || name(tag).is_empty() {
            return Err(format!("<{tag}>"));
        } else {
            if !tag.matches('"').count().is_multiple_of(2) {
                return Err(format!("an open quote in <{tag}>"));
            }
            let ends_itself = tag.ends_with('/') || html && name(tag) == "br";
            open.extend((!ends_itself).then(|| name(tag)));
        }
    }
    said.push_str(rest);
    let mut text = String::new();
    for (index, part) in said.split('&').enumerate() {
        let known = [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"')];
        let entity = known.iter().find(|(entity, _)| part.starts_with(entity));
        match entity {
            _ if index == 0 => text.push_str(part),
            Some((entity, c)) => {
                text.push(*c);
                text.push_str(&part[entity.len()..]);
            }
            None => return Err(format!("&{part}")),
        }
    }
    if open.is_empty() { Ok(text) } else { Err(format!("{open:?} is open at the end")) }
}

/// Characters that XML does not allow, or that reorder or hide text in it or in JSON.
fn forbidden(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

/// The contents of all elements of that name.
fn elements<'a>(markup: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let parts = markup.split(start.as_str()).skip(1);
    parts
        .map(|part| part.split_once('>').unwrap().1)
        .map(|part| part.split(end.as_str()).next().unwrap())
        .collect()
}

fn check(page: &Page) -> Result<(), TestCaseError> {
    let text = String::from_utf8(page.bytes.to_vec()).unwrap();
    let at = &page.name;
    match at.rsplit('.').next().unwrap() {
        "atom" | "rss" | "svg" => {
            prop_assert_eq!(forbidden(&text), None, "{}", at);
            prop_assert!(!text.contains(['\u{fffe}', '\u{ffff}']), "{}", at);
            let read = strictly(&text, false);
            prop_assert!(read.is_ok(), "{}: {:?} in {}", at, read, text);
            let html = if at.ends_with("rss") { "description" } else { "content" };
            for content in elements(&text, html).iter().skip(usize::from(at.ends_with("rss"))) {
                let html = strictly(content, true).unwrap();
                let read = strictly(&html, true);
                prop_assert!(read.is_ok(), "{}: {:?} in {}", at, read, html);
                // An independent sanitiser removes nothing.
                let tags = |html: &str| html.matches('<').count();
                prop_assert_eq!(tags(&ammonia::clean(&html)), tags(&html), "{}: {}", at, html);
            }
        }
        "json" => {
            prop_assert!(!text.contains('<'), "{}: {}", at, text);
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}: {}", at, text);
        }
        "ics" => {
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{}", text);
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= 75, "{} bytes: {}", line.len(), line);
                prop_assert_eq!(forbidden(line), None, "{}", line);
            }
            let unfolded = text.replace("\r\n ", "");
            for line in unfolded.split_terminator("\r\n") {
                let name = line.split([':', ';']).next().unwrap();
                prop_assert!(NAMES.contains(&name), "{}", line);
            }
            let (begun, ended) = ("BEGIN:VEVENT\r\n", "END:VEVENT\r\n");
            prop_assert_eq!(unfolded.matches(begun).count(), unfolded.matches(ended).count());
        }
        _ => prop_assert!(false, "{} is of no known kind", at),
    }
    Ok(())
}

/// The properties that a calendar of ours has.
const NAMES: &[&str] = &[
    "BEGIN",
    "CREATED",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "END",
    "LAST-MODIFIED",
    "NAME",
    "PRODID",
    "REFRESH-INTERVAL",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRANSP",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "UID",
    "URL",
    "VERSION",
    "X-PUBLISHED-TTL",
    "X-WR-CALNAME",
];

#[test]
fn the_check_notices_violations() {
    for wrong in
        ["<a>", "<a></b>", "<a b=\">c</a>", "a & b", "&nbsp;", "<!-- a -->", "<![CDATA[]]>"]
    {
        assert!(strictly(wrong, false).is_err(), "{wrong}");
    }
    assert_eq!(strictly("<a b=\"c\">&lt;d/&gt;<e/></a>", false).unwrap(), "<d/>");
    let page = |name: &str, text: &str| Page {
        name: name.to_owned(),
        edition: 1,
        bytes: text.to_owned().into(),
    };
    let wrong = [
        page("a.json", "{\"a\":\"<\"}"),
        page("a.json", "{"),
        page("a.ics", "BEGIN:VEVENT\n"),
        page("a.ics", "SUMMARY:a\r\nX-OTHER:b\r\n"),
        page("a.ics", &format!("SUMMARY:{}\r\n", "a".repeat(70))),
        page("a.svg", "<svg>\u{ffff}</svg>"),
        page("a.atom", "<content type=\"html\">&lt;script&gt;&lt;/script&gt;</content>"),
    ];
    for page in wrong {
        assert!(check(&page).is_err(), "{page:?}");
    }
}

#[test]
fn a_hostile_history_is_only_text() {
    let mut base = config();
    base.public_url = Some("https://status.example.com".to_owned());
    let thread = hostile(base);
    let pages = pages(&Site::new(thread.config.clone()).unwrap(), &thread.state.status);
    for page in &pages {
        check(page).unwrap();
    }
    let calendar = text(&pages, "maintenance.ics").replace("\r\n ", "");
    assert_eq!(calendar.matches("BEGIN:VEVENT\r\n").count(), TEXTS.len());
    assert!(calendar.contains("SUMMARY:END:VEVENT BEGIN:VEVENT \\\\n \\\\\\, \\; SUMMARY:x"));
}

/// Third-party parsers and readers find exactly the typed texts.
#[tokio::test]
async fn readers_find_the_typed_texts() {
    let site = publish(hostile).await;
    let Some(seen) = python("feedparser", &site.url).await else { return };
    let Some(calendar) = python("icalendar", &site.url).await else { return };
    let newest = &seen["feed.atom"]["entries"][0];
    assert_eq!(seen["feed.atom"]["bozo"], 0);
    assert_eq!(seen["feed.rss"]["bozo"], 0);
    // XML cannot represent two of Unicode's noncharacters.
    let readable = |title: &str| title.replace(['\u{fffe}', '\u{ffff}'], "");
    let titles: BTreeSet<String> =
        site.state.status.kept().map(|kept| readable(&kept.title)).collect();
    let entries = &seen["feed.atom"]["entries"];
    assert_eq!(entries.as_array().unwrap().len(), 2 * TEXTS.len());
    for title in each(entries, "title") {
        let title = title.as_str().unwrap();
        let ended = ["[Resolved] ", "[Completed] ", "[Cancelled] "];
        let bare = ended.iter().find_map(|ended| title.strip_prefix(ended)).unwrap_or(title);
        assert!(titles.contains(bare), "{title:?} is not among {titles:?}");
    }
    assert!(!newest["html"].as_str().unwrap().contains("<script"), "{newest}");
    assert_eq!(calendar["errors"], serde_json::json!([]));
    assert_eq!(calendar["events"].as_array().unwrap().len(), TEXTS.len());
    for event in calendar["events"].as_array().unwrap() {
        assert!(titles.contains(&readable(event["summary"].as_str().unwrap())), "{event}");
    }
}

/// The feeds against schemas, and all XML against XML.
#[tokio::test]
async fn xml_is_valid() {
    let kinds: [(&str, &[&str]); 3] = [
        (
            "tests/fixtures/feeds/atom.rng",
            &[
                "feed.atom",
                "updates.atom",
                "components/api/feed.atom",
                "components/search-v2/feed.atom",
            ],
        ),
        ("tests/fixtures/feeds/rss.rng", &["feed.rss"]),
        ("", &["badge.svg", "components/api/badge.svg"]),
    ];
    let empty = |config| Thread::new(config, START);
    for site in [publish(history).await, publish(hostile).await, publish(empty).await] {
        for (schema, names) in kinds {
            let files: Vec<_> = names.iter().map(|name| site.folder.path().join(name)).collect();
            let Some(complaints) = xml(schema, &files).await else { return };
            assert_eq!(complaints, vec![""; names.len()], "{names:?}");
        }
    }
}

#[tokio::test]
async fn the_feeds_schemas_notice_violations() {
    let site = publish(history).await;
    let changes: [(&str, &str, &str); 8] = [
        ("atom", "<id>tag:", "<id>urn:"),
        ("atom", "<updated>2026-11-23T22:32:00Z", "<updated>2026-11-23 22:32"),
        ("atom", "type=\"html\"", "type=\"xml\""),
        ("atom", "<name>Example Shop status</name>", ""),
        ("atom", "</entry>", "</entry><x/>"),
        ("atom", "&lt;p&gt;", "<p>"),
        ("rss", "+0000</pubDate>", "UTC</pubDate>"),
        ("rss", "<link>http", "<link>/http"),
    ];
    for (kind, right, wrong) in changes {
        let text =
            std::fs::read_to_string(site.folder.path().join(format!("feed.{kind}"))).unwrap();
        assert!(text.contains(right), "{right}");
        let file = site.folder.path().join("wrong");
        std::fs::write(&file, text.replacen(right, wrong, 1)).unwrap();
        let schema = format!("tests/fixtures/feeds/{kind}.rng");
        let Some(complaints) = xml(&schema, &[file]).await else { return };
        assert_ne!(complaints, [""], "{wrong} in the place of {right}");
    }
}

proptest! {
    #![proptest_config(settings(24))]

    #[test]
    fn every_text_stays_text(
        texts in prop::collection::vec(inputs::text(), 1..6),
        html in prop::collection::vec(inputs::html(), 1..4),
    ) {
        let mut config = config();
        config.public_url = Some("https://status.example.com/a".to_owned());
        config.publish_names = true;
        let mut thread = Thread::new(config, START);
        for text in &texts {
            thread.say(&format!("open another on API: x{text}"));
            thread.say(&format!("maintenance tomorrow 22:00 to 23:30 on Search: x{text}"));
        }
        for html in &html {
            thread.say_html(&format!("update #1 x{html}"));
        }
        let site = Site::new(thread.config.clone()).unwrap();
        let pages = pages(&site, &thread.state.status);
        for page in &pages {
            check(page)?;
        }
        // The same state, the same bytes.
        let json = serde_json::to_vec(&thread.state.status).unwrap();
        let state = serde_json::from_slice(&json).unwrap();
        let again = Site::new(thread.config.clone()).unwrap();
        prop_assert_eq!(&super::published::pages(&again, &state), &pages);
    }
}
