//! The document as a file for a browser: one page that asks for nothing else and runs nothing.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::core::text::is_safe_link;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse}th,td{border:1px solid;padding:.2rem .6rem;text-align:left}\
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#9cf}}";

/// A standalone page of Markdown. HTML in it stands there as text; links lead to web and mail
/// addresses or are none; a picture is its words.
#[must_use]
pub fn page(title: &str, markdown: &str) -> String {
    let mut dropped = Vec::new();
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let events = parser.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        // A block of HTML is a paragraph of its text.
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let is_safe = is_safe_link(dest_url);
            dropped.push(!is_safe);
            is_safe.then_some(event)
        }
        Event::End(TagEnd::Link) => (!dropped.pop().unwrap_or(true)).then_some(event),
        event => Some(event),
    });
    let mut body = String::new();
    html::push_html(&mut body, events);
    let mut shown = String::new();
    html::push_html(&mut shown, [Event::Text(CowStr::from(title))].into_iter());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{shown}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}
