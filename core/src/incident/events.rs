//! Events of the public status, in the form in which records keep them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::model::{Impact, ImpactCorrection, Incident, MonthPart, Number, Stage, Window};
use crate::sealed;
use crate::text::Text;

/// An event of the public status. Kinds and fields are closed: a reader that does not know one must
/// stop.
///
/// An event repeats the facts that its answer shows, such as the impact, but no text of a different
/// record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusEvent {
    /// A day began in the page's zone. Every public record starts with the days that began since
    /// the previous one, so that time can be booked by day without knowing the zone.
    #[serde(rename = "day_started")]
    Day {
        date: Date,
        /// Start of the day; never earlier than the previous public record.
        #[serde(rename = "started_at")]
        began: Timestamp,
    },
    Opened {
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Position in the history.
        month: MonthPart,
        impact: Impact,
        /// Ids of the affected components.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// Start for customers, if it was before the opening.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        began: Option<Timestamp>,
        text: Text,
    },
    /// An incident or a maintenance was updated, or ended if [`Stage::is_end`] says so.
    Updated {
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// Impact from now on.
        impact: Impact,
        /// Stage from now on.
        stage: Stage,
        /// Ids of the affected components from now on; `None` if they stay the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        components: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// For an end: its time, if it was before this record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
        /// Empty if an end, a change of impact or the clock came without a text.
        text: Text,
    },
    /// A promised update did not come in time.
    #[serde(rename = "update_overdue")]
    Overdue { number: Number },
    Reopened {
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        impact: Impact,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        text: Text,
    },
    /// A post-mortem of a closed incident was published.
    #[serde(rename = "post_mortem_added")]
    PostMortem {
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        impact: Impact,
        text: Text,
    },
    Scheduled {
        /// Maintenance and incidents share one sequence of numbers.
        number: Number,
        /// Number of the update within the maintenance.
        update: u32,
        /// Position in the history: the month of the announcement.
        month: MonthPart,
        window: Window,
        /// Ids of the affected components.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        text: Text,
    },
    /// The end of a maintenance was moved.
    Extended {
        number: Number,
        /// Number of the update within the maintenance.
        update: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        until: Timestamp,
        /// Stage at that time.
        stage: Stage,
        /// May be empty.
        text: Text,
    },
    /// The text of an update was replaced.
    Corrected {
        number: Number,
        /// Number of the update whose text is replaced.
        update: u32,
        /// The new title, shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        impact: Impact,
        /// Stage of the incident at that time.
        stage: Stage,
        text: Text,
    },
    TextRemoved {
        number: Number,
        /// Number of the update. Erasing the first one's text erases the title too.
        update: u32,
        /// Must not repeat the erased text.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        reason: Option<String>,
    },
    /// A fact about an incident was corrected, for all of its past.
    Amended { number: Number, fact: Fact },
    /// An incident or a maintenance was given a different title.
    Retitled {
        number: Number,
        #[serde(with = "sealed")]
        title: String,
    },
    /// An incident or a maintenance was taken off the page, because it was not one or no longer
    /// counts.
    Withdrawn {
        number: Number,
        /// Public reason; may be empty.
        #[serde(default, skip_serializing_if = "Text::is_empty")]
        reason: Text,
    },
    /// An incident was taken off the page and is internal from now on.
    Unpublished { number: Number },
    /// An incident is a duplicate of another one on the page and no longer counts.
    Duplicated {
        number: Number,
        /// The incident that counts.
        of: Number,
    },
    /// An incident or a maintenance of the past was added.
    Backfilled {
        number: Number,
        /// Position in the history: the month in which it began.
        month: MonthPart,
        window: Window,
        impact: Impact,
        /// Ids of the affected components.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// Also gives the title.
        text: Text,
    },
    /// A planned maintenance was moved, or begins now.
    Rescheduled {
        number: Number,
        /// Number of the update within the maintenance.
        update: u32,
        window: Window,
        /// May be empty.
        text: Text,
    },
    /// An update had been sent to the wrong incident and moves to the right one. If that one is not
    /// on the page, the update becomes a note there.
    UpdateMoved {
        /// The incident that had it.
        number: Number,
        /// Number of the update there.
        update: u32,
        /// Revision of the record that holds its text.
        revision: u64,
        /// The incident that it belongs to.
        to: Number,
        /// Number of the note in `to`, if `to` is not on the page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<u32>,
    },
    /// A record was taken back: the incident is as if that record had never been made.
    Undone {
        number: Number,
        /// Revision of the record.
        revision: u64,
    },
    /// A closed incident that the status had evicted was restored from its document, so that the
    /// events after this one can be folded without reading anything.
    Recalled {
        /// The incident as its document has it.
        incident: Box<Incident>,
        /// Only responders changed something, so no list shows it again. Records older than
        /// editions lack this field; they did show it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unlisted: bool,
    },
    /// The status dropped these. The record names them because the limits are the writer's: a
    /// reader needs none.
    Evicted {
        /// Closed incidents and maintenance, which live on in their documents.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        incidents: Vec<Number>,
        /// The history can no longer be walked back to months up to this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        months_through: Option<MonthPart>,
        /// The ledger no longer has days up to this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days_through: Option<Date>,
        /// Ids of the components that have not been mentioned for the longest time.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// For each incident in the statistics, the digest of its document without texts and
        /// people.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        digests: Vec<(Number, String)>,
    },
}

/// The text of an event, shared or mutable as the event is.
macro_rules! text_of {
    ($event:expr) => {
        match $event {
            Self::Opened { text, .. }
            | Self::Updated { text, .. }
            | Self::Reopened { text, .. }
            | Self::PostMortem { text, .. }
            | Self::Scheduled { text, .. }
            | Self::Extended { text, .. }
            | Self::Backfilled { text, .. }
            | Self::Rescheduled { text, .. }
            | Self::Withdrawn { reason: text, .. }
            | Self::Corrected { text, .. } => Some(text),
            _ => None,
        }
    };
}

impl StatusEvent {
    /// The public text, which may be empty; `None` for events without one.
    #[must_use]
    pub fn text(&self) -> Option<&Text> {
        text_of!(self)
    }

    /// Mutable counterpart of [`Self::text`].
    pub fn text_mut(&mut self) -> Option<&mut Text> {
        text_of!(self)
    }

    /// Number of the update that the event adds or corrects.
    #[must_use]
    pub fn update(&self) -> Option<u32> {
        match self {
            Self::Opened { update, .. }
            | Self::Updated { update, .. }
            | Self::Reopened { update, .. }
            | Self::PostMortem { update, .. }
            | Self::Scheduled { update, .. }
            | Self::Extended { update, .. }
            | Self::Rescheduled { update, .. }
            | Self::Corrected { update, .. }
            | Self::TextRemoved { update, .. } => Some(*update),
            Self::Backfilled { .. } => Some(1),
            _ => None,
        }
    }

    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Opened { number, .. }
            | Self::Updated { number, .. }
            | Self::Overdue { number }
            | Self::Reopened { number, .. }
            | Self::PostMortem { number, .. }
            | Self::Scheduled { number, .. }
            | Self::Extended { number, .. }
            | Self::Corrected { number, .. }
            | Self::TextRemoved { number, .. }
            | Self::Amended { number, .. }
            | Self::Retitled { number, .. }
            | Self::Withdrawn { number, .. }
            | Self::Unpublished { number }
            | Self::Duplicated { number, .. }
            | Self::Backfilled { number, .. }
            | Self::Rescheduled { number, .. }
            | Self::UpdateMoved { number, .. }
            | Self::Undone { number, .. } => Some(*number),
            Self::Recalled { incident, .. } => Some(incident.number),
            Self::Day { .. } | Self::Evicted { .. } => None,
        }
    }

    /// Returns `true` if it adds an update instead of changing one.
    #[must_use]
    pub fn adds_update(&self) -> bool {
        let changes_one = matches!(self, Self::Corrected { .. } | Self::TextRemoved { .. });
        self.update().is_some() && !changes_one
    }

    /// All incidents and maintenance that it changes: two if it moves an update.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<> {
        let also = match self {
            Self::UpdateMoved { to, .. } => Some(*to),
            _ => None,
        };
        self.number().into_iter().chain(also)
    }

    /// The event as read back from the log, without the fields that only its answer shows.
    #[must_use]
    pub fn as_recorded(&self) -> Self {
        let mut event = self.clone();
        if let Self::Updated { title, .. }
        | Self::Reopened { title, .. }
        | Self::PostMortem { title, .. }
        | Self::Extended { title, .. }
        | Self::Corrected { title, .. } = &mut event
        {
            title.clear();
        }
        event
    }

    /// Returns `true` if it changes time that is already booked.
    #[must_use]
    pub fn changes_the_past(&self) -> bool {
        match self {
            Self::Opened { began, .. } => began.is_some(),
            Self::Updated { ended, .. } => ended.is_some(),
            Self::Amended { .. }
            | Self::Withdrawn { .. }
            | Self::Unpublished { .. }
            | Self::Backfilled { .. }
            | Self::UpdateMoved { .. }
            | Self::Undone { .. } => true,
            _ => false,
        }
    }
}

/// A fact about an incident that can be corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// Start for customers.
    Started {
        at: Timestamp,
        /// The time known before.
        was: Timestamp,
    },
    /// The end.
    Closed {
        at: Timestamp,
        /// The time known before.
        was: Timestamp,
    },
    /// Impact throughout.
    Impact(Impact),
    /// Impact for a part of the time.
    ImpactFor(ImpactCorrection),
    /// Ids of the components affected throughout.
    Components(Vec<String>),
}
