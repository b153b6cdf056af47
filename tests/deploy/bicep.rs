//! Microsoft's own compiler over the templates: its diagnostics, and its predictions of a
//! deployment with each set of parameters in `parameters/`, compared with stored files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::hooks::executable;
use super::infra::files;
use super::{run, succeed};
use crate::house::{read, root};
use crate::support::tools;

/// Placeholders for a real subscription and tenant.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
const TENANT: &str = "00000000-0000-0000-0000-000000000002";

/// The compiler over a copy of the templates, so that nothing is written to the tree.
struct Bicep {
    program: PathBuf,
    copy: TempDir,
}

impl Bicep {
    /// With a change to the templates; nothing where there is no compiler.
    fn with(change: impl Fn(&str, String) -> String) -> Option<Self> {
        let program = tools::bicep()?;
        let copy = tempfile::tempdir().unwrap();
        for ending in [".bicep", ".kql"] {
            for (name, text) in files(ending) {
                keep(&copy.path().join("infra").join(&name), &change(&name, text));
            }
        }
        for set in parameter_sets() {
            let name = format!("tests/deploy/parameters/{set}.bicepparam");
            keep(&copy.path().join(&name), &read(&name));
        }
        Some(Self { program, copy })
    }

    fn of_the_tree() -> Option<Self> {
        Self::with(|_, text| text)
    }

    /// The compiler unpacks itself into its home, which need not be ours.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.copy.path()).env("HOME", self.copy.path());
        command.env("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
        command
    }

    /// Errors and warnings, a line each.
    fn lint(&self) -> Vec<String> {
        let (_, printed) = run(self.command().args(["lint", "--pattern", "infra/**/*.bicep"]));
        let complaints = printed.lines().filter(|line| line.contains(" : "));
        complaints.map(str::to_owned).collect()
    }

    /// The template that Azure is sent.
    fn build(&self, template: &str) -> Value {
        let json = succeed(self.command().args(["build", "--stdout", template]));
        serde_json::from_str(&json).unwrap()
    }

    /// The predicted resources of a deployment with a set of parameters.
    fn snapshot(&self, set: &str) -> Value {
        let group: &[&str] =
            if set == "incidents" { &["--resource-group", "rg-status"] } else { &[] };
        self.evaluate(&format!("tests/deploy/parameters/{set}"), group)
    }

    /// The same of any file of parameters, by its name without the ending.
    fn evaluate(&self, parameters: &str, group: &[&str]) -> Value {
        let mut command = self.command();
        command.args(["snapshot", &format!("{parameters}.bicepparam"), "--mode", "overwrite"]);
        command.args(["--location", "westeurope"]).args(group);
        command.args(["--subscription-id", SUBSCRIPTION, "--tenant-id", TENANT]);
        succeed(command.args(["--deployment-name", "test"]));
        let written = self.copy.path().join(format!("{parameters}.snapshot.json"));
        let json = fs::read_to_string(written).unwrap();
        // Half of every line otherwise.
        let json = json.replace(&format!("/subscriptions/{SUBSCRIPTION}"), "SUBSCRIPTION");
        serde_json::from_str(&json).unwrap()
    }
}

fn keep(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn parameter_sets() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("tests/deploy/parameters")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".bicepparam").map(str::to_owned)).collect()
}

/// A stored snapshot, as the test below compares it: also where there is no compiler.
pub fn stored(set: &str) -> Value {
    let file = read(&format!("tests/deploy/snapshots/{set}.snap"));
    let json = file.splitn(3, "---\n").nth(2).unwrap();
    serde_json::from_str(json).unwrap()
}

/// The resources of a type in a snapshot.
pub fn of_type<'a>(snapshot: &'a Value, kind: &str) -> Vec<&'a Value> {
    let resources = snapshot["predictedResources"].as_array().unwrap();
    resources.iter().filter(|resource| resource["type"] == kind).collect()
}

#[test]
fn the_compiler_has_nothing_against_the_templates() {
    let Some(bicep) = Bicep::of_the_tree() else { return };
    assert_eq!(bicep.lint(), [""; 0]);
}

/// The compiler finds what Azure's API would refuse, because it has the types of every resource.
#[test]
fn the_compiler_notices_what_azure_would_refuse() {
    let wrong = [
        ("modules/identity.bicep", "location: location", "location: locatoin", "BCP057"),
        ("main.bicep", "    token: token\n", "    tokens: token\n", "BCP035"),
        ("modules/vault.bicep", "enableRbacAuthorization", "enableRbac", "BCP037"),
        ("modules/front-door.bicep", "Microsoft.Cdn/profiles@", "Microsoft.Cdn/profile@", "BCP081"),
        ("modules/app.bicep", "instanceMemoryMB: 512", "instanceMemoryMB: '512'", "BCP036"),
        ("modules/workbook.bicep", "param token", "param unused string\nparam token", "no-unused"),
    ];
    let change = |file: &str, text: String| {
        let of_it = wrong.iter().filter(|(name, ..)| *name == file);
        of_it.fold(text, |text, (_, from, to, _)| text.replace(from, to))
    };
    let Some(bicep) = Bicep::with(change) else { return };
    let complaints = bicep.lint();
    for (name, _, to, code) in wrong {
        let noticed = |found: &&String| found.contains(name) && found.contains(code);
        assert!(complaints.iter().any(|found| noticed(&found)), "{to}: {complaints:#?}");
    }
}

/// A changed deployment produces a `.snap.new` next to its file: read it, and rename it.
#[test]
fn deployments_are_as_stored() {
    let Some(bicep) = Bicep::of_the_tree() else { return };
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for set in parameter_sets() {
            let snapshot = bicep.snapshot(&set);
            assert_eq!(snapshot["diagnostics"], Value::Array(Vec::new()), "{set}");
            let json = serde_json::to_string_pretty(&snapshot).unwrap();
            insta::assert_snapshot!(set, json);
        }
    });
}

#[test]
fn every_stored_deployment_has_its_parameters() {
    let stored = fs::read_dir(root().join("tests/deploy/snapshots")).unwrap();
    let stored = stored.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stored = stored.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned));
    assert_eq!(stored.collect::<BTreeSet<_>>(), parameter_sets());
}

/// Secrets are passed as parameters, so Azure's deployment records do not contain them, while azd
/// prints and stores outputs.
#[test]
fn secrets_go_into_the_key_vault_and_nowhere_else() {
    let everything = stored("everything");
    for secret in ["Zmlyc3Q=", "prod-00.westeurope.logic.azure.com", "hc-ping.com"] {
        assert!(!everything.to_string().contains(secret), "{secret}");
    }
    let kept = of_type(&everything, "Microsoft.KeyVault/vaults/secrets");
    let values: BTreeSet<&str> =
        kept.iter().map(|secret| secret["properties"]["value"].as_str().unwrap()).collect();
    for parameter in ["webhookTokens", "notifyUrl", "heartbeatUrl"] {
        assert!(values.contains(format!("[parameters('{parameter}')]").as_str()), "{values:?}");
    }
}

/// Provisioning asks for no key of the app, which it could give only while it runs; and where one is
/// asked for it is in no output.
#[test]
fn a_key_of_the_app_is_asked_for_in_one_place() {
    for set in parameter_sets() {
        let snapshot = stored(&set);
        let asks = snapshot["predictedResources"].to_string().contains("listKeys(");
        assert_eq!(asks, set == "incidents", "{set}");
        assert!(!snapshot["outputs"].to_string().contains("listKeys("), "{set}");
    }
}

/// azd passes a variable that is set and empty instead of a string's default; the workflow sets
/// every variable. Lists would have to be JSON.
#[test]
fn parameters_can_be_set_and_are_documented() {
    let Some(bicep) = Bicep::of_the_tree() else { return };
    let template = bicep.build("infra/main.bicep");
    let parameters = template["parameters"].as_object().unwrap();
    let given: Value = serde_json::from_str(&read("infra/main.parameters.json")).unwrap();
    let given = given["parameters"].as_object().unwrap();
    let names = |object: &serde_json::Map<String, Value>| -> BTreeSet<String> {
        object.keys().cloned().collect()
    };
    assert_eq!(names(given), names(parameters), "main.parameters.json, main.bicep");
    for (name, parameter) in parameters {
        let description = parameter["metadata"]["description"].as_str().unwrap_or_default();
        assert!(description.len() > 20, "{name} is not described");
        let default = &parameter["defaultValue"];
        match parameter["type"].as_str().unwrap() {
            "string" | "securestring" => assert!(default.is_null() || default == "", "{name}"),
            "int" | "bool" => assert!(!default.is_null(), "{name}"),
            "object" => assert!(given[name]["value"].is_object(), "{name}"),
            other => panic!("{name}: how does azd read a variable as {other}?"),
        }
    }
    for output in ["PAGE_URL", "WEBHOOK_URL"] {
        assert!(!template["outputs"][output].is_null(), "{output}");
    }

    // azd asks with a filter only if the parameters are in this file, and would prefer a
    // .bicepparam next to it.
    assert!(!root().join("infra/main.bicepparam").exists());
    let location = &parameters["location"];
    assert_eq!(location["metadata"]["azd"]["type"], "location");
    assert_eq!(given["location"]["value"], "${AZURE_LOCATION}");
    let regions = location["allowedValues"].as_array().unwrap();
    assert!(regions.len() > 20 && regions.contains(&"westeurope".into()), "{regions:?}");
    let without = &template["variables"]["regionsWithoutZones"].as_array().unwrap();
    assert!(!without.is_empty() && without.len() < regions.len() / 2, "{without:?}");
    assert!(without.iter().all(|region| regions.contains(region)), "{without:?}");
}

/// Azure drops a domain's token once it has validated the domain; then nobody should be asked to
/// set it. A parameter replaces Azure's knowledge here, and the compiler evaluates the module's own
/// lines.
#[test]
fn a_domain_that_was_validated_before_needs_no_token() {
    let Some(bicep) = Bicep::of_the_tree() else { return };
    let module = read("infra/modules/front-door.bicep");
    let (_, lines) = module.split_once("output endpointUrl ").unwrap();
    let lines = format!("output endpointUrl {lines}");
    for known in ["domain!.properties", "endpoint.properties"] {
        assert!(lines.contains(known), "{known} is not asked: {lines}");
    }
    let lines = lines.replace("domain!.properties", "domain").replace(".properties", "");
    let lines = format!("param customDomain string\nparam domain object\n{lines}");
    let text = "var endpoint = { hostName: 'status.azurefd.net' }\n".to_owned() + &lines;
    let folder = bicep.copy.path();
    keep(&folder.join("records.bicep"), &text);
    let cname = "CNAME status.example.com status.azurefd.net";
    let with_token = format!("{cname} and TXT _dnsauth.status.example.com abc");
    for (name, domain, records) in [
        (
            "status.example.com",
            "{ validationProperties: { validationToken: 'abc' } }",
            &*with_token,
        ),
        ("status.example.com", "{ validationProperties: { validationToken: null } }", cname),
        ("status.example.com", "{ validationProperties: {} }", cname),
        ("status.example.com", "{ validationProperties: null }", cname),
        ("status.example.com", "{}", cname),
        ("", "{}", ""),
    ] {
        let given = format!(
            "using 'records.bicep'\nparam customDomain = '{name}'\nparam domain = {domain}\n"
        );
        keep(&folder.join("records.bicepparam"), &given);
        let snapshot = bicep.evaluate("records", &["--resource-group", "rg-status"]);
        assert_eq!(snapshot["outputs"]["dnsRecords"], records, "{domain}: {snapshot:#}");
    }
}

#[test]
fn an_outdated_compiler_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let bicep = folder.path().join("bicep");
    for (prints, needed) in [
        ("Bicep CLI version 0.41.2 (3e403ea7d1)", false),
        ("Bicep CLI version 0.49.2 (b34271ac51)", false),
        ("Bicep CLI version 1.0.0", false),
        ("Bicep CLI version 0.41.1 (aec1ccb)", true),
        ("Bicep CLI version 0.9.100 (aec1ccb)", true),
        ("", true),
    ] {
        executable(&bicep, &format!("#!/bin/sh\necho '{prints}'\n"));
        let answer = tools::new_enough(&bicep);
        assert_eq!(answer.is_err(), needed, "{prints}: {answer:?}");
        assert!(answer.err().is_none_or(|why| why.contains("need Bicep 0.41.2")), "{prints}");
    }
    assert!(tools::new_enough(&folder.path().join("none")).is_err());
}
