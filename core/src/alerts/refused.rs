//! Reasons why a body is not an alert, and the change that its sender needs.

use serde_json::Value;

use super::lines::one_line;

/// The largest accepted body in bytes after decompression: a group of two thousand members.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The longest quotation of a body in an error, in characters.
const QUOTED_CHARS_MAX: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAlert {
    #[error("The body has more than {BODY_BYTES_MAX} bytes. Limit how much is sent at once.")]
    TooLarge,
    /// Unsupported compression, character encoding or media type.
    #[error("{0} is not supported. Send JSON in UTF-8, uncompressed or compressed with gzip.")]
    Encoding(String),
    /// Declared as compressed, but cannot be decompressed.
    #[error("The body is not valid gzip. Compress it again, or send it uncompressed.")]
    NotGzip,
    #[error(
        "Byte {0} of the body is not UTF-8. Send UTF-8, or name the encoding in Content-Type \
         (utf-16 and iso-8859-1 are supported)."
    )]
    NotText(usize),
    #[error("The body is not JSON ({0}). {ACCEPTED}")]
    NotJson(String),
    /// JSON of an unknown shape.
    #[error("The body is not in a known monitor's format, and has no `title`. {ACCEPTED}")]
    Unknown,
    /// The sender's own format is not supported, but it can send one that is.
    #[error("This is {0}, which is not supported. {1}")]
    Other(&'static str, &'static str),
    /// One of Azure's older schemas, which differ by the kind of alert.
    #[error(
        "{0} is not supported. Switch on the common alert schema in the action of the action \
         group (`useCommonAlertSchema: true`)."
    )]
    AzureSchema(String),
    /// Azure's autoscale notification.
    #[error(
        "This is the webhook of Azure's autoscale, which is not supported. Create an activity log \
         alert for autoscale events, with an action group that uses the common alert schema."
    )]
    Autoscale,
    /// Azure's schema without its essentials.
    #[error("The alert has no `data.essentials`, which the common alert schema has.")]
    NoEssentials,
    /// Alertmanager's or Grafana's shape in an unknown version.
    #[error(
        "The version \"{0}\" of this webhook is not known: \"4\" is Alertmanager's and \"1\" is \
         Grafana's."
    )]
    Version(String),
    /// Alertmanager's or Grafana's shape without alerts.
    #[error("The list `alerts` is empty.")]
    Empty,
    /// A known sender's body without a required field.
    #[error("This is from {0}, but {1}.")]
    Incomplete(&'static str, String),
    /// Our own format without a title.
    #[error("`title` is {0}, but has to be a text. {ACCEPTED}")]
    NoTitle(String),
}

/// The supported formats.
const ACCEPTED: &str = "Send the webhook of Azure Monitor (common alert schema), Alertmanager, \
    Grafana, PagerDuty Events v2, Amazon SNS or CloudWatch, Sentry, GitHub, Google Cloud \
    Monitoring, Better Stack or Pingdom; or your own body, where only `title` is required: \
    {\"title\": \"…\"}, with \"description\", \"severity\", \"component\", \"key\", \"link\", \"status\", \
    \"fired_at\" and \"labels\" as needed.";

/// Advice for senders with a configurable body.
const TEMPLATE: &str = "Use the template for it in docs/alerts.md.";

impl NotAnAlert {
    /// The reason for the log. It quotes nothing of the body.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLarge => "too large",
            Self::Encoding(_) => "in an unsupported encoding",
            Self::NotGzip => "not valid gzip",
            Self::NotText(_) => "not UTF-8",
            Self::NotJson(_) => "not JSON",
            Self::Unknown => "in an unknown format",
            Self::Other(sender, _) => sender,
            Self::AzureSchema(_) => "of Azure Monitor, not in the common alert schema",
            Self::Autoscale => "of Azure's autoscale",
            Self::NoEssentials => "of Azure Monitor, without its essentials",
            Self::Version(_) => "of an unknown version of Alertmanager or Grafana",
            Self::Empty => "without alerts",
            Self::Incomplete(..) => "incomplete",
            Self::NoTitle(_) => "without a title",
        }
    }

    #[must_use]
    pub fn compression(name: &str) -> Self {
        Self::Encoding(format!("The compression {}", quoted(name)))
    }

    /// Recognises senders whose own format is not supported, but that can send a supported one.
    pub(super) fn foreign(body: &Value) -> Option<Self> {
        let has = |names: &[&str]| names.iter().all(|name| body.get(name).is_some());
        let event_grid = body.get(0).is_some_and(|first| first.get("eventType").is_some());
        let (sender, remedy) = if has(&["ruleName", "state"]) || has(&["evalMatches"]) {
            let remedy =
                "Use Grafana's unified alerting, with a contact point of the kind webhook.";
            ("Grafana's legacy alerting", remedy)
        } else if has(&["event_type", "last_updated", "org"]) {
            ("Datadog's default body", TEMPLATE)
        } else if has(&["title"]) {
            return None;
        } else if has(&["service_key", "event_type"]) {
            ("an event of PagerDuty's Events API v1", "Send events of version 2.")
        } else if has(&["project_slug", "event"]) {
            let remedy = "Create an internal integration in Sentry, as docs/alerts.md describes.";
            ("Sentry's legacy webhook", remedy)
        } else if event_grid || has(&["specversion", "type"]) {
            let remedy = "Create an action group with a webhook action that posts here.";
            ("an event of Azure Event Grid", remedy)
        } else if has(&["heartbeat", "monitor"]) {
            ("Uptime Kuma's preset body", TEMPLATE)
        } else if has(&["monitorID", "alertType"]) {
            ("UptimeRobot's own body", TEMPLATE)
        } else if has(&["ProblemID"]) || has(&["PID", "State"]) {
            ("Dynatrace's own body", TEMPLATE)
        } else {
            return None;
        };
        Some(Self::Other(sender, remedy))
    }
}

/// A piece of a body, safe to show in an error.
pub(super) fn quoted(text: &str) -> String {
    one_line(text, QUOTED_CHARS_MAX)
}
