//! Texts: typed text arrives complete and harmless.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::answer::{Answer, card};
use status_update::core::commands::opening::Opening;
use status_update::core::commands::parse::parse;
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::history::MonthDocument;
use status_update::core::incident::status::Status;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;
use status_update::core::teams::activity;
use status_update::core::text::Text;
use status_update::core::text::html::{read_html, read_plain};
use status_update::core::text::markup::text_html;

use super::inputs::{config, html, settings, text};
use crate::cases::thread::{Handled, START, Thread};
use crate::support::records::plain_record;

/// Characters that must never be shown: controls, and those that reorder or hide text.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
}

fn forbidden(text: &str) -> Option<char> {
    text.chars().find(|c| is_forbidden(*c))
}

/// A string in a JSON value that has such a character.
fn hidden_in(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => forbidden(text).map(|_| text.as_str()),
        Value::Array(values) => values.iter().find_map(hidden_in),
        Value::Object(map) => map.values().find_map(hidden_in),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// All pages that show an incident opened and updated so.
fn pages(site: &Site, status: &Status) -> Vec<Page> {
    let mut pages = site.current(status).unwrap();
    pages.push(site.not_found().unwrap());
    let mut month = None;
    for incident in status.open.values().chain(&status.closed) {
        pages.push(site.incident(incident, &status.component_names).unwrap());
        let document = month.get_or_insert_with(|| MonthDocument::new(incident.month));
        document.merge(incident, status);
    }
    pages.extend(month.map(|document| site.month(&document, &status.component_names).unwrap()));
    pages
}

/// A page's elements with their attributes' names, in order, as a browser's tokenizer reads them.
fn skeleton(page: &str) -> Vec<String> {
    use html5ever::tendril::StrTendril;
    use html5ever::tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, states::RawKind,
    };
    use std::cell::RefCell;
    #[derive(Default)]
    struct Sink(RefCell<Vec<String>>);
    impl TokenSink for Sink {
        type Handle = ();
        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(tag) = token {
                let names = tag.attrs.iter().map(|a| a.name.local.to_string());
                let names: Vec<String> = names.collect();
                self.0.borrow_mut().push(format!("{:?} {} {names:?}", tag.kind, tag.name));
                match (tag.kind, &*tag.name) {
                    (TagKind::StartTag, "style") => {
                        return TokenSinkResult::RawData(RawKind::Rawtext);
                    }
                    (TagKind::StartTag, "title") => {
                        return TokenSinkResult::RawData(RawKind::Rcdata);
                    }
                    _ => {}
                }
            } else if let Token::CommentToken(_) = token {
                self.0.borrow_mut().push("comment".to_owned());
            }
            TokenSinkResult::Continue
        }
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(page));
    let tokenizer = Tokenizer::new(Sink::default(), html5ever::tokenizer::TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// A thread in which this is the text of one incident: at the opening, later and at the end.
fn updated_thrice(text: &str) -> Thread {
    let mut config = config();
    config.publish_names = true;
    config.public_url = Some("https://status.example.com".to_owned());
    let mut thread = Thread::new(config, START);
    for verb in ["open: ", "update: ", "close: "] {
        // A number at the end would be asked about.
        thread.say(&format!("{verb}x{text} y")).expect_record();
    }
    thread
}

/// The same, with no line break in the text, so that the page has the same elements.
fn one_line(text: &str) -> String {
    let line: Vec<String> = words(&Text::plain(text).to_plain());
    // The end of a sentence, and a bar, end the title.
    let line = line.iter().map(|word| word.trim_end_matches(['.', '!', '?', '…', '。']));
    line.collect::<Vec<_>>().join(" ").replace('|', "/")
}

fn cleaner() -> ammonia::Builder<'static> {
    let tags = ["p", "br", "ul", "ol", "li", "pre", "strong", "em", "code", "a"];
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .tag_attributes([("a", HashSet::from(["href", "rel"]))].into_iter().collect())
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .link_rel(None);
    builder
}

/// The same elements, attributes and characters, written as ammonia's serializer writes them, with
/// nothing left out: every tag and attribute of the input is allowed.
fn normalised(html: &str) -> String {
    let tags: HashSet<String> =
        skeleton(html).iter().filter_map(|tag| tag.split(' ').nth(1).map(str::to_owned)).collect();
    let mut everything = ammonia::Builder::empty();
    everything
        .tags(tags.iter().map(String::as_str).collect())
        .generic_attributes(HashSet::from(["href", "rel", "onclick", "style", "class", "src"]))
        .generic_attribute_prefixes(HashSet::from(["on", "data-"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .url_schemes(HashSet::from(["https", "http", "mailto", "javascript", "data"]))
        .link_rel(None)
        .strip_comments(false);
    everything.clean(html).to_string()
}

#[test]
fn forbidden_dependencies_are_noticed() {
    let bad = [
        "<p><b>x</b></p>",
        "<p onclick=\"x\">x</p>",
        "<a href=\"javascript:x\">x</a>",
        "<p>x</p><!-- x -->",
        "<h1>x</h1>",
    ];
    for html in bad {
        assert_ne!(cleaner().clean(html).to_string(), normalised(html), "{html}");
    }
    let good = "<p>x<br><strong>y</strong></p><a href=\"https://x.test/\" rel=\"x\">&lt;</a>";
    assert_eq!(cleaner().clean(good).to_string(), normalised(good));
    assert_eq!(skeleton("<p class=a>&lt;b&gt;</p>").len(), 2);
}

proptest! {
    #![proptest_config(settings(400))]

    #[test]
    fn nothing_panics_on_any_input(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = parse(&Text::plain(&text).into(), &config());
        let _ = (read_html(&text), read_plain(&text));
        let _ = activity::read_activity(&bytes);
        let _ = activity::is_signed(&[], Some(&text), &bytes);
    }

    #[test]
    fn nothing_panics_on_an_activity_of_wrong_types(
        path in prop::sample::select(&[
            "/id", "/timestamp", "/from", "/from/name", "/conversation", "/conversation/id",
            "/text", "/attachments", "/attachments/0", "/attachments/0/content", "/entities",
            "/entities/0", "/entities/0/mentioned", "/recipient", "/channelData", "/type",
        ][..]),
        value in prop::sample::select(
            &["null", "1", "[]", "{}", "\"\"", "[[]]", "\"x\"", "1e9"][..],
        ),
    ) {
        let mut body = json!({
            "type": "message", "id": "1", "timestamp": "2026-11-21T09:45:00Z",
            "from": { "id": "29:1", "name": "A" }, "conversation": { "id": "19:1" },
            "recipient": { "id": "28:1" },
            "text": "<at>B</at> status",
            "attachments": [{ "contentType": "text/html", "content": "x" }],
            "entities": [{ "type": "mention", "mentioned": { "id": "28:1", "name": "B" } }],
            "channelData": { "team": { "id": "19:2" } },
        });
        *body.pointer_mut(path).unwrap() = serde_json::from_str(value).unwrap();
        let _ = activity::read_activity(body.to_string().as_bytes());
    }

    #[test]
    fn every_word_is_recorded_in_order(text in text()) {
        // The colon ends the options, and the bar the title, so that the whole of the text is text.
        // It begins with no word that keeps it off the page.
        let text = format!("x{text}");
        let typed = format!("open: first | {text}");
        let cleaned = Text::plain(&typed);
        let Ok(Command::Change(Change::Open(Opening { text: opened, .. }))) = parse(&cleaned.clone().into(), &config()) else {
            return Err(TestCaseError::fail("not understood"));
        };
        let expected = words(&cleaned.to_plain()).split_off(3);
        prop_assert_eq!(words(&opened.to_plain()).split_off(1), expected);
        let lines = Text::plain(&text).to_plain();
        let lines = 1 + lines.lines().filter(|line| !line.trim().is_empty()).count();
        prop_assert_eq!(opened.lines().iter().filter(|line| !line.spans.is_empty()).count(), lines);
        // And nothing that can be seen was cleaned away.
        let seen = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric() || c.is_ascii_punctuation()).collect()
        };
        prop_assert_eq!(seen(&cleaned.to_plain()), seen(&typed));
    }

    #[test]
    fn options_take_nothing_from_the_text(
        impact in prop::sample::select(&["", "minor ", "Critical ", "minor: "][..]),
        on in prop::sample::select(&["", "on API: ", "on checkout, search: "][..]),
        text in "[a-z]{3,9}( [a-z,:#-]{1,9}){0,8}",
    ) {
        let options = ["another", "minor", "major", "critical", "on"];
        prop_assume!(!options.contains(&words(&text)[0].as_str()));
        prop_assume!(!impact.ends_with(": ") || on.is_empty());
        let parsed = parse(&Text::plain(&format!("open {impact}{on}{text}")).into(), &config());
        let Ok(Command::Change(Change::Open(Opening { text: opened, components, .. }))) = parsed else {
            return Err(TestCaseError::fail(format!("{parsed:?}")));
        };
        prop_assert_eq!(opened.to_plain(), text);
        prop_assert_eq!(components.is_empty(), on.is_empty());
    }

    #[test]
    fn formatting_is_an_allowed_set(html in html()) {
        let mut thread = Thread::new(config(), START);
        let Handled::Decided { message, .. } = thread.say_html(&format!("open x{html}")) else {
            return Ok(());
        };
        let page = text_html(&message.said.text);
        prop_assert_eq!(cleaner().clean(&page).to_string(), normalised(&page), "{}", page);
        // Reading the page returns the text: nothing was lost or invented.
        let mut read = status_update::core::text::Builder::default();
        for piece in read_html(&page) {
            use status_update::core::text::html::Piece;
            match piece {
                Piece::Run(run, style) => read.push(&run, &style),
                Piece::Break => read.line_break(),
                Piece::Block(kind) => read.block(kind),
                Piece::Mention(_) => prop_assert!(false, "a mention on the page"),
                Piece::LeftOut(what) => prop_assert!(false, "{what:?} on the page"),
            }
        }
        prop_assert_eq!(words(&read.finish().to_plain()), words(&message.said.text.to_plain()));
    }
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn pages_are_deterministic_and_escape_everything(text in text()) {
        let thread = updated_thrice(&one_line(&text));
        let harmless = updated_thrice("");
        let site = Site::new(thread.config.clone()).unwrap();
        let made = pages(&site, &thread.state.status);
        let again = pages(&Site::new(thread.config.clone()).unwrap(), &thread.state.status);
        prop_assert_eq!(&made, &again);
        for (page, model) in made.iter().zip(pages(&site, &harmless.state.status)) {
            let html = std::str::from_utf8(&page.bytes).unwrap();
            let model = std::str::from_utf8(&model.bytes).unwrap();
            let skeleton = skeleton(html);
            prop_assert_eq!(&skeleton, &self::skeleton(model), "{}", html);
            prop_assert_eq!(skeleton.last().unwrap().as_str(), "EndTag html []");
            prop_assert_eq!(forbidden(html), None, "{}", &page.name);
        }
    }

    #[test]
    fn nothing_hidden_is_recorded(text in text(), html in html()) {
        let mut thread = Thread::new(config(), START);
        thread.say(&format!("open x{text}"));
        thread.say_html(&format!("update x{html}"));
        for bytes in &thread.log {
            let record = plain_record(bytes);
            prop_assert_eq!(hidden_in(&record), None);
        }
    }

    #[test]
    fn answers_are_plain_for_any_text(text in text()) {
        let mut thread = Thread::new(config(), START);
        let mut answers = Vec::new();
        for verb in ["open ", "open ", "", "update on Apy: ", "close "] {
            let said = thread.say(&format!("{verb}{text}"));
            let Handled::Decided { decision, .. } = said else {
                continue;
            };
            answers.push(match *decision {
                Decision::Record(record) => told(&record, &thread.state, &thread.config),
                Decision::Refuse(why) => card::activity(&Answer::Sentence(why.to_markdown())),
                _ => continue,
            });
        }
        for answer in answers {
            let json = answer.to_string();
            prop_assert!(json.len() < 28 * 1024, "{} bytes", json.len());
            prop_assert_eq!(hidden_in(&answer), None);
            prop_assert!(card::to_terminal(&answer).is_some());
        }
    }
}

fn told(record: &Record, state: &State, config: &Config) -> Value {
    let publication = Publication::Done;
    card::activity(&recorded(record, state, publication, config))
}
