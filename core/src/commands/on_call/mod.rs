//! On-call duty: the question, and changes from the channel and a terminal.

pub mod cover;
mod days;
pub mod places;
pub mod question;
pub mod reach;
pub mod rosters;
pub mod set;
pub mod swap;
