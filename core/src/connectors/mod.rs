//! Requests to external services, and their answers, as data.

pub mod boards;
pub mod boards_answer;
pub mod boards_text;
pub mod graph;
pub mod workflow;
