//! The shell scripts: checked by shellcheck, and run with stand-ins for `az` and `curl` that record
//! their arguments, under a clock that only `sleep` moves.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{run, succeed};
use crate::house::root;
use crate::support::host::{App, Host};
use crate::support::{teams, tools};

/// Answers from files, and records every call; in `argv` unchanged, followed by an empty word.
/// `update` sets the website; the role assignments take effect after `arrives` seconds.
const AZ: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/calls"
printf '%s\0' "$@" '' >>"$here/argv"
[ -f "$here/fails" ] && { echo 'AuthorizationPermissionMismatch' >&2; exit 1; }
case $* in
  *'service-properties show'*) cat "$here/website" ;;
  *'service-properties update'*'--static-website true'*) echo 'true index.html 404.html' >"$here/website" ;;
  *'role assignment list'*) cat "$here/given" ;;
  'resource list'*) ;;
  'deployment group create'*) ;;
  'rest --method post'*'/config/configreferences/appsettings/refresh?api-version='*) ;;
  'rest --method get'*'/appsettings/STATUS_WEBHOOK_TOKENS?api-version='*)
    if [ "$(cat "$here/clock")" -lt "$(cat "$here/arrives")" ]; then
      echo AccessToKeyVaultDenied
    else
      echo SecretNotFound
    fi ;;
  *) exit 2 ;;
esac
"#;

/// The end of each request, from the file `answers`: a line for each call, the last one repeatedly.
/// `28` is curl's own failure, `503 {…}` a status and a body.
const CURL: &str = r#"#!/bin/sh
here=$(dirname "$0")
for url in "$@"; do
  [ "${previous-}" = --output ] && output=$url
  previous=$url
done
echo "$url" >>"$here/calls"
IFS= read -r answer <"$here/answers"
[ "$(wc -l <"$here/answers")" -eq 1 ] || sed -i 1d "$here/answers"
status=${answer%% *}
[ "${#status}" -eq 3 ] || { printf 000; exit "$status"; }
printf %s "${answer#* }" >"$output"
printf %s "$status"
"#;

const SLEEP: &str = r#"#!/bin/sh
clock=$(dirname "$0")/clock
echo $(($(cat "$clock") + $1)) >"$clock.new"
mv "$clock.new" "$clock"
"#;

const DATE: &str = r#"#!/bin/sh
case $* in
  *-d*) exec /bin/date "$@" ;;
  *+%s*) cat "$(dirname "$0")/clock" ;;
  *) exit 1 ;;
esac
"#;

/// 21 November 2026, 13:00 UTC, when everything was provisioned.
const PROVISIONED: u64 = 1_795_266_000;

const APP: &str = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.Web/sites/func-abc";

/// Writes a script that can be run.
pub fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub struct Azure {
    folder: TempDir,
}

impl Azure {
    pub fn new() -> Self {
        let azure = Self { folder: tempfile::tempdir().unwrap() };
        for (name, script) in [("az", AZ), ("curl", CURL), ("sleep", SLEEP), ("date", DATE)] {
            executable(&azure.path().join(name), script);
        }
        azure.keep("website", "false - -\n");
        azure.keep("given", "2026-11-21T13:00:00.123456+00:00\n");
        azure.keep("arrives", "0\n");
        azure.keep("clock", &format!("{PROVISIONED}\n"));
        azure
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn keep(&self, name: &str, content: &str) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// A hook as azd runs it, after a provisioning that left these variables in addition to the
    /// usual ones.
    pub fn hook(&self, name: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg(format!("infra/hooks/{name}.sh")).current_dir(root());
        self.environment(&mut command).envs(variables.iter().copied());
        command
    }

    /// A hook's variables after a provisioning, and the stand-ins on the path.
    pub fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_clear();
        command.env("AZURE_ENV_NAME", "abc");
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path().display()));
        command.env("SITE_STORAGE_ACCOUNT", "stsiteabc");
        command.env("HOST_STORAGE_ID", "/subscriptions/S/…/storageAccounts/sthostabc");
        command.env("FUNCTION_APP_ID", APP);
        command.env("PAGE_URL", "https://stsiteabc.z6.web.core.windows.net");
        command.env("WEBHOOK_URL", "https://func-abc.azurewebsites.net/api/status-update")
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// Seconds since the provisioning.
    fn clock(&self) -> u64 {
        let clock = fs::read_to_string(self.path().join("clock")).unwrap();
        clock.trim().parse::<u64>().unwrap() - PROVISIONED
    }

    /// Output of postdeploy for these answers of health.
    fn deployed(answers: &str) -> (bool, String, u64) {
        let azure = Self::new();
        azure.keep("answers", &format!("{answers}\n"));
        let (output, said) = run(&mut azure.hook("postdeploy", &[]));
        let health = "https://func-abc.azurewebsites.net/api/health";
        assert!(azure.calls().iter().all(|call| call == health), "{:?}", azure.calls());
        (output.status.success(), said, azure.clock())
    }
}

#[test]
fn scripts_pass_shellcheck() {
    let Some(tools) = tools::python("deploy.txt", "deploy") else { return };
    let mut shellcheck = Command::new(tools.folder.join("bin/shellcheck"));
    let scripts = super::infra::files(".sh").into_keys().map(|name| format!("infra/{name}"));
    let scripts = scripts.chain([".ci/run".to_owned()]);
    succeed(
        shellcheck.args(["--enable=check-unassigned-uppercase"]).args(scripts).current_dir(root()),
    );
}

#[test]
fn the_website_is_switched_on_once() {
    let azure = Azure::new();
    let first = succeed(&mut azure.hook("postprovision", &[("STATIC_WEBSITE_DECLARED", "false")]));
    assert!(first.contains("was switched on"), "{first}");
    let calls = azure.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--account-name stsiteabc")), "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--auth-mode login")), "{calls:?}");
    assert!(calls[1].contains("--index-document index.html --404-document 404.html"), "{calls:?}");

    let second = succeed(&mut azure.hook("postprovision", &[("STATIC_WEBSITE_DECLARED", "false")]));
    assert!(second.contains("on already"), "{second}");
    let calls = azure.calls();
    assert_eq!(calls.len(), 3, "the second time it only looks: {calls:?}");
    assert!(calls[2].contains("service-properties show"), "{calls:?}");
}

#[test]
fn work_of_the_template_is_not_repeated() {
    let azure = Azure::new();
    let said = succeed(&mut azure.hook("postprovision", &[("STATIC_WEBSITE_DECLARED", "true")]));
    assert_eq!(azure.calls(), [""; 0]);
    assert!(said.contains("https://func-abc.azurewebsites.net/api/status-update"), "{said}");
}

/// By itself the app looks into the vault once a day.
#[test]
fn new_secrets_are_fetched_at_once_and_never_shown() {
    for secret in ["STATUS_WEBHOOK_TOKENS", "STATUS_NOTIFY_URL", "STATUS_HEARTBEAT_URL"] {
        is_fetched_at_once_and_never_shown(secret);
    }
}

fn is_fetched_at_once_and_never_shown(secret: &str) {
    let azure = Azure::new();
    let told = [("STATIC_WEBSITE_DECLARED", "true"), (secret, "c2VjcmV0")];
    let said = succeed(&mut azure.hook("postprovision", &told));
    let calls = azure.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(calls[0].contains(&format!("{APP}/config/configreferences")), "{calls:?}");
    assert!(!said.contains("c2VjcmV0") && !calls[0].contains("c2VjcmV0"), "{said}");

    azure.keep("fails", "");
    let (output, said) = run(&mut azure.hook("postprovision", &told));
    assert!(!output.status.success() && said.contains("az login"), "{said}");
}

#[test]
fn obstacles_are_reported() {
    let azure = Azure::new();
    azure.keep("fails", "");
    let (output, said) = run(&mut azure.hook("postprovision", &[]));
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("az login") && said.contains("stsiteabc"), "{said}");

    let (output, said) = run(azure.hook("postprovision", &[]).env("PATH", "/nowhere"));
    assert!(!output.status.success() && said.contains("Azure CLI"), "{said}");

    let (output, said) = run(azure.hook("postprovision", &[]).env_remove("SITE_STORAGE_ACCOUNT"));
    assert!(!output.status.success() && said.contains("SITE_STORAGE_ACCOUNT"), "{said}");
}

#[test]
fn deploying_waits_for_new_rights_and_no_longer_than_it_must() {
    // Assigned long ago: one check, no wait.
    let azure = Azure::new();
    azure.keep("clock", &format!("{}\n", PROVISIONED + 3600));
    let said = succeed(&mut azure.hook("predeploy", &[]));
    assert_eq!((azure.calls().len(), azure.clock()), (1, 3600), "{said}");
    assert!(!said.contains("Waiting"), "{said}");

    // New ones settle first, and then the app has to be let in.
    for (arrives, expected) in [(0, 120..150), (300, 300..330)] {
        let azure = Azure::new();
        azure.keep("arrives", &format!("{}\n", PROVISIONED + arrives));
        let said = succeed(&mut azure.hook("predeploy", &[]));
        assert!(expected.contains(&azure.clock()), "{arrives}: {}", azure.clock());
        assert!(said.contains("Waiting") && !said.contains("Going on"), "{said}");
        let asked = format!("{APP}/config/configreferences/appsettings/STATUS_WEBHOOK_TOKENS");
        assert!(azure.calls().iter().any(|call| call.contains(&asked)), "{:?}", azure.calls());
    }

    // They never arrive: it is tried all the same, with a word.
    let azure = Azure::new();
    azure.keep("arrives", "9999999999\n");
    let said = succeed(&mut azure.hook("predeploy", &[]));
    assert!((600..630).contains(&azure.clock()), "{}", azure.clock());
    assert!(said.contains("Going on") && said.contains("azd deploy again"), "{said}");
}

#[test]
fn deploying_without_rights_is_stopped_and_without_az_is_not() {
    let azure = Azure::new();
    azure.keep("given", "\n");
    let (output, said) = run(&mut azure.hook("predeploy", &[]));
    assert!(!output.status.success() && said.contains("azd provision --no-state"), "{said}");

    azure.keep("fails", "");
    let said = succeed(&mut azure.hook("predeploy", &[]));
    assert!(said.contains("az login") && said.contains("azd deploy again"), "{said}");
}

const WELL: &str = r#"{"problem":null,"not_configured":[]}"#;

#[test]
fn a_deployed_app_is_asked_until_it_is_well() {
    let (ok, said, seconds) = Azure::deployed(&format!("200 {WELL}"));
    assert!(ok && seconds == 0 && said.contains("https://stsiteabc"), "{said}");

    // Starting, then without its rights, then well.
    let denied = r#"{"problem":"STATUS_STORAGE: 403","not_configured":[]}"#;
    let (ok, said, seconds) = Azure::deployed(&format!("7\n503 \n200 {denied}\n200 {WELL}"));
    assert!(ok && seconds == 30, "{seconds}: {said}");

    // Nobody has a token before the webhook is created: that comes next.
    let new = r#"{"problem": null, "not_configured": ["STATUS_WEBHOOK_TOKENS is not set"]}"#;
    for status in [200, 503] {
        let (ok, said, seconds) = Azure::deployed(&format!("{status} {new}"));
        assert!(ok && seconds == 0 && said.contains("outgoing webhook"), "{said}");
    }
}

/// The key that alerts are posted with is one that Azure knows only once the app runs.
#[test]
fn alerts_are_connected_once_the_app_is_well() {
    let connected = |answers: &str, variables: &[(&str, &str)], fails: bool| {
        let azure = Azure::new();
        azure.keep("answers", &format!("{answers}\n"));
        if fails {
            azure.keep("fails", "");
        }
        let (output, said) = run(&mut azure.hook("postdeploy", variables));
        let calls = azure.calls();
        let deployments = calls.into_iter().filter(|call| call.starts_with("deployment group"));
        (output.status.success(), said, deployments.collect::<Vec<String>>())
    };
    let well = format!("200 {WELL}");
    let group = ("AZURE_RESOURCE_GROUP", "rg-status");
    let app = ("FUNCTION_APP_NAME", "func-abc");
    for wanted in ["true", "false"] {
        let variables = [group, app, ("STATUS_INFRA_ALERT_INCIDENTS", wanted)];
        let (ok, said, calls) = connected(&well, &variables, false);
        assert!(ok && calls.len() == 1, "{said} {calls:?}");
        for part in [
            "--resource-group rg-status",
            "incidents.bicep",
            "appName=func-abc",
            &format!("enabled={wanted}"),
            "--output none",
        ] {
            assert!(calls[0].contains(part), "{part}: {calls:?}");
        }
        assert_eq!(said.contains("Alerts open incidents."), wanted == "true", "{said}");

        let (ok, said, _) = connected(&well, &variables, true);
        assert!(!ok && said.contains("az login"), "{said}");
        let (ok, said, calls) = connected("404 ", &variables, false);
        assert!(!ok && calls.is_empty(), "{said} {calls:?}");
    }
    // Not requested, so the existing one stays.
    for unset in [&[][..], &[("STATUS_INFRA_ALERT_INCIDENTS", "")]] {
        let (ok, said, calls) = connected(&well, unset, false);
        assert!(ok && calls.is_empty(), "{said} {calls:?}");
    }
}

#[test]
fn answers_of_an_unhealthy_app_are_explained() {
    let wrong =
        r#"{"problem":"STATUS_DEADLINE_MS: \"soon\" is not a whole number","not_configured":[]}"#;
    let denied = r#"{"problem":"STATUS_STORAGE: 403","not_configured":[]}"#;
    let two = r#"{"problem":null,"not_configured":["STATUS_WEBHOOK_TOKENS …","STATUS_STORAGE …"]}"#;
    for (answer, means) in [
        ("28".to_owned(), "missing or not executable"),
        ("7".to_owned(), "the host is stopped"),
        ("404 ".to_owned(), "lacks the folders"),
        ("500 ".to_owned(), "older than"),
        (format!("503 {wrong}"), "STATUS_DEADLINE_MS"),
        (format!("200 {denied}"), "may not have taken effect yet"),
        (format!("200 {two}"), "STATUS_STORAGE …"),
    ] {
        let (ok, said, seconds) = Azure::deployed(&answer);
        assert!(!ok && said.contains(means), "{answer}: {said}");
        assert!((300..320).contains(&seconds), "{answer}: {seconds}");
    }
}

/// The real program behind the stand-in host, with the real curl.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_s_own_health_is_understood() {
    if !tools::program("curl") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let storage = format!("dir:{}", place.path().display());
    let page = ("STATUS_PUBLIC_URL", "https://status.example.com");
    let settings = [("STATUS_STORAGE", storage.as_str()), page];
    for (tokens, next) in [(None, "outgoing webhook"), (Some(teams::TOKEN), "Page:")] {
        let mut settings = settings.to_vec();
        settings.extend(tokens.map(|tokens| ("STATUS_WEBHOOK_TOKENS", tokens)));
        let host = Host::start(App::packaged(), &settings).await.unwrap();
        let azure = Azure::new();
        fs::remove_file(azure.path().join("curl")).unwrap();
        let url = host.url("/api/status-update");
        let said = succeed(&mut azure.hook("postdeploy", &[("WEBHOOK_URL", &url)]));
        assert!(said.contains("reaches its storage") && said.contains(next), "{said}");
    }
}
