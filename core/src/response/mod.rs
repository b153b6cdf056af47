//! The internal side of incidents. Nothing here reaches the public site.

mod about;
pub mod alerted;
pub mod cadence;
mod changes;
pub mod csv;
pub mod document;
pub mod events;
pub mod fold;
pub mod internal_text;
pub mod lifecycle;
pub mod milestone;
pub mod model;
pub mod numbered;
pub mod overview;
pub mod people;
pub mod period;
pub mod person;
pub mod promises;
pub mod role;
pub mod statistics;
pub mod summary;
