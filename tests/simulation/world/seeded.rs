//! Histories at random, the same for the same seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::run::{Fates, finish};
use super::{
    IDLE, Job, Kind, OPERATIONS_MAX, Outcome, Process, Run, World, message, runtime, settle, start,
};
use crate::simulation::FAULTS;

/// A generator of random numbers that is the same everywhere (Steele, Lea and Flood, `SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const TEXTS: &[&str] = &[
    "open Checkout is failing",
    "open another critical on Checkout: Search is down",
    "open another minor Images load slowly",
    "update identified Found it",
    "update #1 monitoring Fix is out",
    "update #2 Still looking",
    "close",
    "close #1 Done",
    "close #2 All fine",
    "reopen #1 It is back",
    "correct #1 What we meant",
    "correct Better words",
    "open internal Backstage: the queue is stuck",
    "open another drill sev 2 Backstage: we pull the plug",
    "update #3 Backstage: it moves",
    "close #3 Backstage: done",
    "publish #2 major Search is slow",
    "ack Backstage: on it",
    "doing #1 Backstage: we look at the logs",
    "sev #1 1",
];

/// Several processes with several commands each, killed and started again, on a store that fails.
pub fn seeded(seed: u64) -> Run {
    runtime().block_on(async {
        let mut random = Random(seed);
        let kind = match seed % 4 {
            1 => Kind::TwoThemes,
            2 => Kind::Clocks,
            3 => Kind::Sending,
            _ => Kind::Plain,
        };
        // An older version is there for a while, among others.
        let is_old = |number| kind == Kind::TwoThemes && number % 3 == 1;
        let mut world = World::new(kind, usize::try_from(seed % 1_000).unwrap());
        let mut processes: Vec<Process> =
            (0..3).map(|number| world.process(number, is_old(number))).collect();
        let mut fates: Vec<(Job, JoinHandle<Option<Outcome>>, Arc<AtomicBool>)> = Vec::new();
        let mut operations = Vec::new();
        let (mut faults, mut idle, mut numbered) = (0, 0, 3);
        let commands = 4 + random.below(8);
        while fates.len() < commands || idle < 20 {
            settle().await;
            if fates.len() < commands && (random.below(6) == 0 || idle > 2) {
                let process = &processes[random.below(3)];
                let id = fates.len() as u64;
                let wrong = kind == Kind::Clocks && random.below(4) == 0;
                let copy = if random.below(6) == 0 { id.saturating_sub(1) } else { id };
                let job = match random.below(5) {
                    0 | 1 if kind == Kind::Sending => Job::ReconcileOn(1),
                    0 => Job::Reconcile,
                    _ if wrong => {
                        let hours = random.pick(&[-800, -1, 1, 800]);
                        let apart = SignedDuration::from_hours(hours);
                        Job::WithWrongClock(message(id + 1, random.pick(TEXTS)), apart)
                    }
                    _ => match fates.get(usize::try_from(copy).unwrap()) {
                        // The same message once more.
                        Some((Job::Command(message), ..)) => Job::Command(message.clone()),
                        _ => Job::Command(message(id + 1, random.pick(TEXTS))),
                    },
                };
                fates.push((job.clone(), start(process, &job), Arc::clone(&process.dead)));
                idle = 0;
                continue;
            }
            let first = random.below(numbered);
            let Some(waiting) = world.next(|process| process.abs_diff(first)) else {
                idle += 1;
                sleep(IDLE).await;
                continue;
            };
            idle = 0;
            operations.push(waiting.operation.clone());
            assert!(operations.len() < OPERATIONS_MAX, "SIMULATION_SEED={seed} goes in circles");
            let step = (random.below(7) == 0).then(|| random.pick(FAULTS));
            faults += usize::from(step.is_some());
            world.carry_out(waiting, step, &processes);
            for process in &mut processes {
                if process.dead.load(Ordering::Relaxed) {
                    process.handle.land();
                    *process = world.process(numbered, is_old(numbered));
                    numbered += 1;
                }
            }
            settle().await;
            world.check_no_step_back(&format!("SIMULATION_SEED={seed}"));
        }
        let jobs = fates.iter().map(|(job, ..)| job.clone()).collect();
        let tasks = fates.into_iter().map(|(_, task, dead)| (task, dead)).collect();
        finish(world, &processes, Fates { tasks, jobs, operations, faults }).await
    })
}
