//! The package: its contents, its reproducibility, and a run as on the platform.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use super::{run, succeed};
use crate::house::{read, root};
use crate::support::host::{App, Host};
use crate::support::teams::{self, Message, Reply};
use crate::support::tools;

/// Far below Flex Consumption's limit: a small package starts fast.
const ZIP_BYTES_MAX: u64 = 5_750_000;

fn package() -> Command {
    let mut command = Command::new("sh");
    command.arg("infra/package.sh").current_dir(root());
    command
}

/// The script with a program that is already built, which costs no second build.
fn packaged(program: &Path, out: &Path) -> Command {
    let mut command = package();
    command.arg("--binary").arg(program).arg("--out").arg(out);
    command
}

/// Replaces the program where nothing runs it, because the tests' own is large.
fn small_program(folder: &Path) -> PathBuf {
    let program = folder.join("program");
    fs::write(&program, [0; 4096]).unwrap();
    program
}

fn has_zip() -> bool {
    tools::program("zip") && tools::program("unzip")
}

fn entries(zip: &Path) -> Vec<String> {
    let listed = succeed(Command::new("unzip").arg("-Z1").arg(zip));
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn the_package_holds_only_what_runs() {
    if !has_zip() {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    succeed(&mut packaged(&small_program(out.path()), out.path()));
    let zip = out.path().join("status-update.zip");
    let own = ["Alerts", "Health", "Reconcile", "Responders", "StatusUpdate"];
    let own = own.map(|function| format!("{function}/function.json"));
    let mut expected: Vec<&str> = own.iter().map(String::as_str).collect();
    expected.extend(["host.json", "status-update"]);
    // Somebody's own page, if this clone has one.
    let others = |name: &String| name == "status.toml" || name.starts_with("site/");
    let found: Vec<String> = entries(&zip).into_iter().filter(|name| !others(name)).collect();
    assert_eq!(found, expected);
    // azd zips the folder itself, so it has to have the same contents.
    let app = App::unpacked(&zip);
    for name in entries(&zip) {
        let (packed, staged) = (app.path().join(&name), out.path().join("app").join(&name));
        assert_eq!(fs::read(&packed).unwrap(), fs::read(&staged).unwrap(), "{name}");
        let mode = if name == "status-update" { 0o755 } else { 0o644 };
        for file in [packed, staged] {
            let found = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}: {found:o}", file.display());
        }
    }
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    if !has_zip() {
        return;
    }
    let mut zips = Vec::new();
    // Different times, masks, time zones, and orders in the folder.
    for (mask, zone) in [("022", "UTC"), ("077", "Pacific/Auckland")] {
        let out = tempfile::tempdir().unwrap();
        let script = format!("umask {mask}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "infra/package.sh"]).current_dir(root()).env("TZ", zone);
        command.arg("--binary").arg(small_program(out.path())).arg("--out").arg(out.path());
        succeed(&mut command);
        zips.push(fs::read(out.path().join("status-update.zip")).unwrap());
    }
    assert!(zips[0] == zips[1], "the two zips differ");
}

/// A zip counts from 1980, in local time: a stamp near that is a nonsense year somewhere.
#[test]
fn its_time_stamps_are_right_in_every_zone() {
    if !has_zip() {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut command = packaged(&small_program(out.path()), out.path());
    succeed(command.env("TZ", "Pacific/Honolulu"));
    let millennium = UNIX_EPOCH + Duration::from_hours(24 * 10_957);
    for name in ["status-update", "host.json", "Health/function.json"] {
        let staged = fs::metadata(out.path().join("app").join(name)).unwrap();
        assert_eq!(staged.modified().unwrap(), millennium, "{name}");
    }
    let zip = out.path().join("status-update.zip");
    let listed = succeed(Command::new("unzip").args(["-Z", "-s", "-T"]).arg(&zip));
    assert_eq!(listed.matches(" 20000101.000000 ").count(), entries(&zip).len(), "{listed}");
}

/// In a copy of the repository's host files, so that this clone's own page stays out of it.
#[test]
fn the_page_s_own_files_come_along() {
    if !has_zip() {
        return;
    }
    let clone = tempfile::tempdir().unwrap();
    for folder in ["infra", "StatusUpdate", "site/templates"] {
        fs::create_dir_all(clone.path().join(folder)).unwrap();
    }
    for file in ["infra/package.sh", "host.json", "StatusUpdate/function.json"] {
        fs::copy(root().join(file), clone.path().join(file)).unwrap();
    }
    fs::write(clone.path().join("status.toml"), "title = \"Ours\"\n").unwrap();
    fs::write(clone.path().join("site/logo.svg"), "<svg/>").unwrap();
    fs::write(clone.path().join("site/templates/index.html"), "").unwrap();
    fs::write(clone.path().join("local.settings.json"), "{}").unwrap();
    fs::write(clone.path().join("status-update"), "a program").unwrap();
    let mut command = Command::new("sh");
    command.args(["infra/package.sh", "--binary"]).arg(clone.path().join("status-update"));
    succeed(command.current_dir(clone.path()));
    assert_eq!(
        entries(&clone.path().join("dist/status-update.zip")),
        [
            "StatusUpdate/function.json",
            "host.json",
            "site/logo.svg",
            "site/templates/index.html",
            "status-update",
            "status.toml",
        ]
    );
}

/// Publishing from the repository's root sends only the contents of the package.
#[test]
fn funcignore_keeps_the_contents_of_the_package() {
    let ignored = read(".funcignore");
    let ignored: Vec<&str> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    let is_ignored = |name: &str| {
        ignored.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(ending) => name.ends_with(ending),
            None => pattern.trim_matches('/') == name,
        }) || ignored.contains(&"/Cargo.*") && name.starts_with("Cargo.")
    };
    let mut left = Vec::new();
    for entry in fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !is_ignored(&name) && !entry.path().join("function.json").exists() {
            left.push(name);
        }
    }
    left.retain(|name| {
        !["host.json", "status.toml", "site", "status-update"].contains(&name.as_str())
    });
    assert_eq!(left, [""; 0], ".funcignore lets these up");
}

#[test]
fn wrong_arguments_are_reported() {
    for arguments in [&["--target"][..], &["--binaries", "x"], &["package"]] {
        let (output, said) = run(package().args(arguments));
        assert!(!output.status.success() && said.contains("infra/package.sh --target"), "{said}");
    }
    if !has_zip() {
        return;
    }
    let (output, said) = run(package().args(["--target", "aarch64-apple-darwin"]));
    assert!(!output.status.success() && said.contains("x86_64-unknown-linux-musl"), "{said}");
}

#[tokio::test]
async fn it_runs_as_the_platform_runs_it() {
    if !has_zip() || !tools::program("strip") {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    // Without debug information, which would take longest to pack.
    let program = out.path().join("program");
    let built = env!("CARGO_BIN_EXE_status-update");
    succeed(Command::new("strip").arg("-o").arg(&program).arg(built));
    succeed(&mut packaged(&program, out.path()));
    publishes(&out.path().join("status-update.zip")).await;
}

/// A signed `open` becomes a page.
async fn publishes(zip: &Path) {
    let place = tempfile::tempdir().unwrap();
    let storage = format!("dir:{}", place.path().display());
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", teams::TOKEN)];
    let host = Host::start(App::unpacked(zip), &settings).await.unwrap();
    let message = Message::new("open The package works");
    let answer = teams::say(&host.url("/api/status-update"), &message).await;
    let (_, card) = Reply::of(&answer).card();
    assert!(card.to_string().contains("The package works"), "{card}");
    host.fire_timer("Reconcile").await.unwrap();
    let page = fs::read_to_string(place.path().join("web/index.html")).unwrap();
    assert!(page.contains("The package works"), "{page}");
}

/// The package as deployed. Building it takes minutes, so it is built only if everything has to be
/// proved.
#[tokio::test]
async fn the_release_is_small_portable_and_runs() {
    if env::var_os("REQUIRE_ALL").is_none_or(|value| value != "1") {
        let remedy = "Set REQUIRE_ALL=1: infra/package.sh then builds it, which takes minutes";
        tools::missing("The package's release build", remedy);
        return;
    }
    if !has_zip() {
        return;
    }
    let Some(cross) = tools::python("cross.txt", "cross") else { return };
    let out = tempfile::tempdir().unwrap();
    let mut command = package();
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![cross.folder.join("bin")];
    folders.extend(env::split_paths(&path));
    command.env("PATH", env::join_paths(folders).unwrap());
    command.env("CARGO_ZIGBUILD_ZIG_PATH", cross.folder.join("ziglang/zig"));
    succeed(command.arg("--out").arg(out.path()));

    let zip = out.path().join("status-update.zip");
    let bytes = fs::metadata(&zip).unwrap().len();
    assert!(bytes < ZIP_BYTES_MAX, "{bytes} bytes");
    let binary = out.path().join("app/status-update");
    needs_little(&binary);
    let program = fs::read(&binary).unwrap();
    let home = env::var("HOME").unwrap();
    for path in [root().to_str().unwrap(), &home] {
        let named = program.windows(path.len()).any(|window| window == path.as_bytes());
        assert!(!named, "{path} is named in the program: another machine gives other bytes");
    }
    publishes(&zip).await;
    let said = succeed(Command::new(&binary).arg("--version"));
    assert!(said.contains("(commit "), "{said}");
}

/// Static, or linked against nothing that the platform's image might not have.
fn needs_little(binary: &Path) {
    let dynamic = succeed(Command::new("readelf").arg("-d").arg(binary));
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)"));
    let needed: Vec<&str> = needed.filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    let header = succeed(Command::new("readelf").arg("-h").arg(binary));
    assert!(header.contains("X86-64"), "{header}");
    if needed.is_empty() {
        return;
    }
    let sysroot = succeed(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()));
    let musl = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-musl/lib");
    assert!(!musl.exists(), "the musl target is there, and the package is not static: {needed:?}");
    // No tool can be installed by the tests for this one, so it is said and nothing more.
    tools::not_run("the static build: the musl target is not installed; glibc 2.28 was proved");
    let glibc = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"];
    assert!(needed.iter().all(|name| glibc.contains(name)), "{needed:?}");
    let versions = succeed(Command::new("readelf").arg("-V").arg(binary));
    for version in versions.split("GLIBC_").skip(1) {
        let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        let parts: Vec<u32> = version[..end].split('.').map(|part| part.parse().unwrap()).collect();
        assert!(parts <= vec![2, 28], "GLIBC_{}", &version[..end]);
    }
}
