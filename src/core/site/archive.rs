//! All that a log says: not only the bounded state, but every incident and every month. For those
//! who look at the whole store, or rebuild all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::page::{Page, SiteError};
use super::renderer::Site;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{Incident, MonthPart, Number};
use crate::core::log::fold::{FoldError, fold_bytes};
use crate::core::log::state::State;

/// The fold of a log that lets go of nothing.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// The state behind the last record.
    pub state: State,
    /// Every incident and maintenance as it became.
    pub incidents: BTreeMap<Number, Arc<Incident>>,
    /// The list of every month.
    pub months: BTreeMap<MonthPart, MonthDocument>,
    /// Records that brought an incident back other than it was: somebody had changed its document.
    pub recalled_otherwise: Vec<(u64, Number)>,
}

impl Archive {
    /// Takes in the next record.
    ///
    /// # Errors
    /// Every [`FoldError`].
    pub fn take_in(&mut self, bytes: &[u8]) -> Result<(), FoldError> {
        let record = fold_bytes(&mut self.state, bytes)?;
        for event in record.status() {
            if let StatusEvent::Recalled { incident } = event
                && self.incidents.get(&incident.number).map(AsRef::as_ref) != Some(incident)
            {
                self.recalled_otherwise.push((record.revision, incident.number));
            }
        }
        let status = &self.state.status;
        for number in record.status().filter_map(StatusEvent::number) {
            let Some(incident) = status.shared(number) else {
                continue;
            };
            let month = self.months.entry(incident.month);
            let month = month.or_insert_with(|| MonthDocument::new(incident.month));
            month.merge(incident, status);
            self.incidents.insert(number, Arc::clone(incident));
        }
        Ok(())
    }

    /// Every page of the site that says what is, one after another: what links comes after what is
    /// linked, the index last.
    pub fn pages<'a>(
        &'a self,
        site: &'a Site,
    ) -> impl Iterator<Item = Result<Page, SiteError>> + 'a {
        let fixed = one_or_more(site.static_pages());
        let incidents = self.incidents.values().map(|incident| site.incident(incident));
        let months = self.months.values().map(|month| site.month(month));
        let files = site.all_files(&self.state.status).into_iter().map(Ok);
        let index = std::iter::once_with(|| site.index(&self.state.status));
        fixed.chain(incidents).chain(months).chain(files).chain(index)
    }
}

fn one_or_more(
    pages: Result<Vec<Page>, SiteError>,
) -> impl Iterator<Item = Result<Page, SiteError>> {
    let (pages, error) = match pages {
        Ok(pages) => (pages, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    pages.into_iter().map(Ok).chain(error.map(Err))
}
