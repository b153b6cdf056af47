//! The answer to a line that is not a command. No suggestion publishes the typed words, unless a
//! public verb is misspelt by one letter and the rest of the line is clear.

use strsim::osa_distance;

use super::components::components;
use super::lines::repeated;
use super::moments::leading_time;
use super::numbers::{leading, number};
use super::opening::OPEN;
use super::private_words::off_page;
use super::questioned::{announced, is_ending, question};
use super::reader::{Reader, without_closing};
use super::real_words::is_real_word;
use super::refusal::{Refusal, closed_just_now};
use super::slips::{named_fact, slip_of_severity};
use super::update::UPDATE;
use super::usage::Usage;
use super::words::{nearest, severity};
use super::{SPECS, Spec, single};
use crate::config::Config;
use crate::incident::model::Number;
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
    if let Some(named) = number(word) {
        return only_a_number(&clean_name(first), named, rest, config, is_understood);
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
        let open = more(to_open(&format!("{opening}<text>")));
        return refusal.by_situation(more(grade), open.clone(), open);
    }
    if let Some(refusal) = nearly_read(&what, word, rest, config) {
        return refusal;
    }
    if let Some(line) = announced(all) {
        return refusal.sentence("Did you mean").line(line);
    }
    if is_ending(all) {
        return refusal.by_situation(ending(all), closed_already(all), more(to_open("<text>")));
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
    if let Some((spec, verb)) = inflected(word).filter(|_| leading(rest, false).is_some()) {
        let line = safe(spec.usage, verb, rest, config);
        return Refusal::new(format!("{what} Did you mean")).line(line);
    }
    let option = opening_option(all, config);
    let note = Refusal::none().offer_about(NOTE, "note", None, all.trim());
    let note = match inflected(word) {
        // "Updated the firewall" reports what was done.
        Some((spec, verb)) if is_about(word, rest) => {
            note.offer("For customers:", safe(spec.usage, verb, rest, config))
        }
        _ => note,
    };
    let components = on_components(all, config).filter(|_| option.is_empty());
    let (open, quiet) = match &components {
        Some(on) => {
            let update = format!("{on}<text>");
            (note.clone().offer_about("For customers:", "update", None, &update), to_open(&update))
        }
        None => (note.clone(), to_open(&format!("{option}<text>"))),
    };
    let after = note.offer("Something new:", format!("open {option}<text>"));
    refusal.by_situation(more(open), more(after), more(quiet))
}

/// A line whose first word is nearly one of a known form: `sevv 2`, `note5 text`, `closed 17:00`.
fn nearly_read(what: &str, word: &str, rest: &str, config: &Config) -> Option<Refusal> {
    let lower = word.to_lowercase();
    let letters = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = lower.get(letters.len()..)?;
    let meant = || Refusal::new(format!("{what} Did you mean"));
    if slip_of_severity(letters) {
        let named = leading(rest, false);
        let behind = named.map_or(rest, |named| rest.get(named.bytes..).unwrap_or_default());
        let grade = if digits.is_empty() { behind.trim() } else { digits };
        let number = named.map(|named| named.number);
        let is_grade = matches!(grade, "1" | "2" | "3" | "4");
        let grade = if is_grade { grade } else { "<n>" };
        return Some(meant().line_about("sev", number, grade));
    }
    if let (Ok(number), Some((spec, verb))) = (digits.parse::<Number>(), single(letters)) {
        let takes_number = spec.usage.form.contains("#42");
        let line = safe(spec.usage, verb, &format!("#{number} {}", rest.trim()), config);
        if spec.usage.is_public {
            return takes_number.then(|| meant().line(line));
        }
        let typed = meant().line(format!("{verb} {digits} {}", repeated(rest.trim())));
        return Some(if takes_number { typed.offer("For that incident:", line) } else { typed });
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (_, taken) = leading_time(&words)?;
    let fact = named_fact(&lower).filter(|_| single(&lower).is_none())?;
    let behind = words.get(taken..).unwrap_or_default();
    let time = match words.first().map(|word| without_closing(word)) {
        Some(time) if taken == 1 && time.starts_with(|c: char| c.is_ascii_digit()) => time,
        _ => "<time>",
    };
    let is_closed = words.get(taken - 1).is_some_and(|last| last.ends_with(':'));
    if !behind.is_empty() && !is_closed {
        return None;
    }
    let text = if behind.is_empty() { "" } else { ": <text>" };
    let correction = format!("correct {fact} {time}");
    Some(if fact == "closed" {
        meant().while_open(
            Refusal::none().line(format!("close at {time}{text}")),
            Refusal::none().line(correction),
        )
    } else {
        let milestone = format!("when started {}", words.get(..taken)?.join(" "));
        meant().line(correction).offer("For the team only:", milestone.trim_end_matches(':'))
    })
}

/// True if another form of a verb stands alone, or has nothing but an "s" more.
fn is_about(word: &str, rest: &str) -> bool {
    rest.trim().is_empty() || word.to_lowercase().ends_with('s')
}

/// The verb of which a word is another form: "updates", "closed", "publishing".
fn inflected(word: &str) -> Option<(&'static Spec, &'static str)> {
    const ENDS: [&str; 5] = ["ing", "es", "ed", "s", "d"];
    let lower = word.to_lowercase();
    let stems = ENDS.iter().filter_map(|end| lower.strip_suffix(end));
    let verbs = stems.flat_map(|stem| [stem.to_owned(), format!("{stem}e")]);
    let mut known = verbs.filter(|verb| verb.len() >= WORD_CHARS_MIN).filter_map(|v| single(&v));
    // "It starts working again" opens nothing.
    known.find(|(spec, verb)| spec.usage.is_public && (spec.usage != &OPEN || *verb == OPEN.name()))
}

fn to_open(rest: &str) -> Refusal {
    Refusal::none().offer("To open an incident:", format!("open {rest}"))
}

/// `on Checkout: ` where a line without a verb begins with components, their names put right.
fn on_components(all: &str, config: &Config) -> Option<String> {
    match components(all, config, &UPDATE) {
        Ok(found) => all.get(..found?.1).map(|on| format!("{} ", on.trim())),
        Err(refusal) => {
            let line = refusal.suggestions().next()?.strip_prefix("update ")?;
            line.strip_suffix("<text>").map(str::to_owned)
        }
    }
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

/// The same just after it was closed.
fn closed_already(all: &str) -> Refusal {
    closed_just_now().offer_about("Only a note:", "note", None, all.trim())
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
    let text = match behind.trim() {
        "" => "",
        "cancel" if usage.name() == "maintenance" => " cancel",
        _ => " <text>",
    };
    match (rest.is_empty(), usage.name()) {
        // Only a bare `close` does something; other public verbs need a text.
        (true, name) if name != "close" => usage.brief.0.to_owned(),
        _ => format!("{verb}{number}{text}"),
    }
}

/// A number is not a command, but names an incident.
fn only_a_number(
    shown: &str,
    number: Number,
    rest: &str,
    config: &Config,
    is_understood: &dyn Fn(&str) -> bool,
) -> Refusal {
    let mut words = Reader::new(rest);
    let verb = words.next_word().map(without_closing).unwrap_or_default();
    let behind = format!("#{number} {}", words.rest().trim());
    let what =
        format!("“{}” isn't a command. Nothing was recorded.", escape(&excerpt(&clean_name(verb))));
    if let Some(refusal) = nearly_read(&what, verb, &behind, config) {
        return refusal;
    }
    let meant = misspelt(verb, &behind, config, is_understood);
    let meant = meant
        .or_else(|| inflected(verb).map(|(spec, verb)| safe(spec.usage, verb, &behind, config)));
    if let Some(line) = meant {
        return Refusal::new(format!("{what} Did you mean")).line(line);
    }
    let number = Some(number);
    Refusal::new(format!(
        "“{}” names an incident, but there is no command. Nothing was recorded.",
        escape(shown)
    ))
    .offer_about(NOTE, "note", number, rest.trim())
    .offer_about("For customers:", "update", number, "<text>")
    .offer_about("To see it:", "status", number, "")
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
    // "resolved? no" asks.
    if word.ends_with('?') {
        return None;
    }
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
