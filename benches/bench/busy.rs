//! The cost of a command on a busy day, in time and written blobs: three open incidents, six
//! components, and a full history.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{Key, Store};

use super::history::Talk;
use super::{median, us};

/// Number of earlier closed incidents.
const PAST: usize = 60;
/// Repetitions of each command.
const ROUNDS: usize = 100;

const CONFIG: &str = r#"
title = "Northwind Status"
time_zone = "Europe/Berlin"
components = [
  { name = "Checkout" }, { name = "Search" }, { name = "API" },
  { name = "Webhooks" }, { name = "Labels" }, { name = "Mail" },
]
"#;

/// Operations on storage.
#[derive(Default)]
struct Seen {
    operations: AtomicUsize,
    written: Mutex<Vec<Key>>,
}

/// A handle that counts.
fn counting(memory: &Memory, seen: &Arc<Seen>) -> Arc<dyn Store> {
    let seen = Arc::clone(seen);
    let hook: Hook = Arc::new(move |operation: Operation| {
        seen.operations.fetch_add(1, Ordering::Relaxed);
        if operation.kind == OperationKind::Put {
            seen.written.lock().unwrap().push(operation.key);
        }
        Box::pin(async { Fault::None })
    });
    Arc::new(memory.with_faults(hook))
}

impl Seen {
    fn clear(&self) {
        self.operations.store(0, Ordering::Relaxed);
        self.written.lock().unwrap().clear();
    }

    /// Prints the cost of one command.
    async fn print(&self, label: &str, memory: &Memory) {
        let operations = self.operations.load(Ordering::Relaxed);
        let mut written = self.written.lock().unwrap().clone();
        written.sort();
        let mut bytes = 0;
        for key in &written {
            bytes += memory.get(key).await.unwrap().unwrap().bytes.len();
        }
        let names: Vec<String> = written.iter().map(ToString::to_string).collect();
        println!(
            "{label}: {operations} operations, {} of them writes of {:.0} kB: {}",
            names.len(),
            bytes as f64 / 1e3,
            names.join(" ")
        );
    }
}

/// The commands that are measured, in their order, `{n}` being the number of the one opened first.
const COMMANDS: &[(&str, &str)] = &[
    ("open", "open another major on API, Webhooks: Some API requests fail with status 503"),
    ("plain update", "update #{n} The newest release of the gateway drops connections under load"),
    ("close", "close #{n} All requests are answered again"),
];

pub async fn busy() {
    let (memory, seen) = (Memory::default(), Arc::new(Seen::default()));
    let site = Arc::new(Site::new(Config::parse(CONFIG).unwrap()).unwrap());
    let mut talk = Talk::new(Service::new(counting(&memory, &seen), site, 0));
    for number in 1..=PAST {
        talk.say("open another on Search, Labels: Results are stale for some customers").await;
        talk.say(&format!("update #{number} identified An index build stopped half way")).await;
        talk.say(&format!("update #{number} monitoring The index is being built again")).await;
        talk.say(&format!("close #{number} The index is complete again")).await;
    }
    let mut number = PAST;
    for component in ["Checkout", "Labels", "Mail"] {
        number += 1;
        talk.say(&format!("open another on {component}: It fails for many customers")).await;
        talk.say(&format!("update #{number} identified A certificate has expired")).await;
    }
    let mut times = vec![Vec::new(); COMMANDS.len()];
    for round in 0..ROUNDS {
        number += 1;
        for ((label, text), times) in COMMANDS.iter().zip(&mut times) {
            seen.clear();
            let started = Instant::now();
            talk.say(&text.replace("{n}", &number.to_string())).await;
            times.push(started.elapsed());
            if round + 1 == ROUNDS {
                seen.print(label, &memory).await;
            }
        }
    }
    for ((label, _), times) in COMMANDS.iter().zip(&times) {
        let time: Duration = median(times.clone());
        println!("{label} with three open and six components: {} (median of {ROUNDS})", us(time));
    }
}
