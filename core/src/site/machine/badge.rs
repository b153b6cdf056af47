//! A badge: a picture for a README, and its data for shields.io.

use super::json::{json, object};
use super::xml::Xml;
use crate::incident::model::Impact;

/// The longest label and message, in characters.
const CHARS_MAX: usize = 60;
/// The space on each side of a text, in tenths of a pixel.
const SPACE: u32 = 60;

pub(super) struct Badge<'a> {
    pub label: &'a str,
    /// The status in words.
    pub message: &'a str,
    /// The status, for the colour.
    pub impact: Option<Impact>,
    /// The language of both texts.
    pub language: &'a str,
}

impl Badge<'_> {
    /// White text on coloured ground, so that it is readable on light and dark pages: every colour
    /// has a contrast of at least 4.5.
    pub(super) fn svg(&self) -> String {
        let (label, message) = (shortened(self.label), shortened(self.message));
        let (label_width, message_width) = (width(&label), width(&message));
        let label_end = label_width + 2 * SPACE;
        let all = label_end + message_width + 2 * SPACE;
        let said = format!("{label}: {message}");
        let view = format!("0 0 {} 20", pixels(all));
        let ground = format!("M3 0H{0}V20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z", pixels(label_end));
        let mut xml = Xml::part();
        xml.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("width", &pixels(all)),
                ("height", "20"),
                ("viewBox", &view),
                ("role", "img"),
                ("aria-label", &said),
                ("xml:lang", self.language),
            ],
        );
        xml.leaf("title", &[], &said);
        let colour = format!("#{}", colour(self.impact));
        let size = [("width", &*pixels(all)), ("height", "20"), ("rx", "3"), ("fill", &*colour)];
        xml.empty("rect", &size);
        xml.empty("path", &[("d", &ground), ("fill", "#444")]);
        let font = "Verdana,Geneva,DejaVu Sans,sans-serif";
        let style = [("fill", "#fff"), ("text-anchor", "middle"), ("font-size", "11")];
        xml.open("g", &[style[0], style[1], style[2], ("font-family", font)]);
        let texts = [
            (label, label_end / 2, label_width),
            (message, u32::midpoint(label_end, all), message_width),
        ];
        for (text, middle, length) in texts {
            // Fixes the length, because fonts differ.
            let length = [("textLength", &*pixels(length)), ("lengthAdjust", "spacingAndGlyphs")];
            xml.leaf("text", &[("x", &pixels(middle)), ("y", "14"), length[0], length[1]], &text);
        }
        xml.close("g");
        xml.close("svg");
        xml.finish()
    }

    /// The data for shields.io's endpoint badge.
    pub(super) fn json(&self) -> String {
        object(&[
            ("schemaVersion", "1"),
            ("label", &json(&shortened(self.label))),
            ("message", &json(&shortened(self.message))),
            ("color", &json(&colour(self.impact))),
        ])
    }
}

fn colour(impact: Option<Impact>) -> &'static str {
    match impact {
        None => "1a7f37",
        Some(Impact::Maintenance) => "0b5cad",
        Some(Impact::Minor) => "9a6700",
        Some(Impact::Major | Impact::Critical) => "c0262d",
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(CHARS_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}

/// The approximate width in Verdana at 11 pixels, in tenths of a pixel.
fn width(text: &str) -> u32 {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | 'I' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 35,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 45,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 105,
        'A'..='Z' => 78,
        // Combining characters and joiners.
        '\u{300}'..='\u{36f}' | '\u{200c}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        // Ideographs, Hangul and emoji.
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f000}'.. => 115,
        _ => 68,
    }
}

fn pixels(tenths: u32) -> String {
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}
