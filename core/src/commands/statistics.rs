//! `stats`: times to detect, acknowledge, mitigate and resolve incidents.

use jiff::Timestamp;

use super::line::Line;
use super::lines::copyable;
use super::misread::expected;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::target::Target;
use super::usage::{Screen, Usage};
use super::words;
use crate::config::Config;
use crate::incident::severity::Severity;
use crate::incident::status::NO_NAMES;
use crate::log::state::State;
use crate::response::milestone::Milestone;
use crate::response::model::{Response, Visibility};
use crate::response::period::Period;
use crate::response::statistics::{Figures, Measure, Selection, Statistics};
use crate::response::summary::Summary;
use crate::text::clean_name;
use crate::text::markdown::escape;
use crate::text::time::{short_time, spoken_length};

pub const STATISTICS: Usage = Usage {
    words: &["stats", "statistics"],
    form: "stats [#42|90d|2026-11|2026-Q4|2026|all] [component Checkout] [sev 2]",
    meaning: "tells how long it took to detect, acknowledge, mitigate and resolve",
    examples: &["stats", "stats 90d sev 2"],
    screen: Some(Screen::Review),
    brief: ("stats", "times and promises"),
    ..Usage::NEW
};

/// The period of `stats` without a typed one.
const DEFAULT_PERIOD: Period = Period::Days(90);

const EXAMPLE: &str = "stats <period>";

/// The incidents to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The period of their declaration.
    pub period: Period,
    /// The place of a component in the configuration.
    pub component: Option<usize>,
    pub severity: Option<Severity>,
}

/// Returns `None` as the choice if the line names an incident.
pub(crate) fn read(mut line: Line) -> Result<(Target, Option<Choice>), Refusal> {
    let target = line.target();
    if target.number.is_some() {
        return Ok((target, None));
    }
    let reader = &mut line.reader;
    let mut choice = Choice { period: DEFAULT_PERIOD, component: None, severity: None };
    while let Some(word) = reader.next_word() {
        let word = without_closing(word);
        let lower = word.to_ascii_lowercase();
        if lower == "component" {
            choice.component = Some(component(reader, line.config)?);
        } else if let Some(digits) = lower.strip_prefix("severity").or(lower.strip_prefix("sev")) {
            let next = if digits.is_empty() { reader.next_word() } else { Some(digits) };
            let severity = next.and_then(|digits| digits.trim_start_matches('=').parse().ok());
            let severity = severity.and_then(Severity::of).ok_or_else(|| {
                let needed = "a severity from 1 (most severe) to 4";
                expected(next.map(clean_name).as_deref(), needed, EXAMPLE)
            })?;
            choice.severity = Some(severity);
        } else {
            choice.period = lower.parse().map_err(|_| {
                let needed = "a period such as 90d, 2026-11, 2026-Q4, 2026 or all, or #42";
                expected(Some(&clean_name(word)), needed, EXAMPLE)
            })?;
        }
    }
    Ok((target, Some(choice)))
}

/// The named component; the longest match wins.
fn component(reader: &mut Reader, config: &Config) -> Result<usize, Refusal> {
    let rest: Vec<&str> = reader.rest().split_whitespace().collect();
    let place_of = |words: usize| {
        let name = rest.get(..words)?.join(" ");
        let name = without_closing(&name).to_lowercase();
        config.components().position(|c| c.name.to_lowercase() == name || c.id == name)
    };
    let found = (1..=rest.len()).rev().find_map(|words| Some((place_of(words)?, words)));
    if let Some((place, words)) = found {
        reader.skip_words(words);
        return Ok(place);
    }
    let names = || config.components().map(|component| component.name.as_str());
    let nearest = rest.first().and_then(|word| words::nearest(word, names()));
    let example = nearest.or_else(|| names().next()).unwrap_or("Checkout");
    let found = rest.first().map(|word| clean_name(word));
    let example = format!("stats <period> component {example}");
    Err(expected(found.as_deref(), "the name of a component", &example))
}

/// `stats`, from the state.
pub(crate) fn chosen(choice: Choice, state: &State, now: Timestamp, config: &Config) -> String {
    let component = choice.component.and_then(|place| config.components().nth(place));
    let selection = Selection {
        period: choice.period,
        component: component.map(|component| component.id.clone()),
        severity: choice.severity,
    };
    let zone = &config.time_zone;
    let has = |summary: &Summary| selection.has(summary, now, zone);
    let closed: Vec<&Summary> = state.summaries.iter().filter(|summary| has(summary)).collect();
    let open = state.responses.values().filter(|response| response.is_open());
    let open = open.filter(|response| response.visibility != Visibility::Drill);
    let open = open.filter(|response| has(&Summary::of(response, None))).count();
    let mut lines = lines(&Statistics::of(&closed), &selection, open, config);
    let from = choice.period.bounds(now, zone).from;
    if let Some(gone) = state.summaries.gone_until()
        && !state.summaries.reach_back_to(from)
    {
        lines.push(format!(
            "**Not all incidents:** the ones kept here begin after {}. `status-update stats {}` \
             at a terminal reads the whole log.",
            short_time(gone, now, zone),
            argument(choice.period),
        ));
    }
    lines.join("\n\n")
}

/// A period as it is typed.
fn argument(period: Period) -> String {
    match period {
        Period::All => "all".to_owned(),
        Period::Days(days) => format!("{days}d"),
        period => period.to_string().trim_start_matches("in ").to_owned(),
    }
}

/// Statistics as lines; `open` is the number of open incidents.
#[must_use]
pub fn lines(
    statistics: &Statistics,
    selection: &Selection,
    open: usize,
    config: &Config,
) -> Vec<String> {
    let component =
        selection.component.as_ref().map(|id| escape(config.component_name(id, &NO_NAMES)));
    let component = component.map_or(String::new(), |name| format!(" on {name}"));
    let severity = selection
        .severity
        .map_or(String::new(), |severity| format!(" of severity {}", severity.number()));
    let incidents = match statistics.incidents {
        1 => "1 closed incident".to_owned(),
        count => format!("{count} closed incidents"),
    };
    let open = match open {
        0 => String::new(),
        1 => " 1 is still open and not counted.".to_owned(),
        count => format!(" {count} are still open and not counted."),
    };
    let mut lines = vec![format!(
        "**{incidents}**{severity}{component}, declared {}. Drills are never counted.{open}",
        selection.period
    )];
    if statistics.incidents == 0 {
        return lines;
    }
    lines.extend(statistics.figures.iter().map(|(measure, figures)| figure(*measure, figures)));
    let (kept, broken) = statistics.promises;
    if let Some(percent) = (100 * u64::from(kept)).checked_div(u64::from(kept) + u64::from(broken))
    {
        lines.push(format!("**promised updates**: {kept} kept, {broken} broken ({percent}% kept)"));
    }
    lines.push(
        "The median of an even number is the mean of the two in the middle; p90 is the smallest \
         value that nine tenths do not exceed."
            .to_owned(),
    );
    lines
}

fn figure(measure: Measure, figures: &Figures) -> String {
    let lacking = match figures.lacking {
        0 => String::new(),
        count => format!(", missing in {count}"),
    };
    let figures = match (figures.median, figures.p90) {
        (Some(median), Some(p90)) => format!(
            "median {}, p90 {}, n {}{lacking}",
            spoken_length(median),
            spoken_length(p90),
            figures.count
        ),
        _ => format!("not known{lacking}"),
    };
    format!("**{}** ({}): {figures}", measure.name(), measure.formula())
}

/// `stats #42`: each value with its calculation, or its missing facts.
pub(crate) fn of_one(response: &Response) -> String {
    let summary = Summary::of(response, None);
    let number = response.number;
    let counted = match (response.visibility, response.is_open()) {
        (Visibility::Drill, _) => " It is a drill, which is never counted.",
        (_, true) => " It is still open and will be counted once it is closed.",
        (_, false) => "",
    };
    let mut lines = vec![format!("**#{number}** {}.{counted}", escape(&response.title))];
    lines.extend(Measure::ALL.into_iter().map(|measure| {
        let value = match measure.of(&summary.times) {
            Some(length) if length.is_negative() => measure.contradiction(),
            Some(length) => spoken_length(length),
            None => format!("not known: {} missing", names(&missing(measure, &summary))),
        };
        format!("**{}** ({}): {value}", measure.name(), measure.formula())
    }));
    if summary.promises_kept + summary.promises_broken > 0 {
        let Summary { promises_kept: kept, promises_broken: broken, .. } = &summary;
        lines.push(format!("**promised updates**: {kept} kept, {broken} broken"));
    }
    let typed = [Milestone::Started, Milestone::Detected, Milestone::Acknowledged];
    let typed = typed.into_iter().chain([Milestone::Mitigated]);
    let first = typed.into_iter().find(|milestone| !summary.times.contains_key(milestone));
    if let Some(milestone) = first {
        let line = copyable(&format!("when #{number} {} <time>", milestone.word()));
        lines.push(format!("What is missing can be added: {line}"));
    }
    lines.join("\n\n")
}

/// The milestones that a measure needs and an incident lacks.
#[must_use]
pub fn missing(measure: Measure, summary: &Summary) -> Vec<Milestone> {
    let (end, begin) = measure.milestones();
    [begin, end].into_iter().filter(|milestone| !summary.times.contains_key(milestone)).collect()
}

fn names(milestones: &[Milestone]) -> String {
    let words: Vec<&str> = milestones.iter().map(|milestone| milestone.word()).collect();
    let verb = if words.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", words.join(" and "))
}
