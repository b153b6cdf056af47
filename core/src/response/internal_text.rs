//! Internal text, with a type of its own so that it cannot be published by mistake.

use serde::{Deserialize, Serialize};

use crate::incident::model::title_of;
use crate::text::Text;

/// A text for responders only: nothing converts it to a public [`Text`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InternalText(Text);

impl InternalText {
    #[must_use]
    pub fn new(text: Text) -> Self {
        if text.has_names() { Self(text.with_names(None)) } else { Self(text) }
    }

    /// The characters without formatting; line breaks are kept.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0.to_plain()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Title of an incident that begins with this text.
    #[must_use]
    pub fn title(&self) -> String {
        title_of(&self.0)
    }
}
