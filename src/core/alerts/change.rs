//! What a notification changes in what is known of an incident's alert.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::members::AlertDigest;
use crate::core::incident::model::Number;
use crate::core::incident::severity::Severity;
use crate::core::sealed;

/// A change of what is known of an incident's alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertChange {
    /// The group that the notification was about.
    pub group: AlertDigest,
    /// Members that fire from now on, with the start by the monitor's clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<(AlertDigest, Option<Timestamp>)>,
    /// What the first of these are called, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(with = "sealed")]
    pub names: Vec<String>,
    /// Members that have resolved, with the end by the monitor's clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved: Vec<(AlertDigest, Option<Timestamp>)>,
    /// Members that their group no longer names, now that it has resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silenced: Vec<AlertDigest>,
    /// Resolved members that make room for new ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<AlertDigest>,
    /// Firing members that are only counted: left out by the sender, or more than are kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// Firings of the incident in the current series, and when the first of them was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Series>,
    /// The severity that the alert gives the incident, with the event that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The incident that an earlier firing opened and a person closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Number>,
    /// When the launch begins if the alert still fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_at: Option<Timestamp>,
    /// Which further things the record does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<AlertMark>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Firings in a row that are shorter apart than [`FLAP_WINDOW`](super::course::FLAP_WINDOW).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// How many, from 1.
    pub firings: u32,
    /// When the first was recorded.
    pub since: Timestamp,
}

/// What a notification does besides changing members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertMark {
    /// It has no entry in the timeline.
    Quiet,
    /// Its entry replaces the last one that was counted.
    Counted,
    /// The record has the mitigation of the incident.
    Mitigated,
    /// It takes the mitigation back that the alert had recorded.
    Unmitigated,
    /// The incident closes with it.
    Closed,
    /// A rule closes the incident once the alert resolves.
    ClosesOnResolve,
    /// The incident has it only because there was no room for another one.
    Crowded,
    /// The alert has begun to flap.
    Flapping,
}

impl AlertChange {
    /// Whether a mark is set.
    #[must_use]
    pub fn has(&self, mark: AlertMark) -> bool {
        self.marks.contains(&mark)
    }
}
