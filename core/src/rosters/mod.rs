//! Roster files, rotas, coverage, covers, hand-overs and calendars.

pub mod calendar;
pub mod changes;
pub mod cover;
pub mod cover_text;
pub mod coverage;
pub mod coverage_table;
pub mod effective;
pub mod events;
pub mod file;
pub mod hand_over;
pub mod roster;
pub mod rota;
pub mod state;
