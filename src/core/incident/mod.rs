//! The public status: incidents, maintenance and component time, and how events change them.

mod corrections;
pub mod effect;
pub mod events;
pub mod fold;
pub mod history;
pub mod ledger;
pub mod model;
pub mod report;
pub mod severity;
pub mod status;
mod updates;
