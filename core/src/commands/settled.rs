//! The commands that a refusal suggests, as they can be sent in the present state: each names its
//! incident, and those that would be refused are left out.

use super::candidates::{LINES_MAX, just_closed};
use super::closing::{closed_at, is_silent};
use super::context::Context;
use super::maintenance::MAINTENANCE;
use super::numbers::leading;
use super::opening::OPEN;
use super::refusal::{Refusal, RefusalKind, Situation};
use super::single;
use super::target::{Meant, titles, unfit};
use super::update::CLOSE;
use super::usage::{IncidentKind, Usage};
use super::withdraw::UNPUBLISH;
use crate::incident::model::{Number, Stage};

/// Commands that mean something without an incident as well.
const ALONE: [&str; 6] = ["status", "actions", "undo", "stats", "move", "duplicate"];
/// Commands about incidents of any kind.
const OF_ANY_KIND: [&str; 4] = ["undo", "redact", "status", "withdraw"];

/// The outcome for a suggested command.
enum Fate {
    Kept(String),
    /// It could be about any of these, and has `#<n>` instead of a number.
    OneOf(Vec<Number>, String),
    /// It needs an incident and none is open, or the one that it names is of another kind.
    Dropped(&'static Usage, Option<Number>),
}

impl Context<'_> {
    /// A refusal as it is said in this state.
    #[must_use]
    pub fn presented(&self, refusal: Refusal) -> Refusal {
        if let Some(RefusalKind::NoAction(number)) = refusal.kind {
            let kept = self.kept();
            match kept.iter().find(|meant| meant.number() == number) {
                Some(meant) if !MAINTENANCE.accepts.changes(meant.kind()) => {
                    return unfit(*meant, &MAINTENANCE);
                }
                None if !self.is_known(number) => return self.no_incident(number),
                _ => {}
            }
        }
        let open = self.state.open_numbers();
        let situation = match just_closed(self.state, self.time())[..] {
            _ if !open.is_empty() => Situation::Open,
            [] => Situation::Quiet,
            _ => Situation::JustClosed,
        };
        let refusal = refusal.in_situation(Some(situation));
        let is_alone = refusal.suggestions().count() == 1;
        let (mut is_several, mut is_kept, mut dropped) = (false, false, None);
        let settled = refusal.clone().with_each(|line| match self.fate(line) {
            Fate::Kept(kept) => {
                is_several |= kept.contains("#<n>") && !line.contains("#<n>");
                is_kept |= line != "help";
                vec![kept]
            }
            Fate::OneOf(numbers, kept) => {
                (is_several, is_kept) = (true, true);
                if !is_alone || numbers.len() > LINES_MAX {
                    return vec![kept];
                }
                let each = numbers.iter().map(|number| format!("#{number}"));
                each.map(|number| kept.replacen("#<n>", &number, 1)).collect()
            }
            Fate::Dropped(usage, number) => {
                dropped.get_or_insert((usage, number));
                Vec::new()
            }
        });
        match dropped.filter(|_| !is_kept) {
            Some((_, Some(number))) if !self.is_known(number) => self.no_incident(number),
            Some((usage, None)) => self.nothing_open(usage, ""),
            Some((usage, Some(number))) => {
                let kept = self.kept();
                let meant = kept.iter().find(|meant| meant.number() == number);
                meant.map_or(refusal, |meant| unfit(*meant, usage))
            }
            None if is_several && !open.is_empty() => {
                let kept = self.kept();
                let open = kept.iter().filter(|meant| open.contains(&meant.number()));
                let named = titles(open.map(|meant| (meant.number(), meant.title())));
                settled.sentence(format!("Open: {named}"))
            }
            None => settled,
        }
    }

    fn is_known(&self, number: Number) -> bool {
        (1..self.state.next_number).contains(&number)
    }

    fn fate(&self, line: &str) -> Fate {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let Some((spec, _)) = single(verb) else { return Fate::Kept(line.to_owned()) };
        let usage = spec.usage;
        if usage == &OPEN && verb == "open" {
            let options = rest.split('<').next().unwrap_or_default();
            let says_so = options.split_whitespace().any(|word| word == "another");
            let is_another = says_so || !self.is_another(rest);
            let another = if is_another { "" } else { "another " };
            return Fate::Kept(format!("{verb} {another}{rest}"));
        }
        let named = rest.match_indices('#').find_map(|(at, _)| leading(rest.get(at..)?, false));
        if let Some(number) = named.map(|named| named.number)
            && self.is_over_or_not_begun(usage, rest, number)
        {
            return Fate::Dropped(usage, Some(number));
        }
        let takes_number = usage.form.contains("#42")
            || usage.form.contains("#43")
            || usage == &MAINTENANCE && named.is_some();
        if !takes_number || rest.contains("#<n> of #<n>") || rest.contains("to #<n>") {
            return Fate::Kept(line.to_owned());
        }
        if let Some(named) = named {
            return if self.can_be_about(usage, named.number) {
                Fate::Kept(line.to_owned())
            } else {
                Fate::Dropped(usage, Some(named.number))
            };
        }
        let has_place = rest.contains("#<n>");
        // An erasure can't be undone: nobody is led to an incident that they did not name.
        if usage.name() == "redact" || ALONE.contains(&usage.name()) && !has_place {
            return Fate::Kept(line.to_owned());
        }
        let with = |number: &str| {
            if has_place {
                line.replacen("#<n>", number, 1)
            } else {
                format!("{verb} {number} {rest}").trim_end().to_owned()
            }
        };
        let candidates = self.candidates(usage);
        match candidates[..] {
            [] if has_place && self.state.next_number > 1 => Fate::Kept(line.to_owned()),
            [] => Fate::Dropped(usage, None),
            [only] if self.is_over_or_not_begun(usage, rest, only) => Fate::Dropped(usage, None),
            [only] => Fate::Kept(with(&format!("#{only}"))),
            _ => {
                let kept = with("#<n>");
                Fate::OneOf(candidates, kept)
            }
        }
    }

    /// True if `open` asks for `another`: one of the same visibility is open.
    fn is_another(&self, rest: &str) -> bool {
        let is_off_page = ["internal", "drill"].iter().any(|word| rest.starts_with(word));
        !is_off_page && !self.state.status.open.is_empty()
    }

    fn can_be_about(&self, usage: &Usage, number: Number) -> bool {
        if !self.is_known(number) {
            return false;
        }
        let kept = self.kept();
        let Some(meant) = kept.iter().find(|meant| meant.number() == number) else {
            return usage.accepts.looks_back();
        };
        OF_ANY_KIND.contains(&usage.name()) || usage.accepts.changes(meant.kind())
    }

    /// A maintenance that has not begun is not completed, and what is closed is not closed again.
    fn is_over_or_not_begun(&self, usage: &Usage, rest: &str, number: Number) -> bool {
        let incident = self.state.status.incident(number);
        let Some(incident) = incident.filter(|incident| incident.withdrawal.is_none()) else {
            return false;
        };
        let takes_closing_text = rest.ends_with("<text>")
            && is_silent(incident)
            && closed_at(incident).is_some_and(|at| self.is_just_closed(at));
        let is_completed = usage == &MAINTENANCE && rest.ends_with("complete");
        is_completed && incident.stage == Stage::Scheduled
            || usage == &CLOSE && incident.resolved.is_some() && !takes_closing_text
    }

    /// The incidents that a command without a number could be about.
    fn candidates(&self, usage: &Usage) -> Vec<Number> {
        let kept = self.kept();
        let numbers = |kinds: &[IncidentKind]| -> Vec<Number> {
            let fitting = kept.iter().filter(|meant| {
                kinds.contains(&meant.kind())
                    && usage.accepts.changes(meant.kind())
                    && (usage != &UNPUBLISH || matches!(meant, Meant::Public(..)))
            });
            fitting.map(|meant| meant.number()).collect()
        };
        let open = numbers(if usage.accepts.anywhere.is_empty() {
            &[IncidentKind::Open, IncidentKind::OpenInternal]
        } else {
            usage.accepts.anywhere
        });
        let here: Vec<Number> = self.state.opened_in_thread_of(self.cause).collect();
        let in_thread: Vec<Number> =
            open.iter().copied().filter(|number| here.contains(number)).collect();
        if !in_thread.is_empty() {
            return in_thread;
        }
        if !open.is_empty() || !self.state.open_numbers().is_empty() {
            return open;
        }
        let ended = numbers(&[IncidentKind::Closed, IncidentKind::ClosedInternal]);
        let is_recent = |number: &Number| {
            let meant = kept.iter().find(|meant| meant.number() == *number);
            meant.is_some_and(|meant| {
                usage.accepts.changes(meant.kind())
                    && meant.ended().is_some_and(|at| self.is_just_closed(at))
            })
        };
        ended.into_iter().filter(is_recent).collect()
    }
}
