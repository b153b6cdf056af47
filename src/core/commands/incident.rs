//! Incidents: what follows from a command about one.

use jiff::{SignedDuration, Timestamp};

use super::command::StatusCommand;
use super::context::{Context, Stop};
use super::unchanged::Unchanged;
use super::words::Verb;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{
    Impact, Incident, MONTH_PART_MAX, MonthPart, Number, OPEN_INCIDENTS_MAX, Stage, title_of,
};
use crate::core::text::Text;

impl<'a> Context<'a> {
    pub(crate) fn open(
        &self,
        another: bool,
        impact: Impact,
        components: &[String],
        next: Option<SignedDuration>,
        text: &Text,
    ) -> Result<StatusEvent, Stop> {
        if !self.state.status.open.is_empty() && !another {
            let names = components.iter().map(|id| self.config.component_name(id).to_owned());
            let refusal = Unchanged::AlreadyOpen {
                open: self.public_titles().collect(),
                impact,
                components: names.collect(),
                text: text.to_plain(),
            };
            return Err(refusal.into());
        }
        self.check_room()?;
        Ok(StatusEvent::Opened {
            number: self.state.next_number,
            month: self.month(),
            impact,
            components: components.to_vec(),
            next_update_by: self.promise(next),
            text: text.clone(),
        })
    }

    pub(crate) fn update(
        &self,
        number: Option<Number>,
        stage: Option<Stage>,
        components: Option<&Vec<String>>,
        next: Option<SignedDuration>,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let closing = stage == Some(Stage::Resolved);
        let maintenance = number.and_then(|number| self.state.status.maintenance.get(&number));
        if let Some(maintenance) = maintenance {
            return self.update_maintenance(maintenance, stage, (components, next), text);
        }
        let incident = self.open_incident(number, command)?;
        if incident.is_full() && !closing {
            return Err(Unchanged::TooManyUpdates { number: incident.number, open: true }.into());
        }
        Ok(StatusEvent::Updated {
            number: incident.number,
            title: incident.title.clone(),
            impact: incident.impact,
            stage: stage.unwrap_or(incident.stage),
            components: components.cloned(),
            next_update_by: if closing { None } else { self.promise(next) },
            text: text.clone(),
        })
    }

    pub(crate) fn change_impact(
        &self,
        number: Option<Number>,
        impact: Impact,
        next: Option<SignedDuration>,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let verb = Verb::Impact;
        if let Some(number) = number.filter(|n| self.state.status.maintenance.contains_key(n)) {
            return Err(Unchanged::IsMaintenance { number, verb }.into());
        }
        let incident = self.open_incident(number, command)?;
        let number = incident.number;
        if incident.impact == impact {
            return Err(Unchanged::SameImpact { number, impact, text: text.to_plain() }.into());
        }
        if incident.is_full() {
            return Err(Unchanged::TooManyUpdates { number, open: true }.into());
        }
        // Without a text, it is not the update that was promised.
        let keeps_promise = text.is_empty() && next.is_none();
        Ok(StatusEvent::Updated {
            number,
            title: incident.title.clone(),
            impact,
            stage: incident.stage,
            components: None,
            next_update_by: if keeps_promise {
                incident.next_update_by
            } else {
                self.promise(next)
            },
            text: text.clone(),
        })
    }

    pub(crate) fn reopen(
        &self,
        number: Option<Number>,
        next: Option<SignedDuration>,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let incident = self.closed_incident(number, command)?;
        let number = incident.number;
        self.check_room()?;
        if incident.is_full() {
            return Err(Unchanged::TooManyUpdates { number, open: false }.into());
        }
        Ok(StatusEvent::Reopened {
            number,
            title: incident.title.clone(),
            impact: incident.impact,
            next_update_by: self.promise(next),
            text: text.clone(),
        })
    }

    pub(crate) fn post_mortem(
        &self,
        number: Option<Number>,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let incident = self.closed_incident(number, command)?;
        let number = incident.number;
        let told_before = incident.updates.iter().any(|update| update.stage == Stage::PostMortem);
        if incident.is_full() && told_before {
            return Err(Unchanged::TooManyUpdates { number, open: false }.into());
        }
        Ok(StatusEvent::PostMortem {
            number,
            title: incident.title.clone(),
            impact: incident.impact,
            text: text.clone(),
        })
    }

    pub(crate) fn correct(
        &self,
        number: Option<Number>,
        text: &Text,
        command: &StatusCommand,
    ) -> Result<StatusEvent, Stop> {
        let incident = match number {
            Some(number) => self.any_incident(number)?,
            None => self.open_incident(None, command)?,
        };
        let first = incident.updates.len() == 1;
        Ok(StatusEvent::Corrected {
            number: incident.number,
            title: if first { title_of(text) } else { incident.title.clone() },
            impact: incident.impact,
            stage: incident.stage,
            text: text.clone(),
        })
    }

    /// When the next update is due: as promised now, else as the configuration promises.
    pub(crate) fn promise(&self, next: Option<SignedDuration>) -> Option<Timestamp> {
        let next = next.or(self.config.update_every)?;
        self.time().checked_add(next).ok()
    }

    /// Where what begins now stands in the history: in the last part of its month that has room.
    pub(crate) fn month(&self) -> MonthPart {
        let today = self.time().to_zoned(self.config.time_zone.clone()).date();
        let first = MonthPart::first_of(today);
        let mut parts = self.state.status.months.range(first..=first.last());
        match parts.next_back() {
            Some((part, count)) if *count >= MONTH_PART_MAX => part.next(),
            Some((part, _)) => *part,
            None => first,
        }
    }

    pub(crate) fn check_room(&self) -> Result<(), Stop> {
        if self.state.status.open.len() >= OPEN_INCIDENTS_MAX {
            return Err(
                Unchanged::TooManyOpen(self.state.status.open.keys().next().copied()).into()
            );
        }
        Ok(())
    }

    /// The open incident that is meant: by number, or the only one.
    fn open_incident(
        &self,
        number: Option<Number>,
        command: &StatusCommand,
    ) -> Result<&'a Incident, Stop> {
        let verb = command.verb();
        let open = &self.state.status.open;
        if let Some(number) = number {
            return open.get(&number).map(AsRef::as_ref).ok_or_else(|| {
                let kept = self.state.status.incident(number);
                if kept.is_some_and(Incident::is_maintenance) {
                    Unchanged::Over(number).into()
                } else if self.exists(number) {
                    Unchanged::Closed(number).into()
                } else {
                    self.no_such(number)
                }
            });
        }
        let mut all = open.values();
        match (all.next(), all.next()) {
            (None, _) => {
                let closed = self.state.status.closed.back().map(|incident| incident.number);
                Err(Unchanged::NothingOpen { verb, closed }.into())
            }
            (Some(only), None) => Ok(only),
            _ => {
                let (candidates, behind) = (self.open_titles(), command.behind_number());
                Err(Unchanged::WhichOne { verb, candidates, behind }.into())
            }
        }
    }

    /// The closed incident that is meant, which has to be named.
    fn closed_incident(
        &self,
        number: Option<Number>,
        command: &StatusCommand,
    ) -> Result<&'a Incident, Stop> {
        let verb = command.verb();
        let Some(number) = number else {
            let incidents = self.state.status.closed.iter().rev().filter(|c| !c.is_maintenance());
            let candidates = incidents.take(5).map(|c| (c.number, c.title.clone())).collect();
            let behind = command.behind_number();
            return Err(Unchanged::WhichOne { verb, candidates, behind }.into());
        };
        if self.state.status.open.contains_key(&number) {
            return Err(Unchanged::StillOpen { number, verb }.into());
        }
        let incident = self.any_incident(number)?;
        if incident.is_maintenance() {
            return Err(Unchanged::IsMaintenance { number, verb }.into());
        }
        Ok(incident)
    }

    /// The incident of that number, open or closed, however long ago.
    pub(crate) fn any_incident(&self, number: Number) -> Result<&'a Incident, Stop> {
        let recalled = self.recalled.filter(|dossier| dossier.number() == number);
        let recalled = recalled.and_then(|dossier| dossier.incident.as_deref());
        match self.state.status.incident(number).or(recalled) {
            Some(incident) => Ok(incident),
            None if self.exists(number) => Err(Stop::Recall(number)),
            None => Err(self.no_such(number)),
        }
    }

    pub(crate) fn exists(&self, number: Number) -> bool {
        (1..self.state.next_number).contains(&number)
    }

    pub(crate) fn no_such(&self, number: Number) -> Stop {
        Unchanged::NoSuchIncident { number, open: self.open_titles() }.into()
    }

    fn public_titles(&self) -> impl Iterator<Item = (Number, String)> {
        self.state.status.open.values().map(|i| (i.number, i.title.clone()))
    }

    /// Number and title of all that is open, those at the end that are not on the page.
    pub(crate) fn open_titles(&self) -> Vec<(Number, String)> {
        let internal = self.state.open_internal().map(|r| (r.number, r.title.clone()));
        self.public_titles().chain(internal).collect()
    }
}
