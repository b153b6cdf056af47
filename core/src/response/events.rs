//! Responder events, in the form in which records keep them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::internal_text::InternalText;
use super::milestone::{Milestone, ReadingSource};
use super::model::{Response, Topic, Visibility};
use super::person::Person;
use super::role::Role;
use crate::alerts::change::{AlertChange, Series};
use crate::alerts::firing::{AlertSource, Condition, Key};
use crate::alerts::members::AlertDigest;
use crate::alerts::secret::AlertSecret;
use crate::incident::model::{Impact, Number, Stage};
use crate::incident::severity::Severity;
use crate::sealed;

/// A text to erase, by the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovedText {
    /// The opening text of an incident that is not on the page. It contains the title.
    Title,
    Note(u32),
    Told(u32),
}

/// An internal event. Kinds and fields are closed, as those of public events are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResponseEvent {
    /// An incident was opened that is not on the page.
    Declared {
        /// Internal and public incidents share one sequence of numbers.
        number: Number,
        /// Internal, or a drill.
        visibility: Visibility,
        /// Ids of the affected components.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// The impact that was typed, for the page if it is published.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact: Option<Impact>,
        text: InternalText,
    },
    /// An internal incident was published. The public event that follows has the text.
    Published { number: Number },
    /// An incident that is not on the page was updated or closed.
    Updated {
        number: Number,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// Internal updates share the numbers of notes.
        note: u32,
        /// Stage from now on; [`Stage::is_end`] closes it.
        stage: Stage,
        /// For an end: its time, if it was before this record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
        /// May be empty for an end.
        text: InternalText,
    },
    /// A closed incident that is not on the page was reopened.
    Reopened {
        number: Number,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// Internal updates share the numbers of notes.
        note: u32,
        text: InternalText,
    },
    /// A milestone was reached, or its time was entered or corrected.
    #[serde(rename = "milestone_recorded")]
    Reached {
        number: Number,
        milestone: Milestone,
        at: Timestamp,
        source: ReadingSource,
        /// For a detection, its source, such as `customer` or `monitoring`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        via: Option<String>,
        /// The time known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(rename = "previous")]
        was: Option<Timestamp>,
    },
    /// A question was answered.
    #[serde(rename = "question_answered")]
    Replied { number: Number, topic: Topic, text: InternalText },
    /// The severity was set.
    #[serde(rename = "severity_set")]
    Graded { number: Number, severity: Severity },
    /// A role was taken or assigned.
    #[serde(rename = "role_assigned")]
    Assigned {
        number: Number,
        role: Role,
        /// For an expert, the area to ask about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        topic: Option<String>,
        /// The new holder.
        person: Person,
        /// The previous holder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(rename = "previous")]
        from: Option<Person>,
    },
    /// A role was given up.
    #[serde(rename = "role_released")]
    Released { number: Number, role: Role, person: Person },
    /// A note was added.
    #[serde(rename = "note_added")]
    Noted {
        number: Number,
        /// Number of the note within the incident.
        note: u32,
        /// Time of what it describes, if not now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        text: InternalText,
    },
    /// A task was added.
    TaskAdded {
        number: Number,
        /// Number of the task within the incident.
        task: u32,
        text: InternalText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<Person>,
    },
    /// A task was completed.
    TaskDone {
        number: Number,
        task: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        text: InternalText,
    },
    /// The fix was tested.
    Tested {
        number: Number,
        passed: bool,
        /// Result in words; may be empty.
        text: InternalText,
    },
    /// A customer update was made outside of this program.
    #[serde(rename = "told_elsewhere")]
    Told {
        number: Number,
        /// Number among the customer updates made elsewhere, within the incident.
        told: u32,
        /// Time of the update, if not now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// The audience of the update.
        #[serde(with = "sealed")]
        audience: String,
        /// The channel that was used.
        #[serde(with = "sealed")]
        via: String,
        text: InternalText,
    },
    /// An action item for after the incident was added.
    ActionAdded {
        number: Number,
        /// Number of the action item within the incident.
        action: u32,
        text: InternalText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<Person>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
    },
    /// An action item was completed.
    ActionDone {
        number: Number,
        action: u32,
        /// Shown in the answer; not recorded.
        #[serde(skip)]
        text: InternalText,
    },
    /// An alert was received. Repeated deliveries within a while are one event.
    #[serde(rename = "alert_received")]
    Alerted {
        number: Number,
        key: Key,
        source: AlertSource,
        condition: Condition,
        /// Time of the condition by the monitor's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Minimum number of deliveries since the last event.
        deliveries: u32,
        /// Roster whose people a rule asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        roster: Option<String>,
        /// Address of the alert in the monitor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        link: Option<String>,
        /// The text below its title, shortened to one line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        description: Option<String>,
        /// The parts of the alert's text that the incident does not have yet.
        #[serde(default, skip_serializing_if = "InternalText::is_empty")]
        text: InternalText,
        /// New title of the incident, if it follows the members that fire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<InternalText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Box<AlertChange>>,
    },
    /// A flapping alert kept its condition for half an hour.
    FlappingEnded {
        number: Number,
        /// The condition that it kept.
        condition: Condition,
        /// Number of firings, and their start.
        series: Series,
    },
    /// Alert members resolved that no open incident has. They are remembered, so that an older
    /// firing delivered late does not open an incident.
    AlertsResolved {
        /// With the end by the monitor's clock.
        members: Vec<(AlertDigest, Timestamp)>,
        /// Number of the oldest remembered members that are dropped.
        #[serde(default, skip_serializing_if = "is_zero")]
        forgotten: usize,
    },
    /// Alerts received during a maintenance have outlasted it, or have all resolved.
    MaintenanceAlertsMoved {
        maintenance: Number,
        /// Incident that has them from now on; `None` if they have resolved.
        to: Option<Number>,
    },
    /// The members of a duplicate's alert move to the original.
    AlertsMoved {
        /// The duplicate.
        number: Number,
        /// The original.
        to: Number,
    },
    /// A new secret for the digests of members and groups.
    AlertsKeyed {
        /// `None` after its erasure.
        #[serde(with = "sealed")]
        secret: Option<AlertSecret>,
    },
    /// The text of a note, of something told elsewhere, or of the opening was erased.
    TextRemoved {
        number: Number,
        removed: RemovedText,
        /// Must not repeat the erased text.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        reason: Option<String>,
    },
    /// A note was taken back; its number is not reused.
    NoteRemoved { number: Number, note: u32 },
    /// A customer update made elsewhere was taken back; its number is not reused.
    ToldRemoved { number: Number, told: u32 },
    /// A note had been sent to the wrong incident and moves to the right one.
    NoteMoved {
        /// The incident that had it.
        number: Number,
        /// Number of the note there.
        note: u32,
        /// Revision of the record that holds its text.
        revision: u64,
        /// The incident that it belongs to.
        to: Number,
        /// Number of the note in `to`.
        becomes: u32,
    },
    /// A task was removed because it was not one; its number is not reused.
    TaskRemoved { number: Number, task: u32 },
    /// A completed task was reopened.
    TaskReopened { number: Number, task: u32 },
    /// An action item was removed because it was not one; its number is not reused.
    ActionRemoved { number: Number, action: u32 },
    /// A completed action item was reopened.
    ActionReopened { number: Number, action: u32 },
    /// An incident that is not on the page was given a different title.
    Retitled { number: Number, title: InternalText },
    /// An incident that is not on the page was withdrawn: it was not one and no longer counts.
    Withdrawn {
        number: Number,
        /// May be empty.
        #[serde(default, skip_serializing_if = "InternalText::is_empty")]
        reason: InternalText,
    },
    /// An incident that is not on the page is a duplicate of another one and no longer counts.
    Duplicated {
        number: Number,
        /// The incident that counts.
        of: Number,
    },
    /// A record was taken back: the response is as if that record had never been made.
    Undone {
        number: Number,
        /// Revision of the record.
        revision: u64,
    },
    /// A call or a different channel was linked.
    CallLinked {
        number: Number,
        /// Its address; `None` if the link was removed.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        call: Option<String>,
    },
    /// The review was written.
    #[serde(rename = "review_written")]
    Reviewed { number: Number },
    /// A response that the state had evicted was restored from its document.
    Recalled { response: Box<Response> },
    /// The state dropped these, which live on in their documents. Responses to public incidents are
    /// evicted along with their incidents.
    Evicted {
        /// Closed incidents that are not on the page.
        numbers: Vec<Number>,
        /// For each incident in the statistics, the digest of its document without texts and
        /// people.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        digests: Vec<(Number, String)>,
    },
    /// The state dropped the summaries of incidents up to this number.
    SummariesEvicted { through: Number },
    /// Overdue action items were listed in the channel, which happens once a week.
    #[serde(rename = "overdue_actions_listed")]
    OverdueNamed {
        /// Monday of that week.
        week: Date,
        /// Incident and number of each item.
        actions: Vec<(Number, u32)>,
    },
}

impl ResponseEvent {
    /// The event as read back from the log, without the fields that only its answer shows.
    #[must_use]
    pub fn as_recorded(&self) -> Self {
        let mut event = self.clone();
        match &mut event {
            Self::Updated { title, .. } | Self::Reopened { title, .. } => title.clear(),
            Self::TaskDone { text, .. } | Self::ActionDone { text, .. } => {
                *text = InternalText::default();
            }
            _ => {}
        }
        event
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
