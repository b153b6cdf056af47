//! `--site`: the page of the guided incident as a folder of static files.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Creates the folder, which must not contain anything yet.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    if fs::read_dir(folder).with_context(failed)?.next().is_some() {
        bail!("{} is not empty. Name a new folder: demo --site <folder>", folder.display());
    }
    Ok(())
}

/// Copies a folder with everything in it.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", to.display());
    fs::create_dir_all(to).with_context(failed)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(failed)?;
        }
    }
    Ok(())
}
