//! Replaces the names of mentioned people in a text, and puts words in front of a text.

use super::{Builder, LineKind, Span, Style, Text};

impl Text {
    /// Replaces the names of mentioned people with `instead`. With `None`, the names become part of
    /// the text.
    #[must_use]
    pub fn with_names(&self, instead: Option<&str>) -> Self {
        if !self.has_names() {
            return self.clone();
        }
        let mut builder = Builder::default();
        for (index, line) in self.lines.iter().enumerate() {
            if index == 0 {
                builder.kind(line.kind);
            } else {
                builder.line(line.kind);
            }
            let mut spans = line.spans.iter().peekable();
            while let Some(span) = spans.next() {
                let style = Style { person: None, ..span.style.clone() };
                let Some(instead) = instead.filter(|_| span.style.person.is_some()) else {
                    builder.push(&span.text, &style);
                    continue;
                };
                builder.push(instead, &style);
                // One name can be spread over several mentions.
                let goes_on = |next: &&Span| next.style.person == span.style.person;
                let mut ahead = spans.clone();
                while ahead.next_if(|span| span.text.trim().is_empty()).is_some()
                    && ahead.next_if(goes_on).is_some()
                {
                    spans = ahead.clone();
                }
            }
        }
        builder.finish()
    }

    /// Returns `true` if the text mentions people.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.lines.iter().flat_map(|line| &line.spans).any(|span| span.style.person.is_some())
    }

    /// Puts `opening` in front of the first line, or on a line of its own above it if `is_line`.
    #[must_use]
    pub fn led_by(&self, opening: &str, is_line: bool) -> Self {
        let kind = self.lines.first().map_or(LineKind::Plain, |line| line.kind);
        let mut builder = Builder::default();
        builder.kind(if is_line { LineKind::Plain } else { kind });
        builder.push(opening, &Style::default());
        for (index, line) in self.lines.iter().enumerate() {
            if index > 0 || is_line {
                builder.line(line.kind);
            }
            for span in &line.spans {
                builder.push(&span.text, &span.style);
            }
        }
        builder.finish()
    }
}
