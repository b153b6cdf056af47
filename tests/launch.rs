//! The steps of a launch against services that behave as the real ones: each by itself, with every
//! fault at every request, and over real connections.

mod channels;
mod config;
mod connections;
mod contract;
mod faults;
mod hostile;
mod lines;
mod messages;
mod people;
mod process;
mod stories;
mod synchronisation;
mod whole;
mod work_items;
pub mod world;
