//! Dependencies between source files, from `use` and from paths within the code. A module that only
//! declares a child does not use it.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;

/// The path of the module that a file is, such as `core::site::page`. The crate `core` is a module
/// of the program's library, which exports it under that name.
fn module_of(file: &str) -> Option<Vec<String>> {
    let path = file.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let (root, path) = match path.strip_prefix("core/src/") {
        Some(path) => (vec!["core".to_owned()], path),
        None => (Vec::new(), path.strip_prefix("src/")?),
    };
    Some(match path {
        "lib" => root,
        "main" => vec!["main".to_owned()],
        path => root.into_iter().chain(path.split('/').map(str::to_owned)).collect(),
    })
}

/// The paths that a piece of code names, with braces multiplied out.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = |at: usize| {
        !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"')
    };
    let mut at = 0;
    while at < code.len() {
        let rest = &code[at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if length > 0 && begins(at) && rest[length..].starts_with("::") {
            at += expand(rest, &mut Vec::new(), &mut found).max(1);
            continue;
        }
        at += rest[length..].chars().next().map_or(length.max(1), |c| length + c.len_utf8());
    }
    found
}

/// Reads one path, and returns the length of the code read.
fn expand(code: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let code_start = code;
    let mut code = code.trim_start();
    let depth = before.len();
    loop {
        if let Some(list) = code.strip_prefix('{') {
            let mut rest = list;
            loop {
                rest = rest.trim_start().trim_start_matches(',').trim_start();
                if rest.is_empty() || rest.starts_with('}') {
                    break;
                }
                let taken = expand(rest, before, found);
                if taken == 0 {
                    break;
                }
                rest = &rest[taken..];
            }
            code = rest.strip_prefix('}').unwrap_or(rest);
            before.truncate(depth);
            return code_start.len() - code.len();
        }
        let length = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
        before.push(code[..length].to_owned());
        code = &code[length..];
        match code.strip_prefix("::") {
            Some(rest) if !rest.starts_with('<') => code = rest,
            _ => break,
        }
    }
    found.push(before.clone());
    before.truncate(depth);
    if let Some(rest) = code.strip_prefix(" as ") {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        code = &rest[length..];
    }
    code_start.len() - code.len()
}

/// Every pair of a file and a file that it uses.
pub fn arrows(sources: &[Source]) -> BTreeSet<(String, String)> {
    let modules: BTreeMap<Vec<String>, &str> = sources
        .iter()
        .filter_map(|source| Some((module_of(&source.name)?, source.name.as_str())))
        .collect();
    let mut arrows = BTreeSet::new();
    for source in sources {
        let Some(own) = module_of(&source.name) else { continue };
        for path in paths(&source.code) {
            let mut target = match path[0].as_str() {
                "crate" if source.name.starts_with("core/") => vec!["core".to_owned()],
                "crate" | "status_update" => Vec::new(),
                "super" | "self" => own.clone(),
                child => {
                    let inside = [own.clone(), vec![child.to_owned()]].concat();
                    if !modules.contains_key(&inside) {
                        continue;
                    }
                    own.clone()
                }
            };
            for part in &path {
                match part.as_str() {
                    "crate" | "status_update" | "self" => {}
                    "super" => drop(target.pop()),
                    part => target.push(part.to_owned()),
                }
            }
            // The longest beginning that is a module is the file that has the item.
            while !target.is_empty() && !modules.contains_key(&target) {
                target.pop();
            }
            if let Some(file) = modules.get(&target)
                && *file != source.name
            {
                arrows.insert((source.name.clone(), (*file).to_owned()));
            }
        }
    }
    arrows
}

/// The files that reach themselves, in groups that reach each other.
pub fn circles(arrows: &BTreeSet<(String, String)>) -> Vec<BTreeSet<String>> {
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut todo = vec![from];
        while let Some(file) = todo.pop() {
            for (_, to) in arrows.iter().filter(|(user, _)| user == file) {
                if reached.insert(to.clone()) {
                    todo.push(to);
                }
            }
        }
        reached
    };
    let files: BTreeSet<&str> = arrows.iter().map(|(from, _)| from.as_str()).collect();
    let reached: BTreeMap<&str, BTreeSet<String>> =
        files.iter().map(|file| (*file, reach(file))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (file, all) in &reached {
        let circle: BTreeSet<String> = all
            .iter()
            .filter(|other| reached.get(other.as_str()).is_some_and(|r| r.contains(*file)))
            .cloned()
            .collect();
        if circle.contains(*file) && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

#[test]
fn paths_and_circles_are_found() {
    let list =
        |code: &str| -> Vec<String> { paths(code).iter().map(|path| path.join("::")).collect() };
    assert_eq!(
        list("use super::a::{B, c::{D, E as F}};"),
        ["super::a::B", "super::a::c::D", "super::a::c::E"]
    );
    assert_eq!(
        list("let x = crate::core::digest::sha256_hex(y);"),
        ["crate::core::digest::sha256_hex"]
    );
    let source = |name: &str, code: &str| Source {
        name: name.to_owned(),
        text: String::new(),
        code: code.to_owned(),
    };
    let house = [
        source("src/a/mod.rs", "mod b; use b::B; pub struct A;"),
        source("src/a/b.rs", "use super::A;"),
        source("src/c.rs", "use crate::a::A;"),
    ];
    let arrows = arrows(&house);
    assert_eq!(arrows.len(), 3, "{arrows:?}");
    let circles = circles(&arrows);
    assert_eq!(circles.len(), 1, "{circles:?}");
    assert_eq!(circles[0].len(), 2);
}
