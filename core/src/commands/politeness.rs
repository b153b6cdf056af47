//! Politeness around a command: "please", "can you", "hey", "thanks", in the page's languages too. It
//! speaks to the bot, so none of it is published.

use super::questioned::spaced;
use crate::config::language::Language;

/// Words in front of a request, in addition to those of the page languages.
const IN_FRONT: &[&str] = &[
    "kindly", "hey", "hi", "hello", "ok", "okay", "bot", "thank", "can", "could", "would", "will",
    "you", "we", "i", "want", "need", "to", "lets", "just", "like", "id", "now", "then", "so",
    "and",
];

/// Limit of polite words that are skipped.
const WORDS_MAX: usize = 5;

/// Words of a language that ask, and others to the bot, such as thanks.
fn words_of(language: Language) -> (&'static [&'static str], &'static [&'static str]) {
    match language {
        Language::English => (&["please", "pls", "plz"], &["thanks", "thx"]),
        Language::German => (
            &["bitte"],
            &["danke", "hallo", "kannst", "könntest", "kann", "könnte", "du", "jemand", "mal"],
        ),
        Language::Hebrew => (&["בבקשה"], &["תודה", "שלום", "היי", "אפשר"]),
    }
}

fn asks(word: &str) -> bool {
    Language::ALL.into_iter().any(|language| words_of(language).0.contains(&word))
}

fn thanks_or_greets(word: &str) -> bool {
    Language::ALL.into_iter().any(|language| words_of(language).1.contains(&word))
}

/// Number of polite words in front of a line.
pub(crate) fn words_in_front(plain: &str) -> usize {
    let is_polite = |word: &&str| {
        let word = spaced(word);
        IN_FRONT.contains(&word.as_str()) || asks(&word) || thanks_or_greets(&word)
    };
    plain.split_whitespace().take(WORDS_MAX).take_while(is_polite).count()
}

/// Politeness at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoliteEnd {
    /// Where the line ends without it.
    pub(crate) at: usize,
    /// True for a request. Thanks at the end of a public text may be for its readers, and belong to it.
    pub(crate) asks: bool,
}

/// The politeness at the end of a line that says something in front of it.
pub(crate) fn at_the_end(plain: &str) -> Option<PoliteEnd> {
    let (mut rest, mut asking) = (plain.trim_end(), None);
    for _ in 0..WORDS_MAX {
        let word = rest.split_whitespace().next_back()?;
        let before = rest.get(..rest.len() - word.len()).unwrap_or_default();
        let bare = spaced(word);
        let before = match bare.as_str() {
            "you" => match before.trim_end().rsplit_once(char::is_whitespace) {
                Some((before, thank)) if spaced(thank) == "thank" => before,
                _ => break,
            },
            bare if asks(bare) || thanks_or_greets(bare) => before,
            _ => break,
        };
        asking.get_or_insert(asks(&bare));
        rest = before.trim_end().trim_end_matches([',', ';', '-', '–', '—']).trim_end();
    }
    let asks = asking.filter(|_| !rest.is_empty())?;
    Some(PoliteEnd { at: rest.len(), asks })
}
