//! Maintenance: what follows from a command about one.

use super::usage::Usage;
use jiff::SignedDuration;

use super::command::{Change, StatusCommand};
use super::context::{Context, Stop};
use super::schedule::Plan;
use super::unchanged::Unchanged;
use super::window::{moved_end, planned_window};
use super::words::Verb;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Impact, Incident, MAINTENANCES_MAX, Number, Stage};
use crate::core::text::Text;

pub const MAINTENANCE: Usage = Usage {
    words: &["maintenance"],
    form: "maintenance 2026-11-23 22:00 to 23:30 [on Component, …:] text",
    meaning: "announces one; also `monday 22:00-23:30`, `tomorrow 22:00 for 90m`, `in 2 hours for 30m`, `now for 2h`, and `maintenance #43 cancel`, `extend 30m` or `complete`",
    examples: &["maintenance tomorrow 22:00 to 23:30: New switches", "maintenance #43 extend 30m"],
    ..Usage::NEW
};

impl<'a> Context<'a> {
    pub(crate) fn schedule(
        &self,
        plan: &Plan,
        components: &[String],
        text: &Text,
    ) -> Result<StatusEvent, Stop> {
        let window =
            planned_window(plan, self.time(), &self.config.time_zone).map_err(Unchanged::Time)?;
        if self.state.status.maintenance.len() >= MAINTENANCES_MAX {
            let one = self.state.status.maintenance.keys().next().copied();
            return Err(Unchanged::TooManyMaintenances(one).into());
        }
        Ok(StatusEvent::Scheduled {
            number: self.state.next_number,
            month: self.month(),
            window,
            components: components.to_vec(),
            text: text.clone(),
        })
    }

    pub(crate) fn manage(
        &self,
        number: Option<Number>,
        change: Change,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let maintenance = self.maintenance(number, command)?;
        match change {
            Change::Cancel => self.end_maintenance(maintenance, Stage::Cancelled, text),
            Change::Complete => self.end_maintenance(maintenance, Stage::Completed, text),
            Change::Extend(end) => {
                let (number, title) = (maintenance.number, maintenance.title.clone());
                if maintenance.is_full() {
                    return Err(Unchanged::TooManyUpdates { number, open: true }.into());
                }
                let window = maintenance.window.ok_or(Unchanged::NoMaintenance(number))?;
                let zone = &self.config.time_zone;
                let until = moved_end(end, window, self.time(), zone);
                let until = until.map_err(Unchanged::Time)?;
                let stage = maintenance.stage;
                Ok(StatusEvent::Extended { number, title, until, stage, text: text.clone() })
            }
        }
    }

    /// `update #43` and `close #43`, where #43 is a maintenance.
    pub(crate) fn update_maintenance(
        &self,
        maintenance: &Incident,
        stage: Option<Stage>,
        (components, next): (Option<&Vec<String>>, Option<SignedDuration>),
        text: &Text,
    ) -> Result<StatusEvent, Stop> {
        let number = maintenance.number;
        match stage {
            None if maintenance.is_full() => {
                Err(Unchanged::TooManyUpdates { number, open: true }.into())
            }
            None => Ok(StatusEvent::Updated {
                number,
                title: maintenance.title.clone(),
                impact: Impact::Maintenance,
                stage: maintenance.stage,
                components: components.cloned(),
                next_update_by: next.and_then(|next| self.time().checked_add(next).ok()),
                text: text.clone(),
            }),
            Some(Stage::Resolved) => self.end_maintenance(maintenance, Stage::Completed, text),
            Some(_) => Err(Unchanged::IsMaintenance { number, verb: Verb::Update(stage) }.into()),
        }
    }

    fn end_maintenance(
        &self,
        maintenance: &Incident,
        stage: Stage,
        text: &Text,
    ) -> Result<StatusEvent, Stop> {
        if stage == Stage::Completed && maintenance.began() > self.time() {
            return Err(Unchanged::NotBegun(maintenance.number).into());
        }
        Ok(maintenance_update(maintenance, stage, text))
    }

    /// The planned or running maintenance that is meant: by number, or the only one.
    fn maintenance(
        &self,
        number: Option<Number>,
        command: &StatusCommand,
    ) -> Result<&'a Incident, Stop> {
        let all = &self.state.status.maintenance;
        let verb = Verb::Maintenance;
        if let Some(number) = number {
            if let Some(maintenance) = all.get(&number) {
                return Ok(maintenance);
            }
            let incident = self.any_incident(number)?;
            if incident.is_maintenance() {
                return Err(Unchanged::Over(number).into());
            }
            return Err(Unchanged::NoMaintenance(number).into());
        }
        let mut each = all.values();
        match (each.next(), each.next()) {
            (None, _) => Err(Unchanged::NothingOpen { verb, closed: None }.into()),
            (Some(only), None) => Ok(only),
            _ => {
                let candidates = all.values().map(|m| (m.number, m.title.clone())).collect();
                let behind = command.behind_number();
                Err(Unchanged::WhichOne { verb, candidates, behind }.into())
            }
        }
    }
}

/// An update of a maintenance, by a person or by the clock.
pub(crate) fn maintenance_update(maintenance: &Incident, stage: Stage, text: &Text) -> StatusEvent {
    StatusEvent::Updated {
        number: maintenance.number,
        title: maintenance.title.clone(),
        impact: Impact::Maintenance,
        stage,
        components: None,
        next_update_by: None,
        text: text.clone(),
    }
}
