//! `status-update init`: writes files to start from, which work as they are.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::ExitStatus;
use super::usage::{argument, program};

/// Paths below the target folder, with contents.
const FILES: [(&str, &str); 4] = [
    ("status.toml", include_str!("init/status.toml")),
    ("rosters.toml", include_str!("init/rosters.toml")),
    ("site/logo.svg", include_str!("init/site/logo.svg")),
    ("site/custom.css", include_str!("init/site/custom.css")),
];

#[derive(Args)]
pub struct Init {
    /// Target folder; created if it does not exist.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// Writes those files that do not exist yet.
///
/// # Errors
/// Returns an error if a file or the output cannot be written.
pub fn init(init: &Init, out: &mut impl Write) -> anyhow::Result<ExitStatus> {
    for (name, text) in FILES {
        let path = init.folder.join(name);
        let state = if write_new(&path, text)? { "written" } else { "kept, it was there" };
        writeln!(out, "{}: {state}", path.display())?;
    }
    // `check` finds the files of the current folder by itself.
    let config = match init.folder.as_path() {
        folder if folder == Path::new(".") => String::new(),
        folder => format!(" --config {}", argument(&folder.join("status.toml"))),
    };
    writeln!(out, "\nEdit them, then run `{} check{config}`.", program())?;
    Ok(ExitStatus::Success)
}

/// Creates a file; `false` if the name is taken.
fn write_new(path: &Path, text: &str) -> anyhow::Result<bool> {
    let failed = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).with_context(failed)?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(failed),
    }
}
