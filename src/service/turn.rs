//! Turns: the right to write the next record. Commands take their turns in order; records that
//! nobody waits for, and publishing, give way to them. While storage takes a record, the next
//! command in order decides on the state after it.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::{Duration, timeout};

/// A record that nobody waits for gives way to commands for this long before it queues.
const GIVES_WAY_MAX: Duration = Duration::from_secs(2);
/// Publishing waits this long for commits, so that one publication serves all their records.
const PUBLISHING_WAITS_MAX: Duration = Duration::from_millis(250);

/// The turns of one process.
pub(super) struct Turns {
    /// Held by the next command in order, and until its record is sealed.
    next: Arc<Mutex<()>>,
    turn: Arc<Mutex<()>>,
    /// Number of commands that wait for their turn or have it.
    commands: watch::Sender<usize>,
}

/// The holder has the turn after the current one.
pub(super) struct Next {
    held: OwnedMutexGuard<()>,
    turn: Arc<Mutex<()>>,
    command: Waiting,
}

/// The holder may write the next record. Ends when it is dropped.
pub(super) struct Turn {
    _held: OwnedMutexGuard<()>,
    next: Option<OwnedMutexGuard<()>>,
    _command: Option<Waiting>,
}

impl Next {
    pub(super) async fn turn(self) -> Turn {
        let Self { held, turn, command } = self;
        Turn { _held: turn.lock_owned().await, next: Some(held), _command: Some(command) }
    }
}

impl Turn {
    /// The record is decided: the next command can decide, too.
    pub(super) fn let_the_next_decide(&mut self) {
        self.next = None;
    }
}

/// A command that waits for its turn, or has it.
struct Waiting(watch::Sender<usize>);

impl Waiting {
    fn new(commands: &watch::Sender<usize>) -> Self {
        commands.send_modify(|count| *count += 1);
        Self(commands.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self { next: Arc::default(), turn: Arc::default(), commands: watch::Sender::new(0) }
    }
}

impl Turns {
    /// The place of a command or an alert at the head of the queue.
    pub(super) async fn next(&self) -> Next {
        let command = Waiting::new(&self.commands);
        let held = Arc::clone(&self.next).lock_owned().await;
        Next { held, turn: Arc::clone(&self.turn), command }
    }

    /// The turn of a record that nobody waits for.
    pub(super) async fn take_behind_commands(&self) -> Turn {
        // It gets its turn even if commands never stop.
        let _ = timeout(GIVES_WAY_MAX, self.no_commands()).await;
        let held = Arc::clone(&self.turn).lock_owned().await;
        Turn { _held: held, next: None, _command: None }
    }

    /// Waits until no command is about to commit, for a quarter of a second at most.
    pub(super) async fn let_commands_commit(&self) {
        let _ = timeout(PUBLISHING_WAITS_MAX, self.no_commands()).await;
    }

    async fn no_commands(&self) {
        // Cannot fail: `self` holds the sender.
        let _ = self.commands.subscribe().wait_for(|count| *count == 0).await;
    }
}
