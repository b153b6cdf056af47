//! The conversation of the demo, as its channel shows it: the moving picture of the README.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{browser, run};
use crate::support::http::Body;
use crate::support::local::{self, Local};
use crate::support::teams::{self, Message, Reply};

/// The beginnings of the drawn messages, each with `true` if it is in the still picture as well.
const DRAWN: &[(&str, bool)] = &[
    ("ack ", true),
    ("ic ", false),
    ("publish ", false),
    ("update ", true),
    ("tested ", false),
    ("close ", false),
];

/// The message about the alert, as the demo prints it: its first line and the indented ones.
fn notice(demo: &str) -> Option<String> {
    let (_, rest) = demo.split_once("message: Incident #1: ")?;
    let mut lines = rest.lines();
    let mut text = vec![format!("Incident #1: {}", lines.next()?)];
    let indented = lines.take_while(|line| line.starts_with("    "));
    text.extend(indented.map(|line| line.trim().to_owned()).filter(|line| is_shown(line)));
    Some(text.join("\n"))
}

/// Addresses are buttons there, and the demo has a time of its own.
fn is_shown(line: &str) -> bool {
    !line.contains("http") && !line.starts_with("Detected")
}

/// The messages of the demo's script: sender and text.
fn script(demo: &str) -> impl Iterator<Item = (&str, &str)> {
    demo.lines().filter_map(|line| line.split_once(": @StatusPage "))
}

/// The answer of the running program to a message of somebody.
async fn answer(local: &Local, from: &str, text: &str) -> Reply {
    let mut message = Message::new(text).json();
    message["from"]["name"] = from.into();
    message["from"]["id"] = format!("29:{from}").into();
    message["from"]["aadObjectId"] = Value::Null;
    let body = message.to_string().into_bytes();
    let signature = teams::sign(teams::TOKEN, &body);
    Reply::of(&teams::post(&local.webhook(), Some(&signature), Body::Sized(&body)).await)
}

async fn conversation(folder: &Path) -> Vec<Value> {
    let demo = local::run(folder, &["demo"]).await;
    assert!(demo.status.success(), "{demo:?}");
    let demo = local::text(&demo.stdout);
    let config = "title = \"Example Shop status\"\n[[components]]\nname = \"Checkout\"\n";
    fs::write(folder.join("status.toml"), config).unwrap();
    let settings = [("STATUS_WEBHOOK_TOKENS", teams::TOKEN), ("STATUS_DEADLINE_MS", "30000")];
    let local = Local::start(folder, &settings).await;
    // In the demo the alert opens it.
    answer(&local, "Monitor", "open internal sev2 on Checkout: Card payments are slow").await;
    // The cards have the time of this machine, so the messages have it too.
    let at = Timestamp::now().strftime("%H:%M").to_string();
    let notice = notice(demo).expect("the demo shows the alert in the channel");
    let mut messages =
        vec![json!({ "at": at, "from": "StatusPage", "text": notice, "still": true })];
    for (from, text) in script(demo) {
        let drawn = DRAWN.iter().find(|(begin, _)| text.starts_with(begin));
        let reply = answer(&local, from, text).await;
        let Some((_, still)) = drawn else { continue };
        let said = json!({ "at": at, "from": from, "text": text, "still": still });
        match reply {
            Reply::Card { card, .. } => {
                let mut said = said;
                said["card"] = card;
                messages.push(said);
            }
            Reply::Sentence(answer) => messages.extend([
                said,
                json!({ "at": at, "from": "StatusPage", "text": answer, "still": still }),
            ]),
        }
    }
    messages
}

/// Draws it. `PICTURES=docs cargo test --test tests browser::conversation` keeps the pictures.
#[tokio::test]
async fn the_demo_is_drawn_as_a_conversation() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let messages = conversation(folder.path()).await;
    assert!(messages.len() > DRAWN.len(), "{messages:?}");
    let file = folder.path().join("messages.json");
    fs::write(&file, serde_json::to_vec(&messages).unwrap()).unwrap();
    let is_kept = std::env::var_os("PICTURES").is_some_and(|value| value == "docs");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let kept: PathBuf = if is_kept { docs } else { folder.path().into() };
    let arguments = [chromium, file, kept.clone()].into_iter();
    let drawn: Vec<String> = run("conversation.mjs", arguments).await;
    for name in drawn {
        let bytes = fs::metadata(kept.join(&name)).unwrap().len();
        assert!((5_000..400_000).contains(&bytes), "{name}: {bytes} bytes");
    }
}
