//! `cargo bench`: figures for docs/performance.md. It measures and prints, but judges nothing,
//! because machines differ.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot be taken may stop the run"
)]

mod audits;
mod azurite;
mod busy;
mod history;
mod rosters;
mod sizes;
#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod support;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use history::{Talk, service_with_history};
use status_update::cli::send::{OutgoingMessage, send};
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::store::Store;
use status_update::store::directory::Directory;
use status_update::store::memory::{Fault, Hook, Memory, Operation};

const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const BINARY: &str = env!("CARGO_BIN_EXE_status-update");

fn main() {
    // `cargo test --benches` asks for a quick run without measuring.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("machine: {}", machine());
    let sections: [(&str, fn()); 9] = [
        ("binary", binary),
        ("round_trips", round_trips),
        ("busy", || runtime().block_on(busy::busy())),
        ("stores", stores),
        ("histories", histories),
        ("azurite", azurite::azurite),
        ("audits", audits::audits),
        ("rosters", rosters::rosters),
        ("sizes", sizes::sizes),
    ];
    // `cargo bench -- busy` measures one thing.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    for (name, section) in sections {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            section();
        }
    }
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Judged by texts that the answer lacks.
fn is_recorded(answer: &str) -> bool {
    let troubles = ["Not recorded", "Not confirmed", "Nothing is recorded"];
    troubles.iter().all(|trouble| !answer.contains(trouble))
}

fn us(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn site() -> Arc<Site> {
    Arc::new(Site::new(Config::default()).unwrap())
}

/// Size, start and memory of the program itself.
fn binary() {
    let bytes = std::fs::metadata(BINARY).unwrap().len();
    println!("size of the stripped binary: {:.2} MB", bytes as f64 / 1e6);
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<Duration> = (0..31).map(|_| Program::start(folder.path()).1).collect();
    println!("exec to accepting: {} (median of 31)", us(median(starts)));
    let (program, _) = Program::start(folder.path());
    runtime().block_on(program.talk(1_000));
    println!("resident after 1,000 commands: {:.1} MB", program.resident_mb());
}

struct Program {
    child: Child,
    port: u16,
}

impl Program {
    /// Starts the program in a folder, and measures the time until it accepts a connection.
    fn start(folder: &Path) -> (Self, Duration) {
        let storage = format!("dir:{}", folder.join("storage").display());
        Self::start_as(folder, &[("STATUS_STORAGE", &storage)])
    }

    fn start_as(folder: &Path, settings: &[(&str, &str)]) -> (Self, Duration) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Instant::now();
        let child = Command::new(BINARY)
            .current_dir(folder)
            .env_clear()
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
            .env("STATUS_WEBHOOK_TOKENS", TOKEN)
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_micros(50));
        }
        (Self { child, port }, started.elapsed())
    }

    /// The same on other storage, with a page's configuration.
    fn start_with(folder: &Path, storage: &str, config: &str) -> (Self, Duration) {
        Self::start_as(folder, &[("STATUS_STORAGE", storage), ("STATUS_CONFIG", config)])
    }

    /// Sends one command, which has to be recorded.
    async fn send(&self, text: &str) {
        assert!(self.try_send(text).await, "{text} was not recorded");
    }

    /// Sends a command. True if it is recorded.
    async fn try_send(&self, text: &str) -> bool {
        let token = status_update::core::teams::activity::Token::parse(TOKEN).unwrap();
        let to = format!("http://127.0.0.1:{}", self.port);
        let now = jiff::Timestamp::now();
        let letter = OutgoingMessage { to: &to, token: &token, name: "Somebody", text, now };
        is_recorded(&send(&letter).await.unwrap())
    }

    /// Runs the timer, as the Functions host does every minute.
    async fn run_timer(&self) {
        let url = format!("http://127.0.0.1:{}/Reconcile", self.port);
        let client = status_update::http_client::http_client().build().unwrap();
        let answer = client.post(url).body("{\"Data\":{}}").send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// The last revision that the program knows.
    async fn last_revision(&self) -> u64 {
        let url = format!("http://127.0.0.1:{}/api/health", self.port);
        let client = status_update::http_client::http_client().build().unwrap();
        let health = client
            .get(url)
            .header("x-functions-key", TOKEN)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let health: serde_json::Value = serde_json::from_str(&health).unwrap();
        health["revision_recorded"].as_u64().unwrap()
    }

    /// Posts commands as Teams would: an incident opened, updated twice and closed, and again.
    async fn talk(&self, commands: usize) {
        let token = status_update::core::teams::activity::Token::parse(TOKEN).unwrap();
        let to = format!("http://127.0.0.1:{}", self.port);
        for index in 0..commands {
            let letter = OutgoingMessage {
                to: &to,
                token: &token,
                name: "Somebody",
                text: Talk::text(index),
                now: jiff::Timestamp::now(),
            };
            let answer = send(&letter).await.unwrap();
            assert!(is_recorded(&answer), "{answer}");
        }
    }

    fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kb: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kb / 1e3
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Counts a command's storage operations, and the sequential ones among them: in simulated time
/// each takes one second and nothing else takes any.
fn round_trips() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let memory = Memory::default();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let hook: Hook = Arc::new(move |_: Operation| {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Fault::None
            })
        });
        let handle: Arc<dyn Store> = Arc::new(memory.with_faults(hook));
        let mut talk = Talk::new(Service::new(Arc::clone(&handle), site(), 0));
        for (label, text, cold) in [
            ("the very first command (open)", Talk::text(0), false),
            ("warm update", Talk::text(1), false),
            ("cold update", Talk::text(2), true),
            ("warm close", Talk::text(3), false),
            ("warm open", Talk::text(0), false),
            ("cold close", Talk::text(3), true),
            ("internal: warm open", "open internal sev2 The queue grows", false),
            ("internal: warm record on an open incident", "doing #3 We empty the queue", false),
            ("internal: cold record on an open incident", "ack #3 We are on it", true),
            ("internal: warm close", "close #3 The queue is empty", false),
            ("internal: warm record on a closed incident", "affects #3 Nobody", false),
            ("internal: warm record on a closed public incident", "affects #2 Shops", false),
        ] {
            if cold {
                talk = Talk::new(Service::new(Arc::clone(&handle), site(), 0));
            }
            count.store(0, Ordering::Relaxed);
            let started = tokio::time::Instant::now();
            talk.say(text).await;
            let after_another = started.elapsed().as_secs();
            let operations = count.load(Ordering::Relaxed);
            println!("{label}: {operations} operations, {after_another} one after another");
        }
    });
}

/// A command's time on the embedded stores, side by side in one run.
fn stores() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let directory: Arc<dyn Store> = Arc::new(Directory::open(folder.path()).unwrap());
        let mut talks = [
            (
                "in-memory",
                Talk::new(Service::new(Arc::new(Memory::default()), site(), 0)),
                Vec::new(),
            ),
            ("directory", Talk::new(Service::new(directory, site(), 0)), Vec::new()),
        ];
        for index in 0..400 {
            for (_, talk, times) in &mut talks {
                let started = Instant::now();
                talk.say(Talk::text(index)).await;
                times.push(started.elapsed());
            }
        }
        for (label, _, times) in talks {
            println!("a command on the {label} store: {} (median of 400)", us(median(times)));
        }
    });
}

/// A command's time with more and more history, side by side in one run.
fn histories() {
    runtime().block_on(async {
        let mut talks = Vec::new();
        for incidents in [10, 1_000, 100_000] {
            talks.push((incidents, Talk::new(service_with_history(incidents).await), Vec::new()));
        }
        for index in 0..1_000 {
            for (_, talk, times) in &mut talks {
                let started = Instant::now();
                talk.say(Talk::text(index)).await;
                times.push(started.elapsed());
            }
        }
        let first = median(talks[0].2.clone());
        for (incidents, _, times) in talks {
            let time = median(times);
            let ratio = time.as_secs_f64() / first.as_secs_f64();
            println!("a command with {incidents} incidents in history: {} (x{ratio:.2})", us(time));
        }
    });
}
