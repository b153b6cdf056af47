//! Hostile words in a review stay words, in Markdown and in HTML.

use proptest::prelude::*;
use pulldown_cmark::{Event as Markdown, Options, Parser};

use super::*;
use crate::properties::inputs::settings;

/// The structure of a rendered document, without its words.
fn structure(markdown: &str) -> (Vec<String>, String) {
    let (mut tags, mut words) = (Vec::new(), String::new());
    for event in Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Markdown::Text(text) => {
                words.push_str(&text);
                if tags.last().is_none_or(|last| last != "text") {
                    tags.push("text".to_owned());
                }
            }
            event => {
                tags.push(format!("{event:?}"));
                words.push('\n');
            }
        }
    }
    (tags, words)
}

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a link](javascript:alert(1))",
    "![a picture](https://evil.example/x.png)",
    "# Heading",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "> quote",
    "```\ncode\n```",
    "~~~\ncode",
    "---",
    "***",
    "===",
    "| a | b |\n| --- | --- |",
    "**bold** __bold__ *it* _it_ ~~no~~ `code`",
    "&lt;b&gt; &amp; &#60;",
    "\\\\ back \\* slashes \\",
    "<https://evil.example> https://evil.example www.evil.example",
    "[ref]: https://evil.example",
    "[^1]: a note [^1]",
    "line one\n\n    code\n\nline two",
    "{{ review }} {% raw %} {# #}",
    "$x$ :smile: [x] [ ] @everyone #42",
    "[[wiki]] ==mark== ^sup^ ~sub~ {.class #id}",
    "a : b\n: definition",
    "\u{202e}right to left\u{202c}",
];

/// Hostile text appears as words: the document has exactly the structure that it has with harmless
/// text.
#[test]
fn hostile_words_stay_words() {
    let options = "Options::all() has maths, footnotes, definition lists and attributes too";
    let (plain, _) = structure(&incident(&|_| "word".to_owned()).document());
    for hostile in HOSTILE {
        let document = incident(&|_| (*hostile).to_owned()).document();
        let (tags, words) = structure(&document);
        let differ = tags.iter().zip(&plain).find(|(found, expected)| found != expected);
        assert!(
            differ.is_none() && tags.len() == plain.len(),
            "{hostile:?}: {differ:?} ({options})\n{document}"
        );
        let shown = Text::plain(hostile).to_plain().replace('\n', " ");
        assert!(words.contains(shown.trim()), "{hostile:?} is not shown as it is: {words}");
        let html = page("title", &document, "");
        for forbidden in ["<script", "<img", "=\"javascript:", "<a ", "onerror=alert(1)>"] {
            assert!(!html.contains(forbidden), "{hostile:?}: {forbidden} in {html}");
        }
    }
}

proptest! {
    #![proptest_config(settings(64))]

    /// Whatever is typed.
    #[test]
    fn no_words_change_the_shape(typed in "[-+=:.#>*_`~|!<>&\\[\\](){}\\\\$^\n\t 0-9a-z]{1,40}") {
        prop_assume!(Text::plain(&typed).is_visible());
        let (plain, _) = structure(&incident(&|_| "word".to_owned()).document());
        let document = incident(&|_| typed.clone()).document();
        let (tags, _) = structure(&document);
        prop_assert_eq!(tags, plain, "{:?}\n{}", typed, document);
    }
}

#[test]
fn html_contains_nothing_that_a_sanitiser_removes() {
    for words in [&plain_words as &dyn Fn(&str) -> String, &|_| HOSTILE.concat()] {
        let html = page("<b>title</b>", &incident(words).document(), "");
        assert!(html.contains("<title>&lt;b&gt;title&lt;/b&gt;</title>"), "{html}");
        assert!(html.contains("default-src 'none'"), "{html}");
        let body = html.split_once("<main>\n").unwrap().1.split_once("</main>").unwrap().0;
        let cleaned = ammonia::Builder::default().clean(body).to_string();
        let plain = |text: &str| {
            text.replace("&quot;", "\"")
                .replace("&nbsp;", "\u{a0}")
                .replace("<tbody>", "")
                .replace("</tbody>", "")
        };
        assert_eq!(plain(&cleaned), plain(body));
    }
}

/// HTML or a link to code in a team's own template is not active either.
#[test]
fn html_of_a_template_is_text() {
    let html = page(
        "t",
        "# <script>x</script>\n\n<iframe src=\"https://evil.example\">\n\n[a](javascript:x) [b](https://example.com/) ![c](https://evil.example/x.png)",
        "",
    );
    for forbidden in ["<script", "<iframe", "javascript:", "<img"] {
        assert!(!html.contains(forbidden), "{forbidden}: {html}");
    }
    assert!(html.contains("<a href=\"https://example.com/\">b</a>"), "{html}");
}
