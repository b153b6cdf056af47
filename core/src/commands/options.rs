//! Options and texts that the public verbs share: number, stage, impact, components, and the
//! promise of the next update.

use jiff::SignedDuration;

use super::components::components;
use super::line::Line;
use super::misread::{missing_text, text_too_long, too_much_formatting};
use super::numbers::several;
use super::published::check_published;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::target::Target;
use super::typed_options::{OptionKind, TypedOptions};
use super::usage::Usage;
use super::words;
use crate::config::Config;
use crate::incident::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::incident::severity::Severity;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::read_length;
use crate::text::{Text, clean_name};

/// The end of a sentence or line.
const SEPARATORS: [char; 11] = ['.', '!', '?', ')', ',', ';', ':', '-', '–', '—', '…'];
/// Signs that only separate a promise from the text before it.
const LOOSE: [char; 8] = [' ', '\n', ',', ';', ':', '-', '–', '—'];
/// Words after which "next" continues the sentence.
const IN_A_SENTENCE: [&str; 14] = [
    "the", "our", "your", "its", "their", "a", "this", "in", "within", "for", "over", "and", "of",
    "until",
];

/// An option that a verb accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Number,
    Stage,
    Impact,
    /// An impact that the verb requires.
    ImpactNeeded,
    /// An impact that a colon or a number separates from the text.
    ImpactMarked,
    Severity,
    /// `on <name>, <name>:`.
    Components,
    /// `next 30m`, in front of the text or at its end.
    Promise,
    /// No text at all.
    Silence,
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) number: Option<Number>,
    /// True if the number has no `#`, so that it could be part of the text.
    is_bare: bool,
    pub(crate) severity: Option<Severity>,
    pub(crate) stage: Option<Stage>,
    pub(crate) impact: Option<Impact>,
    pub(crate) components: Option<Vec<String>>,
    pub(crate) next: Option<SignedDuration>,
    /// All but the number.
    pub(crate) typed: TypedOptions,
}

/// Reads the options and text of a public verb. `more` takes the verb's own options and returns
/// their number of words.
///
/// # Errors
/// An option or the text is missing or wrong.
pub(crate) fn read(
    line: &mut Line,
    allowed: &[Takes],
    more: impl FnMut(&str) -> Result<Option<usize>, Refusal>,
) -> Result<(Options, Text), Refusal> {
    // The verb itself may be the stage.
    let stage = words::stage(line.word).filter(|_| allowed.contains(&Takes::Stage));
    let mut options = Options { stage, ..Options::default() };
    if stage.is_some() {
        options.typed.push(OptionKind::Stage, line.word);
    }
    match options.read_all(line, allowed, more) {
        Ok(text) => Ok((options, text)),
        Err(refusal) => Err(options.kept(line.usage, refusal)),
    }
}

/// Checks the size of a text for the page.
///
/// # Errors
/// The text is too long, or has too much formatting.
pub(crate) fn check_size(text: &Text) -> Result<(), Refusal> {
    let chars = text.to_plain().chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(text_too_long(chars));
    }
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(too_much_formatting());
    }
    Ok(())
}

/// Takes `on <name>, <name>:`, if present.
pub(crate) fn take_components(
    reader: &mut Reader,
    config: &Config,
    usage: &Usage,
) -> Result<Option<Vec<String>>, Refusal> {
    let Some((components, end)) = components(reader.rest(), config, usage)? else {
        return Ok(None);
    };
    reader.at += end;
    Ok(Some(components))
}

impl Options {
    /// A refusal that repeats these options in the lines that it offers.
    pub(crate) fn kept(&self, usage: &Usage, refusal: Refusal) -> Refusal {
        self.typed.kept(usage.name(), self.number, refusal)
    }

    /// Reads the options, then the text.
    fn read_all(
        &mut self,
        line: &mut Line,
        allowed: &[Takes],
        more: impl FnMut(&str) -> Result<Option<usize>, Refusal>,
    ) -> Result<Text, Refusal> {
        self.read(line, allowed, more)?;
        let text = self.take_promise(allowed, line.text())?;
        check_size(&text)?;
        let may_be_silent =
            allowed.contains(&Takes::Silence) || self.stage == Some(Stage::Resolved);
        if !(text.is_visible() || text.is_empty() && may_be_silent) {
            return Err(self.no_text(line.usage.name()));
        }
        if allowed.contains(&Takes::Number) {
            check_published(line.usage, self.number, &text.to_plain(), line.config)?;
        }
        Ok(text)
    }

    /// Reads options, each kind once, in any order.
    fn read(
        &mut self,
        line: &mut Line,
        allowed: &[Takes],
        mut more: impl FnMut(&str) -> Result<Option<usize>, Refusal>,
    ) -> Result<(), Refusal> {
        let (usage, reader, config) = (line.usage, &mut line.reader, line.config);
        let needs_impact = allowed.contains(&Takes::ImpactNeeded);
        while let Some(word) = reader.peek_word() {
            let before = reader.at;
            let is_closed = if self.take_number(reader, allowed, usage)? {
                reader.rest().is_empty() || reader.ends_in_colon()
            } else {
                let taken = if let Some(kind) = self.take_word(allowed, without_closing(word)) {
                    Some((kind, 1))
                } else if let Some(taken) = self.take_severity(allowed, reader.rest())? {
                    Some((OptionKind::Severity, taken))
                } else if let Some(taken) = self.take_marked_impact(reader, allowed, usage)? {
                    Some((OptionKind::Impact, taken))
                } else if let Some(taken) = more(reader.rest())? {
                    Some((OptionKind::Own, taken))
                } else {
                    let taken = self.take_promised(allowed, reader.rest());
                    taken.map(|taken| (OptionKind::Promise, taken))
                };
                let Some((kind, taken)) = taken else {
                    if allowed.contains(&Takes::Components) {
                        self.components = take_components(reader, config, usage)?;
                        self.typed.push(OptionKind::Components, reader.read_since(before));
                    }
                    let before = reader.at;
                    if self.components.is_some()
                        && let Some(taken) = self.take_severity(allowed, reader.rest())?
                    {
                        reader.skip_words(taken);
                        self.typed.push(OptionKind::Severity, reader.read_since(before));
                    }
                    break;
                };
                let is_closed = reader.skip_words(taken);
                self.typed.push(kind, reader.read_since(before));
                is_closed
            };
            if is_closed && !(needs_impact && self.impact.is_none()) {
                break;
            }
        }
        if needs_impact && self.impact.is_none() {
            return Err(self.no_impact(reader));
        }
        Ok(())
    }

    fn take_number(
        &mut self,
        reader: &mut Reader,
        allowed: &[Takes],
        usage: &Usage,
    ) -> Result<bool, Refusal> {
        if !allowed.contains(&Takes::Number) || self.number.is_some() {
            return Ok(false);
        }
        let Some(first) = reader.take_number(true) else { return Ok(false) };
        let (more, behind) = reader.further_numbers(first);
        if !more.is_empty() {
            let numbers: Vec<Number> = [first.number].into_iter().chain(more).collect();
            let may_be_silent = allowed.contains(&Takes::Silence);
            let is_silent = may_be_silent && behind.trim().is_empty();
            let text = if is_silent || self.typed.is_empty() { "" } else { "<text>" };
            return Err(several(usage.name(), &numbers, text));
        }
        (self.number, self.is_bare) = (Some(first.number), first.is_bare);
        Ok(true)
    }

    fn take_severity(&mut self, allowed: &[Takes], rest: &str) -> Result<Option<usize>, Refusal> {
        if !allowed.contains(&Takes::Severity) || self.severity.is_some() {
            return Ok(None);
        }
        let Some((severity, taken)) = words::severity(rest)? else { return Ok(None) };
        self.severity = Some(severity);
        Ok(Some(taken))
    }

    /// Takes an impact before a colon or next to a number. Asks about other ones.
    fn take_marked_impact(
        &mut self,
        reader: &Reader,
        allowed: &[Takes],
        usage: &Usage,
    ) -> Result<Option<usize>, Refusal> {
        let Some(typed) = reader.peek_word().filter(|_| allowed.contains(&Takes::ImpactMarked))
        else {
            return Ok(None);
        };
        let impact = words::impact(without_closing(typed)).filter(|_| self.impact.is_none());
        let Some(impact) = impact else { return Ok(None) };
        let mut ahead = Reader::new(reader.after_word());
        let is_marked = typed.ends_with(':')
            || self.number.is_some()
            || ahead.rest().trim().is_empty()
            || ahead.take_number(true).is_some();
        if !is_marked {
            let (verb, word) = (usage.name(), impact.word());
            return Err(Refusal::new(format!(
                "“{word}” could be the impact or the first word of the text. Nothing was \
                 published. To change the impact:"
            ))
            .line(format!("{verb} {word}: <text>"))
            .offer("To keep it, begin with a different word:", format!("{verb} <text>")));
        }
        self.impact = Some(impact);
        Ok(Some(1))
    }

    /// The refusal where the text is missing.
    fn no_text(&self, verb: &str) -> Refusal {
        match self.impact {
            Some(impact) if verb == "update" => {
                missing_text(&format!("{verb} {}: <text>", impact.word())).offer_about(
                    "To change the impact without a text:",
                    "impact",
                    self.number,
                    impact.word(),
                )
            }
            _ if verb == "reopen" => missing_text("reopen #<n> <text>"),
            _ => match self.severity.filter(|_| verb == "update") {
                Some(severity) => missing_text("update <text>").offer_about(
                    "To set the severity without a text:",
                    "sev",
                    self.number,
                    &severity.number().to_string(),
                ),
                None => missing_text(&format!("{verb} <text>")),
            },
        }
    }

    fn take_word(&mut self, allowed: &[Takes], word: &str) -> Option<OptionKind> {
        let takes_impact =
            allowed.contains(&Takes::Impact) || allowed.contains(&Takes::ImpactNeeded);
        if takes_impact && self.impact.is_none() && words::impact(word).is_some() {
            self.impact = words::impact(word);
            return Some(OptionKind::Impact);
        }
        if allowed.contains(&Takes::Stage) && self.stage.is_none() && words::stage(word).is_some() {
            self.stage = words::stage(word);
            return Some(OptionKind::Stage);
        }
        None
    }

    /// Refuses a missing impact. Digits may be a number without its `#`, or a severity.
    fn no_impact(&self, reader: &Reader) -> Refusal {
        let word = reader.peek_word().map(without_closing);
        let digits = word.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let nearest = word.and_then(words::nearest_impact);
        if self.number.is_none()
            && let Some(digits) = digits
        {
            let mut behind = reader.rest().split_whitespace().skip(1);
            let impact = behind.next().and_then(|word| words::impact(without_closing(word)));
            if let Some(impact) = impact {
                return Refusal::new("An incident's number has a `#`. Nothing was changed. Type:")
                    .line(format!("impact #{digits} {}", impact.word()));
            }
            return Refusal::new(format!(
                "“{digits}” could be an incident's number or a severity. Nothing was changed. For \
                 that incident:"
            ))
            .line(format!("impact #{digits} <impact>"))
            .offer("The severity:", format!("sev {digits}"))
            .offer("The impact:", "impact <impact>");
        }
        let what = match word {
            Some(word) => format!("“{}” is not an impact", escape(&excerpt(&clean_name(word)))),
            None => "The impact is missing".to_owned(),
        };
        let remedy = match nearest {
            Some(_) => "Did you mean",
            None => "Choose minor, major or critical:",
        };
        let impact = nearest.map_or("<impact>", Impact::word);
        Refusal::new(format!("{what}. Nothing was changed. {remedy}")).line_about(
            "impact",
            self.number,
            impact,
        )
    }

    /// True if a next update can be promised.
    fn may_promise(&self, allowed: &[Takes]) -> bool {
        allowed.contains(&Takes::Promise)
            && self.next.is_none()
            && self.stage != Some(Stage::Resolved)
    }

    /// Takes `next 30m` in front of the text, or `next 2 hours:`, and returns its number of words.
    fn take_promised(&mut self, allowed: &[Takes], rest: &str) -> Option<usize> {
        let words: Vec<&str> = rest.split_whitespace().take(3).collect();
        let (first, length) = words.split_first()?;
        if !self.may_promise(allowed) || !first.eq_ignore_ascii_case("next") {
            return None;
        }
        let (next, taken) = read_length(length)?;
        // "next 5 days of orders are late" is the text, not a promise.
        let is_clear = taken == 1 || words.get(taken).is_some_and(|word| word.ends_with(':'));
        is_clear.then(|| {
            self.next = Some(next);
            taken + 1
        })
    }

    /// Removes `next 30m` from the end of the text, unless it could be part of a sentence such as
    /// "back in the next 2 hours".
    fn take_promise(&mut self, allowed: &[Takes], text: Text) -> Result<Text, Refusal> {
        let plain = text.to_plain();
        let line = plain.lines().next_back().unwrap_or_default();
        let Some(place) = line.to_ascii_lowercase().rfind("next ") else {
            return Ok(text);
        };
        let (before, end) = line.split_at(place);
        let words: Vec<&str> = end.split_whitespace().skip(1).collect();
        let digits =
            words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        if !self.may_promise(allowed) || !digits || words.len() > 2 || is_in_a_sentence(before) {
            return Ok(text);
        }
        let separated = before.trim_end().is_empty() || before.trim_end().ends_with(SEPARATORS);
        match read_length(&words) {
            Some((next, taken)) if taken == words.len() && (taken == 1 || separated) => {
                self.next = Some(next);
                self.typed.push(OptionKind::PromiseAtEnd, end);
                let kept = plain.get(..plain.len() - line.len() + place).unwrap_or_default();
                Ok(text.before(kept.trim_end_matches(LOOSE).len()))
            }
            None if words.len() == 1 => Err(Refusal::new(format!(
                "“{}” isn't a length of time, so nothing was done. Type minutes or hours, such as \
                 `next 30m` or `next 2h`.",
                escape(&clean_name(end))
            ))),
            _ => Ok(text),
        }
    }

    /// The incident, with the rest of a line to copy.
    pub(crate) fn target(&self, usage: &'static Usage, text: &Text) -> Target {
        // `update resolved` closes; its other options are not those of `close`.
        let is_other = self.stage == Some(Stage::Resolved);
        let none = TypedOptions::default();
        let typed = if is_other { &none } else { &self.typed };
        let rest = typed.rest(!text.is_empty());
        let (verb, number, is_bare) = (usage.name(), self.number, self.is_bare);
        Target { usage, verb, number, is_bare, rest }
    }
}

/// True if the words before "next" begin its sentence.
fn is_in_a_sentence(before: &str) -> bool {
    let glued = !before.is_empty() && !before.ends_with(char::is_whitespace);
    let word = before.split_whitespace().next_back().unwrap_or_default();
    glued || IN_A_SENTENCE.iter().any(|known| known.eq_ignore_ascii_case(word))
}
