//! The post-incident document, as Markdown and as HTML. The same arguments give the same bytes.

pub mod brief;
mod communications;
pub mod facts;
mod history;
pub mod html;
mod sample;
mod sections;
mod source;
pub mod story;
pub mod strip;
pub mod template;
mod timeline;
