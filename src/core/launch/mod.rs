//! From an alert, or by hand, to a work item, a channel and people: the steps, what they are told,
//! and what they ask of others.

pub mod boards;
pub mod boards_answer;
pub mod boards_text;
pub mod brief;
pub mod channel_name;
pub mod graph;
pub mod place;
pub mod step;
