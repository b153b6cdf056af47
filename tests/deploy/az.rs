//! What hooks, documents and workflows ask of `az`, read by Microsoft's own: the arguments alone,
//! nothing is run.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::docs::{commands, documents};
use super::hooks::Azure;
use super::{succeed, workflows};
use crate::house::{read, root};
use crate::support::tools::{self, PythonTools};

/// It comes with an extension that az installs by itself, and no package carries.
const EXTENSION: [&str; 2] = ["monitor", "app-insights"];

/// In the place of every program that a documented command runs: keeps az's words.
const STAND_IN: &str = r#"#!/bin/sh
[ "${0##*/}" = az ] && printf '%s\0' "$@" '' >>"${0%/*}/argv"
echo VALUE
"#;

/// The words of each call that a stand-in for az has kept.
fn kept(folder: &Path) -> Vec<Vec<String>> {
    let kept = fs::read_to_string(folder.join("argv")).unwrap_or_default();
    let calls = kept.split_terminator("\0\0");
    calls.map(|call| call.split('\0').map(str::to_owned).collect()).collect()
}

/// What a line of shell asks of az, with stand-ins for all that it runs.
fn asked(line: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["az", "azd", "gh", "cat"] {
        let path = folder.path().join(name);
        fs::write(&path, STAND_IN).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", line]).current_dir(folder.path()).env_clear();
    // What an earlier line of the same block has set.
    for variable in ["ETAG", "GRAPH", "PRINCIPAL", "SUBJECT"] {
        shell.env(variable, "VALUE");
    }
    succeed(shell.env("PATH", folder.path()));
    kept(folder.path())
}

fn of_documents_and_workflows() -> Vec<Vec<String>> {
    let mut lines: Vec<String> =
        documents().iter().flat_map(|name| commands(&read(name))).collect();
    for (_, workflow) in workflows() {
        let lines_of_it = workflow.lines().map(|line| line.trim().trim_start_matches("- run: "));
        lines.extend(lines_of_it.map(str::to_owned));
    }
    let uses_az = |line: &&String| line.split([' ', '(']).any(|word| word == "az");
    let runs = |line: &&String| line.starts_with("az ") || line.contains("$(az ");
    lines.iter().filter(uses_az).filter(runs).flat_map(|line| asked(line)).collect()
}

fn of_hooks() -> Vec<Vec<String>> {
    let azure = Azure::new();
    succeed(&mut azure.hook("predeploy", &[]));
    succeed(&mut azure.hook("postprovision", &[("STATUS_WEBHOOK_TOKENS", "c2VjcmV0")]));
    kept(azure.path())
}

fn complaints(tools: &PythonTools, commands: &[Vec<String>]) -> String {
    let mut python = tools.python();
    python.arg(root().join("tests/deploy/az.py"));
    let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let commands = serde_json::to_string(commands).unwrap();
    child.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "az.py: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn az_reads_what_it_is_asked() {
    let Some(tools) = tools::python("az.txt", "az") else { return };
    let (hooks, mut all) = (of_hooks(), of_documents_and_workflows());
    assert!(hooks.len() >= 4 && all.len() >= 15, "{} and {}", hooks.len(), all.len());
    all.extend(hooks);
    all.retain(|words| !words.starts_with(&EXTENSION.map(str::to_owned)));
    all.sort();
    all.dedup();
    assert_eq!(complaints(&tools, &all), "");

    let wrong = "az storage container immutability-policy delete; az functionapp restart --name x";
    let complaints = complaints(&tools, &asked(wrong));
    assert_eq!(complaints.lines().count(), 2, "{complaints}");
    assert!(
        complaints.contains("--if-match") && complaints.contains("--resource-group"),
        "{complaints}"
    );
}
