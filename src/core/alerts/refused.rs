//! Why a body is not an alert, and what to change where it is sent.

use serde_json::Value;

use super::lines::one_line;

/// The largest body that is read, in bytes, after decompression: a group of two thousand members.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The longest piece of a body that an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAlert {
    /// It is too large.
    #[error("The body has more than {BODY_BYTES_MAX} bytes. Limit how much is sent at once.")]
    TooLarge,
    /// Its compression, its character encoding or its form is not read.
    #[error("{0} is not read here. Send JSON in UTF-8, compressed with gzip or not at all.")]
    Encoding(String),
    /// It says that it is compressed and cannot be decompressed.
    #[error("The body is not the gzip that its Content-Encoding promises.")]
    NotGzip,
    /// It is not UTF-8.
    #[error(
        "Byte {0} of the body is not UTF-8. Send UTF-8, or name the encoding in Content-Type \
         (utf-16 and iso-8859-1 are read)."
    )]
    NotText(usize),
    /// It is not JSON.
    #[error("The body is not JSON ({0}). {ACCEPTED}")]
    NotJson(String),
    /// It is JSON of an unknown shape.
    #[error("This is not an alert in a known format. {ACCEPTED}")]
    Unknown,
    /// It is of a sender whose own format is not read, but that can send one which is.
    #[error("This is {0}; it is not read. {1}")]
    Other(&'static str, &'static str),
    /// It is Azure's, in one of the schemas that differ by the kind of alert.
    #[error(
        "{0} is not read here: switch on the common alert schema in the action of the action \
         group (`useCommonAlertSchema: true`)."
    )]
    AzureSchema(String),
    /// It is what Azure's autoscale sends by itself.
    #[error(
        "This is the webhook of Azure's autoscale, which is not read. Create an activity log alert \
         for autoscale events, with an action group that uses the common alert schema."
    )]
    Autoscale,
    /// It is Azure's, without what the schema has.
    #[error("The alert has no `data.essentials`, which the common alert schema has.")]
    NoEssentials,
    /// It looks like Alertmanager's or Grafana's, of another version.
    #[error(
        "The version \"{0}\" of this webhook is not known: \"4\" is Alertmanager's and \"1\" is \
         Grafana's."
    )]
    Version(String),
    /// It is Alertmanager's or Grafana's, without alerts.
    #[error("The list `alerts` is empty.")]
    Empty,
    /// It is of a known sender, and lacks something.
    #[error("This is of {0}, but {1}.")]
    Incomplete(&'static str, String),
    /// It is in our own format, without a title.
    #[error("title = {0} says nothing: give a text. {ACCEPTED}")]
    NoTitle(String),
}

/// What is accepted.
const ACCEPTED: &str = "Accepted are the webhooks of Azure Monitor (common alert schema), \
    Alertmanager, Grafana, PagerDuty Events v2, Amazon SNS and CloudWatch, Sentry, GitHub, Google \
    Cloud Monitoring, Better Stack and Pingdom, and {\"title\": \"…\"} with \"description\", \"severity\", \
    \"component\", \"key\", \"link\", \"status\", \"fired_at\" and \"labels\" as needed.";

/// What to do where a sender can send a body of one's own.
const TEMPLATE: &str = "Use the template for it in docs/alerts.md.";

impl NotAnAlert {
    /// The reason for the log, which quotes nothing of the body.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLarge => "too large",
            Self::Encoding(_) => "in an encoding that is not read",
            Self::NotGzip => "not the gzip that it says",
            Self::NotText(_) => "not UTF-8",
            Self::NotJson(_) => "not JSON",
            Self::Unknown => "in an unknown format",
            Self::Other(sender, _) => sender,
            Self::AzureSchema(_) => "of Azure Monitor, not in the common alert schema",
            Self::Autoscale => "of Azure's autoscale",
            Self::NoEssentials => "of Azure Monitor, without its essentials",
            Self::Version(_) => "of another version of Alertmanager or Grafana",
            Self::Empty => "without alerts",
            Self::Incomplete(..) => "incomplete",
            Self::NoTitle(_) => "without a title",
        }
    }

    /// The reason for a compression that is not read.
    #[must_use]
    pub fn compression(name: &str) -> Self {
        Self::Encoding(format!("The compression {}", quoted(name)))
    }

    /// The reason for a body of a sender that can send another one, which is read.
    pub(super) fn foreign(body: &Value) -> Option<Self> {
        let has = |names: &[&str]| names.iter().all(|name| body.get(name).is_some());
        let event_grid = body.get(0).is_some_and(|first| first.get("eventType").is_some());
        let (sender, remedy) = if has(&["ruleName", "state"]) || has(&["evalMatches"]) {
            let remedy =
                "Use Grafana's unified alerting, with a contact point of the kind webhook.";
            ("Grafana's legacy alerting", remedy)
        } else if has(&["event_type", "last_updated", "org"]) {
            ("Datadog's own body, which does not say whether it fires", TEMPLATE)
        } else if has(&["title"]) {
            return None;
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

/// A piece of a body, as an error may show it.
pub(super) fn quoted(text: &str) -> String {
    one_line(text, QUOTED_CHARS_MAX)
}
