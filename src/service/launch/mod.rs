//! The steps of a launch: their requests and outcomes.
//!
//! A step may be tried repeatedly, but its result is created once: each try first searches for the
//! result of an earlier one. Nothing here knows the log; a step's input is a [`Brief`].

mod boards;
mod comments;
mod teams;
mod waiting;
mod work_item_sync;

use crate::core::connectors::workflow;
use crate::core::http::{Failure, Receiver};
use crate::core::launch::brief::Brief;
use crate::core::launch::place::Launch;
use crate::core::launch::step::{Attempt, Step, StepOutcome, StepResult};
use crate::core::outbox::opening::opening;
use crate::outbound::Outbound;
use waiting::skipped;

/// Tries a step once, with several requests, each with the adapter's time limit. If the caller
/// gives up or dies, the try is in doubt since its start.
pub async fn run_step(
    outbound: &dyn Outbound,
    launch: &Launch,
    step: Step,
    brief: &Brief,
    attempt: &Attempt,
) -> StepOutcome {
    let outcome = match step {
        Step::WorkItem => boards::make_work_item(outbound, launch, brief, attempt).await,
        Step::Channel => teams::make_channel(outbound, launch, brief, attempt).await,
        Step::LinkChannel => boards::link_channel(outbound, launch, brief).await,
        Step::OnCall => teams::on_call(outbound, launch, brief, attempt).await,
        Step::Assign => boards::assign(outbound, launch, brief).await,
        Step::Message => message(outbound, launch, brief, attempt).await,
        Step::WorkItemSync => work_item_sync::sync(outbound, launch, brief, attempt).await,
    };
    outcome.unwrap_or_else(|failure| StepOutcome::of(failure, attempt))
}

async fn message(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<StepOutcome, Failure> {
    if !outbound.reaches(Receiver::Workflows) {
        return Ok(skipped("STATUS_NOTIFY_URL is not set"));
    }
    let message = opening(brief, launch, attempt.in_doubt_since.is_some());
    workflow::read(&outbound.send(&message.request()).await?)?;
    Ok(StepOutcome::done(StepResult::Sent))
}
