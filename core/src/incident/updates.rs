//! Opening, updating and ending an incident.

use jiff::Timestamp;

use super::change::Recorded;
use super::model::{Impact, Incident, MonthPart, Number, Stage, Update, Window, title_of};
use super::status::Status;
use crate::sealed::{Erasable, REMOVED};
use crate::text::Text;

/// Fields that a new incident and a new maintenance have in common.
#[derive(Clone, Copy)]
pub(super) struct New<'a> {
    pub(super) number: Number,
    pub(super) update: u32,
    pub(super) month: MonthPart,
    pub(super) components: &'a [String],
    pub(super) window: Option<Window>,
    pub(super) text: &'a Text,
}

impl New<'_> {
    pub(super) fn begin(
        self,
        status: &mut Status,
        recorded: Recorded<'_>,
        (impact, first): (Impact, Stage),
    ) -> Option<Incident> {
        let Self { number, update, month, components, window, text } = self;
        // An incident that was taken off the page and is published again keeps its place.
        let before = status.withdrawn.remove(&number);
        let updates_recorded = before.as_ref().map_or(0, |before| before.updates_recorded);
        if status.incident(number).is_some() {
            return None;
        }
        if before.is_none_or(|before| before.month != month) {
            *status.months.entry(month).or_insert(0) += 1;
        }
        let mut incident = Incident {
            number,
            title: title_of(text),
            impact,
            components: components.to_vec(),
            stage: first,
            month,
            window,
            opened: recorded.at,
            resolved: None,
            next_update_by: None,
            updates: Vec::new(),
            updates_recorded,
            revision: recorded.revision,
            listed: recorded.revision,
            edition: status.edition,
            listed_edition: status.edition,
            impact_corrections: Vec::new(),
            amended: None,
            backfilled: None,
            duplicate_of: None,
            withdrawal: None,
        };
        incident.push_update(recorded, update, first, text)?;
        Some(incident)
    }
}

impl Incident {
    /// `None` if `number` is not the next one.
    pub(super) fn push_update(
        &mut self,
        recorded: Recorded<'_>,
        number: u32,
        stage: Stage,
        text: &Text,
    ) -> Option<()> {
        if number != self.next_update() {
            return None;
        }
        self.updates_recorded = number;
        self.stage = stage;
        self.revision = recorded.revision;
        self.updates.push(Update {
            number,
            at: recorded.at,
            by: recorded.by.to_owned(),
            stage,
            impact: self.impact,
            components: self.components.clone(),
            text: text.clone(),
            corrected: None,
            ended: None,
            records: vec![recorded.revision],
        });
        Some(())
    }

    /// Ends it at `ended`, or now. A maintenance ends no later than planned.
    pub(super) fn end(&mut self, recorded: Recorded<'_>, ended: Option<Timestamp>) {
        let until = self.window.map_or(Timestamp::MAX, |window| window.until);
        self.resolved = Some(ended.unwrap_or(recorded.at).min(until));
        if let Some(last) = self.updates.last_mut() {
            last.ended = ended;
        }
        self.next_update_by = None;
        self.listed = recorded.revision;
    }

    pub(super) fn correct(
        &mut self,
        recorded: Recorded<'_>,
        number: u32,
        text: &Text,
    ) -> Option<()> {
        let update = self.updates.iter_mut().find(|update| update.number == number)?;
        update.text = text.clone();
        update.corrected = Some(recorded.at);
        update.records.push(recorded.revision);
        if self.updates.len() == 1 {
            self.title = title_of(text);
            self.listed = recorded.revision;
        }
        self.revision = recorded.revision;
        Some(())
    }

    /// Erasing the first update erases the title, which comes from it.
    pub(super) fn remove_text(&mut self, recorded: Recorded<'_>, number: u32) -> Option<()> {
        let update = self.updates.iter_mut().find(|update| update.number == number)?;
        update.text = Text::erased();
        update.corrected = Some(recorded.at);
        if number == 1 {
            REMOVED.clone_into(&mut self.title);
            self.listed = recorded.revision;
        }
        self.revision = recorded.revision;
        Some(())
    }
}
