//! What is to be sent.

pub mod workflows;
