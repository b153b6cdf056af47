//! The answer to a line that is not a command. No suggestion publishes the typed words, unless a
//! public verb is misspelt by one letter and the rest of the line is clear.

use strsim::osa_distance;

use super::lines::repeated;
use super::numbers::{leading, number};
use super::reader::without_closing;
use super::refusal::Refusal;
use super::usage::Usage;
use super::words::{nearest, translated};
use super::{SPECS, Spec, single};
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};

/// English words one letter away from a public verb, which are not slips.
const REAL_WORDS: &[&str] = &[
    "arise",
    "braise",
    "chose",
    "chosen",
    "clone",
    "closed",
    "closer",
    "closes",
    "closet",
    "compact",
    "connect",
    "corrects",
    "declared",
    "declares",
    "declarer",
    "dew",
    "few",
    "filed",
    "fined",
    "fired",
    "fixes",
    "hew",
    "identifier",
    "identifies",
    "impacts",
    "knew",
    "lose",
    "mew",
    "mixed",
    "net",
    "news",
    "newt",
    "next",
    "nixed",
    "now",
    "omen",
    "opens",
    "oven",
    "pen",
    "pew",
    "praise",
    "punish",
    "raised",
    "raises",
    "reopens",
    "resolver",
    "resolves",
    "revolve",
    "revolved",
    "rise",
    "sew",
    "smart",
    "star",
    "stare",
    "stark",
    "stars",
    "start's",
    "starts",
    "stat",
    "tart",
    "tile",
    "tilt",
    "titled",
    "titles",
    "updates",
    "upstate",
    "vie",
    "view",
    "withdrawn",
    "withdrew",
];

/// Refuses a line that does not begin with a verb.
pub(crate) fn refusal(
    first: &str,
    all: &str,
    rest: &str,
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
    if let Some((spec, verb)) = translated(word).and_then(|verb| single(&verb)) {
        let usage = spec.usage;
        return refusal
            .sentence("Commands are in English. Did you mean")
            .line(safe(usage, verb, rest));
    }
    if let Some(line) = announced(all) {
        return refusal.sentence("Did you mean").line(line);
    }
    if is_ending(all) {
        return refusal.while_open(
            ending(all),
            more(Refusal::new("To open an incident:").line("open <text>")),
        );
    }
    let meant = |slips_max| {
        let line = misspelt(word, rest, slips_max, is_understood)?;
        Some(Refusal::new(format!("{what} Did you mean")).line(line))
    };
    if let Some(refusal) = meant(1) {
        return refusal;
    }
    if let Some(question) = question(all) {
        return refusal.sentence("To see that:").line(question);
    }
    if let Some(refusal) = meant(2) {
        return refusal;
    }
    let note = Refusal::new(NOTE).line_about("note", None, all.trim());
    refusal.while_open(more(note), more(Refusal::new("To open an incident:").line("open <text>")))
}

const NOTE: &str = "For the timeline, seen by the team only:";

/// Asks for the meaning of an end while an incident is open.
fn ending(all: &str) -> Refusal {
    let refusal = Refusal::new("If it is over:").line_about("close", None, "");
    let refusal = refusal.sentence("If customers no longer notice it:");
    let refusal = refusal.line_about("mitigated", None, "").sentence(NOTE);
    more(refusal.line_about("note", None, all.trim()))
}

fn more(refusal: Refusal) -> Refusal {
    refusal.sentence("More:").line("help")
}

/// A line to copy that would not publish the words after the verb.
fn safe(usage: &Usage, verb: &str, rest: &str) -> String {
    let rest = rest.trim();
    if !usage.is_public {
        return format!("{verb} {}", repeated(rest)).trim_end().to_owned();
    }
    let named = leading(rest, true);
    let behind = named.map_or(rest, |named| rest.get(named.bytes..).unwrap_or_default());
    let number = named.map_or(String::new(), |named| format!(" #{}", named.number));
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
        .sentence("To post an update:")
        .line(format!("update #{number} <text>"))
}

/// The intended line of a misspelt verb.
fn misspelt(
    word: &str,
    rest: &str,
    slips_max: usize,
    is_understood: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let lower = word.to_lowercase();
    if lower.chars().count() < WORD_CHARS_MIN || REAL_WORDS.contains(&lower.as_str()) {
        return None;
    }
    let known = SPECS.iter().flat_map(|spec| spec.usage.words.iter().copied());
    let meant = nearest(word, known).filter(|meant| osa_distance(&lower, meant) <= slips_max)?;
    let spec = SPECS.iter().find(|spec| spec.usage.words.contains(&meant))?;
    let line = format!("{meant} {}", repeated(rest.trim())).trim_end().to_owned();
    if !spec.usage.is_public {
        return Some(line);
    }
    if osa_distance(&lower, meant) == 1 && is_understood(&line) {
        return Some(line);
    }
    Some(if rest.trim().is_empty() { meant.to_owned() } else { format!("{meant} <text>") })
}

/// Shorter words resemble too many others.
const WORD_CHARS_MIN: usize = 3;

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

/// The command that answers a question; `None` if it is not one.
fn question(all: &str) -> Option<&'static str> {
    let words = spaced(all);
    let first = words.split(' ').next().unwrap_or_default();
    let asks = all.trim_end().ends_with(['?', '？', '؟']) || ASKING.contains(&first);
    if CALLS.contains(&first) {
        return Some("oncall");
    }
    let requests = REQUESTING.contains(&first);
    if !asks && !requests {
        return None;
    }
    let found = QUESTIONS.iter().find(|(known, _)| known.iter().any(|known| has(&words, known)));
    let otherwise = if first.starts_with("who") { "roles" } else { "status" };
    found.map(|(_, line)| *line).or_else(|| asks.then_some(otherwise))
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
        .then(|| question(text).unwrap_or("status"))
}

/// Refuses a question that begins with the verb `when`.
pub(crate) fn when_asked(all: &str) -> Option<Refusal> {
    const ASKED: &[&str] =
        &["will", "did", "does", "do", "is", "was", "are", "were", "can", "should"];
    let words = spaced(all);
    let second = words.split(' ').nth(1).unwrap_or_default();
    let line = question(all).filter(|_| ASKED.contains(&second))?;
    Some(Refusal::new("Nothing was recorded. To see that:").line(line))
}

/// True if it announces an end, which could mean several things.
fn is_ending(all: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "done",
        "cancel",
        "cancelled",
        "canceled",
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
fn spaced(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\'', '’'], "");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn has(words: &str, known: &str) -> bool {
    format!(" {words} ").contains(&format!(" {known} "))
}

/// Polite words in front of a request.
const POLITE: &[&str] = &[
    "please", "pls", "plz", "kindly", "hey", "hi", "hello", "ok", "okay", "bot", "thanks", "thank",
    "can", "could", "would", "will", "you", "we", "i", "want", "need", "to", "lets", "just",
    "like", "id", "now", "then", "so", "and",
];

/// The limit of skipped polite words.
const POLITE_MAX: usize = 5;

/// Number of polite words in front of a line.
pub(crate) fn polite_words(plain: &str) -> usize {
    let words = plain.split_whitespace().take(POLITE_MAX);
    let is_polite = |word: &&str| POLITE.contains(&spaced(word).as_str());
    words.take_while(is_polite).count()
}

/// Refuses a polite line that would change something, and suggests it.
pub(crate) fn suggested(usage: &Usage, line: &str, behind_verb: &str) -> Refusal {
    let verb = line.split_whitespace().next().unwrap_or(usage.name());
    let line = safe(usage, verb, behind_verb);
    Refusal::new("Nothing was recorded. A command stands alone:").line(line)
}

/// The verb of a line that has nothing else except an incident's number.
pub(crate) fn command_alone(line: &str) -> Option<&'static Spec> {
    let mut words = line.split_whitespace();
    let (spec, _) = single(without_closing(words.next()?))?;
    let is_number = |word: &str| number(without_closing(word)).is_some();
    words.all(is_number).then_some(spec)
}
