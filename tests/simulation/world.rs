//! The simulated world: processes, their scheduler, and the invariants.

pub mod plan;
mod run;
mod seeded;
pub mod sender;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use status_update::core::config::Config;
use status_update::core::log::record::MessageId;
use status_update::core::response::person::Person;
use status_update::core::site::renderer::Site;
use status_update::core::teams::activity::{Message, Origin};
use status_update::core::text::Text;
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Hook, Memory, Operation};
use status_update::store::{Blob, Container, Key};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep};

pub use plan::{Job, Kind, Plan, Scenario, Step};
pub use run::{Run, in_turns, seconds_each};
pub use seeded::seeded;
use sender::{Journal, Sender};

/// The budget of a command; simulated time.
const DEADLINE: Duration = Duration::from_secs(4);
/// The step of simulated time while nothing waits for the scheduler.
const IDLE: Duration = Duration::from_millis(500);
/// A word that everything has which is said among the responders, and nothing else.
pub const INTERNAL: &str = "backstage";
/// More operations than any run needs: beyond it something goes in circles.
const OPERATIONS_MAX: usize = 5_000;
/// The files for programs, and the pages that change together with the index, are some thirty files
/// that are written in the same way at the same time. To keep the exhaustive tests feasible, only
/// the files of one class at a time can fail or wait.
pub const CLASSES: usize = 12;

pub fn message(id: u64, text: &str) -> Box<Message> {
    Box::new(Message {
        id: MessageId { conversation: "19:simulated".to_owned(), id: id.to_string() },
        sent: now(),
        from: Person { id: "someone".to_owned(), name: "Someone".to_owned(), teams_id: None },
        thread: Some(id.to_string()),
        origin: Origin::default(),
        bot: "StatusPage".to_owned(),
        said: Text::plain(text).into(),
    })
}

pub fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

const COMPONENTS: &str = "[cadence]\nlead = 0\npromise = 0\nnudge = 0\noverdue = 0\nsilence = 0\n\
                          [[components]]\nname = \"Checkout\"\n";

pub fn site() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
        let config = Config::parse(COMPONENTS).unwrap();
        Arc::new(Site::new(config).unwrap())
    });
    Arc::clone(&SITE)
}

/// The same in a different theme.
pub fn new_site() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
        let config = Config::parse(&format!("title = \"New title\"\n{COMPONENTS}")).unwrap();
        Arc::new(Site::new(config).unwrap())
    });
    Arc::clone(&SITE)
}

/// One on which people are reminded.
fn sending_site() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
        let mut config = Config::parse("[[components]]\nname = \"Checkout\"\n").unwrap();
        config.notifies = true;
        Arc::new(Site::new(config).unwrap())
    });
    Arc::clone(&SITE)
}

/// An operation that waits to be released.
struct Waiting {
    process: usize,
    operation: Operation,
    go: oneshot::Sender<Fault>,
}

/// True if an operation waits for the scheduler: those on records, documents, the snapshot, the
/// index and the pages written before it, and those on one class of the rest.
fn is_scheduled(key: &Key, class: usize) -> bool {
    let name = key.name.as_str();
    let sum: usize = name.bytes().map(usize::from).sum();
    let is_beside_index =
        matches!(name, "uptime/index.html" | "history/index.html") || name.starts_with("reports/");
    let is_page = name.contains(".html") && !is_beside_index;
    key.container != Container::Web || is_page || sum % CLASSES == class
}

/// One process with its own handle on the store.
struct Process {
    number: usize,
    service: Arc<Service>,
    handle: Memory,
    dead: Arc<AtomicBool>,
    tasks: Arc<Mutex<Vec<AbortHandle>>>,
    is_old: bool,
}

pub struct World {
    memory: Memory,
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    seen: BTreeMap<Key, u64>,
    handles: Vec<Memory>,
    class: usize,
    kind: Kind,
    /// Nothing waits, and nothing fails.
    is_calm: Arc<AtomicBool>,
    /// The sent messages.
    journal: Arc<Mutex<Journal>>,
}

impl World {
    fn new(kind: Kind, class: usize) -> Self {
        let memory = Memory::default();
        if kind == Kind::Clocks {
            memory.set_clock(Some(now()));
        }
        Self {
            memory,
            waiting: Arc::default(),
            seen: BTreeMap::new(),
            handles: Vec::new(),
            class: class % CLASSES,
            kind,
            is_calm: Arc::default(),
            journal: Arc::default(),
        }
    }

    /// The site of the remaining processes.
    fn site(&self) -> Arc<Site> {
        match self.kind {
            Kind::TwoThemes => new_site(),
            _ => self.first_site(),
        }
    }

    /// The site before any theme change.
    fn first_site(&self) -> Arc<Site> {
        if self.kind == Kind::Sending { sending_site() } else { site() }
    }

    fn process(&mut self, number: usize, is_old: bool) -> Process {
        let dead = Arc::new(AtomicBool::new(false));
        let (waiting, is_dead) = (Arc::clone(&self.waiting), Arc::clone(&dead));
        let (class, is_calm) = (self.class, Arc::clone(&self.is_calm));
        let hook: Hook = Arc::new(move |operation| {
            let (go, gone) = oneshot::channel();
            let is_dead = is_dead.load(Ordering::Relaxed);
            let is_scheduled = is_scheduled(&operation.key, class);
            if !is_dead && (is_calm.load(Ordering::Relaxed) || !is_scheduled) {
                return Box::pin(async { Fault::None });
            }
            if !is_dead {
                waiting.lock().unwrap().push_back(Waiting { process: number, operation, go });
            }
            // Nobody lets an operation of a dead process go.
            Box::pin(async move {
                match gone.await {
                    Ok(fault) => fault,
                    Err(_) => std::future::pending().await,
                }
            })
        });
        let sender = Sender::new(Arc::clone(&hook), number, &self.memory, &self.journal);
        let handle = self.memory.with_faults(hook);
        self.handles.push(handle.clone());
        let site = if is_old { site() } else { self.site() };
        let (store, outbound) = (Arc::new(handle.clone()), Some(Arc::new(sender) as _));
        let service = Service::with_outbound(store, site, outbound, number as u64);
        Process { number, service, handle, dead, tasks: Arc::default(), is_old }
    }

    /// Kills a process: its pending operations never complete.
    fn kill(&self, process: &Process) {
        process.dead.store(true, Ordering::Relaxed);
        for task in process.tasks.lock().unwrap().drain(..) {
            task.abort();
        }
        self.waiting.lock().unwrap().retain(|waiting| waiting.process != process.number);
    }

    /// From now on nothing fails, and pending operations continue.
    fn calm_down(&self) {
        self.is_calm.store(true, Ordering::Relaxed);
        for waiting in self.waiting.lock().unwrap().drain(..) {
            let _ = waiting.go.send(Fault::None);
        }
        for handle in &self.handles {
            handle.land();
        }
    }

    /// The next operation by rank; the oldest one of each process.
    fn next(&self, rank: impl Fn(usize) -> usize) -> Option<Waiting> {
        let mut waiting = self.waiting.lock().unwrap();
        let best = (0..waiting.len()).min_by_key(|index| rank(waiting[*index].process))?;
        waiting.remove(best)
    }

    fn carry_out(&self, waiting: Waiting, step: Option<Step>, processes: &[Process]) {
        let Waiting { process, go, .. } = waiting;
        // The waiting process may be dead by now; then nobody notices.
        let let_go = move |fault| {
            let _ = go.send(fault);
        };
        match step {
            None => let_go(Fault::None),
            Some(Step::Fault(fault)) => let_go(fault),
            Some(Step::PastDeadline) => {
                tokio::spawn(async move {
                    sleep(DEADLINE + Duration::from_secs(1)).await;
                    let_go(Fault::None);
                });
            }
            Some(Step::Crash(fault)) => {
                // First the operation, which the dead process then never hears of.
                let_go(fault);
                if let Some(process) = processes.iter().find(|other| other.number == process) {
                    self.kill(process);
                }
            }
        }
    }

    /// No page, document or snapshot ever goes back, except for leftovers of a lost log.
    fn check_no_step_back(&mut self, label: &str) {
        for (key, blob) in self.memory.entries() {
            let Some(stamp) = &blob.head.stamp else { continue };
            let before = self.seen.insert(key.clone(), stamp.revision).unwrap_or(0);
            let may_go_back = self.kind == Kind::Restored;
            assert!(
                may_go_back || before <= stamp.revision,
                "{label}: {key} went back from {before}"
            );
            if key.name == "index.html" && before < stamp.revision {
                self.check_links(label, &blob);
            }
        }
    }

    /// Links never dangle: linked files are written before the index.
    fn check_links(&self, label: &str, index: &Blob) {
        let html = String::from_utf8(index.bytes.to_vec()).unwrap().replace("&#x2f;", "/");
        for link in html.split("href=\"/").skip(1) {
            let link = link.split('"').next().unwrap();
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            let name = if path.is_empty() || path.ends_with('/') {
                format!("{path}index.html")
            } else {
                path.to_owned()
            };
            let key = Key::new(Container::Web, name);
            let blob = self.memory.entries().remove(&key);
            let html = blob.map(|blob| String::from_utf8_lossy(&blob.bytes).into_owned());
            let is_there = html
                .is_some_and(|html| place.is_empty() || html.contains(&format!("id=\"{place}\"")));
            assert!(is_there, "{label}: /{link} leads nowhere");
        }
    }
}

/// Lets everything that can go on do so: simulated time moves only when all tasks wait.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn start(process: &Process, job: &Job) -> JoinHandle<Option<Outcome>> {
    let service = Arc::clone(&process.service);
    let job = job.clone();
    let task = tokio::spawn(async move {
        let (message, apart) = match &job {
            Job::Command(message) => (message, SignedDuration::ZERO),
            Job::WithWrongClock(message, apart) => (message, *apart),
            Job::BothClocks(days) => {
                let at = now() + SignedDuration::from_hours(24 * days);
                service.tick_in_background(at);
                let _ = service.timer_run(at).await;
                return None;
            }
            Job::Reconcile | Job::ReconcileOn(_) => {
                let days = if let Job::ReconcileOn(days) = job { days } else { 0 };
                // It fails if storage fails; the timer's next run follows.
                let _ = service.reconcile(now() + SignedDuration::from_hours(24 * days)).await;
                return None;
            }
        };
        let deadline = Instant::now() + DEADLINE;
        Some(service.command(&message.cause(now() + apart), &message.said, deadline).await)
    });
    process.tasks.lock().unwrap().push(task.abort_handle());
    task
}
