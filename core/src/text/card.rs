//! Adaptive Cards: lines of text and buttons. The one builder of them; nothing in a card is Markdown.

use serde_json::{Value, json};

use super::without_mentions;

/// The attachment type of a card.
pub const CARD_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// A colour, which is never the only sign: the words say it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    #[default]
    Neutral,
    /// It got better, or is over.
    Good,
    /// Something is due, or of lesser impact.
    Warning,
    /// Something is wrong.
    Attention,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    Words(String),
    /// Shown in a monospaced font, so that it can be told apart and copied.
    Command(String),
}

/// A line of plain text with commands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<Run>);

impl Line {
    /// A line of words alone, whatever characters are in them.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Run::Words(words.into())])
    }

    /// A line of this program's own words, in which back quotes hold commands.
    #[must_use]
    pub fn with_commands(text: &str) -> Self {
        let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
        let run = |(place, part): (usize, &str)| match place % 2 {
            0 => Run::Words(part.to_owned()),
            _ => Run::Command(part.to_owned()),
        };
        Self(parts.map(run).collect())
    }

    /// The same with a command behind it.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.0.push(Run::Command(command.into()));
        self
    }

    /// As plain text, with commands in back quotes.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let plain = |run: &Run| match run {
            Run::Words(words) => words.clone(),
            Run::Command(command) => format!("`{command}`"),
        };
        self.0.iter().map(plain).collect()
    }
}

/// Style of a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Its colour; `None` is that of other text.
    pub tone: Option<Tone>,
    pub is_bold: bool,
    pub is_small: bool,
    /// Has a gap above it.
    pub is_apart: bool,
}

/// A line as an element of a card.
#[must_use]
pub fn block(line: &Line, look: Look) -> Value {
    let run = |run: &Run| {
        let (text, font) = match run {
            Run::Words(text) => (text, "Default"),
            Run::Command(text) => (text, "Monospace"),
        };
        json!({
            "type": "TextRun",
            "text": without_mentions(text),
            "fontType": font,
            "weight": if look.is_bold { "Bolder" } else { "Default" },
            "size": if look.is_small { "Small" } else { "Default" },
            "color": colour(look.tone),
        })
    };
    json!({
        "type": "RichTextBlock",
        "spacing": if look.is_apart { "Small" } else { "None" },
        "inlines": line.0.iter().map(run).collect::<Vec<_>>(),
    })
}

/// Lines on the colour of a warning.
#[must_use]
pub fn warning(lines: &[Line]) -> Value {
    let look = Look { is_bold: true, ..Look::default() };
    let items: Vec<Value> = lines.iter().map(|line| block(line, look)).collect();
    json!({ "type": "Container", "style": "warning", "bleed": true, "items": items })
}

fn colour(tone: Option<Tone>) -> &'static str {
    match tone {
        None => "Default",
        Some(Tone::Neutral) => "Accent",
        Some(Tone::Good) => "Good",
        Some(Tone::Warning) => "Warning",
        Some(Tone::Attention) => "Attention",
    }
}

/// A card of version 1.4: its elements, and its links as buttons.
#[must_use]
pub fn card(body: &[Value], links: &[(String, String)]) -> Value {
    let button = |(title, url): &(String, String)| json!({ "type": "Action.OpenUrl", "title": without_mentions(title), "url": url });
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": links.iter().map(button).collect::<Vec<_>>(),
    })
}
