//! The site's files for programs, tested with third-party programs, schemas and hostile texts.

mod changes;
mod details;
mod hostile;
mod json;
mod programs;
pub mod published;
mod sizes;
