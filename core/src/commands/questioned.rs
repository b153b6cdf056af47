//! Questions, roles and endings in people's own words, and the command that was probably meant.

use super::refusal::Refusal;

/// True if senders ask for their own turns on call.
pub(crate) fn asks_for_own_turns(all: &str) -> bool {
    let words = spaced(all).replace("oncall", "on call");
    ["when am i on call", "am i on call", "when is my turn", "when am i next on call"]
        .contains(&words.as_str())
}

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
pub(crate) fn announced(all: &str) -> Option<&'static str> {
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
pub(crate) fn question(all: &str) -> Option<(&'static str, &'static str)> {
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
    // "close now?"
    let is_short = words.split(' ').count() <= 3;
    let asks = is_alone && (is_short || ASKING.contains(&first) || REQUESTING.contains(&first));
    // "Did you notice errors yesterday?" is for customers.
    let is_to_customers = has(&words, "your") || has(&words, "you");
    (BARE.contains(&words.as_str()) || asks && !is_to_customers)
        .then(|| question(text).map_or("status", |(_, line)| line))
}

/// The command for a question that stands alone: `eta?`. `None` where its words say too little.
pub(crate) fn asked(all: &str) -> Option<&'static str> {
    let words = spaced(all);
    let is_question = all.trim_end().ends_with(['?', '？', '؟']);
    let found = QUESTIONS.iter().find(|(known, _)| known.iter().any(|known| has(&words, known)));
    found.map(|(_, line)| *line).filter(|_| is_question && question(all).is_some())
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
pub(crate) fn is_ending(all: &str) -> bool {
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
