//! The objects of Statuspage's API, with its names.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// RFC 3339 with milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Millis(pub(super) Timestamp);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
pub(super) struct PageJson<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    pub(super) time_zone: &'a str,
    pub(super) updated_at: Millis,
}

#[derive(Serialize)]
pub(super) struct OverallJson {
    pub(super) indicator: &'static str,
    pub(super) description: &'static str,
}

/// A component or a group.
#[derive(Serialize)]
pub(super) struct ComponentJson<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) status: &'static str,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    pub(super) position: usize,
    pub(super) description: Option<&'a str>,
    pub(super) showcase: bool,
    pub(super) start_date: Option<String>,
    pub(super) group_id: Option<&'a str>,
    pub(super) page_id: &'a str,
    pub(super) group: bool,
    pub(super) only_show_if_degraded: bool,
    /// Only for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) components: Option<Vec<&'a str>>,
}

/// An incident or a maintenance without its components.
#[derive(Serialize)]
pub(super) struct IncidentJson<'a> {
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) status: &'static str,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    pub(super) monitoring_at: Option<Millis>,
    pub(super) resolved_at: Option<Millis>,
    pub(super) impact: &'static str,
    pub(super) shortlink: String,
    pub(super) started_at: Millis,
    pub(super) page_id: &'a str,
    pub(super) incident_updates: Vec<UpdateJson<'a>>,
    /// Always `null`.
    pub(super) reminder_intervals: (),
    pub(super) next_update_by: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheduled_for: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheduled_until: Option<Millis>,
}

#[derive(Serialize)]
pub(super) struct UpdateJson<'a> {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) body: String,
    pub(super) incident_id: String,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
    pub(super) display_at: Millis,
    pub(super) affected_components: Option<Vec<AffectedJson<'a>>>,
    pub(super) deliver_notifications: bool,
    /// Always `null`.
    pub(super) custom_tweet: (),
    /// Always `null`.
    pub(super) tweet_id: (),
}

#[derive(Serialize)]
pub(super) struct AffectedJson<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) old_status: &'static str,
    pub(super) new_status: &'static str,
}
