//! Placeholder.
use super::{Page, Site};
use crate::core::config::Component;
use crate::core::state::State;

impl Site {
    /// The files for programs.
    #[must_use]
    pub fn machine_pages(&self, _state: &State) -> Vec<Page> {
        Vec::new()
    }

    /// The files of one component.
    #[must_use]
    pub fn component_pages(&self, _state: &State, _component: &Component) -> Vec<Page> {
        Vec::new()
    }
}
