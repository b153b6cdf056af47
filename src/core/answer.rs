//! What the thread is told: which words, whatever the format they travel in.
//!
//! Sentences are Markdown, the one format that Teams shows in a message's text; what people wrote
//! is escaped in them.

use super::config::Config;
use super::decide::Report;
use super::model::{Event, Impact, Incident, Number, Record, Stage, Window, title_of};
use super::schedule::spoken;
use super::state::State;
use super::text::Text;

/// What goes back to the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One sentence or a few, in Markdown.
    Sentence(String),
    /// What was recorded.
    Card(Card),
}

/// What a success looks like; plain texts all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What happened, such as `Incident #42 opened`.
    pub heading: String,
    /// The incident's title.
    pub title: String,
    /// How it looks: the colour of the heading.
    pub mood: Mood,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
    /// What was understood as the text.
    pub text: String,
    /// What the link says and where it leads.
    pub link: Option<(&'static str, String)>,
}

/// The colour of a card's heading; the words say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Resolved.
    Good,
    /// Of lesser impact.
    Warning,
    /// Of greater impact.
    Attention,
    /// Announced work.
    Neutral,
}

/// Whether the page shows a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// It does. In milliseconds from the message's arrival, if that was measured.
    Done {
        /// The time.
        elapsed_ms: Option<u64>,
    },
    /// Not yet.
    Late,
}

/// How many characters of a text a card repeats.
const EXCERPT_CHARS_MAX: usize = 300;

/// What a record did, as its card tells it.
struct Deed<'a> {
    number: Number,
    title: String,
    impact: Impact,
    stage: Stage,
    text: &'a Text,
    done: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl<'a> Deed<'a> {
    /// From the record alone, so that it can be told again.
    fn of(record: &'a Record, config: &Config) -> Option<Self> {
        let event = record.events.last()?;
        let (number, title, impact, stage, text) = match event {
            Event::Opened { number, impact, text, .. } => {
                (*number, title_of(text), *impact, Stage::Investigating, text)
            }
            Event::Updated { number, title, impact, stage, text, .. }
            | Event::Corrected { number, title, impact, stage, text } => {
                (*number, title.clone(), *impact, *stage, text)
            }
            Event::Reopened { number, title, impact, text, .. } => {
                (*number, title.clone(), *impact, Stage::Investigating, text)
            }
            Event::Reviewed { number, title, impact, text } => {
                (*number, title.clone(), *impact, Stage::Postmortem, text)
            }
            Event::Scheduled { number, window, text, .. } => {
                (*number, title_of(text), Impact::Maintenance, window.stage(record.at), text)
            }
            Event::Extended { number, title, stage, text, .. } => {
                (*number, title.clone(), Impact::Maintenance, *stage, text)
            }
            Event::Recalled { .. } | Event::Day { .. } => return None,
        };
        let begun = matches!(event, Event::Scheduled { .. }) && stage == Stage::InProgress;
        let done = if begun { "begun" } else { self::done(event) };
        let facts = facts(event, config);
        Some(Self { number, title, impact, stage, text, done, facts })
    }
}

/// What an event did, in a word.
#[must_use]
pub fn done(event: &Event) -> &'static str {
    match event {
        Event::Opened { .. } => "opened",
        Event::Updated { stage: Stage::Resolved, .. } => "closed",
        Event::Updated { stage: Stage::Completed, .. } => "completed",
        Event::Updated { stage: Stage::Cancelled, .. } => "cancelled",
        Event::Updated { .. } | Event::Recalled { .. } | Event::Day { .. } => "updated",
        Event::Reopened { .. } => "reopened",
        Event::Reviewed { .. } => "reviewed",
        Event::Scheduled { .. } => "scheduled",
        Event::Extended { .. } => "extended",
        Event::Corrected { .. } => "corrected",
    }
}

fn facts(event: &Event, config: &Config) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let zone = &config.time_zone;
    let (components, next) = match event {
        Event::Opened { impact, components, next_update_by, .. } => {
            facts.push(("Impact", impact.word().to_owned()));
            (components.as_slice(), *next_update_by)
        }
        Event::Updated { components, next_update_by, .. } => {
            (components.as_deref().unwrap_or_default(), *next_update_by)
        }
        Event::Reopened { next_update_by, .. } => (&[] as &[String], *next_update_by),
        Event::Scheduled { window, components, .. } => {
            facts.push(("When", when(*window, config)));
            (components.as_slice(), None)
        }
        Event::Extended { until, .. } => {
            facts.push(("Until", spoken(*until, zone)));
            (&[] as &[String], None)
        }
        _ => (&[] as &[String], None),
    };
    if !components.is_empty() {
        let names: Vec<&str> = components.iter().map(|id| config.component_name(id)).collect();
        facts.push(("Affected", names.join(", ")));
    }
    if let Some(next) = next {
        facts.push(("Next", format!("update promised by {}", spoken(next, zone))));
    }
    facts
}

fn when(window: Window, config: &Config) -> String {
    let zone = &config.time_zone;
    format!("{} to {}", spoken(window.from, zone), spoken(window.until, zone))
}

/// The answer to a command that was recorded. It is told from the record alone, so that it can be
/// told again.
#[must_use]
pub fn recorded(record: &Record, publication: Publication, config: &Config) -> Answer {
    let deed = Deed::of(record, config);
    let Some(Deed { number, title, impact, stage, text, done, mut facts }) = deed else {
        return Answer::Sentence(format!("Recorded as revision {}.", record.revision));
    };
    let mood = match (stage, impact) {
        (Stage::Resolved | Stage::Postmortem | Stage::Completed, _) => Mood::Good,
        (_, Impact::Maintenance) => Mood::Neutral,
        (_, Impact::Minor) => Mood::Warning,
        (_, Impact::Major | Impact::Critical) => Mood::Attention,
    };
    facts.push(("State", stage.word().to_owned()));
    facts.push(("Revision", record.revision.to_string()));
    facts.push(("Page", publication.words()));
    // Where the title is the first line of this text, it is not said twice.
    let is_title = title == title_of(text);
    let text = text.to_plain();
    let behind_title =
        text.strip_prefix(&title).filter(|rest| rest.is_empty() || rest.starts_with('\n'));
    let behind_title = behind_title.filter(|_| is_title).unwrap_or(&text);
    let kind = if impact == Impact::Maintenance { "Maintenance" } else { "Incident" };
    Answer::Card(Card {
        heading: format!("{kind} #{number} {done}"),
        text: excerpt(behind_title.trim()),
        title,
        mood,
        facts,
        link: config.incident_url(number).map(|url| ("Open the page", url)),
    })
}

impl Publication {
    fn words(self) -> String {
        match self {
            Self::Done { elapsed_ms: None } => "published".to_owned(),
            Self::Done { elapsed_ms: Some(ms) } => format!("published in {}", duration(ms)),
            Self::Late => "recorded, not published yet: it follows by itself".to_owned(),
        }
    }
}

fn duration(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}

/// The beginning of a text that is too long to repeat.
#[must_use]
pub fn excerpt(text: &str) -> String {
    if text.chars().count() <= EXCERPT_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{start}…")
}

/// The answer to a question. `published` is the revision that the page shows, if it is known.
#[must_use]
pub fn report(
    report: Report,
    state: &State,
    published: Option<u64>,
    config: &Config,
    bot: &str,
) -> Answer {
    Answer::Sentence(match report {
        Report::Status => status(state, published, config),
        Report::List => list(state, config),
        Report::Help(about) => super::refusal::help(about, config, bot),
    })
}

fn status(state: &State, published: Option<u64>, config: &Config) -> String {
    let page = match published {
        Some(shown) if shown >= state.revision => format!("the page shows revision {shown}"),
        Some(shown) => format!("the page shows revision {shown} and follows by itself"),
        None => "the page follows by itself".to_owned(),
    };
    let link = match &config.public_url {
        Some(url) => format!(" [Open the page]({url}/)"),
        None => String::new(),
    };
    let recorded = match state.revision {
        0 => "Nothing has been recorded yet.".to_owned(),
        revision => format!("Revision {revision} is recorded, {page}."),
    };
    format!("{}\n\n{recorded}{link}", list(state, config))
}

fn list(state: &State, config: &Config) -> String {
    let mut lines: Vec<String> =
        state.open.values().map(|incident| open_line(state, incident, config)).collect();
    match state.impact() {
        None => lines.push("Nothing is open: all systems are operational.".to_owned()),
        Some(Impact::Maintenance) => {
            lines.push("No incident is open; maintenance is in progress.".to_owned());
        }
        Some(_) => {}
    }
    lines.extend(state.maintenance.values().map(|maintenance| {
        format!(
            "**#{}** Maintenance: {} ({}, {})",
            maintenance.number,
            escape(&maintenance.title),
            maintenance.stage.word(),
            maintenance.window.map_or(String::new(), |window| when(window, config)),
        )
    }));
    lines.join("\n\n")
}

fn open_line(state: &State, incident: &Incident, config: &Config) -> String {
    let next = match incident.next_update_by {
        Some(_) if state.is_overdue(incident) => ", the next update is overdue".to_owned(),
        Some(at) => format!(", next update by {}", spoken(at, &config.time_zone)),
        None => String::new(),
    };
    format!(
        "**#{}** {} ({}, {}, since {}{next})",
        incident.number,
        escape(&incident.title),
        incident.impact.word(),
        incident.stage.word(),
        spoken(incident.opened, &config.time_zone),
    )
}

/// What a person wrote, so that Markdown shows it as it is.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '~' | '#' | '|' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Somebody who may not run commands is told so, without learning who may.
#[must_use]
pub fn not_allowed() -> Answer {
    Answer::Sentence(
        "This page does not take commands from here or from you, so nothing was done. Ask whoever \
         runs it."
            .to_owned(),
    )
}

/// What is said when storage stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The command was certainly not recorded. Why, in a few words.
    NotRecorded(String),
    /// Nobody can say yet; the attempt goes on.
    Unconfirmed,
    /// A question cannot be answered right now. Why, in a few words.
    NoAnswer(String),
    /// The same message was recorded before, as this revision, which cannot be read right now.
    RecordedBefore(u64),
}

/// The answer to a command that could not be carried through.
#[must_use]
pub fn trouble(trouble: &Trouble, bot: &str) -> Answer {
    Answer::Sentence(match trouble {
        Trouble::NotRecorded(why) => {
            format!("**Not recorded**: {} Send it again in a moment.", escape(why))
        }
        Trouble::NoAnswer(why) => {
            format!("**No answer right now**: {} Ask again in a moment.", escape(why))
        }
        Trouble::RecordedBefore(revision) => format!(
            "Recorded, as revision {revision}. Storage does not answer right now; the page follows \
             by itself."
        ),
        Trouble::Unconfirmed => format!(
            "**Not confirmed yet**: storage has not answered, and the attempt goes on. Before you \
             send it again, look: `@{} status`",
            bot.replace('`', "'")
        ),
    })
}
