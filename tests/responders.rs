//! The pages for responders: signed, expiring addresses, and their contents.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use status_update::core::teams::activity::Token;
use status_update::core::teams::link::{ResponderLinks, ResponderPage};

use crate::support::http::{self, Body, Response};
use crate::support::local::{Local, run};

const BASE: &str = "https://app.example";
const NOW: Timestamp = Timestamp::constant(1_795_254_300, 0);

fn token(letter: char) -> Token {
    Token::parse(&letter.to_string().repeat(44)).unwrap()
}

fn links(letters: &str) -> ResponderLinks {
    ResponderLinks::new(BASE.to_owned(), letters.chars().map(token).collect())
}

fn query(address: &str) -> &str {
    address.strip_prefix("https://app.example/api/responders?").unwrap()
}

#[test]
fn an_address_opens_its_page_and_no_other() {
    let links = links("A");
    let pages = [
        ResponderPage::Review(42),
        ResponderPage::Review(4),
        ResponderPage::Timeline(42),
        ResponderPage::OnCall,
    ];
    for page in pages {
        let address = links.address(page, NOW).unwrap();
        assert_eq!(links.page(query(&address), NOW), Some(page));
        for (from, to) in [
            ("page=review", "page=timeline"),
            ("page=timeline", "page=review"),
            ("page=oncall", "page=review"),
            ("number=42", "number=43"),
            ("number=4&", "number=42&"),
            ("number=0", "number=1"),
            ("until=17953", "until=17954"),
            ("signature=", "signature=A"),
            ("signature=", "other="),
        ] {
            let changed = query(&address).replacen(from, to, 1);
            if changed != query(&address) {
                assert_eq!(links.page(&changed, NOW), None, "{changed}");
            }
        }
    }
    for nothing in ["", "page=review", "page=review&number=42&until=9999999999&signature="] {
        assert_eq!(links.page(nothing, NOW), None, "{nothing}");
    }
}

#[test]
fn an_address_is_valid_for_a_day_and_while_its_token_is_configured() {
    let address = links("A").address(ResponderPage::Review(1), NOW).unwrap();
    let opens = |letters: &str, passed: SignedDuration| {
        links(letters).page(query(&address), NOW + passed).is_some()
    };
    let (hours, seconds) = (SignedDuration::from_hours, SignedDuration::from_secs);
    for (passed, is_open) in [
        (seconds(0), true),
        (hours(24) - seconds(1), true),
        (hours(24), false),
        (hours(48), false),
        // A clock that is a little slow; one that is slower has signed nothing of this kind.
        (seconds(-300), true),
        (hours(-1), false),
    ] {
        assert_eq!(opens("A", passed), is_open, "{passed}");
    }
    assert!(opens("BA", hours(1)), "the old token is still configured");
    assert!(!opens("B", hours(1)), "the token was replaced");
    assert!(!opens("", hours(1)), "there is no token");
    assert_eq!(links("").address(ResponderPage::OnCall, NOW), None);
    assert!(!format!("{:?}", links("A")).contains("AAAA"));
}

async fn sent(folder: &Path, local: &Local, text: &str) -> String {
    let said = run(folder, &["send", "--to", &local.url, text]).await;
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(!said.is_empty(), "{text}");
    said
}

/// The first address of a page for responders in an answer.
fn address(answer: &str) -> Option<String> {
    let start = answer.find("http://127.0.0.1:").filter(|_| answer.contains("/api/responders?"))?;
    let rest = &answer[start..];
    let mut found = rest.match_indices("http://").map(|(at, _)| &rest[at..]);
    let found = found.find_map(|rest| rest.split_whitespace().next().filter(is_page));
    found.map(str::to_owned)
}

fn is_page(address: &&str) -> bool {
    address.contains("/api/responders?")
}

async fn get(address: &str, agent: &str) -> Response {
    http::send("GET", address, &[("User-Agent", agent)], Body::None).await.unwrap()
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test]
async fn answers_link_the_pages_for_responders() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path(), &[]).await;
    sent(folder.path(), &local, "open Checkout is failing").await;
    sent(folder.path(), &local, "note #1 cause: A certificate <b>expired</b>").await;
    // Of an open incident there is a draft.
    let answer = sent(folder.path(), &local, "review #1").await;
    let draft = address(&answer).unwrap_or_else(|| panic!("{answer}"));
    let page = get(&draft, BROWSER).await;
    assert!(page.text().contains("This is a draft:"), "{}", page.text());
    sent(folder.path(), &local, "close It was renewed").await;
    let summary = "review summary #1 Nobody could pay for an hour.";
    sent(folder.path(), &local, summary).await;
    let answer = sent(folder.path(), &local, "review #1").await;
    assert!(answer.contains("Nobody could pay for an hour."), "{answer}");
    let review = address(&answer).unwrap_or_else(|| panic!("{answer}"));
    let page = get(&review, BROWSER).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let html = page.text();
    for words in ["Nobody could pay for an hour.", "A certificate &lt;b&gt;expired&lt;/b&gt;"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    for forbidden in ["<script", "<img", "<b>expired", " src="] {
        assert!(!html.contains(forbidden), "{forbidden}: {html}");
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow"),
        ("x-content-type-options", "nosniff"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(page.head.get(name), Some(value), "{name}");
    }
    let policy: &str = page.head.get("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");

    let answer = sent(folder.path(), &local, "timeline full #1").await;
    let timeline = address(&answer).unwrap_or_else(|| panic!("{answer}"));
    let page = get(&timeline, BROWSER).await;
    assert!(page.text().contains("cause: A certificate"), "{}", page.text());

    // Link previews get nothing, nor does anybody with a changed address.
    for agent in ["Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", "Slackbot 1.0"]
    {
        let nothing = get(&review, agent).await;
        assert_eq!(nothing.status, 404);
        assert!(!nothing.text().contains("pay"), "{}", nothing.text());
        assert_eq!(nothing.head.get("cache-control"), Some("no-store"));
    }
    assert_eq!(get(&review.replace("number=1", "number=2"), BROWSER).await.status, 404);
    assert_eq!(get(&format!("{}/api/responders", local.url), BROWSER).await.status, 404);
    let posted = http::send("POST", &review, &[], Body::None).await.unwrap();
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn links_can_be_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("status.toml"), "[review]\nlinks = false\n").unwrap();
    let local = Local::start(folder.path(), &[]).await;
    sent(folder.path(), &local, "open Checkout is failing").await;
    sent(folder.path(), &local, "close It works").await;
    let answer = sent(folder.path(), &local, "review #1").await;
    assert_eq!(address(&answer), None, "{answer}");
}
