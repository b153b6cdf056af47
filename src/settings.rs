//! The settings: read from an environment that is passed in, checked, and never shown in full.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;

use crate::core::chat::activity::{Allowed, Token};
use crate::core::config::Config;
use crate::core::config::theme::{Logo, Refused, Stylesheet, Templates};
use crate::core::site::renderer::Site;
use crate::store::azure::{Account, Identity};

/// The folder that a newcomer's first start keeps everything in.
pub const LOCAL_FOLDER: &str = "./local";
/// The port to listen on where the Functions host does not give one.
pub const LOCAL_PORT: u16 = 7071;

/// Everything that the environment says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tokens that may sign; empty where none is configured.
    pub tokens: Vec<Token>,
    /// Where blobs are kept.
    pub storage: Storage,
    /// What the page is called and covers, with the page's address if that is set.
    pub config: Config,
    /// Who may run commands.
    pub allowed: Allowed,
    /// How far a message's time may be from the clock here.
    pub skew_max: SignedDuration,
    /// How long after its arrival a message is answered at the latest.
    pub deadline: Duration,
    /// The port that the Functions host gave; `None` where there is no host.
    pub host_port: Option<u16>,
    /// What is missing or unusable, in sentences that name the setting and the remedy.
    pub not_configured: Vec<String>,
}

/// Where blobs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// A folder.
    Directory(PathBuf),
    /// A storage account, and who this program is there.
    Azure(Account, Identity),
}

impl Storage {
    /// Whether it is on this machine: a folder, or the storage emulator.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Directory(_) => true,
            Self::Azure(account, _) => account.is_emulator(),
        }
    }
}

/// Why the program does not start: the setting, what it was and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct SettingError {
    setting: &'static str,
    why: String,
}

fn wrong(setting: &'static str, why: impl Into<String>) -> SettingError {
    SettingError { setting, why: why.into() }
}

/// The longest clock skew that makes sense: beyond it the memory for replays would not do.
const SKEW_SECONDS_MAX: i64 = 3_600;
/// Teams gives up after five seconds.
const DEADLINE_MS_DEFAULT: u64 = 4_000;
const DEADLINE_MS_MAX: u64 = 600_000;

impl Settings {
    /// Reads the settings with a function that looks up one variable. The file that
    /// `STATUS_CONFIG` names is read from disk.
    ///
    /// # Errors
    /// The first setting whose value cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let read = |name: &str| {
            variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let host_port = match read("FUNCTIONS_CUSTOMHANDLER_PORT") {
            Some(port) => Some(number("FUNCTIONS_CUSTOMHANDLER_PORT", &port, 1, 65_535)?),
            None => None,
        };
        let mut not_configured = Vec::new();
        let tokens =
            tokens(read("STATUS_WEBHOOK_TOKENS"), host_port.is_some(), &mut not_configured)?;
        let mut config = config(read("STATUS_CONFIG"))?;
        config.public_url = public_url(read("STATUS_PUBLIC_URL"))?;
        if host_port.is_some() && config.public_url.is_none() {
            not_configured.push(
                "STATUS_PUBLIC_URL is not set: answers do not link the page. Set it to the address \
                 that visitors use"
                    .to_owned(),
            );
        }
        if host_port.is_some() && read("STATUS_STORAGE").is_none() {
            not_configured.push(
                "STATUS_STORAGE is not set: everything is kept on this machine's disk, which the \
                 platform does not keep. Set it to https://ACCOUNT.blob.core.windows.net"
                    .to_owned(),
            );
        }
        let list = |name: &str| -> Vec<String> {
            let value = read(name).unwrap_or_default();
            let ids = value.split(',').map(str::trim).filter(|id| !id.is_empty());
            ids.map(str::to_owned).collect()
        };
        let skew = match read("STATUS_MAX_SKEW_SECONDS") {
            Some(text) => number("STATUS_MAX_SKEW_SECONDS", &text, 1, SKEW_SECONDS_MAX)?,
            None => 300,
        };
        let deadline = match read("STATUS_DEADLINE_MS") {
            Some(text) => number("STATUS_DEADLINE_MS", &text, 100, DEADLINE_MS_MAX)?,
            None => DEADLINE_MS_DEFAULT,
        };
        Ok(Self {
            tokens,
            storage: storage(&read)?,
            config,
            allowed: Allowed {
                tenants: list("STATUS_ALLOWED_TENANTS"),
                teams: list("STATUS_ALLOWED_TEAMS"),
                channels: list("STATUS_ALLOWED_CHANNELS"),
                users: list("STATUS_ALLOWED_USERS"),
            },
            skew_max: SignedDuration::from_secs(skew),
            deadline: Duration::from_millis(deadline),
            host_port: host_port.and_then(|port| u16::try_from(port).ok()),
            not_configured,
        })
    }
}

fn number<T>(setting: &'static str, text: &str, least: T, most: T) -> Result<T, SettingError>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let parsed = text.parse::<T>().ok().filter(|value| (&least..=&most).contains(&value));
    parsed.ok_or_else(|| {
        wrong(setting, format!("\"{text}\" is not a whole number from {least} to {most}"))
    })
}

/// Under the host a wrong token must not end the program: it would be restarted until the host
/// gives up, and the page with it. Every webhook call is refused until it is mended.
fn tokens(
    value: Option<String>,
    under_host: bool,
    not_configured: &mut Vec<String>,
) -> Result<Vec<Token>, SettingError> {
    const SETTING: &str = "STATUS_WEBHOOK_TOKENS";
    let Some(value) = value else {
        if under_host {
            not_configured.push(format!(
                "{SETTING} is not set: every webhook call is answered with 401. Set it to the \
                 security token that Teams showed when the outgoing webhook was created"
            ));
        }
        return Ok(Vec::new());
    };
    let mut tokens = Vec::new();
    for (index, part) in value.split(',').enumerate() {
        match Token::parse(part) {
            Some(token) => tokens.push(token),
            None if under_host && part.trim_start().starts_with(UNRESOLVED) => {
                not_configured.push(format!(
                    "{SETTING}: entry {} is a Key Vault reference that the platform could not \
                     resolve: give the app's identity the role Key Vault Secrets User on the vault, \
                     let the vault's firewall admit the app, and check the secret's name",
                    index + 1
                ));
            }
            None if under_host => not_configured.push(format!(
                "{SETTING}: entry {} is not a base64 token and is not used: copy the security \
                 token anew from Teams",
                index + 1
            )),
            None => {
                let why = "is not base64, as Teams shows its security tokens";
                return Err(wrong(SETTING, format!("entry {} {why}", index + 1)));
            }
        }
    }
    Ok(tokens)
}

/// What the platform leaves of a reference that it could not resolve.
const UNRESOLVED: &str = "@Microsoft.KeyVault(";

fn config(path: Option<String>) -> Result<Config, SettingError> {
    const SETTING: &str = "STATUS_CONFIG";
    let default = Path::new("./status.toml");
    let path = match path {
        Some(path) => PathBuf::from(path),
        None if default.exists() => default.to_owned(),
        None => return Ok(Config::default()),
    };
    read_config(&path).map_err(|why| wrong(SETTING, format!("{}: {why}", path.display())))
}

/// Reads a `status.toml` and the files that it names, and sees to it that pages can be made.
fn read_config(path: &Path) -> Result<Config, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut config = Config::parse(&text).map_err(|error| error.to_string())?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let read = |key: &str, name: &String| {
        let bytes = std::fs::read(folder.join(name));
        bytes.map_err(|error| format!("{key} = \"{name}\" cannot be read: {error}"))
    };
    let refused = |refused: Refused| refused.to_string();
    if let Some(name) = &config.files.logo {
        let logo = Logo::new(name, read("logo", name)?.into()).map_err(refused)?;
        config.theme.logo = Some(logo);
    }
    if let Some(name) = &config.files.stylesheet {
        let stylesheet = Stylesheet::new(name, &read("stylesheet", name)?).map_err(refused)?;
        config.theme.stylesheet = Some(stylesheet);
    }
    if let Some(name) = &config.files.templates {
        let files = read_folder(&folder.join(name))
            .map_err(|error| format!("templates = \"{name}\" cannot be read: {error}"))?;
        config.theme.templates = Templates::new(name, files).map_err(refused)?;
        Site::check(&config).map_err(refused)?;
    }
    Ok(config)
}

/// The files of a folder by name, but for those that are hidden.
fn read_folder(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            // What is no file replaces nothing, and is refused by its name.
            let is_file = entry.path().is_file();
            files.insert(name, if is_file { std::fs::read(entry.path())? } else { Vec::new() });
        }
    }
    Ok(files)
}

fn public_url(value: Option<String>) -> Result<Option<String>, SettingError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let is_address = value.starts_with("https://") || value.starts_with("http://");
    if !is_address || !crate::core::text::is_safe_link(&value) || value.contains(['?', '#']) {
        return Err(wrong(
            "STATUS_PUBLIC_URL",
            format!("\"{value}\" is not an address such as https://status.example.com"),
        ));
    }
    Ok(Some(value.trim_end_matches('/').to_owned()))
}

fn storage(read: &impl Fn(&str) -> Option<String>) -> Result<Storage, SettingError> {
    const SETTING: &str = "STATUS_STORAGE";
    let Some(value) = read(SETTING) else {
        return Ok(Storage::Directory(PathBuf::from(LOCAL_FOLDER)));
    };
    if let Some(path) = value.strip_prefix("dir:") {
        if path.is_empty() {
            return Err(wrong(SETTING, "\"dir:\" names no folder; write dir:PATH"));
        }
        return Ok(Storage::Directory(PathBuf::from(path)));
    }
    let account = value.parse::<Account>();
    let account = account.map_err(|why| wrong(SETTING, format!("{why}; or dir:PATH")))?;
    // Both variables are set where Azure runs the program, and nowhere else.
    let managed = read("IDENTITY_ENDPOINT").is_some() || read("MSI_ENDPOINT").is_some();
    let identity = if managed {
        Identity::Managed { client_id: read("AZURE_CLIENT_ID") }
    } else {
        Identity::Developer
    };
    Ok(Storage::Azure(account, identity))
}
