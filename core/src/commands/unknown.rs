//! The answer to a line that is not a command. No suggestion publishes the typed words, unless a
//! public verb is misspelt by one letter and the rest of the line is clear.

use strsim::osa_distance;

use super::lines::repeated;
use super::numbers::{leading, number};
use super::private_words::off_page;
use super::reader::without_closing;
use super::real_words::is_real_word;
use super::refusal::Refusal;
use super::usage::Usage;
use super::words::{nearest, severity};
use super::{SPECS, Spec, single};
use crate::config::Config;
use crate::response::model::Visibility;
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};

/// The refusal of a line that begins with no verb.
pub(crate) fn refusal(
    first: &str,
    all: &str,
    rest: &str,
    config: &Config,
    is_understood: &dyn Fn(&str) -> bool,
) -> Refusal {
    let word = without_closing(first);
    if number(word).is_some() {
        return only_a_number(&clean_name(first), word);
    }
    let what = format!(
        "“{}” isn't a command. Nothing was recorded.",
        escape(&excerpt(&clean_name(first)))
    );
    let refusal = Refusal::new(&what);
    if let Ok(Some((severity, _))) = severity(all) {
        let grade = Refusal::new("To set the severity:");
        let grade = grade.line_about("sev", None, &severity.number().to_string());
        let opening = format!("sev{} {}", severity.number(), opening_option(all, config));
        return refusal.while_open(more(grade), more(to_open(&opening)));
    }
    if let Some(line) = announced(all) {
        return refusal.sentence("Did you mean").line(line);
    }
    if is_ending(all) {
        return refusal.while_open(ending(all), more(to_open("")));
    }
    if REMOVING.contains(&word.to_lowercase().as_str()) {
        return removing(rest);
    }
    if let Some((what, question)) = question(all).filter(|_| all.trim_end().ends_with('?')) {
        return Refusal::new(what).line(question);
    }
    if let Some(line) = misspelt(word, rest, config, is_understood) {
        return Refusal::new(format!("{what} Did you mean")).line(line);
    }
    if let Some((what, question)) = question(all) {
        return Refusal::new(what).line(question);
    }
    let note = Refusal::none().offer_about(NOTE, "note", None, all.trim());
    refusal.while_open(more(note), more(to_open(opening_option(all, config))))
}

fn to_open(options: &str) -> Refusal {
    Refusal::none().offer("To open an incident:", format!("open {options}<text>"))
}

/// The word behind `open` that keeps a text off the page which says that it is not meant for it.
fn opening_option(text: &str, config: &Config) -> &'static str {
    match off_page(text, config) {
        Some(Visibility::Drill) => "drill ",
        Some(_) => "internal ",
        None => "",
    }
}

const NOTE: &str = "As a note for the team:";

/// Asks for the meaning of an end while an incident is open.
fn ending(all: &str) -> Refusal {
    Refusal::none()
        .offer_about("It is over:", "close", None, "")
        .offer_about("Customers no longer notice it:", "mitigated", None, "")
        .offer_about("It was a false alarm:", "withdraw", None, "<text>")
        .offer_about("Only a note:", "note", None, all.trim())
}

fn more(refusal: Refusal) -> Refusal {
    refusal.offer("More:", "help")
}

const REMOVING: [&str; 5] = ["remove", "removed", "delete", "hide", "drop"];

/// The ways to take something off a page or a timeline.
fn removing(rest: &str) -> Refusal {
    let number = leading(rest, true).map(|named| named.number);
    let place = number.map_or("#<n>".to_owned(), |number| format!("#{number}"));
    Refusal::new("Nothing was removed. Say what:")
        .offer("An incident that was none:", format!("withdraw {place} <text>"))
        .offer("What was recorded last:", format!("undo {place}"))
        .offer("A note:", format!("note {place} remove <n>"))
}

/// A line to copy that would not publish what was typed behind the verb.
pub(crate) fn safe(usage: &Usage, verb: &str, rest: &str, config: &Config) -> String {
    let rest = rest.trim();
    if !usage.is_public {
        return format!("{verb} {}", repeated(rest)).trim_end().to_owned();
    }
    let named = leading(rest, true);
    let behind = named.map_or(rest, |named| rest.get(named.bytes..).unwrap_or_default());
    let number = named.map_or(String::new(), |named| format!(" #{}", named.number));
    let option = opening_option(rest, config);
    if !option.is_empty() {
        return match usage.name() {
            "open" => format!("open {option}<text>"),
            _ => format!("note{number} {}", repeated(behind.trim())),
        };
    }
    let text = if behind.trim().is_empty() { "" } else { " <text>" };
    match (rest.is_empty(), usage.name()) {
        // Only a bare `close` does something; other public verbs need a text.
        (true, name) if name != "close" => usage.brief.0.to_owned(),
        _ => format!("{verb}{number}{text}"),
    }
}

/// True if senders ask for their own turns on call.
pub(crate) fn asks_for_own_turns(all: &str) -> bool {
    let words = spaced(all).replace("oncall", "on call");
    ["when am i on call", "am i on call", "when is my turn", "when am i next on call"]
        .contains(&words.as_str())
}

/// A number is not a command, but names an incident.
fn only_a_number(shown: &str, word: &str) -> Refusal {
    let number = number(word).map_or("<n>".to_owned(), |number| number.to_string());
    Refusal::new(format!("“{}” names an incident. Nothing was recorded. To see it:", escape(shown)))
        .line(format!("status #{number}"))
        .offer("To post an update:", format!("update #{number} <text>"))
}

/// The line that was meant by a verb that is misspelt by one letter. An English word is no slip.
fn misspelt(
    word: &str,
    rest: &str,
    config: &Config,
    is_understood: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let lower = word.to_lowercase();
    let is_short = |word: &str| word.chars().count() < WORD_CHARS_MIN;
    if is_short(&lower) || is_real_word(&lower) {
        return None;
    }
    let known = SPECS.iter().flat_map(|spec| spec.usage.words.iter().copied());
    let known = known.filter(|known| !is_short(known));
    let meant = nearest(word, known).filter(|meant| osa_distance(&lower, meant) == 1)?;
    let (spec, meant) = single(meant)?;
    let line = format!("{meant} {}", repeated(rest.trim())).trim_end().to_owned();
    if !spec.usage.is_public || is_understood(&line) {
        return Some(line);
    }
    Some(if rest.trim().is_empty() {
        meant.to_owned()
    } else {
        safe(spec.usage, meant, rest, config)
    })
}

/// Shorter words resemble too many others.
const WORD_CHARS_MIN: usize = 4;

/// Verbs that assign roles, by the words that people use for that.
const ROLES: &[(&str, &str)] = &[
    ("incident commander", "ic me"),
    ("commander", "ic me"),
    ("ic", "ic me"),
    ("lead", "ic me"),
    ("leading", "ic me"),
    ("scribe", "scribe me"),
    ("comms", "comms me"),
    ("communications", "comms me"),
    ("primary", "primary me"),
    ("secondary", "secondary me"),
    ("tester", "tester me"),
    ("on it", "ack"),
];

/// A role that senders announce of themselves: "I am incident commander".
fn announced(all: &str) -> Option<&'static str> {
    let words = spaced(all);
    let rest = ["i am ", "i m ", "im ", "ill be ", "i ll be ", "i will be ", "i take "]
        .iter()
        .find_map(|start| words.strip_prefix(start))?;
    let role = ROLES.iter().find(|(role, _)| has(rest, role))?;
    Some(role.1)
}

/// Words of a question, with the command that answers it.
const QUESTIONS: &[(&[&str], &str)] = &[
    (
        &["on call", "oncall", "page", "pager", "paged", "phone", "wake", "call", "duty", "ring"],
        "oncall",
    ),
    (
        &[
            "lead",
            "leads",
            "leading",
            "commander",
            "ic",
            "charge",
            "role",
            "roles",
            "scribe",
            "comms",
            "responding",
            "working on",
            "looking",
            "on it",
            "whos",
        ],
        "roles",
    ),
    (
        &["happened", "timeline", "history", "so far", "catch me up", "summary", "since when"],
        "timeline",
    ),
    (
        &[
            "eta", "status", "update", "updates", "news", "long", "bad", "up", "down", "broken",
            "open", "going on", "affected", "impact", "fixed", "resolved", "good", "ok", "over",
            "wrong", "progress", "state",
        ],
        "status",
    ),
];

const ASKING: &[&str] = &[
    "who", "whos", "what", "whats", "when", "where", "wheres", "why", "how", "hows", "is", "are",
    "any", "eta", "do", "does", "did", "which", "anyone", "anybody", "whom",
];

/// Words that request something known after them.
const REQUESTING: &[&str] = &["can", "could", "would", "show", "tell", "give", "let"];

/// Requests to call a person, which only people can fulfil.
const CALLS: &[&str] = &["page", "call", "wake", "ring", "phone", "alert", "ping"];

/// The command that answers a question, with the words that introduce it; `None` where nothing was
/// asked.
fn question(all: &str) -> Option<(&'static str, &'static str)> {
    let words = spaced(all);
    let first = words.split(' ').next().unwrap_or_default();
    let asks = all.trim_end().ends_with(['?', '？', '؟']) || ASKING.contains(&first);
    if CALLS.contains(&first) {
        return Some(answered("oncall"));
    }
    let requests = REQUESTING.contains(&first);
    if !asks && !requests {
        return None;
    }
    let found = QUESTIONS.iter().find(|(known, _)| known.iter().any(|known| has(&words, known)));
    let otherwise = if first.starts_with("who") { "roles" } else { "status" };
    found.map(|(_, line)| *line).or_else(|| asks.then_some(otherwise)).map(answered)
}

/// A question with the words that introduce it.
fn answered(line: &'static str) -> (&'static str, &'static str) {
    let what = match line {
        "oncall" => "To see who is on call:",
        "roles" => "To see who leads and who does what:",
        "timeline" => "To see what happened so far:",
        _ => "To see what is open and how it stands:",
    };
    (what, line)
}

/// The command that answers a text for the page which is only a question of the team: "any news?",
/// "eta". A question among sentences, or one to customers, is a text.
pub(crate) fn only_a_question(text: &str) -> Option<&'static str> {
    const BARE: &[&str] = &["eta", "any news", "any update", "any updates", "any progress", "news"];
    let text = text.trim();
    let words = spaced(text);
    let sentence = text.strip_suffix(['?', '？', '؟']);
    let is_alone = sentence.is_some_and(|asked| !asked.contains(['.', '!', '?', ':', '\n']));
    let first = words.split(' ').next().unwrap_or_default();
    let asks = is_alone && (ASKING.contains(&first) || REQUESTING.contains(&first));
    // "Did you notice errors yesterday?" is for customers.
    let is_to_customers = has(&words, "your") || has(&words, "you");
    (BARE.contains(&words.as_str()) || asks && !is_to_customers)
        .then(|| question(text).map_or("status", |(_, line)| line))
}

/// Refuses a question that begins with the verb `when`.
pub(crate) fn when_asked(all: &str) -> Option<Refusal> {
    const ASKED: &[&str] =
        &["will", "did", "does", "do", "is", "was", "are", "were", "can", "should"];
    let words = spaced(all);
    let second = words.split(' ').nth(1).unwrap_or_default();
    let (what, line) = question(all).filter(|_| ASKED.contains(&second))?;
    Some(Refusal::new(what).line(line))
}

/// True if it announces an end, which could mean several things.
fn is_ending(all: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "done",
        "cancel",
        "cancel it",
        "cancel this",
        "cancel that",
        "cancel all",
        "cancelled",
        "canceled",
        "it is done",
        "its done",
        "all done",
        "false alarm",
        "all good",
        "all good now",
        "all clear",
        "over",
        "end",
        "ended",
        "finished",
        "stop",
        "solved",
        "works again",
        "back",
        "it is fixed",
        "its fixed",
        "it s fixed",
        "it is over",
        "its over",
        "never mind",
        "nevermind",
        "all well",
        "all is well",
        "recovered",
        "up again",
        "ok now",
        "good now",
    ];
    let words = spaced(all);
    ENDINGS.contains(&words.trim())
}

/// Lower-case words with one space between them.
pub(crate) fn spaced(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\'', '’'], "");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn has(words: &str, known: &str) -> bool {
    format!(" {words} ").contains(&format!(" {known} "))
}

/// The refusal of a polite line that would change something: it is only suggested.
pub(crate) fn suggested(line: String) -> Refusal {
    Refusal::new("Nothing was recorded. A command stands alone:").line(line)
}

/// The refusal of a verb in a language of the page.
pub(crate) fn foreign(word: &str, line: String) -> Refusal {
    Refusal::new(format!(
        "“{}” isn't a command. Nothing was recorded.",
        escape(&excerpt(&clean_name(word)))
    ))
    .sentence("Commands are in English. Did you mean")
    .line(line)
}

/// The verb of a line that has nothing else but an incident's number.
pub(crate) fn command_alone(line: &str) -> Option<&'static Spec> {
    let mut words = line.split_whitespace();
    let (spec, _) = single(without_closing(words.next()?))?;
    let is_number = |word: &str| number(without_closing(word)).is_some();
    words.all(is_number).then_some(spec)
}
