//! What a person wrote, as data: lines of styled spans and nothing else.
//!
//! Formatting survives as closed flags, not as markup, so there is nothing in a stored text that
//! could become an element, an attribute or a script. Every output format is made from here.

pub mod calendar;
pub mod html;
pub mod lookalike;
pub mod markdown;
pub mod markup;
mod names;
pub mod time;
mod visible;

use serde::{Deserialize, Serialize};

use super::sealed::{Erasable, REMOVED, Sealed};

/// A cleaned text: no control characters, no invisible ones that reorder or hide, no line that is
/// only space at either end.
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
    /// Not empty: what was decided because something was said stays so.
    fn erased() -> Self {
        Self::plain(REMOVED)
    }
}

/// One line as it was typed; an item of a list with the line breaks in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What kind of line it is.
    #[serde(default, skip_serializing_if = "LineKind::is_plain")]
    pub kind: LineKind,
    /// Its parts, in order.
    pub spans: Vec<Span>,
}

/// How a line stands on the page.
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
    /// A line of preformatted text: its spaces count.
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
    /// The characters.
    pub text: String,
    /// The style.
    #[serde(flatten)]
    pub style: Style,
}

/// The formatting that reaches the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Style {
    /// Bold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Italic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// Code within a line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub code: bool,
    /// Where a link leads: one of [`is_safe_link`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// A mention: the name of somebody, whom this number tells from the others in the message. It is
    /// never stored: a text is recorded with the name or without.
    #[serde(skip)]
    pub person: Option<usize>,
}

/// Whether a link may stand on the page: it names a web or mail address and nothing that runs.
#[must_use]
pub fn is_safe_link(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http" | "mailto"))
        && target.chars().all(|c| clean_char(c) == Some(c) && c != ' ')
        && target.len() <= LINK_BYTES_MAX
}

/// The longest link that is kept, in bytes.
pub const LINK_BYTES_MAX: usize = 2_000;

/// The longest name of a person, channel or bot that is kept, in characters.
pub const NAME_CHARS_MAX: usize = 100;

/// What stands for a character on the page: itself, a space, or nothing.
///
/// Dropped are controls, zero-width fillers and the bidirectional overrides, embeddings and
/// isolates (Unicode TR 36, section 3.1). Joiners and the two direction marks stay: emoji and
/// right-to-left languages need them.
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

/// Whether a character that is kept shows nothing by itself.
fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200c}'..='\u{200f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text in which nobody finds a mention: Teams looks for those in every text of a card.
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

/// A one-line name: cleaned, single-spaced, at most [`NAME_CHARS_MAX`] characters.
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
    /// A text without formatting. Line breaks separate lines.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut builder = Builder::default();
        builder.push(text, &Style::default());
        builder.finish()
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether a reader sees anything: not only characters that join, fill or steer others.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.to_plain().chars().any(|c| !c.is_whitespace() && !is_blank(c))
    }

    /// How many bytes the text takes with its links, each as often as it is used.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let spans = self.lines.iter().flat_map(|line| &line.spans);
        spans.map(|span| span.text.len() + span.style.link.as_ref().map_or(0, String::len)).sum()
    }

    /// The lines, in order. An empty one separates paragraphs.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many characters there are, line breaks included.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.to_plain().chars().count()
    }

    /// The characters alone, lines separated by `\n`.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::to_plain).collect();
        lines.join("\n")
    }

    /// What is left after the first `bytes` bytes of [`Text::to_plain`], without leading space.
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

    /// The first `bytes` bytes of [`Text::to_plain`], without space at the end.
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
    /// The line's characters alone.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.text.trim().is_empty())
    }

    /// Takes the space off both ends; a line of code keeps its indentation.
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

/// Makes a [`Text`] from pieces, cleaning as it goes.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    done: Vec<Line>,
    line: Line,
}

impl Builder {
    /// Adds characters in one style, with [`Builder::line_break`] for each line break in them.
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

    /// Ends the line and begins one of this kind.
    pub fn line(&mut self, kind: LineKind) {
        let line = std::mem::replace(&mut self.line, Line { kind, spans: Vec::new() });
        self.done.push(line);
    }

    /// Breaks the line within its block: preformatted text goes on, and so does a list item, which
    /// keeps the break among its characters.
    pub fn line_break(&mut self) {
        match (self.line.kind, self.line.spans.last_mut()) {
            (LineKind::Bullet | LineKind::Numbered, Some(last)) => last.text.push('\n'),
            (LineKind::Bullet | LineKind::Numbered, None) => {}
            (kind, _) => self.line(kind),
        }
    }

    /// Begins a line of this kind, unless the current one is still empty: then that one is it.
    pub fn block(&mut self, kind: LineKind) {
        if self.line.spans.is_empty() {
            self.line.kind = kind;
        } else {
            self.line(kind);
        }
    }

    /// Changes the kind of the line that is being written.
    pub fn kind(&mut self, kind: LineKind) {
        self.line.kind = kind;
    }

    /// How many bytes of [`Text::to_plain`] what is there so far takes, without space at its end.
    /// It takes as many with whatever is added.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.clone().finish().to_plain().len()
    }

    /// The text: blank lines trimmed from both ends and never two of them in a row.
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
