//! What follows from a command, given the state: a record, an answer or a refusal.

use jiff::{SignedDuration, Timestamp};

use super::clock::new_days;
use super::command::{Command, Misread};
use super::config::Config;
use super::model::{
    Event, Impact, Incident, Month, Number, OPEN_INCIDENTS_MAX, Record, Stage, title_of,
};
use super::schedule::Unplannable;
use super::state::State;
use super::teams::Message;
use super::text::Text;
use super::words::Verb;

/// What is to be done with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Commit this record.
    Record(Record),
    /// The message was accepted before, as this revision: give that answer again.
    Duplicate(u64),
    /// Decide again with the document of this closed incident.
    Recall(Number),
    /// Answer with how things are.
    Report(Report),
    /// Change nothing and say why.
    Refuse(Refusal),
}

impl Decision {
    /// Whether a decision may be acted on although the log may have grown since: a commit finds out
    /// by itself, and what was accepted stays accepted.
    #[must_use]
    pub fn holds_when_behind(&self) -> bool {
        matches!(self, Self::Record(_) | Self::Duplicate(_))
    }
}

/// The questions that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// How things are.
    Status,
    /// What is open.
    List,
    /// How to use it.
    Help(Option<Verb>),
}

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was not understood.
    Misread(Misread),
    /// An incident is open already, or several.
    AlreadyOpen {
        /// Number and title of each.
        open: Vec<(Number, String)>,
        /// How bad the new one was to be.
        impact: Impact,
        /// The names of the components that it was to affect.
        components: Vec<String>,
        /// What was to be said.
        text: String,
    },
    /// No incident is open.
    NothingOpen {
        /// The verb.
        verb: Verb,
        /// The one closed last.
        closed: Option<Number>,
    },
    /// Several are open, or `reopen` did not say which one: these could be meant.
    WhichOne {
        /// The verb.
        verb: Verb,
        /// Number and title of each candidate.
        candidates: Vec<(Number, String)>,
        /// What was to be said.
        text: String,
    },
    /// The maintenance is over.
    Over(Number),
    /// There is no such incident.
    NoSuchIncident {
        /// The number that was typed.
        number: Number,
        /// Number and title of what is open.
        open: Vec<(Number, String)>,
    },
    /// The incident is closed.
    Closed {
        /// Its number.
        number: Number,
        /// The verb.
        verb: Verb,
    },
    /// The incident is open, and the verb is for closed ones.
    StillOpen {
        /// Its number.
        number: Number,
        /// The verb.
        verb: Verb,
    },
    /// There are as many open incidents as there may be; this is one of them.
    TooManyOpen(Option<Number>),
    /// The number is that of a maintenance, for which the verb does nothing.
    IsMaintenance {
        /// Its number.
        number: Number,
        /// The verb.
        verb: Verb,
    },
    /// The number is that of an incident, and not of a maintenance.
    NoMaintenance(Number),
    /// The maintenance has not begun: it can be cancelled, not completed.
    NotBegun(Number),
    /// There are as many maintenances ahead as there may be; this is one of them.
    TooManyMaintenances(Option<Number>),
    /// The time of a maintenance cannot be taken.
    Time(Unplannable),
    /// The incident has as many updates as it may have.
    TooManyUpdates {
        /// Its number.
        number: Number,
        /// Whether it is open.
        open: bool,
    },
}

/// What a decision is made on.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// The state, as far as it is known.
    pub state: &'a State,
    /// The configuration.
    pub config: &'a Config,
    /// The time.
    pub now: Timestamp,
    /// The document that [`Decision::Recall`] asked for.
    pub recalled: Option<&'a Incident>,
}

/// Decides. The same arguments give the same decision.
#[must_use]
pub fn decide(basis: Basis<'_>, message: &Message, command: &Result<Command, Misread>) -> Decision {
    if let Some(revision) = basis.state.revision_of(&message.id) {
        return Decision::Duplicate(revision);
    }
    let decided = match command {
        Err(misread) => Err(Stop::Refuse(Refusal::Misread(misread.clone()))),
        Ok(Command::Status) => return Decision::Report(Report::Status),
        Ok(Command::List) => return Decision::Report(Report::List),
        Ok(Command::Help(about)) => return Decision::Report(Report::Help(*about)),
        Ok(Command::Open { another, impact, components, next, text }) => {
            basis.open(*another, *impact, components, *next, text)
        }
        Ok(Command::Update { number, stage, components, next, text }) => {
            basis.update(*number, *stage, components.as_ref(), *next, text)
        }
        Ok(Command::Reopen { number, next, text }) => basis.reopen(*number, *next, text),
        Ok(Command::Postmortem { number, text }) => basis.postmortem(*number, text),
        Ok(Command::Schedule { plan, components, text }) => basis.schedule(plan, components, text),
        Ok(Command::Manage { number, change, text }) => basis.manage(*number, *change, text),
        Ok(Command::Correct { number, text }) => basis.correct(*number, text),
    };
    match decided {
        Ok(event) => Decision::Record(basis.record(message, event)),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(refusal),
        Err(Stop::Recall(number)) => Decision::Recall(number),
    }
}

/// Why no event follows.
pub(super) enum Stop {
    Refuse(Refusal),
    Recall(Number),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl<'a> Basis<'a> {
    /// Clocks of different machines differ: no record is older than the one before it.
    pub(super) fn time(&self) -> Timestamp {
        self.now.max(self.state.at)
    }

    fn record(&self, message: &Message, event: Event) -> Record {
        let number = event.number();
        let recalled = self
            .recalled
            .filter(|i| Some(i.number) == number && self.state.incident(i.number).is_none())
            .map(|incident| Event::Recalled { incident: Box::new(incident.clone()) });
        let mut events = new_days(self.state, self.time(), &self.config.time_zone);
        events.extend(recalled);
        events.push(event);
        Record {
            revision: self.state.revision + 1,
            at: self.time(),
            by: message.from.clone(),
            message: message.id.clone(),
            previous: self.state.head.clone(),
            events,
        }
    }

    fn open(
        &self,
        another: bool,
        impact: Impact,
        components: &[String],
        next: Option<SignedDuration>,
        text: &Text,
    ) -> Result<Event, Stop> {
        if !self.state.open.is_empty() && !another {
            let names = components.iter().map(|id| self.config.component_name(id).to_owned());
            let refusal = Refusal::AlreadyOpen {
                open: self.open_titles(),
                impact,
                components: names.collect(),
                text: text.to_plain(),
            };
            return Err(refusal.into());
        }
        self.check_room()?;
        Ok(Event::Opened {
            number: self.state.next_number,
            month: self.month(),
            impact,
            components: components.to_vec(),
            next_update_by: self.promise(next),
            text: text.clone(),
        })
    }

    fn update(
        &self,
        number: Option<Number>,
        stage: Option<Stage>,
        components: Option<&Vec<String>>,
        next: Option<SignedDuration>,
        text: &Text,
    ) -> Result<Event, Stop> {
        let closing = stage == Some(Stage::Resolved);
        let verb = if closing { Verb::Close } else { Verb::Update(None) };
        let maintenance = number.and_then(|number| self.state.maintenance.get(&number));
        if let Some(maintenance) = maintenance {
            return self.update_maintenance(maintenance, stage, (components, next), text);
        }
        let incident = self.open_incident(number, verb, text)?;
        if incident.is_full() && !closing {
            return Err(Refusal::TooManyUpdates { number: incident.number, open: true }.into());
        }
        Ok(Event::Updated {
            number: incident.number,
            title: incident.title.clone(),
            impact: incident.impact,
            stage: stage.unwrap_or(incident.stage),
            components: components.cloned(),
            next_update_by: if closing { None } else { self.promise(next) },
            text: text.clone(),
        })
    }

    fn reopen(
        &self,
        number: Option<Number>,
        next: Option<SignedDuration>,
        text: &Text,
    ) -> Result<Event, Stop> {
        let incident = self.closed_incident(number, Verb::Reopen, text)?;
        let number = incident.number;
        self.check_room()?;
        if incident.is_full() {
            return Err(Refusal::TooManyUpdates { number, open: false }.into());
        }
        Ok(Event::Reopened {
            number,
            title: incident.title.clone(),
            impact: incident.impact,
            next_update_by: self.promise(next),
            text: text.clone(),
        })
    }

    fn postmortem(&self, number: Option<Number>, text: &Text) -> Result<Event, Stop> {
        let incident = self.closed_incident(number, Verb::Postmortem, text)?;
        let number = incident.number;
        let told_before = incident.updates.iter().any(|update| update.stage == Stage::Postmortem);
        if incident.is_full() && told_before {
            return Err(Refusal::TooManyUpdates { number, open: false }.into());
        }
        Ok(Event::Reviewed {
            number,
            title: incident.title.clone(),
            impact: incident.impact,
            text: text.clone(),
        })
    }

    fn correct(&self, number: Option<Number>, text: &Text) -> Result<Event, Stop> {
        let incident = match number {
            Some(number) => self.any_incident(number)?,
            None => self.open_incident(None, Verb::Correct, text)?,
        };
        let first = incident.updates.len() == 1;
        Ok(Event::Corrected {
            number: incident.number,
            title: if first { title_of(text) } else { incident.title.clone() },
            impact: incident.impact,
            stage: incident.stage,
            text: text.clone(),
        })
    }

    /// When the next update is due: as promised now, else as the configuration promises.
    fn promise(&self, next: Option<SignedDuration>) -> Option<Timestamp> {
        let next = next.or(self.config.update_every)?;
        self.time().checked_add(next).ok()
    }

    pub(super) fn month(&self) -> Month {
        Month::of(self.time().to_zoned(self.config.time_zone.clone()).date())
    }

    fn check_room(&self) -> Result<(), Stop> {
        if self.state.open.len() >= OPEN_INCIDENTS_MAX {
            return Err(Refusal::TooManyOpen(self.state.open.keys().next().copied()).into());
        }
        Ok(())
    }

    /// The open incident that is meant: by number, or the only one.
    fn open_incident(
        &self,
        number: Option<Number>,
        verb: Verb,
        text: &Text,
    ) -> Result<&'a Incident, Stop> {
        let open = &self.state.open;
        if let Some(number) = number {
            return open.get(&number).ok_or_else(|| {
                let kept = self.state.incident(number);
                if kept.is_some_and(Incident::is_maintenance) {
                    Refusal::Over(number).into()
                } else if self.exists(number) {
                    Refusal::Closed { number, verb }.into()
                } else {
                    self.no_such(number)
                }
            });
        }
        let mut all = open.values();
        match (all.next(), all.next()) {
            (None, _) => {
                let closed = self.state.closed.back().map(|incident| incident.number);
                Err(Refusal::NothingOpen { verb, closed }.into())
            }
            (Some(only), None) => Ok(only),
            _ => {
                let (candidates, text) = (self.open_titles(), text.to_plain());
                Err(Refusal::WhichOne { verb, candidates, text }.into())
            }
        }
    }

    /// The closed incident that is meant, which has to be named.
    fn closed_incident(
        &self,
        number: Option<Number>,
        verb: Verb,
        text: &Text,
    ) -> Result<&'a Incident, Stop> {
        let Some(number) = number else {
            let incidents = self.state.closed.iter().rev().filter(|c| !c.is_maintenance());
            let candidates = incidents.take(5).map(|c| (c.number, c.title.clone())).collect();
            return Err(Refusal::WhichOne { verb, candidates, text: text.to_plain() }.into());
        };
        if self.state.open.contains_key(&number) {
            return Err(Refusal::StillOpen { number, verb }.into());
        }
        let incident = self.any_incident(number)?;
        if incident.is_maintenance() {
            return Err(Refusal::IsMaintenance { number, verb }.into());
        }
        Ok(incident)
    }

    /// The incident of that number, open or closed, however long ago.
    pub(super) fn any_incident(&self, number: Number) -> Result<&'a Incident, Stop> {
        let recalled = self.recalled.filter(|incident| incident.number == number);
        match self.state.incident(number).or(recalled) {
            Some(incident) => Ok(incident),
            None if self.exists(number) => Err(Stop::Recall(number)),
            None => Err(self.no_such(number)),
        }
    }

    fn exists(&self, number: Number) -> bool {
        (1..self.state.next_number).contains(&number)
    }

    fn no_such(&self, number: Number) -> Stop {
        Refusal::NoSuchIncident { number, open: self.open_titles() }.into()
    }

    fn open_titles(&self) -> Vec<(Number, String)> {
        self.state.open.values().map(|i| (i.number, i.title.clone())).collect()
    }
}
