//! Everything at a terminal but serving.

pub mod alert;
pub mod audit;
pub mod check;
pub mod demo;
pub mod init;
pub mod progress;
pub mod report;
pub mod review;
pub mod roster;
pub mod say;
pub mod send;
pub mod stats;

/// The end of a terminal command that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Success,
    /// The command ran and found something wrong, or was refused.
    Failure,
}
