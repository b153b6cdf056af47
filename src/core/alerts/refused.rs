//! Why a body is no alert.

use serde_json::Value;

use super::alert::one_line;

/// The largest body that is read, in bytes: as large as Azure Monitor's own.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// How many alerts one body may have.
pub const ALERTS_MAX: usize = 500;

/// The longest piece of a body that an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// Why a body is not read. One sentence each, which says what is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAlert {
    /// It is too large.
    #[error("The body has {0} bytes: {BODY_BYTES_MAX} at most.")]
    TooLarge(usize),
    /// It is not JSON.
    #[error("The body is not JSON ({0}). {ACCEPTED}")]
    NotJson(String),
    /// It is JSON of nobody's shape.
    #[error("This is no alert that is known here. {ACCEPTED}")]
    Unknown,
    /// It is Azure's, in one of the schemas that differ by the kind of alert.
    #[error(
        "{0} is not read here: switch on the common alert schema in the action of the action \
         group (`useCommonAlertSchema: true`)."
    )]
    AzureSchema(String),
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
    /// It has too many alerts.
    #[error("The body has {0} alerts: {ALERTS_MAX} at most. Limit them where they are sent.")]
    TooMany(usize),
    /// Our own format has no such field.
    #[error("The field `{0}` is not known. {ACCEPTED}")]
    NoField(String),
    /// A field of our own format is wrong.
    #[error("{field} = {value} cannot be: {may}.")]
    Field {
        /// Which one.
        field: String,
        /// What it was.
        value: String,
        /// What it may be.
        may: &'static str,
    },
}

/// What is accepted.
const ACCEPTED: &str = "Accepted are Azure Monitor's common alert schema, the webhooks of \
    Alertmanager (version 4) and Grafana (version 1), and {\"title\": \"…\"} with \"description\", \
    \"severity\", \"component\", \"key\", \"link\", \"status\" and \"fired_at\" as needed.";

impl NotAnAlert {
    /// What is said of a body that is too large to be read to its end.
    pub const TOO_LARGE: &str = "The body is too large: 262144 bytes at most.";

    /// The reason without a word of the body, for the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too large",
            Self::NotJson(_) => "not JSON",
            Self::Unknown => "of no known shape",
            Self::AzureSchema(_) => "of Azure Monitor, and not in the common alert schema",
            Self::NoEssentials => "of Azure Monitor, and without its essentials",
            Self::Version(_) => "of another version of Alertmanager or Grafana",
            Self::Empty => "without alerts",
            Self::TooMany(_) => "of too many alerts",
            Self::NoField(_) => "with a field that is not known",
            Self::Field { .. } => "with a field that cannot be so",
        }
    }

    /// A field that cannot be what it is.
    pub(super) fn field(name: &str, value: &Value, may: &'static str) -> Self {
        Self::Field { field: quoted(name), value: quoted(&value.to_string()), may }
    }
}

/// A piece of a body, as an error may show it.
pub(super) fn quoted(text: &str) -> String {
    one_line(text, QUOTED_CHARS_MAX)
}
