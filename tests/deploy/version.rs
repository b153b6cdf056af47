//! Version and commit of a release: from a clone, from a source archive, and without either.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::succeed;
use crate::house::root;
use crate::support::local::Local;
use crate::support::tools;

/// The build script, compiled alone.
fn build_script(folder: &Path) -> PathBuf {
    let script = folder.join("build-script");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-o"]).arg(&script).arg(root().join("build.rs"));
    succeed(rustc.current_dir(root()));
    script
}

/// The build script's output in a folder: commit, and version with commit.
fn told(script: &Path, folder: &Path, profile: &str) -> (String, String) {
    let mut command = Command::new(script);
    command.current_dir(folder).env("PROFILE", profile).env("CARGO_PKG_VERSION", "1.2.3");
    // Variables that git hooks set for their commands.
    let said = succeed(command.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE"));
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name}: {said}")).to_owned()
    };
    (value("cargo::rustc-env=BUILD_COMMIT="), value("cargo::rustc-env=BUILD_VERSION="))
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
    for variable in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(variable);
    }
    succeed(command.current_dir(folder)).trim().to_owned()
}

#[test]
fn a_release_knows_its_commit() {
    if !tools::program("git") || !tools::program("tar") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = build_script(folder.path());
    let clone = folder.path().join("clone");
    fs::create_dir_all(clone.join("core/src")).unwrap();
    for file in ["Cargo.lock", "Cargo.toml", ".commit", ".gitattributes"] {
        fs::copy(root().join(file), clone.join(file)).unwrap();
    }
    fs::write(clone.join("core/src/lib.rs"), "//! Pages.\n").unwrap();

    // No git, and no archive: a copy.
    let unknown = (String::new(), "1.2.3 (commit unknown)".to_owned());
    assert_eq!(told(&script, &clone, "release"), unknown);

    // Nor is the commit of a repository around it this one's.
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["commit", "--quiet", "--allow-empty", "--message", "Not ours"]);
    assert_eq!(told(&script, &clone, "release"), unknown);

    git(&clone, &["init", "--quiet"]);
    git(&clone, &["add", "--all"]);
    git(&clone, &["commit", "--quiet", "--message", "First"]);
    let head = git(&clone, &["rev-parse", "HEAD"]);
    let known = (head.clone(), format!("1.2.3 (commit {head})"));
    assert_eq!(told(&script, &clone, "release"), known);

    // An archive has the commit in a file, and so results in the same program.
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    let tar = folder.path().join("source.tar");
    git(&clone, &["archive", "--output", tar.to_str().unwrap(), "HEAD"]);
    succeed(Command::new("tar").arg("-xf").arg(&tar).current_dir(&archive));
    assert_eq!(told(&script, &archive, "release"), known);

    fs::write(clone.join("core/src/lib.rs"), "//! Other pages.\n").unwrap();
    assert_eq!(told(&script, &clone, "release").0, format!("{head}+changes"));
    assert_eq!(
        told(&script, &clone, "debug"),
        (String::new(), "1.2.3 (development build)".to_owned())
    );
}

#[test]
fn the_program_says_its_version() {
    let said = succeed(Command::new(env!("CARGO_BIN_EXE_status-update")).arg("--version"));
    let version = format!("status-update {} (", env!("CARGO_PKG_VERSION"));
    assert!(said.starts_with(&version) && said.ends_with(")\n"), "{said}");
}

#[tokio::test]
async fn health_says_version_and_commit() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path(), &[]).await;
    let health = local.get("/api/health").await.json();
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"), "{health}");
    assert!(health.as_object().unwrap().contains_key("commit"), "{health}");
}
