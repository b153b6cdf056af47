//! The page in Firefox, and in Safari's engine.

use std::path::PathBuf;

use jiff::{Timestamp, ToSpan as _};

use super::live::before_and_after;
use super::{none_wrong, run};
use crate::support::tools;

/// By keyboard, small, and open while the site changes. The clock is the real one: neither browser
/// lets a test set it.
async fn meets(engine: &str, executable: Option<PathBuf>) {
    let Some(executable) = executable.filter(|_| tools::node().is_some()) else { return };
    let [before, after] = before_and_after(Timestamp::now() - 26.hours());
    let mut arguments = vec![engine.into(), executable, before.path().into(), after.path().into()];
    // Keeps the pictures on request.
    if let Some(folder) = std::env::var_os("PICTURES") {
        arguments.push(PathBuf::from(folder).join(format!("{engine}.png")));
    }
    let wrong: Vec<String> = run("engine.mjs", arguments.into_iter()).await;
    none_wrong(&wrong);
}

#[tokio::test]
async fn the_page_works_in_firefox() {
    meets("firefox", tools::firefox()).await;
}

#[tokio::test]
async fn the_page_works_in_webkit() {
    meets("webkit", tools::webkit()).await;
}
