//! Finds words that mark a text as not meant for the page, including misspelt and decorated ones.

use strsim::osa_distance;

use super::numbers::leading;
use super::private_vocabulary::{
    BEHIND_TEST, FILLERS, FILLERS_MAX, NOTES, OPENINGS, PHRASES, PRIVATE, Privacy, REAL_WORDS,
    TESTS, THINGS,
};
use super::refusal::Refusal;
use crate::config::Config;
use crate::incident::model::Number;
use crate::response::model::Visibility;
use crate::text::clean_name;
use crate::text::lookalike::plain_letters;
use crate::text::markdown::{escape, excerpt};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivateWord {
    pub(crate) privacy: Privacy,
    /// The word as it was typed.
    typed: String,
    /// The private word that it resembles, unless it is one.
    resembles: Option<&'static str>,
    /// The text behind it.
    behind: String,
    /// All of the text, in one line.
    text: String,
}

/// A word: its plain letters, and its place.
struct Word {
    letters: String,
    start: usize,
    end: usize,
}

/// The words of a text, without decoration.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut is_in_word = false;
    for (start, c) in text.char_indices() {
        let letters = plain_letters(c.encode_utf8(&mut [0; 4]));
        let end = start + c.len_utf8();
        let is_letter = !letters.trim().is_empty();
        // Invisible characters do not end a word.
        let goes_on = is_letter || is_in_word && letters.is_empty();
        match words.last_mut() {
            Some(word) if is_in_word && is_letter => {
                word.letters.push_str(&letters);
                word.end = end;
            }
            _ if is_letter => words.push(Word { letters, start, end }),
            _ => {}
        }
        is_in_word = goes_on;
    }
    words
}

/// Replaces digits and signs by the letters that they stand for: "1nt3rnal".
fn without_digits(letters: &str) -> String {
    if letters.chars().all(|c| c.is_ascii_digit()) {
        return letters.to_owned();
    }
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        c => c,
    };
    letters.chars().map(letter).collect()
}

/// The private word that these letters are or resemble.
fn private(letters: &str) -> Option<(Privacy, Option<&'static str>)> {
    let letters = without_digits(letters);
    if let Some((_, privacy, _)) = PRIVATE.iter().find(|(known, ..)| *known == letters) {
        return Some((*privacy, None));
    }
    if REAL_WORDS.contains(&letters.as_str()) {
        return None;
    }
    PRIVATE.iter().find_map(|(known, privacy, slips_max)| {
        let resembles = osa_distance(known, &letters) <= *slips_max;
        resembles.then_some((*privacy, Some(*known)))
    })
}

/// The private word that a text for the page begins with or contains; `None` if the text can be
/// published.
#[must_use]
pub(crate) fn private_word(text: &str, config: &Config) -> Option<PrivateWord> {
    let words = words(text);
    let all: Vec<&str> = words.iter().map(|word| word.letters.as_str()).collect();
    let opening = || begins(text, &words, config);
    let lines = || {
        let starts = text.match_indices(['\n', '.', ';']).map(|(at, _)| at + 1);
        starts.filter_map(|at| text.get(at..)).find_map(labelled)
    };
    let phrase = || {
        PHRASES.iter().find_map(|(phrase, privacy)| {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            let at = all.windows(phrase.len()).position(|window| window == phrase)?;
            Some(found(text, &words, (at, at + phrase.len()), *privacy, None, true))
        })
    };
    // The text after a bar is checked separately.
    let parts =
        || text.split('|').skip(1).find_map(|part| begins(part, &self::words(part), config));
    let behind = || {
        let rest = behind_options(text)?;
        begins(rest, &self::words(rest), config)
    };
    let found = opening()
        .or_else(behind)
        .or_else(parts)
        .or_else(lines)
        .or_else(phrase)
        .or_else(|| bracketed(text, &words));
    found.map(|word| PrivateWord { text: text.trim().to_owned(), ..word })
}

/// The visibility that a text asks for with a private word, at its beginning or anywhere in it. This
/// finds too many, so it serves suggestions only.
pub(crate) fn off_page(text: &str, config: &Config) -> Option<Visibility> {
    let found = private_word(text, config).map(|word| word.privacy);
    let privacy = found.or_else(|| {
        let words = words(text);
        words.iter().enumerate().find_map(|(at, word)| {
            let (privacy, resembles) = private(&word.letters)?;
            let next = words.get(at + 1).map(|next| next.letters.as_str());
            let is_name = begins_with_component(text.get(word.start..)?, config);
            let describes = next.is_some_and(|next| THINGS.contains(&next));
            (resembles.is_none() && !is_name && !describes).then_some(privacy)
        })
    })?;
    Some(match privacy {
        Privacy::Drill | Privacy::Test => Visibility::Drill,
        Privacy::Internal | Privacy::Note => Visibility::Internal,
    })
}

/// Words of options and facts, which people put in front of a text where the verb takes none.
const OPTIONS: [&str; 22] = [
    "minor",
    "major",
    "critical",
    "none",
    "investigating",
    "identified",
    "monitoring",
    "resolved",
    "completed",
    "complete",
    "cancel",
    "extend",
    "update",
    "title",
    "impact",
    "because",
    "sev",
    "severity",
    "priority",
    "p",
    "closed",
    "started",
];

/// The text behind words that look like options; `None` if it begins with none.
fn behind_options(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    let mut is_option = false;
    loop {
        let words = words(rest);
        let first = words.first()?;
        let name = first.letters.trim_end_matches(|c: char| c.is_ascii_digit());
        let end = match name {
            "on" => {
                rest.find(':').filter(|end| !rest.get(..*end).is_some_and(|p| p.contains('\n')))
            }
            "" if is_option => Some(first.end),
            name => OPTIONS.contains(&name).then_some(first.end),
        };
        let Some(end) = end else { return is_option.then_some(rest) };
        is_option = true;
        rest = rest.get(end..)?.trim_start_matches([':', ',', ' ', '-', '–', '—']);
    }
}

/// The private word at the beginning.
fn begins(text: &str, words: &[Word], config: &Config) -> Option<PrivateWord> {
    let passed = words.iter().take(FILLERS_MAX);
    let passed = passed.take_while(|w| FILLERS.contains(&w.letters.as_str())).count();
    for at in 0..=passed {
        let rest = words.get(at..)?;
        let first = rest.first()?;
        let from = text.get(first.start..).unwrap_or_default();
        if begins_with_component(from, config) {
            return None;
        }
        if let Some(word) = test_or_note(text, words, at) {
            return Some(word);
        }
        for (opening, privacy) in OPENINGS {
            let count = opening.split(' ').count();
            let letters = rest.iter().take(count).map(|word| word.letters.as_str());
            if letters.eq(opening.split(' ')) {
                return Some(found(text, words, (at, at + count), *privacy, None, false));
            }
        }
        // "in ternal", "i n t e r n a l"
        let mut joined = String::new();
        for (more, word) in rest.iter().enumerate().take(14) {
            joined.push_str(&word.letters);
            let is_alone = more == 0;
            let hit = private(&joined).filter(|(_, resembles)| is_alone || resembles.is_none());
            if let Some((privacy, resembles)) = hit
                && !(is_alone && describes(from))
            {
                let place = (at, at + more + 1);
                return Some(found(text, words, place, privacy, resembles, false));
            }
        }
    }
    None
}

/// True if the first word only describes the second: `private link`. "internal" may describe a
/// thing too, but is asked about.
pub(crate) fn describes(text: &str) -> bool {
    let words = words(text);
    let [first, second, ..] = &words[..] else { return false };
    let between = text.get(first.end..second.start).unwrap_or_default();
    let is_adjective = ["private", "restricted", "hidden", "secret", "sensitive"];
    is_adjective.contains(&first.letters.as_str())
        && between.trim().is_empty()
        && THINGS.contains(&second.letters.as_str())
}

pub(crate) fn begins_with_component(text: &str, config: &Config) -> bool {
    let lower = text.to_lowercase();
    let names = config.components().map(|component| component.name.to_lowercase());
    let groups = config.groups.iter().filter_map(|group| group.name.as_ref());
    names.chain(groups.map(|name| name.to_lowercase())).any(|name| {
        let behind = lower.strip_prefix(&name);
        behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
    })
}

/// `test, please ignore`, `note: …`.
fn test_or_note(text: &str, words: &[Word], at: usize) -> Option<PrivateWord> {
    let first = words.get(at)?;
    let next = words.get(at + 1);
    let until = next.map_or(text.len(), |next| next.start);
    let between = text.get(first.end..until).unwrap_or_default();
    let is_separated = !between.trim().is_empty();
    let letters = first.letters.as_str();
    if TESTS.contains(&letters) {
        let is_test = next.is_none_or(|next| {
            is_separated
                || BEHIND_TEST.contains(&next.letters.as_str())
                || next.letters.bytes().all(|byte| byte.is_ascii_digit())
        });
        return is_test.then(|| found(text, words, (at, at + 1), Privacy::Test, None, false));
    }
    let names_incident = between.contains('#');
    let is_note = NOTES.contains(&letters) && (is_separated && next.is_some() || names_incident);
    is_note.then(|| found(text, words, (at, at + 1), Privacy::Note, None, false))
}

/// A line or sentence with a private word as its label: "internal: the CEO is calling".
fn labelled(line: &str) -> Option<PrivateWord> {
    let words = words(line);
    let first = words.first()?;
    let (privacy, resembles) = private(&first.letters)?;
    let behind = line.get(first.end..)?.trim_start_matches([')', ']', '*', '_', ' ']);
    let is_label =
        behind.starts_with([':', '-', '–', '—']) || line.trim_start().starts_with(['(', '[']);
    is_label.then(|| found(line, &words, (0, 1), privacy, resembles, true))
}

/// A private word in brackets anywhere, or alone after a separator at the end: "… (internal)".
fn bracketed(text: &str, words: &[Word]) -> Option<PrivateWord> {
    words.iter().enumerate().find_map(|(at, word)| {
        let (privacy, resembles) = private(&word.letters)?;
        let before = text.get(..word.start)?.trim_end_matches(['*', '_', ' ', '~']);
        let behind = text.get(word.end..)?.trim_start_matches(['*', '_', ' ', '~', '!', '.']);
        let in_brackets = before.ends_with(['(', '[', '{', '<', '【', '（'])
            && behind.starts_with([')', ']', '}', '>', '】', '）', ':', ',']);
        let is_tag =
            before.ends_with('#') || before.ends_with([',', '-', '–', '—', ':', '|', '/', ';']);
        (in_brackets || is_tag && behind.is_empty())
            .then(|| found(text, words, (at, at + 1), privacy, resembles, true))
    })
}

/// The word at that place. `whole` means that the words before it belong to the text.
fn found(
    text: &str,
    words: &[Word],
    (at, until): (usize, usize),
    privacy: Privacy,
    resembles: Option<&'static str>,
    whole: bool,
) -> PrivateWord {
    let end = until.checked_sub(1).and_then(|last| words.get(last)).map_or(0, |word| word.end);
    let start = words.get(at).map_or(0, |word| word.start);
    let typed = clean_name(text.get(start..end).unwrap_or_default());
    let is_edge = |c: char| !c.is_alphanumeric() && !"\"“„‘'<{#@".contains(c);
    let behind = if whole { text } else { text.get(end..).unwrap_or_default() };
    let behind = if whole { behind.trim() } else { behind.trim_start_matches(is_edge) };
    PrivateWord { privacy, typed, resembles, behind: behind.to_owned(), text: String::new() }
}

impl PrivateWord {
    fn named(&self) -> String {
        let typed = escape(&excerpt(&self.typed));
        match self.resembles {
            Some(known) => format!("“{typed}” looks like “{known}”"),
            None => format!("“{typed}” doesn't keep this off the page"),
        }
    }

    /// Refuses a text for the page of a verb other than `open`.
    pub(crate) fn refusal(&self, verb: &str, number: Option<Number>) -> Refusal {
        let refusal = match self.privacy {
            Privacy::Test => Refusal::new(format!(
                "“{}” would be on the page for everybody, so nothing was published.",
                escape(&excerpt(&self.typed))
            )),
            _ => Refusal::new(format!("{}, so nothing was published.", self.named())),
        };
        let noted = leading(&self.behind, false).filter(|_| self.privacy == Privacy::Note);
        let behind = self.behind.get(noted.map_or(0, |noted| noted.bytes)..).unwrap_or_default();
        let number = number.or(noted.map(|noted| noted.number));
        // The word "note" is the verb; any other one stays part of the note.
        let note = if self.privacy == Privacy::Note { behind.trim_start() } else { &self.text };
        let note = if note.is_empty() { "<text>" } else { note };
        let refusal = refusal.offer_about("For the team only:", "note", number, note);
        let number = number.filter(|_| verb != "open");
        refusal.offer_about("For customers, in other words:", verb, number, "<text>")
    }

    /// Refuses a text that is always public: the consequence, and the line to type.
    pub(crate) fn refusal_of_public(&self, nothing: &str, line: &str) -> Refusal {
        Refusal::new(format!("{}. {nothing} In other words:", self.named())).line(line)
    }

    /// Refuses a title that would be public.
    pub(crate) fn refusal_of_opening(&self) -> Refusal {
        if self.privacy == Privacy::Note {
            return self.refusal("open", None);
        }
        let (word, off) = match self.privacy {
            Privacy::Internal | Privacy::Note => ("internal", "Off the page:"),
            Privacy::Drill => ("drill", "As an exercise, never on the page:"),
            Privacy::Test => ("drill", "To try it out, never on the page:"),
        };
        let what = match self.privacy {
            Privacy::Test => {
                format!("“{}” would be on the page for everybody", escape(&excerpt(&self.typed)))
            }
            _ if self.resembles.is_some() => self.named(),
            _ => format!("“{}” isn't an option in this place", escape(&excerpt(&self.typed))),
        };
        Refusal::new(format!("{what}, so nothing was opened."))
            .offer(off, format!("open {word} <text>"))
            .offer("On the page, in other words:", "open <text>")
    }
}
