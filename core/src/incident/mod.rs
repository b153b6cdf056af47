//! The public status: incidents, maintenance and component time, and how events change them.

pub mod change;
mod corrections;
pub mod effect;
pub mod events;
pub mod fold;
pub mod history;
pub mod ledger;
pub mod model;
pub mod report;
mod restate;
pub mod severity;
pub mod status;
mod updates;
