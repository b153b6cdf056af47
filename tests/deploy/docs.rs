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

/// The text without what stands in code blocks and in backticks.
fn prose(text: &str) -> String {
    let blocks = text.split("```").step_by(2);
    blocks.flat_map(|block| block.split('`').step_by(2)).collect()
}

/// A heading's anchor as GitHub makes it.
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
                ["cargo", "run", "--", subcommand, ..] => {
                    let help = succeed(Command::new(program).args([subcommand, "--help"]));
                    for option in words.iter().skip(4).filter(|word| word.starts_with("--")) {
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
                    let known = [
                        "apt-get",
                        "az",
                        "azd",
                        "azurite",
                        "cd",
                        "cp",
                        "curl",
                        "export",
                        "func",
                        "gh",
                        "git",
                        "npx",
                        "pip",
                        "rustup",
                        "sudo",
                        "STATUS_STORAGE=UseDevelopmentStorage=true",
                    ];
                    let assigned = first.split_once('=').is_some_and(|(name, _)| {
                        name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                    });
                    assert!(known.contains(&first) || assigned, "{name}: what is {first}?");
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
