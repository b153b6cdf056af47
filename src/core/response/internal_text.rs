//! What was said among the responders. A type of its own, so that it cannot get to where public
//! texts stand.

use serde::{Deserialize, Serialize};

use crate::core::incident::model::title_of;
use crate::core::text::Text;

/// A text for responders alone: nothing makes a public [`Text`] of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InternalText(Text);

impl InternalText {
    /// Marks what was typed as internal.
    #[must_use]
    pub fn new(text: Text) -> Self {
        if text.has_names() { Self(text.with_names(None)) } else { Self(text) }
    }

    /// Its characters without formatting, lines apart.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0.to_plain()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The title that it gives an incident.
    #[must_use]
    pub fn title(&self) -> String {
        title_of(&self.0)
    }
}
