//! Inputs of the properties: hostile and everyday texts, and histories of messages.

use proptest::prelude::*;
use status_update::core::config::Config;

use crate::cases::thread::{Content, Message, Thread};

/// A configuration with components, for `on …:`.
pub fn config() -> Config {
    let toml = include_str!("../cases/shop.toml");
    Config::parse(toml).unwrap()
}

/// A failure prints its input; nothing is written to the tree. `PROPTEST_CASES` sets a different
/// number of cases.
pub fn settings(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Bits that have a meaning to something between the phone and the visitor's screen.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</p></li></article><h1>x",
    "<img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{#",
    "\"'`",
    "&lt;b&gt;",
    "&#60;",
    "javascript:alert(1)",
    "\u{202e}txt.exe",
    "\u{2066}\u{2069}",
    "\u{200b}",
    "\u{feff}",
    "\u{0}\u{7}\u{1b}[31m",
    "\u{85}\u{2028}",
    "\u{a0}\u{3000}",
    "👩‍💻",
    "e\u{301}",
    "הקופה",
    "on Checkout:",
    "on Chekout:",
    "#42",
    "INC-1",
    "`**_~\\",
];

/// A part of a message's text.
pub fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9,.:!#-]{1,8}",
        2 => prop::sample::select(HOSTILE).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// A text of several words and lines.
pub fn text() -> impl Strategy<Value = String> {
    let gap =
        prop_oneof![6 => Just(" "), 1 => Just("\n"), 1 => Just("  \n\n"), 1 => Just("\u{a0}")];
    prop::collection::vec((scrap(), gap), 1..12).prop_map(|parts| {
        parts.into_iter().flat_map(|(part, gap)| [part, gap.to_owned()]).collect()
    })
}

const TAGS: &[&str] = &[
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<em>",
    "<strong>",
    "<code>",
    "</code>",
    "<pre>",
    "</pre>",
    "<ul>",
    "</ul>",
    "<ol>",
    "</ol>",
    "<li>",
    "</li>",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<span>",
    "</span>",
    "<script>",
    "</script>",
    "<style>",
    "<title>",
    "<blockquote>",
    "</blockquote>",
    "<svg><math>",
    "<template>",
    "&amp;",
    "&lt;",
    "&nbsp;",
    "&#0;",
    "<img alt='x' src=y>",
    "<a href='https://example.com/?a=1&amp;b=\"2\"'>",
    "</a>",
    "<a href='javascript:alert(1)'>",
    "<a href='https://example.com/\u{202e}x'>",
    "<a href=\"mailto:a@example.com'onclick=1\">",
    "<!-- x -->",
    "<![CDATA[",
    "<",
    "\"",
];

/// Formatted text as Teams, or somebody who imitates Teams, sends it.
pub fn html() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(TAGS).prop_map(str::to_owned),
        scrap(),
        Just(" ".to_owned()),
    ];
    prop::collection::vec(part, 1..24).prop_map(|parts| parts.concat())
}

/// A message: most of them commands.
pub fn message() -> impl Strategy<Value = Typed> {
    let number = prop_oneof![
        3 => Just(String::new()),
        4 => (1..6_u32).prop_map(|number| format!("#{number} ")),
        1 => (1..99_u32).prop_map(|number| format!("INC-{number} ")),
    ];
    let stage = prop::sample::select(&["", "", "identified ", "monitoring ", "resolved "][..]);
    let on =
        prop::sample::select(&["", "", "", "on API: ", "on Checkout, Search: ", "on Apy: "][..]);
    let impact = prop::sample::select(&["", "minor ", "major ", "critical "][..]);
    let verb = prop_oneof![
        6 => (prop::bool::weighted(0.8), impact, on.clone()).prop_map(|(another, impact, on)| {
            format!("open {}{impact}{on}", if another { "another " } else { "" })
        }),
        4 => (number.clone(), stage, on).prop_map(|(number, stage, on)| {
            format!("update {number}{stage}{on}")
        }),
        3 => number.clone().prop_map(|number| format!("close {number}")),
        2 => number.clone().prop_map(|number| format!("reopen {number}")),
        2 => number.clone().prop_map(|number| format!("correct {number}")),
        2 => (prop::sample::select(&["minor ", "major ", "critical ", "critcal "][..]), number)
            .prop_map(|(impact, number)| format!("impact {impact}{number}")),
        1 => prop::sample::select(&["status ", "list ", "help ", "opne ", ""][..])
            .prop_map(str::to_owned),
    ];
    let words = prop_oneof![4 => "[a-z]{1,9} [a-z]{1,9}".boxed(), 1 => text().boxed()];
    prop_oneof![
        12 => (verb.clone(), words.clone())
            .prop_map(|(verb, text)| Typed::Plain(format!("{verb}{text}"))),
        6 => (any::<prop::sample::Index>(), verb.clone(), words)
            .prop_map(|(first, verb, text)| Typed::Reply(first, format!("{verb}{text}"))),
        2 => (verb, html()).prop_map(|(verb, html)| Typed::Html(format!("{verb}{html}"))),
        1 => Just(Typed::Again),
    ]
}

/// The way in which a message is sent.
#[derive(Clone, Debug)]
pub enum Typed {
    Plain(String),
    Html(String),
    /// In the thread that one of the messages before it began.
    Reply(prop::sample::Index, String),
    Again,
}

impl Typed {
    /// The message in a thread; `None` repeats the previous one.
    pub fn message(&self, thread: &Thread) -> Option<Message> {
        let content = match self {
            Self::Plain(text) | Self::Reply(_, text) => Content::Plain(text.clone()),
            Self::Html(html) => Content::Html(html.clone()),
            Self::Again => return None,
        };
        let reply_to = match self {
            Self::Reply(first, _) if thread.sent() > 0 => Some(first.index(thread.sent())),
            _ => None,
        };
        Some(Message { reply_to, ..content.into() })
    }
}
