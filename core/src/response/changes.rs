//! Changes to a response that folding its events consists of.

use jiff::Timestamp;

use super::events::RemovedText;
use super::internal_text::InternalText;
use super::milestone::{Milestone, MilestoneReading, ReadingSource};
use super::model::{ClosedPeriod, Entry, MovedEntry, Reply, Response, Todo, Topic};
use crate::incident::change::Recorded;
use crate::incident::model::Stage;
use crate::sealed::REMOVED;

impl Response {
    pub(super) fn remove_text(&mut self, removed: RemovedText) -> Option<()> {
        match removed {
            RemovedText::Title => REMOVED.clone_into(&mut self.title),
            RemovedText::Note(note) => {
                self.notes.record(note)?;
            }
            RemovedText::Told(told) => {
                self.told_elsewhere.record(told)?;
            }
        }
        Some(())
    }

    pub(super) fn reach(&mut self, milestone: Milestone, recorded: Recorded<'_>) {
        self.read(milestone, (recorded.at, ReadingSource::Recorded), recorded);
    }

    pub(super) fn read(
        &mut self,
        milestone: Milestone,
        (at, source): (Timestamp, ReadingSource),
        recorded: Recorded<'_>,
    ) {
        let reading = MilestoneReading {
            at,
            source,
            by: recorded.by.to_owned(),
            given: recorded.at,
            via: None,
        };
        self.milestones.push(milestone, reading);
    }

    /// Adds an entry to the timeline, once per record and moment.
    pub(super) fn enter(&mut self, at: Timestamp, recorded: Recorded<'_>) {
        self.revision = recorded.revision;
        if at < recorded.at {
            self.entered_later = Some(recorded.at);
        }
        let entry = Entry(at, recorded.revision);
        if !self.entries.iter().rev().take_while(|e| e.1 == entry.1).any(|known| *known == entry) {
            self.entries.push(entry);
        }
    }

    /// Time of a record's entry in the timeline.
    pub(super) fn time_of(&self, revision: u64) -> Option<Timestamp> {
        self.entries.iter().find(|entry| entry.1 == revision).map(|entry| entry.0)
    }

    /// Adds an entry that was moved here from a different incident, and one for the move itself.
    pub(super) fn take_in(
        &mut self,
        happened: Timestamp,
        moved: MovedEntry,
        recorded: Recorded<'_>,
    ) {
        self.moved_in.push(moved);
        self.entries.push(Entry(happened, moved.revision));
        self.enter(recorded.at, recorded);
    }

    pub(super) fn move_to(
        &mut self,
        stage: Stage,
        recorded: Recorded<'_>,
        ended: Option<Timestamp>,
    ) {
        self.stage = stage;
        if stage.is_end() {
            let (at, source) = match ended {
                Some(at) => (at, ReadingSource::Typed),
                None => (recorded.at, ReadingSource::Recorded),
            };
            // An end that someone typed before takes precedence over the time of closing.
            if self.milestones.at(Milestone::Resolved).is_none() {
                self.read(Milestone::Resolved, (at, source), recorded);
            }
            self.read(Milestone::Closed, (at, source), recorded);
        }
    }

    /// Corrects the end. A different end of the impact that someone typed stays.
    pub(super) fn correct_end(&mut self, at: Timestamp, recorded: Recorded<'_>) {
        let closed = self.milestones.at(Milestone::Closed);
        if self.milestones.at(Milestone::Resolved) == closed {
            self.read(Milestone::Resolved, (at, ReadingSource::Typed), recorded);
        }
        self.read(Milestone::Closed, (at, ReadingSource::Typed), recorded);
    }

    pub(super) fn reopen(&mut self, recorded: Recorded<'_>) {
        let closed = self.milestones.at(Milestone::Closed);
        self.closed.extend(closed.map(|at| ClosedPeriod(at, recorded.at)));
        self.stage = Stage::Investigating;
        self.withdrawn = None;
        self.milestones.reopen();
        // The review has to be written again.
        self.reviewed = None;
        // The last test has been proved wrong.
        self.tested = None;
    }

    pub(super) fn answer(&mut self, topic: Topic, recorded: Recorded<'_>, text: &InternalText) {
        self.replies.retain(|reply| reply.topic != topic);
        let (by, at) = (recorded.by.to_owned(), recorded.at);
        self.replies.push(Reply { topic, text: text.clone(), by, at });
    }
}

pub(super) fn remove(todos: &mut Vec<Todo>, id: u32) -> Option<()> {
    let place = todos.iter().position(|todo| todo.id == id)?;
    todos.remove(place);
    Some(())
}

pub(super) fn reopen(todos: &mut [Todo], id: u32) -> Option<()> {
    todos.iter_mut().find(|todo| todo.id == id)?.done.take().map(drop)
}
