//! Changes that a delivery makes to an open incident.

use jiff::Timestamp;

use super::news::News;
use super::notified::Notified;
use super::outcome::{AlertEffect, AlertOutcome};
use crate::alerts::alert::{AlertKind, AlertSource, Condition, Member};
use crate::alerts::change::{AlertChange, AlertMark, Series};
use crate::alerts::course::Firing;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Number, Stage};
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, ReadingSource as Known};
use crate::response::model::{Response, TIMELINE_MAX, Visibility};
use crate::text::Text;

/// The part of a delivery that concerns one open incident.
pub(super) struct Part<'a> {
    pub(super) notified: &'a Notified<'a>,
    pub(super) response: &'a Response,
    pub(super) firing: &'a Firing,
    pub(super) news: News<'a>,
    pub(super) change: AlertChange,
    /// After the delivery.
    pub(super) condition: Condition,
}

impl Notified<'_> {
    /// The outcome for the open incident that knows the members.
    pub(super) fn joined(&self, number: Number, members: &[&Member]) -> Option<AlertEffect> {
        let response = self.context.state.response(number)?;
        let firing = response.alert.as_ref()?;
        let news = News::of(self, firing, members);
        let change = news.change(self, Some(firing));
        let condition = news.condition(firing, &change);
        let part = Part { notified: self, response, firing, news, change, condition };
        Some(part.outcome())
    }

    /// Members resolve whose incident was closed before. Its timeline notes that, without a message
    /// and without a new title.
    pub(super) fn ended_after_closing(
        &self,
        number: Number,
        members: &[&Member],
    ) -> Option<AlertEffect> {
        let response = self.context.state.response(number)?;
        let firing = response.alert.as_ref()?;
        let news = News::of(self, firing, members);
        if news.is_empty() {
            return None;
        }
        let change = news.change(self, Some(firing));
        let condition = news.condition(firing, &change);
        let mut part = Part { notified: self, response, firing, news, change, condition };
        part.keep_quiet_where_full();
        let (text, change) = (part.text(), part.change);
        let events = vec![self.alerted(number, condition, (&text, None), change)];
        Some(AlertEffect { events, ..AlertEffect::nothing(AlertOutcome::NothingOpen, None) })
    }
}

impl Part<'_> {
    fn outcome(mut self) -> AlertEffect {
        let number = self.response.number;
        let is_turned = self.firing.condition != self.condition;
        let severity = self.raised();
        let said = severity.or(self.worse_than_typed());
        if self.news.is_empty() && !is_turned && said.is_none() {
            return self.repeated();
        }
        self.keep_quiet_where_full();
        self.change.severity = said;
        let mut events = Vec::new();
        let fate = match self.condition {
            Condition::Resolved if is_turned => self.resolved(&mut events),
            Condition::Fired if is_turned => self.again(&mut events),
            _ => {
                let is_worse =
                    !self.news.new.is_empty() || self.news.more_left_out > 0 || said.is_some();
                events.extend(is_worse.then(|| self.worse_notice()));
                AlertOutcome::Joined
            }
        };
        if let Some(severity) = severity {
            let graded = ResponseEvent::Graded { number, severity };
            events.insert(0, Event::Response(graded));
        }
        events.insert(0, self.alerted());
        AlertEffect { fate, number: Some(number), events }
    }

    fn keep_quiet_where_full(&mut self) {
        if self.response.entries.len() >= TIMELINE_MAX {
            self.change.marks.push(AlertMark::Quiet);
        }
    }

    /// Nothing new. One entry counts repetitions beyond a burst.
    fn repeated(mut self) -> AlertEffect {
        let number = self.response.number;
        let is_burst = self.firing.is_in_burst(self.notified.now());
        let alert = self.notified.alert;
        let is_update = alert.kind == AlertKind::Update && alert.fired_at > self.firing.fired_at;
        // A rule of Azure's may fire at each evaluation.
        let is_evaluation = alert.source == AlertSource::AzureMonitor && is_burst;
        if self.news.orders_only() && !is_update && !is_evaluation {
            self.change.marks.push(AlertMark::Quiet);
            let events = vec![self.alerted()];
            return AlertEffect { fate: AlertOutcome::Repeated, number: Some(number), events };
        }
        let fires = alert.condition == Condition::Fired && self.condition == Condition::Fired;
        let is_old = alert.members.iter().any(|member| {
            let known = self.firing.members.get(&self.notified.id(member));
            known.is_none_or(|known| known.condition == Condition::Resolved)
        });
        let is_full = self.response.entries.len() >= TIMELINE_MAX;
        let is_reminder = fires && !is_burst && !is_old;
        if is_full || !is_update && !is_reminder {
            return AlertEffect::nothing(AlertOutcome::Repeated, Some(number));
        }
        if !is_update {
            self.change.marks.push(AlertMark::Counted);
        }
        AlertEffect {
            fate: AlertOutcome::Joined,
            number: Some(number),
            events: vec![self.alerted()],
        }
    }

    fn text(&self) -> String {
        let alert = self.notified.alert;
        let single = alert.members.len() == 1 && self.firing.members.len() <= 1;
        let text =
            if single || self.news.is_empty() { alert.title.clone() } else { self.news.words() };
        match alert.kind {
            AlertKind::Update => format!("{text}\n{}", alert.description),
            _ => text,
        }
    }

    /// The event about the alert. Its title follows the firing members.
    fn alerted(&self) -> Event {
        let alert = self.notified.alert;
        let text = self.text();
        let is_ours = self.firing.course.group == Some(self.notified.group());
        let follows = self.condition == Condition::Fired
            && !self.news.is_empty()
            && is_ours
            && !self.firing.course.retitled
            && self.response.visibility == Visibility::Internal;
        let title = InternalText::new(Text::plain(&alert.title)).title();
        let title = Some(title).filter(|title| follows && *title != self.response.title);
        let (number, change) = (self.response.number, self.change.clone());
        self.notified.alerted(number, self.condition, (&text, title.as_deref()), change)
    }

    /// The incident's new severity. It never drops, and a severity from a rule or a person stays.
    fn raised(&self) -> Option<Severity> {
        self.worse().filter(|_| !self.is_typed())
    }

    /// The alert's severity where a person has set a milder one, which stays. It is said once.
    fn worse_than_typed(&self) -> Option<Severity> {
        let said = self.firing.course.severity;
        self.worse().filter(|worse| self.is_typed() && said.is_none_or(|said| *worse < said))
    }

    /// The alert's severity if it is worse than the incident's, and no rule sets that.
    fn worse(&self) -> Option<Severity> {
        let severity = self.notified.alert.severity()?;
        let is_ruled = self.notified.opening.severity.is_some();
        let fires = self.condition == Condition::Fired;
        let is_worse = self.response.severity.is_none_or(|known| severity < known);
        (fires && is_worse && !is_ruled).then_some(severity)
    }

    /// True if a person set the incident's severity.
    pub(super) fn is_typed(&self) -> bool {
        self.response.severity != self.firing.course.severity
    }

    /// No member fires any more.
    fn resolved(&mut self, events: &mut Vec<Event>) -> AlertOutcome {
        if self.firing.course.flapping {
            // The entry that counts the firings stays; the end of the flapping gets its own.
            self.change.marks.push(AlertMark::Quiet);
            return AlertOutcome::Resolved;
        }
        events.extend(self.mitigated(self.over_at()));
        events.extend(self.planned_is_over());
        // An incident that a person opened is closed by a person.
        let closes = self.notified.opening.close_on_resolve && !self.firing.course.adopted;
        if !closes {
            events.push(self.resolved_notice());
            return AlertOutcome::Resolved;
        }
        self.change.marks.push(AlertMark::Closed);
        events.push(closed(self.notified.context.state, self.response));
        events.push(self.closed_notice());
        AlertOutcome::Closed
    }

    fn over_at(&self) -> Timestamp {
        let ended = self.news.ended.iter().filter_map(|member| self.notified.end(member));
        ended.max().unwrap_or(self.notified.now())
    }

    /// Ends the work that Azure had planned.
    fn planned_is_over(&self) -> Option<Event> {
        let is_planned = matches!(self.response.stage, Stage::Scheduled | Stage::InProgress);
        let closes = self.notified.opening.close_on_resolve && !self.firing.course.adopted;
        (is_planned && !closes).then(|| {
            Event::Response(ResponseEvent::Updated {
                number: self.response.number,
                title: self.response.title.clone(),
                note: self.response.notes.next(),
                stage: Stage::Monitoring,
                ended: None,
                text: InternalText::new(Text::plain("The planned work is over.")),
            })
        })
    }

    fn mitigated(&mut self, at: Timestamp) -> Option<Event> {
        let event = mitigated(self.response, at)?;
        self.change.marks.push(AlertMark::Mitigated);
        Some(event)
    }

    /// The alert fires again.
    fn again(&mut self, events: &mut Vec<Event>) -> AlertOutcome {
        let now = self.notified.now();
        let series = self.series(now);
        self.change.series = Some(series);
        if self.firing.course.mitigated.is_some() {
            self.change.marks.push(AlertMark::Unmitigated);
        }
        let is_worse = self.change.severity.is_some() || !self.news.new.is_empty();
        let was_flapping = self.firing.course.flapping;
        if !self.is_reported_again() && series.firings > 1 && !was_flapping {
            self.change.marks.push(AlertMark::Flapping);
            events.push(self.flapping_notice(series));
        } else if !was_flapping || is_worse {
            events.push(self.again_notice());
        }
        if was_flapping && self.change.severity.is_none() {
            self.change.marks.push(AlertMark::Counted);
        }
        AlertOutcome::Joined
    }
}

impl Part<'_> {
    /// True if all members fire again only because their group stopped reporting them for a while.
    fn is_reported_again(&self) -> bool {
        let known = self.news.again.iter().map(|m| self.firing.members.get(&self.notified.id(m)));
        let mut known = known.flatten().peekable();
        self.news.new.is_empty() && known.peek().is_some() && known.all(|member| member.silenced)
    }

    /// The series of firings that one at `now` belongs to.
    fn series(&self, now: Timestamp) -> Series {
        let first = Series { firings: 1, since: now };
        let series = self.firing.course.series.unwrap_or(first);
        if self.is_reported_again() {
            return series;
        }
        if !self.firing.is_in_series(now, self.notified.began()) {
            return first;
        }
        Series { firings: series.firings.saturating_add(1), ..series }
    }
}

/// The end of customer impact, unless the incident has one already or it would precede the start.
pub(super) fn mitigated(response: &Response, at: Timestamp) -> Option<Event> {
    if response.milestones.at(Milestone::Mitigated).is_some() {
        return None;
    }
    let started = response.milestones.at(Milestone::Started);
    Some(Event::Response(ResponseEvent::Reached {
        number: response.number,
        milestone: Milestone::Mitigated,
        at: started.map_or(at, |started| at.max(started)),
        source: Known::Recorded,
        via: None,
        was: None,
    }))
}

pub(super) fn closed(state: &State, response: &Response) -> Event {
    let (number, ended) = (response.number, Stage::Resolved);
    match state.status.open.get(&number) {
        Some(incident) => Event::Status(StatusEvent::Updated {
            number,
            update: incident.next_update(),
            title: incident.title.clone(),
            impact: incident.impact,
            stage: ended,
            components: None,
            next_update_by: None,
            ended: None,
            text: Text::default(),
        }),
        None => Event::Response(ResponseEvent::Updated {
            number,
            note: response.notes.next(),
            title: response.title.clone(),
            stage: ended,
            ended: None,
            text: InternalText::default(),
        }),
    }
}
