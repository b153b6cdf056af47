//! Runs: processes at work under a plan, the end of the faults, and the stored result.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::{Memory, Operation, OperationKind};
use status_update::store::{Blob, Condition, Container, Key, Store as _, Write};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{
    DEADLINE, IDLE, Job, Kind, OPERATIONS_MAX, Plan, Process, Scenario, World, message, now,
    settle, site, start,
};
use crate::support::store::slow;

/// A finished run: the answers, and everything stored once the faults are over.
pub struct Run {
    pub outcomes: Vec<Option<Outcome>>,
    pub operations: Vec<Operation>,
    /// The process of each operation.
    pub owners: Vec<usize>,
    pub faults: usize,
    /// Number of messages that reached the channel.
    pub sends: usize,
    pub jobs: Vec<Job>,
    pub entries: BTreeMap<Key, Blob>,
    pub problems: Vec<String>,
    /// The pages at the end.
    pub site: Arc<Site>,
}

impl Run {
    /// Runs each job in a process of its own, after the commands that went before.
    pub fn of(scenario: &Scenario, plan: &Plan) -> Self {
        super::runtime().block_on(Self::run(scenario, plan))
    }

    async fn run(scenario: &Scenario, plan: &Plan) -> Self {
        let jobs = &scenario.jobs;
        let mut world = World::new(scenario.kind, plan.class);
        prepare(&world, &scenario.before).await;
        let processes: Vec<Process> = (0..jobs.len())
            .map(|number| world.process(number, scenario.kind == Kind::TwoThemes && number == 1))
            .collect();
        if scenario.kind == Kind::Restored {
            lose_the_last_record(&world, &processes[0]).await;
        }
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
        let tasks = tasks.into_iter().zip(processes.iter().map(|p| Arc::clone(&p.dead))).collect();
        let fates = Fates { tasks, jobs: jobs.clone(), operations, faults: plan.steps.len() };
        let mut run = finish(world, &processes, fates).await;
        run.owners = owners;
        run
    }
}

/// A process is there all along, knows the log to its end and has published it. Then the last
/// record is gone, and so much time passes that nobody believes in that end any more.
async fn lose_the_last_record(world: &World, process: &Process) {
    world.is_calm.store(true, Ordering::Relaxed);
    process.service.reconcile(now()).await.unwrap();
    world.is_calm.store(false, Ordering::Relaxed);
    let log = world.memory.entries().into_keys().filter(|key| key.container == Container::Log);
    world.memory.remove(&record_key(log.count() as u64));
    sleep(Duration::from_mins(7)).await;
}

/// Two processes on one store take turns, without faults: process and text of each command.
pub fn in_turns(commands: &[(usize, &str)]) -> Vec<Outcome> {
    super::runtime().block_on(async {
        let memory = Memory::default();
        let services = [(); 2].map(|()| Service::new(Arc::new(memory.clone()), site(), 0));
        let mut outcomes = Vec::new();
        for (index, (process, text)) in commands.iter().enumerate() {
            let message = message(index as u64, text);
            let deadline = Instant::now() + DEADLINE;
            let cause = message.cause(now());
            outcomes.push(services[*process].command(&cause, &message.said, deadline).await);
        }
        outcomes
    })
}

/// One warm process: the duration of each command if a storage operation takes a second.
pub fn seconds_each(commands: &[&str]) -> Vec<u64> {
    super::runtime().block_on(async {
        let store = slow(&Memory::default(), |_| Duration::from_secs(1));
        let service = Service::new(Arc::new(store), site(), 0);
        service.reconcile(now()).await.unwrap();
        let mut seconds = Vec::new();
        for (index, text) in commands.iter().enumerate() {
            let begun = Instant::now();
            let deadline = begun + Duration::from_mins(1);
            let message = message(index as u64, text);
            let outcome = service.command(&message.cause(now()), &message.said, deadline).await;
            assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
            seconds.push(begun.elapsed().as_secs());
        }
        seconds
    })
}

/// Runs the commands that went before without faults, and publishes; once for all runs.
async fn prepare(world: &World, before: &[&str]) {
    static PREPARED: Mutex<BTreeMap<String, BTreeMap<Key, Blob>>> = Mutex::new(BTreeMap::new());
    let name = format!("{:?}\n{}", world.kind == Kind::Sending, before.join("\n"));
    let prepared = PREPARED.lock().unwrap().get(&name).cloned();
    if let Some(entries) = prepared {
        for (key, Blob { head, bytes }) in entries {
            let write = Write { bytes, stamp: head.stamp, condition: Condition::Absent };
            world.memory.put(&key, write).await.unwrap();
        }
        return;
    }
    let service = Service::new(Arc::new(world.memory.clone()), world.first_site(), 0);
    for (index, text) in before.iter().enumerate() {
        let message = message(1_000 + index as u64, text);
        let deadline = Instant::now() + DEADLINE;
        let outcome = service.command(&message.cause(now()), &message.said, deadline).await;
        assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
    }
    service.reconcile(now()).await.unwrap();
    PREPARED.lock().unwrap().insert(name, world.memory.entries());
}

/// The fates of the participants.
pub(super) struct Fates {
    pub(super) tasks: Vec<(JoinHandle<Option<Outcome>>, Arc<AtomicBool>)>,
    pub(super) jobs: Vec<Job>,
    pub(super) operations: Vec<Operation>,
    pub(super) faults: usize,
}

/// Ends the faults: pending operations complete, and the timer of living processes runs. Then the
/// site is right. A new process finds nothing to do; it replaces the living ones if there are none.
pub(super) async fn finish(mut world: World, processes: &[Process], fates: Fates) -> Run {
    let Fates { tasks, jobs, operations, faults } = fates;
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
    processes.iter().filter(|process| process.is_old).for_each(|process| world.kill(process));
    world.calm_down();
    world.check_no_step_back("landing late");
    let is_alive = |process: &&Process| !process.dead.load(Ordering::Relaxed);
    let spare;
    let mut living: Vec<&Process> = processes.iter().filter(is_alive).collect();
    // A theme change or a restored log may take this many timer runs to be noticed.
    let runs = match world.kind {
        Kind::Plain | Kind::Clocks => 1,
        Kind::TwoThemes | Kind::Restored => 6,
        // Failures are retried after growing pauses.
        Kind::Sending => 12,
    };
    if world.kind == Kind::Sending && living.is_empty() {
        spare = Some(world.process(usize::MAX, false));
        living.extend(&spare);
    }
    for run in 0..runs {
        sleep(Duration::from_mins(2)).await;
        let at = if world.kind == Kind::Sending { later(run) } else { last_of(&jobs) };
        for process in &living {
            // The first one may meet a pause that is just over, or the other's restored log.
            if let Err(error) = process.service.reconcile(at).await {
                problems.push(format!("{} cannot reconcile (run {run}): {error}", process.number));
            }
        }
    }
    world.check_no_step_back("the living ones' runs");
    for process in &living {
        if let Some(problem) = process.service.problem() {
            problems.push(format!("{} still has a problem: {problem:?}", process.number));
        }
    }
    let left = derived(&world.memory);
    let after = Service::new(Arc::new(world.memory.clone()), world.site(), 0);
    let end = if world.kind == Kind::Sending { now() } else { last_of(&jobs) };
    if let Err(error) = after.reconcile(end).await {
        problems.push(format!("once the faults are over a reconcile fails: {error}"));
    }
    world.check_no_step_back("the last reconcile");
    if !living.is_empty() {
        let right = derived(&world.memory);
        let stale = right.iter().filter(|(key, content)| left.get(key) != Some(content));
        let names: Vec<String> = stale.map(|(key, _)| key.to_string()).collect();
        if !names.is_empty() {
            problems.push(format!("the living processes left these stale: {names:?}"));
        }
    }
    world.check_sent(&mut problems);
    let (entries, site) = (world.memory.entries(), world.site());
    let (owners, sends) = (Vec::new(), world.sends());
    Run { outcomes, operations, owners, faults, sends, jobs, entries, problems, site }
}

/// The latest time at which one of them did something: no clock runs backward.
fn last_of(jobs: &[Job]) -> Timestamp {
    let days = jobs.iter().map(|job| if let Job::ReconcileOn(days) = job { *days } else { 0 });
    now() + SignedDuration::from_hours(24 * days.max().unwrap_or(0))
}

/// Later than any job, and each time so much that every pause is over.
fn later(run: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24) + SignedDuration::from_mins(61 * (run + 1))
}

/// Derived blobs, without the data that only their writer knew.
fn derived(memory: &Memory) -> BTreeMap<Key, String> {
    let entries = memory.entries().into_iter();
    let entries = entries.filter(|(key, _)| key.container != Container::Log);
    entries
        .map(|(key, blob)| {
            let digest = match blob.head.stamp {
                // The snapshot also has the versions of blobs.
                Some(stamp) if key.name == "status.json" && key.container == Container::State => {
                    stamp.revision.to_string()
                }
                Some(stamp) => stamp.digest,
                None => String::from_utf8_lossy(&blob.bytes).into_owned(),
            };
            (key, digest)
        })
        .collect()
}
