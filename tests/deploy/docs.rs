//! The documents: their links lead somewhere, and their commands exist.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::infra::environment;
use super::succeed;
use crate::house::{read, root};

/// Every document for people.
pub fn documents() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "docs/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.file_name().unwrap().to_str().unwrap();
                names.push(format!("{folder}{name}"));
            }
        }
    }
    assert!(names.len() >= 5, "{names:?}");
    names
}

/// The text without code blocks and backticks.
fn prose(text: &str) -> String {
    let blocks = text.split("```").step_by(2);
    blocks.flat_map(|block| block.split('`').step_by(2)).collect()
}

/// A heading's anchor as GitHub generates it.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        }
        let title = line.trim_start_matches('#');
        if !inside && title.len() < line.len() && title.starts_with(' ') {
            anchors.insert(anchor(title.trim()));
        }
    }
    anchors
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for name in documents() {
        let text = prose(&read(&name));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                root().join(&name)
            } else {
                root().join(&name).parent().unwrap().join(path)
            };
            assert!(target.exists(), "{name}: {link} leads nowhere");
            if !fragment.is_empty() {
                let there = anchors(&fs::read_to_string(&target).unwrap());
                assert!(there.contains(fragment), "{name}: {link}: there is {there:?}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} links");
}

/// The commands of the `sh` blocks, each on one line, without comments.
pub fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in text.split("```").skip(1).step_by(2) {
        let Some(block) = block.strip_prefix("sh\n") else { continue };
        for line in block.replace("\\\n", " ").lines() {
            let line = line.split(" # ").next().unwrap().trim();
            if !line.is_empty() && !line.starts_with('#') {
                commands.push(line.to_owned());
            }
        }
    }
    commands
}

/// Other programs, and the shell's, in the documents' commands.
const PROGRAMS: [&str; 26] = [
    ".",
    "apt-get",
    "az",
    "azd",
    "azurite",
    "cd",
    "cp",
    "curl",
    "echo",
    "export",
    "func",
    "gh",
    "git",
    "grep",
    "npx",
    "nslookup",
    "pip",
    "python3",
    "read",
    "rustup",
    "sha256sum",
    "sudo",
    "unset",
    "unzip",
    "zip",
    "infra/package.sh",
];

#[test]
fn commands_are_such_as_exist() {
    let variables = environment();
    let program = env!("CARGO_BIN_EXE_status-update");
    let mut checked = 0;
    for name in documents() {
        for command in commands(&read(&name)) {
            succeed(Command::new("sh").args(["-n", "-c", &command]));
            let words: Vec<&str> = command.split_whitespace().collect();
            match words[..] {
                [] | ["cargo", "run" | "test" | "bench"] => {}
                ["cargo", "run", "--", subcommand, ..]
                | ["./status-update" | "status-update", subcommand, ..] => {
                    let help = succeed(Command::new(program).args([subcommand, "--help"]));
                    let options =
                        words.iter().filter(|word| word.starts_with("--") && **word != "--");
                    for option in options {
                        assert!(help.contains(option), "{name}: {command}: no {option}");
                    }
                }
                ["azd", "env", "set", variable, ..] => {
                    let own = ["AZURE_SUBSCRIPTION_ID"];
                    let known = variables.contains(variable) || own.contains(&variable);
                    assert!(known, "{name}: {command}: no parameter reads {variable}");
                }
                [script, ..] if script.contains('/') => {
                    let path = root().join(script);
                    let mode = fs::metadata(&path).map(|meta| meta.permissions().mode());
                    assert!(mode.is_ok_and(|mode| mode & 0o111 != 0), "{name}: {command}");
                }
                [first, ..] => {
                    let known = PROGRAMS.contains(&first);
                    let assigned = first.split_once('=').is_some_and(|(name, _)| {
                        name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                    });
                    assert!(known || assigned, "{name}: what is {first}?");
                }
            }
            checked += 1;
        }
    }
    assert!(checked >= 15, "{checked} commands");
}

/// The files that the documents name in backticks and that look like ours are there.
#[test]
fn files_that_are_named_are_there() {
    let folders = ["infra/", "tests/", "docs/", ".github/", "src/"];
    for name in documents() {
        if name == "CHANGELOG.md" {
            continue;
        }
        let text = read(&name);
        let quoted = text.split("```").step_by(2).flat_map(|b| b.split('`').skip(1).step_by(2));
        for path in quoted.filter(|quoted| folders.iter().any(|f| quoted.starts_with(f))) {
            let path = path.split([' ', '*', '<']).next().unwrap();
            assert!(root().join(Path::new(path)).exists(), "{name}: {path} is not there");
        }
    }
}

/// A function that was renamed keeps its old name in a command of the documents all too easily.
#[test]
fn functions_that_are_named_are_there() {
    let mut seen = 0;
    for name in documents() {
        let text = read(&name);
        let keys = text.split("--function-name ").skip(1);
        let switches = text.split("AzureWebJobs.").skip(1);
        for rest in keys.chain(switches) {
            let function: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            let there = root().join(&function).join("function.json").exists();
            assert!(there, "{name}: there is no function {function}");
            seen += 1;
        }
    }
    assert!(seen >= 7, "{seen} functions");
}

/// azd refuses the project until the feature is on, before it reads a hook; the hooks need az.
#[test]
fn azd_and_az_are_ready_before_they_are_needed() {
    assert!(read("azure.yaml").contains("language: custom"));
    for name in ["README.md", "docs/deploying.md"] {
        let commands = commands(&read(name));
        let first = |is: &dyn Fn(&str) -> bool| commands.iter().position(|command| is(command));
        let reads_project = |command: &str| {
            let project = ["up", "provision", "deploy", "hooks", "env", "package", "down"];
            let mut words = command.split(' ');
            words.next() == Some("azd") && words.next().is_some_and(|word| project.contains(&word))
        };
        let used = first(&reads_project).unwrap();
        for needed in ["az login", "azd auth login", "azd config set alpha.language.custom on"] {
            let ready = first(&|command| format!("{command} ").starts_with(&format!("{needed} ")));
            assert!(ready.is_some_and(|ready| ready < used), "{name}: {needed} comes too late");
        }
    }
}

/// A command with a secret stays in the shell's history.
#[test]
fn no_token_is_typed_into_a_command() {
    let mut prompts = 0;
    for name in documents() {
        let commands = commands(&read(&name));
        for command in &commands {
            let names = ["STATUS_WEBHOOK_TOKENS", "STATUS_NOTIFY_URL", "STATUS_HEARTBEAT_URL"];
            let typed = names.iter().any(|name| command.contains(name));
            let typed = typed && command.starts_with("azd env");
            assert!(!typed && !command.contains("THE_TOKEN"), "{name}: {command}");
            let own = ["\"$TOKEN\"", "bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQ="];
            if let Some((_, token)) = command.split_once("--token ") {
                assert!(own.iter().any(|own| token.starts_with(own)), "{name}: {command}");
            }
        }
        let prompted = commands.iter().filter(|command| command.starts_with("read -rs "));
        prompts += prompted.count();
    }
    assert!(prompts >= 4, "{prompts} prompts");
}

/// A new or renamed repository presents a different subject than its name suggests.
#[test]
fn github_is_asked_for_its_subject() {
    let commands = commands(&read("docs/deploying.md"));
    let credential =
        commands.iter().find(|command| command.contains("federated-credential create"));
    assert!(credential.unwrap().contains(r#"\"subject\": \"$SUBJECT\""#), "{credential:?}");
    let subject = commands.iter().find(|command| command.starts_with("SUBJECT=")).unwrap();
    assert!(
        subject.contains("gh api repos/OWNER/REPO/actions/oidc/customization/sub"),
        "{subject}"
    );
    let administrator = "\"Role Based Access Control Administrator\"";
    for command in commands.iter().filter(|command| command.contains(administrator)) {
        let limited = "--condition-version 2.0 --condition \"$(cat infra/deployer-condition.txt)\"";
        assert!(command.ends_with(limited), "{command}");
    }
}

/// Each of these stood in a document and failed, or did something else than it said.
#[test]
fn commands_that_failed_do_not_come_back() {
    for name in documents() {
        let text = read(&name);
        let host = "FUNC.azurewebsites.net";
        assert!(!text.contains(host), "{name}: the host's name is an output of its own");
        for command in commands(&text) {
            let flex = command.contains("access-restriction add");
            assert!(!flex, "{name}: Flex Consumption refuses this: {command}");
            if command.contains("--if-match") {
                let fresh = "--if-match \"$(az storage container immutability-policy show ";
                assert!(command.contains(fresh), "{name}: an ETag that may be old: {command}");
            }
            if command.starts_with("gh attestation verify") {
                assert!(command.contains("--source-ref"), "{name}: any branch passes: {command}");
            }
            let zipped = command.starts_with("zip ") && command.ends_with(" site");
            assert!(!zipped || command.starts_with("zip -r status-update.zip site"), "{command}");
        }
        for block in text.split("```").skip(1).step_by(2).filter(|b| b.contains("pip install")) {
            let environment =
                block.find("-m venv ").is_some_and(|at| at < block.find("pip").unwrap());
            assert!(environment, "{name}: pip refuses outside a virtual environment: {block}");
        }
    }
    // The secrets are not in the table of permanent settings.
    let deploying = read("docs/deploying.md");
    let table = deploying.split("| variable | meaning | default |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    for secret in ["WEBHOOK_TOKENS", "NOTIFY_URL", "HEARTBEAT_URL"] {
        let secret = format!("| `STATUS_{secret}`");
        assert!(!table.contains(&secret) && deploying.contains(&secret), "{secret}");
    }
}

/// Each entry needs a symptom, a fix, and a sign of success.
#[test]
fn the_runbook_s_entries_are_whole() {
    let runbook = read("docs/runbook.md");
    let guides = ["Set the names", "Check the app's health", "Provisioning fails"];
    let mut entries = 0;
    for entry in runbook.split("\n## ").skip(1) {
        let title = entry.lines().next().unwrap();
        if guides.contains(&title) {
            continue;
        }
        assert!(entry.contains("**It worked** "), "{title}: how does one see that it worked?");
        entries += 1;
    }
    assert!(entries >= 18, "{entries} entries");
    assert!(!runbook.contains("cargo "), "nobody builds at night");
    // The alerts name their entries.
    let alerts = read("infra/modules/alerts.bicep");
    let mut named = 0;
    for rest in alerts.split("docs/runbook.md, \"").skip(1) {
        let title = rest.split('"').next().unwrap();
        assert!(runbook.contains(&format!("\n## {title}\n")), "no entry {title}");
        named += 1;
    }
    assert!(named >= 3, "{named}");
}
