//! Pages of the running program: colours and words of the front page, working links, and hostile
//! texts.

use serde::Deserialize;
use tempfile::TempDir;

use super::{browser, run};
use crate::support::http::Body;
use crate::support::local::Local;
use crate::support::teams::{self, Message, Reply};

/// The report of `browser.mjs` on one page in one colour scheme.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Look {
    path: String,
    scheme: String,
    status: u16,
    words: String,
    title: String,
    header_colour: [u8; 3],
    header_contrast: Contrast,
    page_contrast: Contrast,
    /// The visible text, and the whole document.
    text: String,
    all_text: String,
    without_scripts: Option<String>,
    tags: Vec<String>,
    handlers: Vec<String>,
    styles: Vec<String>,
    links: Vec<String>,
    requests: Vec<String>,
    complaints: Vec<String>,
    width320: u32,
    /// Traces of a script that must not run.
    ran: Option<serde_json::Value>,
}

/// The lowest contrast of any text, its place, and the number of texts.
#[derive(Debug, Deserialize)]
struct Contrast {
    ratio: f64,
    text: String,
    count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Green,
    Amber,
    Red,
}

impl Look {
    fn colour(&self) -> Colour {
        let [red, green, blue] = self.header_colour.map(u16::from);
        if green > red && green > blue {
            Colour::Green
        } else if red > 2 * green && red > 2 * blue {
            Colour::Red
        } else if red >= green && green > 2 * blue {
            Colour::Amber
        } else {
            panic!("{:?} is none of the three colours", self.header_colour)
        }
    }

    /// Properties of every page.
    fn check(&self, url: &str) {
        let here = format!("{} in {}", self.path, self.scheme);
        let none: [&str; 0] = [];
        assert_eq!(self.complaints, none, "{here}");
        assert_eq!(self.ran, None, "{here}: a script ran");
        let away = |address: &&String| !address.starts_with(url) && !address.starts_with("data:");
        assert_eq!(self.requests.iter().find(away), None, "{here} asks another host");
        let document = |address: &&String| !address.starts_with("data:");
        let script = usize::from(self.status == 200);
        let asked = self.requests.iter().filter(document).count();
        assert_eq!(asked, 1 + script, "{here}: {:?}", self.requests);
        assert!(self.width320 <= 320, "{here} is {} wide at 320", self.width320);
        for contrast in [&self.header_contrast, &self.page_contrast] {
            assert_ne!(contrast.count, 0, "{here}: no text was found");
            assert!(contrast.ratio >= 4.5, "{here}: {} at {:?}", contrast.ratio, contrast.text);
        }
        if let Some(text) = &self.without_scripts {
            assert_eq!(text, &self.text, "{here}: it reads differently without scripts");
        }
        assert_eq!(self.handlers, none, "{here}");
        assert_eq!(self.styles, none, "{here}");
        for tag in ["script", "img", "iframe", "object", "embed", "form", "input", "style", "base"]
        {
            assert!(!self.tags.iter().any(|there| there == tag), "{here}: a <{tag}> got in");
        }
        for link in &self.links {
            let scheme = link.split(':').next().unwrap();
            assert!(["http", "https", "mailto", "data"].contains(&scheme), "{here}: {link}");
        }
        let odd = |c: &char| c.is_control() && !c.is_ascii_whitespace() || is_bidi_control(*c);
        assert_eq!(self.all_text.chars().find(odd), None, "{here}: a control character");
    }
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A site, and a browser to look at it.
struct Visit {
    local: Local,
    chromium: std::path::PathBuf,
    _folder: TempDir,
}

impl Visit {
    /// `None` without a browser, after saying so.
    async fn start(configuration: &str) -> Option<Self> {
        let chromium = browser()?;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("status.toml"), configuration).unwrap();
        let settings = [("STATUS_WEBHOOK_TOKENS", teams::TOKEN), ("STATUS_DEADLINE_MS", "30000")];
        let local = Local::start(folder.path(), &settings).await;
        local.wait_for("/", "</html>").await;
        Some(Self { local, chromium, _folder: folder })
    }

    async fn say(&self, message: &Message) -> Reply {
        let body = message.body();
        let signature = teams::sign(teams::TOKEN, &body);
        let answer = teams::post(&self.local.webhook(), Some(&signature), Body::Sized(&body)).await;
        Reply::of(&answer)
    }

    async fn command(&self, text: &str) {
        self.say(&Message::new(text)).await.card();
    }

    /// Visits pages in light and dark, and checks the properties of every page.
    async fn look(&self, paths: &[&str]) -> Vec<Look> {
        let url = std::path::PathBuf::from(&self.local.url);
        let arguments = [self.chromium.clone(), url].into_iter();
        let looks: Vec<Look> =
            run("browser.mjs", arguments.chain(paths.iter().map(Into::into))).await;
        assert_eq!(looks.len(), 2 * paths.len());
        for look in &looks {
            look.check(&self.local.url);
        }
        looks
    }

    /// The front page has this colour and these words in both schemes.
    async fn expect(&self, colour: Colour, words: &str) {
        for look in self.look(&["/"]).await {
            assert_eq!(look.status, 200);
            assert_eq!(look.colour(), colour, "{look:?}");
            assert_eq!(look.words.trim(), words);
            // The number of working components is not part of the title.
            let headline = words.split(" · ").next().unwrap();
            assert!(look.title.contains(headline), "{}", look.title);
        }
    }
}

const COMPONENTS: &str = r#"
title = "Example Shop"
support = "https://help.example/"
[[components]]
name = "Checkout"
description = "Cards, vouchers and invoices"
[[groups]]
name = "Platform"
components = [{ name = "API" }, { name = "Search" }]
"#;

#[tokio::test]
async fn colours_and_words_follow_the_incidents() {
    let Some(visit) = Visit::start(COMPONENTS).await else { return };
    visit.expect(Colour::Green, "All systems operational").await;
    visit.command("open minor on Search: Results are stale").await;
    let words = "Degraded performance: Search · 2 of 3 components working";
    visit.expect(Colour::Amber, words).await;
    visit.command("open another critical on Checkout, API: Nobody can pay").await;
    let words = "Major outage: Checkout, API · 0 of 3 components working";
    visit.expect(Colour::Red, words).await;
    visit.command("update #2 identified A certificate has expired").await;
    visit.command("close #2 It was renewed").await;
    visit.command("close #1").await;
    visit.expect(Colour::Green, "All systems operational").await;
}

/// Every page of the site, and every link on it.
#[tokio::test]
async fn no_link_dangles() {
    let Some(visit) = Visit::start(COMPONENTS).await else { return };
    visit.command("open on Checkout: Nobody can pay").await;
    visit.command("close #1 They can").await;
    visit.command("open minor Mail is delayed").await;
    let month = jiff::Timestamp::now().strftime("/history/%Y-%m/").to_string();
    let paths = ["/", "/incidents/1/", "/incidents/2/", &month, "/no/such/page"];
    let looks = visit.look(&paths).await;
    let mut seen = 0;
    for look in &looks {
        let lost = look.path == "/no/such/page";
        assert_eq!(look.status, if lost { 404 } else { 200 }, "{}", look.path);
        for link in &look.links {
            let Some(path) = link.strip_prefix(&visit.local.url) else { continue };
            let path = path.split('#').next().unwrap();
            // The lost page's own fragments lead back to it.
            if path != "/no/such/page" {
                assert_eq!(visit.local.get(path).await.status, 200, "{} on {}", link, look.path);
                seen += 1;
            }
        }
    }
    assert!(seen > looks.len(), "hardly a link was found");
}

const WORD: &str =
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// Possible texts of people, each with the part that has to be readable.
const TYPED: &[(&str, &str)] = &[
    ("<script>window.ran = 1</script> one", "<script>window.ran = 1</script> one"),
    ("<img src=x onerror=window.ran=2> two", "<img src=x onerror=window.ran=2> two"),
    ("</style></title></textarea><svg onload=window.ran=3> three", "</style></title></textarea>"),
    ("{{7*7}} {% raw %} ${7*7} <%= 7*7 %> four", "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>"),
    ("[five](javascript:window.ran=5)", "five"),
    ("user\u{202e}txt.exe\u{202c} \u{2066}six\u{2069}", "six"),
    ("bell\u{7}, null\u{0}, escape\u{1b}[31m and \u{9b}seven", "seven"),
];

/// Possible HTML from Teams for a typed word.
const MARKED_UP: &[(&str, &str)] = &[
    ("eight", "<b>eight</b><script>window.ran = 8</script>"),
    ("nine", r#"<a href="javascript:window.ran=9" onclick="window.ran=9">nine</a>"#),
    ("ten", r#"<a href=" java&#9;script:window.ran=10">ten</a>"#),
    ("eleven", r#"<a href="data:text/html,<script>window.ran=11</script>">eleven</a>"#),
    ("twelve", r#"<b style="position:fixed;inset:0" onmouseover="window.ran=12">twelve</b>"#),
    ("thirteen", r#"<iframe srcdoc="<script>parent.ran=13</script>"></iframe>thirteen"#),
    ("fourteen", "<svg><style><img src=x onerror=window.ran=14></style></svg>fourteen"),
    (
        "fifteen",
        "<math><mtext><table><mglyph><style><!--</style>\
         <img title=\"--&gt;&lt;img src=1 onerror=window.ran=15&gt;\">fifteen",
    ),
    ("sixteen", r#"<form action="/x"><input autofocus onfocus="window.ran=16">sixteen</form>"#),
    (
        "seventeen",
        "<meta http-equiv=refresh content=0;url=https://evil.example><base href=//evil.example>\
         <link rel=stylesheet href=https://evil.example/x.css>seventeen",
    ),
    ("eighteen", r#"<p>eighteen<img src="https://evil.example/pixel.png" alt="pixel"></p>"#),
];

/// A text in as many elements.
fn nested(text: &str, depth: usize) -> Message {
    let html = format!("update #1 {}{text}{}", "<div>".repeat(depth), "</div>".repeat(depth));
    Message::formatted(&format!("update #1 {text}"), &html)
}

/// Texts that try to be more than text, each with the part that has to be readable.
fn hostile() -> Vec<(Message, &'static str)> {
    let typed = |text: &str| Message::new(&format!("update #1 {text}"));
    let marked_up = |text: &str, html: &str| {
        Message::formatted(&format!("update #1 {text}"), &format!("update #1 {html}"))
    };
    let mut messages =
        vec![(typed(&format!("{} long", WORD.repeat(8))), "long"), (nested("deep", 5_000), "deep")];
    messages.extend(TYPED.iter().map(|(text, readable)| (typed(text), *readable)));
    messages.extend(MARKED_UP.iter().map(|(text, html)| (marked_up(text, html), *text)));
    messages
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let Some(visit) = Visit::start(COMPONENTS).await else { return };
    let title = "<script>window.ran = 0</script> {{7*7}} & \"quoted\" 'title'";
    visit.command(&format!("open {title}")).await;
    let hostile = hostile();
    for (message, _) in &hostile {
        visit.say(message).await.card();
    }
    // HTML that is too large is refused, because its plain text may differ from the intended one.
    let refused = visit.say(&nested("deeper", 10_000)).await.sentence();
    assert!(refused.contains("more formatting") && refused.contains("Nothing was recorded"));
    let month = jiff::Timestamp::now().strftime("/history/%Y-%m/").to_string();
    let looks = visit.look(&["/", "/incidents/1/", &month]).await;
    for look in &looks {
        assert!(look.text.contains(title), "{}: {}", look.path, look.text);
        assert!(!look.text.contains("deeper"), "{}: {}", look.path, look.text);
        if look.path == "/incidents/1/" {
            // The formatting was read, and its harmless part is shown.
            assert!(look.tags.iter().any(|tag| tag == "strong"), "{:?}", look.tags);
            for (message, readable) in &hostile {
                assert!(look.text.contains(readable), "{readable:?} of {:?}", message.text);
            }
        }
    }
    visit.command("close #1 All of it was text").await;
    visit.expect(Colour::Green, "All systems operational").await;
}
