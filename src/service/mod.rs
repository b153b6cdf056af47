//! Runs all effects in order: catch up with the log, decide, commit, publish.
//!
//! A commit creates one record that must not exist yet. Everything before it only reads; everything
//! after it can be repeated by any process at any time, with the same result.

mod alert;
mod arrivals;
pub mod audit;
mod backoff;
mod blob;
mod bookkeeping;
mod catch_up;
mod command;
mod commit;
mod deliver;
mod difference;
mod erase;
mod gap;
mod heartbeat;
mod keys;
mod known;
pub mod launch;

mod outcome;
mod publisher;
mod publishing;
mod purge;
mod reader;
mod reconcile;
mod records;
mod refused_alerts;
mod reminded;
mod removal;
mod reply;
mod restore;
mod review;
mod rows;
mod salts;
mod shared;
mod snapshot;
mod statistics;
mod sweep;
mod texts;
mod ticks;
mod turn;
mod two_clocks;

pub use keys::record_key;
pub use outcome::{Outcome, Problem, Revisions, ServiceError, Timing};
pub use removal::FoundTexts;
pub use salts::Seed;
pub use shared::Service;
pub use ticks::TickTimes;
