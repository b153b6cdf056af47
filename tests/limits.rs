//! Every limit: large or numerous input is refused or bounded before it costs anything.

use jiff::Span;
use serde_json::json;
use status_update::core::answer::Answer;
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::commands::context::Context;
use status_update::core::commands::parse::parse;
use status_update::core::commands::refusal::{Refusal, RefusalKind};
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::decide;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::model::{INCIDENT_BYTES_MAX, TEXT_BYTES_MAX, UPDATES_MAX};
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::log::undo::Recent;
use status_update::core::site::renderer::Site;
use status_update::core::teams::activity::{Activity, Token, read_activity};
use status_update::core::text::Text;
use status_update::core::text::html::read_plain;

use crate::cases::thread::{START, Thread};
use crate::simulation::world::message;

fn typed(text: &str) -> Result<Command, Refusal> {
    parse(&Text::plain(text).into(), &Config::default())
}

/// The text of a refusal.
fn words(parsed: Result<Command, Refusal>) -> String {
    parsed.expect_err("it is refused").to_markdown()
}

/// The text of a message with this HTML.
fn formatted(html: &str) -> Text {
    let mention = r#"<span itemtype="http://schema.skype.com/Mention" itemid="0">B</span>"#;
    let body = json!({
        "type": "message", "id": "1", "timestamp": "2026-11-21T10:00:00Z",
        "text": "<at>B</at>",
        "attachments": [{ "contentType": "text/html", "content": format!("<p>{mention}{html}</p>") }],
    });
    match read_activity(body.to_string().as_bytes()) {
        Ok(Activity::Message(message)) => message.said.text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_is_measured_before_its_options_are_read() {
    let names = format!("open on {}: it fails", "ab,".repeat(60_000));
    let refused = words(typed(&names));
    assert!(refused.starts_with("The text has 180,"), "{refused}");
    let config = Config::parse("[[components]]\nname = \"Checkout\"").unwrap();
    let many = format!("open on {}: it fails", ["Chekout"; 51].join(", "));
    assert!(matches!(
        parse(&Text::plain(&many).into(), &config),
        Ok(Command::Change(Change::Open(_)))
    ));
    let few = format!("open on {}: it fails", ["Chekout"; 50].join(", "));
    let refused = words(parse(&Text::plain(&few).into(), &config));
    assert!(refused.starts_with("There is no component “Chekout”"), "{refused}");
}

/// A long link around many short runs would be kept once for each of them.
#[test]
fn links_do_not_multiply() {
    let link = format!("https://example.com/{}", "x".repeat(1_900));
    let runs = "<b>x</b>y".repeat(1_500);
    let text = formatted(&format!(" open Down <a href=\"{link}\">{runs}</a>"));
    assert!(text.bytes() > 10 * TEXT_BYTES_MAX);
    let refused = words(parse(&text.into(), &Config::default()));
    assert!(refused.starts_with("The text has too much formatting"), "{refused}");
    let one = formatted(&format!(" open Down, see <a href=\"{link}\">this page</a>"));
    assert!(matches!(parse(&one.into(), &Config::default()), Ok(Command::Change(Change::Open(_)))));
}

/// An emoji's tag is short; a long one is no emoji, and its attributes are not even looked at.
#[test]
fn an_image_in_the_plain_text_is_short() {
    let attributes = " a".repeat(100_000);
    let text = format!("<at><img alt=\"x\"{attributes}></at>");
    assert_eq!(read_plain(&text), []);
    assert!(format!("{:?}", read_plain("<at><img alt=\"🔥\"></at>")[0]).starts_with("Run(\"🔥\""));
}

#[test]
fn a_text_that_shows_nothing_is_missing() {
    for nothing in ["\u{3164}", "\u{200d}\u{200d}", "\u{34f}", "\u{2800}", "\u{e0041}", "\u{feff}"]
    {
        let refused = words(typed(&format!("open {nothing}")));
        assert!(refused.starts_with("The text is missing"), "{nothing:?}: {refused}");
    }
    assert!(matches!(typed("open 🔥"), Ok(Command::Change(Change::Open(_)))));
}

#[test]
fn a_short_token_is_rejected() {
    for short in ["", "QQ==", "todo", "changeme", "password", "AAECAwQFBgcICQoLDA0="] {
        assert!(Token::parse(short).is_none(), "{short}");
    }
    assert!(Token::parse("AAECAwQFBgcICQoLDA0ODw==").is_some());
}

fn commit(state: &State, id: u64, text: &str) -> Result<(State, Record), Refusal> {
    let config = Config::default();
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let cause = &message(id, text).cause(now);
    let limits = &Limits::DEFAULT;
    let context = Context { state, config: &config, limits, cause, recalled: None };
    match decide(context, &typed(text)) {
        Decision::Record(completed) => {
            let record = completed.record;
            let bytes = serde_json::to_vec(&record).unwrap();
            let mut state = state.clone();
            fold(&mut state, &record, &bytes).unwrap();
            Ok((state, record))
        }
        Decision::Refuse(refusal) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

/// However it is filled, an incident stays small enough to be written with every command, and can
/// always be closed.
#[test]
fn an_incident_has_a_text_limit_and_can_still_be_closed() {
    let (mut state, _) = commit(&State::default(), 0, "open Down").unwrap();
    let long = format!("update {}", "x".repeat(4_000));
    let full = (1..400).find_map(|id| match commit(&state, id, &long) {
        Ok((next, _)) => {
            state = next;
            None
        }
        Err(refusal) => Some(refusal),
    });
    assert_eq!(full.and_then(|refusal| refusal.kind), Some(RefusalKind::TooManyUpdates));
    let bytes = |state: &State| serde_json::to_vec(state).unwrap().len();
    // `undo` keeps one more copy for a quarter of an hour.
    assert!(bytes(&state) < 4 * INCIDENT_BYTES_MAX);
    let kept = State { recent: Recent::default(), ..state.clone() };
    assert!(bytes(&kept) < 2 * INCIDENT_BYTES_MAX);
    let (closed, _) = commit(&state, 500, "close").unwrap();
    assert!(closed.status.open.is_empty());
}

/// Components of an update count as well, because many long ids would otherwise take more room than
/// texts.
#[test]
fn the_components_of_an_incident_count_towards_its_bounds() {
    let names: Vec<String> =
        (0..50).map(|n| format!("Component {n:02} {}", "x".repeat(40))).collect();
    let tables: Vec<String> =
        names.iter().map(|name| format!("[[components]]\nname = \"{name}\"\n")).collect();
    let mut thread = Thread::new(Config::parse(&tables.concat()).unwrap(), START);
    thread.say(&format!("open on {}: Down", names.join(", "))).expect_record();
    let full = (0..UPDATES_MAX).find(|_| {
        let said = thread.say("update Words");
        matches!(said.decision(), Decision::Refuse(why) if why.kind == Some(RefusalKind::TooManyUpdates))
    });
    let updates = full.expect("it is full before it has as many updates as it may have");
    let incident = thread.state.status.incident(1).unwrap();
    assert!(incident.bytes() >= INCIDENT_BYTES_MAX && updates > 20, "{updates} updates");
    assert!(serde_json::to_vec(incident).unwrap().len() < 2 * INCIDENT_BYTES_MAX);
    thread.say("close").expect_record();
}

/// Only the title's own text leaves the title out.
#[test]
fn a_card_shows_the_typed_text() {
    let (state, _) = commit(&State::default(), 0, "open Check").unwrap();
    let (state, record) = commit(&state, 1, "update Checkout is fixed for cards").unwrap();
    let Answer::Card(card) = recorded(&record, &state, Publication::Late, &Config::default())
    else {
        panic!("a record is answered with a card")
    };
    let said = card.lines[0].to_plain();
    assert_eq!(said, "Update 2: Checkout is fixed for cards");
}

/// One that ends within its first minute is in the calendar, and affects nothing else.
#[test]
fn a_maintenance_that_is_over_at_once_is_published() {
    let mut thread = Thread::new(Config::default(), START);
    thread.say("maintenance now for 1m: New switches").expect_record();
    thread.now = START + Span::new().seconds(1);
    thread.say("maintenance complete").expect_record();
    let site = Site::new(Config::default()).unwrap();
    let pages = site.all_files(&thread.state.status);
    assert!(pages.iter().any(|page| page.name == "maintenance.ics"));
}

/// Incidents that one record ended are published from the state after it, however large they are.
#[test]
fn a_record_evicts_nothing_that_it_changed() {
    let mut thread = Thread::new(Config::default(), START);
    let long = "x".repeat(3_900);
    for number in 1..=20 {
        thread
            .say(&format!("maintenance tomorrow 9:00 for 1h: New switches {number}"))
            .expect_record();
        for _ in 0..40 {
            thread.say(&format!("update #{number} {long}")).expect_record();
        }
    }
    let record = thread.clock(START + Span::new().hours(48)).expect("all of them are over");
    let ended: Vec<_> = record.status().filter_map(StatusEvent::number).collect();
    assert_eq!(ended.len(), 20);
    assert!(ended.iter().all(|number| thread.state.status.incident(*number).is_some()));
}
