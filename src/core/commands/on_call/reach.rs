//! The people to call about an incident, with their phone numbers. They are looked up for each
//! answer and recorded nowhere.

use jiff::Timestamp;

use crate::core::config::Config;
use crate::core::log::state::State;
use crate::core::rosters::effective::effective;
use crate::core::rosters::roster::{Roster, is_same};

/// Who is on call first for these components, by their rosters or by the only one there is, as a
/// line of plain text; `None` where nobody is.
pub(crate) fn first_on_call(
    components: &[String],
    state: &State,
    now: Timestamp,
    config: &Config,
) -> Option<String> {
    let rosters = effective(&state.rosters).ok()?.rosters;
    let guides = components.iter().filter_map(|id| config.guides.get(id));
    let named: Vec<&String> = guides.filter_map(|guide| guide.roster.as_ref()).collect();
    let is_only = named.is_empty() && rosters.rosters.len() == 1;
    let is_named =
        |roster: &Roster| named.iter().any(|name| roster.names().any(|own| is_same(own, name)));
    let meant = rosters.rosters.iter().filter(|roster| is_only || is_named(roster));
    let levels = meant.filter_map(|roster| roster.levels.first());
    let mut people: Vec<String> = Vec::new();
    for name in levels.flat_map(|level| level.on_call(now).people) {
        let phone = rosters.contact(name).and_then(|contact| contact.phone.as_ref());
        let phone = phone.filter(|_| !rosters.hides_phones);
        let person = phone.map_or(name.to_owned(), |phone| format!("{name} {phone}"));
        if !people.contains(&person) {
            people.push(person);
        }
    }
    (!people.is_empty()).then(|| format!("On call: {}", people.join(", ")))
}
