//! The shell scripts: by shellcheck, and run against a stand-in for `az` that keeps what it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{run, succeed};
use crate::house::root;
use crate::support::tools;

const HOOK: &str = "infra/hooks/postprovision.sh";

/// Answers `show` from a file, writes it on `update`, and keeps every call.
const AZ: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/calls"
[ -f "$here/fails" ] && { echo 'AuthorizationPermissionMismatch' >&2; exit 1; }
case $* in
  *'service-properties show'*) cat "$here/website" ;;
  *'service-properties update'*'--static-website true'*) echo 'true index.html 404.html' >"$here/website" ;;
  *) exit 2 ;;
esac
"#;

struct Azure {
    folder: TempDir,
}

impl Azure {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("az"), AZ).unwrap();
        fs::set_permissions(folder.path().join("az"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path().join("website"), "false - -\n").unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The hook as azd runs it, after a provisioning that left these variables besides the usual.
    fn hook(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg(HOOK).current_dir(root()).env_clear();
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path().display()));
        command.env("SITE_STORAGE_ACCOUNT", "stsiteabc");
        command.env("PAGE_URL", "https://stsiteabc.z6.web.core.windows.net");
        command.env("WEBHOOK_URL", "https://func-abc.azurewebsites.net/api/status-update");
        command.env("NEXT_STEPS", "In Teams create an outgoing webhook");
        command.envs(variables.iter().copied());
        command
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

#[test]
fn scripts_pass_shellcheck() {
    let Some(tools) = tools::python("deploy.txt", "deploy") else { return };
    let mut shellcheck = Command::new(tools.folder.join("bin/shellcheck"));
    let scripts = [HOOK, "infra/package.sh", ".ci/run"];
    succeed(
        shellcheck.args(["--enable=check-unassigned-uppercase"]).args(scripts).current_dir(root()),
    );
}

#[test]
fn the_website_is_switched_on_once() {
    let azure = Azure::new();
    let first = succeed(&mut azure.hook(&[("STATIC_WEBSITE_DECLARED", "false")]));
    assert!(first.contains("was switched on"), "{first}");
    let calls = azure.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--account-name stsiteabc")), "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--auth-mode login")), "{calls:?}");
    assert!(calls[1].contains("--index-document index.html --404-document 404.html"), "{calls:?}");

    let second = succeed(&mut azure.hook(&[("STATIC_WEBSITE_DECLARED", "false")]));
    assert!(second.contains("on already"), "{second}");
    let calls = azure.calls();
    assert_eq!(calls.len(), 3, "the second time it only looks: {calls:?}");
    assert!(calls[2].contains("service-properties show"), "{calls:?}");
}

#[test]
fn what_the_template_did_is_not_done_again() {
    let azure = Azure::new();
    let said = succeed(&mut azure.hook(&[("STATIC_WEBSITE_DECLARED", "true")]));
    assert_eq!(azure.calls(), [""; 0]);
    assert!(said.contains("https://func-abc.azurewebsites.net/api/status-update"), "{said}");
    assert!(said.contains("outgoing webhook"), "{said}");
    let told = [("STATIC_WEBSITE_DECLARED", "true"), ("STATUS_WEBHOOK_TOKENS", "c2VjcmV0")];
    let said = succeed(&mut azure.hook(&told));
    assert!(!said.contains("Next:") && !said.contains("c2VjcmV0"), "{said}");
}

#[test]
fn what_is_in_the_way_is_said() {
    let azure = Azure::new();
    fs::write(azure.path().join("fails"), "").unwrap();
    let (output, said) = run(&mut azure.hook(&[]));
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("az login") && said.contains("stsiteabc"), "{said}");

    let (output, said) = run(azure.hook(&[]).env("PATH", "/nowhere"));
    assert!(!output.status.success() && said.contains("Azure CLI"), "{said}");

    let (output, said) = run(azure.hook(&[]).env_remove("SITE_STORAGE_ACCOUNT"));
    assert!(!output.status.success() && said.contains("SITE_STORAGE_ACCOUNT"), "{said}");
}
