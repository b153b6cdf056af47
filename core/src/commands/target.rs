//! Resolves the incident of a command. Each verb's specification lists the kinds that it accepts
//! ([`Accepts`](super::usage::Accepts)); no other code finds incidents.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Stop};
use super::lines::{MAINTENANCE_LINE, actions, repeated};
use super::refusal::{Refusal, RefusalKind};
use super::usage::{IncidentKind, Usage};
use crate::incident::model::{Incident, Number};
use crate::response::model::{Response, TIMELINE_MAX};
use crate::text::markdown::escape;

/// The limit of closed incidents in a refusal that asks for a number.
const CLOSED_LISTED_MAX: usize = 5;

/// After closing, a line without a number can be about the incident for this long.
pub(crate) const JUST_CLOSED: SignedDuration = SignedDuration::from_mins(30);

/// The incident that a command names, or implies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The specification of its verb.
    pub usage: &'static Usage,
    /// The verb, for a line to copy.
    pub verb: &'static str,
    /// The number that was typed.
    pub number: Option<Number>,
    /// It was typed without a `#`, so that it could be part of the text.
    pub is_bare: bool,
    /// The words after the verb and the number, for a line to copy.
    pub rest: String,
}

/// The resolved incident.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meant<'a> {
    /// On the page. A maintenance has no response.
    Public(&'a Incident, Option<&'a Response>),
    /// Internal or a drill.
    Internal(&'a Response),
}

impl<'a> Meant<'a> {
    pub(crate) fn number(self) -> Number {
        match self {
            Self::Public(incident, _) => incident.number,
            Self::Internal(response) => response.number,
        }
    }

    pub(crate) fn response(self) -> Option<&'a Response> {
        match self {
            Self::Public(_, response) => response,
            Self::Internal(response) => Some(response),
        }
    }

    fn title(self) -> &'a str {
        match self {
            Self::Public(incident, _) => &incident.title,
            Self::Internal(response) => &response.title,
        }
    }

    fn kind(self) -> IncidentKind {
        match (self, self.ended().is_some()) {
            (Self::Public(incident, _), false) if incident.is_maintenance() => {
                IncidentKind::Planned
            }
            (Self::Public(incident, _), true) if incident.is_maintenance() => IncidentKind::Over,
            (Self::Public(..), false) => IncidentKind::Open,
            (Self::Public(..), true) => IncidentKind::Closed,
            (Self::Internal(_), false) => IncidentKind::OpenInternal,
            (Self::Internal(_), true) => IncidentKind::ClosedInternal,
        }
    }

    /// The time of closing, or the end of a maintenance.
    fn ended(self) -> Option<Timestamp> {
        match self {
            Self::Public(incident, _) => incident.resolved,
            Self::Internal(response) => response.ended(),
        }
    }

    /// Refuses the command, marked as a drill if it is one.
    pub(crate) fn stop(self, refusal: impl Into<Stop>) -> Stop {
        let stop = refusal.into();
        match self.response() {
            Some(response) => stop.about(response),
            None => stop,
        }
    }
}

impl<'a> Context<'a> {
    /// The incident with that number; otherwise the one opened in this thread; otherwise the only
    /// one that the verb accepts; otherwise, for half an hour and while nothing is open, the last
    /// closed one.
    ///
    /// # Errors
    /// None or several match, or the verb does not accept its kind; or the number of a document to
    /// recall.
    pub(crate) fn meant(&self, target: &Target) -> Result<Meant<'a>, Stop> {
        let meant = match target.number {
            Some(number) => self.numbered(number, target)?,
            None => self.unnumbered(target)?,
        };
        if target.usage.accepts.changes(meant.kind()) {
            Ok(meant)
        } else {
            Err(meant.stop(unfit(meant, target.usage)))
        }
    }

    /// The response to the resolved incident.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn response(&self, target: &Target) -> Result<&'a Response, Stop> {
        let meant = self.meant(target)?;
        let none = || is_maintenance(meant.number(), target.usage.name()).into();
        meant.response().ok_or_else(none)
    }

    fn numbered(&self, number: Number, target: &Target) -> Result<Meant<'a>, Stop> {
        let accepts = target.usage.accepts;
        let recalled = self.recalled.filter(|dossier| dossier.number() == number);
        let incident = self.state.status.incident(number);
        let incident = incident.or(recalled.and_then(|dossier| dossier.incident.as_deref()));
        let response = self.state.response(number);
        let response = response.or(recalled.and_then(|dossier| dossier.response.as_deref()));
        match (incident, response) {
            // A withdrawn incident is known to responders only.
            (Some(incident), Some(response)) if incident.withdrawal.is_some() => {
                Ok(Meant::Internal(response))
            }
            (Some(incident), None) if incident.withdrawal.is_some() => {
                Err(withdrawn(number).into())
            }
            (Some(incident), response) => Ok(Meant::Public(incident, response)),
            (None, Some(response)) => Ok(Meant::Internal(response)),
            (None, None) if !(1..self.state.next_number).contains(&number) => {
                Err(self.no_such(number, target).into())
            }
            // An evicted incident has ended.
            (None, None) if !accepts.looks_back() => Err(closed(number).into()),
            (None, None) => Err(Stop::Recall(number)),
        }
    }

    fn unnumbered(&self, target: &Target) -> Result<Meant<'a>, Stop> {
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
                // None of them is accepted: the refusal names the one that ended last.
                (_, Some(meant)) if !is_changed => Ok(*meant),
                _ => Err(which_one(target, &found).into()),
            };
        }
        match of(accepts.anywhere)[..] {
            [only] => Ok(only),
            [] if accepts.is_of_maintenance() => Err(no_maintenance_planned().into()),
            [] => self.just_closed(target, &kept),
            ref several => Err(which_one(target, several).into()),
        }
    }

    /// The incident that was closed just now, if nothing is open.
    fn just_closed(&self, target: &Target, kept: &[Meant<'a>]) -> Result<Meant<'a>, Stop> {
        let accepts = target.usage.accepts;
        let is_open =
            |meant: &Meant| matches!(meant.kind(), IncidentKind::Open | IncidentKind::OpenInternal);
        let is_closed = |meant: &Meant| {
            matches!(meant.kind(), IncidentKind::Closed | IncidentKind::ClosedInternal)
        };
        let mut closed: Vec<Meant<'a>> = kept.iter().copied().filter(is_closed).collect();
        closed.sort_by_key(|meant| (meant.ended(), meant.number()));
        closed.reverse();
        let is_recent = |meant: &&Meant| meant.ended().is_some_and(|at| self.is_just_closed(at));
        let recent: Vec<Meant<'a>> = closed.iter().take_while(is_recent).copied().collect();
        match recent[..] {
            _ if kept.iter().any(is_open) => {}
            [only] => return Ok(only),
            [] => {}
            ref several if !accepts.anywhere.is_empty() => {
                return Err(which_one(target, several).into());
            }
            _ => {}
        }
        if !accepts.anywhere.is_empty() {
            let last = closed.first().map(|meant| meant.number());
            return Err(nothing_open(target.usage, last).into());
        }
        closed.retain(|meant| accepts.changes(meant.kind()));
        closed.truncate(CLOSED_LISTED_MAX);
        if closed.is_empty() {
            let consequence = consequence(target.usage);
            return Err(
                Refusal::new(format!("No incident has been closed, so {consequence}.")).into()
            );
        }
        Err(which_one(target, &closed).into())
    }

    /// True if a line without a number can still be about an incident closed then.
    pub(crate) fn is_just_closed(&self, ended: Timestamp) -> bool {
        self.time().duration_since(ended) <= JUST_CLOSED
    }

    /// All incidents and maintenances in the state, by number.
    fn kept(&self) -> Vec<Meant<'a>> {
        let state = self.state;
        let public = state.status.kept();
        let public = public.map(|i| Meant::Public(i, state.response(i.number)));
        let internal = state.responses.values().map(AsRef::as_ref);
        let internal = internal.filter(|response| !response.is_public()).map(Meant::Internal);
        let mut kept: Vec<Meant<'a>> = public.chain(internal).collect();
        kept.sort_by_key(|meant| meant.number());
        kept
    }

    fn no_such(&self, number: Number, target: &Target) -> Refusal {
        let Target { usage, verb, rest, .. } = target;
        if target.is_bare && !usage.is_public && !rest.is_empty() {
            let what = format!("There is no incident #{number}. Nothing was recorded. As text:");
            return Refusal::new(what).line_about(verb, None, &format!("{number}: {rest}"));
        }
        let what = match number {
            Number::MAX => "There is no incident with that number.".to_owned(),
            number => format!("There is no incident #{number}."),
        };
        let open = self.state.status.open.values().map(|i| (i.number, i.title.as_str()));
        let internal = self.state.open_internal().map(|r| (r.number, r.title.as_str()));
        let open: Vec<(Number, &str)> = open.chain(internal).collect();
        if open.is_empty() {
            let what = format!("{what} Nothing is open. To open one:");
            return Refusal::new(what).line("open <text>");
        }
        Refusal::new(format!("{what} Open: {}", titles(open)))
    }
}

fn nothing_open(usage: &Usage, closed: Option<Number>) -> Refusal {
    let opening = "open <text>";
    let refusal = match (usage.of_any_incident, closed) {
        (true, Some(number)) => Refusal::new("Nothing is open. If you mean a closed one, name it:")
            .line(format!("{} #{number} …", usage.name())),
        (true, None) => Refusal::new("There is no incident yet, so nothing was done. To open one:")
            .line(opening),
        (false, _) => {
            let consequence = consequence(usage);
            Refusal::new(format!("Nothing is open, so {consequence}. To open an incident:"))
                .line(opening)
        }
    };
    refusal.kind(RefusalKind::NothingOpen)
}

fn no_maintenance_planned() -> Refusal {
    Refusal::new("No maintenance is planned or running, so nothing was changed. To announce one:")
        .line(MAINTENANCE_LINE)
        .kind(RefusalKind::NothingOpen)
}

/// The sentence for a state without an incident that the verb accepts.
fn consequence(usage: &Usage) -> String {
    usage
        .nothing_open
        .map_or_else(|| format!("there is nothing to {}", usage.name()), str::to_owned)
}

fn which_one(target: &Target, candidates: &[Meant]) -> Refusal {
    let number = candidates.first().map_or(42, |meant| meant.number());
    let line = format!("{} #{number} {}", target.verb, repeated(&target.rest));
    Refusal::new("Nothing was changed: name the one that you mean, for example")
        .line(line.trim_end())
        .sentence(titles(candidates.iter().map(|meant| (meant.number(), meant.title()))))
        .kind(RefusalKind::WhichOne(candidates.iter().map(|meant| meant.number()).collect()))
}

/// Refuses an incident of a kind that the verb does not change.
fn unfit(meant: Meant, usage: &Usage) -> Refusal {
    let (number, accepts) = (meant.number(), usage.accepts);
    let changes_internal = accepts.changes(IncidentKind::OpenInternal)
        || accepts.changes(IncidentKind::ClosedInternal);
    match meant.kind() {
        IncidentKind::Planned | IncidentKind::Over if accepts.changes_closed_only() => {
            Refusal::new(format!(
                "#{number} is a maintenance, which can't be reopened or reviewed. Nothing was \
                 changed. To announce another one:"
            ))
            .line(MAINTENANCE_LINE)
        }
        IncidentKind::Over if accepts.in_thread.concat().contains(&IncidentKind::Over) => {
            over(number)
        }
        IncidentKind::Planned | IncidentKind::Over => is_maintenance(number, usage.name()),
        IncidentKind::OpenInternal | IncidentKind::ClosedInternal if !changes_internal => {
            is_internal(number, usage.name())
        }
        _ if accepts.is_of_maintenance() => no_maintenance(number),
        IncidentKind::Open | IncidentKind::OpenInternal => {
            Refusal::new(format!("#{number} is open, so {}. To add an update:", consequence(usage)))
                .line(format!("update #{number} <text>"))
        }
        IncidentKind::Closed => closed(number),
        IncidentKind::ClosedInternal => closed_internal(number),
    }
}

/// Refuses a withdrawn maintenance.
fn withdrawn(number: Number) -> Refusal {
    Refusal::new(format!("#{number} was withdrawn, so nothing was changed."))
}

/// Refuses a maintenance for a verb about incidents.
pub(crate) fn is_maintenance(number: Number, verb: &str) -> Refusal {
    Refusal::new(format!(
        "#{number} is a maintenance, and `{verb}` is for incidents. Nothing was changed. What you \
         can do with it:"
    ))
    .lines(actions(number))
}

fn no_maintenance(number: Number) -> Refusal {
    Refusal::new(format!(
        "#{number} is an incident, not a maintenance. Nothing was changed. If it is over:"
    ))
    .line(format!("close #{number}"))
    .sentence("If it was opened by mistake:")
    .line(format!("withdraw #{number} <text>"))
    .sentence("To add an update:")
    .line(format!("update #{number} <text>"))
}

fn over(number: Number) -> Refusal {
    Refusal::new(format!(
        "The maintenance #{number} is over already, so nothing was changed. To change its last text:"
    ))
    .line(format!("correct #{number} <text>"))
}

/// Refuses a closed incident.
pub(crate) fn closed(number: Number) -> Refusal {
    Refusal::new(format!("#{number} is closed already, so nothing was changed. To open it again:"))
        .line(format!("reopen #{number} <text>"))
        .sentence("To change its last text:")
        .line(format!("correct #{number} <text>"))
}

/// Refuses a closed incident that is not on the page.
pub(crate) fn closed_internal(number: Number) -> Refusal {
    Refusal::new(format!("#{number} is closed already, so nothing was changed. To open it again:"))
        .line(format!("reopen #{number} <text>"))
}

fn is_internal(number: Number, verb: &str) -> Refusal {
    let remedy = match verb {
        "impact" => format!("sev #{number} <n>"),
        _ => format!("publish #{number} <text>"),
    };
    Refusal::new(format!(
        "#{number} isn't on the page, and `{verb}` is for public incidents. Nothing was changed. \
         Instead:"
    ))
    .line(format!("update #{number} <text>"))
    .line(remedy)
}

/// Incidents with numbers and titles in a list.
pub(crate) fn titles<'a>(incidents: impl IntoIterator<Item = (Number, &'a str)>) -> String {
    let incidents = incidents.into_iter();
    let titles = incidents.map(|(number, title)| format!("**#{number}** {}", escape(title)));
    titles.collect::<Vec<_>>().join("; ")
}

/// Refuses an entry beyond the timeline's limit.
pub(crate) fn timeline_full(response: &Response) -> Refusal {
    let number = response.number;
    Refusal::new(format!(
        "The timeline of #{number} has {TIMELINE_MAX} entries, the maximum, so \
         nothing was recorded. What is said on the page is still recorded:"
    ))
    .line(format!("close #{number} <text>"))
    .kind(RefusalKind::TimelineFull)
}

/// Refuses an update beyond the incident's limit.
pub(crate) fn too_many_updates(incident: &Incident) -> Refusal {
    let number = incident.number;
    let (remedy, line) = if incident.resolved.is_none() {
        ("Close it, and go on in another one:", format!("close #{number}"))
    } else {
        ("It stays closed. Open a new one:", "open another <text>".to_owned())
    };
    Refusal::new(format!(
        "#{number} has reached the limit of updates or of text, so nothing was changed. \
         {remedy}"
    ))
    .line(line)
    .kind(RefusalKind::TooManyUpdates)
}
