//! The options and texts that the public verbs share: a number, a stage, an impact, components, and
//! the promise of the next update.

use jiff::SignedDuration;

use super::components::components;
use super::line::Line;
use super::lines::repeated;
use super::misread::{missing_text, only_number, text_too_long, too_much_formatting, two_numbers};
use super::reader::{Reader, number, without_closing};
use super::refusal::Refusal;
use super::target::Target;
use super::usage::Usage;
use super::words;
use crate::core::config::Config;
use crate::core::incident::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::read_length;
use crate::core::text::{Text, clean_name};

/// What a sentence or a line ends with.
const SEPARATORS: [char; 11] = ['.', '!', '?', ')', ',', ';', ':', '-', '–', '—', '…'];
/// What only separated a promise from the text before it.
const LOOSE: [char; 8] = [' ', '\n', ',', ';', ':', '-', '–', '—'];
/// Words after which "next" goes on with the sentence.
const IN_A_SENTENCE: [&str; 14] = [
    "the", "our", "your", "its", "their", "a", "this", "in", "within", "for", "over", "and", "of",
    "until",
];

/// An option that a verb can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The number of an incident.
    Number,
    /// A stage.
    Stage,
    /// An impact.
    Impact,
    /// An impact, without which the verb means nothing.
    ImpactNeeded,
    /// `on <name>, <name>:`.
    Components,
    /// `next 30m`, in front of the text or at its end.
    Promise,
    /// No text at all.
    Silence,
}

/// The options that were typed.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) number: Option<Number>,
    pub(crate) stage: Option<Stage>,
    pub(crate) impact: Option<Impact>,
    pub(crate) components: Option<Vec<String>>,
    pub(crate) next: Option<SignedDuration>,
}

/// Reads the options and the text behind a public verb. `more` takes the verb's own options from
/// what is left: it gives how many words that was.
///
/// # Errors
/// A refusal that says what is needed.
pub(crate) fn read(
    line: &mut Line,
    allowed: &[Takes],
    more: impl FnMut(&str) -> Result<Option<usize>, Refusal>,
) -> Result<(Options, Text), Refusal> {
    // The verb itself may be the stage.
    let stage = words::stage(line.word).filter(|_| allowed.contains(&Takes::Stage));
    let mut options = Options { stage, ..Options::default() };
    options.read(&mut line.reader, allowed, line.config, more)?;
    let text = options.take_promise(allowed, line.text())?;
    let name = line.usage.name();
    let plain = text.to_plain();
    options.check_one_incident(name, &plain)?;
    if allowed.contains(&Takes::Number) && options.number.is_none() {
        check_bare_number(name, &plain)?;
    }
    check_size(&text)?;
    let may_be_silent = allowed.contains(&Takes::Silence) || options.stage == Some(Stage::Resolved);
    if !(text.is_visible() || text.is_empty() && may_be_silent) {
        let number = match options.number {
            Some(number) => format!("#{number} "),
            None if name == "reopen" => "#42 ".to_owned(),
            None => String::new(),
        };
        let what = if name == "open" { "what is failing" } else { "what is new" };
        return Err(missing_text(&format!("{name} {number}{what}")));
    }
    let digits = plain.trim_start_matches('#');
    if allowed.contains(&Takes::Number)
        && !plain.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        let digits: String = digits.chars().take(20).collect();
        return Err(only_number(&digits, &options.numbered(name, &digits)));
    }
    Ok((options, text))
}

/// A number in front of a text for the page may be an incident's.
fn check_bare_number(verb: &str, plain: &str) -> Result<(), Refusal> {
    let mut words = plain.split_whitespace();
    let first = words.next().map(without_closing).unwrap_or_default();
    let is_bare = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if !is_bare || words.next().is_none() {
        return Ok(());
    }
    let digits: String = first.chars().take(20).collect();
    Err(Refusal::new(format!(
        "“{digits}” could be an incident's number or the first word of the text, so nothing was \
         done. For the incident of that number:"
    ))
    .line(format!("{verb} #{digits} <text>"))
    .sentence("With a text that begins with a number, name the incident:")
    .line(format!("{verb} #<n> {digits} <text>")))
}

/// The size of a text for the page.
///
/// # Errors
/// A refusal of one that is too long, or formatted too much.
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

/// `on <name>, <name>:`, where it stands there.
pub(crate) fn take_components(
    reader: &mut Reader,
    config: &Config,
) -> Result<Option<Vec<String>>, Refusal> {
    if reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("on"))
        && let Some((components, end)) = components(reader.after_word(), config)?
    {
        reader.next_word();
        reader.at += end;
        return Ok(Some(components));
    }
    Ok(None)
}

impl Options {
    /// Reads options as long as they come, each kind once, in any order.
    fn read(
        &mut self,
        reader: &mut Reader,
        allowed: &[Takes],
        config: &Config,
        mut more: impl FnMut(&str) -> Result<Option<usize>, Refusal>,
    ) -> Result<(), Refusal> {
        let needs_impact = allowed.contains(&Takes::ImpactNeeded);
        while let Some(word) = reader.peek_word() {
            let taken = if allowed.contains(&Takes::Number)
                && self.number.is_none()
                && let Some((number, words)) = reader.peek_number()
            {
                self.number = Some(number);
                Some(words)
            } else if self.take_word(allowed, without_closing(word)) {
                Some(1)
            } else if let Some(taken) = more(reader.rest())? {
                Some(taken)
            } else {
                self.take_promised(allowed, reader.rest())
            };
            let Some(taken) = taken else {
                if allowed.contains(&Takes::Components) {
                    self.components = take_components(reader, config)?;
                }
                break;
            };
            let is_closed = reader.skip_words(taken);
            if is_closed && !(needs_impact && self.impact.is_none()) {
                break;
            }
        }
        if needs_impact && self.impact.is_none() {
            return Err(self.no_impact(reader));
        }
        Ok(())
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

    /// The refusal where `impact` has none; digits are a number without its `#`.
    fn no_impact(&self, reader: &Reader) -> Refusal {
        let word = reader.peek_word().map(without_closing);
        let digits = word.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let number = self.number.or_else(|| digits?.parse().ok());
        let nearest = word.and_then(words::nearest_impact);
        let what = match word {
            Some(word) => format!("“{}” is not an impact", escape(&excerpt(&clean_name(word)))),
            None => "The impact is missing".to_owned(),
        };
        let remedy = match nearest {
            Some(_) => "Did you mean",
            None => "It is minor, major or critical, for example",
        };
        let number = number.map_or(String::new(), |number| format!("#{number} "));
        Refusal::new(format!("{what}, so nothing was done. {remedy}"))
            .line(format!("impact {number}{}", nearest.unwrap_or(Impact::Critical).word()))
    }

    /// The stage or impact, as it is typed.
    fn word(&self) -> Option<&'static str> {
        self.impact.map(Impact::word).or(self.stage.map(Stage::word))
    }

    /// Whether something goes on, so that a next update can be promised.
    fn may_promise(&self, allowed: &[Takes]) -> bool {
        allowed.contains(&Takes::Promise)
            && self.next.is_none()
            && self.stage != Some(Stage::Resolved)
    }

    /// Takes `next 30m` in front of the text, or `next 2 hours:`. Gives how many words that is.
    fn take_promised(&mut self, allowed: &[Takes], rest: &str) -> Option<usize> {
        let words: Vec<&str> = rest.split_whitespace().take(3).collect();
        let (first, length) = words.split_first()?;
        if !self.may_promise(allowed) || !first.eq_ignore_ascii_case("next") {
            return None;
        }
        let (next, taken) = read_length(length)?;
        // "next 5 days of orders are late" is the text, and no promise.
        let is_clear = taken == 1 || words.get(taken).is_some_and(|word| word.ends_with(':'));
        is_clear.then(|| {
            self.next = Some(next);
            taken + 1
        })
    }

    /// `next 30m` at the end of the text, which then is no part of it. What could as well be part
    /// of a sentence, such as "back in the next 2 hours", is.
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
                "“{}” does not say when the next update comes, so nothing was done. Write minutes or \
                 hours, such as `next 30m` or `next 2h`.",
                escape(&clean_name(end))
            ))),
            _ => Ok(text),
        }
    }

    /// One command is about one incident.
    fn check_one_incident(&self, verb: &str, plain: &str) -> Result<(), Refusal> {
        let first = plain.split_whitespace().next();
        let second = first.and_then(|word| number(without_closing(word)));
        match self.number.zip(second) {
            Some((first, second)) => {
                let line = |number: Number| self.numbered(verb, &number.to_string());
                Err(two_numbers([line(first), line(second)]))
            }
            None => Ok(()),
        }
    }

    /// A line with the number of an incident, for the case that such was meant.
    fn numbered(&self, verb: &str, digits: &str) -> String {
        let option = self.word().unwrap_or_default();
        format!("{verb} #{digits} {option}").trim_end().to_owned()
    }

    /// The incident that is named or left out, with what stands behind its number in a line to copy.
    pub(crate) fn target(&self, usage: &'static Usage, text: &Text) -> Target {
        let plain = text.to_plain();
        let words = self.word().filter(|_| self.stage != Some(Stage::Resolved));
        let gap = if words.is_some() { " " } else { "" };
        let rest = format!("{}{gap}{}", words.unwrap_or_default(), repeated(&plain));
        Target { usage, verb: usage.name(), number: self.number, rest }
    }
}

/// Whether what stands before "next" is the beginning of its sentence.
fn is_in_a_sentence(before: &str) -> bool {
    let glued = !before.is_empty() && !before.ends_with(char::is_whitespace);
    let word = before.split_whitespace().next_back().unwrap_or_default();
    glued || IN_A_SENTENCE.iter().any(|known| known.eq_ignore_ascii_case(word))
}
