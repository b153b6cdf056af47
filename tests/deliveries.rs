//! What is sent, how often and when, by one process whose receiver does what it likes.

mod channel;
mod clocks;
mod cost;
mod heartbeat;
mod sending;
mod state;
