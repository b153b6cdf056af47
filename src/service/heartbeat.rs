//! The heartbeat: a call to an external dead man's switch after each run that leaves nothing
//! overdue. When the calls stop, that service raises the alarm.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, timeout};
use tracing::{Instrument as _, info, warn};

use super::deliver::RECEIVERS;
use super::shared::Service;
use crate::core::http::{Failure, Method, Receiver, Request};
use crate::outbound::Outbound;

/// A message counts as overdue when it could have been sent for this long.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// The longest that a call may take.
const CALL_MAX: Duration = Duration::from_secs(10);

impl Service {
    /// Calls the dead man's switch in the background if nothing is overdue after a run at `now`.
    /// No run waits for the call, and none fails with it.
    pub(super) fn beat(self: &Arc<Self>, now: Timestamp) {
        let Some(outbound) = self.outbound.clone() else { return };
        if !outbound.reaches(Receiver::Heartbeat) || self.is_overdue(outbound.as_ref(), now) {
            return;
        }
        let service = Arc::clone(self);
        let call = async move {
            // The call in progress is recent enough.
            let Ok(_alone) = service.ticks.calling.try_lock() else { return };
            let result = call(outbound.as_ref()).await;
            let failing = result.is_err();
            let was_failing =
                std::mem::replace(&mut service.ticks.memory().heartbeat_fails, failing);
            match result {
                Err(failure) if !was_failing => {
                    warn!(%failure, "the heartbeat fails; later failures are not logged");
                }
                Ok(()) if was_failing => info!("the heartbeat succeeds again"),
                _ => {}
            }
        };
        tokio::spawn(call.in_current_span());
    }

    /// Returns `true` if something is overdue at `now`.
    fn is_overdue(&self, outbound: &dyn Outbound, now: Timestamp) -> bool {
        if self.problem().is_some() {
            return true;
        }
        let state = self.known().state.clone().unwrap_or_default();
        let then = now.saturating_sub(OVERDUE_AFTER).unwrap_or(now);
        RECEIVERS.into_iter().any(|receiver| {
            outbound.reaches(receiver) && state.deliveries.due(receiver, then).next().is_some()
        })
    }
}

/// Calls the switch once. The call does not go through [`Logged`](crate::outbound::logged::Logged),
/// which writes a line for each failure and the code in the answer: the address is a secret, which
/// an answer can repeat, so its status alone is logged.
async fn call(outbound: &dyn Outbound) -> Result<(), Failure> {
    let request =
        Request { to: Receiver::Heartbeat, method: Method::Get, path: String::new(), body: None };
    let answer = timeout(CALL_MAX, outbound.send(&request)).await;
    let answer = answer.unwrap_or_else(|_| Err(Failure::unavailable("no answer in time")))?;
    match answer.status {
        200..=299 => Ok(()),
        status => Err(Failure::unavailable(format!("{} answers {status}", request.to.name()))),
    }
}
