//! Notes: their limits, the records that they are read from, and their absence from pages.

use std::sync::{Arc, Mutex};

use serde_json::json;
use status_update::core::answer::trouble::Trouble;
use status_update::core::answer::{Answer, card};
use status_update::core::commands::refusal::{Refusal, RefusalKind};
use status_update::core::commands::timeline::PAGE_ENTRIES;
use status_update::core::commands::timeline::Portion;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::model::Number;
use status_update::core::response::model::{Entry, NOTE_CHARS_MAX, TASKS_MAX, TIMELINE_MAX};
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::Container;
use status_update::store::memory::{Fault, Hook, Memory, OperationKind};
use tokio::time::{Duration, Instant};

use crate::cases::answer;
use crate::cases::thread::{Handled, START, Thread};
use crate::simulation::world::{message, now, runtime};

/// Teams' limit, in bytes.
const ANSWER_BYTES_MAX: usize = 28 * 1024;

/// An incident whose timeline has reached its limit.
fn full(opening: &str) -> Thread {
    let mut thread = Thread::new(Config::default(), START);
    thread.say(opening).expect_record();
    let response = Arc::make_mut(thread.state.responses.get_mut(&1).unwrap());
    response.entries = vec![Entry(START, 1); TIMELINE_MAX];
    thread
}

fn refusal(handled: &Handled) -> &Refusal {
    match handled.decision() {
        Decision::Refuse(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_timeline_accepts_only_public_updates_and_the_end() {
    let is_full = Some(RefusalKind::TimelineFull);
    let commands = [
        "note Words",
        "task Words",
        "tested ok",
        "told us via mail: Words",
        "ack",
        "sev 2",
        "know Words",
    ];
    for text in commands {
        let mut thread = full("open Checkout is failing");
        let said = thread.say(text);
        assert_eq!(refusal(&said).kind, is_full, "{text}");
        let Some(Answer::Sentence(sentence)) = answer(said.decision(), &thread) else {
            panic!("{text}: no sentence")
        };
        assert!(sentence.contains("has 2000 entries, the maximum"), "{sentence}");
    }
    let mut thread = full("open Checkout is failing");
    thread.say("update identified It is the gateway").expect_record();
    thread.say("close").expect_record();
    assert_eq!(thread.state.response(1).unwrap().entries.len(), TIMELINE_MAX + 2);

    let mut thread = full("open internal Checkout is failing");
    assert_eq!(refusal(&thread.say("update It is the gateway")).kind, is_full);
    thread.say("close").expect_record();

    let mut thread = full("open drill Checkout is failing");
    for text in ["update It is the gateway", "note Words"] {
        let said = thread.say(text);
        assert_eq!(refusal(&said).kind, is_full, "{text}");
        let words = refusal(&said).to_markdown();
        assert!(words.starts_with("**This is a drill.**\n\n"), "{words}");
    }
    thread.say("close").expect_record();
}

/// Every entry is on one page, in the order in which things happened.
#[test]
fn pages_have_every_entry_once() {
    let mut thread = Thread::new(Config::default(), START);
    thread.say("open Checkout is failing").expect_record();
    for minutes in [3, 1, 2].repeat(16) {
        thread.say(&format!("note {minutes}m ago: Words")).expect_record();
    }
    let response = thread.state.response(1).unwrap();
    let pages = response.entries.len().div_ceil(PAGE_ENTRIES);
    let pages = (1..=pages).map(|page| Portion::Page(page).entries(response).unwrap());
    let pages: Vec<_> = pages.collect();
    assert!(pages.iter().all(|page| (1..=PAGE_ENTRIES).contains(&page.len())), "{pages:?}");
    let (places, entries): (Vec<usize>, Vec<Entry>) = pages.into_iter().flatten().unzip();
    assert!(places.into_iter().eq(1..=49));
    assert!(entries.is_sorted());
    assert_eq!(entries, response.timeline());
}

/// Sends a message under a long name of characters that take much room.
fn say_as_long_name(thread: &mut Thread, text: &str) -> Handled {
    let id = thread.first_id + 1_000 + thread.state.revision;
    let body = json!({
        "type": "message", "id": id.to_string(), "timestamp": thread.now.to_string(),
        "from": { "id": "29:2", "name": "&".repeat(100), "aadObjectId": "1" },
        "conversation": { "id": format!("19:8d3f@thread.tacv2;messageid={id}") },
        "text": format!("<at>StatusPage</at> {}", text),
    });
    thread.deliver(body.to_string().as_bytes())
}

/// The answer to a question, as it travels.
fn told(thread: &mut Thread, question: &str) -> String {
    let handled = thread.say(question);
    let answer = answer(handled.decision(), thread).unwrap();
    card::activity(&answer).to_string()
}

#[test]
fn answers_fit_a_message_of_teams() {
    for character in ["&", "\\", "🔥"] {
        let mut thread = Thread::new(Config::default(), START);
        thread.say("open Checkout is failing").expect_record();
        let note = character.repeat(NOTE_CHARS_MAX);
        for _ in 0..PAGE_ENTRIES {
            say_as_long_name(&mut thread, &format!("note {note}")).expect_record();
        }
        let page = told(&mut thread, "timeline full");
        assert!(page.len() < ANSWER_BYTES_MAX, "{character}: {}", page.len());
        assert!(page.contains("Shortened to fit"));
        let entry = told(&mut thread, "timeline full entry 2");
        assert!(entry.len() < ANSWER_BYTES_MAX, "{character}: {}", entry.len());
        assert!(!entry.contains("Shortened to fit"), "{character}");
        let task = character.repeat(500);
        for _ in 0..TASKS_MAX {
            say_as_long_name(&mut thread, &format!("task {task} @me")).expect_record();
        }
        let tasks = told(&mut thread, "tasks");
        assert!(tasks.len() < ANSWER_BYTES_MAX, "{character}: {}", tasks.len());
        let closed = told(&mut thread, "close");
        assert!(closed.len() < ANSWER_BYTES_MAX, "{character}: {}", closed.len());
        let words = character.repeat(1_000);
        for _ in 0..11 {
            thread.say(&format!("reopen #1 {words}")).expect_record();
            thread.say(&format!("close #1 {words}")).expect_record();
        }
        let summary = told(&mut thread, "timeline #1");
        assert!(summary.len() < ANSWER_BYTES_MAX, "{character}: {}", summary.len());
    }
}

/// Two hundred components with everything that each may have.
#[test]
fn guides_fit_a_message_of_teams() {
    let link = format!("https://a.example/{}", "x".repeat(1_900));
    let lists = format!("[{}]", vec![format!("\"{link}\""); 8].join(", "));
    let owners = format!("[{}]", vec![format!("\"{}\"", "<".repeat(100)); 8].join(", "));
    let component = |n| {
        format!(
            "[[components]]\nname = \"Number {n}\"\nguide = \"{link}\"\ndashboards = {lists}\n\
             owners = {owners}\nroster = \"payments\"\n"
        )
    };
    let toml: String = (0..200).map(component).collect();
    let mut thread = Thread::new(Config::parse(&toml).unwrap(), START);
    for question in ["guide", "guide Number 7"] {
        let all = told(&mut thread, question);
        assert!(all.len() < ANSWER_BYTES_MAX, "{question}: {}", all.len());
        assert!(all.contains("troubleshooting guide"));
    }
    let names: Vec<String> = (0..50).map(|n| format!("Number {n}")).collect();
    let opened = told(&mut thread, &format!("open on {}: Down", names.join(", ")));
    assert!(opened.len() < ANSWER_BYTES_MAX, "{}", opened.len());
    assert_eq!(opened.matches("Action.OpenUrl").count(), 4, "{opened}");
}

const GUIDE: &str = r#"
guide = "https://secret-guide.example/"
dashboards = ["https://secret-dashboard.example/"]
owners = ["Secret owners"]
roster = "secret-roster"
"#;

/// Guides are for responders: no file of the site has them, and changing them renders nothing
/// again.
#[test]
fn guides_are_on_no_page() {
    let component = "[[components]]\nname = \"Checkout\"\n";
    let config = Config::parse(&format!("{component}{GUIDE}")).unwrap();
    assert_eq!(config.guides.len(), 1);
    let mut thread = Thread::new(config.clone(), START);
    let opened = told(&mut thread, "open on Checkout: Cards fail");
    assert!(opened.contains("secret-guide") && opened.contains("secret-dashboard"), "{opened}");
    thread.say("maintenance tomorrow 22:00 for 1h on Checkout: New switches").expect_record();
    let site = Site::new(config).unwrap();
    let names = &thread.state.status.component_names;
    let mut pages = site.all_files(&thread.state.status);
    pages.extend(site.static_pages().unwrap());
    pages.extend(site.current(&thread.state.status).unwrap());
    pages.extend(thread.incidents().map(|incident| site.incident(incident, names).unwrap()));
    assert!(pages.len() > 10, "{}", pages.len());
    for page in &pages {
        let text = String::from_utf8_lossy(&page.bytes).to_lowercase();
        assert!(!text.contains("secret"), "{}", page.name);
    }
    let without = Site::new(Config::parse(component).unwrap()).unwrap();
    assert_eq!(site.theme_digest(), without.theme_digest());
}

async fn say(service: &Arc<Service>, id: u64, text: &str) -> Outcome {
    let message = message(id, text);
    let deadline = Instant::now() + Duration::from_secs(4);
    service.command(&message.cause(now()), &message.said, deadline).await
}

fn service(memory: &Memory) -> Arc<Service> {
    let site = Arc::new(Site::new(Config::default()).unwrap());
    Service::new(Arc::new(memory.clone()), site, 0)
}

/// A handle that notes which records are read, and fails if `fault` says so. Each read takes a
/// second.
fn watched(memory: &Memory, fault: Fault) -> (Memory, Arc<Mutex<Vec<String>>>) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let hook: Hook = Arc::new(move |operation| {
        let is_read = operation.key.container == Container::Log
            && operation.kind == OperationKind::Get
            && *operation.key.name < *"0000000050.json";
        if is_read {
            noted.lock().unwrap().push(operation.key.name.clone());
        }
        Box::pin(async move {
            if !is_read {
                return Fault::None;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            fault
        })
    });
    (memory.with_faults(hook), seen)
}

/// An incident with 59 entries, of which a process knows by the snapshot.
async fn history() -> Memory {
    let memory = Memory::default();
    let first = service(&memory);
    say(&first, 0, "open Checkout is failing").await;
    for id in 1..59 {
        let outcome = say(&first, id, &format!("note Number {id}")).await;
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
    }
    first.reconcile(now()).await.unwrap();
    memory
}

fn sentence(service: &Service, outcome: &Outcome) -> String {
    match service.answer(outcome, "somebody") {
        Answer::Sentence(sentence) => sentence,
        Answer::Card(card) => panic!("{card:?}"),
    }
}

#[test]
fn a_page_reads_its_own_records_side_by_side_and_no_other() {
    runtime().block_on(async {
        let memory = history().await;
        let (handle, seen) = watched(&memory, Fault::None);
        let process = service(&handle);
        let begun = Instant::now();
        let outcome = say(&process, 100, "timeline full #1 page 2").await;
        let told = sentence(&process, &outcome);
        for id in 15..30 {
            assert!(told.contains(&format!("note {id} added: Number {id}\n")), "{told}");
        }
        assert!(told.contains("page 2 of 4") && !told.contains("Number 30"), "{told}");
        let mut read = seen.lock().unwrap().clone();
        read.sort();
        let wanted: Vec<String> = (16..=30).map(|n: Number| format!("{n:010}.json")).collect();
        assert_eq!(read, wanted);
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        // The summary is in the state.
        seen.lock().unwrap().clear();
        let outcome = say(&process, 101, "timeline #1").await;
        assert!(sentence(&process, &outcome).contains("59 entries"));
        assert_eq!(*seen.lock().unwrap(), [""; 0]);
    });
}

#[test]
fn a_page_that_cannot_be_read_is_no_answer() {
    for fault in [Fault::FailBefore, Fault::AppliedUnknown, Fault::Never] {
        runtime().block_on(async {
            let memory = history().await;
            let (handle, _) = watched(&memory, fault);
            let process = service(&handle);
            let outcome = say(&process, 100, "timeline full #1 page 2").await;
            assert!(matches!(outcome, Outcome::Trouble(Trouble::NoAnswer(_))), "{outcome:?}");
            // Answers that need no record still work, and so does the page once storage is back.
            let outcome = say(&process, 101, "timeline #1").await;
            assert!(matches!(outcome, Outcome::Report { .. }), "{outcome:?}");
            let process = service(&memory);
            let outcome = say(&process, 102, "timeline full #1 page 2").await;
            assert!(matches!(outcome, Outcome::Report { .. }), "{outcome:?}");
        });
    }
}
