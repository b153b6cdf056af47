//! Answers as Teams draws them on a phone: with Microsoft's own renderer of Adaptive Cards.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use status_update::core::answer::{Answer, card};
use status_update::core::config::Config;

use super::{browser, none_wrong, run};
use crate::cases;
use crate::cases::thread::{START, Thread};

/// The maximum height of an answer on a phone, in pixels at a width of 320.
pub const HEIGHT_MAX: f64 = 250.0;

/// An answer as its reader meets it.
#[derive(Deserialize)]
pub struct Look {
    pub name: String,
    /// Complaints of the renderer and the page.
    complaints: Vec<String>,
    text: String,
    links: Vec<String>,
    /// Elements that our cards never have.
    elements: Vec<String>,
    /// Of the drawing, in pixels, where 320 are there.
    width: u32,
    pub height: f64,
    /// The fonts were loaded.
    fonts: bool,
}

const HOSTILE: &str = "<img src=x onerror=alert(1)> **bold** [a](javascript:alert(1)) ‹at>All‹/at>";

/// Messages in the channel, each with a name for its answer.
const SAID: &[(&str, &str)] = &[
    ("open", "open sev2 since=20m via=customer on Checkout: Card payments are failing next 30m"),
    ("ack", "ack I am on it"),
    ("status", "status"),
    ("ic", "ic me"),
    ("update", "update identified A release exhausts the connections to our provider next 20m"),
    ("impact", "impact critical Nearly all card payments fail, other ways to pay work"),
    ("note", "note 5m ago The first complaint came a minute after the release of the gateway"),
    ("task", "task Go back to the release before, on one node first @me"),
    ("doing", "doing Going back to the release before"),
    ("when", "when detected 10:40 via customer"),
    ("status-of-one", "status #1"),
    ("oncall", "oncall checkout"),
    ("close", "close All card payments work again"),
    ("internal", "open internal Queue is filling up"),
    ("drill", "open drill The data centre is gone"),
    ("publish", "publish #2 minor Orders are delayed"),
    (
        "hostile",
        "know #2 &lt;img src=x onerror=alert(1)&gt; **bold** [a](javascript:alert(1)) \
         &lt;at&gt;All&lt;/at&gt;",
    ),
];

/// An answer for the renderer.
pub fn drawable(name: &str, answer: &Answer) -> Value {
    let activity = card::activity(answer);
    match activity.get("attachments") {
        Some(attachments) => {
            let body = attachments[0]["content"]["body"].as_array().unwrap();
            json!({ "name": name, "card": attachments[0]["content"], "extra": extra(answer, body) })
        }
        None => json!({ "name": name, "text": activity["text"] }),
    }
}

/// The one optional element: a warning, else a remark or an announcement.
fn extra(answer: &Answer, body: &[Value]) -> Option<usize> {
    let Answer::Card(card) = answer else { return None };
    let warning = (!card.warnings.is_empty()).then_some(0);
    warning.or((!card.hints.is_empty()).then(|| body.len() - 1))
}

fn answers() -> Vec<Value> {
    let mut config = Config::parse(include_str!("../cases/guides.toml")).unwrap();
    config.public_url = Some("https://status.example.com".to_owned());
    config.time_zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let mut thread = Thread::new(config, START);
    thread.set_rosters(include_str!("../cases/shop-rosters.toml"));
    let mut drawn = |(name, text): &(&str, &str)| {
        let said = thread.say_html(text);
        drawable(name, &cases::answer(said.decision(), &thread).unwrap())
    };
    SAID.iter().map(&mut drawn).collect()
}

/// Draws answers. With `CARD_PICTURES` in the environment, that folder gets the pictures.
pub async fn looks(answers: &[Value]) -> Option<Vec<Look>> {
    let chromium = browser()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answers.json");
    fs::write(&file, serde_json::to_vec(answers).unwrap()).unwrap();
    let pictures = std::env::var_os("CARD_PICTURES").map(Into::into);
    let looks: Vec<Look> = run("cards.mjs", [chromium, file].into_iter().chain(pictures)).await;
    assert_eq!(looks.len(), answers.len());
    for look in &looks {
        assert!(look.fonts, "{}: measured with another font", look.name);
    }
    Some(looks)
}

/// Answers that are too high for a phone.
pub fn too_high(looks: &[Look]) -> Vec<String> {
    let high = looks.iter().filter(|look| look.height > HEIGHT_MAX);
    high.map(|look| format!("{}: {} pixels high", look.name, look.height)).collect()
}

#[tokio::test]
async fn answers_are_drawn_as_they_were_meant() {
    let answers = answers();
    let Some(looks) = looks(&answers).await else { return };
    let mut wrong = too_high(&looks);
    for (look, answer) in looks.iter().zip(&answers) {
        let Look { name, complaints, text, links, elements, width, .. } = look;
        wrong.extend(complaints.iter().map(|complaint| format!("{name}: {complaint}")));
        wrong.extend(elements.iter().map(|element| format!("{name}: a {element}")));
        if *width > 320 {
            wrong.push(format!("{name}: {width} pixels wide"));
        }
        for said in texts(&answer["card"]) {
            if !text.contains(said.trim()) {
                wrong.push(format!("{name}: “{said}” is not in “{text}”"));
            }
        }
        if answer["card"]["actions"].as_array().is_some_and(|all| all.len() != links.len()) {
            wrong.push(format!("{name}: {} links", links.len()));
        }
    }
    none_wrong(&wrong);
    let hostile = looks.iter().find(|look| look.name == "hostile").unwrap();
    assert!(hostile.text.contains(HOSTILE), "{}", hostile.text);
}

/// The measure can fail: a card with twice the lines is too high.
#[tokio::test]
async fn an_answer_that_is_too_high_is_noticed() {
    let mut answer = answers().swap_remove(0);
    let body = answer["card"]["body"].as_array_mut().unwrap();
    body.extend(body.clone());
    let Some(looks) = looks(&[answer]).await else { return };
    assert_eq!(too_high(&looks).len(), 1);
}

/// The lines of a card.
fn texts(card: &Value) -> Vec<String> {
    let body = card["body"].as_array().into_iter().flatten();
    let body = body.flat_map(|element| match element["items"].as_array() {
        Some(items) => items.iter(),
        None => std::slice::from_ref(element).iter(),
    });
    let text = |element: &Value| {
        let inlines = element["inlines"].as_array()?.iter();
        let runs: Vec<&str> = inlines.filter_map(|run| run["text"].as_str()).collect();
        Some(runs.concat())
    };
    body.filter_map(text).collect()
}

/// Draws the card of the guided tour. `PICTURES=docs cargo test --test tests browser::cards` keeps it.
#[tokio::test]
async fn card_pictures() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let shown: Vec<Value> = answers().into_iter().filter(|one| one["name"] == "open").collect();
    let file = folder.path().join("answers.json");
    fs::write(&file, serde_json::to_vec(&shown).unwrap()).unwrap();
    let is_kept = std::env::var_os("PICTURES").is_some_and(|value| value == "docs");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let kept = if is_kept { docs } else { folder.path().to_owned() };
    let looks: Vec<Look> = run("cards.mjs", [chromium, file, kept].into_iter()).await;
    assert_eq!(looks.len(), 1);
}
