//! A record under construction. Its events are folded as they are added, so the record and the
//! state after it are complete together, and nobody folds it again.

use std::fmt;
use std::ops::Deref;

use super::counted;
use super::fold::{FoldError, extend, fold_events, read_record};
use super::record::{Event, Record};
use super::seal::{self, Salt};
use super::state::State;
use crate::incident::events::StatusEvent;
use crate::incident::fold::is_unseen;
use crate::response::events::ResponseEvent;

pub struct Draft<'a> {
    base: &'a State,
    record: Record,
    state: State,
}

impl<'a> Draft<'a> {
    /// Folds the first events of a record into a copy of `base`, the state before it.
    ///
    /// # Errors
    /// A [`FoldError`] if an event does not fit: such a record must never be written.
    pub fn begin(base: &'a State, record: Record) -> Result<Self, FoldError> {
        let mut state = base.clone();
        counted::count();
        fold_events(&mut state, &record)?;
        Ok(Self { base, record, state })
    }

    /// Adds events at the end of the record.
    ///
    /// # Errors
    /// As in [`Draft::begin`].
    pub fn extend(&mut self, events: Vec<Event>) -> Result<(), FoldError> {
        if events.is_empty() {
            return Ok(());
        }
        let is_whole = self.is_read_as_a_whole(&events);
        let begun = self.record.events.len();
        self.record.events.extend(events);
        if is_whole {
            counted::count();
            self.state = self.base.clone();
            return fold_events(&mut self.state, &self.record);
        }
        extend(&mut self.state, self.base, &self.record, begun)
    }

    #[must_use]
    pub fn base(&self) -> &State {
        self.base
    }

    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The state after the events so far. Its head is still that of the previous record.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    #[must_use]
    pub fn completed(self) -> Completed {
        Completed { record: self.record, state: self.state }
    }

    /// True if the added events change the meaning of those before them, so that only folding all
    /// of them together matches what a reader of the log gets.
    fn is_read_as_a_whole(&self, added: &[Event]) -> bool {
        let status = &self.base.status;
        let is_bookkeeping = |event: &Event| {
            matches!(
                event,
                Event::Delivery(_)
                    | Event::Message(_)
                    | Event::People(_)
                    | Event::ComponentsNamed(_)
            )
        };
        let takes_back_or_corrects = self.record.events.iter().any(|event| match event {
            Event::Status(event) => event.changes_the_past(),
            Event::Response(event) => matches!(event, ResponseEvent::Undone { .. }),
            _ => false,
        });
        let is_unseen = |event: &StatusEvent| is_unseen(status, event);
        let unseen_so_far = self.record.status().all(is_unseen);
        let mut added_status = added.iter().filter_map(|event| match event {
            Event::Status(event) => Some(event),
            _ => None,
        });
        let is_restated = |event: &StatusEvent| {
            let drops_components = matches!(event,
                StatusEvent::Evicted { components, .. } if !components.is_empty());
            drops_components || unseen_so_far && !is_unseen(event)
        };
        takes_back_or_corrects && !added.iter().all(is_bookkeeping) || added_status.any(is_restated)
    }
}

/// A record that is ready to be written, and the state after it. Dereferences to the record.
#[derive(Clone, PartialEq, Eq)]
pub struct Completed {
    pub record: Record,
    /// Its head is that of the previous record until [`Completed::seal`].
    pub state: State,
}

impl Completed {
    /// The bytes to write. The next record continues them.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn seal(&mut self, salt: &Salt) -> serde_json::Result<Vec<u8>> {
        let bytes = seal::write(&self.record, salt)?;
        self.state.head = seal::head_hash(&bytes);
        Ok(bytes)
    }
}

/// True if reading a record's bytes on top of `base` results in `state`.
#[must_use]
pub fn is_as_read(state: &State, base: &State, bytes: &[u8]) -> bool {
    let mut read = base.clone();
    let folded = read_record(&read, bytes).and_then(|record| fold_events(&mut read, &record));
    read.head = seal::head_hash(bytes);
    folded.is_ok() && read == *state
}

impl Deref for Completed {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl fmt::Debug for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.fmt(f)
    }
}
