//! The people to call about an incident, with their phone numbers. They are looked up for each
//! answer and never recorded.

use jiff::Timestamp;

use crate::config::Config;
use crate::incident::model::Number;
use crate::log::state::State;
use crate::rosters::effective::effective;
use crate::rosters::roster::{Roster, is_same};

/// The first people on call for these components, as a line of plain text: from the components'
/// rosters, the roster that a rule names, or the only one. `None` if nobody is on call.
pub(crate) fn first_on_call(
    components: &[String],
    roster: Option<&str>,
    state: &State,
    now: Timestamp,
    config: &Config,
) -> Option<String> {
    let rosters = effective(&state.rosters).ok()?.rosters;
    let guides = components.iter().filter_map(|id| config.guides.get(id));
    let of_guides = guides.filter_map(|guide| guide.roster.as_deref());
    let named: Vec<&str> = of_guides.chain(roster).collect();
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

/// The same line for an announcement that an alert opened an incident; `None` for any other
/// message.
#[must_use]
pub fn below_announcement(
    said: &str,
    state: &State,
    now: Timestamp,
    config: &Config,
) -> Option<String> {
    let (number, _) = said.split_once(OPENED_BY_ALERT)?;
    let (_, number) = number.rsplit_once("Incident #")?;
    let response = state.response(number.parse().ok()?)?;
    let roster = response.alert.as_ref().and_then(|alert| alert.roster.as_deref());
    first_on_call(&response.components, roster, state, now, config)
}

const OPENED_BY_ALERT: &str = ", opened by an alert";

/// The beginning of such an announcement's heading.
pub(crate) fn announcement_start(number: Number) -> String {
    format!("Incident #{number}{OPENED_BY_ALERT}")
}
