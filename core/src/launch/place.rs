//! Destinations of a launch, as configured in `status.toml`.

use jiff::SignedDuration;

/// Settings of the launch. By default, it creates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// `true` if every incident opened in chat is launched automatically.
    pub on_open: bool,
    /// Time that an alert must fire before its incident is launched, so that a blip does not create
    /// a channel.
    pub alert_delay: SignedDuration,
    /// Project for work items; `None` creates none.
    pub boards: Option<Boards>,
    /// Team for channels; `None` creates none.
    pub teams: Option<Teams>,
}

/// Default of [`Launch::alert_delay`].
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
    pub project: String,
    /// Type of the work items, such as `Issue`.
    pub work_item_type: String,
    /// Area of the work items; `None` for the project's root area.
    pub area_path: Option<String>,
    /// Tag of all work items.
    pub tag: String,
}

/// A team in Microsoft Teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teams {
    /// The team's group id.
    pub group: String,
    /// Pattern of channel names, with `{number}` and optionally `{title}`.
    pub channel: String,
    /// If set, people on call are taken from the team's Shifts. The rosters are the fallback.
    pub shifts: Option<Shifts>,
}

/// Selection of shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifts {
    /// `None` selects all scheduling groups.
    pub scheduling_group: Option<String>,
}
