//! Programs that are not built from this repository. If one is missing, the tests that need it do
//! not run and say so; with `REQUIRE_ALL=1` they fail instead.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Node.js with the packages of `tests/node`.
#[derive(Debug)]
pub struct NodeTools {
    /// The folder of `package.json`: scripts in it can import its packages.
    pub folder: PathBuf,
}

impl NodeTools {
    /// A command that runs `script`, a file in [`NodeTools::folder`].
    pub fn script(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.folder.join(script)).current_dir(&self.folder);
        command
    }
}

/// Says on the terminal, captured output or not, that the running test did nothing, with the
/// remedy.
///
/// # Panics
/// With `REQUIRE_ALL=1` in the environment.
pub fn missing(tool: &str, remedy: &str) {
    let message = not_run(&format!("{tool} is missing. {remedy}"));
    assert!(env::var_os("REQUIRE_ALL").is_none_or(|value| value != "1"), "{message}");
}

/// Says on the terminal, captured output or not, what the running test did not prove.
pub fn not_run(what: &str) -> String {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let message = format!("\nNOT RUN: {test}: {what}\n");
    // Unlike eprintln!, this is not captured.
    let _ = io::stderr().write_all(message.as_bytes());
    message
}

/// Node.js and the packages of `tests/node`, which are installed on the first call.
pub fn node() -> Option<&'static NodeTools> {
    static TOOLS: OnceLock<Result<NodeTools, String>> = OnceLock::new();
    match TOOLS.get_or_init(install) {
        Ok(tools) => Some(tools),
        Err(reason) => {
            missing(
                "Node.js 20 with the packages of tests/node",
                &format!("Install Node.js 20 or later and run `npm ci` in tests/node ({reason})"),
            );
            None
        }
    }
}

/// Python 3 with the packages of one of the lists in `tests/python`.
#[derive(Debug)]
pub struct PythonTools {
    /// Where the packages are.
    pub folder: PathBuf,
}

impl PythonTools {
    /// Python with the packages: for a script of this repository, or `-m` and a module. Ignores
    /// other packages of the machine.
    pub fn python(&self) -> Command {
        let mut command = Command::new("python3");
        command.arg("-B").env("PYTHONPATH", &self.folder).env("PYTHONNOUSERSITE", "1");
        command
    }

    /// The same for a script in `tests/python`.
    pub fn script(&self, script: &str) -> Command {
        let mut command = self.python();
        command.arg(python_folder().join(script)).env("NO_PROXY", "127.0.0.1");
        command
    }
}

/// The packages that `tests/python/<list>` names, installed next to it in `folder` on the first
/// call.
pub fn python(list: &'static str, folder: &'static str) -> Option<PythonTools> {
    static LISTS: Mutex<BTreeMap<&str, Result<(), String>>> = Mutex::new(BTreeMap::new());
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    let installed = lists.entry(list).or_insert_with(|| install_python(list, folder)).clone();
    drop(lists);
    match installed {
        Ok(()) => Some(PythonTools { folder: python_folder().join(folder) }),
        Err(reason) => {
            missing(
                &format!("Python 3 with pip and the packages of tests/python/{list}"),
                &format!("Install Python 3 with pip ({reason})"),
            );
            None
        }
    }
}

fn python_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}

/// True if a program is on the path; says so if not.
pub fn program(name: &str) -> bool {
    let found = on_path(&[name]).is_some();
    if !found {
        missing(name, &format!("Install {name}"));
    }
    found
}

/// A Chromium: the file that `CHROMIUM` names, or one on the path.
pub fn chromium() -> Option<PathBuf> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from).filter(|file| file.is_file());
    let found = named.or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome"]));
    if found.is_none() {
        missing("Chromium", "Install it, or set CHROMIUM to its file");
    }
    found
}

/// A Firefox on the path.
pub fn firefox() -> Option<PathBuf> {
    let found = on_path(&["firefox-esr", "firefox"]);
    if found.is_none() {
        missing("Firefox", "Install firefox-esr");
    }
    found
}

/// The driver of Safari's engine, where there is also a display for it.
pub fn webkit() -> Option<PathBuf> {
    let found = on_path(&["WebKitWebDriver"]).filter(|_| on_path(&["Xvfb"]).is_some());
    if found.is_none() {
        missing("WebKit", "Install webkit2gtk-driver and xvfb");
    }
    found
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let find = |name: &&str| {
        env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    names.iter().find_map(find)
}

fn install() -> Result<NodeTools, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let node = Command::new("node").arg("--version").stderr(Stdio::null()).output();
    node.map_err(|error| format!("node: {error}"))?;

    // Several test processes can come here at once; the file itself serves as the lock.
    let lock_path = folder.join("package-lock.json");
    let locked = File::open(&lock_path).and_then(|file| file.lock().map(|()| file));
    let _locked = locked.map_err(|error| error.to_string())?;

    let wanted = fs::read(&lock_path).map_err(|error| error.to_string())?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(NodeTools { folder });
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm: {error}"))?;
    if !npm.status.success() {
        return Err(format!("npm ci: {}", String::from_utf8_lossy(&npm.stderr).trim()));
    }
    fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(NodeTools { folder })
}

fn install_python(list: &str, folder: &str) -> Result<(), String> {
    let requirements = python_folder().join(list);
    // Several test processes can come here at once; the file itself serves as the lock.
    let locked = File::open(&requirements).and_then(|file| file.lock().map(|()| file));
    let _locked = locked.map_err(|error| error.to_string())?;
    let wanted = fs::read(&requirements).map_err(|error| error.to_string())?;
    let packages = python_folder().join(folder);
    let stamp = packages.join(".installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let pip = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        .args(["--no-deps", "--require-hashes", "--only-binary", ":all:", "--upgrade"])
        .arg("--no-compile")
        .arg("--target")
        .arg(&packages)
        .arg("--requirement")
        .arg(&requirements)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    if !pip.status.success() {
        return Err(format!("pip: {}", String::from_utf8_lossy(&pip.stderr).trim()));
    }
    fs::write(&stamp, &wanted).map_err(|error| error.to_string())
}

/// The first Bicep that has `snapshot` for everybody.
const BICEP_MIN: [u32; 3] = [0, 41, 2];

/// Microsoft's Bicep compiler: on the path, or where `az bicep install` puts it. It is on no package
/// registry that the tests use, so its absence is said and is no failure, even with `REQUIRE_ALL=1`;
/// nor is one that is too old.
pub fn bicep() -> Option<PathBuf> {
    static BICEP: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BICEP.get_or_init(|| find_bicep().and_then(|file| new_enough(&file).map(|()| file))) {
        Ok(file) => Some(file.clone()),
        Err(reason) => {
            not_run(reason);
            None
        }
    }
}

fn find_bicep() -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let az = env::var_os("AZURE_CONFIG_DIR").map(PathBuf::from);
    let az = az.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".azure")));
    let folders = env::split_paths(&path).chain(az.map(|az| az.join("bin")));
    let found = folders.map(|folder| folder.join("bicep")).find(|file| file.is_file());
    let missing = "The Bicep compiler is missing. Put bicep on the path, or run `az bicep install`";
    found.ok_or_else(|| missing.to_owned())
}

/// Checks that this Bicep compiler has the features that the tests need; the error names the
/// required version.
pub fn new_enough(bicep: &Path) -> Result<(), String> {
    // The compiler unpacks itself into its home, which need not be ours.
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let asked = Command::new(bicep).arg("--version").env("HOME", home.path()).output();
    let printed = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = printed.as_ref().ok().and_then(|printed| bicep_version(printed));
    if version.is_some_and(|version| version >= BICEP_MIN) {
        return Ok(());
    }
    let [major, minor, patch] = BICEP_MIN;
    let is = match (version, printed) {
        (Some([major, minor, patch]), _) => format!("is version {major}.{minor}.{patch}"),
        (None, printed) => format!("does not tell its version ({printed:?})"),
    };
    Err(format!(
        "The tests need Bicep {major}.{minor}.{patch} or later, and {} {is}. Run `az bicep upgrade`, \
         or put a newer bicep on the path",
        bicep.display()
    ))
}

/// From "Bicep CLI version 0.49.2 (b34271ac51)".
fn bicep_version(printed: &str) -> Option<[u32; 3]> {
    let (_, rest) = printed.split_once("version ")?;
    let numbers = rest.split(|c: char| !c.is_ascii_digit()).take(3);
    let numbers: Option<Vec<u32>> = numbers.map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}
