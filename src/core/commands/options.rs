//! What stands between a verb and its text, such as a number, a stage, components and times.

use super::line::Line;
use super::usage::Usage;
use jiff::SignedDuration;

use super::command::{Change, Misread, StatusCommand};
use super::components::components;
use super::reader::{Reader, number, without_closing};
use super::response_command::{Opening, ResponseChange, ResponseCommand};
use super::schedule::{self, End, Plan, Unreadable};
use super::words::{self, Action, Verb};
use crate::core::config::Config;
use crate::core::incident::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::core::text::time::read_length;
use crate::core::text::{Text, clean_name};

pub const UPDATE: Usage = Usage {
    words: &["update", "investigating", "identified", "monitoring"],
    form: "update [#42] [investigating|identified|monitoring] [on Component, …:] text [next 30m]",
    meaning: "adds an update; the number is needed only when several are open, and not in the thread in which the incident was opened; `next 30m` promises the next update",
    examples: &[
        "update The cause is found",
        "update identified A certificate has expired next 30m",
    ],
    ..Usage::NEW
};

pub const IMPACT: Usage = Usage {
    words: &["impact"],
    form: "impact minor|major|critical [#42] [text]",
    meaning: "changes how bad it is",
    examples: &["impact critical"],
    ..Usage::NEW
};

pub const CLOSE: Usage = Usage {
    words: &["close", "resolve", "resolved", "fixed"],
    form: "close [#42] [text]",
    meaning: "closes it",
    examples: &["close", "close Orders go through again"],
    ..Usage::NEW
};

pub const REOPEN: Usage = Usage {
    words: &["reopen"],
    form: "reopen #42 text",
    meaning: "opens a closed one again",
    examples: &["reopen #42 It is back"],
    ..Usage::NEW
};

pub const CORRECT: Usage = Usage {
    words: &["correct"],
    form: "correct [#42] text",
    meaning: "replaces the newest public text; the log keeps both",
    examples: &["correct Card payments fail, and no others"],
    ..Usage::NEW
};

pub const POST_MORTEM: Usage = Usage {
    words: &["postmortem", "post-mortem"],
    form: "postmortem #42 text",
    meaning: "adds what was learned to a closed one",
    examples: &["postmortem #42 Certificates are renewed in time now"],
    ..Usage::NEW
};

pub const PUBLISH: Usage = Usage {
    words: &["publish"],
    form: "publish [#42] [minor|major|critical] [on Component, …:] text",
    meaning: "puts an incident on the page that was opened with `open internal …`; what was said before stays internal. `open drill …` opens an exercise, which is never published",
    examples: &["publish Checkout is failing"],
    ..Usage::NEW
};

/// What a sentence or a line ends with.
const SEPARATORS: [char; 11] = ['.', '!', '?', ')', ',', ';', ':', '-', '–', '—', '…'];
/// What only separated a promise from the text before it.
const LOOSE: [char; 8] = [' ', '\n', ',', ';', ':', '-', '–', '—'];
/// Words after which "next" goes on with the sentence.
const IN_A_SENTENCE: [&str; 14] = [
    "the", "our", "your", "its", "their", "a", "this", "in", "within", "for", "over", "and", "of",
    "until",
];

/// Whether what stands before "next" is the beginning of its sentence.
fn is_in_a_sentence(before: &str) -> bool {
    let glued = !before.is_empty() && !before.ends_with(char::is_whitespace);
    let word = before.split_whitespace().next_back().unwrap_or_default();
    glued || IN_A_SENTENCE.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// What stands between a verb and its text.
#[derive(Default)]
pub(crate) struct Options {
    another: bool,
    opening: Opening,
    pub(crate) impact: Option<Impact>,
    pub(crate) number: Option<Number>,
    pub(crate) stage: Option<Stage>,
    components: Option<Vec<String>>,
    next: Option<SignedDuration>,
    plan: Option<Plan>,
    pub(crate) change: Option<Change>,
}

/// How many words the time of a maintenance may take.
const PLAN_WORDS_MAX: usize = 12;

impl Options {
    /// Reads options as long as they come, each kind once, in any order.
    pub(crate) fn read(verb: Verb, reader: &mut Reader, config: &Config) -> Result<Self, Misread> {
        let mut options = Self::default();
        if let Verb::Update(stage) = verb {
            options.stage = stage;
        }
        while let Some(word) = reader.peek_word() {
            if options.take_word(verb, without_closing(word)) {
                reader.next_word();
                if verb == Verb::Impact && options.impact.is_none() {
                    continue;
                }
            } else if verb == Verb::Open
                && let Some(words) = options.opening.take(reader.rest(), config)?
            {
                if reader.skip_words(words) {
                    break;
                }
                continue;
            } else if let Some((next, words)) = options.promise(verb, reader.rest()) {
                options.next = Some(next);
                if reader.skip_words(words) {
                    break;
                }
                continue;
            } else {
                if options.components.is_none()
                    && matches!(verb, Verb::Open | Verb::Update(_) | Verb::Publish)
                {
                    options.take_components(reader, config)?;
                }
                break;
            }
            if word.ends_with(':') {
                break;
            }
        }
        if verb == Verb::Impact && options.impact.is_none() {
            return Err(options.no_impact(reader));
        }
        Ok(options)
    }

    /// What stands where `impact` needs one; digits are a number without its `#`.
    fn no_impact(&self, reader: &Reader) -> Misread {
        let word = reader.peek_word().map(without_closing);
        let digits = word.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        Misread::NoImpact {
            number: self.number.or_else(|| digits?.parse().ok()),
            word: word.map(clean_name),
            nearest: word.and_then(words::nearest_impact),
        }
    }

    /// The stage or impact, as it is typed.
    pub(crate) fn word(&self) -> Option<&'static str> {
        self.impact.map(Impact::word).or(self.stage.map(Stage::word))
    }

    /// `on <name>, <name>:`, where it stands there.
    fn take_components(&mut self, reader: &mut Reader, config: &Config) -> Result<(), Misread> {
        if reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("on"))
            && let Some((components, end)) = components(reader.after_word(), config)?
        {
            self.components = Some(components);
            reader.next_word();
            reader.at += end;
        }
        Ok(())
    }

    /// Whether something goes on, so that a next update can be promised.
    fn may_promise(&self, verb: Verb) -> bool {
        let goes_on = matches!(
            verb,
            Verb::Open | Verb::Update(_) | Verb::Impact | Verb::Reopen | Verb::Publish
        );
        goes_on && self.next.is_none() && self.stage != Some(Stage::Resolved)
    }

    /// `next 30m` in front of the text, or `next 2 hours:`. Gives how many words that is.
    fn promise(&self, verb: Verb, rest: &str) -> Option<(SignedDuration, usize)> {
        let words: Vec<&str> = rest.split_whitespace().take(3).collect();
        let (first, length) = words.split_first()?;
        if !self.may_promise(verb) || !first.eq_ignore_ascii_case("next") {
            return None;
        }
        let (next, taken) = read_length(length)?;
        // "next 5 days of orders are late" is the text, and no promise.
        let is_clear = taken == 1 || words.get(taken).is_some_and(|word| word.ends_with(':'));
        is_clear.then_some((next, taken + 1))
    }

    /// `next 30m` at the end of the text, which then is no part of it. What could as well be part
    /// of a sentence, such as "back in the next 2 hours", is.
    pub(crate) fn take_promise(mut self, verb: Verb, text: Text) -> Result<(Text, Self), Misread> {
        let plain = text.to_plain();
        let line = plain.lines().next_back().unwrap_or_default();
        let Some(place) = line.to_ascii_lowercase().rfind("next ") else {
            return Ok((text, self));
        };
        let (before, end) = line.split_at(place);
        let words: Vec<&str> = end.split_whitespace().skip(1).collect();
        let digits =
            words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        if !self.may_promise(verb) || !digits || words.len() > 2 || is_in_a_sentence(before) {
            return Ok((text, self));
        }
        let separated = before.trim_end().is_empty() || before.trim_end().ends_with(SEPARATORS);
        match read_length(&words) {
            Some((next, taken)) if taken == words.len() && (taken == 1 || separated) => {
                self.next = Some(next);
                let kept = plain.get(..plain.len() - line.len() + place).unwrap_or_default();
                Ok((text.before(kept.trim_end_matches(LOOSE).len()), self))
            }
            None if words.len() == 1 => Err(Misread::Promise(clean_name(end))),
            _ => Ok((text, self)),
        }
    }

    /// `[#43] cancel | extend … | complete`, or a time and `on …:`.
    pub(crate) fn read_maintenance(reader: &mut Reader, config: &Config) -> Result<Self, Misread> {
        let number = reader.peek_word().and_then(|word| number(without_closing(word)));
        if number.is_some() {
            reader.next_word();
        }
        let mut options = Self { number, ..Self::default() };
        let time = |why| Misread::Time { number, why };
        let action = reader.peek_word().and_then(|word| words::action(without_closing(word)));
        if action.is_some() {
            reader.next_word();
        }
        let words: Vec<&str> = reader.rest().split_whitespace().take(PLAN_WORDS_MAX).collect();
        options.change = match (action, number) {
            (Some(Action::Cancel), _) => Some(Change::Cancel),
            (Some(Action::Complete), _) => Some(Change::Complete),
            (Some(Action::Extend), _) => {
                let (end, taken) = match read_length(&words) {
                    Some((length, taken)) => (End::After(length), taken),
                    None => schedule::read_end(&words).map_err(time)?,
                };
                reader.skip_words(taken);
                Some(Change::Extend(end))
            }
            (None, Some(number)) => return Err(Misread::NoAction(number)),
            (None, None) => {
                let (plan, taken) = schedule::read_plan(&words).map_err(time)?;
                options.plan = Some(plan);
                if !reader.skip_words(taken) {
                    options.take_components(reader, config)?;
                }
                None
            }
        };
        Ok(options)
    }

    fn take_word(&mut self, verb: Verb, word: &str) -> bool {
        match verb {
            Verb::Open if !self.another && word.eq_ignore_ascii_case("another") => {
                self.another = true;
            }
            Verb::Open | Verb::Impact | Verb::Publish
                if self.impact.is_none() && words::impact(word).is_some() =>
            {
                self.impact = words::impact(word);
            }
            Verb::Update(_) if self.stage.is_none() && words::stage(word).is_some() => {
                self.stage = words::stage(word);
            }
            Verb::Update(_)
            | Verb::Impact
            | Verb::Close
            | Verb::Reopen
            | Verb::Correct
            | Verb::PostMortem
            | Verb::Publish
                if self.number.is_none() && number(word).is_some() =>
            {
                self.number = number(word);
            }
            _ => return false,
        }
        true
    }

    /// `publish #42 [minor|major|critical] [on …:] text`.
    pub(crate) fn publish(self, text: Text) -> ResponseCommand {
        let Self { impact, number, components, next, .. } = self;
        let rest = text.to_plain();
        let impact = impact.unwrap_or(Impact::DEFAULT);
        let change = ResponseChange::Publish { impact, components, next, text };
        ResponseCommand { verb: Verb::Publish, number, rest, change }
    }

    pub(crate) fn command(self, verb: Verb, text: Text) -> Result<StatusCommand, Misread> {
        let Self { another, opening, impact, number, stage, components, next, plan, change } = self;
        Ok(match verb {
            Verb::Open => StatusCommand::Open {
                another,
                impact: impact.unwrap_or(Impact::DEFAULT),
                components: components.unwrap_or_default(),
                next,
                opening,
                text,
            },
            Verb::Update(_) => StatusCommand::Update { number, stage, components, next, text },
            Verb::Impact => {
                let missing = Misread::NoImpact { number, word: None, nearest: None };
                StatusCommand::Impact { number, impact: impact.ok_or(missing)?, next, text }
            }
            Verb::Close => {
                let stage = Some(Stage::Resolved);
                StatusCommand::Update { number, stage, components: None, next: None, text }
            }
            Verb::Reopen => StatusCommand::Reopen { number, next, text },
            Verb::Correct => StatusCommand::Correct { number, text },
            Verb::PostMortem => StatusCommand::PostMortem { number, text },
            Verb::Maintenance => match (change, plan) {
                (Some(change), _) => StatusCommand::Manage { number, change, text },
                (None, Some(plan)) => {
                    let components = components.unwrap_or_default();
                    StatusCommand::Schedule { plan, components, text }
                }
                (None, None) => {
                    return Err(Misread::Time { number, why: Unreadable::From(None) });
                }
            },
            _ => {
                return Err(Misread::MissingText { verb, number });
            }
        })
    }
}

/// Reads the options and the text behind a verb of the public status.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(verb: Verb, line: &mut Line) -> Result<(Text, Options), Misread> {
    let options = match verb {
        Verb::Maintenance => Options::read_maintenance(&mut line.reader, line.config)?,
        _ => Options::read(verb, &mut line.reader, line.config)?,
    };
    let (text, options) = options.take_promise(verb, line.text())?;
    check_text(verb, &options, &text)?;
    Ok((text, options))
}

/// Whether the text is one that the command can have, and nothing that was meant as an option.
fn check_text(verb: Verb, options: &Options, text: &Text) -> Result<(), Misread> {
    let plain = text.to_plain();
    let second = || number(without_closing(plain.split_whitespace().next()?));
    if let Some(first) = options.number
        && let Some(second) = second()
    {
        let numbers = [first, second];
        return Err(Misread::TwoNumbers { verb, numbers, option: options.word() });
    }
    let chars = plain.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    let may_be_silent = matches!(verb, Verb::Close | Verb::Impact)
        || options.stage == Some(Stage::Resolved)
        || options.change.is_some();
    if !(text.is_visible() || text.is_empty() && may_be_silent) {
        return Err(Misread::MissingText { verb, number: options.number });
    }
    let digits = plain.trim_start_matches('#');
    if !matches!(verb, Verb::Open | Verb::Maintenance)
        && !plain.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        let digits = digits.chars().take(20).collect();
        return Err(Misread::OnlyNumber { verb, digits, option: options.word() });
    }
    Ok(())
}
