//! Good looks, from `status.toml` to the page, with the real program.

use std::path::Path;

use super::files::{CSS, SVG};
use super::write;
use crate::support::http::{self, Body, Response};
use crate::support::local::{Local, run};
use crate::support::tools;

const TOML: &str = r##"
title = "Example Status"
time_zone = "Europe/Berlin"
support = "https://help.example/"
language = "en"
accent = "#6b1fb1"
logo = "site/logo.txt"
stylesheet = "site/custom.css"
templates = "site/templates"

[[links.header]]
text = "Documentation"
address = "https://docs.example/?a=1&b=<2>"
[[links.header]]
text = "Contact"
address = "mailto:help@example.com"
[[links.footer]]
text = "Imprint & <privacy>"
address = "https://example.com/imprint"

[[components]]
name = "Checkout"
"##;

const NOT_FOUND: &str = r#"{% extends "layout.html" %}
{% block title %}Lost – {{ site_title }}{% endblock %}
{% block main %}<h1>Our own page for lost visitors</h1>{% endblock %}
"#;

/// Started with good looks, and with an incident.
async fn start(folder: &Path) -> Local {
    let css = CSS.replace('\n', "\r\n");
    let files = [
        ("site/logo.txt", SVG.as_bytes()),
        ("site/custom.css", css.as_bytes()),
        ("site/templates/404.html", NOT_FOUND.as_bytes()),
        ("site/templates/.keep", b""),
    ];
    write(folder, TOML, &files);
    let local = Local::start(folder, &[]).await;
    local.wait_for("/", "Example Status").await;
    let said = run(folder, &["send", "--to", &local.url, "open on Checkout: It is down"]).await;
    assert!(said.status.success());
    local.wait_for("/", "It is down").await;
    local
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.head.get(name).unwrap_or_default()
}

#[tokio::test]
async fn a_page_has_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let local = start(folder.path()).await;
    let lost = local.get("/no/such/page").await;
    assert_eq!(lost.status, 404);
    assert!(lost.text().contains("Our own page for lost visitors"));
    for page in [local.get("/").await, local.get("/incidents/1/").await, lost] {
        let html = page.text().replace("&#x2f;", "/");
        for part in [
            "<a href=\"https://docs.example/?a=1&amp;b=&lt;2&gt;\">Documentation</a>",
            "<a href=\"mailto:help@example.com\">Contact</a>",
            "<a href=\"https://example.com/imprint\">Imprint &amp; &lt;privacy&gt;</a>",
            ":root{--link:#6b1fb1}",
            ".last::after { content: \"\\201C\" }",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains('\r'), "a line end that a browser would change");
        assert!(html.contains("alt=\"Example Status\""));
        let (_, rest) = html.split_once("<img src=\"").unwrap();
        let address = rest.split('"').next().unwrap();
        let logo = local.get(address).await;
        assert_eq!((logo.status, logo.text().as_str()), (200, SVG), "{address}");
        assert_eq!(header(&logo, "content-type"), "image/svg+xml; charset=utf-8");
        assert_eq!(header(&logo, "cache-control"), "public, max-age=31536000, immutable");
    }
}

#[tokio::test]
async fn another_logo_is_another_address() {
    let folder = tempfile::tempdir().unwrap();
    let address = |html: String| {
        let (_, rest) = html.split_once("<img src=\"").unwrap();
        rest.split('"').next().unwrap().replace("&#x2f;", "/")
    };
    let first = {
        let local = start(folder.path()).await;
        address(local.get("/").await.text())
    };
    let other = SVG.replace("6b1fb1", "0b57d0");
    std::fs::write(folder.path().join("site/logo.txt"), &other).unwrap();
    let local = Local::start(folder.path(), &[]).await;
    let shown = async {
        loop {
            let now = address(local.get("/").await.text());
            if now != first {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let second = tokio::time::timeout(http::HANG, shown).await.expect("the logo stays the same");
    assert_eq!(local.get(&second).await.text(), other);
    // A page that somebody still has open finds its own.
    assert_eq!(local.get(&first).await.text(), SVG);
}

#[tokio::test]
async fn the_local_site_answers_as_the_web_expects() {
    let folder = tempfile::tempdir().unwrap();
    let local = start(folder.path()).await;
    let page = local.get("/").await;
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    let etag = header(&page, "etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{etag}");

    let url = format!("{}/", local.url);
    let ask = async |method: &str, headers: &[(&str, &str)]| {
        http::send(method, &url, headers, Body::None).await.unwrap()
    };
    let (weak, several) = (format!("W/{etag}"), format!("\"a\",W/\"b\" , W/{etag}"));
    for known in [etag.as_str(), &weak, &several, "*"] {
        for method in ["GET", "HEAD"] {
            let answer = ask(method, &[("If-None-Match", known)]).await;
            assert_eq!(answer.status, 304, "{method} {known}");
            assert!(answer.body.is_empty());
            assert_eq!(header(&answer, "etag"), etag);
            assert_eq!(header(&answer, "cache-control"), "no-cache");
        }
    }
    let two = ask("GET", &[("If-None-Match", "\"a\""), ("If-None-Match", &etag)]).await;
    assert_eq!(two.status, 304);
    let unquoted = etag.trim_matches('"').to_owned();
    for other in ["\"a\"", "W/\"a\", \"b\"", "", &unquoted, "W/*"] {
        let answer = ask("GET", &[("If-None-Match", other)]).await;
        assert_eq!((answer.status, answer.body.len()), (200, page.body.len()), "{other}");
    }
    let head = ask("HEAD", &[]).await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    for name in ["content-type", "cache-control", "etag"] {
        assert_eq!(header(&head, name), header(&page, name), "{name}");
    }
    assert_eq!(header(&head, "content-length"), page.body.len().to_string());
    let lost = format!("{}/lost", local.url);
    let lost = http::send("HEAD", &lost, &[], Body::None).await.unwrap();
    assert_eq!((lost.status, lost.body.len()), (404, 0));
}

/// In a browser, in light and in dark: the policy lets our own stylesheet through, everything can
/// be read, and nobody else is asked for anything.
#[tokio::test]
async fn a_browser_shows_it() {
    let (Some(chromium), Some(node)) = (tools::chromium(), tools::node()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let local = start(folder.path()).await;
    let mut script = node.script("browser.mjs");
    script.arg(chromium).arg(&local.url).args(["/", "/incidents/1/", "/nowhere"]);
    let output = tokio::process::Command::from(script).kill_on_drop(true).output();
    let output = tokio::time::timeout(http::HANG, output).await.expect("the browser hangs");
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen.len(), 6);
    for page in seen {
        assert_eq!(page["complaints"], serde_json::json!([]), "{page}");
        let requests = page["requests"].as_array().unwrap();
        let asked: Vec<&str> = requests.iter().map(|address| address.as_str().unwrap()).collect();
        assert!(asked.iter().any(|address| address.contains("/assets/logo-")), "{asked:?}");
        for address in asked {
            assert!(address.starts_with(&local.url) || address.starts_with("data:"), "{address}");
        }
        let contrast = page["pageContrast"]["ratio"].as_f64().unwrap();
        assert!(contrast >= 4.5, "{contrast}: {page}");
        assert!(page["width320"].as_u64().unwrap() <= 320, "{page}");
        assert!(page["text"].as_str().unwrap().contains("Imprint & <privacy>"), "{page}");
    }
}
