//! The options of a line as they were typed. A refusal repeats them in the lines that it offers, so
//! that nobody has to type them again; only the text of a public verb becomes a placeholder.

use super::numbers::leading;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::words;
use crate::incident::model::Number;

const TEXT: &str = "<text>";
/// Words in front of a title that say where it may be read.
const HIDING: [&str; 9] = [
    "internal",
    "internally",
    "private",
    "confidential",
    "restricted",
    "hidden",
    "security",
    "drill",
    "public",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionKind {
    Stage,
    Impact,
    Severity,
    Components,
    /// `next 30m`, in front of the text.
    Promise,
    /// The same at the end of the text.
    PromiseAtEnd,
    /// An option of one verb, such as a time.
    Own,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedOptions(Vec<(OptionKind, String)>);

impl TypedOptions {
    pub(crate) fn push(&mut self, kind: OptionKind, typed: &str) {
        let words = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        match (kind, words.as_str()) {
            // "to" in "downgrade to minor" is no option by itself.
            (_, "" | "to") => {}
            (OptionKind::Components, _) => {
                let names = words.trim_end_matches([':', '-', '–', '—', ' ']);
                self.0.push((kind, format!("{names}:")));
            }
            // In front of the others, as in help.
            (_, "another") => self.0.insert(0, (kind, words)),
            _ => self.0.push((kind, words)),
        }
    }

    /// The components with the place of the text, for a line of a different verb.
    pub(crate) fn components(&self) -> String {
        let on = self.0.iter().find(|(kind, _)| *kind == OptionKind::Components);
        on.map_or(TEXT.to_owned(), |(_, on)| format!("{on} {TEXT}"))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The options with the place of the text, as they stand after an incident's number.
    pub(crate) fn rest(&self, has_text: bool) -> String {
        self.with("", if has_text { TEXT } else { "" })
    }

    /// A refusal whose lines of this verb have the number and the options that were typed.
    pub(crate) fn kept(&self, verb: &str, number: Option<Number>, refusal: Refusal) -> Refusal {
        refusal.with_lines(|line| Some(self.kept_in(verb, number, line)))
    }

    fn kept_in(&self, verb: &str, number: Option<Number>, line: &str) -> String {
        let line = numbered(verb, number, line);
        let Some(behind) = behind_verb(verb, &line) else { return line };
        let place = behind.trim_start();
        let taken = if place.starts_with("#<n>") {
            "#<n>".len()
        } else {
            leading(place, false).map_or(0, |named| named.bytes)
        };
        let (place, rest) = place.split_at(taken);
        let (own, text) = rest.split_at(rest.find(TEXT).unwrap_or(rest.len()));
        format!("{verb} {} {}", place.trim(), self.with(own.trim(), text))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The words of an offered line between those that were typed and that it lacks.
    fn with(&self, own: &str, text: &str) -> String {
        let lacking = || self.0.iter().filter(|(kind, typed)| !has(own, *kind, typed));
        let is_last = |(kind, typed): &&(OptionKind, String)| {
            *kind == OptionKind::Components || typed.ends_with(':')
        };
        let is_at_end = |(kind, _): &&(OptionKind, String)| *kind == OptionKind::PromiseAtEnd;
        let first = lacking().filter(|option| !is_last(option) && !is_at_end(option));
        let last = lacking().filter(|option| is_last(option) && !is_at_end(option));
        let end = lacking().filter(is_at_end);
        let words = |(_, typed): &(OptionKind, String)| typed.clone();
        let (another, own) = match own.strip_prefix("another") {
            Some(own) => ("another", own.trim_start()),
            None => ("", own),
        };
        let before = [another.to_owned()].into_iter().chain(first.map(words));
        let before = before.chain([own.to_owned()]).chain(last.map(words));
        let before: Vec<String> = before.filter(|words| !words.is_empty()).collect();
        let before = before.join(" ");
        // Nothing follows a colon without a text.
        let before = if text.is_empty() { before.trim_end_matches(':') } else { &before };
        let behind = end.map(words);
        let all = [before.to_owned(), text.to_owned()].into_iter().chain(behind);
        all.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// True if an offered line says something of that kind itself, or cannot have the option.
fn has(own: &str, kind: OptionKind, typed: &str) -> bool {
    let mut words = own.split_whitespace().map(without_closing);
    let is_off_page = |word: &str| matches!(word, "internal" | "drill");
    match kind {
        OptionKind::Stage => words.any(|word| words::stage(word).is_some()),
        // Only an incident on the page has an impact.
        OptionKind::Impact => words
            .any(|word| word == "<impact>" || is_off_page(word) || words::impact(word).is_some()),
        OptionKind::Severity => words.any(|word| word.starts_with("sev")),
        OptionKind::Components => words.any(|word| word == "on"),
        OptionKind::Promise | OptionKind::PromiseAtEnd => words.any(|word| word == "next"),
        OptionKind::Own => {
            let is_time = typed.contains(|c: char| c.is_ascii_digit());
            let first = typed.split_whitespace().next().map_or("", without_closing);
            let hides = HIDING.iter().any(|word| word.eq_ignore_ascii_case(first));
            own.contains("<time>") && is_time
                || own.contains(without_closing(typed))
                || hides && words.any(is_off_page)
        }
    }
}

/// The rest of an offered line that begins with the verb.
fn behind_verb<'a>(verb: &str, line: &'a str) -> Option<&'a str> {
    let rest = line.strip_prefix(verb)?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// An offered line with the number that was typed, if it begins with the same verb.
pub(crate) fn numbered(verb: &str, number: Option<Number>, line: &str) -> String {
    let first = verb.split(' ').next().unwrap_or_default();
    let (Some(rest), Some(number)) = (behind_verb(first, line), number) else {
        return line.to_owned();
    };
    if rest.contains("#<n>") {
        return line.replacen("#<n>", &format!("#{number}"), 1);
    }
    if rest.contains('#') {
        return line.to_owned();
    }
    format!("{first} #{number}{rest}")
}
