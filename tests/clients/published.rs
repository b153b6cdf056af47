//! A history and its published files, on a plain static server.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use status_update::core::config::Config;
use status_update::core::decide::clock;
use status_update::core::incident::status::Status;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;
use tempfile::TempDir;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::cases::thread::{START, Thread};
use crate::support::http::Head;

/// A page with components outside of groups and in them.
pub fn config() -> Config {
    Config::parse(include_str!("../cases/shop.toml")).unwrap()
}

/// Lets time pass, with a clock run.
pub fn pass(thread: &mut Thread, until: &str) {
    pass_to(thread, until.parse().unwrap());
}

pub fn pass_to(thread: &mut Thread, until: Timestamp) {
    thread.now = until.max(thread.now);
    let due = clock::due(&thread.state, &thread.config, &thread.limits, thread.now);
    let Some(due) = due.unwrap() else { return };
    append(thread, due.record);
}

/// Records an event without a message.
pub fn append(thread: &mut Thread, record: Record) {
    let bytes = serde_json::to_vec(&record).unwrap();
    fold_bytes(&mut thread.state, &bytes).unwrap();
    thread.log.push(bytes);
    thread.records.push(record);
}

/// Everything that can be the case at once, at the end of it.
pub fn history(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    let say = |thread: &mut Thread, texts: &[&str]| {
        for text in texts {
            thread.say(text).expect_record();
        }
    };
    say(
        &mut thread,
        &[
            // #1 is over, with a post-mortem.
            "open minor on Search: Results are stale",
            "update identified An index is being rebuilt",
            "update monitoring It was rebuilt",
            "correct It has been **rebuilt**",
            "close",
            "postmortem #1 The disk was full",
            // #2 will be running.
            "maintenance 2026-11-23 22:00 to 2026-11-24 06:00 on Card payments: The bank moves",
            // #3 is called off, #4 will be over, #5 is planned.
            "maintenance 2026-11-28 22:00 to 23:30 on API: A new version, with more",
            "maintenance #3 cancel The version is not ready; later",
            "maintenance 2026-11-22 10:00 to 11:00 A router is replaced",
            "maintenance 2026-12-01 22:00 for 90m on Café finder, API: Coffee moves",
        ],
    );
    pass(&mut thread, "2026-11-22T09:30:00Z");
    say(&mut thread, &["maintenance #4 extend for 30m It takes longer"]);
    pass(&mut thread, "2026-11-22T12:00:00Z");
    pass(&mut thread, "2026-11-23T22:30:00Z");
    say(
        &mut thread,
        &[
            // #6 is open, with a promise; #7 as well.
            "open critical on Checkout, API: Nobody can pay",
            "update #6 on Checkout: The API is back next 30m",
            "open another minor on Search: Slow <again> & again",
        ],
    );
    thread
}

/// The files for programs of a state.
pub fn pages(site: &Site, status: &Status) -> Vec<Page> {
    site.all_files(status)
}

/// One of them as text.
#[track_caller]
pub fn text(pages: &[Page], name: &str) -> String {
    let page = pages.iter().find(|page| page.name == name);
    let page = page.unwrap_or_else(|| panic!("{name} is not published"));
    String::from_utf8(page.bytes.to_vec()).unwrap()
}

/// Files on a server on this machine.
pub struct Published {
    /// Without a slash at the end.
    pub url: String,
    pub state: State,
    pub folder: TempDir,
}

/// Publishes the files of a history.
pub async fn publish(history: impl FnOnce(Config) -> Thread) -> Published {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut config = config();
    config.public_url = Some(url.clone());
    let Thread { state, config, .. } = history(config);
    let site = Site::new(config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for page in pages(&site, &state.status) {
        let file = folder.path().join(&page.name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &page.bytes).unwrap();
    }
    tokio::spawn(serve(listener, folder.path().to_owned()));
    Published { url, state, folder }
}

async fn serve(listener: TcpListener, folder: PathBuf) {
    while let Ok((stream, _)) = listener.accept().await {
        let folder = folder.clone();
        tokio::spawn(async move { answer(stream, &folder).await });
    }
}

/// One request, one file. A folder is its `index.html`, as Azure does it.
async fn answer(stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Some(head) = Head::read(&mut stream).await? else { return Ok(()) };
    let path = head.target().split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let index = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
    let file = format!("{path}{index}");
    let found = if file.contains("..") { None } else { std::fs::read(folder.join(&file)).ok() };
    let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
    let body = found.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content_type(&file),
        body.len()
    );
    stream.get_mut().write_all(&[head.as_bytes(), &body].concat()).await
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("atom") => "application/atom+xml; charset=utf-8",
        Some("rss") => "application/rss+xml; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The time this many minutes after the first message of a history.
pub fn after(minutes: i64) -> Timestamp {
    START + SignedDuration::from_mins(minutes)
}
