//! Any text of the log is erased by its place: afterwards no byte of any blob and no line of the
//! program's log holds it, wherever a process died on the way, and everything else is as it was.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::alerts::read::read_alert;
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::decide::delivery::{claims, outcome, record};
use status_update::core::decide::launch_steps::{followed, stepped};
use status_update::core::http::{Failure, Receiver};
use status_update::core::launch::brief::{Channel, ExternalPerson, OnCall, WorkItem};
use status_update::core::launch::events::LaunchEvent;
use status_update::core::launch::step::{Step, StepOutcome, StepResult};
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::lines::Place;
use status_update::core::log::record::{Cause, Event, MessageId, Source};
use status_update::core::log::seal::{self, Salt};
use status_update::core::log::state::State;
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::{Notice, NoticeKind, Payload};
use status_update::core::response::person::Person;
use status_update::core::site::renderer::Site;
use status_update::service::record_key;
use status_update::store::directory::Directory;
use status_update::store::memory::Memory;
use status_update::store::{Blob, Condition, ETag, Head, Kept, OldCopies, StoreError, StoreFuture};
use tokio::runtime::Builder;
use tokio::time::Instant;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Level};

use super::{Arc, Duration, Key, Outcome, Service, Store, Write, message, now};
use crate::erasure::{assert_same_numbers, verified};
use crate::support::azurite::Azurite;
use crate::support::lines::Lines;

/// Every text that a command, an alert or a roster can have, each with a mark of its own.
const LINES: &[&str] = &[
    "open major Shop zq01z fails",
    "update identified Cause zq02z",
    "impact critical #1 Worse zq03z",
    "note #1 Saw zq04z",
    "told #1 key zq05z via mail zq06z: text zq07z",
    "task #1 Look at zq08z",
    "task #1 done 1",
    "action #1 Fix zq09z",
    "ack #1 zq10z on it",
    "know #1 zq11z",
    "doing #1 zq12z",
    "affects #1 zq13z",
    "when #1 detected 5m ago via zq14z",
    "tested #1 ok zq15z",
    "role #1 expert me for zq16z",
    "mitigated #1 zq17z",
    "title #1 New zq18z",
    "correct #1 Newer zq19z",
    "close #1 zq20z is well",
    "postmortem #1 Learned zq21z",
    "reopen #1 Back zq22z",
    "close #1 Again zq23z",
    "open another internal Quiet zq24z",
    "move #1 note 1 to #2",
    "update #2 More zq25z",
    "close #2 zq26z over",
    "reopen #2 Once more zq27z",
    "withdraw #2 zq28z was none",
    "open another Twin zq29z",
    "duplicate #3 of #1",
    "maintenance tomorrow 22:00 to 23:30: Switch zq30z",
    "update #4 Later zq31z",
    "backfill yesterday 10:00 to 11:30 minor: Past zq32z",
    "open another False zq33z",
    "withdraw #6 zq34z alarm",
    "review summary #1 Sum zq35z",
    "cover Checkout secondary me tomorrow 18:00 to 22:00: zq36z",
    "told #1 ops via chat: Said",
    "redact #1 told 2 yes because zq37z",
    "open another It is slow zq49z",
    "launch #7",
];

/// The texts of a launch: remarks, names, and reasons of what failed, was skipped or is tried again.
fn comes_of(step: Step, attempt: u32) -> StepOutcome {
    let url = "https://example.com/1".to_owned();
    let person = ExternalPerson {
        name: "Ada zq53z".to_owned(),
        id: Some("zq54z".to_owned()),
        address: Some("zq55z@example.com".to_owned()),
    };
    StepOutcome::done(match step {
        Step::WorkItem if attempt == 1 => {
            let why = "no answer zq56z".to_owned();
            return StepOutcome::Wait { why, retry_after: None, in_doubt_since: None };
        }
        Step::WorkItem => {
            let result = StepResult::WorkItem(WorkItem { id: 7, url });
            return StepOutcome::Done { result, remarks: vec!["Without area zq57z".to_owned()] };
        }
        Step::Channel => {
            let (id, name) = ("19:c".to_owned(), "inc-zq58z".to_owned());
            StepResult::Channel(Channel { id, name, url })
        }
        Step::LinkChannel => {
            return StepOutcome::Skipped { why: "there is no field zq59z".to_owned() };
        }
        Step::OnCall => {
            let shift = Some("Night zq67z".to_owned());
            StepResult::OnCall(vec![OnCall { duty: "shift".to_owned(), shift, person }])
        }
        Step::Assign => {
            let why = "nobody has the name zq60z".to_owned();
            return StepOutcome::Failed { why, in_doubt_since: None };
        }
        Step::Message => StepResult::Sent,
        Step::WorkItemSync => StepResult::Told,
    })
}

const ROSTER: &str = r#"
# zq40z
[[people]]
name = "Someone"
id = "someone"
[[people]]
name = "Paula zq41z"
[[rosters]]
name = "Checkout"
[[rosters.layers]]
level = "primary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "1 week"
members = ["Someone", "Paula zq41z"]
[[rosters.layers]]
level = "secondary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "1 week"
members = ["Paula zq41z"]
"#;

const ALERT: &str = r#"{ "title": "Disk zq42z", "description": "Full zq43z", "key": "zq44z",
    "url": "https://example.com/zq45z", "severity": "sev2", "status": "firing" }"#;

/// A group of which one member fires.
const GROUP: &str = r#"{ "version": "4", "groupKey": "zq38z", "externalURL": "https://am.example.com",
    "commonLabels": { "alertname": "Node", "severity": "P2" },
    "alerts": [ { "status": "firing", "fingerprint": "zq39z",
        "labels": { "alertname": "Node", "instance": "zq48z" },
        "annotations": { "summary": "Down: zq50z", "description": "Slow: zq51z" } } ] }"#;

/// A store that knows every blob that was written, and fails after some requests.
#[derive(Clone)]
struct Watched {
    store: Arc<dyn Store>,
    keys: Arc<Mutex<BTreeSet<Key>>>,
    /// Shared by nobody: each process dies by itself.
    left: Arc<AtomicUsize>,
    at: Timestamp,
}

fn config() -> Config {
    let launch = "[launch.boards]\norganization = \"contoso\"\nproject = \"Shop\"\n\
                  [launch.teams]\nteam = \"02bd9fd6-8f93-4758-87c3-1fb73740a315\"\n";
    Config { notifies: true, ..Config::parse(launch).unwrap() }
}

impl Watched {
    fn new(store: Arc<dyn Store>, at: Timestamp) -> Self {
        Self { store, keys: Arc::default(), left: Arc::new(AtomicUsize::new(usize::MAX)), at }
    }

    /// The same for a process that is killed after some requests.
    fn dying(&self, after: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(after)), ..self.clone() }
    }

    fn is_dead(&self) -> bool {
        let next = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).is_err()
    }

    fn service(&self) -> Arc<Service> {
        // It renders everything once.
        static SITE: OnceLock<Arc<Site>> = OnceLock::new();
        let site = SITE.get_or_init(|| Arc::new(Site::new(config()).unwrap()));
        Service::new(Arc::new(self.clone()), Arc::clone(site), 0)
    }

    /// Every blob that there is.
    async fn blobs(&self) -> Vec<(Key, Vec<u8>)> {
        let keys = self.keys.lock().unwrap().clone();
        let mut blobs = Vec::new();
        let read = join_all(keys.iter().map(|key| self.store.get(key))).await;
        for (key, blob) in keys.into_iter().zip(read) {
            blobs.extend(blob.unwrap().map(|blob| (key, blob.bytes.to_vec())));
        }
        blobs
    }

    async fn log(&self) -> Vec<Vec<u8>> {
        let mut log = Vec::new();
        while let Some(blob) = self.store.get(&record_key(log.len() as u64 + 1)).await.unwrap() {
            log.push(blob.bytes.to_vec());
        }
        log
    }

    async fn folded(&self) -> State {
        let mut state = State::default();
        for bytes in self.log().await {
            fold_bytes(&mut state, &bytes).unwrap();
        }
        state
    }

    async fn holds_any(&self, marks: &[String]) -> bool {
        let blobs = self.blobs().await;
        let texts: Vec<_> = blobs.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
        marks.iter().any(|mark| texts.iter().any(|text| text.contains(mark)))
    }

    async fn holders(&self, mark: &str) -> Vec<String> {
        let blobs = self.blobs().await;
        let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(mark);
        let found = blobs.iter().filter(|(key, bytes)| holds(bytes) || key.name.contains(mark));
        found.map(|(key, _)| key.to_string()).collect()
    }

    /// The lines of the log that hold a mark.
    async fn lines_with(&self, mark: &str) -> Vec<Place> {
        let mut places = Vec::new();
        for (revision, bytes) in (1..).zip(self.log().await) {
            let (head, texts) = seal::split(&bytes);
            assert!(!String::from_utf8_lossy(head).contains(mark), "{mark}: a head has it");
            let holding = (0..).zip(texts);
            let holding = holding.filter(|(_, text)| String::from_utf8_lossy(text).contains(mark));
            places.extend(holding.map(|(place, _)| (revision, place)));
        }
        places
    }

    async fn say(&self, process: &Arc<Service>, id: u64, text: &str) -> Outcome {
        let message = message(id, text);
        let deadline = Instant::now() + Duration::from_secs(10);
        process.command(&message.cause(self.at), &message.said, deadline).await
    }

    async fn set_roster(&self, process: &Arc<Service>, id: u64, text: &str) {
        let command = Ok(Command::Change(Change::Rosters(text.into())));
        let cause = message(id, "").cause(self.at);
        let deadline = Instant::now() + Duration::from_secs(10);
        let outcome = process.carry_out(&cause, command, deadline).await;
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
    }

    /// Records the steps of a launch as a process does that runs them.
    async fn run_launch(&self) {
        let mut now = self.folded().await.at;
        for _ in 0..5 {
            for receiver in [Receiver::Boards, Receiver::Graph, Receiver::Workflows] {
                let state = self.folded().await;
                let claimed = claims(&state, (receiver, true), "a process", now);
                let follows = followed(&state, &claimed);
                let begun = claimed.iter().cloned().map(Event::Delivery).chain(follows);
                self.append(begun.collect(), now).await;
                for event in claimed {
                    let DeliveryEvent::Claimed { id, attempt, .. } = event else { continue };
                    let state = self.folded().await;
                    let events = match state.deliveries.get(id).unwrap().what {
                        Payload::Notice(_) => {
                            let why = "it answers 429 zq61z".to_owned();
                            let busy = Failure::Unavailable { why, retry_after: None };
                            let event = outcome(&state, (id, attempt), &Err(busy), now);
                            event.map(Event::Delivery).into_iter().collect()
                        }
                        Payload::Step { step, .. } => {
                            let outcome = (&comes_of(step, attempt), "zq62z");
                            stepped(&state, (id, attempt), outcome, now)
                        }
                    };
                    self.append(events, now).await;
                }
            }
            now += SignedDuration::from_secs(20);
        }
    }

    async fn append(&self, events: Vec<Event>, now: Timestamp) {
        if events.is_empty() {
            return;
        }
        let state = self.folded().await;
        let mut record = record(&state, &config(), &Limits::DEFAULT, events, now).unwrap();
        let bytes = record.seal(&Salt(*b"a salt for a record of a launch.")).unwrap().into();
        let key = record_key(record.revision);
        let write = Write { bytes, stamp: None, condition: Condition::Absent };
        self.keys.lock().unwrap().insert(key.clone());
        self.store.put(&key, write).await.unwrap();
    }

    async fn write_history(&self) {
        let process = self.service();
        self.set_roster(&process, 900, ROSTER).await;
        for (id, line) in (0..).zip(LINES) {
            let outcome = self.say(&process, id, line).await;
            assert!(matches!(outcome, Outcome::Recorded { .. }), "{line}: {outcome:?}");
        }
        let mut paula = message(800, "note #1 Paula was here");
        let teams_id = Some("29:zq47z".to_owned());
        paula.from = Person { id: "zq46z".to_owned(), name: "Paula zq41z".to_owned(), teams_id };
        let deadline = Instant::now() + Duration::from_secs(10);
        let outcome = process.command(&paula.cause(self.at), &paula.said, deadline).await;
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
        for alert in [ALERT, GROUP] {
            process.alert(&read_alert(alert.as_bytes()).unwrap(), self.at, deadline).await.unwrap();
        }
        self.run_launch().await;
        let now = self.folded().await.at;
        let what = Payload::Notice(Notice {
            kind: NoticeKind::Announcement,
            to: Vec::new(),
            heading: "No update zq63z".to_owned(),
            text: "For a while zq64z".to_owned(),
            facts: vec![("On call".to_owned(), "zq65z".to_owned())],
            link: Some(("Page".to_owned(), "https://example.com/zq66z".to_owned())),
        });
        let queued = DeliveryEvent::Queued { about: Some(7), due: None, what };
        let told = Some("zq62z".to_owned());
        let (step, result, remarks) = (Step::WorkItemSync, StepResult::Told, Vec::new());
        let done = LaunchEvent::Done { number: 7, step, result, remarks, told };
        self.append(vec![Event::Delivery(queued), Event::Launch(done)], now).await;
        self.run_launch().await;
        let again = ROSTER.replace("# zq40z", "").replace("Paula zq41z", "Paula");
        self.set_roster(&process, 901, &again).await;
        process.reconcile(self.at).await.unwrap();
    }

    /// Orders and runs the erasure of all lines with marks, like an operator who adds the quoting
    /// lines.
    async fn erase(&self, process: &Arc<Service>, marks: &[String]) -> Option<()> {
        let mut chosen = Vec::new();
        for mark in marks {
            chosen.extend(self.lines_with(mark).await.into_iter().take(1));
        }
        if chosen.is_empty() {
            return Some(());
        }
        let found = process.find_texts(&chosen).await.ok()?;
        chosen.extend(found.quoting);
        let message = MessageId {
            conversation: "operator".to_owned(),
            id: format!("{} texts", self.log().await.len()),
        };
        let by = Person { id: "operator".to_owned(), name: "Operator".to_owned(), teams_id: None };
        let cause = Cause { source: Source::Operator, by, message, thread: None, at: self.at };
        process.order_removal(&cause, &chosen, Some("it is private")).await.ok()?;
        for _ in 0..3 {
            process.reconcile(self.at).await.ok()?;
        }
        Some(())
    }
}

impl Store for Watched {
    fn describe(&self) -> String {
        self.store.describe()
    }

    fn clock(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.clock()
    }

    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>> {
        if self.is_dead() {
            return Box::pin(async { Err(StoreError::unavailable("killed")) });
        }
        self.store.get(key)
    }

    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>> {
        if self.is_dead() {
            return Box::pin(async { Err(StoreError::unavailable("killed")) });
        }
        self.store.head(key)
    }

    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag> {
        if self.is_dead() {
            return Box::pin(async { Err(StoreError::unavailable("killed")) });
        }
        self.keys.lock().unwrap().insert(key.clone());
        self.store.put(key, write)
    }

    fn purge<'a>(&'a self, copies: &'a OldCopies) -> StoreFuture<'a, Option<Kept>> {
        if self.is_dead() {
            return Box::pin(async { Err(StoreError::unavailable("killed")) });
        }
        self.store.purge(copies)
    }
}

/// The part that has to be the same before and after, without texts.
fn numbers(state: &State) -> Value {
    let mut json = serde_json::to_value(state).unwrap();
    let kept = ["next_number", "status", "responses", "actions", "launches"];
    json.as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    json
}

/// Erases every marked text in a random order, some at a time.
fn erases_everything(store: Arc<dyn Store>, at: Timestamp, together: usize, seed: Option<u64>) {
    // Requests to real storage take real time.
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(lines.clone()).with_max_level(Level::INFO).finish();
    let _second = Dispatch::new(NoSubscriber::new());
    let _here = tracing::subscriber::set_default(subscriber);
    let watched = Watched::new(store, at);
    runtime.block_on(async {
        watched.write_history().await;
        let before = watched.folded().await;
        let mut left = Vec::new();
        for mark in (1..70).map(|n| format!("zq{n:02}z")) {
            let is_there = !watched.lines_with(&mark).await.is_empty();
            left.extend(is_there.then_some(mark));
        }
        assert_eq!(left.len(), 65, "{left:?}");
        let mut random = seed.unwrap_or(1);
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(random >> 33).unwrap() % below
        };
        let mut process = watched.service();
        while !left.is_empty() {
            let count = together.min(left.len());
            let marks: Vec<String> =
                (0..count).map(|_| left.swap_remove(next(left.len()))).collect();
            if seed.is_some() {
                let dying = watched.dying(next(500));
                let _ = watched.erase(&dying.service(), &marks).await;
                process = watched.service();
                for _ in 0..2 {
                    process.reconcile(at).await.unwrap();
                }
            }
            // A person in a roster is a person and a text: each is an order.
            for _ in 0..3 {
                if !watched.holds_any(&marks).await {
                    break;
                }
                watched.erase(&process, &marks).await.unwrap();
            }
            assert!(!watched.holds_any(&marks).await, "{marks:?}");
        }
        assert_eq!(watched.holders("zq").await, Vec::<String>::new());
        let after = watched.folded().await;
        assert!(after.erasures.is_empty());
        assert_same_numbers(&numbers(&before), &numbers(&after), "");

        let findings = watched.service().verify(|_| ()).await.unwrap();
        assert_eq!(findings.differences, Vec::<String>::new());
        assert!(findings.removed.iter().all(|line| line.contains(" was removed by ")));
        let (is_fine, said) = verified(&watched.log().await);
        let count = format!(
            "{} texts intact, {} removed; no doubt",
            findings.intact,
            findings.removed.len()
        );
        assert!(is_fine && said.contains(&count), "{count}: {said}");
        for removed in &findings.removed {
            assert!(said.contains(removed.as_str()), "{removed}: {said}");
        }
        for question in ["timeline full #1", "status #1", "questions #1", "oncall", "redactions"] {
            let outcome = watched.say(&process, 700, question).await;
            let answer = format!("{:?}", process.answer(&outcome, "somebody"));
            assert!(!answer.contains("zq"), "{question}: {answer}");
        }
    });
    let said = lines.text();
    assert!(said.contains("texts are erased"), "{said}");
    assert!(!said.contains("zq"), "{said}");
}

#[test]
fn every_text_of_the_log_can_be_erased_by_its_place() {
    erases_everything(Arc::new(Memory::default()), now(), 1, None);
}

#[test]
fn a_kill_while_texts_are_erased_leaves_nothing() {
    for seed in 1..4 {
        erases_everything(Arc::new(Memory::default()), now(), 2, Some(seed));
    }
}

#[test]
fn a_kill_while_texts_are_erased_leaves_nothing_in_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let store = Directory::open(folder.path()).unwrap();
    erases_everything(Arc::new(store), Timestamp::now(), 3, Some(5));
    // Neither does anything else in the folder hold one.
    for entry in walk(folder.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("zq"), "{}", entry.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_kill_while_texts_are_erased_leaves_nothing_in_azurite() {
    let Some(server) = Azurite::start() else { return };
    erases_everything(Arc::new(server.store()), Timestamp::now(), 16, Some(9));
}

/// The order of an erasure, in the channel or by its place at a terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Chat,
    Place,
}

impl Watched {
    async fn begin(&self) {
        let process = self.service();
        for (id, line) in ["open Shop fails", "update We look"].into_iter().enumerate() {
            let outcome = self.say(&process, id as u64, line).await;
            assert!(matches!(outcome, Outcome::Recorded { .. }), "{line}: {outcome:?}");
        }
        process.reconcile(self.at).await.unwrap();
    }

    /// Erases a note with a process that dies after some requests: the next one finishes what was
    /// begun, or nothing was. Gives whether the first one lived to the end.
    async fn erases_a_note(&self, note: u32, requests: usize, way: Way) -> bool {
        let mark = format!("zq{note:03}q{requests:03}z");
        let id = 10 * u64::from(note);
        let process = self.service();
        self.say(&process, id, &format!("note #1 Password {mark}")).await;
        process.reconcile(self.at).await.unwrap();
        let marks = [mark];
        assert!(self.holds_any(&marks).await);
        let order = format!("redact #1 note {note} yes");
        let dying = self.dying(requests);
        let doomed = dying.service();
        match way {
            Way::Chat => {
                let _ = self.say(&doomed, id + 1, &order).await;
                let _ = doomed.reconcile(self.at).await;
                let _ = doomed.reconcile(self.at).await;
            }
            Way::Place => drop(self.erase(&doomed, &marks).await),
        }
        let has_lived = dying.left.load(Ordering::SeqCst) > 0;
        drop(doomed);
        // The same message or search again: the order may be recorded, or not.
        let next = self.service();
        match way {
            Way::Chat => drop(self.say(&next, id + 1, &order).await),
            Way::Place => self.erase(&next, &marks).await.unwrap(),
        }
        for _ in 0..2 {
            next.reconcile(self.at).await.unwrap();
        }
        assert_eq!(self.holders(&marks[0]).await, Vec::<String>::new(), "request {requests}");
        has_lived
    }

    async fn check_log(&self) {
        assert!(self.folded().await.erasures.is_empty());
        let findings = self.service().verify(|_| ()).await.unwrap();
        assert_eq!(findings.differences, Vec::<String>::new());
        let (is_fine, said) = verified(&self.log().await);
        assert!(is_fine, "{said}");
    }
}

/// The fewest requests of an erasure.
const REQUESTS_MIN: usize = 15;

#[test]
fn a_kill_at_every_request_of_an_erasure_leaves_nothing() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for way in [Way::Chat, Way::Place] {
            for requests in 0.. {
                let watched = Watched::new(Arc::new(Memory::default()), now());
                watched.begin().await;
                if watched.erases_a_note(1, requests, way).await {
                    assert!(requests > REQUESTS_MIN, "an erasure sends only {requests} requests");
                    watched.check_log().await;
                    break;
                }
            }
        }
    });
}

/// On a store that goes on: one note after another.
fn kills_at_every_request(store: Arc<dyn Store>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let watched = Watched::new(store, Timestamp::now());
    runtime.block_on(async {
        watched.begin().await;
        for note in 1.. {
            let requests = note as usize - 1;
            if watched.erases_a_note(note, requests, Way::Chat).await {
                assert!(requests > REQUESTS_MIN, "an erasure sends only {requests} requests");
                break;
            }
        }
        watched.check_log().await;
    });
}

#[test]
fn a_kill_at_every_request_of_an_erasure_leaves_nothing_in_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    kills_at_every_request(Arc::new(Directory::open(folder.path()).unwrap()));
}

#[test]
fn a_kill_at_every_request_of_an_erasure_leaves_nothing_in_azurite() {
    let Some(server) = Azurite::start() else { return };
    kills_at_every_request(Arc::new(server.store()));
}

/// The secret behind the digests could confirm a guess at an alert's text in the heads of records.
#[test]
fn the_secret_of_alert_keys_goes_with_the_text_of_an_alert() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let watched = Watched::new(Arc::new(Memory::default()), now());
        let process = watched.service();
        let alert = read_alert(ALERT.as_bytes()).unwrap();
        let post = async || {
            let deadline = Instant::now() + Duration::from_secs(10);
            process.alert(&alert, watched.at, deadline).await.unwrap().number
        };
        assert_eq!(post().await, Some(1));
        assert_eq!(post().await, Some(1));
        let secret = watched.folded().await.alerts.secret().cloned().unwrap();
        let secret = serde_json::to_string(&secret).unwrap();
        assert_eq!(watched.lines_with(secret.trim_matches('"')).await.len(), 1);
        watched.erase(&process, &["zq44z".to_owned()]).await.unwrap();
        assert_eq!(watched.holders(secret.trim_matches('"')).await, Vec::<String>::new());
        assert!(watched.folded().await.alerts.secret().is_none());
        assert_eq!(post().await, Some(2), "nothing is recognised by the old digests");
        assert_eq!(post().await, Some(2));
    });
}
