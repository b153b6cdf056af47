//! Commands to measure, and a long past to measure them with.

use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use status_update::core::commands::context::Context;
use status_update::core::commands::parse::parse;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::decide;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold;
use status_update::core::log::record::MessageId;
use status_update::core::log::seal::{self, Salt};
use status_update::core::log::state::State;
use status_update::core::response::person::Person;
use status_update::core::teams::activity::{Message, Origin};
use status_update::core::text::Text;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::Memory;
use status_update::store::{Condition, Store, Write};

/// A sender of consecutive messages.
pub struct Talk {
    service: Arc<Service>,
    said: u64,
}

impl Talk {
    pub fn new(service: Arc<Service>) -> Self {
        Self { service, said: 0 }
    }

    /// An incident's life in four commands, again and again.
    pub fn text(index: usize) -> &'static str {
        match index % 4 {
            0 => "open Checkout is failing for card payments",
            1 => "update identified The card gateway rejects our certificate",
            2 => "update monitoring A new certificate is rolling out",
            _ => "close All card payments are back to normal",
        }
    }

    pub async fn say(&mut self, text: &str) {
        self.said += 1;
        let id = format!("{}-{}", self.said, getrandom::u64().unwrap());
        let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
        let outcome = {
            let message = message(&id, text);
            self.service.command(&message.cause(now()), &message.said, deadline).await
        };
        assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
    }
}

/// A directory's own clock has to agree.
pub fn now() -> Timestamp {
    Timestamp::now()
}

pub fn message(id: &str, text: &str) -> Message {
    Message {
        id: MessageId { conversation: "19:bench".to_owned(), id: id.to_owned() },
        sent: now(),
        from: Person { id: "somebody".to_owned(), name: "Somebody".to_owned(), teams_id: None },
        thread: None,
        origin: Origin::default(),
        bot: "StatusPage".to_owned(),
        said: Text::plain(text).into(),
    }
}

/// Number of past months that the history covers.
const MONTHS: i64 = 120;

/// The records of `incidents` closed incidents, evenly spread over ten years. The final state
/// (recent incidents, message ids) has the same size in each case.
pub fn records(incidents: i64, mut each: impl FnMut(u64, Vec<u8>)) {
    let config = Config::default();
    let mut state = State::default();
    let begin = Timestamp::UNIX_EPOCH + (16_000 * 24).hours();
    let step = (MONTHS * 30 * 24 * 60 / incidents).minutes();
    let mut at = begin;
    for incident in 0..incidents {
        at += step;
        // The memory of message ids is full in each case.
        let updates = if incidents - incident <= 10 { 50 } else { 0 };
        let life = std::iter::once(0).chain(std::iter::repeat_n(1, updates)).chain([3]);
        for (index, command) in life.enumerate() {
            let message = message(&format!("{incident}-{index}"), Talk::text(command));
            let command = parse(&message.said, &config);
            let (cause, limits) = (&message.cause(at), &Limits::DEFAULT);
            let context = Context { state: &state, config: &config, limits, cause, recalled: None };
            let Decision::Record(record) = decide(context, &command) else {
                panic!("the history of {incidents} incidents cannot be made");
            };
            let bytes = seal::write(&record, &Salt::default()).unwrap();
            fold(&mut state, &record, &bytes).unwrap();
            each(record.revision, bytes);
        }
    }
}

/// A service that has folded a log of `incidents` closed incidents.
pub async fn service_with_history(incidents: i64) -> Arc<Service> {
    let mut log = Vec::new();
    records(incidents, |revision, bytes| log.push((revision, bytes)));
    let store = Memory::default();
    for (revision, bytes) in log {
        let write = Write { bytes: bytes.into(), stamp: None, condition: Condition::Absent };
        store.put(&record_key(revision), write).await.unwrap();
    }
    let site = Arc::new(status_update::core::site::renderer::Site::new(Config::default()).unwrap());
    let service = Service::new(Arc::new(store), site, 0);
    service.reconcile(now()).await.unwrap();
    service
}
