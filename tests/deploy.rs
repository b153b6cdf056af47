//! From clone to Azure, as far as possible without Azure: the package, the infrastructure against
//! Microsoft's models and policies, the hooks against stand-ins, and the documents against all of
//! it.

mod alerts;
mod az;
mod azure;
mod bicep;
mod docs;
mod environments;
mod hooks;
mod infra;
mod package;
mod queries;
mod roles;
mod schemas;
mod tour;
mod version;
mod workflow_files;

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::house::root;

/// Every workflow: its name below the root, and its text.
fn workflows() -> Vec<(String, String)> {
    let mut workflows = Vec::new();
    for entry in fs::read_dir(root().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        workflows.push((name, fs::read_to_string(&path).unwrap()));
    }
    assert!(workflows.len() >= 3, "{workflows:?}");
    workflows.sort();
    workflows
}

fn run(command: &mut Command) -> (Output, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let printed = [&output.stdout[..], &output.stderr[..]].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    (output, printed)
}

/// Runs a command that has to succeed, and returns its output.
#[track_caller]
fn succeed(command: &mut Command) -> String {
    let (output, printed) = run(command);
    assert!(output.status.success(), "{command:?}: {}\n{printed}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
