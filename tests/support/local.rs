//! The program on its own, as somebody runs it in a folder.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::http::{self, Body, HANG, Response};

/// A running one. It ends when this is dropped.
pub struct Local {
    /// Its page's address, as it was printed, without the slash at the end.
    pub url: String,
    /// Its output up to then.
    pub printed: String,
    _process: Child,
}

impl Local {
    /// Starts it on a free port and waits until it has said where.
    pub async fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut process = program(folder)
            .envs(settings.iter().copied())
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        let url = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let found = line.find("http://127.0.0.1:").map(|start| line[start..].to_owned());
                printed.push(line);
                if let Some(url) = found {
                    let url = url.split_whitespace().next().unwrap_or_default();
                    return url.trim_end_matches(['/', '.', ',']).to_owned();
                }
            }
            panic!("it ended after {printed:?}");
        };
        let url = tokio::time::timeout(HANG, url).await.expect("it never prints an address");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url, printed: printed.join("\n"), _process: process }
    }

    pub fn webhook(&self) -> String {
        format!("{}/api/status-update", self.url)
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.url);
        http::send("GET", &url, &[], Body::None).await.unwrap()
    }

    /// Waits until an address answers with a page that says this.
    pub async fn wait_for(&self, path: &str, text: &str) -> Response {
        let shown = async {
            loop {
                let answer = self.get(path).await;
                if answer.status == 200 && answer.text().contains(text) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let shown = tokio::time::timeout(HANG, shown).await;
        shown.unwrap_or_else(|_| panic!("{path} never says {text:?}"))
    }
}

/// Runs it with these arguments to its end.
pub async fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_with(folder, &[], arguments).await
}

/// Runs it with these settings and arguments to its end.
pub async fn run_with(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let output = program(folder).envs(settings.iter().copied()).args(arguments).output();
    tokio::time::timeout(HANG, output).await.expect("it hangs").unwrap()
}

/// Its one-line error if it does not start with these settings.
pub async fn start_fails(folder: &Path, settings: &[(&str, &str)]) -> String {
    let mut command = program(folder);
    command.args(["--listen", "127.0.0.1:0"]).envs(settings.iter().copied());
    let output = tokio::time::timeout(HANG, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("it starts with {settings:?}")).unwrap();
    assert!(!output.status.success(), "{settings:?}: {output:?}");
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(said.lines().count(), 1, "{settings:?}: {said}");
    said
}

/// In a folder, with nothing in its environment.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_status-update"));
    // As somebody types it, because answers repeat it.
    command.arg0("status-update");
    command.current_dir(folder).env_clear().kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
