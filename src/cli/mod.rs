//! Everything at a terminal but serving.

pub mod demo;
pub mod follow_up;
pub mod operate;
pub mod roster;
pub mod send;
