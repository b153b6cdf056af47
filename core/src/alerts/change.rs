//! The effect of one delivery on an incident's alert.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::members::AlertDigest;
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::sealed;

/// The effect of one delivery on an incident's alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertChange {
    /// The group that the delivery is about.
    pub group: AlertDigest,
    /// Members that now fire, with their start by the monitor's clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<(AlertDigest, Option<Timestamp>)>,
    /// Names of the first members in `fired`, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(with = "sealed")]
    pub names: Vec<String>,
    /// Members that resolved, with their end by the monitor's clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved: Vec<(AlertDigest, Option<Timestamp>)>,
    /// Members that their group did not name when it resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silenced: Vec<AlertDigest>,
    /// Resolved members that are evicted to make room for new ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<AlertDigest>,
    /// Firing members that are only counted: left out by the sender, or beyond the limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// Firings of the incident in the current series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Series>,
    /// The severity that the alert gives the incident, together with the event that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The closed incident that an earlier firing had opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Number>,
    /// Start of the launch if the alert still fires then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<AlertMark>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Consecutive firings that begin within [`FLAP_WINDOW`](super::course::FLAP_WINDOW) of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Number of firings, from 1.
    pub firings: u32,
    /// Time at which the first was recorded.
    pub since: Timestamp,
}

/// Effects of a delivery other than changes of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertMark {
    /// The delivery has no entry in the timeline.
    Quiet,
    /// Its entry replaces the last counted entry.
    Counted,
    /// The record also mitigates the incident.
    Mitigated,
    /// The record withdraws the mitigation that the alert had recorded.
    Unmitigated,
    /// The record also closes the incident.
    Closed,
    /// A rule closes the incident once the alert resolves.
    ClosesOnResolve,
    /// The alert joined this incident only because the limit of open incidents was reached.
    Crowded,
    /// The alert has begun to flap.
    Flapping,
}

impl AlertChange {
    #[must_use]
    pub fn has(&self, mark: AlertMark) -> bool {
        self.marks.contains(&mark)
    }
}
