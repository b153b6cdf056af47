//! Where a launch puts what it makes, as `status.toml` says it.

use jiff::SignedDuration;

/// What the launch is set up for. Its default is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Whether every incident that is opened by chat is launched by itself.
    pub on_open: bool,
    /// For how long an alert has to fire before its incident is launched, so that a blip makes no
    /// channel.
    pub alert_delay: SignedDuration,
    /// Where work items are made; `None` for nowhere.
    pub boards: Option<Boards>,
    /// Where channels are made; `None` for nowhere.
    pub teams: Option<Teams>,
}

/// For how long an alert has to fire before its incident is launched, by default.
pub const ALERT_DELAY: SignedDuration = SignedDuration::from_secs(60);

impl Default for Launch {
    fn default() -> Self {
        Self { on_open: false, alert_delay: ALERT_DELAY, boards: None, teams: None }
    }
}

/// A project in Azure Boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boards {
    /// The organization, as in `https://dev.azure.com/ORGANIZATION`.
    pub organization: String,
    /// The project's name.
    pub project: String,
    /// What kind of work item an incident is, such as `Issue`.
    pub work_item_type: String,
    /// The area that it belongs to; `None` for the project's own.
    pub area_path: Option<String>,
    /// The tag of all incidents.
    pub tag: String,
}

/// A team in Microsoft Teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teams {
    /// The team's group id.
    pub group: String,
    /// How its channels are named, with `{number}` and perhaps `{title}`.
    pub channel: String,
    /// Whether who is on call is asked of the team's Shifts before our own rosters.
    pub shifts: Option<Shifts>,
}

/// What of a team's Shifts counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifts {
    /// The scheduling group; `None` for all of them.
    pub scheduling_group: Option<String>,
}
