//! Lists of months. They are the only derived files that are read and merged, because a state does
//! not hold all incidents of a month.

use std::collections::{BTreeMap, BTreeSet};

use tracing::error;

use super::Publisher;
use crate::core::incident::history::{MonthDocument, neighbours};
use crate::core::incident::model::{Incident, MonthPart};
use crate::core::incident::status::{ComponentNames, Status};
use crate::core::log::state::State;
use crate::service::blob::Item;
use crate::service::keys::month_key;
use crate::service::outcome::ServiceError;
use crate::store::Container;

impl Publisher {
    /// Documents and pages of months with changed lists. With `all`, also those of all current
    /// months. With `rebuild`, lists that need their stored document wait for the log.
    pub(super) async fn month_items(
        &mut self,
        status: &Status,
        listed: &[&Incident],
        (all, rebuild): (bool, bool),
    ) -> Result<Vec<Item>, ServiceError> {
        let newest = status.months.keys().next_back().copied();
        let at_hand: BTreeSet<MonthPart> =
            status.going_on().map(|i| i.month).chain(newest).collect();
        let mut months: BTreeSet<MonthPart> = listed.iter().map(|i| i.month).collect();
        // The first incident of a month changes the links of its neighbours.
        let is_first = |month: &&MonthPart| status.months.get(month) == Some(&1);
        let linked = months.iter().filter(is_first).flat_map(|month| neighbours(*month, status));
        let linked: Vec<MonthPart> = linked.flatten().collect();
        months.extend(linked);
        if all {
            months.extend(&at_hand);
        }
        self.months.retain(|month, _| months.contains(month) || at_hand.contains(month));
        let mut items = Vec::new();
        for month in months {
            let known = self.months.remove(&month);
            let is_new = known.is_none();
            let mut document = known.unwrap_or_else(|| MonthDocument::new(month));
            document.merge_all(listed, status);
            let whole = document.is_complete(status);
            if !whole && rebuild {
                self.broken.insert(month);
                continue;
            }
            if !whole && let Some(stored) = self.load_month(month).await? {
                document = stored;
                document.merge_all(listed, status);
            }
            if !document.is_complete(status) {
                error!(%month, "the list of a month is gone or damaged: it is rebuilt from the log");
                self.broken.insert(month);
                continue;
            }
            items.extend(self.items_of_month(
                &document,
                &status.component_names,
                is_new && whole,
            )?);
            self.months.insert(month, document);
        }
        Ok(items)
    }

    fn items_of_month(
        &self,
        document: &MonthDocument,
        names: &ComponentNames,
        is_new: bool,
    ) -> Result<[Item; 2], ServiceError> {
        let item = Item::document(month_key(document.month), document, document.revision())?;
        Ok([Item { is_new, ..item }, Item::page(self.site.month(document, names)?, is_new)])
    }

    /// The stored list of a month; `None` if it is missing or unreadable.
    async fn load_month(
        &mut self,
        month: MonthPart,
    ) -> Result<Option<MonthDocument>, ServiceError> {
        let key = month_key(month);
        let Some(blob) = self.store.get(&key).await? else {
            return Ok(None);
        };
        self.heads.insert(key, blob.head);
        Ok(serde_json::from_slice(&blob.bytes).ok())
    }

    pub(in crate::service) fn broken_months(&self) -> BTreeSet<MonthPart> {
        self.broken.clone()
    }

    /// Has the lists of these months rebuilt from the log.
    pub(in crate::service) fn distrust_months(
        &mut self,
        months: impl IntoIterator<Item = MonthPart>,
    ) {
        for month in months {
            self.months.remove(&month);
            self.broken.insert(month);
        }
    }

    /// Writes lists of months that were rebuilt from the log up to `state`. Replaces newer blobs whose
    /// stamp is not later than that: they are left over from a log that is gone.
    pub(in crate::service) async fn write_months(
        &mut self,
        documents: &BTreeMap<MonthPart, MonthDocument>,
        state: &State,
    ) -> Result<(), ServiceError> {
        let names = &state.status.component_names;
        let items = |publisher: &Self| -> Result<Vec<Item>, ServiceError> {
            let items = documents.values().map(|it| publisher.items_of_month(it, names, false));
            Ok(items.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        };
        let mut ahead = self.write_looking_first(items(self)?).await?;
        ahead.retain(|key, head| {
            let last = match key.container {
                Container::Web => state.status.edition,
                Container::Log | Container::State => state.revision,
            };
            head.stamp.as_ref().is_some_and(|stamp| stamp.revision <= last)
        });
        if !ahead.is_empty() {
            let mut left_over = items(self)?;
            left_over.retain(|item| ahead.contains_key(&item.key));
            self.write_all(left_over, &ahead).await?;
        }
        // A further one may have been found broken in the meantime.
        self.broken.retain(|month| !documents.contains_key(month));
        Ok(())
    }
}
