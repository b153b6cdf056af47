//! The known senders, with a reader for each. A new sender is a file here and its lines below.

mod alertmanager;
mod azure_context;
mod azure_monitor;
mod azure_parts;
mod better_stack;
mod cloudwatch;
mod github;
mod google_cloud;
mod grafana;
mod group;
mod pagerduty;
mod pingdom;
mod plain;
mod sentry;
pub(super) mod sns;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reading::Reading;
use super::refused::NotAnAlert;

/// `None` if the body is not from this sender.
type Reader = fn(&Value) -> Option<Result<Reading, NotAnAlert>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSource {
    /// Azure Monitor's common alert schema.
    AzureMonitor,
    /// Prometheus Alertmanager's webhook, version 4.
    Alertmanager,
    /// Grafana's webhook, version 1.
    Grafana,
    /// Anything that sends PagerDuty's Events API v2.
    Pagerduty,
    /// Amazon CloudWatch, through SNS.
    Cloudwatch,
    /// Anything else that Amazon SNS carries.
    Sns,
    /// Sentry's integration platform.
    Sentry,
    /// GitHub's webhooks.
    Github,
    /// Google Cloud Monitoring's webhook.
    GoogleCloud,
    /// Better Stack's outgoing webhook.
    BetterStack,
    /// Pingdom's webhook.
    Pingdom,
    /// A program or a person, in our own format.
    Plain,
}

impl AlertSource {
    /// True if its notifications repeat everything that fires. Others report each change once.
    #[must_use]
    pub fn repeats_firings(self) -> bool {
        matches!(self, Self::Alertmanager | Self::Grafana)
    }

    /// All sources, in the order in which their readers try a body.
    pub const ALL: [Self; 12] = [
        Self::Grafana,
        Self::Alertmanager,
        Self::Pagerduty,
        Self::Cloudwatch,
        Self::Sns,
        Self::Sentry,
        Self::Github,
        Self::GoogleCloud,
        Self::BetterStack,
        Self::Pingdom,
        Self::Plain,
        // Last, because it refuses anything that looks like one of Azure's older schemas.
        Self::AzureMonitor,
    ];

    /// The name in rules, keys and the log; the name that people see; the reader.
    fn row(self) -> (&'static str, &'static str, Reader) {
        match self {
            Self::AzureMonitor => ("azure_monitor", "Azure Monitor", azure_monitor::read),
            Self::Alertmanager => ("alertmanager", "Alertmanager", alertmanager::read),
            Self::Grafana => ("grafana", "Grafana", grafana::read),
            Self::Pagerduty => ("pagerduty", "PagerDuty events", pagerduty::read),
            Self::Cloudwatch => ("cloudwatch", "Amazon CloudWatch", cloudwatch::read),
            Self::Sns => ("sns", "Amazon SNS", sns::read),
            Self::Sentry => ("sentry", "Sentry", sentry::read),
            Self::Github => ("github", "GitHub", github::read),
            Self::GoogleCloud => ("google_cloud", "Google Cloud", google_cloud::read),
            Self::BetterStack => ("better_stack", "Better Stack", better_stack::read),
            Self::Pingdom => ("pingdom", "Pingdom", pingdom::read),
            Self::Plain => ("plain", "a program", plain::read),
        }
    }

    /// The name in rules, keys and the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The name that people see where a person's would be.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().1
    }

    /// The sender behind the word "alert": ` from Grafana`; empty where only "a program" is known.
    #[must_use]
    pub fn behind_alert(self) -> String {
        if self == Self::Plain { String::new() } else { format!(" from {}", self.title()) }
    }

    pub(super) fn reader(self) -> Reader {
        self.row().2
    }
}
