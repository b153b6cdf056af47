//! The steps of a launch: the work item, the channel, its people and the first message.

pub mod brief;
pub mod channel_name;
pub mod events;
pub mod place;
pub mod progress;
pub mod step;
