//! Terminal commands, except for serving.

pub mod alert;
pub mod audit;
pub mod check;
pub mod demo;
pub mod export;
pub mod init;
pub mod place;
pub mod progress;
pub mod redact;
pub mod report;
pub mod review;
pub mod roster;
pub mod say;
pub mod send;
pub mod stats;
pub mod usage;

/// Exit status of a terminal command that completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Success,
    /// The command found a problem or was refused.
    Failure,
}
