//! The plan of a run: processes, their order, and faults.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use status_update::core::teams::activity::Message;
use status_update::store::memory::Fault;

/// The job of a process.
#[derive(Clone, Debug)]
pub enum Job {
    Command(Box<Message>),
    /// On a machine whose clock differs from storage's by so much.
    WithWrongClock(Box<Message>, SignedDuration),
    Reconcile,
    /// This many days later.
    ReconcileOn(i64),
    /// The platform's timer and the process's own clock at once, this many days later.
    BothClocks(i64),
}

/// Special conditions of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Kind {
    #[default]
    Plain,
    /// The second process is an older version with a different theme; in the end it is gone.
    TwoThemes,
    /// Storage has a clock of its own.
    Clocks,
    /// The first process knows one record more than the log has: it was restored since.
    Restored,
    /// People are reminded, by a receiver that fails like storage.
    Sending,
}

/// Simultaneous intentions of processes.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    /// Earlier records, already published.
    pub before: Vec<&'static str>,
    pub jobs: Vec<Job>,
    pub kind: Kind,
}

/// The fate of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Fault(Fault),
    /// It takes effect after everybody has stopped waiting for it.
    PastDeadline,
    /// Its process ends with it.
    Crash(Fault),
}

/// The order of processes, and the fate of operations.
#[derive(Clone, Debug)]
pub struct Plan {
    order: Vec<usize>,
    switch: Option<(usize, usize)>,
    pub(super) steps: BTreeMap<usize, Step>,
    /// Which of the many files that are written alike wait for the scheduler.
    pub(super) class: usize,
}

impl Plan {
    pub fn in_order(order: &[usize]) -> Self {
        Self { order: order.to_vec(), switch: None, steps: BTreeMap::new(), class: 0 }
    }

    /// Files for programs in this class wait for the scheduler.
    pub fn class(mut self, class: usize) -> Self {
        self.class = class;
        self
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

    pub(super) fn rank(&self, operation: usize, process: usize) -> usize {
        match self.switch {
            Some((at, to)) if operation >= at && process == to => 0,
            _ => {
                1 + self.order.iter().position(|other| *other == process).unwrap_or(usize::MAX / 2)
            }
        }
    }
}
