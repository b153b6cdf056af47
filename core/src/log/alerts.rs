//! Folds the parts of alert events that are outside of the responses: the secret behind their
//! digests, alerts of maintenances, and the effect of people's actions on an incident's alert.

use std::sync::Arc;

use super::record::{Event, Record, Source};
use super::state::State;
use crate::incident::events::StatusEvent;
use crate::incident::fold::Recorded;
use crate::incident::model::{Incident, Number};
use crate::response::alerted::{is_quiet, note_alert};
use crate::response::events::ResponseEvent;

pub(super) fn follow(state: &mut State, recorded: Recorded<'_>, event: &ResponseEvent) {
    match event {
        ResponseEvent::AlertsResolved { members, forgotten } => {
            state.alerts.resolve(members, *forgotten);
        }
        ResponseEvent::MaintenanceAlertsMoved { maintenance, to } => {
            let alerts = state.alerts.end_maintenance(*maintenance);
            let response = to.and_then(|to| state.responses.get_mut(&to));
            if let (Some(alerts), Some(response)) = (alerts, response)
                && let Some(own) = &mut Arc::make_mut(response).alert
            {
                own.absorb(&alerts, recorded.at);
            }
        }
        ResponseEvent::AlertsKeyed { secret } => {
            state.alerts.keep_secret(secret.clone(), recorded.revision);
        }
        _ => {}
    }
}

/// Erasing the title of an alert's incident erases the alert's own texts too. The digests of its
/// keys could confirm a guess, so the secret goes as well. Returns the record that holds the
/// secret.
pub(super) fn erase_alert(state: &mut State, number: Number, is_title: bool) -> Option<u64> {
    let response = state.responses.get_mut(&number).filter(|response| response.alert.is_some());
    Arc::make_mut(response.filter(|_| is_title)?).erase_alert();
    state.alerts.forget_secret()
}

pub(super) fn is_of_maintenance(state: &State, event: &ResponseEvent) -> bool {
    let ResponseEvent::Alerted { number, .. } = event else { return false };
    !state.responses.contains_key(number)
        && state.status.incident(*number).is_some_and(Incident::is_maintenance)
}

pub(super) fn fold_maintenance_alert(
    state: &mut State,
    recorded: Recorded<'_>,
    event: &ResponseEvent,
) {
    let number = event.number().unwrap_or_default();
    let mut firing = state.alerts.take_maintenance(number);
    note_alert(&mut firing, recorded, event);
    if let Some(firing) = firing {
        state.alerts.keep_maintenance(number, firing);
    }
    if !is_quiet(event) {
        state.alerts.enter(number, recorded.at, recorded.revision);
    }
}

/// Notes on an incident's alert that a person has acted, or renamed the incident.
pub(super) fn touch(state: &mut State, record: &Record, number: Option<Number>) {
    let is_person = matches!(record.cause.source, Source::Message | Source::Operator);
    if let Some(response) = number.and_then(|number| state.responses.get_mut(&number))
        && is_person
        && response.alert.is_some()
    {
        let response = Arc::make_mut(response);
        response.touch();
        let is_named = |event: &Event| {
            matches!(
                event,
                Event::Response(ResponseEvent::Retitled { .. })
                    | Event::Status(StatusEvent::Retitled { .. })
            )
        };
        if record.events.iter().any(|event| is_named(event) && event.number() == number) {
            response.name_by_person();
        }
    }
}
