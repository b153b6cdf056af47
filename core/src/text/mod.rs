//! Text written by people, as data: lines of styled spans and nothing else.
//!
//! Formatting is stored as a closed set of flags, not as markup, so nothing in a stored text can
//! become an element, an attribute or a script. Every output format is generated from this.

pub mod calendar;
pub mod card;
pub mod html;
pub mod lookalike;
pub mod markdown;
pub mod markup;
mod names;
pub mod time;
mod visible;

use serde::{Deserialize, Serialize};

use super::sealed::{Erasable, REMOVED, Sealed};

/// The text with its first letter in upper case.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A cleaned text. It has no control characters, no invisible characters that reorder or hide
/// others, and no blank line at either end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sealed<Vec<Line>>", into = "Sealed<Vec<Line>>")]
pub struct Text {
    lines: Vec<Line>,
}

impl From<Text> for Sealed<Vec<Line>> {
    fn from(text: Text) -> Self {
        Self::Sealed(text.lines)
    }
}

impl From<Sealed<Vec<Line>>> for Text {
    fn from(sealed: Sealed<Vec<Line>>) -> Self {
        match sealed {
            Sealed::Sealed(lines) => Self { lines },
            Sealed::Erased(()) => Self::erased(),
        }
    }
}

impl Erasable for Text {
    /// Not empty, so that decisions that depend on whether there is a text stay the same.
    fn erased() -> Self {
        Self::plain(REMOVED)
    }
}

/// One line as typed. A list item is one line, together with the line breaks in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    #[serde(default, skip_serializing_if = "LineKind::is_plain")]
    pub kind: LineKind,
    pub spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Running text.
    #[default]
    Plain,
    /// An item of a bulleted list.
    Bullet,
    /// An item of a numbered list.
    Numbered,
    /// A line of preformatted text, which keeps its spaces.
    Code,
}

impl LineKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it by reference")]
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// A run of characters in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub text: String,
    #[serde(flatten)]
    pub style: Style,
}

/// Formatting that the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Style {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// Code within a line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub code: bool,
    /// Target of a link, which satisfies [`is_safe_link`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Set for the name of a mentioned person: a number that distinguishes the people in the
    /// message. It is never stored.
    #[serde(skip)]
    pub person: Option<usize>,
}

/// Returns `true` if the page may show the link: it has a web or mail address, and nothing that
/// runs code.
#[must_use]
pub fn is_safe_link(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http" | "mailto"))
        && target.chars().all(|c| clean_char(c) == Some(c) && c != ' ')
        && target.len() <= LINK_BYTES_MAX
}

/// Maximum length of a link, in bytes.
pub const LINK_BYTES_MAX: usize = 2_000;

/// Maximum length of the name of a person, a channel or a bot, in characters.
pub const NAME_CHARS_MAX: usize = 100;

/// Replacement for a character: itself, a space or nothing.
///
/// Control characters, zero-width fillers, and bidirectional overrides, embeddings and isolates are
/// removed (Unicode TR 36, section 3.1). Joiners and the two direction marks are kept, because
/// emoji and right-to-left languages need them.
fn clean_char(c: char) -> Option<char> {
    match c {
        '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}'
        | '\t' => Some(' '),
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Returns `true` for a character that is kept but invisible by itself.
fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200c}'..='\u{200f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Changes a text so that Teams finds no mention in it. Teams searches every text of a card for
/// mentions.
#[must_use]
pub fn without_mentions(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (index, c) in text.char_indices() {
        let behind = text.get(index + 1..).unwrap_or_default().trim_start_matches('/');
        let is_tag = behind.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("at"));
        safe.push(if c == '<' && is_tag { '‹' } else { c });
    }
    safe
}

/// Cleans a name: one line, single spaces, at most [`NAME_CHARS_MAX`] characters.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let name: String = name
        .chars()
        .filter_map(|c| if c.is_whitespace() { Some(' ') } else { clean_char(c) })
        .collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").chars().take(NAME_CHARS_MAX).collect()
}

impl Text {
    /// Text without formatting. Line breaks separate lines.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut builder = Builder::default();
        builder.push(text, &Style::default());
        builder.finish()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns `true` if a reader sees anything, other than characters that only join, fill or
    /// steer others.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.to_plain().chars().any(|c| !c.is_whitespace() && !is_blank(c))
    }

    /// Size in bytes, including each use of a link.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let spans = self.lines.iter().flat_map(|line| &line.spans);
        spans.map(|span| span.text.len() + span.style.link.as_ref().map_or(0, String::len)).sum()
    }

    /// An empty line separates paragraphs.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Number of characters, including line breaks.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.to_plain().chars().count()
    }

    /// Text without formatting, with lines separated by `\n`.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::to_plain).collect();
        lines.join("\n")
    }

    /// The text after the first `bytes` bytes of [`Text::to_plain`], without leading space.
    #[must_use]
    pub fn after(&self, bytes: usize) -> Self {
        let mut builder = Builder::default();
        let mut skip = bytes;
        for (index, line) in self.lines.iter().enumerate() {
            if index > 0 {
                builder.line(line.kind);
                skip = skip.saturating_sub(1);
            } else {
                builder.kind(line.kind);
            }
            for span in &line.spans {
                let cut = skip.min(span.text.len());
                skip -= cut;
                builder.push(span.text.get(cut..).unwrap_or_default(), &span.style);
            }
        }
        builder.finish()
    }

    /// The first `bytes` bytes of [`Text::to_plain`], without trailing space.
    #[must_use]
    pub fn before(&self, bytes: usize) -> Self {
        let mut builder = Builder::default();
        let mut left = bytes;
        for (index, line) in self.lines.iter().enumerate() {
            if index == 0 {
                builder.kind(line.kind);
            } else if left > 0 {
                builder.line(line.kind);
                left -= 1;
            }
            for span in &line.spans {
                let kept = left.min(span.text.len());
                left -= kept;
                builder.push(span.text.get(..kept).unwrap_or_default(), &span.style);
            }
        }
        builder.finish()
    }
}

impl Line {
    /// Text of the line without formatting.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.text.trim().is_empty())
    }

    /// Removes the space at both ends. A line of code keeps its indentation.
    fn trim(&mut self) {
        let wordy = |span: &Span| !span.text.trim().is_empty();
        let end = self.spans.iter().rposition(wordy).map_or(0, |last| last + 1);
        self.spans.truncate(end);
        if let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
        }
        if self.kind == LineKind::Code {
            return;
        }
        let start = self.spans.iter().position(wordy).unwrap_or(0);
        self.spans.drain(..start);
        if let Some(first) = self.spans.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
    }
}

/// Builds a [`Text`] from pieces and cleans them.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    done: Vec<Line>,
    line: Line,
}

impl Builder {
    /// Adds characters in one style. Each line break in them acts like [`Builder::line_break`].
    pub fn push(&mut self, text: &str, style: &Style) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (index, part) in text.split(is_line_break).enumerate() {
            if index > 0 {
                self.line_break();
            }
            self.push_part(part, style);
        }
    }

    fn push_part(&mut self, part: &str, style: &Style) {
        let verbatim = style.code || self.line.kind == LineKind::Code;
        let mut at_space = !verbatim && self.ends_in_space();
        let mut text = String::with_capacity(part.len());
        for c in part.chars().filter_map(clean_char) {
            if c == ' ' && at_space {
                continue;
            }
            at_space = c == ' ' && !verbatim;
            text.push(c);
        }
        if text.is_empty() {
            return;
        }
        match self.line.spans.last_mut() {
            Some(last) if last.style == *style => last.text.push_str(&text),
            _ => self.line.spans.push(Span { text, style: style.clone() }),
        }
    }

    fn ends_in_space(&self) -> bool {
        self.line.spans.last().is_some_and(|span| span.text.ends_with([' ', '\n']))
    }

    /// Ends the current line and begins one of this kind.
    pub fn line(&mut self, kind: LineKind) {
        let line = std::mem::replace(&mut self.line, Line { kind, spans: Vec::new() });
        self.done.push(line);
    }

    /// Breaks the line within its block. Preformatted text continues on a new line; a list item
    /// continues with the line break among its characters.
    pub fn line_break(&mut self) {
        match (self.line.kind, self.line.spans.last_mut()) {
            (LineKind::Bullet | LineKind::Numbered, Some(last)) => last.text.push('\n'),
            (LineKind::Bullet | LineKind::Numbered, None) => {}
            (kind, _) => self.line(kind),
        }
    }

    /// Begins a line of this kind. An empty current line is changed to this kind instead.
    pub fn block(&mut self, kind: LineKind) {
        if self.line.spans.is_empty() {
            self.line.kind = kind;
        } else {
            self.line(kind);
        }
    }

    /// Changes the kind of the current line.
    pub fn kind(&mut self, kind: LineKind) {
        self.line.kind = kind;
    }

    /// Number of bytes of [`Text::to_plain`] so far, without trailing space. Adding more text does
    /// not change this part.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.clone().finish().to_plain().len()
    }

    /// Removes blank lines at both ends, and all but one of several blank lines in a row.
    #[must_use]
    pub fn finish(mut self) -> Text {
        self.line(LineKind::Plain);
        let mut lines: Vec<Line> = Vec::with_capacity(self.done.len());
        for mut line in self.done {
            if line.is_blank() {
                if lines.last().is_some_and(|last| !last.spans.is_empty()) {
                    lines.push(Line { kind: line.kind, spans: Vec::new() });
                }
                continue;
            }
            line.trim();
            lines.push(line);
        }
        if lines.last().is_some_and(|last| last.spans.is_empty()) {
            lines.pop();
        }
        Text { lines }
    }
}
