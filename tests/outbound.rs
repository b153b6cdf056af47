//! Services of others: what is sent to them, what their answers mean, and what goes wrong between.

mod wire;
mod workflows;
