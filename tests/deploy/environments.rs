//! azd's environment in a hook: a clone in a folder with a space in its name, and a second machine
//! without the values that Azure has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::hooks::{Azure, executable};
use super::infra::environment;
use super::workflow_files::secrets;
use super::{run, succeed};
use crate::house::{read, root};
use crate::support::tools;

/// Every `run:` of azure.yaml.
fn runs() -> Vec<String> {
    let yaml = read("azure.yaml");
    let runs: Vec<String> = yaml
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .map(str::to_owned)
        .collect();
    assert!(runs.len() >= 5, "{runs:?}");
    runs
}

/// A hook as azd 1.24 and later start it: a file by its full path, anything else as a script of its
/// own in the folder for temporary files, and either of them unquoted to the shell.
fn as_azd(run: &str, clone: &Path, temporary: &Path) -> Command {
    let mut path = clone.join(run);
    if !path.is_file() {
        path = temporary.join("azd-hook.sh");
        executable(&path, &format!("#!/bin/sh\nset -e\n\n{run}\n"));
    }
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(&path).current_dir(clone);
    command
}

/// The files of a clone that hooks and package need, in a folder with a space in its name.
fn clone_with_a_space() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("my clones/status update");
    let copied = ["azure.yaml", "host.json", "StatusUpdate/function.json"].map(str::to_owned);
    let infra = [".sh", ".bicep", ".json"].map(|ending| super::infra::files(ending).into_keys());
    let infra = infra.into_iter().flatten().map(|name| format!("infra/{name}"));
    for name in copied.into_iter().chain(infra) {
        let path = clone.join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(root().join(&name), path).unwrap();
    }
    (folder, clone)
}

/// Rust's tools as far as the package's script uses them: records the build's arguments, and
/// creates an empty program.
const CARGO: &str = r#"#!/bin/sh
here=$(dirname "$0")
printf '%s' "$CARGO_ENCODED_RUSTFLAGS" | tr '\037' '\n' >"$here/rustflags"
eval "printf '%s\n' $CFLAGS" >"$here/cflags"
mkdir -p "$CARGO_TARGET_DIR/x86_64-unknown-linux-musl/release"
echo program >"$CARGO_TARGET_DIR/x86_64-unknown-linux-musl/release/status-update"
"#;
const RUSTC: &str = "#!/bin/sh\necho \"$(dirname \"$0\")/sysroot\"\n";

#[test]
fn hooks_and_package_run_in_a_folder_with_a_space() {
    if !tools::program("zip") {
        return;
    }
    let (folder, clone) = clone_with_a_space();
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let azure = Azure::new();
    azure.keep("answers", "200 {\"problem\":null,\"not_configured\":[]}\n");
    for (name, script) in [("cargo", CARGO), ("rustc", RUSTC), ("musl-gcc", "#!/bin/sh\n")] {
        executable(&azure.path().join(name), script);
    }
    let std = azure.path().join("sysroot/lib/rustlib/x86_64-unknown-linux-musl/lib");
    fs::create_dir_all(std).unwrap();
    for run in runs() {
        let mut command = as_azd(&run, &clone, &temporary);
        azure.environment(&mut command);
        command.env("HOME", "/home/a person").env("RUSTFLAGS", "-C  opt-level=3");
        succeed(&mut command);
    }
    assert!(clone.join("dist/status-update.zip").is_file());
    let map = format!("-prefix={}=/status-update", clone.display());
    let flags = fs::read_to_string(azure.path().join("rustflags")).unwrap();
    assert!(flags.starts_with("-C\nopt-level=3\n--remap-path"), "{flags}");
    assert!(flags.lines().any(|flag| flag.ends_with(&map)), "{flags}");
    let map = map.replace("-prefix", "-prefix-map");
    let flags = fs::read_to_string(azure.path().join("cflags")).unwrap();
    assert!(flags.lines().any(|flag| flag.ends_with(&map)), "{flags}");

    // The plain path of a script, which azd splits.
    let mut command = as_azd("./infra/hooks/predeploy.sh", &clone, &temporary);
    let (output, said) = super::run(azure.environment(&mut command));
    assert!(!output.status.success(), "{said}");
}

/// A parameter that azd reads from a variable: its name, the variable, and the template's default.
pub struct Parameter {
    name: String,
    variable: String,
    default: Value,
}

/// Every parameter of the template that has a default, but for secrets and the settings.
fn parameters() -> Vec<Parameter> {
    let template = read("infra/main.bicep");
    let given: Value = serde_json::from_str(&read("infra/main.parameters.json")).unwrap();
    let secrets = secrets();
    let mut parameters = Vec::new();
    for declared in template.split("\nparam ").skip(1) {
        let words: Vec<&str> = declared.lines().next().unwrap().splitn(4, ' ').collect();
        let [name, kind, "=", default] = words[..] else { continue };
        let default = match kind {
            "string" => default.trim_matches('\'').into(),
            "object" => continue,
            _ => serde_json::from_str(default).unwrap(),
        };
        let variable = given["parameters"][name]["value"].as_str().unwrap();
        let variable = variable.trim_matches(['$', '{', '}']).to_owned();
        if !secrets.contains(&variable) {
            parameters.push(Parameter { name: name.to_owned(), variable, default });
        }
    }
    assert!(parameters.len() >= 10, "{}", parameters.len());
    parameters
}

/// A value that is not the default.
fn changed(parameter: &Parameter) -> Value {
    match &parameter.default {
        Value::Bool(default) => (!default).into(),
        Value::Number(default) => (default.as_u64().unwrap() + 5).into(),
        _ => format!("{} of Azure", parameter.variable).into(),
    }
}

/// The newest deployment of the environment `prod`, before others.
fn deployments(value: impl Fn(&Parameter) -> Value, settings: &Value) -> Value {
    let mut deployed = json!({
        "environmentName": { "value": "prod" }, "location": { "value": "westeurope" },
        "webhookTokens": { "type": "SecureString" }, "settings": { "value": settings },
    });
    for parameter in parameters() {
        deployed[&parameter.name] = json!({ "value": value(&parameter) });
    }
    let other = json!({ "environmentName": { "value": "test" }, "alertEmails": { "value": "x" } });
    let older =
        json!({ "environmentName": { "value": "prod" }, "alertEmails": { "value": "old" } });
    json!([
        { "properties": { "timestamp": "2026-11-20T10:00:00+00:00", "parameters": deployed } },
        { "properties": { "timestamp": "2026-11-21T10:00:00+00:00", "parameters": other } },
        { "properties": { "timestamp": "2026-10-01T10:00:00+00:00", "parameters": older } },
        { "properties": { "timestamp": "2026-11-22T10:00:00+00:00", "parameters": null } },
    ])
}

pub fn default(parameter: &Parameter) -> Value {
    parameter.default.clone()
}

/// Azure with the environment `prod`, read by az's own query and output. Keeps azd's calls.
pub fn existing(value: impl Fn(&Parameter) -> Value, settings: &Value) -> Option<Azure> {
    let tools = tools::python("az.txt", "az")?;
    let azure = Azure::new();
    let python = succeed(Command::new("sh").args(["-c", "command -v python3"]));
    let script = root().join("tests/deploy/az_stand_in.py");
    let stand_in = format!(
        "#!/bin/sh\nhere=$(dirname \"$0\")\necho \"$*\" >>\"$here/calls\"\n\
         printf '%s\\0' \"$@\" '' >>\"$here/argv\"\n\
         [ ! -f \"$here/fails\" ] || exit 1\n\
         PYTHONPATH='{}' HOME='{}' exec '{}' -B '{}' \"$here\" \"$@\"\n",
        tools.folder.display(),
        std::env::var("HOME").unwrap_or_default(),
        python.trim(),
        script.display(),
    );
    executable(&azure.path().join("az"), &stand_in);
    executable(&azure.path().join("azd"), "#!/bin/sh\necho \"$*\" >>\"$(dirname \"$0\")/kept\"\n");
    let app = json!([
        { "type": "Microsoft.Storage/storageAccounts", "id": "/site", "location": "westeurope" },
        { "type": "Microsoft.Web/sites", "id": "/subscriptions/S/func", "location": "westeurope" },
    ]);
    azure.keep("resources.json", &app.to_string());
    azure.keep("deployments.json", &deployments(value, settings).to_string());
    azure.keep("settings.json", &json!({ "properties": settings }).to_string());
    Some(azure)
}

fn provision(azure: &Azure, variables: &[(&str, &str)]) -> (bool, String) {
    let mut told = vec![("AZURE_ENV_NAME", "prod"), ("AZURE_LOCATION", "westeurope")];
    told.extend(variables);
    let (output, said) = run(&mut azure.hook("preprovision", &told));
    (output.status.success(), said)
}

/// The settings of the program that azd reads from variables, each with a value.
fn settings() -> Value {
    let text = read("infra/main.parameters.json");
    let is_setting = |name: &String| text.contains(&format!("\"{name}\": \"${{{name}}}\""));
    let names = environment().into_iter().filter(is_setting);
    let settings: serde_json::Map<String, Value> =
        names.map(|name| (name.clone(), format!("{name} of Azure").into())).collect();
    assert!(settings.len() >= 8, "{settings:?}");
    settings.into()
}

#[test]
fn provisioning_stops_before_it_loses_a_value() {
    let Some(azure) = existing(changed, &settings()) else { return };
    let (ok, said) = provision(&azure, &[]);
    assert!(!ok && said.contains("STATUS_ADOPT=true azd hooks run preprovision"), "{said}");
    let mut known = secrets();
    known.extend(["AZURE_ENV_NAME", "AZURE_LOCATION"].map(str::to_owned));
    let lost: Vec<String> = environment().difference(&known).cloned().collect();
    for name in &lost {
        assert!(said.contains(&format!("\n  {name} ")), "{name}: {said}");
    }
    assert!(said.contains("  STATUS_ALLOWED_TEAMS STATUS_ALLOWED_TEAMS of Azure\n"), "{said}");

    // A workflow's log may be public.
    let (ok, said) = provision(&azure, &[("GITHUB_ACTIONS", "true")]);
    assert!(
        !ok && said.contains("  STATUS_ALLOWED_TEAMS\n") && !said.contains("of Azure"),
        "{said}"
    );

    // Values of the environment are not asked for, deliberately empty ones included.
    let mut variables: Vec<(&str, &str)> = lost.iter().map(|name| (name.as_str(), "")).collect();
    let (ok, said) = provision(&azure, &variables);
    assert!(ok, "{said}");
    variables.retain(|(name, _)| *name != "STATUS_ALLOWED_USERS");
    let (ok, said) = provision(&azure, &variables);
    assert!(!ok && said.contains("azd env set STATUS_ALLOWED_USERS \"\""), "{said}");

    let (ok, said) = provision(&azure, &[("STATUS_UNCHECKED", "true")]);
    assert!(ok && said.contains("not checked"), "{said}");
}

#[test]
fn a_second_machine_adopts_the_values_of_azure() {
    let Some(azure) = existing(changed, &settings()) else { return };
    let own = ("STATUS_ALLOWED_USERS", "ada");
    let (ok, said) = provision(&azure, &[("STATUS_ADOPT", "true"), own]);
    assert!(ok, "{said}");
    let kept = fs::read_to_string(azure.path().join("kept")).unwrap();
    for parameter in parameters() {
        let value = changed(&parameter).to_string();
        let value = value.trim_matches('"');
        let line = format!("env set {} {value} --environment prod", parameter.variable);
        assert!(kept.lines().any(|kept| kept == line), "{line}: {kept}");
    }
    assert!(kept.contains("STATUS_ALLOWED_TEAMS"), "{kept}");
    assert!(!kept.contains(own.0), "the environment has its own: {kept}");
}

#[test]
fn nothing_is_in_the_way_of_a_first_or_an_equal_deployment() {
    let Some(azure) = existing(default, &json!({})) else { return };
    for group in ["", "rg-prod"] {
        let value = |parameter: &Parameter| match &*parameter.name {
            "resourceGroupName" => group.into(),
            _ => default(parameter),
        };
        let deployed = deployments(value, &json!({}));
        azure.keep("deployments.json", &deployed.to_string());
        let (ok, said) = provision(&azure, &[("AZURE_SUBSCRIPTION_ID", "S")]);
        assert!(ok, "{said}");
    }
    let calls = fs::read_to_string(azure.path().join("calls")).unwrap();
    assert!(calls.lines().all(|call| call.contains("--subscription S")), "{calls}");

    // An allow-list that was set with az is in no deployment.
    azure.keep("settings.json", r#"{"properties":{"STATUS_ALLOWED_USERS":"ada"}}"#);
    let (ok, said) = provision(&azure, &[]);
    assert!(!ok && said.contains("STATUS_ALLOWED_USERS ada"), "{said}");

    azure.keep("resources.json", "[]");
    let (ok, said) = provision(&azure, &[]);
    assert!(ok && said.contains("nothing of the environment prod"), "{said}");
}

#[test]
fn provisioning_stops_where_it_cannot_tell() {
    let Some(azure) = existing(default, &json!({})) else { return };
    let (ok, said) = provision(&azure, &[("AZURE_LOCATION", "northeurope")]);
    assert!(!ok && said.contains("azd env set AZURE_LOCATION westeurope"), "{said}");

    azure.keep("deployments.json", "[]");
    let (ok, said) = provision(&azure, &[]);
    assert!(!ok && said.contains("no record of the deployment"), "{said}");

    azure.keep("fails", "");
    let (ok, said) = provision(&azure, &[]);
    assert!(!ok && said.contains("az login") && said.contains("--tenant"), "{said}");

    let mut hook = azure.hook("preprovision", &[("AZURE_ENV_NAME", "prod")]);
    let (output, said) = run(hook.env("PATH", "/nowhere"));
    assert!(!output.status.success() && said.contains("Azure CLI"), "{said}");
}
