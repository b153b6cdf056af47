//! The script that keeps an open page up to date.

use jiff::{Timestamp, ToSpan as _};
use tempfile::TempDir;

use super::scenes::{config, say, wait, write};
use super::{none_wrong, run};
use crate::cases::thread::{START, Thread};

/// Two folders: a site, and the same after an update and a second incident. A whole day is on
/// record at the end, 26 hours after `begin`, so that there is something to open.
pub fn before_and_after(begin: Timestamp) -> [TempDir; 2] {
    let mut thread = Thread::new(config(), begin);
    say(&mut thread, "open minor on Search, API: Results are stale next 4h");
    wait(&mut thread, 25.hours().minutes(10));
    say(&mut thread, "update We are looking into it next 4h");
    let before = tempfile::tempdir().unwrap();
    write(&thread, before.path());
    say(&mut thread, "update identified on Search: The second update next 4h");
    say(&mut thread, "open another critical on Checkout: <b>Nobody</b> can pay");
    let after = tempfile::tempdir().unwrap();
    write(&thread, after.path());
    [before, after]
}

#[tokio::test]
async fn an_open_page_follows_without_disturbing_anybody() {
    let Some(chromium) = super::browser() else { return };
    let [before, after] = before_and_after(START - 26.hours());
    let folders = [before.path().into(), after.path().into()];
    let arguments = std::iter::once(chromium).chain(folders);
    let wrong: Vec<String> = run("live.mjs", arguments).await;
    none_wrong(&wrong);
}
