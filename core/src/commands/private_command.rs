//! A private command in the text of a public one: `update #1 note …`, `update task …`.

use super::beginning::{Beginning, Published};
use super::lines::repeated;
use super::numbers::leading;
use super::refusal::Refusal;
use super::slips::is_slip;
use super::{Command, SPECS, single};

/// Words behind a private verb that make it the beginning of a sentence.
const SENTENCES: &[(&str, &[&str])] = &[
    ("action", &["by", "is", "needed", "required"]),
    ("aware", &["of", "that"]),
    ("log", &["data", "delivery", "entries", "files", "in", "ingestion", "into", "on", "out"]),
    ("mitigated", &["by", "the", "this"]),
    ("note", &["that"]),
    (
        "task",
        &[
            "execution",
            "is",
            "list",
            "lists",
            "manager",
            "processing",
            "queue",
            "queues",
            "runner",
            "runners",
            "runs",
            "scheduler",
            "scheduling",
            "service",
        ],
    ),
    (
        "working",
        &["again", "around", "as", "closely", "hard", "on", "to", "together", "towards", "with"],
    ),
];

/// Private verbs in front of free text, which begin an English sentence as well.
const FREE_TEXT: [&str; 12] = [
    "ack",
    "action",
    "affected",
    "affects",
    "aware",
    "doing",
    "know",
    "log",
    "mitigated",
    "note",
    "task",
    "working",
];
/// Public verbs that no text for the page begins with, in front of a colon or a number.
const PUBLIC: [&str; 6] = ["close", "correct", "postmortem", "publish", "reopen", "withdraw"];
/// Those that hardly ever begin a title.
const NO_TITLE: [&str; 4] = ["ack", "action", "note", "task"];

/// The refusal of a text that begins with a private command. `read` reads a line as a command.
pub(crate) fn refusal(
    published: &Published,
    beginning: &Beginning,
    plain: &str,
    read: &dyn Fn(&str) -> Option<Command>,
) -> Option<Refusal> {
    let Beginning { first, is_label, .. } = beginning;
    let known = single(first).or_else(|| {
        let verbs = SPECS.iter().flat_map(|spec| spec.usage.words.iter().copied());
        let meant = verbs.into_iter().find(|verb| verb.len() > 3 && is_slip(first, verb));
        meant.filter(|_| *is_label).and_then(single)
    });
    let (spec, word) = known?;
    let behind = plain.trim_start();
    let behind = behind.get(behind.find(char::is_whitespace)?..)?.trim_start();
    let named = leading(behind, false);
    if spec.usage.is_public {
        let is_meant = PUBLIC.contains(&word) && (*is_label || named.is_some());
        let number = named.map(|named| named.number).or(published.number);
        return is_meant.then(|| {
            Refusal::new(format!("“{word}” is a command. Nothing was published."))
                .offer_about("To run it:", word, number, "<text>")
                .offer("If it is text, begin with a different word:", published.line(""))
        });
    }
    let asks = || matches!(read(plain), Some(Command::Ask(_)) | None);
    let is_title = ["open", "title", "publish", "backfill", "maintenance"];
    let is_title = is_title.contains(&published.usage.name());
    let name = spec.usage.name();
    let second = beginning.second();
    let goes_on =
        SENTENCES.iter().any(|(verb, next)| *verb == word && next.contains(&second.as_str()));
    let is_free = FREE_TEXT.contains(&word);
    let names_person = |word: &str| word.starts_with('@') || ["me", "oncall"].contains(&word);
    let is_person = behind.split_whitespace().any(names_person) || published.text.has_names();
    let is_detail = ["full", "verbose", "me"].contains(&behind.to_lowercase().as_str());
    let is_meant = *is_label && (is_free || !asks())
        || named.is_some()
        || is_free && !goes_on && (!is_title || NO_TITLE.contains(&word))
        || !is_free && !asks() && (name != "role" || is_person)
        || is_detail;
    if !is_meant {
        return None;
    }
    let takes_number = spec.usage.form.contains("#42");
    let number = named.map(|named| named.number).or(published.number).filter(|_| takes_number);
    let behind = behind.get(named.map_or(0, |named| named.bytes)..).unwrap_or_default().trim();
    Some(
        Refusal::new(format!("“{word}” is a command for the team. Nothing was published."))
            .offer_about("For the team only:", word, number, repeated(behind))
            .offer("For customers, begin with a different word:", published.line("")),
    )
}
