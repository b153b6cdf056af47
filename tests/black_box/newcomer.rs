//! The first minutes without cloud, configuration or host: start it, say something, see it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::{ALL_IS_WELL, headline};
use crate::support::http::Body;
use crate::support::local::{Local, run, start_fails, text};
use crate::support::teams::{self, Message, OTHER_TOKEN, Reply};

fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn start_say_see() {
    let folder = empty();
    let local = Local::start(folder.path(), &[]).await;
    let first = local.wait_for("/", "</html>").await;
    assert_eq!(headline(&first.text()), ALL_IS_WELL);
    assert!(first.head.get("content-type").unwrap().starts_with("text/html"));

    let token = folder.path().join("local/development-token");
    let mode = fs::metadata(&token).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    let secret = fs::read_to_string(&token).unwrap();
    assert_eq!(STANDARD.decode(secret.trim()).unwrap().len(), 32);
    assert!(!local.printed.contains(secret.trim()), "the token was printed");

    let say = ["send", "--to", &local.url, "--as", "Grace Hopper", "open Checkout is failing"];
    let said = run(folder.path(), &say).await;
    let answer = text(&said.stdout);
    assert!(said.status.success(), "{answer}{}", text(&said.stderr));
    assert!(answer.contains("#1") && answer.contains("Checkout is failing"), "{answer}");
    assert!(!answer.contains('{'), "that is for machines: {answer}");

    let page = local.wait_for("/", "Checkout is failing").await.text();
    assert_ne!(headline(&page), ALL_IS_WELL);
    local.wait_for("/incidents/1/", "Checkout is failing").await;
    let record = fs::read_to_string(folder.path().join("local/log/0000000001.json")).unwrap();
    assert!(record.contains("Grace Hopper"), "{record}");
    // Everything that it keeps is below one folder.
    let kept = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(kept.collect::<Vec<_>>(), ["local"]);
}

#[tokio::test]
async fn a_second_start_goes_on() {
    let folder = empty();
    let mut tokens = Vec::new();
    for command in ["open It began", "update It goes on"] {
        let local = Local::start(folder.path(), &[]).await;
        let said = run(folder.path(), &["send", "--to", &local.url, command]).await;
        assert!(said.status.success(), "{}{}", text(&said.stdout), text(&said.stderr));
        local.wait_for("/incidents/1/", command.split_once(' ').unwrap().1).await;
        tokens.push(fs::read(folder.path().join("local/development-token")).unwrap());
    }
    assert_eq!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn the_site_and_nothing_else_is_served() {
    let folder = empty();
    let local = Local::start(folder.path(), &[]).await;
    local.wait_for("/", "</html>").await;
    let said = run(folder.path(), &["send", "--to", &local.url, "open Checkout is failing"]).await;
    assert!(said.status.success());

    let lost = local.get("/no/such/page").await;
    assert_eq!(lost.status, 404);
    let not_found = fs::read_to_string(folder.path().join("local/web/404.html")).unwrap();
    assert_eq!(lost.text(), not_found);
    for path in [
        "/../log/0000000001.json",
        "/%2e%2e/log/0000000001.json",
        "/..%2flog%2f0000000001.json",
        "/incidents/../../state/status.json",
        "//log/0000000001.json",
        "/log/0000000001.json",
        "/state/status.json",
        "/../development-token",
        "/%2e%2e%2fdevelopment-token",
        "/..\\development-token",
        "/index.html%00.txt",
        "/%ff",
    ] {
        let answer = local.get(path).await;
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.text().contains("\"revision\""), "{path} gives a private file away");
    }
}

#[tokio::test]
async fn send_is_also_a_smoke_test() {
    let folder = empty();
    let local = Local::start(folder.path(), &[]).await;
    // From a different folder, with an explicit token.
    let elsewhere = empty();
    let token = fs::read_to_string(folder.path().join("local/development-token")).unwrap();
    let webhook = format!("{}/api/status-update", local.url);
    let right = ["send", "--to", &webhook, "--token", token.trim(), "open Mail is delayed"];
    let said = run(elsewhere.path(), &right).await;
    assert!(said.status.success(), "{}{}", text(&said.stdout), text(&said.stderr));

    // A refusal is an answer too: 200, and the line to type.
    let odd = ["send", "--to", &webhook, "--token", token.trim(), "opne Mail is delayed"];
    let said = run(elsewhere.path(), &odd).await;
    assert!(said.status.success(), "{}", text(&said.stderr));
    assert!(text(&said.stdout).contains("open"), "{}", text(&said.stdout));

    let wrong = ["send", "--to", &webhook, "--token", OTHER_TOKEN, "open Mail is delayed"];
    let said = run(elsewhere.path(), &wrong).await;
    let output = format!("{}{}", text(&said.stdout), text(&said.stderr));
    assert!(!said.status.success(), "{output}");
    assert!(output.contains("401") && !output.contains(OTHER_TOKEN), "{output}");

    let nobody = ["send", "--to", "http://127.0.0.1:1", "--token", OTHER_TOKEN, "status"];
    let said = run(elsewhere.path(), &nobody).await;
    assert!(!said.status.success());
    assert_eq!(text(&said.stderr).lines().count(), 1, "{}", text(&said.stderr));

    let tokenless = ["send", "--to", &webhook, "open Mail is delayed"];
    let said = run(elsewhere.path(), &tokenless).await;
    assert!(!said.status.success());
    assert!(text(&said.stderr).contains("--token"), "{}", text(&said.stderr));
}

/// The generated token is required: strangers are refused here, too.
#[tokio::test]
async fn the_generated_token_is_required() {
    let folder = empty();
    let local = Local::start(folder.path(), &[]).await;
    let webhook = format!("{}/api/status-update", local.url);
    let message = Message::new("open Mail is delayed");
    assert_eq!(teams::say(&webhook, &message).await.status, 401);
    let token = fs::read_to_string(folder.path().join("local/development-token")).unwrap();
    let body = message.body();
    let signature = teams::sign(token.trim(), &body);
    let answer = teams::post(&webhook, Some(&signature), Body::Sized(&body)).await;
    Reply::of(&answer).card();
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_with_one_line() {
    for (setting, value) in [
        ("STATUS_STORAGE", "dir:"),
        ("STATUS_CONFIG", "no-such-file.toml"),
        ("STATUS_PUBLIC_URL", "status.example.org"),
        ("STATUS_MAX_SKEW_SECONDS", "soon"),
        ("STATUS_MAX_SKEW_SECONDS", "-1"),
        ("STATUS_DEADLINE_MS", "4s"),
        ("STATUS_DEADLINE_MS", "0"),
        ("FUNCTIONS_CUSTOMHANDLER_PORT", "70000"),
        ("STATUS_BOARDS_URL", "http://dev.azure.com"),
        ("STATUS_GRAPH_URL", "https://graph.microsoft.us/v1"),
    ] {
        let said = refused(&[(setting, value)]).await;
        assert!(said.contains(setting) && said.contains(value), "{setting}={value}: {said}");
    }
    for tokens in ["not-base64!", "AAECAw==, ?"] {
        let said = refused(&[("STATUS_WEBHOOK_TOKENS", tokens)]).await;
        assert!(said.contains("STATUS_WEBHOOK_TOKENS"), "{said}");
        assert!(!said.contains(tokens) && !said.contains("AAECAw"), "a secret was printed: {said}");
    }
    // An address or a connection string may contain a key, so the value is not repeated.
    for storage in [
        "ftp://storage.example?sig=c2VjcmV0",
        "https://storage.example/container?sig=c2VjcmV0",
        "UseDevelopmentStorage=maybe;AccountKey=c2VjcmV0",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0",
    ] {
        let said = refused(&[("STATUS_STORAGE", storage)]).await;
        assert!(said.contains("STATUS_STORAGE: "), "{said}");
        assert!(said.contains("https://ACCOUNT.blob.core.windows.net"), "{said}");
        assert!(!said.contains("c2VjcmV0"), "a secret was printed: {said}");
    }
    for notify in ["https://a.webhook.office.com/c2VjcmV0", "http://flow.example/?sig=c2VjcmV0"] {
        let said = refused(&[("STATUS_NOTIFY_URL", notify)]).await;
        assert!(said.contains("STATUS_NOTIFY_URL: ") && said.contains("a workflow with"), "{said}");
        assert!(!said.contains("c2VjcmV0"), "a secret was printed: {said}");
    }
    let said = refused(&[("STATUS_HEARTBEAT_URL", "http://hc.example/c2VjcmV0")]).await;
    assert!(said.contains("STATUS_HEARTBEAT_URL: ") && said.contains("https://"), "{said}");
    assert!(!said.contains("c2VjcmV0"), "a secret was printed: {said}");
    let folder = empty();
    fs::write(folder.path().join("file"), "in the way").unwrap();
    let said = start_fails(folder.path(), &[("STATUS_STORAGE", "dir:file/below")]).await;
    assert!(said.contains("STATUS_STORAGE: ") && said.contains("file/below"), "{said}");
}

#[tokio::test]
async fn a_wrong_configuration_file_names_its_line() {
    let folder = empty();
    for (wrong, hint) in [
        ("title = 1", "line 1"),
        ("titel = \"Ours\"", "titel"),
        ("time_zone = \"Mars/Olympus\"", "Mars/Olympus"),
        ("support = \"javascript:alert(1)\"", "javascript:alert(1)"),
        ("[[components]]\nname = \"A\"\n[[components]]\nname = \"A\"", "\"A\""),
    ] {
        fs::write(folder.path().join("status.toml"), wrong).unwrap();
        let said = start_fails(folder.path(), &[]).await;
        assert!(said.contains("status.toml") && said.contains(hint), "{wrong}: {said}");
    }
}

async fn refused(settings: &[(&str, &str)]) -> String {
    start_fails(empty().path(), settings).await
}
