//! What happens among the responders, as records keep it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::internal_text::InternalText;
use super::milestone::{Milestone, Source};
use super::model::{Response, Topic, Visibility};
use super::person::Person;
use super::role::Role;
use crate::core::alerts::change::{AlertChange, Series};
use crate::core::alerts::firing::{AlertSource, Condition, Key};
use crate::core::alerts::members::AlertDigest;
use crate::core::incident::model::{Number, Stage};
use crate::core::incident::severity::Severity;
use crate::core::sealed;

/// A text that is erased, by the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovedText {
    /// The opening of an incident that is not on the page, which gives the title.
    Title,
    Note(u32),
    Told(u32),
}

/// Something that happened among the responders. Kinds and fields are closed, as those of public
/// events are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResponseEvent {
    /// An incident was opened that is not on the page.
    Declared {
        /// The number that it gets: one sequence with the public ones.
        number: Number,
        /// Internal, or a drill.
        visibility: Visibility,
        /// Ids of the components that are affected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// What was said.
        text: InternalText,
    },
    /// An internal incident goes on the page; the public event behind it has what is said there.
    Published {
        /// Which one.
        number: Number,
    },
    /// An incident that is not on the page was updated, or closed.
    Updated {
        /// Which one.
        number: Number,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// Number of the note within the incident; internal updates are numbered as notes.
        note: u32,
        /// The stage from now on; closed where [`Stage::is_end`] says so.
        stage: Stage,
        /// Of an ending: when it was over, if that was before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Timestamp>,
        /// What was said; may be empty where it ends.
        text: InternalText,
    },
    /// A closed incident that is not on the page was opened again.
    Reopened {
        /// Which one.
        number: Number,
        /// Its title, for the answer; not recorded.
        #[serde(skip)]
        title: String,
        /// Number of the note within the incident.
        note: u32,
        /// What was said.
        text: InternalText,
    },
    /// A milestone was reached, or its time was given or corrected.
    #[serde(rename = "milestone_recorded")]
    Reached {
        /// Of which incident.
        number: Number,
        /// Which one.
        milestone: Milestone,
        /// When it was.
        at: Timestamp,
        /// How that is known.
        source: Source,
        /// Of a detection, by what.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        via: Option<String>,
        /// What stood there before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(rename = "previous")]
        was: Option<Timestamp>,
    },
    /// A question was answered.
    #[serde(rename = "question_answered")]
    Replied {
        /// About which incident.
        number: Number,
        /// The question.
        topic: Topic,
        /// The answer.
        text: InternalText,
    },
    /// The severity was set.
    #[serde(rename = "severity_set")]
    Graded {
        /// Of which incident.
        number: Number,
        /// The severity from now on.
        severity: Severity,
    },
    /// Somebody took a role, or was given it.
    #[serde(rename = "role_assigned")]
    Assigned {
        /// In which incident.
        number: Number,
        /// The role.
        role: Role,
        /// What an expert is asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        topic: Option<String>,
        /// Who has it from now on.
        person: Person,
        /// Who had it until now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(rename = "previous")]
        from: Option<Person>,
    },
    /// Somebody gave a role up.
    #[serde(rename = "role_released")]
    Released {
        /// In which incident.
        number: Number,
        /// The role.
        role: Role,
        /// Who had it.
        person: Person,
    },
    /// Something was written down.
    #[serde(rename = "note_added")]
    Noted {
        /// About which incident.
        number: Number,
        /// Number of the note within the incident.
        note: u32,
        /// When it happened, where that was not now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// What happened.
        text: InternalText,
    },
    /// A task was added.
    TaskAdded {
        /// To which incident.
        number: Number,
        /// The number that it gets within the incident.
        task: u32,
        /// What is to be done.
        text: InternalText,
        /// Who is to do it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<Person>,
    },
    /// A task was done.
    TaskDone {
        /// Of which incident.
        number: Number,
        /// Which one.
        task: u32,
        /// What it was, for the answer; not recorded.
        #[serde(skip)]
        text: InternalText,
    },
    /// It was tested whether it works again.
    Tested {
        /// Of which incident.
        number: Number,
        /// Whether it does.
        passed: bool,
        /// What was found; may be empty.
        text: InternalText,
    },
    /// Something was told to people outside, elsewhere than on the page.
    #[serde(rename = "told_elsewhere")]
    Told {
        /// About which incident.
        number: Number,
        /// Number of the entry among those told elsewhere, within the incident.
        told: u32,
        /// To whom.
        #[serde(with = "sealed")]
        audience: String,
        /// Where.
        #[serde(with = "sealed")]
        via: String,
        /// What.
        text: InternalText,
    },
    /// Something to be done after the incident was added.
    ActionAdded {
        /// To which incident.
        number: Number,
        /// The number that it gets within the incident.
        action: u32,
        /// What is to be done.
        text: InternalText,
        /// Who is to do it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<Person>,
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
    },
    /// An action item was done.
    ActionDone {
        /// Of which incident.
        number: Number,
        /// Which one.
        action: u32,
        /// What it was, for the answer; not recorded.
        #[serde(skip)]
        text: InternalText,
    },
    /// An alert was delivered: one event for what is delivered within a while.
    #[serde(rename = "alert_received")]
    Alerted {
        /// About which incident.
        number: Number,
        /// Which alert.
        key: Key,
        /// What sent it.
        source: AlertSource,
        /// Whether it fired or resolved.
        condition: Condition,
        /// When it did, by the monitor's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// How often it was delivered since it was last told of, at least.
        deliveries: u32,
        /// The roster whose people a rule asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        roster: Option<String>,
        /// Where people look at it in the monitor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        link: Option<String>,
        /// What it says that the incident does not say yet.
        #[serde(default, skip_serializing_if = "InternalText::is_empty")]
        text: InternalText,
        /// The incident's title from now on, where it follows the members that fire.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<InternalText>,
        /// What changes in what is known of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Box<AlertChange>>,
    },
    /// An alert that flapped has kept its condition for half an hour.
    FlappingEnded {
        /// Of which incident.
        number: Number,
        /// The condition that it kept.
        condition: Condition,
        /// How often it fired, and since when.
        series: Series,
    },
    /// Members of alerts resolved that no open incident knows: a firing of before, delivered late,
    /// opens nothing.
    AlertsResolved {
        /// The members, with the end by the monitor's clock.
        members: Vec<(AlertDigest, Timestamp)>,
        /// How many of the oldest of these are forgotten.
        #[serde(default, skip_serializing_if = "is_zero")]
        forgotten: usize,
    },
    /// Alerts that were noted in a maintenance have outlasted it, or have all resolved.
    MaintenanceAlertsMoved {
        /// The maintenance.
        maintenance: Number,
        /// The incident that has them from now on; `None` where they have resolved.
        to: Option<Number>,
    },
    /// The text of a note, of something told elsewhere, or of the opening is erased.
    TextRemoved {
        /// Of which incident.
        number: Number,
        /// Which text.
        removed: RemovedText,
        /// Why, without the text.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        reason: Option<String>,
    },
    /// A note is taken back: its number stays unused.
    NoteRemoved {
        /// Of which incident.
        number: Number,
        /// Which one.
        note: u32,
    },
    /// What was told elsewhere is taken back: its number stays unused.
    ToldRemoved {
        /// Of which incident.
        number: Number,
        /// Which one.
        told: u32,
    },
    /// A note went to the wrong incident: it moves to another one.
    NoteMoved {
        /// The incident that had it.
        number: Number,
        /// Its number there.
        note: u32,
        /// The record that holds its text.
        revision: u64,
        /// The incident that it belongs to.
        to: Number,
        /// Its number there.
        becomes: u32,
    },
    /// A task was none: its number stays unused.
    TaskRemoved {
        /// Of which incident.
        number: Number,
        /// Which one.
        task: u32,
    },
    /// A task is not done after all.
    TaskReopened {
        /// Of which incident.
        number: Number,
        /// Which one.
        task: u32,
    },
    /// An action item was none: its number stays unused.
    ActionRemoved {
        /// Of which incident.
        number: Number,
        /// Which one.
        action: u32,
    },
    /// An action item is not done after all.
    ActionReopened {
        /// Of which incident.
        number: Number,
        /// Which one.
        action: u32,
    },
    /// An incident that is not on the page got another title.
    Retitled {
        /// Which one.
        number: Number,
        /// The title.
        title: InternalText,
    },
    /// An incident that is not on the page was none: it counts no longer.
    Withdrawn {
        /// Which one.
        number: Number,
        /// The reason; may be empty.
        #[serde(default, skip_serializing_if = "InternalText::is_empty")]
        reason: InternalText,
    },
    /// An incident that is not on the page is a duplicate of another one, and counts no longer.
    Duplicated {
        /// Which one.
        number: Number,
        /// The one that counts.
        of: Number,
    },
    /// A record is taken back: the response is as if it had never been made.
    Undone {
        /// Of which incident.
        number: Number,
        /// The record.
        revision: u64,
    },
    /// A call, or another channel, was linked; `None` where the link was removed.
    CallLinked {
        /// Of which incident.
        number: Number,
        /// The address.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
        call: Option<String>,
    },
    /// The review was written.
    #[serde(rename = "review_written")]
    Reviewed {
        /// Of which incident.
        number: Number,
    },
    /// A response that the state no longer kept was brought back from its document.
    Recalled {
        /// The response as it was.
        response: Box<Response>,
    },
    /// The state no longer keeps these, which live on in their documents. Those of public
    /// incidents go with their incidents.
    Evicted {
        /// Closed ones that are not on the page.
        numbers: Vec<Number>,
        /// Of each that statistics know of, a digest of its document without texts and people.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        digests: Vec<(Number, String)>,
    },
    /// The state no longer keeps what statistics need of the incidents up to a number.
    SummariesEvicted {
        /// The number.
        through: Number,
    },
    /// The action items that are overdue were named, once in a week.
    #[serde(rename = "overdue_actions_listed")]
    OverdueNamed {
        /// The week's Monday.
        week: Date,
        /// Each item: its incident, and its number there.
        actions: Vec<(Number, u32)>,
    },
}

impl ResponseEvent {
    /// The event as a reader of the log gets it, without what it has for the answer alone.
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
