//! What happens to the public status, as records keep it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::model::{Impact, ImpactCorrection, Incident, MonthPart, Number, Stage, Window};
use crate::core::sealed;
use crate::core::text::Text;

/// Something that happened in public. Kinds and fields are closed: a reader that does not know one
/// must not go on.
///
/// An event repeats facts that its answer shows, such as the impact, and no text of another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusEvent {
    /// A day began in the page's zone. Every public record begins with the days that began since
    /// the one before it, so that time can be booked on days without knowing the zone.
    #[serde(rename = "day_started")]
    Day {
        /// The day.
        date: Date,
        /// When it began; no earlier than the public record before.
        #[serde(rename = "started_at")]
        began: Timestamp,
    },
    /// An incident was opened.
    Opened {
        /// The number that it gets.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Where it stands in the history.
        month: MonthPart,
        /// How bad it is.
        impact: Impact,
        /// Ids of the components that are affected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// When it began for customers, if that was before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        began: Option<Timestamp>,
        /// What was said.
        text: Text,
    },
    /// An incident or a maintenance was updated, or ended where [`Stage::is_end`] says so.
    Updated {
        /// Which one.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// How bad it is from now on.
        impact: Impact,
        /// The stage from now on.
        stage: Stage,
        /// The components that are affected from now on, if that changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        components: Option<Vec<String>>,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// Of an ending: when it was over, if that was before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
        /// What was said; empty where an ending, a change of the impact or the clock said nothing.
        text: Text,
    },
    /// The time of a promised update came, and the update did not.
    #[serde(rename = "update_overdue")]
    Overdue {
        /// Of which incident or maintenance.
        number: Number,
    },
    /// A closed incident was opened again.
    Reopened {
        /// Which one.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// How bad it is.
        impact: Impact,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// What was said.
        text: Text,
    },
    /// What was learned from a closed incident was told.
    #[serde(rename = "post_mortem_added")]
    PostMortem {
        /// Which one.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// How bad it was.
        impact: Impact,
        /// What was said.
        text: Text,
    },
    /// A maintenance was announced.
    Scheduled {
        /// The number that it gets: one sequence with the incidents.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Where it stands in the history: the month of the announcement.
        month: MonthPart,
        /// When it is to be.
        window: Window,
        /// Ids of the components that it is about.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// What was said.
        text: Text,
    },
    /// The end of a maintenance was moved.
    Extended {
        /// Which one.
        number: Number,
        /// Number of the update within the incident.
        update: u32,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// When it is to end.
        until: Timestamp,
        /// Its stage at that time.
        stage: Stage,
        /// What was said; may be empty.
        text: Text,
    },
    /// The text of an update was replaced.
    Corrected {
        /// Which one.
        number: Number,
        /// Number of the update whose text is replaced.
        update: u32,
        /// Its title from now on, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// How bad it is.
        impact: Impact,
        /// Its stage at that time.
        stage: Stage,
        /// What stands there from now on.
        text: Text,
    },
    /// The text of an update is erased.
    TextRemoved {
        /// Of which incident.
        number: Number,
        /// The update. Without the first one's text there is no title either.
        update: u32,
        /// Why, without the text.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        reason: Option<String>,
    },
    /// A fact about an incident was wrong: from now on it was always as this says.
    Amended {
        /// Which one.
        number: Number,
        /// The fact.
        fact: Fact,
    },
    /// An incident or a maintenance got another title.
    Retitled {
        /// Which one.
        number: Number,
        /// The title.
        #[serde(with = "sealed")]
        title: String,
    },
    /// An incident or a maintenance came off the page: it was none, or no longer counts.
    Withdrawn {
        /// Which one.
        number: Number,
        /// The reason, in public.
        #[serde(default, skip_serializing_if = "Text::is_empty")]
        reason: Text,
    },
    /// An incident came off the page and is internal from now on.
    Unpublished {
        /// Which one.
        number: Number,
    },
    /// An incident is a duplicate of another one on the page, and counts no longer.
    Duplicated {
        /// Which one.
        number: Number,
        /// The one that counts.
        of: Number,
    },
    /// An incident, or a maintenance, of the past was added.
    Backfilled {
        /// The number that it gets.
        number: Number,
        /// Where it stands in the history: the month in which it began.
        month: MonthPart,
        /// Its beginning and its end.
        window: Window,
        /// The impact.
        impact: Impact,
        /// Ids of the components that were affected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// The text, which gives the title too.
        text: Text,
    },
    /// A planned maintenance was moved, or begins now.
    Rescheduled {
        /// Which one.
        number: Number,
        /// Number of the update within the maintenance.
        update: u32,
        /// The window from now on.
        window: Window,
        /// The text; may be empty.
        text: Text,
    },
    /// An update went to the wrong incident: it moves to another one. Where that is not on the page,
    /// it is a note there.
    UpdateMoved {
        /// The incident that had it.
        number: Number,
        /// The update's number there.
        update: u32,
        /// The record that holds its text.
        revision: u64,
        /// The incident that it belongs to.
        to: Number,
        /// Its number as a note there, where that incident is not on the page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<u32>,
    },
    /// A record is taken back: the incident is as if it had never been made.
    Undone {
        /// Which incident.
        number: Number,
        /// The record.
        revision: u64,
    },
    /// A closed incident that the status no longer kept was brought back from its document, so that
    /// the events behind this one can be folded without looking anything up.
    Recalled {
        /// The incident as it was.
        incident: Box<Incident>,
        /// Only responders have said something: no list shows it again. Records from before there
        /// were editions say nothing of it, and did show it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unlisted: bool,
    },
    /// The status no longer keeps these. The limits that said so are those of the writer: whoever
    /// reads the record needs none.
    Evicted {
        /// Closed incidents and maintenances, which live on in their documents.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        incidents: Vec<Number>,
        /// Months up to this one, which the history can no longer be walked back to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        months_through: Option<MonthPart>,
        /// Days up to this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days_through: Option<Date>,
        /// Components of which nothing was said for the longest time, by id.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// Of each that statistics know of, a digest of its document without texts and people.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        digests: Vec<(Number, String)>,
    },
}

impl StatusEvent {
    /// The public text of the event, if it has one; it may be empty.
    #[must_use]
    pub fn text(&self) -> Option<&Text> {
        match self {
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
    }

    /// The same, to change it.
    pub fn text_mut(&mut self) -> Option<&mut Text> {
        match self {
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
    }

    /// Number of the update that the event adds, or corrects.
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

    /// The incident or maintenance that the event is about, if it is about one.
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

    /// The incidents and maintenances that it changes.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<> {
        let also = match self {
            Self::UpdateMoved { to, .. } => Some(*to),
            _ => None,
        };
        self.number().into_iter().chain(also)
    }

    /// The event as a reader of the log gets it, without what it has for the answer alone.
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

    /// Whether it changes how the time before it counts.
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
    /// When it began for customers.
    Started {
        /// The time.
        at: Timestamp,
        /// The time that was known before.
        was: Timestamp,
    },
    /// When it was over.
    Closed {
        /// The time.
        at: Timestamp,
        /// The time that was known before.
        was: Timestamp,
    },
    /// The impact all the time.
    Impact(Impact),
    /// The impact for a time.
    ImpactFor(ImpactCorrection),
    /// Ids of the components that it affected all the time.
    Components(Vec<String>),
}
