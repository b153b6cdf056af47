//! Settings from an environment that is passed in. They are validated, and never displayed in full.

mod storage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use azure_core::http::Url;
use jiff::SignedDuration;

use crate::core::config::duties::Duties;
use crate::core::config::theme::{Logo, Stylesheet, TEMPLATE_BYTES_MAX, Templates};
use crate::core::config::{Config, ConfigError, ReviewTemplate};
use crate::core::review::template::check as check_review;
use crate::core::site::renderer::Site;
use crate::core::teams::activity::{Allowed, Token};
use crate::identity::Identity;
use crate::outbound::http::{Addresses, Origin};
use crate::outbound::{Heartbeat, Workflow};
pub use storage::{LOCAL_FOLDER, Storage};

/// Port to listen on without the Functions host.
pub const LOCAL_PORT: u16 = 7071;

#[derive(Clone, Debug)]
pub struct Settings {
    pub gate: Gate,
    pub storage: Storage,
    /// The page's configuration, including `public_url` if it is set.
    pub config: Config,
    pub addresses: Addresses,
    /// Address of the function app; `None` outside Azure.
    pub function_url: Option<String>,
    /// Identity for external services and storage.
    pub identity: Identity,
    /// One sentence per missing setting, with its name and the remedy.
    pub not_configured: Vec<String>,
}

/// Accepted senders, and the deadline of an answer.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Tokens that may sign; empty if none is configured.
    pub tokens: Vec<Token>,
    /// One sentence per missing or invalid token, with the setting and the remedy.
    pub not_configured: Vec<String>,
    pub allowed: Allowed,
    /// Maximum difference between a message's time and the clock here.
    pub skew_max: SignedDuration,
    /// Time limit from the arrival of a message to its answer.
    pub deadline: Duration,
}

/// Reason why the program does not start: the setting, its value and valid values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct SettingError {
    setting: &'static str,
    why: String,
}

fn wrong(setting: &'static str, why: impl Into<String>) -> SettingError {
    SettingError { setting, why: why.into() }
}

/// Maximum clock skew. Beyond it, remembering refusals for as long as copies can arrive would take
/// too much memory.
const SKEW_SECONDS_MAX: i64 = 3_600;
/// Teams gives up after five seconds.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(4);
/// Far below the `functionTimeout` of host.json: the host kills the handler for every call that
/// reaches it.
const DEADLINE_MS_MAX: u64 = 30_000;
const SKEW_DEFAULT: SignedDuration = SignedDuration::from_mins(5);
/// Number of characters of a wrong value that are repeated.
const SHOWN_CHARS_MAX: usize = 30;
const TOKENS: &str = "STATUS_WEBHOOK_TOKENS";

/// Port that the Functions host assigns; `None` without the host.
///
/// # Errors
/// Returns an error if the variable is set but not a port.
pub fn host_port(variable: impl Fn(&str) -> Option<String>) -> Result<Option<u16>, SettingError> {
    const SETTING: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";
    lookup(&variable, SETTING).map(|port| number(SETTING, &port, 1, u16::MAX)).transpose()
}

impl Settings {
    /// Reads the settings through a function that looks up one variable. Reads the file that
    /// `STATUS_CONFIG` names from disk.
    ///
    /// # Errors
    /// Returns the first setting whose value is invalid.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let under_host = host_port(&variable)?.is_some();
        let gate = Gate::read(&variable, under_host)?;
        let read = |name: &str| lookup(&variable, name);
        let mut config = config(read("STATUS_CONFIG"))?;
        config.public_url = public_url(read("STATUS_PUBLIC_URL"))?;
        config.correctors = list(read("STATUS_CORRECTORS"));
        let mut not_configured = Vec::new();
        let (storage, remark) = storage::read(&read, identity(&read), under_host)
            .map_err(|why| wrong(storage::SETTING, why))?;
        not_configured.extend(remark);
        if under_host && config.public_url.is_none() {
            not_configured.push(
                "STATUS_PUBLIC_URL is not set: answers do not link the page. Set it to the address \
                 that visitors use"
                    .to_owned(),
            );
        }
        // Under the host, an invalid address only costs the messages that would go there.
        let workflow = match read(NOTIFY).map(|value| workflow(&value)) {
            Some(Err(error)) if under_host => {
                not_configured.push(error.to_string());
                None
            }
            found => found.transpose()?,
        };
        config.notifies = workflow.is_some();
        let heartbeat = match read(HEARTBEAT).map(|value| heartbeat(&value)) {
            Some(Err(error)) if under_host => {
                not_configured.push(error.to_string());
                None
            }
            found => found.transpose()?,
        };
        let addresses = Addresses {
            boards: origin(BOARDS, read(BOARDS), "https://dev.azure.com")?,
            graph: origin(GRAPH, read(GRAPH), "https://graph.microsoft.com")?,
            workflow,
            heartbeat,
        };
        // Set by Azure, and nowhere else.
        let function_url = read("WEBSITE_HOSTNAME").map(|host| format!("https://{host}"));
        let identity = identity(&read);
        Ok(Self { gate, storage, config, addresses, function_url, identity, not_configured })
    }
}

impl Gate {
    /// Under the host, an invalid token does not stop the program: the page is still published,
    /// calls that it should sign are refused, and health and log say why.
    fn read(
        variable: &impl Fn(&str) -> Option<String>,
        under_host: bool,
    ) -> Result<Self, SettingError> {
        let mut gate = Self::usable(variable);
        if !under_host && let Some(value) = lookup(variable, TOKENS) {
            gate.tokens = tokens(&value).into_iter().collect::<Result<_, _>>()?;
        }
        if let Some(text) = lookup(variable, "STATUS_MAX_SKEW_SECONDS") {
            let seconds = number("STATUS_MAX_SKEW_SECONDS", &text, 1, SKEW_SECONDS_MAX)?;
            gate.skew_max = SignedDuration::from_secs(seconds);
        }
        if let Some(text) = lookup(variable, "STATUS_DEADLINE_MS") {
            let ms = number("STATUS_DEADLINE_MS", &text, 100, DEADLINE_MS_MAX)?;
            gate.deadline = Duration::from_millis(ms);
        }
        Ok(gate)
    }

    /// The gate of a program that a different invalid setting stops: every token that can be read,
    /// so that it can explain the problem to authorized senders, and default limits.
    pub fn usable(variable: impl Fn(&str) -> Option<String>) -> Self {
        let (mut known, mut not_configured) = (Vec::new(), Vec::new());
        match lookup(&variable, TOKENS) {
            None => not_configured.push(format!(
                "{TOKENS} is not set: every webhook call is answered with 401. Set it to the \
                 security token that Teams showed when the outgoing webhook was created"
            )),
            Some(value) => {
                for token in tokens(&value) {
                    match token {
                        Ok(token) => known.push(token),
                        Err(error) => not_configured.push(error.to_string()),
                    }
                }
            }
        }
        let list = |name: &str| list(lookup(&variable, name));
        Self {
            tokens: known,
            not_configured,
            allowed: Allowed {
                tenants: list("STATUS_ALLOWED_TENANTS"),
                teams: list("STATUS_ALLOWED_TEAMS"),
                channels: list("STATUS_ALLOWED_CHANNELS"),
                users: list("STATUS_ALLOWED_USERS"),
            },
            skew_max: SKEW_DEFAULT,
            deadline: DEADLINE_DEFAULT,
        }
    }
}

/// Splits a comma-separated list.
fn list(value: Option<String>) -> Vec<String> {
    let value = value.unwrap_or_default();
    let ids = value.split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.map(str::to_owned).collect()
}

/// The trimmed value of a variable; `None` if that is empty.
fn lookup(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The part of a value that may be shown. The health page is public, and the value of a wrong
/// setting may be a secret; addresses carry theirs before `@` or after `?`.
fn shown(value: &str) -> String {
    let bare = value.rsplit_once('@').map_or(value, |(_, behind)| behind);
    let bare = bare.split(['?', '#', ';']).next().unwrap_or_default();
    let short: String = bare.chars().take(SHOWN_CHARS_MAX).collect();
    if short == value { short } else { format!("{short}…") }
}

fn number<T>(setting: &'static str, text: &str, least: T, most: T) -> Result<T, SettingError>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let parsed = text.parse::<T>().ok().filter(|value| (&least..=&most).contains(&value));
    parsed.ok_or_else(|| {
        wrong(setting, format!("\"{}\" is not a whole number from {least} to {most}", shown(text)))
    })
}

/// Parses a comma-separated list of tokens. Errors give the position of an entry, never the entry
/// itself.
fn tokens(value: &str) -> Vec<Result<Token, SettingError>> {
    let entries = value.split(',').enumerate();
    let read = |(index, part): (usize, &str)| {
        let why = if part.trim_start().starts_with(UNRESOLVED) {
            UNRESOLVED_WHY
        } else {
            "is not a base64 token: copy the security token from Teams again"
        };
        Token::parse(part).ok_or_else(|| wrong(TOKENS, format!("entry {} {why}", index + 1)))
    };
    entries.map(read).collect()
}

/// Start of a Key Vault reference that the platform left because it could not resolve it.
const UNRESOLVED: &str = "@Microsoft.KeyVault(";
const UNRESOLVED_WHY: &str = "is a Key Vault reference that the platform could not resolve: give the app's identity the \
     role Key Vault Secrets User on the vault, let the vault's firewall admit the app, and check \
     the secret's name";

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

/// Reads a `status.toml` and the files that it names, and checks that pages can be rendered.
///
/// # Errors
/// Returns all problems, one sentence each.
pub fn read_config(path: &Path) -> Result<Config, ConfigError> {
    let unreadable = |error| ConfigError { problems: vec![format!("cannot be read: {error}")] };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let (mut config, mut problems) = Config::read(&text);
    let folder = path.parent().unwrap_or(Path::new("."));
    let files = config.files.clone();
    if let Some(name) = &files.logo {
        let logo = file(folder, "logo", name)
            .and_then(|bytes| Logo::new(name, bytes.into()).map_err(|error| error.to_string()));
        config.theme.logo = problems.note(logo);
    }
    if let Some(name) = &files.stylesheet {
        let stylesheet = file(folder, "stylesheet", name)
            .and_then(|bytes| Stylesheet::new(name, &bytes).map_err(|error| error.to_string()));
        config.theme.stylesheet = problems.note(stylesheet);
    }
    if let Some(name) = &files.duties {
        let duties = file(folder, "duties", name)
            .and_then(|bytes| Duties::new(name, &bytes).map_err(|error| error.to_string()));
        config.duties = problems.note(duties);
    }
    if let Some(name) = &files.review {
        config.review = problems.note(review_template(folder, name));
        problems.note(check_review(&config));
    }
    if let Some(name) = &files.templates {
        let templates = read_folder(&folder.join(name))
            .map_err(|error| format!("templates = \"{name}\" cannot be read: {error}"))
            .and_then(|files| Templates::new(name, files).map_err(|error| error.to_string()));
        if let Some(templates) = problems.note(templates) {
            config.theme.templates = templates;
            problems.note(Site::check(&config));
        }
    }
    problems.end(config)
}

fn file(folder: &Path, key: &str, name: &str) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(folder.join(name));
    bytes.map_err(|error| format!("{key} = \"{name}\" cannot be read: {error}"))
}

fn review_template(folder: &Path, name: &str) -> Result<ReviewTemplate, String> {
    let bytes = file(folder, "review", name)?;
    if bytes.len() > TEMPLATE_BYTES_MAX {
        let length = bytes.len();
        return Err(format!(
            "review = \"{name}\" has {length} bytes, more than {TEMPLATE_BYTES_MAX}"
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("review = \"{name}\" is not UTF-8"))?;
    Ok(ReviewTemplate { name: name.to_owned(), text })
}

/// Files of a folder by name, except hidden ones.
fn read_folder(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            // A folder cannot replace anything and is rejected later, by its name.
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
    let is_plain = is_address && crate::core::text::is_safe_link(&value);
    // It is on every page and in every answer, so it must not contain a secret.
    if !is_plain || value.contains(['?', '#']) || has_user(&value) {
        return Err(wrong(
            "STATUS_PUBLIC_URL",
            format!(
                "\"{}\" is not an address such as https://status.example.com, without a user, a \
                 password, ? and #",
                shown(&value)
            ),
        ));
    }
    Ok(Some(value.trim_end_matches('/').to_owned()))
}

/// Returns `true` if browsers would find a user or a password in the address.
fn has_user(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

fn identity(read: &impl Fn(&str) -> Option<String>) -> Identity {
    // Azure sets both, and nothing else does.
    if read("IDENTITY_ENDPOINT").is_some() || read("MSI_ENDPOINT").is_some() {
        Identity::Managed { client_id: read("AZURE_CLIENT_ID") }
    } else {
        Identity::Developer
    }
}

/// Address of a service that is called with a token.
fn origin(
    setting: &'static str,
    value: Option<String>,
    default: &str,
) -> Result<Origin, SettingError> {
    let value = value.unwrap_or_else(|| default.to_owned());
    value.parse::<Origin>().map_err(|why| {
        wrong(setting, format!("\"{}\": {why}; an example is {default}", shown(&value)))
    })
}

const BOARDS: &str = "STATUS_BOARDS_URL";
const GRAPH: &str = "STATUS_GRAPH_URL";
const NOTIFY: &str = "STATUS_NOTIFY_URL";
const HEARTBEAT: &str = "STATUS_HEARTBEAT_URL";

/// Address of the workflow, which errors never repeat.
fn workflow(value: &str) -> Result<Workflow, SettingError> {
    if value.starts_with(UNRESOLVED) {
        return Err(wrong(NOTIFY, UNRESOLVED_WHY));
    }
    value.parse().map_err(|why: String| wrong(NOTIFY, why))
}

/// Address of the dead man's switch, which errors never repeat.
fn heartbeat(value: &str) -> Result<Heartbeat, SettingError> {
    if value.starts_with(UNRESOLVED) {
        return Err(wrong(HEARTBEAT, UNRESOLVED_WHY));
    }
    value.parse().map_err(|why: String| wrong(HEARTBEAT, why))
}
