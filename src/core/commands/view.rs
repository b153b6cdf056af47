//! The input of an answer to a question.

use jiff::Timestamp;

use crate::core::config::Config;
use crate::core::log::state::State;
use crate::core::response::model::Response;

pub(crate) struct View<'a> {
    pub state: &'a State,
    /// The response to its incident, if it has one.
    pub about: Option<&'a Response>,
    /// The time of the question.
    pub at: Timestamp,
    /// The revision that the page shows, if known.
    pub published: Option<u64>,
    pub config: &'a Config,
}
