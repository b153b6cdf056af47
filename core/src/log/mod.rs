//! The log: records, and the state that they fold to. The only module that knows every family of
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
