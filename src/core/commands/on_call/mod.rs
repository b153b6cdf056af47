//! Who is on call: the question, and the changes from the channel and from a terminal.

pub mod cover;
mod days;
pub mod places;
pub mod question;
pub mod reach;
pub mod rosters;
pub mod set;
pub mod swap;
