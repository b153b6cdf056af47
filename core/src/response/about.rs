//! Incident numbers of an event.

use super::events::ResponseEvent;
use crate::incident::model::Number;

impl ResponseEvent {
    /// All incidents that it changes: two if it moves a note.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<> {
        let also = match self {
            Self::NoteMoved { to, .. } | Self::AlertsMoved { to, .. } => Some(*to),
            _ => None,
        };
        self.number().into_iter().chain(also)
    }

    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Declared { number, .. }
            | Self::Published { number }
            | Self::Updated { number, .. }
            | Self::Reopened { number, .. }
            | Self::Reached { number, .. }
            | Self::Replied { number, .. }
            | Self::Graded { number, .. }
            | Self::Assigned { number, .. }
            | Self::Released { number, .. }
            | Self::Noted { number, .. }
            | Self::TaskAdded { number, .. }
            | Self::TaskDone { number, .. }
            | Self::Tested { number, .. }
            | Self::Told { number, .. }
            | Self::Alerted { number, .. }
            | Self::FlappingEnded { number, .. }
            | Self::AlertsMoved { number, .. }
            | Self::ActionAdded { number, .. }
            | Self::ActionDone { number, .. }
            | Self::TextRemoved { number, .. }
            | Self::NoteRemoved { number, .. }
            | Self::ToldRemoved { number, .. }
            | Self::NoteMoved { number, .. }
            | Self::TaskRemoved { number, .. }
            | Self::TaskReopened { number, .. }
            | Self::ActionRemoved { number, .. }
            | Self::ActionReopened { number, .. }
            | Self::Retitled { number, .. }
            | Self::Withdrawn { number, .. }
            | Self::Duplicated { number, .. }
            | Self::Undone { number, .. }
            | Self::CallLinked { number, .. }
            | Self::Reviewed { number } => Some(*number),
            Self::Recalled { response } => Some(response.number),
            Self::Evicted { .. }
            | Self::SummariesEvicted { .. }
            | Self::AlertsResolved { .. }
            | Self::AlertsKeyed { .. }
            | Self::MaintenanceAlertsMoved { .. }
            | Self::OverdueNamed { .. } => None,
        }
    }
}
