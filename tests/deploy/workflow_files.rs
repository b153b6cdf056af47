//! The workflows of GitHub Actions: which actions they run, and which variables they pass on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::infra::environment;
use super::{succeed, workflows};
use crate::house::{read, root};
use crate::support::tools;

/// Commits of the releases that were current in November 2026: a tag can be moved, a commit cannot.
const ACTIONS: [&str; 6] = [
    "Azure/setup-azd@0b7e3a35ab00f2eee7080c845eb39c3f0ebfa553 # v2.4.0",
    "EmbarkStudios/cargo-deny-action@91bf2b620e09e18d6eb78b92e7861937469acedb # v2.0.17",
    "actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2",
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
    "azure/login@f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca # v3.0.1",
];

#[test]
fn actions_are_pinned_to_commits() {
    let mut used = BTreeSet::new();
    for (_, workflow) in workflows() {
        let lines = workflow.lines().filter_map(|line| line.trim().split_once("uses: "));
        used.extend(lines.map(|(_, action)| action.to_owned()));
    }
    assert_eq!(used, ACTIONS.map(str::to_owned).into_iter().collect());
}

/// The variables of the template's secure parameters, which stay in the key vault.
pub fn secrets() -> BTreeSet<String> {
    let template = read("infra/main.bicep");
    let parameters: Value = serde_json::from_str(&read("infra/main.parameters.json")).unwrap();
    let mut secrets = BTreeSet::new();
    for declared in template.split("@secure()\n").skip(1) {
        let name = declared.split("\nparam ").nth(1).unwrap().split(' ').next().unwrap();
        let variable = parameters["parameters"][name]["value"].as_str().unwrap();
        secrets.insert(variable.trim_matches(['$', '{', '}']).to_owned());
    }
    assert!(secrets.contains("STATUS_WEBHOOK_TOKENS"), "{secrets:?}");
    secrets
}

/// The variables that the deployment's Python step adds to the job's environment.
fn passed_on(variables: &BTreeMap<String, String>, clear: &str) -> BTreeMap<String, String> {
    let workflow = read(".github/workflows/deploy.yml");
    let step = workflow.split("shell: python\n").nth(1).unwrap();
    let script = step.split("run: |\n").nth(1).unwrap().split("      - ").next().unwrap();
    let script: Vec<&str> = script.lines().map(|line| line.get(10..).unwrap_or_default()).collect();
    let kept = tempfile::NamedTempFile::new().unwrap();
    let mut python = Command::new("python3");
    python.args(["-c", &script.join("\n")]).current_dir(root());
    python.env("GITHUB_ENV", kept.path()).env("CLEARED", clear);
    succeed(python.env("VARIABLES", json!(variables).to_string()));
    let kept = fs::read_to_string(kept.path()).unwrap();
    let lines = kept.lines().map(|line| line.split_once('=').unwrap());
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A deployment by the workflow and one from a terminal give the same.
#[test]
fn the_deployment_gets_every_variable_and_no_secret() {
    if !tools::program("python3") {
        return;
    }
    let names = environment().into_iter().chain(["PATH".to_owned()]);
    let mut variables: BTreeMap<String, String> =
        names.map(|name| (name.clone(), format!("{name}\nof GitHub"))).collect();
    let mut expected: BTreeSet<String> = environment();
    expected.retain(|name| !secrets().contains(name));
    let passed = passed_on(&variables, "");
    assert_eq!(passed.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert!(passed.iter().all(|(name, value)| *value == format!("{name} of GitHub")), "{passed:?}");

    // An unset variable is not passed as empty, because the hook distinguishes the two.
    variables.remove("STATUS_ALLOWED_TEAMS");
    variables.remove("STATUS_ALLOWED_USERS");
    let passed = passed_on(&variables, "STATUS_ALLOWED_TEAMS, STATUS_CONFIG");
    assert!(!passed.contains_key("STATUS_ALLOWED_USERS"), "{passed:?}");
    assert_eq!((&*passed["STATUS_ALLOWED_TEAMS"], &*passed["STATUS_CONFIG"]), ("", ""));

    let workflow = read(".github/workflows/deploy.yml");
    assert!(!workflow.contains("secrets."), "a stored secret");
}
