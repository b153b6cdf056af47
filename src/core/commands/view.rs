//! What the answer to a question is made from.

use jiff::Timestamp;

use crate::core::config::Config;
use crate::core::log::state::State;
use crate::core::response::model::Response;

/// What is known when a question is answered.
pub(crate) struct View<'a> {
    /// The state.
    pub state: &'a State,
    /// The response to the incident that it is about, if it is about one.
    pub about: Option<&'a Response>,
    /// When it was asked.
    pub at: Timestamp,
    /// The revision that the page shows, if it is known.
    pub published: Option<u64>,
    /// The configuration.
    pub config: &'a Config,
}
