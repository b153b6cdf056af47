//! The infrastructure: findings of a policy scanner, and agreement with the program about settings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::run;
use crate::house::{read, root, variables};
use crate::support::tools::{self, PythonTools};

pub fn tools() -> Option<PythonTools> {
    tools::python("deploy.txt", "deploy")
}

/// Every file below `infra` with this ending, with its text.
pub fn files(ending: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root().join("infra")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                let name = path.strip_prefix(root().join("infra")).unwrap();
                files.insert(name.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!files.is_empty(), "no {ending}");
    files
}

/// The same files elsewhere, for a change that has to be noticed.
fn copy(change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for ending in [".bicep", ".json", ".kql"] {
        for (name, text) in files(ending) {
            let path = folder.path().join(&name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, change(&name, text)).unwrap();
        }
    }
    folder
}

/// checkov reads Bicep with a grammar that lacks some of the language: the same in older words.
fn in_older_words(text: &str) -> String {
    let mut older = String::new();
    for line in text.lines() {
        let rest = line.trim_start();
        older.push_str(if rest.starts_with("? ") || rest.starts_with(": ") { " " } else { "\n" });
        older.push_str(if older.ends_with(' ') { rest } else { line });
    }
    older.replace("string[]", "array").replace("!.", ".") + "\n"
}

fn checkov(tools: &PythonTools, folder: &Path) -> Value {
    let mut python = tools.python();
    python.args(["-m", "checkov.main", "--framework", "bicep", "--output", "json"]);
    python.args(["--skip-download", "--compact", "--directory"]).arg(folder);
    // Never contacts the network.
    python.env("CKV_SKIP_PACKAGE_UPDATE_CHECK", "true");
    let (output, printed) = run(&mut python);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{printed}"))
}

#[test]
fn checkov_finds_nothing_that_is_not_argued() {
    let Some(tools) = tools() else { return };
    let folder = copy(|_, text| in_older_words(&text));
    // The scanner starts slowly, so the weak sample is scanned together with the real templates.
    let weak = in_older_words(&read("infra/modules/host-storage.bicep"));
    let weak = weak.replace("'TLS1_2'", "'TLS1_0'");
    fs::write(folder.path().join("weak.bicep"), weak).unwrap();
    let found = checkov(&tools, folder.path());
    assert_eq!(found["summary"]["parsing_errors"], 0, "{:#}", found["summary"]);
    let failed = found["results"]["failed_checks"].as_array().unwrap();
    let (weak, failed): (Vec<&Value>, Vec<&Value>) =
        failed.iter().partition(|check| check["file_path"] == "/weak.bicep");
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(!weak.is_empty(), "TLS 1.0 is not noticed");
    let passed = found["summary"]["passed"].as_u64().unwrap();
    assert!(passed >= 25, "only {passed} checks passed");
    for skipped in found["results"]["skipped_checks"].as_array().unwrap() {
        let why = skipped["check_result"]["suppress_comment"].as_str().unwrap_or_default();
        assert!(why.len() > 10, "no reason: {skipped}");
    }
}

/// Settings that only the platform sets, or only the template knows.
const NOT_FOR_PEOPLE: [&str; 3] =
    ["AZURE_CLIENT_ID", "FUNCTIONS_CUSTOMHANDLER_PORT", "STATUS_STORAGE"];

fn documented_settings() -> BTreeSet<String> {
    let settings = read("docs/settings.md");
    let rows: Vec<&str> = settings.lines().filter(|line| line.starts_with("| `")).collect();
    variables(&rows.join("\n"))
}

/// tests/house.rs holds the document against src; this holds the rest against the document.
#[test]
fn every_setting_has_its_place() {
    let all = documented_settings();
    assert!(all.contains("STATUS_ALLOWED_USERS"), "{all:?}");
    let people: BTreeSet<String> =
        all.iter().filter(|name| !NOT_FOR_PEOPLE.contains(&name.as_str())).cloned().collect();

    let mut deployed = variables(&read("infra/modules/app.bicep"));
    let parameters = variables(&read("infra/main.parameters.json"));
    deployed.extend(parameters.clone());
    deployed.insert("FUNCTIONS_CUSTOMHANDLER_PORT".to_owned());
    assert_eq!(deployed, all, "left: infra sets, right: docs/settings.md lists");
    assert_eq!(parameters, people, "left: main.parameters.json, right: what people may set");

    let example: Value = serde_json::from_str(&read("local.settings.json.example")).unwrap();
    let mut example: BTreeSet<String> =
        example["Values"].as_object().unwrap().keys().cloned().collect();
    for host in ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "STATUS_STORAGE"] {
        assert!(example.remove(host), "{host} is not in the example");
    }
    assert_eq!(example, people, "left: local.settings.json.example, right: docs/settings.md");
}

/// The variables in `"${NAME}"` of the parameters that azd reads.
pub fn environment() -> BTreeSet<String> {
    let text = read("infra/main.parameters.json");
    text.split("\"${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
}
