//! The log: what a record is, and what all of them make. The one room that knows every family of
//! events.

pub mod ages;
mod alerts;
pub mod authentic;
pub mod counted;
pub mod draft;
pub mod erasure;
pub mod evict;
pub mod export;
pub mod fold;
mod fold_error;
pub mod lines;
pub mod record;
mod scratch;
pub mod seal;
pub mod state;
pub mod undo;
