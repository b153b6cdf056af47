//! `update`, `close`, `reopen`, `correct` and `postmortem`: an incident's public texts, and the
//! texts of an internal one.

use jiff::SignedDuration;

use super::closing::{closing, closing_text, corrected};
use super::context::Context;
use super::correction::check_not_erased;
use super::line::Line;
use super::maintenance;
use super::moments::{Begun, closing_time};
use super::options::{self, Options, Takes};
use super::past::Past;
use super::refusal::{Refusal, RefusalKind};
use super::target::{Meant, Target, closed_internal, timeline_full, too_many_updates};
use super::usage::{Accepts, IncidentKind, Screen, Usage};
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Incident, Stage, title_of};
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::{Response, TIMELINE_MAX};
use crate::text::Text;

use IncidentKind::{Closed, ClosedInternal, Open, OpenInternal, Over, Planned};

const GOING_ON: Accepts = Accepts {
    changed: &[Open, OpenInternal, Planned],
    anywhere: &[Open, OpenInternal],
    in_thread: &[&[Open, OpenInternal, Planned], &[Closed, ClosedInternal], &[Over]],
};

/// Also a closed one: a text just after closing is its closing text.
const CLOSING: Accepts = Accepts { changed: &[Open, OpenInternal, Planned, Closed], ..GOING_ON };

pub const UPDATE: Usage = Usage {
    words: &["update", "investigating", "identified", "monitoring"],
    form: "update [#42] [investigating|identified|monitoring] [on Component, …:] text [next 30m]",
    meaning: "adds an update; the number is needed only when several are open, and not in the thread in which the incident was opened; `next 30m` promises the next update",
    examples: &[
        "update The cause is found",
        "update identified A certificate has expired next 30m",
    ],
    accepts: &GOING_ON,
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("update <text>", "tells customers more"),
    options: &[
        ("identified", "the state: or investigating, monitoring"),
        ("critical:", "changes the impact"),
        ("sev1", "changes the severity"),
        ("on <component>:", "changes what is affected"),
        ("next 30m", "promises the next update"),
    ],
    ..Usage::NEW
};

pub const CLOSE: Usage = Usage {
    words: &["close", "resolve", "resolved", "fixed"],
    form: "close [#42] [at 17:00:] [text]",
    meaning: "closes it; `close at 17:00` and `close 20m ago` if it was over before",
    examples: &["close", "close Orders go through again"],
    accepts: &CLOSING,
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("close <text>", "ends it"),
    options: &[("close at <time>", "it was over before")],
    ..Usage::NEW
};

pub const REOPEN: Usage = Usage {
    words: &["reopen"],
    form: "reopen #42 text",
    meaning: "opens a closed one again",
    examples: &["reopen #42 It is back"],
    accepts: &Accepts {
        changed: &[Closed, ClosedInternal],
        anywhere: &[],
        in_thread: &[&[Closed, ClosedInternal], &[Open, OpenInternal], &[Planned], &[Over]],
    },
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("reopen #<n> <text>", "it is back"),
    ..Usage::NEW
};

pub const POST_MORTEM: Usage = Usage {
    words: &["postmortem", "post-mortem"],
    form: "postmortem #42 text",
    meaning: "adds what was learned to a closed one",
    examples: &["postmortem #42 Certificates are renewed in time now"],
    nothing_open: Some("there is nothing to review"),
    accepts: &Accepts {
        changed: &[Closed],
        anywhere: &[],
        in_thread: &[&[Closed], &[Open], &[OpenInternal, ClosedInternal], &[Planned], &[Over]],
    },
    is_public: true,
    screen: Some(Screen::Review),
    brief: ("postmortem #<n> <text>", "for customers"),
    ..Usage::NEW
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusChange {
    /// Closes the incident if the stage is [`Stage::Resolved`].
    Update {
        /// `None` keeps the current one.
        stage: Option<Stage>,
        /// `None` keeps the current one.
        impact: Option<Impact>,
        /// `None` keeps the current one.
        severity: Option<Severity>,
        /// Component ids; `None` keeps the current ones.
        components: Option<Vec<String>>,
        /// Time until the next update; `None` follows the configuration.
        next: Option<SignedDuration>,
        /// For closing: the end, if it was earlier.
        ended: Option<Past>,
        /// The public text; may be empty only for closing.
        text: Text,
    },
    Impact {
        impact: Impact,
        /// Time until the next update; `None` follows the configuration, or, without a text, keeps
        /// the promise.
        next: Option<SignedDuration>,
        /// The public text; may be empty.
        text: Text,
    },
    Reopen {
        /// Time until the next update; `None` follows the configuration.
        next: Option<SignedDuration>,
        /// The public text, never empty.
        text: Text,
    },
    /// Replaces the newest text. Never empty.
    Correct(Text),
    /// Lessons learned, never empty.
    PostMortem(Text),
}

pub(super) type Read = Result<(Target, StatusChange), Refusal>;

/// Also reads the stages that are verbs.
pub(crate) fn update(mut line: Line) -> Read {
    let takes = [
        Takes::Number,
        Takes::Stage,
        Takes::ImpactMarked,
        Takes::Severity,
        Takes::Components,
        Takes::Promise,
    ];
    let (options, text) = options::read(&mut line, &takes, |_| Ok(None))?;
    let is_end = options.stage == Some(Stage::Resolved);
    let target = options.target(if is_end { &CLOSE } else { line.usage }, &text);
    let Options { stage, impact, severity, components, next, .. } = options;
    let ended = None;
    Ok((target, StatusChange::Update { stage, impact, severity, components, next, ended, text }))
}

pub(crate) fn close(mut line: Line) -> Read {
    let takes = [Takes::Number, Takes::Silence];
    let about = line.reader.clone().take_number(true).map(|named| named.number);
    let mut ended = None;
    let (options, text) = options::read(&mut line, &takes, |rest| {
        let time = if ended.is_none() { closing_time(rest, about)? } else { None };
        Ok(time.map(|(past, taken)| {
            ended = Some(past);
            taken
        }))
    })?;
    // "0m ago" is now.
    let ended = ended.filter(|past| *past != Past::Ago(SignedDuration::ZERO));
    let text =
        closing(text, options.number).map_err(|refusal| options.kept(line.usage, refusal))?;
    let target = options.target(line.usage, &text);
    let (stage, impact, severity) = (Some(Stage::Resolved), None, None);
    let (components, next) = (None, None);
    Ok((target, StatusChange::Update { stage, impact, severity, components, next, ended, text }))
}

pub(crate) fn reopen(mut line: Line) -> Read {
    let takes = [Takes::Number, Takes::Promise];
    let (options, text) = options::read(&mut line, &takes, |_| Ok(None))?;
    let next = options.next;
    Ok((options.target(line.usage, &text), StatusChange::Reopen { next, text }))
}

pub(crate) fn correct(line: Line) -> Read {
    numbered_text(line, StatusChange::Correct)
}

pub(crate) fn post_mortem(line: Line) -> Read {
    numbered_text(line, StatusChange::PostMortem)
}

fn numbered_text(mut line: Line, change: fn(Text) -> StatusChange) -> Read {
    let (options, text) = options::read(&mut line, &[Takes::Number], |_| Ok(None))?;
    Ok((options.target(line.usage, &text), change(text)))
}

impl StatusChange {
    #[must_use]
    pub fn text(&self) -> &Text {
        match self {
            Self::Update { text, .. }
            | Self::Impact { text, .. }
            | Self::Reopen { text, .. }
            | Self::Correct(text)
            | Self::PostMortem(text) => text,
        }
    }

    pub(crate) fn decide(&self, context: &Context, meant: Meant) -> Result<Vec<Event>, Refusal> {
        let events = match meant {
            Meant::Internal(response) => vec![Event::Response(self.internal(context, response)?)],
            Meant::Public(incident, _) => match self {
                Self::Update { text, ended, .. }
                    if incident.resolved.is_some() && !incident.is_maintenance() =>
                {
                    closing_text(context, incident, (text, *ended))?
                }
                _ => vec![Event::Status(self.public(context, incident)?)],
            },
        };
        Ok(events.into_iter().chain(self.graded(meant.response())).collect())
    }

    /// The change of the severity, if there is one.
    fn graded(&self, response: Option<&Response>) -> Option<Event> {
        let Self::Update { severity: Some(severity), .. } = self else { return None };
        let response = response.filter(|response| response.severity != Some(*severity))?;
        let number = response.number;
        Some(Event::Response(ResponseEvent::Graded { number, severity: *severity }))
    }

    fn internal(&self, context: &Context, response: &Response) -> Result<ResponseEvent, Refusal> {
        let (number, title) = (response.number, response.title.clone());
        let note = response.notes.next();
        match self {
            Self::Update { impact: Some(_), .. } => Err(Refusal::new(format!(
                "#{number} isn't on the page, so it has no public impact. Nothing was changed. Its \
                 severity:"
            ))
            .line(format!("sev #{number} <n>"))),
            Self::Update { stage, ended, text, .. } => {
                let stage = stage.unwrap_or(response.stage);
                if response.entries.len() >= TIMELINE_MAX && stage != Stage::Resolved {
                    return Err(timeline_full(response));
                }
                let text = InternalText::new(text.clone());
                let begun = Begun::internal(response);
                let ended =
                    begun.map(|begun| context.ended_at(number, *ended, begun)).transpose()?;
                let ended = ended.flatten();
                Ok(ResponseEvent::Updated { number, title, note, stage, ended, text })
            }
            Self::Reopen { text, .. } => {
                let text = InternalText::new(text.clone());
                Ok(ResponseEvent::Reopened { number, title, note, text })
            }
            // The other verbs do not accept these.
            _ => Err(closed_internal(number)),
        }
    }

    fn public(&self, context: &Context, incident: &Incident) -> Result<StatusEvent, Refusal> {
        let (number, title) = (incident.number, incident.title.clone());
        let update = incident.next_update();
        match self {
            Self::Update { stage, impact, components, next, ended, text, .. } => {
                let options = (*stage, components.as_ref(), *next);
                let mut event = update_of(context, incident, options, text)?;
                if let StatusEvent::Updated { impact: shown, ended: at, .. } = &mut event {
                    if *shown != Impact::Maintenance {
                        *shown = impact.unwrap_or(*shown);
                    }
                    *at = context.ended_at(number, *ended, Begun::public(incident))?;
                }
                Ok(event)
            }
            Self::Impact { impact, next, text } => {
                impact_of(context, incident, (*impact, *next), text)
            }
            Self::Reopen { next, text } => {
                context.check_room()?;
                if incident.is_full() {
                    return Err(too_many_updates(incident));
                }
                Ok(StatusEvent::Reopened {
                    number,
                    update,
                    title,
                    impact: incident.impact,
                    next_update_by: context.promise(*next),
                    text: text.clone(),
                })
            }
            Self::Correct(text) => {
                let title = if incident.updates.len() == 1 { title_of(text) } else { title };
                if let Some(newest) = incident.updates.last() {
                    check_not_erased(incident, newest)?;
                }
                Ok(corrected(incident, title, text))
            }
            Self::PostMortem(text) => {
                let mut updates = incident.updates.iter();
                if incident.is_full() && updates.any(|update| update.stage == Stage::PostMortem) {
                    return Err(too_many_updates(incident));
                }
                let (impact, text) = (incident.impact, text.clone());
                Ok(StatusEvent::PostMortem { number, update, title, impact, text })
            }
        }
    }
}

fn update_of(
    context: &Context,
    incident: &Incident,
    options: (Option<Stage>, Option<&Vec<String>>, Option<SignedDuration>),
    text: &Text,
) -> Result<StatusEvent, Refusal> {
    if incident.is_maintenance() {
        return maintenance::update(context, incident, options, text);
    }
    let (stage, components, next) = options;
    let is_end = stage == Some(Stage::Resolved);
    if incident.is_full() && !is_end {
        return Err(too_many_updates(incident));
    }
    Ok(StatusEvent::Updated {
        number: incident.number,
        update: incident.next_update(),
        title: incident.title.clone(),
        impact: incident.impact,
        stage: stage.unwrap_or(incident.stage),
        components: components.cloned(),
        next_update_by: if is_end { None } else { context.promise(next) },
        ended: None,
        text: text.clone(),
    })
}

fn impact_of(
    context: &Context,
    incident: &Incident,
    (impact, next): (Impact, Option<SignedDuration>),
    text: &Text,
) -> Result<StatusEvent, Refusal> {
    let number = incident.number;
    if incident.impact == impact {
        return Err(Refusal::new(format!(
            "The impact of #{number} is {} already, so nothing was changed. To add an update:",
            impact.word()
        ))
        .line(format!("update #{number} <text>"))
        .kind(RefusalKind::SameImpact(number)));
    }
    if incident.is_full() {
        return Err(too_many_updates(incident));
    }
    // Without a text, it is not the promised update.
    let keeps_promise = text.is_empty() && next.is_none();
    Ok(StatusEvent::Updated {
        number,
        update: incident.next_update(),
        title: incident.title.clone(),
        impact,
        stage: incident.stage,
        components: None,
        next_update_by: if keeps_promise { incident.next_update_by } else { context.promise(next) },
        ended: None,
        text: text.clone(),
    })
}
