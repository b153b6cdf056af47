//! The parts of an app's folder that the stand-in host reads, and its reasons not to start.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The folder to upload: this repository's host files with the binary.
pub struct App {
    folder: TempDir,
}

impl App {
    pub fn packaged() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(source.join("host.json"), folder.path().join("host.json")).unwrap();
        for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
            let function = entry.path().join("function.json");
            if function.is_file() {
                let target = folder.path().join(entry.file_name());
                fs::create_dir(&target).unwrap();
                fs::copy(function, target.join("function.json")).unwrap();
            }
        }
        // A link, because a copy still open for writing in a different thread could not be started.
        let binary = env!("CARGO_BIN_EXE_status-update");
        symlink(binary, folder.path().join("status-update")).unwrap();
        Self { folder }
    }

    /// The same with a shell script as the handler.
    pub fn scripted(script: &str) -> Self {
        let app = Self::packaged();
        let path = app.path().join("status-update");
        fs::remove_file(&path).unwrap();
        // Written by a separate process: a file held open for writing by this one while a thread
        // starts a program could not be executed.
        let mut writer = Command::new("/bin/sh");
        writer.args(["-c", "printf '%s' \"$1\" > \"$0\" && chmod +x \"$0\""]);
        writer.arg(&path).arg(format!("#!/bin/sh\n{script}\n"));
        assert!(writer.status().unwrap().success());
        app
    }

    /// A package's zip, unpacked with its modes, like on the platform.
    pub fn unpacked(zip: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let unzip = Command::new("unzip").arg("-q").arg(zip).arg("-d").arg(folder.path()).status();
        assert!(unzip.unwrap().success(), "{} cannot be unpacked", zip.display());
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes one of the JSON files, for a host that has to notice.
    pub fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let path = self.path().join(file);
        let mut json = read_json(&path).unwrap();
        change(&mut json);
        fs::write(path, json.to_string()).unwrap();
    }
}

/// An app's folder as understood by the host.
#[derive(Debug)]
pub struct Package {
    pub folder: PathBuf,
    pub executable: PathBuf,
    pub arguments: Vec<String>,
    pub functions: Vec<Function>,
    /// `enableProxyingHttpRequest` and `enableForwardingHttpRequest`.
    pub proxies: bool,
    pub forwards: bool,
    pub function_timeout: Duration,
}

#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub trigger: Trigger,
}

#[derive(Debug)]
pub enum Trigger {
    /// One `httpTrigger` in, one `http` out. The path has the prefix in front.
    Http {
        path: String,
        methods: Vec<String>,
        anonymous: bool,
        /// The names of the two bindings.
        input: String,
        output: String,
    },
    Timer,
}

impl Package {
    pub fn read(folder: &Path) -> Result<Self, String> {
        let host = read_json(&folder.join("host.json"))?;
        if host["version"] != "2.0" {
            return Err(format!("host.json: version {} is not \"2.0\"", host["version"]));
        }
        let handler = &host["customHandler"];
        if !handler.is_object() {
            return Err("host.json: no customHandler".to_owned());
        }
        let prefix = host["extensions"]["http"]["routePrefix"].as_str().unwrap_or("api");
        let functions = read_functions(folder, prefix)?;
        if handler["http"]["routes"].is_array() && !functions.is_empty() {
            return Err("host.json: http.routes cannot stand beside function.json".to_owned());
        }
        let description = &handler["description"];
        Ok(Self {
            executable: find_executable(folder, description)?,
            arguments: strings(&description["arguments"]),
            folder: folder.to_owned(),
            functions,
            proxies: handler["enableProxyingHttpRequest"] == true,
            forwards: handler["enableForwardingHttpRequest"] == true,
            function_timeout: read_timeout(&host["functionTimeout"])?,
        })
    }
}

/// A time such as `00:02:00`; half an hour by default.
fn read_timeout(value: &Value) -> Result<Duration, String> {
    let Some(text) = value.as_str() else { return Ok(Duration::from_mins(30)) };
    let parts = text.split(':').map(str::parse::<u64>).collect::<Result<Vec<_>, _>>();
    match parts.as_deref() {
        Ok([hours, minutes, seconds]) => {
            Ok(Duration::from_secs((hours * 60 + minutes) * 60 + seconds))
        }
        _ => Err(format!("host.json: functionTimeout {text:?} is not like 00:02:00")),
    }
}

fn find_executable(folder: &Path, description: &Value) -> Result<PathBuf, String> {
    let name = description["defaultExecutablePath"].as_str().unwrap_or_default();
    // The packager marks the entry with exactly this name as executable: "./x" would not match.
    if name.is_empty() || name.starts_with('.') || name.starts_with('/') {
        return Err(format!("host.json: defaultExecutablePath {name:?} names no packaged file"));
    }
    let path = folder.join(name);
    match fs::metadata(&path) {
        Ok(meta) if meta.is_file() && meta.permissions().mode() & 0o111 != 0 => Ok(path),
        Ok(_) => Err(format!("{name:?} cannot be executed")),
        Err(error) => Err(format!("{name:?}: {error}")),
    }
}

fn read_functions(folder: &Path, prefix: &str) -> Result<Vec<Function>, String> {
    let mut functions = Vec::<Function>::new();
    for entry in fs::read_dir(folder).map_err(|e| e.to_string())?.map(Result::unwrap) {
        let file = entry.path().join("function.json");
        if !file.is_file() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let trigger = read_trigger(&name, prefix, &read_json(&file)?)
            .map_err(|problem| format!("{name}/function.json: {problem}"))?;
        functions.push(Function { name, trigger });
    }
    if functions.is_empty() {
        return Err("no functions found".to_owned());
    }
    let paths = functions.iter().filter_map(|f| match &f.trigger {
        Trigger::Http { path, .. } => Some(path.to_lowercase()),
        Trigger::Timer => None,
    });
    let mut paths = paths.collect::<Vec<_>>();
    paths.sort();
    if paths.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(format!("two functions share a route: {paths:?}"));
    }
    Ok(functions)
}

fn read_trigger(name: &str, prefix: &str, function: &Value) -> Result<Trigger, String> {
    let bindings = function["bindings"].as_array().ok_or("no bindings")?;
    let kind = |b: &Value| b["type"].as_str().unwrap_or_default().to_owned();
    if let Some(unnamed) = bindings.iter().find(|b| b["name"].as_str().is_none_or(str::is_empty)) {
        return Err(format!("a binding without a name: {unnamed}"));
    }
    let triggers = bindings.iter().filter(|b| kind(b).ends_with("Trigger")).collect::<Vec<_>>();
    let [trigger] = triggers[..] else {
        return Err(format!("{} triggers, not one", triggers.len()));
    };
    if trigger["direction"] != "in" {
        return Err("the trigger's direction is not \"in\"".to_owned());
    }
    let others = bindings.iter().filter(|b| *b != trigger).collect::<Vec<_>>();
    match (kind(trigger).as_str(), &others[..]) {
        ("httpTrigger", [out]) if kind(out) == "http" && out["direction"] == "out" => {
            Ok(Trigger::Http {
                path: format!("/{prefix}/{}", trigger["route"].as_str().unwrap_or(name)),
                methods: strings(&trigger["methods"]),
                anonymous: trigger["authLevel"] == "anonymous",
                input: trigger["name"].as_str().unwrap_or_default().to_owned(),
                output: out["name"].as_str().unwrap_or_default().to_owned(),
            })
        }
        ("httpTrigger", _) => Err("would be called with an envelope, not the request".to_owned()),
        ("timerTrigger", []) => {
            let schedule = trigger["schedule"].as_str().unwrap_or_default();
            if schedule.split_whitespace().count() == 6 {
                Ok(Trigger::Timer)
            } else {
                Err(format!("the schedule {schedule:?} does not have six fields"))
            }
        }
        (other, _) => Err(format!("a trigger of type {other:?} with {} bindings", bindings.len())),
    }
}

fn read_json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn strings(value: &Value) -> Vec<String> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(|v| v.as_str().map(str::to_owned)).collect()
}
