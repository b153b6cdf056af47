//! Provides the commit of the build.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let (commit, build) = if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        let commit = commit();
        let build = format!("commit {}", if commit.is_empty() { "unknown" } else { &commit });
        (commit, build)
    } else {
        // Asking git would rebuild everything after each commit.
        (String::new(), "development build".to_owned())
    };
    println!("cargo::rustc-env=BUILD_COMMIT={commit}");
    println!("cargo::rustc-env=BUILD_VERSION={version} ({build})");
}

/// The commit of a source archive, otherwise of the clone, with `+changes` if tracked files have
/// changed since; empty if neither is known.
fn commit() -> String {
    println!("cargo::rerun-if-changed=.commit");
    let archived = fs::read_to_string(".commit").unwrap_or_default();
    if is_commit(archived.trim()) {
        return archived.trim().to_owned();
    }
    // Ignores a repository that contains an unpacked archive.
    if git(&["rev-parse", "--show-prefix"]).as_deref() != Some("") {
        return String::new();
    }
    let Some(head) = git(&["rev-parse", "HEAD"]).filter(|head| is_commit(head)) else {
        return String::new();
    };
    for changed in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", changed]).unwrap_or_default();
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    for source in ["core", "src", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={source}");
    }
    let unchanged = git(&["status", "--porcelain", "--untracked-files=no"]);
    if unchanged.is_some_and(|changes| changes.is_empty()) {
        head
    } else {
        format!("{head}+changes")
    }
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.chars().all(|c| c.is_ascii_hexdigit())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
