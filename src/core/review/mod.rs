//! The post-incident document: from all that is known of an incident to Markdown, and to HTML.
//! The same arguments give the same bytes.

pub mod brief;
pub mod facts;
mod history;
pub mod html;
mod sample;
pub mod template;
