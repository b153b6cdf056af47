//! Texts as HTML. Every character is escaped, and the only tags are those written here.

use super::{Line, LineKind, Span, Text, is_safe_link};

/// Converts a text to blocks of HTML: paragraphs, lists and preformatted text.
#[must_use]
pub fn text_html(text: &Text) -> String {
    let mut html = String::new();
    let mut open: Option<LineKind> = None;
    for line in text.lines() {
        let blank = line.spans.is_empty();
        let goes_on = open == Some(line.kind) && (!blank || line.kind == LineKind::Code);
        if !goes_on {
            close(&mut html, open.take());
        }
        if blank && open.is_none() {
            continue;
        }
        push_line(&mut html, line, goes_on);
        open = Some(line.kind);
    }
    close(&mut html, open);
    html
}

fn push_line(html: &mut String, line: &Line, goes_on: bool) {
    html.push_str(match (line.kind, goes_on) {
        (LineKind::Plain, false) => "<p>",
        (LineKind::Plain, true) => "<br>",
        (LineKind::Bullet, false) => "<ul><li>",
        (LineKind::Numbered, false) => "<ol><li>",
        (LineKind::Bullet | LineKind::Numbered, true) => "</li><li>",
        (LineKind::Code, false) => "<pre>",
        (LineKind::Code, true) => "\n",
    });
    for span in &line.spans {
        push_span(html, span);
    }
}

fn close(html: &mut String, kind: Option<LineKind>) {
    html.push_str(match kind {
        None => "",
        Some(LineKind::Plain) => "</p>",
        Some(LineKind::Bullet) => "</li></ul>",
        Some(LineKind::Numbered) => "</li></ol>",
        Some(LineKind::Code) => "</pre>",
    });
}

fn push_span(html: &mut String, span: &Span) {
    let mut tags: Vec<&str> = Vec::new();
    let link = span.style.link.as_deref().filter(|link| is_safe_link(link));
    if let Some(link) = link {
        html.push_str("<a rel=\"nofollow noopener noreferrer\" href=\"");
        push_escaped(html, link);
        html.push_str("\">");
        tags.push("a");
    }
    let flags = [(span.style.bold, "strong"), (span.style.italic, "em"), (span.style.code, "code")];
    for (_, tag) in flags.into_iter().filter(|(set, _)| *set) {
        html.push('<');
        html.push_str(tag);
        html.push('>');
        tags.push(tag);
    }
    push_escaped(html, &span.text);
    for tag in tags.into_iter().rev() {
        html.push_str("</");
        html.push_str(tag);
        html.push('>');
    }
}

#[must_use]
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    push_escaped(&mut html, text);
    html
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            // This occurs only within a list item.
            '\n' => html.push_str("<br>"),
            c => html.push(c),
        }
    }
}
