//! Options and texts that the public verbs share: number, stage, impact, components, and the
//! promise of the next update.

use jiff::SignedDuration;

use super::components::components;
use super::line::Line;
use super::lines::on_components;
use super::misread::{missing_text, text_too_long, too_much_formatting};
use super::numbers::several;
use super::private_words::off_page;
use super::published::check_published;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::target::Target;
use super::usage::Usage;
use super::words;
use crate::config::Config;
use crate::incident::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::incident::severity::Severity;
use crate::response::model::Visibility;
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
    options.read(line, allowed, more)?;
    let text = options.take_promise(allowed, line.text())?;
    check_size(&text)?;
    let may_be_silent = allowed.contains(&Takes::Silence) || options.stage == Some(Stage::Resolved);
    if !(text.is_visible() || text.is_empty() && may_be_silent) {
        let plain = line.said.text.to_plain();
        let typed = plain.get(..line.reader.at).unwrap_or_default();
        return Err(options.no_text(line.usage.name(), off_page(typed, line.config)));
    }
    if allowed.contains(&Takes::Number) {
        let option = options.typed(line.config);
        let about = (options.number, option.as_str());
        check_published(line.usage, about, &text.to_plain(), line.config)?;
    }
    Ok((options, text))
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
            let is_closed = if self.take_number(reader, allowed, usage)? {
                reader.rest().is_empty() || reader.ends_in_colon()
            } else {
                let taken = if self.take_word(allowed, without_closing(word)) {
                    Some(1)
                } else if let Some(taken) = self.take_severity(allowed, reader.rest())? {
                    Some(taken)
                } else if let Some(taken) = self.take_marked_impact(reader, allowed, usage)? {
                    Some(taken)
                } else if let Some(taken) = more(reader.rest())? {
                    Some(taken)
                } else {
                    self.take_promised(allowed, reader.rest())
                };
                let Some(taken) = taken else {
                    if allowed.contains(&Takes::Components) {
                        self.components = take_components(reader, config, usage)?;
                    }
                    if self.components.is_some()
                        && let Some(taken) = self.take_severity(allowed, reader.rest())?
                    {
                        reader.skip_words(taken);
                    }
                    break;
                };
                reader.skip_words(taken)
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
        let (more, _) = reader.further_numbers(first);
        if !more.is_empty() {
            let numbers: Vec<Number> = [first.number].into_iter().chain(more).collect();
            let option = self.word().map_or(String::new(), |word| format!("{word} "));
            let text = if self.word().is_some() { "<text>" } else { "" };
            return Err(several(usage.name(), &numbers, &format!("{option}{text}")));
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
    fn no_text(&self, verb: &str, off_page: Option<Visibility>) -> Refusal {
        let number = match (self.number, off_page) {
            (Some(number), _) => format!("#{number} "),
            (None, Some(visibility)) if verb == "open" => format!("{} ", visibility.word()),
            (None, _) if verb == "reopen" => "#<n> ".to_owned(),
            _ => String::new(),
        };
        match self.impact {
            Some(impact) if verb == "update" => {
                missing_text(&format!("{verb} {number}{}: <text>", impact.word())).offer(
                    "To change the impact without a text:",
                    format!("impact {} {number}", impact.word()).trim_end(),
                )
            }
            _ => match self.severity.filter(|_| verb == "update") {
                Some(severity) => {
                    missing_text(&format!("{verb} {number}sev{} <text>", severity.number()))
                        .offer_about(
                            "To set the severity without a text:",
                            "sev",
                            self.number,
                            &severity.number().to_string(),
                        )
                }
                None => missing_text(&format!("{verb} {number}<text>")),
            },
        }
    }

    fn take_word(&mut self, allowed: &[Takes], word: &str) -> bool {
        let takes_impact =
            allowed.contains(&Takes::Impact) || allowed.contains(&Takes::ImpactNeeded);
        if takes_impact && self.impact.is_none() && words::impact(word).is_some() {
            self.impact = words::impact(word);
        } else if allowed.contains(&Takes::Stage)
            && self.stage.is_none()
            && words::stage(word).is_some()
        {
            self.stage = words::stage(word);
        } else {
            return false;
        }
        true
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

    /// All options but the number, as they are typed in front of a text.
    fn typed(&self, config: &Config) -> String {
        let severity = self.severity.map(|severity| format!("sev{} ", severity.number()));
        let words = [self.stage.map(Stage::word), self.impact.map(Impact::word)];
        let words = words.into_iter().flatten().map(|word| format!("{word} "));
        let next = self.next.map(|next| format!("next {}m ", next.as_mins()));
        let on = self.components.as_ref().map(|ids| on_components(ids, config));
        words.chain(severity).chain(next).chain(on).collect()
    }

    /// The stage or impact, as it is typed.
    fn word(&self) -> Option<&'static str> {
        self.impact.map(Impact::word).or(self.stage.map(Stage::word))
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
        let word = self.word().filter(|_| self.stage != Some(Stage::Resolved));
        let text = if text.is_empty() { "" } else { "<text>" };
        let rest = format!("{} {text}", word.unwrap_or_default()).trim().to_owned();
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
