//! Stores in memory whose operations are counted, listed, slow, held or failing. Each is a handle
//! on the memory that it is given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use status_update::store::memory::{Fault, Hook, Memory, Operation};
use tokio::sync::Notify;

/// Operations in their order.
pub type Operations = Arc<Mutex<Vec<Operation>>>;

/// Operations end as `fault` says.
pub fn failing_on(
    memory: &Memory,
    fault: impl Fn(&Operation) -> Fault + Send + Sync + 'static,
) -> Memory {
    let hook: Hook = Arc::new(move |operation| {
        let fault = fault(&operation);
        Box::pin(async move { fault })
    });
    memory.with_faults(hook)
}

/// Like [`failing_on`], and the operations are listed.
pub fn watched(
    memory: &Memory,
    fault: impl Fn(&Operation) -> Fault + Send + Sync + 'static,
) -> (Memory, Operations) {
    let operations = Operations::default();
    let seen = Arc::clone(&operations);
    let store = failing_on(memory, move |operation| {
        seen.lock().unwrap().push(operation.clone());
        fault(operation)
    });
    (store, operations)
}

/// Operations are counted.
pub fn counting(memory: &Memory) -> (Memory, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let store = failing_on(memory, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Fault::None
    });
    (store, count)
}

/// Operations take as long as `pause` says.
pub fn slow(
    memory: &Memory,
    pause: impl Fn(&Operation) -> Duration + Send + Sync + 'static,
) -> Memory {
    let hook: Hook = Arc::new(move |operation| {
        let pause = pause(&operation);
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            Fault::None
        })
    });
    memory.with_faults(hook)
}

/// Chosen operations wait until the gate notifies them.
pub fn held(
    memory: &Memory,
    chosen: impl Fn(&Operation) -> bool + Send + Sync + 'static,
) -> (Memory, Arc<Notify>) {
    let gate = Arc::new(Notify::new());
    let waiting = Arc::clone(&gate);
    let hook: Hook = Arc::new(move |operation| {
        let (waits, gate) = (chosen(&operation), Arc::clone(&waiting));
        Box::pin(async move {
            if waits {
                gate.notified().await;
            }
            Fault::None
        })
    });
    (memory.with_faults(hook), gate)
}
