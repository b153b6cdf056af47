//! The faults of the store in memory.

use std::sync::Arc;

use futures::FutureExt as _;
use status_update::store::memory::{Fault, Memory, Operation};
use status_update::store::{Container, Key, Store as _, StoreError};

use super::create;

pub fn store() -> Memory {
    Memory::default()
}

/// A handle on `memory` on which `fault` becomes of everything.
fn faulty(memory: &Memory, fault: Fault) -> Memory {
    memory.with_faults(Arc::new(move |_: Operation| std::future::ready(fault).boxed()))
}

fn key() -> Key {
    Key::new(Container::Log, "0000000001.json")
}

#[tokio::test]
async fn a_fault_defines_the_result_and_the_effect() {
    let unknown =
        |outcome: Result<_, StoreError>| matches!(outcome, Err(StoreError::Unknown { .. }));
    let unavailable =
        |outcome: Result<_, StoreError>| matches!(outcome, Err(StoreError::Unavailable { .. }));
    for (fault, is_applied) in [
        (Fault::None, true),
        (Fault::Conflict, false),
        (Fault::FailBefore, false),
        (Fault::AppliedUnknown, true),
        (Fault::LandsLater, false),
        (Fault::Never, false),
        (Fault::AppliedNever, true),
    ] {
        let memory = store();
        let faulty = faulty(&memory, fault);
        let key = key();
        let outcome = faulty.put(&key, create(b"{}")).now_or_never();
        assert!(match fault {
            Fault::None => outcome.unwrap().is_ok(),
            Fault::Conflict => outcome.unwrap() == Err(StoreError::Conflict),
            Fault::FailBefore => unavailable(outcome.unwrap().map(|_| ())),
            Fault::AppliedUnknown | Fault::LandsLater => unknown(outcome.unwrap().map(|_| ())),
            Fault::Never | Fault::AppliedNever => outcome.is_none(),
        });
        assert_eq!(memory.entries().contains_key(&key), is_applied, "{fault:?}");
        let read = faulty.head(&key).now_or_never();
        assert!(match fault {
            Fault::None => read.unwrap().unwrap().is_some(),
            Fault::Conflict | Fault::FailBefore => unavailable(read.unwrap().map(|_| ())),
            Fault::AppliedUnknown | Fault::LandsLater => unknown(read.unwrap().map(|_| ())),
            Fault::Never | Fault::AppliedNever => read.is_none(),
        });
    }
}

#[tokio::test]
async fn a_late_write_lands_only_if_its_condition_still_holds() {
    let memory = store();
    let late = faulty(&memory, Fault::LandsLater);
    let key = key();
    late.put(&key, create(b"late")).await.unwrap_err();
    late.land();
    assert_eq!(memory.get(&key).await.unwrap().unwrap().bytes, "late");

    let other = Key::new(Container::Log, "0000000002.json");
    late.put(&other, create(b"late")).await.unwrap_err();
    memory.put(&other, create(b"quicker")).await.unwrap();
    late.land();
    assert_eq!(memory.get(&other).await.unwrap().unwrap().bytes, "quicker");
}

#[tokio::test]
async fn an_operation_takes_effect_when_its_hook_is_done() {
    let memory = store();
    let (go, gone) = tokio::sync::watch::channel(false);
    let slow = memory.with_faults(Arc::new(move |_: Operation| {
        let mut gone = gone.clone();
        Box::pin(async move {
            gone.wait_for(|gone| *gone).await.unwrap();
            Fault::None
        })
    }));
    let key = key();
    let slow_put = tokio::spawn(async move { slow.put(&key, create(b"slow")).await });
    tokio::task::yield_now().await;
    memory.put(&self::key(), create(b"quick")).await.unwrap();
    go.send(true).unwrap();
    assert_eq!(slow_put.await.unwrap(), Err(StoreError::Conflict));
}
