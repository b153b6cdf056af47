//! `[launch]` of `status.toml`: destinations of work items and channels.

use jiff::SignedDuration;
use serde::Deserialize;

use super::problems::Problems;
use crate::launch::channel_name::channel_name;
use crate::launch::place::{ALERT_DELAY, Boards, Launch, Shifts, Teams};

/// Maximum delay of a launch, in seconds.
const ALERT_DELAY_SECONDS_MAX: i64 = 3_600;
/// Limit of Azure Boards, in characters.
const TAG_CHARS_MAX: usize = 400;
/// Maximum length of a name or a path, in characters.
const NAME_CHARS_MAX: usize = 256;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileLaunch {
    #[serde(default)]
    on_open: bool,
    /// In seconds.
    alert_delay: Option<i64>,
    boards: Option<FileBoards>,
    teams: Option<FileTeams>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBoards {
    organization: String,
    project: String,
    work_item_type: Option<String>,
    area_path: Option<String>,
    tag: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTeams {
    team: String,
    channel: Option<String>,
    #[serde(default)]
    shifts: bool,
    scheduling_group: Option<String>,
}

impl FileLaunch {
    pub(super) fn checked(self, problems: &mut Problems) -> Launch {
        Launch {
            on_open: self.on_open,
            alert_delay: self
                .alert_delay
                .and_then(|seconds| problems.note(alert_delay(seconds)))
                .unwrap_or(ALERT_DELAY),
            boards: self.boards.and_then(|file| problems.note(boards(file))),
            teams: self.teams.and_then(|file| problems.note(teams(file))),
        }
    }
}

fn wrong(key: &str, value: &str, why: &str) -> String {
    format!("launch.{key} = \"{}\" {why}", value.escape_debug())
}

fn alert_delay(seconds: i64) -> Result<SignedDuration, String> {
    if !(0..=ALERT_DELAY_SECONDS_MAX).contains(&seconds) {
        return Err(format!(
            "launch.alert_delay = {seconds} is not a number of seconds up to \
             {ALERT_DELAY_SECONDS_MAX}"
        ));
    }
    Ok(SignedDuration::from_secs(seconds))
}

/// Checks a name of Azure DevOps.
fn name(key: &str, value: &str) -> Result<String, String> {
    let trimmed = value.trim();
    let is_long = trimmed.chars().count() > NAME_CHARS_MAX;
    if trimmed.is_empty() || is_long || trimmed.chars().any(char::is_control) {
        return Err(wrong(key, value, "is not a name: write it as Azure DevOps shows it"));
    }
    Ok(trimmed.to_owned())
}

fn boards(file: FileBoards) -> Result<Boards, String> {
    let organization = name("boards.organization", &file.organization)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !organization.chars().all(is_plain) {
        let why = "is not an organization: use the part after https://dev.azure.com/";
        return Err(wrong("boards.organization", &organization, why));
    }
    let tag = name("boards.tag", file.tag.as_deref().unwrap_or("incident"))?;
    if tag.contains([',', ';']) || tag.chars().count() > TAG_CHARS_MAX {
        return Err(wrong("boards.tag", &tag, "is not a tag: it must not contain , or ;"));
    }
    let kind = file.work_item_type.as_deref().unwrap_or("Issue");
    Ok(Boards {
        organization,
        project: name("boards.project", &file.project)?,
        work_item_type: name("boards.work_item_type", kind)?,
        area_path: file.area_path.map(|path| name("boards.area_path", &path)).transpose()?,
        tag,
    })
}

fn teams(file: FileTeams) -> Result<Teams, String> {
    let group = file.team.trim().to_ascii_lowercase();
    if !is_guid(&group) {
        let why = "is not a group id such as 02bd9fd6-8f93-4758-87c3-1fb73740a315: use the \
                   groupId in the link to the team";
        return Err(wrong("teams.team", &file.team, why));
    }
    let channel = file.channel.unwrap_or_else(|| "inc-{number}-{title}".to_owned());
    let rest = channel.replace("{number}", "").replace("{title}", "");
    let longest = channel_name(&channel, u32::MAX, "");
    let is_told = longest.contains(&u32::MAX.to_string());
    if !channel.contains("{number}") || rest.contains(['{', '}']) || !is_told {
        let why = "is not a pattern for channel names: it needs {number}, may have {title}, and \
                   must leave room for both within 50 characters";
        return Err(wrong("teams.channel", &channel, why));
    }
    if file.scheduling_group.is_some() && !file.shifts {
        let group = file.scheduling_group.unwrap_or_default();
        return Err(wrong("teams.scheduling_group", &group, "requires shifts = true"));
    }
    let shifts = file.shifts.then_some(Shifts { scheduling_group: file.scheduling_group });
    Ok(Teams { group, channel, shifts })
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
