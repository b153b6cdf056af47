//! Handles an alert from its arrival to its record.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::{Duration, Instant};
use tracing::{Instrument as _, warn};

use super::commit::Commit;
use super::known::Area;
use super::outcome::ServiceError;
use super::publishing::When;
use super::shared::Service;
use super::turn::Turn;
use crate::core::alerts::alert::Alert;
use crate::core::answer::trouble::Trouble;
use crate::core::commands::context::Context;
use crate::core::decide::alert::{
    AlertOutcome, Decided, NoDecision, RefusedAlert, cause, decide_alert, refused,
};
use crate::core::digest::hex;
use crate::core::log::evict::Limits;
use crate::core::log::state::State;

/// The time limit for recording the announcement of a refusal.
const PATIENCE: Duration = Duration::from_secs(30);

impl Service {
    /// Handles an alert that arrived at `at`. A repeated delivery joins the same incident, so
    /// senders may retry.
    ///
    /// # Errors
    /// The alert is not recorded, or the outcome is unknown.
    pub async fn alert(
        self: &Arc<Self>,
        alert: &Alert,
        at: Timestamp,
        deadline: Instant,
    ) -> Result<Decided, Trouble> {
        let (arrival, random) = (self.salts.next(), self.salts.next());
        let arrival = hex(arrival.0.first_chunk::<8>().unwrap_or(&[0; 8]));
        let cause = cause(alert, &arrival, at);
        let arrivals = self.arrivals.add(&alert.key);
        let mut turn: Option<Turn> = None;
        loop {
            let state = self.by(deadline, Area::Reading, self.catch_up()).await?;
            let (config, limits) = (self.site.config(), &Limits::DEFAULT);
            let context = Context { state: &state, config, limits, cause: &cause, recalled: None };
            let mut decided = match decide_alert(context, alert, arrivals, &random.0) {
                Ok(decided) => decided,
                Err(NoDecision::NoRoom) => return Err(no_room()),
                Err(NoDecision::Impossible(error)) => {
                    return Err(self.trouble(Area::Recording, &ServiceError::Fold(error)));
                }
            };
            let Some(completed) = decided.record.take() else {
                // Repetitions are counted until one is reported.
                if !matches!(decided.fate, AlertOutcome::Repeated | AlertOutcome::Crowded) {
                    self.arrivals.clear(&alert.key);
                }
                self.publish_in_background();
                return Ok(decided);
            };
            let held = match turn.take() {
                Some(held) => held,
                // Most alerts of a storm need no record, so they take no turn.
                None => self.take_turn(deadline).await?,
            };
            let newest = self.known().state_to_try();
            if newest.is_none_or(|newest| newest.head != state.head) {
                turn = Some(held);
                continue;
            }
            match self.commit_by(held, *completed, deadline).await? {
                Commit::Taken(handed_back) => turn = Some(handed_back),
                Commit::Done(record) => {
                    self.arrivals.clear(&alert.key);
                    let when = When::AfterCommits;
                    if !self.publish_by(record.revision, when, deadline).await {
                        self.known().note_late_page(record.revision);
                    }
                    self.deliver_in_background(cause.at);
                    return Ok(decided);
                }
            }
        }
    }
}

fn no_room() -> Trouble {
    let why = "as many incidents are open as may be: close one.";
    Trouble::NotRecorded(why.to_owned())
}

impl Service {
    /// Announces in the background that a body was refused at `at`, once an hour for each sender
    /// and reason.
    pub fn announce_refused_alert(self: &Arc<Self>, body: RefusedAlert, at: Timestamp) {
        let heading = body.heading();
        if !self.refused_alerts.begin(&heading, at) {
            return;
        }
        warn!(reason = body.reason, "alerts are refused: the channel is told");
        let service = Arc::clone(self);
        let cause = body.cause(at);
        let announce = async move {
            let config = service.site.config();
            let decide = |state: &State| {
                let (limits, cause) = (&Limits::DEFAULT, &cause);
                let context = Context { state, config, limits, cause, recalled: None };
                Ok(refused(context, &body)?)
            };
            match service.record_behind_commands(PATIENCE, decide).await {
                Ok(_) => service.deliver_in_background(at),
                Err(error) => {
                    warn!(%error, "not announced: alerts are refused");
                    service.refused_alerts.forget(&heading);
                }
            }
        };
        tokio::spawn(announce.in_current_span());
    }

    /// A line for each refusal of this process within the hour before `now`.
    #[must_use]
    pub fn refused_alerts(&self, now: Timestamp) -> Vec<String> {
        self.refused_alerts.list(now)
    }
}
