//! Resolves the incident of a command. Each verb's specification lists the kinds that it accepts
//! ([`Accepts`](super::usage::Accepts)); no other code finds incidents.

use jiff::Timestamp;

use super::context::{Context, Stop};
use super::lines::{MAINTENANCE_LINE, actions};
use super::refusal::{Refusal, RefusalKind};
use super::usage::{IncidentKind, Usage};
use crate::incident::model::{Incident, Number};
use crate::response::model::{Response, TIMELINE_MAX, Visibility};
use crate::text::markdown::escape;

/// The incident that a command names, or leaves to be found out.
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

    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Public(..))
    }

    pub(crate) fn response(self) -> Option<&'a Response> {
        match self {
            Self::Public(_, response) => response,
            Self::Internal(response) => Some(response),
        }
    }

    pub(crate) fn title(self) -> &'a str {
        match self {
            Self::Public(incident, _) => &incident.title,
            Self::Internal(response) => &response.title,
        }
    }

    pub(crate) fn kind(self) -> IncidentKind {
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

    /// When it was closed, or a maintenance ended.
    pub(crate) fn ended(self) -> Option<Timestamp> {
        match self {
            Self::Public(incident, _) => incident.resolved,
            Self::Internal(response) => response.ended(),
        }
    }

    /// True if the incident was withdrawn.
    pub(super) fn is_withdrawn(self) -> bool {
        match self {
            Self::Public(incident, _) => incident.withdrawal.is_some(),
            Self::Internal(response) => response.withdrawn.is_some(),
        }
    }

    /// A refusal of what was to be done with it.
    pub(crate) fn stop(self, refusal: impl Into<Stop>) -> Stop {
        let stop = refusal.into();
        match self.response() {
            Some(response) => stop.about(response),
            None => stop,
        }
    }
}

/// Why an incident is looked for. A question about the wrong one does no harm, and its answer names
/// the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Change,
    Question,
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
        let meant = self.found(target, Purpose::Change)?;
        if meant.is_withdrawn() && !may_follow_withdrawal(target.usage) {
            let was_public = self.state.status.incident(meant.number()).is_some();
            return Err(meant.stop(withdrawn(meant, was_public)));
        }
        if target.usage.accepts.changes(meant.kind()) {
            Ok(meant)
        } else {
            Err(meant.stop(unfit(meant, target.usage)))
        }
    }

    /// The response to the incident that a question is about.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn asked_about(&self, target: &Target) -> Result<&'a Response, Stop> {
        let meant = self.found(target, Purpose::Question)?;
        let none = || is_maintenance(meant.number(), target.usage.name()).into();
        meant.response().ok_or_else(none)
    }

    fn found(&self, target: &Target, purpose: Purpose) -> Result<Meant<'a>, Stop> {
        match target.number {
            Some(number) => self.numbered(number, target),
            None => self.unnumbered(target, purpose),
        }
    }

    /// The response to the incident that a command is about.
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
                Err(withdrawn(Meant::Public(incident, None), true).into())
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

    fn no_such(&self, number: Number, target: &Target) -> Refusal {
        let Target { usage, verb, rest, .. } = target;
        if target.is_bare && !usage.is_public && !rest.is_empty() {
            let what = format!("There is no incident #{number}. Nothing was recorded. As text:");
            return Refusal::new(what).line_about(verb, None, &format!("{number}: {rest}"));
        }
        self.no_incident(number)
    }

    /// The refusal of a number that no incident has.
    pub(crate) fn no_incident(&self, number: Number) -> Refusal {
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

/// The sentence for a state without an incident that the verb accepts.
pub(super) fn consequence(usage: &Usage) -> String {
    usage.nothing_open.map_or_else(|| nothing_to(usage.name()), str::to_owned)
}

fn nothing_to(name: &str) -> String {
    match name {
        "update" | "close" | "correct" | "note" | "review" | "reopen" | "publish" | "launch" => {
            format!("there is nothing to {name}")
        }
        _ => format!("`{name}` has no incident to apply to"),
    }
}

/// The refusal of an incident of a kind that the verb does not change.
pub(super) fn unfit(meant: Meant, usage: &Usage) -> Refusal {
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
        kind if accepts.is_of_maintenance() => no_maintenance(number, kind),
        IncidentKind::OpenInternal | IncidentKind::ClosedInternal if !changes_internal => {
            is_internal(number, usage.name())
        }
        IncidentKind::Closed if usage.name() == "impact" => {
            Refusal::new(format!("#{number} is closed, so nothing was changed. For its past:"))
                .line(format!("correct #{number} impact <impact>"))
        }
        IncidentKind::Open | IncidentKind::OpenInternal => {
            Refusal::new(format!("#{number} is open, so {}. To add an update:", consequence(usage)))
                .line(format!("update #{number} <text>"))
        }
        IncidentKind::Closed => closed(number),
        IncidentKind::ClosedInternal => closed_internal(number),
    }
}

/// True if a verb still applies to a withdrawn incident: notes for the team, undoing and erasing.
fn may_follow_withdrawal(usage: &Usage) -> bool {
    match usage.name() {
        "withdraw" => true,
        "duplicate" | "unpublish" => false,
        _ => usage.of_any_incident && !usage.is_public,
    }
}

/// The refusal of what was withdrawn.
fn withdrawn(meant: Meant, was_public: bool) -> Refusal {
    let number = meant.number();
    let refusal = Refusal::new(format!("#{number} was withdrawn, so nothing was changed."));
    if let Meant::Public(incident, _) = meant
        && incident.is_maintenance()
    {
        return refusal.sentence("To announce another one:").line(MAINTENANCE_LINE);
    }
    let visibility = meant.response().map(|response| response.visibility);
    refusal.sentence("If it is real after all:").line(match visibility {
        Some(Visibility::Drill) => "open drill <text>",
        Some(Visibility::Internal) if !was_public => "open internal <text>",
        _ => "open <text>",
    })
}

/// Refuses a maintenance for a verb about incidents.
pub(crate) fn is_maintenance(number: Number, verb: &str) -> Refusal {
    Refusal::new(format!(
        "#{number} is a maintenance, and `{verb}` is for incidents. Nothing was changed. Instead:"
    ))
    .lines(actions(number))
}

/// Refuses an incident for `maintenance`.
fn no_maintenance(number: Number, kind: IncidentKind) -> Refusal {
    let what = format!("#{number} is an incident, not a maintenance. Nothing was changed.");
    match kind {
        IncidentKind::Closed | IncidentKind::ClosedInternal => {
            Refusal::new(format!("{what} To see it:")).line(format!("status #{number}"))
        }
        _ => Refusal::new(format!("{what} If it is over:"))
            .line(format!("close #{number}"))
            .offer("If it was a mistake:", format!("withdraw #{number} <text>"))
            .offer("To add an update:", format!("update #{number} <text>")),
    }
}

fn over(number: Number) -> Refusal {
    Refusal::new(format!(
        "Maintenance #{number} is over. Nothing was changed. To change its last text:"
    ))
    .line(format!("correct #{number} <text>"))
}

/// Refuses a closed incident.
pub(crate) fn closed(number: Number) -> Refusal {
    Refusal::new(format!("#{number} is closed already, so nothing was changed. To open it again:"))
        .line(format!("reopen #{number} <text>"))
        .offer("To change its last text:", format!("correct #{number} <text>"))
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
        ("Close it and continue in a new one:", format!("close #{number}"))
    } else {
        ("It stays closed. Open a new one:", "open another <text>".to_owned())
    };
    Refusal::new(format!(
        "#{number} has reached its limit of updates. Nothing was changed. {remedy}"
    ))
    .line(line)
    .kind(RefusalKind::TooManyUpdates)
}
