//! The published site: from the public status to bytes.

mod assets;
mod brand;
mod check;
mod days;
mod headline;
mod machine;
pub mod page;
mod pages;
pub mod render_cache;
pub mod renderer;
mod reports;
mod sample;
pub mod texts;
mod views;
