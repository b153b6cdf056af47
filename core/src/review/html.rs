//! The document as an HTML page without requests and scripts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use sha2::{Digest, Sha256};

use crate::text::is_safe_link;

/// The status page's design, for a document.
const STYLE: &str = include_str!("../../../templates/review.css");

/// The content security policy for the header and the page: only its own style.
#[must_use]
pub fn policy() -> String {
    let hash = BASE64.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// A standalone page from Markdown. HTML in it is shown as text, only web and mail addresses become
/// links, and a picture becomes its alternative text. `figure` is our own HTML and follows the
/// first table.
#[must_use]
pub fn page(title: &str, markdown: &str, figure: &str) -> String {
    let mut dropped = Vec::new();
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let events = parser.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        // A block of HTML becomes a paragraph of its text.
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
    let body = body.replacen("</table>", &format!("</table>\n{figure}"), 1);
    let mut shown = String::new();
    html::push_html(&mut shown, [Event::Text(CowStr::from(title))].into_iter());
    let policy = policy();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{shown}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}
