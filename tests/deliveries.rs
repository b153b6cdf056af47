//! Messages, their number and their times, from one process to an arbitrary receiver.

mod channel;
mod clocks;
mod cost;
mod heartbeat;
mod sending;
mod state;
