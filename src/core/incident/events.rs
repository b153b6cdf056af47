//! What happens to the public status, as records keep it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::model::{Impact, Incident, MonthPart, Number, Stage, Window};
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
            | Self::Corrected { text, .. } => Some(text),
            Self::Day { .. }
            | Self::TextRemoved { .. }
            | Self::Overdue { .. }
            | Self::Recalled { .. }
            | Self::Evicted { .. } => None,
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
            | Self::Corrected { text, .. } => Some(text),
            Self::Day { .. }
            | Self::TextRemoved { .. }
            | Self::Overdue { .. }
            | Self::Recalled { .. }
            | Self::Evicted { .. } => None,
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
            | Self::Corrected { update, .. }
            | Self::TextRemoved { update, .. } => Some(*update),
            Self::Day { .. }
            | Self::Overdue { .. }
            | Self::Recalled { .. }
            | Self::Evicted { .. } => None,
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
            | Self::TextRemoved { number, .. } => Some(*number),
            Self::Recalled { incident, .. } => Some(incident.number),
            Self::Day { .. } | Self::Evicted { .. } => None,
        }
    }
}
