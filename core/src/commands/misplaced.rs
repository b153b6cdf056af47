//! Words at the beginning of a text for the page that were probably meant as an option, a fact or a
//! command. They are asked about, because publishing them would be wrong and guessing them worse.

use strsim::osa_distance;

use super::beginning::{Beginning, Published};
use super::correction::{self, CORRECT};
use super::opening::OPEN;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::slips::{is_slip, named_fact, slip_of_impact, slip_of_severity};
use super::times::is_time;
use super::update::CLOSE;
use super::{Command, private_command, single, words};
use crate::config::Config;
use crate::incident::model::Impact;
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::read_length;

/// Words for which components cannot stand after "on".
const NOT_A_NAME: [&str; 27] = [
    "a", "air", "all", "an", "any", "behalf", "both", "call", "each", "every", "hold", "site",
    "time", "top", "her", "his", "it", "its", "my", "our", "some", "that", "the", "their", "these",
    "this", "your",
];

/// The limit of words in the names of components.
const NAME_WORDS_MAX: usize = 3;

/// Refuses a text for the page that begins with a word which was probably meant otherwise. `read`
/// reads a line as a command.
///
/// # Errors
/// A question with the lines to choose from.
pub(crate) fn check(
    published: &Published,
    config: &Config,
    read: &dyn Fn(&str) -> Option<Command>,
) -> Result<(), Refusal> {
    let plain = published.text.to_plain();
    let line = plain.lines().next().unwrap_or_default();
    let Some(beginning) = Beginning::of(line) else { return Ok(()) };
    let found = of_fact(published, &beginning, line, config)
        .or_else(|| of_impact(published, &beginning))
        .or_else(|| of_stage(published, &beginning))
        .or_else(|| of_severity(published, &beginning))
        .or_else(|| of_assignment(published, &beginning))
        .or_else(|| of_promise(published, &beginning))
        .or_else(|| of_time(published, &beginning))
        .or_else(|| of_components(published, line, config))
        .or_else(|| private_command::refusal(published, &beginning, &plain, read))
        .or_else(|| {
            plain.lines().skip(1).find_map(|line| {
                let beginning = Beginning::of(line)?;
                // A last line that is a public command gets a remark.
                let is_public = single(&beginning.first).is_some_and(|(s, _)| s.usage.is_public);
                let refusal = || private_command::refusal(published, &beginning, line, read);
                (!is_public).then(refusal).flatten()
            })
        });
    found.map_or(Ok(()), Err)
}

/// A question about a word, with the line that it was probably meant as.
fn asked(published: &Published, what: &str, meant: impl Into<String>) -> Refusal {
    Refusal::new(format!("{what} Nothing was published. Did you mean"))
        .line(meant)
        .offer(BEGIN_DIFFERENTLY, published.line(""))
}

const BEGIN_DIFFERENTLY: &str = "If it is text, begin with a different word:";

/// A slip of a known word, or a word that could be `meaning` as well as text.
fn resembles(typed: &str, known: &str, meaning: &str) -> String {
    let is_slipped = is_slip(typed, known);
    let typed = escape(&excerpt(&clean_name(typed)));
    if is_slipped {
        format!("“{typed}” looks like “{known}”.")
    } else {
        format!("“{typed}” could be {meaning} or the first word of the text.")
    }
}

const A_FACT: &str = "a fact to correct";
const AN_IMPACT: &str = "the impact";

/// `strated 14:00`, `impact minr`, `title: …`, `update 2 …`.
fn of_fact(
    published: &Published,
    beginning: &Beginning,
    line: &str,
    config: &Config,
) -> Option<Refusal> {
    let Beginning { words, first, is_label } = beginning;
    let is_correction = published.usage == &CORRECT;
    let number = published.place();
    let correct = |fact: &str| format!("correct{number} {fact}");
    let is_whole = || matches!(correction::fact(line, config), Ok(Some(_)));
    if let Some(fact) = named_fact(first) {
        let is_meant = beginning.says_when() && (is_correction || is_whole())
            || is_correction && words.len() <= 2;
        let line = correct(&format!("{fact} <time>"));
        return is_meant.then(|| asked(published, &resembles(first, fact, A_FACT), line));
    }
    let is_impact = first == "impact" || is_slip(first, "impact");
    let second = beginning.second();
    let typed = words::impact(&second).or_else(|| slip_of_impact(&second));
    if is_impact && (typed.is_some() || is_correction && words.len() <= 2) {
        let impact = typed.map_or("<impact>", Impact::word);
        let line = if is_correction {
            correct(&format!("impact {impact}"))
        } else {
            format!("impact{number} {impact}")
        };
        return Some(asked(published, &resembles(first, "impact", AN_IMPACT), line));
    }
    let is_title = first == "title" || is_slip(first, "title");
    if is_title && (*is_label || is_correction) && published.usage.name() != "title" {
        return Some(asked(
            published,
            &resembles(first, "title", "a command for the title"),
            format!("title{number} <text>"),
        ));
    }
    let is_numbered = second.bytes().all(|byte| byte.is_ascii_digit()) && !second.is_empty();
    if is_correction && is_slip(first, "update") && is_numbered {
        let line = correct(&format!("update {second}: <text>"));
        return Some(asked(published, &resembles(first, "update", "an update to correct"), line));
    }
    let is_component = ["component", "components"].contains(&first.as_str());
    let names_some = is_correction && (*is_label || words.len() <= NAME_WORDS_MAX);
    (is_component && names_some)
        .then(|| asked(published, &resembles(first, first, A_FACT), correct("on <component>")))
}

/// `minro: …`, and `minor: …` where the verb takes no impact.
fn of_impact(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    let Beginning { words, first, is_label } = beginning;
    let exact = words::impact(first);
    let impact = match exact {
        Some(impact) if *is_label || words.len() == 1 => impact,
        Some(_) => return None,
        None => slip_of_impact(first)?,
    };
    let what = resembles(first, impact.word(), AN_IMPACT);
    let word = impact.word();
    let (place, with) = (published.place(), |option: &str| published.line(option));
    Some(match published.usage.name() {
        "open" | "update" | "publish" | "backfill" => {
            asked(published, &what, with(&format!("{word}: ")))
        }
        "correct" | "reopen" | "postmortem" => {
            asked(published, &what, format!("correct{place} impact {word}"))
        }
        "maintenance" | "withdraw" => Refusal::new(format!("{what} Nothing was published."))
            .offer(BEGIN_DIFFERENTLY, published.line("")),
        _ => asked(published, &what, format!("impact{place} {word}")),
    })
}

/// `identifed …` after `update`.
fn of_stage(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    const STAGES: [&str; 4] = ["investigating", "identified", "monitoring", "resolved"];
    let first = &beginning.first;
    let stage = STAGES.iter().find(|stage| is_slip(first, stage))?;
    (published.usage.name() == "update").then(|| {
        let line = published.line(&format!("{stage} "));
        asked(published, &resembles(first, stage, "the state"), line)
    })
}

/// `sve1 …`, and `sev2 …` where the verb takes no severity.
fn of_severity(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    let Beginning { words, first, is_label } = beginning;
    let letters = first.trim_end_matches(|c: char| !c.is_alphabetic());
    let digits = first.get(letters.len()..).unwrap_or_default();
    let digits = digits.trim_start_matches(['-', '=', '#', '_', ':']);
    let digits = if digits.is_empty() { beginning.second() } else { digits.to_owned() };
    let is_digit = matches!(digits.as_str(), "1" | "2" | "3" | "4");
    let is_sev = ["sev", "severity"].contains(&letters);
    let is_priority = ["p", "prio", "priority"].contains(&letters) && letters != first;
    let is_slipped = slip_of_severity(letters);
    let is_meant = is_digit && (is_sev || is_priority || is_slipped)
        || *is_label && (is_sev || is_slipped)
        || is_sev && words.len() <= 2;
    is_meant.then(|| {
        let severity = if is_digit { digits.as_str() } else { "<n>" };
        let what = resembles(letters, "sev", "the severity");
        match published.usage.name() {
            "open" | "update" if is_digit => {
                asked(published, &what, published.line(&format!("sev{severity} ")))
            }
            _ => asked(published, &what, format!("sev{} {severity}", published.place())),
        }
    })
}

/// `sicne=9:45 …`, whose key no verb has, and `since 25:00 …`.
fn of_assignment(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    const KEYS: [&str; 8] =
        ["since", "via", "public-since", "severity", "sev", "impact", "next", "priority"];
    if published.usage == &OPEN {
        let option = match beginning.first.as_str() {
            "since" if beginning.second().starts_with(|c: char| c.is_ascii_digit()) => {
                Some("since=<time>")
            }
            "via" => Some("via=<who>"),
            _ => None,
        };
        if let Some(option) = option {
            let what = resembles(&beginning.first, option, "an option");
            return Some(asked(published, &what, published.line(&format!("{option} "))));
        }
    }
    let (key, _) = beginning.first.split_once('=')?;
    let is_known = KEYS.iter().any(|known| key == *known || osa_distance(key, known) <= 2);
    (is_known && published.usage.name() == "open" || KEYS.contains(&key)).then(|| {
        let typed = escape(&excerpt(&clean_name(key)));
        let what = format!("“{typed}=” isn't an option here. Nothing was published.");
        let refusal = Refusal::new(what);
        let refusal = match published.usage.name() {
            "open" => refusal.offer("All options:", "help open"),
            _ => refusal,
        };
        refusal.offer("Without it:", published.line(""))
    })
}

/// `nxt 30m: …`, in front of a text or at its end.
fn of_promise(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    let words = &beginning.words;
    let is_next = |word: &str, behind: &[&str]| {
        let word = without_closing(word).to_lowercase();
        let behind: Vec<&str> = behind.iter().map(|word| without_closing(word)).collect();
        is_slip(&word, "next") && read_length(&behind).is_some_and(|(_, n)| n == behind.len())
    };
    let begins = |behind: &[&str]| is_next(&beginning.first, behind);
    let at_start = || (1..=2).any(|n| words.get(1..=n).is_some_and(begins));
    let glued = beginning.first.strip_prefix("next").filter(|length| !length.is_empty());
    let glued = glued.is_some_and(|length| read_length(&[length]).is_some());
    let at_end = || {
        let count = words.len();
        (2..=3).any(|n| {
            let tail = count.checked_sub(n).and_then(|at| words.get(at..)).unwrap_or_default();
            tail.split_first().is_some_and(|(first, behind)| is_next(first, behind))
        })
    };
    let takes = ["open", "update", "impact", "reopen", "publish"];
    (takes.contains(&published.usage.name()) && (glued || at_start() || at_end())).then(|| {
        let what = "A promise of the next update is “next” and a length of time.";
        let line = format!("{} next <length>", published.line(""));
        asked(published, what, line)
    })
}

/// `close yesteday 17:00`, `close 20m agp`, `close at 5ish`.
fn of_time(published: &Published, beginning: &Beginning) -> Option<Refusal> {
    let words: Vec<&str> = beginning.words.iter().map(|word| without_closing(word)).collect();
    let length = read_length(&words).and_then(|(_, taken)| words.get(taken));
    let is_length = length.is_some_and(|next| is_slip(&next.to_lowercase(), "ago"));
    let is_at = beginning.first == "at"
        && words.get(1).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    let is_time = is_length || is_at || is_slip(&beginning.first, "yesterday");
    (is_time && published.usage == &CLOSE).then(|| {
        let what = "The text begins almost like a time.";
        asked(published, what, format!("close{} at <time>", published.place()))
    })
}

/// `on Nowhere: …`, and known components after a verb that takes none.
fn of_components(published: &Published, line: &str, config: &Config) -> Option<Refusal> {
    let behind = line.trim_start();
    let behind =
        behind.get(..3).filter(|on| on.eq_ignore_ascii_case("on ")).and(behind.get(3..))?;
    let (names, is_label) = match behind.split_once(':') {
        Some((names, _)) => (names, true),
        None => (behind, false),
    };
    let words: Vec<String> = names.split_whitespace().map(str::to_lowercase).collect();
    let first = words.first()?;
    let is_correction = published.usage == &CORRECT;
    if words.len() > NAME_WORDS_MAX
        || NOT_A_NAME.contains(&first.as_str())
        || is_time(names)
        || !is_label && !is_correction
    {
        return None;
    }
    let typed = escape(&excerpt(&clean_name(names)));
    let names: Vec<&str> = config.components().map(|component| component.name.as_str()).collect();
    let what = if names.is_empty() {
        format!("“on {typed}” names a component, and this page has none.")
    } else if names.iter().any(|name| name.to_lowercase() == words.join(" ")) {
        format!("Components can't be named here, after `{}`.", published.usage.name())
    } else {
        format!("“{typed}” isn't a component. Components: {}.", escape(&names.join(", ")))
    };
    let refusal = Refusal::new(format!("{what} Nothing was published."));
    let refusal = match published.usage.name() {
        _ if names.is_empty() => refusal,
        "correct" => refusal
            .offer("Affected components:", format!("correct{} on <component>", published.place())),
        "open" | "update" | "publish" | "backfill" | "maintenance" => {
            refusal.offer("With one of them:", published.line("on <component>: "))
        }
        _ => refusal.offer(
            "To change them:",
            format!("update{} on <component>: <text>", published.place()),
        ),
    };
    Some(refusal.offer("Without:", published.line("")))
}
