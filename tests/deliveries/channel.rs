//! A process, its storage and its receiver, in simulated time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::answer::card;
use status_update::core::config::Config;
use status_update::core::http::{Body, Receiver, Request, Response};
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::Container;
use status_update::store::memory::{Fault, Memory, Operation, OperationKind};
use tokio::time::{Instant, sleep};

use crate::simulation::world::{message, now};
use crate::support::outbound::InMemory;
use crate::support::store::{Operations, watched};

/// Only a reminder of a customer update each hour.
pub const NUDGE_ALONE: &str = "[cadence]\nlead = 0\nnudge = 60\noverdue = 0\nsilence = 0\n";

pub struct Channel {
    pub service: Arc<Service>,
    pub receiver: Arc<InMemory>,
    pub memory: Memory,
    /// The keys of messages posted in the channel.
    pub posted: Arc<Mutex<Vec<String>>>,
    pub operations: Operations,
    site: Arc<Site>,
    pages_hang: Arc<AtomicBool>,
    begun: Instant,
    messages: u64,
}

impl Channel {
    pub fn new(toml: &str) -> Self {
        let posted: Arc<Mutex<Vec<String>>> = Arc::default();
        let journal = Arc::clone(&posted);
        let receiver = Arc::new(InMemory::new(move |request| {
            journal.lock().unwrap().extend(key(request));
            Response { status: 202, retry_after: None, json: None }
        }));
        let pages_hang: Arc<AtomicBool> = Arc::default();
        let hang = Arc::clone(&pages_hang);
        let memory = Memory::default();
        let (store, operations) = watched(&memory, move |operation| {
            let writes_page =
                operation.kind == OperationKind::Put && operation.key.container == Container::Web;
            let hangs = writes_page && hang.load(Ordering::Relaxed);
            if hangs { Fault::Never } else { Fault::None }
        });
        let mut config = Config::parse(toml).unwrap();
        config.notifies = true;
        let site = Arc::new(Site::new(config).unwrap());
        let (store, outbound) = (Arc::new(store), Arc::clone(&receiver));
        let service = Service::with_outbound(store, Arc::clone(&site), Some(outbound), 7);
        let begun = Instant::now();
        Self { service, receiver, memory, posted, operations, site, pages_hang, begun, messages: 0 }
    }

    /// From now on storage does not answer when a page is to be written.
    pub fn pages_hang(&self, hang: bool) {
        self.pages_hang.store(hang, Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        self.clock()()
    }

    /// The clock.
    pub fn clock(&self) -> impl Fn() -> Timestamp + Send + use<> {
        let begun = self.begun;
        move || now() + SignedDuration::try_from(begun.elapsed()).unwrap()
    }

    /// A second process on the same storage with the same receiver, and its operations on storage.
    pub fn another(&self, fault: fn(&Operation) -> Fault) -> (Arc<Service>, Operations) {
        let (store, operations) = watched(&self.memory, fault);
        let (store, outbound) = (Arc::new(store), self.receiver.clone());
        let service = Service::with_outbound(store, self.site.clone(), Some(outbound), 8);
        (service, operations)
    }

    /// Says something in the channel, and returns the answer as a terminal shows it.
    pub async fn say(&mut self, text: &str) -> String {
        self.messages += 1;
        let message = message(self.messages, text);
        let deadline = Instant::now() + Duration::from_secs(4);
        let outcome =
            self.service.command(&message.cause(self.now()), &message.said, deadline).await;
        assert!(!matches!(outcome, Outcome::Refused(_) | Outcome::Trouble(_)), "{outcome:?}");
        let answer = self.service.answer(&outcome, "somebody");
        card::to_terminal(&card::activity(&answer)).unwrap()
    }

    /// Runs the timer for the next minutes. Returns the minutes in which something was sent.
    pub async fn minutes(&self, count: u64) -> Vec<u64> {
        let mut sent = Vec::new();
        for _ in 0..count {
            sleep(Duration::from_secs(30)).await;
            let before = self.receiver.sent().len();
            self.service.reconcile(self.now()).await.unwrap();
            sleep(Duration::from_secs(30)).await;
            if self.receiver.sent().len() > before {
                sent.push(self.begun.elapsed().as_secs() / 60);
            }
        }
        sent
    }

    /// The keys of all tries.
    pub fn tries(&self) -> Vec<String> {
        self.receiver.sent().iter().filter_map(key).collect()
    }

    pub fn posted(&self) -> Vec<String> {
        self.posted.lock().unwrap().clone()
    }

    /// The log from its start.
    pub fn history(&self) -> (State, Vec<Record>) {
        let entries = self.memory.entries();
        let (mut state, mut records) = (State::default(), Vec::new());
        while let Some(blob) = entries.get(&record_key(state.revision + 1)) {
            records.push(fold_bytes(&mut state, &blob.bytes).unwrap());
        }
        (state, records)
    }

    pub fn take_operations(&self) -> Vec<Operation> {
        std::mem::take(&mut self.operations.lock().unwrap())
    }
}

/// The key of a message; a heartbeat has none.
fn key(request: &Request) -> Option<String> {
    if request.to == Receiver::Heartbeat {
        return None;
    }
    let Some(Body::Json(body)) = &request.body else { panic!("no message: {request:?}") };
    Some(body.get("key").and_then(Value::as_str).unwrap().to_owned())
}
