//! Shared by several groups of tests.

pub mod azurite;
pub mod host;
pub mod http;
pub mod lines;
pub mod local;
pub mod outbound;
pub mod records;
pub mod services;
pub mod soft_delete;
pub mod store;
pub mod teams;
pub mod tools;
