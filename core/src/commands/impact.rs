//! `impact`: the public impact of an incident. `impact on <who>` sets the affected people instead.

use super::line::Line;
use super::options::{self, Takes};
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::Target;
use super::tracking::{AFFECTED, Tracking, reply};
use super::update::{Read, StatusChange};
use super::usage::{Accepts, IncidentKind, Screen, Usage};
use super::words;
use crate::incident::model::Impact;
use crate::response::model::Topic;
use crate::text::time::unpunctuated;

use IncidentKind::{Closed, ClosedInternal, Open, OpenInternal, Over, Planned};

pub(super) const IMPACT: Usage = Usage {
    words: &["impact", "downgrade", "upgrade"],
    form: "impact minor|major|critical [#42] [text]",
    meaning: "changes the public impact; `downgrade to minor` works too",
    examples: &["impact critical"],
    nothing_open: Some("there is no impact to change"),
    accepts: &Accepts {
        changed: &[Open],
        anywhere: &[Open, OpenInternal],
        in_thread: &[&[Open], &[Closed], &[OpenInternal, ClosedInternal], &[Planned], &[Over]],
    },
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("impact <impact>", "minor, major, critical"),
    ..Usage::NEW
};

fn public(mut line: Line) -> Read {
    let takes = [Takes::Number, Takes::ImpactNeeded, Takes::Promise, Takes::Silence];
    // "to" before the impact belongs to the command.
    let to = |rest: &str| {
        let mut words = rest.split_whitespace();
        let is_to = words.next().is_some_and(|word| word.eq_ignore_ascii_case("to"));
        let is_impact = words.next().is_some_and(|w| words::impact(without_closing(w)).is_some());
        Ok((is_to && is_impact).then_some(1))
    };
    let (options, text) = options::read(&mut line, &takes, to)?;
    let (impact, next) = (options.impact.unwrap_or(Impact::DEFAULT), options.next);
    Ok((options.target(line.usage, &text), StatusChange::Impact { impact, next, text }))
}

/// The two meanings of `impact`.
pub(crate) enum Impacted {
    Public(Target, StatusChange),
    /// The affected people, for responders.
    Who(Target, Tracking),
}

pub(crate) fn read(line: Line) -> Result<Impacted, Refusal> {
    let mut ahead = Line { usage: &AFFECTED, reader: line.reader.clone(), ..line };
    let number = ahead.target().number;
    let is_on = ahead.reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("on"));
    if !is_on || line.word != IMPACT.name() {
        return public(line).map(|(target, change)| Impacted::Public(target, change));
    }
    let mut words = ahead.reader.rest().split_whitespace();
    if let Some(impact) = words.find_map(|word| words::impact(unpunctuated(word))) {
        return Err(Refusal::new(format!(
            "“{}” could be the public impact, or a word about those affected. Nothing was changed. \
             To change the impact:",
            impact.word()
        ))
        .line_about(IMPACT.name(), number, impact.word())
        .offer_about(
            "To say who is affected, for the team only:",
            AFFECTED.name(),
            number,
            "<text>",
        ));
    }
    let (target, tracking) = reply(ahead, Topic::Affected)?;
    let target = Target { number, ..target };
    Ok(Impacted::Who(target, tracking))
}
