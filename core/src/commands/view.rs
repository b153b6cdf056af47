//! The input of an answer to a question.

use jiff::Timestamp;

use crate::config::Config;
use crate::log::state::State;
use crate::response::model::Response;

pub struct View<'a> {
    pub state: &'a State,
    /// The response to its incident, if it has one.
    pub about: Option<&'a Response>,
    /// The time of the question.
    pub at: Timestamp,
    /// The revision that the page shows, if known.
    pub published: Option<u64>,
    pub config: &'a Config,
}
