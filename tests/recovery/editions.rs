//! Responders' actions leave no trace in `$web`: no byte and no metadata of a public file reveals
//! that, or how much, was recorded internally.

use std::collections::BTreeMap;

use bytes::Bytes;
use status_update::core::log::evict::Limits;
use status_update::store::memory::Memory;
use status_update::store::{Container, Key, Stamp};

use super::{assert_recorded, folded, say, service};
use crate::simulation::world::{now, runtime};

/// Internal records about #1, whether it is open, closed or evicted.
const INTERNAL: &[&str] = &[
    "ack #1 We are on it",
    "note #1 A cache was emptied",
    "doing #1 The switch is replaced",
    "sev #1 1",
    "know #1 The team of the shop",
    "task #1 Call the provider",
];

/// Everything that anybody can read of the site and its blobs. Their `ETag`s differ between stores.
fn public(memory: &Memory) -> BTreeMap<Key, (Bytes, Option<Stamp>)> {
    let entries = memory.entries().into_iter();
    let web = entries.filter(|(key, _)| key.container == Container::Web);
    web.map(|(key, blob)| (key, (blob.bytes, blob.head.stamp))).collect()
}

fn etags(memory: &Memory) -> BTreeMap<Key, String> {
    let entries = memory.entries().into_iter();
    let web = entries.filter(|(key, _)| key.container == Container::Web);
    web.map(|(key, blob)| (key, blob.head.etag.0)).collect()
}

/// Enough incidents that the first one is evicted, with and without internal records between the
/// public ones.
async fn history(with_internal: bool) -> Memory {
    let memory = Memory::default();
    let process = service(&memory);
    let mut id = 0;
    let mut texts = vec!["open The shop is down", "update identified A switch", "close Done"];
    texts.extend(["open One more", "close"].repeat(Limits::DEFAULT.closed));
    texts.extend(["open Other", "reopen #1 It is back", "close #1 Done again", "update #52 Slow"]);
    for (place, text) in texts.iter().enumerate() {
        id += 1;
        assert_recorded(&say(&process, id, text).await);
        if with_internal {
            let note = format!("note #1 After public record {place}");
            id += 1;
            assert_recorded(&say(&process, id, INTERNAL.get(place).unwrap_or(&&*note)).await);
        }
        if place % 9 == 0 {
            process.reconcile(now()).await.unwrap();
        }
    }
    process.reconcile(now()).await.unwrap();
    memory
}

#[test]
fn records_of_responders_between_public_ones_change_no_public_byte_and_no_metadata() {
    runtime().block_on(async {
        let (quiet, busy) = (history(false).await, history(true).await);
        let (records, more) = (folded(&quiet).revision, folded(&busy).revision);
        assert!(more > records + 30, "{more} records, and {records} without responders");
        let (quiet, site) = (public(&quiet), public(&busy));
        assert_eq!(quiet.keys().collect::<Vec<_>>(), site.keys().collect::<Vec<_>>());
        for (key, (bytes, stamp)) in &quiet {
            assert!(site[key].0 == bytes, "{key} shows something of it");
            assert_eq!(&site[key].1, stamp, "{key}");
        }
        let found = service(&busy).verify(|_| {}).await.unwrap().differences;
        assert_eq!(found, Vec::<String>::new());
        // And all of it can be rendered again from the log.
        let again = Memory::default();
        for (key, blob) in busy.entries() {
            if key.container == Container::Log {
                super::gaps::put_back(&again, &key, blob).await;
            }
        }
        service(&again).rebuild(false, |_| {}).await.unwrap();
        assert!(public(&again) == site);
    });
}

/// An incident that was evicted is recalled for a note, and evicted again by the next one.
#[test]
fn a_note_on_an_evicted_incident_writes_nothing_public() {
    runtime().block_on(async {
        let memory = super::dossiers::long_history().await;
        let before = (public(&memory), etags(&memory));
        for (id, text) in
            [INTERNAL, &["ack #2 Seen", "note #1 Once more"]].concat().iter().enumerate()
        {
            // A process that was just started, as well as one that goes on.
            let process = service(&memory);
            assert_recorded(&say(&process, 900 + id as u64, text).await);
            process.reconcile(now()).await.unwrap();
            assert!((public(&memory), etags(&memory)) == before, "{text}");
            let found = process.verify(|_| {}).await.unwrap().differences;
            assert_eq!(found, Vec::<String>::new(), "{text}");
        }
        // A public text is shown, with the next edition.
        let edition = folded(&memory).status.edition;
        let process = service(&memory);
        assert_recorded(&say(&process, 990, "reopen #1 It is back").await);
        let status = folded(&memory).status;
        assert_eq!(status.edition, edition + 1);
        assert!(status.open.contains_key(&1) && status.unlisted.is_empty());
        process.reconcile(now()).await.unwrap();
        assert_ne!(public(&memory), before.0);
        let found = process.verify(|_| {}).await.unwrap().differences;
        assert_eq!(found, Vec::<String>::new());
    });
}
