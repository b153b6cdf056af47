//! What only the responders see. Nothing here reaches the public site.

pub mod coverage;
pub mod coverage_table;
pub mod roster;
pub mod roster_file;
pub mod roster_ics;
pub mod rota;
pub mod severity;
