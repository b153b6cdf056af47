//! The simulated world: processes, their scheduler, and what must hold whatever happens.

mod seeded;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use status_update::core::chat::activity::{Message, Origin};
use status_update::core::config::Config;
use status_update::core::log::record::{MessageId, Person};
use status_update::core::site::renderer::Site;
use status_update::core::text::Text;
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{Blob, Condition, Container, Key, Store as _, Write};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep};

pub use seeded::seeded;

/// The budget of a command; simulated time.
const DEADLINE: Duration = Duration::from_secs(4);
/// How far simulated time goes on at once while nothing waits for the scheduler.
const IDLE: Duration = Duration::from_millis(500);
/// More operations than any run needs: beyond it something goes in circles.
const OPERATIONS_MAX: usize = 5_000;

/// What a process is there for.
#[derive(Clone, Debug)]
pub enum Job {
    Command(Box<Message>),
    Reconcile,
    /// So many days later.
    ReconcileOn(i64),
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Fault(Fault),
    /// It takes effect after everybody has stopped waiting for it.
    PastDeadline,
    /// Its process ends with it.
    Crash(Fault),
}

/// Which process goes when, and what becomes of which operation.
#[derive(Clone, Debug)]
pub struct Plan {
    order: Vec<usize>,
    switch: Option<(usize, usize)>,
    steps: BTreeMap<usize, Step>,
}

impl Plan {
    pub fn in_order(order: &[usize]) -> Self {
        Self { order: order.to_vec(), switch: None, steps: BTreeMap::new() }
    }

    /// From operation `at` on, process `to` comes first.
    pub fn switch(mut self, at: usize, to: usize) -> Self {
        self.switch = Some((at, to));
        self
    }

    pub fn with(mut self, at: usize, step: Step) -> Self {
        self.steps.insert(at, step);
        self
    }

    fn rank(&self, operation: usize, process: usize) -> usize {
        match self.switch {
            Some((at, to)) if operation >= at && process == to => 0,
            _ => {
                1 + self.order.iter().position(|other| *other == process).unwrap_or(usize::MAX / 2)
            }
        }
    }
}

pub fn message(id: u64, text: &str) -> Box<Message> {
    Box::new(Message {
        id: MessageId { conversation: "19:simulated".to_owned(), id: id.to_string() },
        sent: now(),
        from: Person { id: "someone".to_owned(), name: "Someone".to_owned() },
        thread: Some(id.to_string()),
        origin: Origin::default(),
        bot: "StatusPage".to_owned(),
        text: Text::plain(text),
    })
}

pub fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub fn site() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
        let config = Config::parse("[[components]]\nname = \"Checkout\"\n").unwrap();
        Arc::new(Site::new(config).unwrap())
    });
    Arc::clone(&SITE)
}

/// An operation that waits to be let go.
struct Waiting {
    process: usize,
    operation: Operation,
    go: oneshot::Sender<Fault>,
}

/// What programs read is a dozen files that are written alike, at the same time: one of them
/// stands for all, so that what is exhaustive stays feasible.
fn is_one_of_many(key: &Key) -> bool {
    let is_page = key.name.contains(".html");
    let stands_for_all = ["api/v2/summary.json", "components/checkout/badge.json"];
    key.container == Container::Web && !is_page && !stands_for_all.contains(&key.name.as_str())
}

/// One process with its own handle on the store.
struct Process {
    number: usize,
    service: Arc<Service>,
    handle: Memory,
    dead: Arc<AtomicBool>,
    tasks: Arc<Mutex<Vec<AbortHandle>>>,
}

pub struct World {
    memory: Memory,
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    seen: BTreeMap<Key, u64>,
    handles: Vec<Memory>,
}

impl World {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            waiting: Arc::default(),
            seen: BTreeMap::new(),
            handles: Vec::new(),
        }
    }

    fn process(&mut self, number: usize) -> Process {
        let dead = Arc::new(AtomicBool::new(false));
        let (waiting, is_dead) = (Arc::clone(&self.waiting), Arc::clone(&dead));
        let hook: Hook = Arc::new(move |operation| {
            let (go, gone) = oneshot::channel();
            if is_one_of_many(&operation.key) && !is_dead.load(Ordering::Relaxed) {
                return Box::pin(async { Fault::None });
            }
            if !is_dead.load(Ordering::Relaxed) {
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
        let handle = self.memory.with_faults(hook);
        self.handles.push(handle.clone());
        let service = Service::new(Arc::new(handle.clone()), site(), 0);
        Process { number, service, handle, dead, tasks: Arc::default() }
    }

    /// Kills a process: what it waits for never happens.
    fn kill(&self, process: &Process) {
        process.dead.store(true, Ordering::Relaxed);
        for task in process.tasks.lock().unwrap().drain(..) {
            task.abort();
        }
        self.waiting.lock().unwrap().retain(|waiting| waiting.process != process.number);
    }

    /// Takes the next operation by rank; of one process, the oldest.
    fn next(&self, rank: impl Fn(usize) -> usize) -> Option<Waiting> {
        let mut waiting = self.waiting.lock().unwrap();
        let best = (0..waiting.len()).min_by_key(|index| rank(waiting[*index].process))?;
        waiting.remove(best)
    }

    fn carry_out(&self, waiting: Waiting, step: Option<Step>, processes: &[Process]) {
        let Waiting { process, go, .. } = waiting;
        // Whoever waited may be dead by now: then nobody hears of it.
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

    /// No page, document or snapshot ever goes back.
    fn check_no_step_back(&mut self, label: &str) {
        for (key, blob) in self.memory.entries() {
            let Some(stamp) = &blob.head.stamp else { continue };
            let before = self.seen.insert(key.clone(), stamp.revision).unwrap_or(0);
            assert!(before <= stamp.revision, "{label}: {key} went back from {before}");
            if key.name == "index.html" && before < stamp.revision {
                self.check_links(label, &blob);
            }
        }
    }

    /// A link never dangles: what the index leads to is there before it.
    fn check_links(&self, label: &str, index: &Blob) {
        let html = String::from_utf8(index.bytes.to_vec()).unwrap().replace("&#x2f;", "/");
        for link in html.split("href=\"/").skip(1) {
            let path = link.split('"').next().unwrap();
            let name = if path.is_empty() || path.ends_with('/') {
                format!("{path}index.html")
            } else {
                path.to_owned()
            };
            let key = Key::new(Container::Web, name);
            assert!(self.memory.entries().contains_key(&key), "{label}: /{path} leads nowhere");
        }
    }
}

/// A finished run: what was answered, and everything that is stored once the faults are over.
pub struct Run {
    pub outcomes: Vec<Option<Outcome>>,
    pub operations: Vec<Operation>,
    /// The process of each operation.
    pub owners: Vec<usize>,
    pub faults: usize,
    pub jobs: Vec<Job>,
    pub entries: BTreeMap<Key, Blob>,
    pub problems: Vec<String>,
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
        match job {
            Job::Command(message) => {
                let deadline = Instant::now() + DEADLINE;
                Some(service.command(&message.cause(now()), &message.text, deadline).await)
            }
            Job::Reconcile | Job::ReconcileOn(_) => {
                let days = if let Job::ReconcileOn(days) = job { days } else { 0 };
                // It fails where storage fails; the timer's next run is another one.
                let _ = service.reconcile(now() + SignedDuration::from_hours(24 * days)).await;
                None
            }
        }
    });
    process.tasks.lock().unwrap().push(task.abort_handle());
    task
}

impl Run {
    /// Runs each job in a process of its own, after the commands that went before.
    pub fn of(before: &[&str], jobs: &[Job], plan: &Plan) -> Self {
        runtime().block_on(async {
            let mut world = World::new();
            prepare(&world, before).await;
            let processes: Vec<Process> =
                (0..jobs.len()).map(|number| world.process(number)).collect();
            let tasks: Vec<_> =
                processes.iter().zip(jobs).map(|(process, job)| start(process, job)).collect();
            let (mut operations, mut owners) = (Vec::new(), Vec::new());
            let mut idle_ms = 0;
            // A stall ends after the deadline, and a commit in doubt is looked after for a minute.
            while idle_ms < 8_000
                || tasks.iter().zip(&processes).any(|(task, process)| {
                    !task.is_finished() && !process.dead.load(Ordering::Relaxed) && idle_ms < 90_000
                })
            {
                settle().await;
                let at = operations.len();
                let Some(waiting) = world.next(|process| plan.rank(at, process)) else {
                    idle_ms += IDLE.as_millis();
                    sleep(IDLE).await;
                    world.check_no_step_back(&format!("{plan:?}"));
                    continue;
                };
                idle_ms = 0;
                let may_write = waiting.operation.kind == OperationKind::Put;
                operations.push(waiting.operation.clone());
                owners.push(waiting.process);
                assert!(operations.len() < OPERATIONS_MAX, "{plan:?} goes in circles");
                world.carry_out(waiting, plan.steps.get(&at).copied(), &processes);
                settle().await;
                if may_write {
                    world.check_no_step_back(&format!("{plan:?}"));
                }
            }
            let tasks =
                tasks.into_iter().zip(processes.iter().map(|p| Arc::clone(&p.dead))).collect();
            let mut run = finish(world, tasks, jobs.to_vec(), operations, plan.steps.len()).await;
            run.owners = owners;
            run
        })
    }
}

/// Two processes on one store take turns, without faults: process and text of each command.
pub fn in_turns(commands: &[(usize, &str)]) -> Vec<Outcome> {
    runtime().block_on(async {
        let memory = Memory::default();
        let services = [(); 2].map(|()| Service::new(Arc::new(memory.clone()), site(), 0));
        let mut outcomes = Vec::new();
        for (index, (process, text)) in commands.iter().enumerate() {
            let message = message(index as u64, text);
            let deadline = Instant::now() + DEADLINE;
            let cause = message.cause(now());
            outcomes.push(services[*process].command(&cause, &message.text, deadline).await);
        }
        outcomes
    })
}

/// One warm process: how long each command takes where an operation on storage takes a second.
pub fn seconds_each(commands: &[&str]) -> Vec<u64> {
    runtime().block_on(async {
        let hook: Hook = Arc::new(|_| {
            Box::pin(async {
                sleep(Duration::from_secs(1)).await;
                Fault::None
            })
        });
        let service = Service::new(Arc::new(Memory::default().with_faults(hook)), site(), 0);
        service.reconcile(now()).await.unwrap();
        let mut seconds = Vec::new();
        for (index, text) in commands.iter().enumerate() {
            let begun = Instant::now();
            let deadline = begun + Duration::from_mins(1);
            let message = message(index as u64, text);
            let outcome = service.command(&message.cause(now()), &message.text, deadline).await;
            assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
            seconds.push(begun.elapsed().as_secs());
        }
        seconds
    })
}

/// Runs the commands that went before without faults, and publishes; once for all runs.
async fn prepare(world: &World, before: &[&str]) {
    static PREPARED: Mutex<BTreeMap<String, BTreeMap<Key, Blob>>> = Mutex::new(BTreeMap::new());
    let name = before.join("\n");
    let prepared = PREPARED.lock().unwrap().get(&name).cloned();
    if let Some(entries) = prepared {
        for (key, Blob { head, bytes }) in entries {
            let write = Write { bytes, stamp: head.stamp, condition: Condition::Absent };
            world.memory.put(&key, write).await.unwrap();
        }
        return;
    }
    let service = Service::new(Arc::new(world.memory.clone()), site(), 0);
    for (index, text) in before.iter().enumerate() {
        let message = message(1_000 + index as u64, text);
        let deadline = Instant::now() + DEADLINE;
        let outcome = service.command(&message.cause(now()), &message.text, deadline).await;
        assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
    }
    service.reconcile(now()).await.unwrap();
    PREPARED.lock().unwrap().insert(name, world.memory.entries());
}

/// Ends the faults: what was held up lands, a new process reconciles, and it all is read.
async fn finish(
    mut world: World,
    tasks: Vec<(JoinHandle<Option<Outcome>>, Arc<AtomicBool>)>,
    jobs: Vec<Job>,
    operations: Vec<Operation>,
    faults: usize,
) -> Run {
    let mut problems = Vec::new();
    let mut outcomes = Vec::new();
    for (number, (task, dead)) in tasks.into_iter().enumerate() {
        if !task.is_finished() {
            problems.push(format!("job {number} never came to an end"));
            task.abort();
        }
        outcomes.push(match task.await {
            Ok(outcome) => outcome,
            Err(error) => {
                assert!(error.is_cancelled() || dead.load(Ordering::Relaxed), "{error}");
                None
            }
        });
    }
    for handle in &world.handles {
        handle.land();
    }
    world.check_no_step_back("landing late");
    let after = Service::new(Arc::new(world.memory.clone()), site(), 0);
    if let Err(error) = after.reconcile(now()).await {
        problems.push(format!("once the faults are over a reconcile fails: {error}"));
    }
    world.check_no_step_back("the last reconcile");
    let entries = world.memory.entries();
    Run { outcomes, operations, owners: Vec::new(), faults, jobs, entries, problems }
}
