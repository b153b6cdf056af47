//! What several groups of tests share.

pub mod azurite;
pub mod tools;
