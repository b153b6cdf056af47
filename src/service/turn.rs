//! Turns: the right to write the next record. Commands take their turns in order; records that
//! nobody waits for, and publishing, give way to them.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::{Duration, timeout};

/// A record that nobody waits for gives way to commands for this long before it queues.
const GIVES_WAY_MAX: Duration = Duration::from_secs(2);
/// Publishing waits this long for commits, so that one publication serves all their records.
const PUBLISHING_WAITS_MAX: Duration = Duration::from_millis(250);

/// The turns of one process.
pub(super) struct Turns {
    turn: Arc<Mutex<()>>,
    /// Number of commands that wait for their turn or have it.
    commands: watch::Sender<usize>,
}

/// The holder may write the next record. Ends when it is dropped.
pub(super) struct Turn {
    _held: OwnedMutexGuard<()>,
    _command: Option<Waiting>,
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
        Self { turn: Arc::default(), commands: watch::Sender::new(0) }
    }
}

impl Turns {
    /// The turn of a command or an alert.
    pub(super) async fn take(&self) -> Turn {
        let waiting = Waiting::new(&self.commands);
        Turn { _held: Arc::clone(&self.turn).lock_owned().await, _command: Some(waiting) }
    }

    /// The turn of a record that nobody waits for.
    pub(super) async fn take_behind_commands(&self) -> Turn {
        // It gets its turn even if commands never stop.
        let _ = timeout(GIVES_WAY_MAX, self.no_commands()).await;
        Turn { _held: Arc::clone(&self.turn).lock_owned().await, _command: None }
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
