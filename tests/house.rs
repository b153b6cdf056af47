//! House rules as tests: allowed dependencies, file lengths, and names that have to agree in two
//! places.

mod imports;
mod wording;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Maximum number of lines of a source file.
const LINES_MAX: usize = 450;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(name: &str) -> String {
    let file = root().join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name} cannot be read: {error}"))
}

/// A source file: its path below the root, and its code without comments.
pub struct Source {
    pub name: String,
    text: String,
    pub code: String,
}

/// The sources of both crates.
pub fn all_sources() -> Vec<Source> {
    let mut all = sources("core/src");
    all.extend(sources("src"));
    all
}

pub fn sources(folder: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                sources.push(Source { name, code: without_comments(&text), text });
            }
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!sources.is_empty(), "{folder} has no sources");
    sources
}

/// Lines that are comments as a whole are left out: all of this project's are.
fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// True if a path such as `std::fs` or a crate such as `tokio` is used: named whole, or in the
/// braces of a `use`.
fn uses(code: &str, path: &str) -> bool {
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let starts = |text: &str, at: usize| {
        !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    };
    let ends =
        |text: &str, at: usize| !text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let named =
        code.match_indices(path).any(|(at, _)| starts(&code, at) && ends(&code, at + path.len()));
    let braced = path.rsplit_once("::").is_some_and(|(parent, name)| {
        code.match_indices(&format!("use {parent}::{{")).any(|(at, opening)| {
            let list = code[at + opening.len()..].split(';').next().unwrap_or_default();
            list.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|found| found == name)
        })
    });
    named || braced
}

#[track_caller]
fn forbid(source: &Source, paths: &[&str]) {
    let used: Vec<&&str> = paths.iter().filter(|path| uses(&source.code, path)).collect();
    assert!(used.is_empty(), "{} uses {used:?}, which is not for it", source.name);
}

/// Anything that does I/O, waits, or depends on the environment.
const EFFECTS: &[&str] = &[
    "axum",
    "azure_core",
    "azure_identity",
    "azure_storage_blob",
    "bytes::Buf",
    "clap",
    "futures",
    "getrandom",
    "reqwest",
    "rustls",
    "tokio",
    "tracing",
    "tracing_subscriber",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::sync::LazyLock",
    "std::sync::Mutex",
    "std::sync::OnceLock",
    "std::sync::RwLock",
    "std::sync::atomic",
    "std::sync::mpsc",
    "std::thread",
    "std::time",
];

/// Anything that reads a clock.
const CLOCKS: &[&str] =
    &["Timestamp::now", "Zoned::now", "SystemTime", "SystemTime::now", "TimeZone::system"];

#[test]
fn the_core_is_pure() {
    for source in sources("core/src") {
        forbid(&source, EFFECTS);
        forbid(&source, CLOCKS);
        forbid(&source, &["Instant"]);
        assert!(!source.code.contains("async "), "{} is async", source.name);
        for macro_name in ["println!", "eprintln!", "dbg!", "env!", "option_env!"] {
            let code = source.code.replace("env!(\"CARGO_PKG_VERSION\")", "");
            let code = code.replace("env!(\"SITE_SOURCES_DIGEST\")", "");
            assert!(!code.contains(macro_name), "{} uses {macro_name}", source.name);
        }
    }
}

/// The modules of the core, each of which may use those above it.
const ROOMS: &[&str] = &[
    "digest",
    "sealed",
    "text",
    "http",
    "incident",
    "rosters",
    "alerts",
    "response",
    "launch",
    "connectors",
    "outbox",
    "log",
    "config",
    "timeline",
    "teams",
    "commands",
    "decide",
    "answer",
    "review",
    "site",
];

#[test]
fn no_room_of_the_core_uses_one_below_it() {
    let room = |file: &str| {
        let name = file.strip_prefix("core/src/")?.split(['/', '.']).next()?.to_owned();
        Some(ROOMS.iter().position(|room| *room == name).unwrap_or_else(|| {
            assert_eq!(name, "lib", "{file} is in no room: add it to the list where it belongs");
            usize::MAX
        }))
    };
    for (from, to) in imports::arrows(&all_sources()) {
        if let (Some(user), Some(used)) = (room(&from), room(&to)) {
            assert!(used <= user, "{from} uses {to}, which stands below it");
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circles = imports::circles(&imports::arrows(&all_sources()));
    assert!(circles.is_empty(), "in circles: {circles:#?}");
}

#[test]
fn the_stores_know_only_the_port_and_core_types() {
    let adapters = ["azure", "directory", "memory"];
    for source in sources("src/store") {
        for module in ["service", "settings", "web", "send"] {
            forbid(&source, &[&format!("crate::{module}")]);
        }
        forbid(&source, &["axum", "clap"]);
        forbid(&source, CLOCKS);
        let place = source.name.trim_start_matches("src/store/");
        let own = place.split(['/', '.']).next().unwrap();
        for adapter in adapters.iter().filter(|adapter| **adapter != own) {
            for path in ["super", "crate::store"] {
                if own != "mod" {
                    forbid(&source, &[&format!("{path}::{adapter}")]);
                }
            }
        }
        if own != "azure" {
            forbid(&source, &["azure_core", "azure_identity", "azure_storage_blob", "reqwest"]);
        }
    }
}

#[test]
fn the_service_knows_neither_http_nor_azure() {
    for source in sources("src/service") {
        forbid(&source, &["axum", "azure_core", "azure_identity", "azure_storage_blob", "reqwest"]);
        forbid(&source, &["crate::web", "crate::settings", "crate::cli", "clap", "std::env"]);
        for adapter in ["azure", "directory", "memory"] {
            forbid(&source, &[&format!("crate::store::{adapter}")]);
        }
        forbid(&source, &["crate::outbound::http", "crate::outbound::Workflow"]);
    }
}

/// The simulated services know requests and responses, and nothing about their callers.
#[test]
fn the_demonstration_is_a_world_of_its_own() {
    for source in sources("src/demo") {
        forbid(&source, EFFECTS);
        forbid(&source, CLOCKS);
        for path in source.code.split("crate::").skip(1) {
            assert!(path.starts_with("core::http::"), "{} uses {path:.40}", source.name);
        }
    }
}

/// The ports know no adapter but their own, and nobody else either.
#[test]
fn outbound_knows_requests_and_nobody_who_makes_them() {
    for source in sources("src/outbound") {
        for module in ["service", "settings", "store", "web", "send", "demo"] {
            forbid(&source, &[&format!("crate::{module}")]);
        }
        for room in
            ["launch", "connectors", "outbox", "alerts", "response", "incident", "log", "config"]
        {
            forbid(&source, &[&format!("crate::core::{room}")]);
        }
        forbid(&source, CLOCKS);
    }
}

/// `send` is the sender's side, a separate program in the same binary, with the sender's clock.
#[test]
fn the_wall_clock_is_read_in_one_place() {
    let may = ["src/web/", "src/serve.rs", "src/main.rs", "src/cli/send.rs"];
    let sources = all_sources();
    let others = |source: &&Source| !may.iter().any(|name| source.name.starts_with(name));
    for source in sources.iter().filter(others) {
        forbid(source, CLOCKS);
    }
}

#[test]
fn files_are_short() {
    for source in all_sources() {
        let lines = source.text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines, more than {LINES_MAX}", source.name);
    }
}

/// The environment variables in a text, by the prefixes that ours have.
pub fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    let ours = |word: &&str| {
        ["STATUS_", "FUNCTIONS_CUSTOMHANDLER_"]
            .iter()
            .any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()))
            || *word == "AZURE_CLIENT_ID"
    };
    // Names with this prefix are parameters of infra, which the program never sees.
    let words = words.filter(|word| !word.starts_with("STATUS_INFRA_"));
    words.filter(ours).map(str::to_owned).collect()
}

#[test]
fn the_documents_name_every_setting() {
    let sources = all_sources();
    let code: Vec<&str> = sources.iter().map(|source| source.code.as_str()).collect();
    let read_by_code = variables(&code.join("\n"));
    assert!(read_by_code.contains("STATUS_STORAGE"), "{read_by_code:?}");
    let settings = read("docs/settings.md");
    let rows: Vec<&str> = settings.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(
        variables(&rows.join("\n")),
        read_by_code,
        "left: the table in docs/settings.md, right: what src reads"
    );
}

#[test]
fn the_documented_configuration_can_be_read() {
    let settings = read("docs/settings.md");
    let example = settings.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = status_update::core::config::Config::parse(example).unwrap();
    assert_eq!(config.components().count(), 2, "{example}");
}

#[test]
fn the_host_starts_the_binary_that_is_built() {
    let host: Value = serde_json::from_str(&read("host.json")).unwrap();
    let started = host.pointer("/customHandler/description/defaultExecutablePath").unwrap();
    let built = Path::new(env!("CARGO_BIN_EXE_status-update")).file_stem().unwrap();
    assert_eq!(started.as_str().unwrap(), built.to_str().unwrap());
    let prefix = host.pointer("/extensions/http/routePrefix").unwrap();
    assert_eq!(prefix, "api");
}

#[test]
fn the_rules_notice_violations() {
    assert!(uses("let x = std::fs::read(y);", "std::fs"));
    assert!(uses("use std::{\n    fs,\n    path::Path,\n};", "std::fs"));
    assert!(uses("use tokio::time;", "tokio"));
    assert!(uses("fn f() -> tokio::io::Result<()>", "tokio"));
    assert!(uses("Timestamp::now()", "Timestamp::now"));
    assert!(uses("use crate::store::{Container, azure};", "crate::store::azure"));
    assert!(!uses("use std::fmt;", "std::fs"));
    assert!(!uses("use std::fs_like;", "std::fs"));
    assert!(!uses("let tokio_like = 1;", "tokio"));
    assert!(!without_comments("/// std::fs\nlet x = 1; ").contains("fs"));
    let found: Vec<String> =
        variables("`STATUS_CONFIG`, STATUS_, X_STATUS_Y").into_iter().collect();
    assert_eq!(found, ["STATUS_CONFIG"]);
}
