//! The incidents that a line without a number can be about.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::closing::{closed_at, is_silent};
use super::context::{Context, Stop};
use super::lines::{MAINTENANCE_LINE, repeated};
use super::refusal::{Refusal, RefusalKind};
use super::target::{Meant, Purpose, Target, consequence, titles, unfit};
use super::usage::{IncidentKind, Usage};
use super::words;
use crate::incident::model::{Impact, Number};
use crate::log::state::State;
use crate::response::milestone::Milestone;
use crate::response::model::{ClosedPeriod, Response, Visibility};
use crate::text::time::unpunctuated;

/// Limits of the incidents listed when one has to be named, and of the lines to copy.
const LISTED_MAX: usize = 5;
pub(super) const LINES_MAX: usize = 3;

/// Period after a closing in which a line without a number can be about that incident.
const JUST_CLOSED: SignedDuration = SignedDuration::from_mins(30);

/// The incidents that were closed within half an hour, by number. Once a person has opened another
/// one, lines are about that; what an alert opened may have been overlooked.
pub(crate) fn just_closed(state: &State, now: Timestamp) -> Vec<Number> {
    let open = state.responses.values().filter(|response| response.is_open());
    let opened = open.filter(|response| response.alert.is_none()).filter_map(|response| {
        let declared = response.milestones.last(Milestone::Declared).map(|reading| reading.given);
        declared.max(response.closed.last().map(|ClosedPeriod(_, again)| *again))
    });
    let opened_last = opened.max();
    let is_it = |response: &&Response| {
        let closing = response.milestones.last(Milestone::Closed).map(|reading| reading.given);
        response.withdrawn.is_none()
            && closing.is_some_and(|at| now.duration_since(at) <= JUST_CLOSED)
            && closing > opened_last
    };
    let responses = state.responses.values().map(AsRef::as_ref);
    responses.filter(is_it).map(|response| response.number).collect()
}

impl<'a> Context<'a> {
    /// The incident that was opened in the thread, else the only one that can be meant: an open one,
    /// or, while none is open, the one closed within half an hour.
    pub(super) fn unnumbered(&self, target: &Target, purpose: Purpose) -> Result<Meant<'a>, Stop> {
        let accepts = target.usage.accepts;
        let kept = self.kept();
        let here: BTreeSet<Number> = self.state.opened_in_thread_of(self.cause).collect();
        let of = |kinds: &[IncidentKind]| -> Vec<Meant<'a>> {
            kept.iter().copied().filter(|meant| kinds.contains(&meant.kind())).collect()
        };
        let in_thread = |kinds: &&[IncidentKind]| -> Vec<Meant<'a>> {
            of(kinds).into_iter().filter(|meant| here.contains(&meant.number())).collect()
        };
        if let Some(found) = accepts.in_thread.iter().map(in_thread).find(|f| !f.is_empty()) {
            let is_changed = found.iter().any(|meant| {
                accepts.changes(meant.kind()) && (meant.ended().is_none() || accepts.looks_back())
            });
            let last = found.iter().max_by_key(|meant| (meant.ended(), meant.number()));
            return match (found.len(), last) {
                (1, Some(meant)) => Ok(*meant),
                // None of them can be changed so: the refusal names the one that ended last.
                (_, Some(meant)) if !is_changed => Ok(*meant),
                _ => Err(Self::which_one(target, &found).into()),
            };
        }
        let open = of(accepts.anywhere);
        if accepts.is_of_maintenance() {
            return match open[..] {
                [only] => Ok(only),
                [] => Err(no_maintenance_planned().into()),
                _ => Err(Self::which_one(target, &open).into()),
            };
        }
        let mut closed = of(&[IncidentKind::Closed, IncidentKind::ClosedInternal]);
        closed.sort_by_key(|meant| (Self::closed(*meant), meant.number()));
        closed.reverse();
        let just_closed = just_closed(self.state, self.time());
        let is_recent = |meant: &&Meant| just_closed.contains(&meant.number());
        let recent: Vec<Meant<'a>> = closed.iter().filter(is_recent).copied().collect();
        let is_open = !of(&[IncidentKind::Open, IncidentKind::OpenInternal]).is_empty();
        let can_be = |meant: &&Meant| Self::line(target, **meant).is_some();
        let recent_ones = || recent.iter().filter(can_be).copied();
        match (&open[..], &recent[..]) {
            ([], [only]) if !is_open => Ok(*only),
            ([only], []) => Ok(*only),
            ([only], _) if purpose == Purpose::Question || recent_ones().next().is_none() => {
                Ok(*only)
            }
            ([], []) if !accepts.anywhere.is_empty() => {
                Err(self.nothing_open(target.usage, &target.rest).into())
            }
            _ if accepts.anywhere.is_empty() => {
                closed.retain(|meant| accepts.changes(meant.kind()));
                closed.truncate(LISTED_MAX);
                if closed.is_empty() {
                    let consequence = consequence(target.usage);
                    let none = format!("No incident has been closed, so {consequence}.");
                    return Err(Refusal::new(none).into());
                }
                Err(Self::which_one(target, &closed).into())
            }
            _ => {
                let all = open.iter().chain(&recent).copied();
                let candidates: Vec<Meant> = all.filter(|meant| can_be(&meant)).collect();
                match (candidates.is_empty(), open.first()) {
                    (true, Some(_)) if open.len() > 1 && open.iter().all(|m| !m.is_public()) => {
                        Err(self.all_internal(target.usage).into())
                    }
                    // The refusal says why it cannot be.
                    (true, Some(first)) => Ok(*first),
                    (true, None) => Err(self.nothing_open(target.usage, &target.rest).into()),
                    _ => Err(Self::which_one(target, &candidates).into()),
                }
            }
        }
    }

    /// True if a line without a number can still be about an incident closed then.
    pub(crate) fn is_just_closed(&self, closed: Timestamp) -> bool {
        self.time().duration_since(closed) <= JUST_CLOSED
    }

    /// The time at which somebody closed it, however early it was over.
    fn closed(meant: Meant) -> Option<Timestamp> {
        match meant {
            Meant::Public(incident, _) => closed_at(incident),
            Meant::Internal(response) => {
                response.milestones.last(Milestone::Closed).map(|reading| reading.given)
            }
        }
    }

    /// All incidents and maintenances that the state keeps, by number, without the withdrawn ones.
    pub(super) fn kept(&self) -> Vec<Meant<'a>> {
        let state = self.state;
        let public = state.status.kept();
        let public = public.map(|i| Meant::Public(i, state.response(i.number)));
        let internal = state.responses.values().map(AsRef::as_ref);
        let internal = internal.filter(|response| !response.is_public()).map(Meant::Internal);
        let mut kept: Vec<Meant<'a>> =
            public.chain(internal).filter(|meant| !meant.is_withdrawn()).collect();
        kept.sort_by_key(|meant| meant.number());
        kept
    }

    /// The refusal of a verb for open incidents while none is open, or none of its kind. `rest` are
    /// the words to repeat behind the number of a closed one.
    pub(crate) fn nothing_open(&self, usage: &Usage, rest: &str) -> Refusal {
        let kept = self.kept();
        let of = |kinds: [IncidentKind; 2]| -> Vec<Meant> {
            kept.iter().copied().filter(|meant| kinds.contains(&meant.kind())).collect()
        };
        match of([IncidentKind::Open, IncidentKind::OpenInternal])[..] {
            [only] => return unfit(only, usage),
            [_, _, ..] if !usage.accepts.changes_closed_only() => return self.all_internal(usage),
            _ => {}
        }
        let closed = of([IncidentKind::Closed, IncidentKind::ClosedInternal]);
        let recent = just_closed(self.state, self.time());
        let last = closed.iter().max_by_key(|meant| (meant.ended(), meant.number()));
        let refusal = match (last, &recent[..]) {
            (_, [_, ..]) => {
                let recent = closed.iter().filter(|meant| recent.contains(&meant.number()));
                after_closing(usage, &recent.copied().collect::<Vec<_>>())
            }
            (Some(last), []) if usage.of_any_incident => {
                let text = if usage.brief.0.ends_with("<text>") { "<text>" } else { "" };
                let rest = if rest.is_empty() { text } else { repeated(rest) };
                let line = format!("{} #{} {rest}", usage.name(), last.number());
                Refusal::new("Nothing is open. If you mean a closed one, name it:")
                    .line(line.trim_end())
            }
            (None, []) if usage.of_any_incident => {
                Refusal::new("There is no incident yet, so nothing was done. To open one:")
                    .line(OPENING)
            }
            _ => Refusal::new(format!(
                "Nothing is open, so {}. To open an incident:",
                consequence(usage)
            ))
            .line(OPENING),
        };
        refusal.kind(RefusalKind::NothingOpen)
    }

    /// The refusal of a verb for incidents on the page while only internal ones are open.
    fn all_internal(&self, usage: &Usage) -> Refusal {
        let open = self.state.open_internal();
        let named = titles(open.map(|response| (response.number, response.title.as_str())));
        Refusal::new(format!(
            "`{}` is for incidents on the page, and none is open there. Nothing was changed. To \
             put one there:",
            usage.name()
        ))
        .line("publish #<n> <text>")
        .sentence(format!("Internal: {named}"))
    }

    /// The line that does what was meant with that incident, if there is one.
    fn line(target: &Target, meant: Meant) -> Option<String> {
        use IncidentKind::{Closed, ClosedInternal, Open, OpenInternal};
        let (verb, number) = (target.verb, meant.number());
        // The rest of a public verb has only options.
        let is_public = target.usage.is_public;
        let rest = if is_public { &target.rest } else { repeated(&target.rest) };
        let as_typed = || format!("{verb} #{number} {rest}").trim_end().to_owned();
        match (target.usage.name(), meant.kind()) {
            ("publish", _) => {
                let response = meant.response()?;
                let can = response.visibility == Visibility::Internal && response.is_open();
                can.then(as_typed)
            }
            ("update", Closed | ClosedInternal) => Some(format!("reopen #{number} <text>")),
            ("close", Closed) => match meant {
                Meant::Public(incident, _) if is_silent(incident) => match rest {
                    "" => Some(format!("close #{number} <text>")),
                    rest if rest.ends_with("<text>") => Some(as_typed()),
                    time => Some(format!("close #{number} {time}: <text>")),
                },
                _ => Some(format!("correct #{number} <text>")),
            },
            ("correct", Open) if rest.starts_with("closed ") => {
                Some(format!("close #{number} at {}", rest.trim_start_matches("closed ")))
            }
            ("mitigated", Closed | ClosedInternal) => {
                Some(format!("when #{number} mitigated <time>"))
            }
            ("review", Closed | ClosedInternal) if rest.starts_with("summary ") => {
                Some(format!("review summary #{number} {}", rest.trim_start_matches("summary ")))
            }
            ("move", _) if rest.ends_with(&format!(" to #{number}")) => None,
            ("close", ClosedInternal) => Some(format!("note #{number} <text>")),
            ("impact", Closed) => {
                let impact =
                    rest.split_whitespace().find_map(|word| words::impact(unpunctuated(word)));
                let impact = impact.map_or("<impact>", Impact::word);
                Some(format!("correct #{number} impact {impact}"))
            }
            // Nobody is needed there any more.
            ("ack" | "role", Closed | ClosedInternal) | ("review", Open | OpenInternal) => None,
            (_, kind) => target.usage.accepts.changes(kind).then(as_typed),
        }
    }

    fn which_one(target: &Target, candidates: &[Meant]) -> Refusal {
        let lines: Vec<String> =
            candidates.iter().filter_map(|meant| Self::line(target, *meant)).collect();
        let is_closing_again = target.usage.name() == "close"
            && candidates.iter().all(|meant| meant.ended().is_some());
        let refusal = if is_closing_again {
            Refusal::new("They are closed already. Nothing was changed. For the last text of one:")
                .lines(lines.into_iter().take(LINES_MAX))
        } else if lines.len() <= LINES_MAX {
            Refusal::new("Which incident? Nothing was changed. Name it:").lines(lines)
        } else {
            Refusal::new("Which incident? Nothing was changed. Name it, for example:")
                .lines(lines.into_iter().take(1))
        };
        let (open, over): (Vec<Meant>, Vec<Meant>) =
            candidates.iter().partition(|meant| meant.ended().is_none());
        let named = |meants: &[Meant]| titles(meants.iter().map(|m| (m.number(), m.title())));
        let refusal = if open.is_empty() { refusal } else { refusal.sentence(named(&open)) };
        let refusal = match (over.is_empty(), open.is_empty()) {
            (true, _) => refusal,
            (false, true) => refusal.sentence(named(&over)),
            (false, false) => refusal.sentence(format!("Closed just now: {}", named(&over))),
        };
        let numbers = candidates.iter().map(|meant| meant.number()).collect();
        refusal.kind(RefusalKind::WhichOne(numbers))
    }
}

const OPENING: &str = "open <text>";

/// The refusal of a verb for open incidents just after a closing.
fn after_closing(usage: &Usage, recent: &[Meant]) -> Refusal {
    let named = titles(recent.iter().map(|meant| (meant.number(), meant.title())));
    let number = match recent {
        [only] => format!("#{}", only.number()),
        _ => "#<n>".to_owned(),
    };
    let refusal = Refusal::new(format!(
        "Nothing is open, so {}. Closed just now: {named}",
        consequence(usage)
    ))
    .offer("If it is back:", format!("reopen {number} <text>"));
    let is_public = recent.iter().any(|meant| meant.kind() == IncidentKind::Closed);
    let refusal = if is_public {
        refusal.offer("To change its last text:", format!("correct {number} <text>"))
    } else {
        refusal
    };
    refusal.offer("If it was a false alarm:", format!("withdraw {number} <text>"))
}

fn no_maintenance_planned() -> Refusal {
    Refusal::new("No maintenance is planned or running, so nothing was changed. To announce one:")
        .line(MAINTENANCE_LINE)
        .kind(RefusalKind::NothingOpen)
}
