//! The place of the log: whether there is one, and the address of the page that was rendered from
//! it.

use std::io::Write as _;
use std::path::Path;

use anyhow::bail;
use serde_json::Value;

use super::usage::program;
use crate::store::directory::Directory;
use crate::store::{Container, Key, Store};

/// Statuspage's clients find the address of the page in this file.
const SUMMARY: &str = "api/v2/summary.json";

/// Refuses a command that only reads a folder where nothing was ever recorded: in the wrong folder,
/// an empty log would look like an answer. Says so if the command `records` and starts a log.
///
/// # Errors
/// Returns the folder and the remedy; `instead` names a further one.
pub fn check_folder(path: &Path, records: bool, instead: &str) -> anyhow::Result<()> {
    if Directory::exists(path) {
        return Ok(());
    }
    // Without `.` in it, which an absolute path keeps.
    let path: std::path::PathBuf = path.components().collect();
    let folder = std::path::absolute(&path).unwrap_or(path);
    let folder = folder.display();
    if records {
        writeln!(std::io::stderr(), "This starts a new log in {folder}.")?;
        return Ok(());
    }
    bail!(
        "there is no log in {folder}. Run this in the folder where the program was started, or set \
         STATUS_STORAGE to dir:<folder>{instead}. To start a log here: `{}`",
        program()
    )
}

/// The address in the published files, so that pages are the same without a setting.
pub async fn published_address(store: &dyn Store) -> Option<String> {
    let blob = store.get(&Key::new(Container::Web, SUMMARY)).await.ok().flatten()?;
    let summary: Value = serde_json::from_slice(&blob.bytes).ok()?;
    let address = summary.pointer("/page/url")?.as_str()?.trim_end_matches('/');
    address.starts_with("http").then(|| address.to_owned())
}
