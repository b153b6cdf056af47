//! What only the responders see. Nothing here reaches the public site.

pub mod cadence;
pub mod cover;
pub mod cover_text;
pub mod coverage;
pub mod coverage_table;
pub mod dossier;
pub mod events;
pub mod firing;
pub mod fold;
pub mod hand_over;
pub mod internal_text;
pub mod lifecycle;
pub mod milestone;
pub mod model;
pub mod people;
pub mod person;
pub mod role;
pub mod roster;
pub mod roster_events;
pub mod roster_file;
pub mod roster_ics;
pub mod roster_state;
pub mod rota;
pub mod severity;
