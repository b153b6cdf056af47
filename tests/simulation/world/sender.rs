//! A receiver in the simulated world: it fails like storage, and keeps a journal of arrivals, which
//! is compared with the log at each moment.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Arc, Mutex};

use status_update::core::http::{Body, Failure, Receiver, Request, Response};
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::DeliveryId;
use status_update::outbound::{Outbound, OutboundFuture};
use status_update::service::record_key;
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{Container, Key};

use super::World;

/// The arrivals at the receiver.
#[derive(Default)]
pub struct Journal {
    /// Which delivery, and which process sent it.
    sends: Vec<(DeliveryId, String)>,
    /// The accepted ones.
    taken: BTreeSet<DeliveryId>,
    problems: Vec<String>,
}

/// The way of one process to the receiver.
pub struct Sender {
    hook: Hook,
    name: String,
    memory: Memory,
    journal: Arc<Mutex<Journal>>,
}

impl Sender {
    pub fn new(hook: Hook, process: usize, memory: &Memory, journal: &Arc<Mutex<Journal>>) -> Self {
        let (name, memory) = (format!("{process:016x}"), memory.clone());
        Self { hook, name, memory, journal: Arc::clone(journal) }
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Failure> {
        let Some(Body::Json(body)) = &request.body else { panic!("no message: {request:?}") };
        let key = body["key"].as_str().unwrap();
        let operation = Operation {
            kind: OperationKind::Put,
            key: Key::new(Container::State, "sent to the channel"),
        };
        let fault = (self.hook)(operation).await;
        let answer = |status| Ok(Response { status, retry_after: None, json: None });
        match fault {
            Fault::None => {
                self.arrives(key, true);
                answer(202)
            }
            Fault::Conflict => {
                self.arrives(key, false);
                answer(400)
            }
            Fault::FailBefore => Err(Failure::unavailable("connection refused")),
            Fault::AppliedUnknown | Fault::LandsLater => {
                self.arrives(key, true);
                Err(Failure::Unknown("the answer was lost".to_owned()))
            }
            Fault::AppliedNever => {
                self.arrives(key, true);
                pending().await
            }
            Fault::Never => pending().await,
        }
    }

    /// Nothing is sent that was not recorded: each process sends a message as often as the log has
    /// its claims, each of which is a separate try.
    fn arrives(&self, key: &str, is_taken: bool) {
        let (state, records) = history(&self.memory);
        let mut journal = self.journal.lock().unwrap();
        let mut past = State::default();
        let mut id = None;
        for (_, bytes) in &records {
            fold_bytes(&mut past, bytes).unwrap();
            let found = past.deliveries.waiting().find(|delivery| delivery.key == key);
            id = id.or(found.map(|delivery| delivery.id));
        }
        let Some(id) = id else {
            journal
                .problems
                .push(format!("sent, and not in the log: {key}, at {}", state.revision));
            return;
        };
        let claims = records.iter().flat_map(|(record, _)| record.deliveries()).filter(|event| {
            matches!(event, DeliveryEvent::Claimed { id: of, by, .. } if *of == id && *by == self.name)
        });
        let entry = (id, self.name.clone());
        journal.sends.push(entry.clone());
        let sends = journal.sends.iter().filter(|known| **known == entry).count();
        if claims.count() < sends {
            journal.problems.push(format!("{} sent {id} more often than it claimed it", self.name));
        }
        if is_taken {
            journal.taken.insert(id);
        }
    }
}

impl Outbound for Sender {
    fn reaches(&self, receiver: Receiver) -> bool {
        receiver == Receiver::Workflows
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

/// The log from its start.
fn history(memory: &Memory) -> (State, Vec<(Record, Vec<u8>)>) {
    let entries = memory.entries();
    let (mut state, mut records) = (State::default(), Vec::new());
    while let Some(blob) = entries.get(&record_key(state.revision + 1)) {
        let record = fold_bytes(&mut state, &blob.bytes).expect("the log makes sense");
        records.push((record, blob.bytes.to_vec()));
    }
    (state, records)
}

impl World {
    /// Every recorded message is sent, carried or given up; every message reported as sent was
    /// sent; and every try belongs to one process.
    pub(super) fn check_sent(&self, problems: &mut Vec<String>) {
        let (state, records) = history(&self.memory);
        let journal = self.journal.lock().unwrap();
        problems.extend(journal.problems.iter().cloned());
        let left: Vec<_> = state.deliveries.waiting().filter(|d| d.gave_up.is_none()).collect();
        if !left.is_empty() {
            problems.push(format!("these are neither sent nor given up: {left:?}"));
        }
        let mut tries = BTreeSet::new();
        for event in records.iter().flat_map(|(record, _)| record.deliveries()) {
            match event {
                DeliveryEvent::Claimed { id, attempt, .. } if !tries.insert((*id, *attempt)) => {
                    problems.push(format!("try {attempt} of {id} is claimed twice"));
                }
                DeliveryEvent::Delivered { id, .. } if !journal.taken.contains(id) => {
                    problems.push(format!("{id} is said to be sent and was not"));
                }
                _ => {}
            }
        }
    }

    /// Number of arrivals.
    pub(super) fn sends(&self) -> usize {
        self.journal.lock().unwrap().sends.len()
    }
}
