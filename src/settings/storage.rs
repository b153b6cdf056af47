//! The storage setting, with a default for each environment.

use std::path::{Component, Path, PathBuf};

use crate::identity::Identity;
use crate::store::azure::Account;

pub(super) const SETTING: &str = "STATUS_STORAGE";
/// Default folder without the Functions host.
pub const LOCAL_FOLDER: &str = "./local";
/// Default folder under a local Functions host, within the home folder.
const HOME_FOLDER: &str = ".status-update";
/// Azure sets these for every function app; nothing sets them on a developer's machine.
const AZURE: [&str; 3] = ["WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "IDENTITY_ENDPOINT"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    Directory(PathBuf),
    /// A storage account, and the identity to access it with.
    Azure(Account, Identity),
}

impl Storage {
    /// Returns `true` if it is on this machine: a folder or the storage emulator.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Directory(_) => true,
            Self::Azure(account, _) => account.is_emulator(),
        }
    }
}

/// The configured storage, and a remark for the health page if it is a default that a deployment
/// should not use.
///
/// # Errors
/// Returns the problem with the setting.
pub(super) fn read(
    variable: &impl Fn(&str) -> Option<String>,
    identity: Identity,
    under_host: bool,
) -> Result<(Storage, Option<String>), String> {
    match variable(SETTING) {
        Some(value) => {
            let root = if under_host { variable("FUNCTIONS_APP_ROOT_PATH") } else { None };
            Ok((named(&value, identity, root.as_deref())?, None))
        }
        None if under_host => {
            let folder = home_folder(variable)?;
            let remark = format!(
                "{SETTING} is not set: everything is kept in {}. Set it to \
                 https://ACCOUNT.blob.core.windows.net or to dir:PATH",
                folder.display()
            );
            Ok((Storage::Directory(folder), Some(remark)))
        }
        None => Ok((Storage::Directory(PathBuf::from(LOCAL_FOLDER)), None)),
    }
}

fn named(value: &str, identity: Identity, app_root: Option<&str>) -> Result<Storage, String> {
    let Some(path) = value.strip_prefix("dir:") else {
        let account = value.parse::<Account>();
        let account = account.map_err(|why| format!("{why}; or dir:PATH"))?;
        return Ok(Storage::Azure(account, identity));
    };
    if path.is_empty() {
        return Err("\"dir:\" names no folder; write dir:PATH".to_owned());
    }
    let path = PathBuf::from(path);
    if app_root.is_some_and(|root| is_within(&path, Path::new(root))) {
        return Err(format!(
            "{} is inside the app's own folder, and the Functions host restarts whenever a folder \
             is created there; name one outside it",
            path.display()
        ));
    }
    Ok(Storage::Directory(path))
}

/// Outside the app's own folder, because the Functions host restarts when a folder is created
/// there.
fn home_folder(variable: &impl Fn(&str) -> Option<String>) -> Result<PathBuf, String> {
    let refused = |why: &str| {
        let remedy = "set it to https://ACCOUNT.blob.core.windows.net";
        Err(format!("it is not set, and {why}; {remedy}"))
    };
    if AZURE.into_iter().any(|name| variable(name).is_some()) {
        return refused("Azure does not keep this machine's disk");
    }
    match variable("HOME").or_else(|| variable("USERPROFILE")) {
        Some(home) => Ok(Path::new(&home).join(HOME_FOLDER)),
        None => refused("there is no home folder to keep everything in"),
    }
}

/// Returns `true` if `path` is within `folder`, comparing names only.
fn is_within(path: &Path, folder: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).map(|path| without_detours(&path));
    matches!((whole(path), whole(folder)), (Ok(path), Ok(folder)) if path.starts_with(&folder))
}

fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}
