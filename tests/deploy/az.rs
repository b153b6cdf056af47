//! The `az` commands of hooks, documents and workflows, parsed by Microsoft's own parser. Nothing
//! is run.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::docs::{commands, documents};
use super::environments::{default, existing};
use super::hooks::Azure;
use super::{succeed, workflows};
use crate::house::{read, root};
use crate::support::tools::{self, PythonTools};

/// Variables that earlier lines of a document have set.
const VARIABLES: [&str; 17] = [
    "APP",
    "APPI",
    "APP_ID",
    "DOOR",
    "ENVIRONMENT",
    "FUNC",
    "GRAPH",
    "GROUP",
    "HOST",
    "IDENTITY",
    "KEY",
    "KV",
    "PRINCIPAL",
    "RG",
    "SECRET",
    "SITE",
    "SUBJECT",
];

/// Replaces every program that a documented command runs, and keeps az's arguments.
const STAND_IN: &str = r#"#!/bin/sh
[ "${0##*/}" = az ] && printf '%s\0' "$@" '' >>"${0%/*}/argv"
echo VALUE
"#;

/// The arguments of each call that a stand-in for az has kept.
fn kept(folder: &Path) -> Vec<Vec<String>> {
    let kept = fs::read_to_string(folder.join("argv")).unwrap_or_default();
    let calls = kept.split_terminator("\0\0");
    calls.map(|call| call.split('\0').map(str::to_owned).collect()).collect()
}

/// The az calls of a line of shell, with stand-ins for all programs.
fn asked(line: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["az", "azd", "gh", "cat"] {
        let path = folder.path().join(name);
        fs::write(&path, STAND_IN).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut shell = Command::new("/bin/sh");
    shell.args(["-uc", line]).current_dir(folder.path()).env_clear();
    shell.envs(VARIABLES.map(|variable| (variable, "VALUE")));
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

/// The commands in backticks: whole ones, and names of commands, which are only looked up.
fn in_sentences() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for name in documents() {
        let text = read(&name);
        let sentences = text.split("```").step_by(2);
        for quoted in sentences.flat_map(|text| text.split('`').skip(1).step_by(2)) {
            if quoted.starts_with("az ") && quoted.contains(" --") {
                found.extend(asked(quoted));
            } else if let Some(name) = quoted.strip_prefix("az ") {
                let words = name.split(' ').chain(["--help"]);
                found.push(words.map(str::to_owned).collect());
            }
        }
    }
    found
}

fn of_hooks() -> Vec<Vec<String>> {
    let azure = Azure::new();
    succeed(&mut azure.hook("predeploy", &[]));
    succeed(&mut azure.hook("postprovision", &[("STATUS_WEBHOOK_TOKENS", "c2VjcmV0")]));
    azure.keep("answers", "200 {\"problem\":null,\"not_configured\":[]}\n");
    let alerts = [
        ("AZURE_RESOURCE_GROUP", "rg-status"),
        ("FUNCTION_APP_NAME", "func-abc"),
        ("STATUS_INFRA_ALERT_INCIDENTS", "true"),
    ];
    succeed(&mut azure.hook("postdeploy", &alerts));
    let mut calls = kept(azure.path());
    let azure = existing(default, &serde_json::json!({})).unwrap();
    let prod = [
        ("AZURE_ENV_NAME", "prod"),
        ("AZURE_LOCATION", "westeurope"),
        ("AZURE_SUBSCRIPTION_ID", "S"),
    ];
    succeed(&mut azure.hook("preprovision", &prod));
    calls.extend(kept(azure.path()));
    calls
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
fn az_parses_every_documented_command() {
    let Some(tools) = tools::python("az.txt", "az") else { return };
    let (hooks, mut all) = (of_hooks(), of_documents_and_workflows());
    assert!(hooks.len() >= 7 && all.len() >= 60, "{} and {}", hooks.len(), all.len());
    let sentences = in_sentences();
    assert!(sentences.len() >= 8, "{sentences:?}");
    all.extend(hooks.into_iter().chain(sentences));
    all.sort();
    all.dedup();
    assert_eq!(complaints(&tools, &all), "");

    let wrong = "az storage container immutability-policy delete; az functionapp restart --name x; \
                 az rest --url x --body '{a}'; az account show --query '[0'; az functionap --help";
    let complaints = complaints(&tools, &asked(wrong));
    let lines: Vec<&str> = complaints.lines().collect();
    let said = ["--if-match", "--resource-group", "JSON", "--query", "no such command"];
    assert_eq!(lines.len(), said.len(), "{complaints}");
    for (line, said) in lines.iter().zip(said) {
        assert!(line.contains(said), "{line}");
    }
}
