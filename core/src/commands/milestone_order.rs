//! The order in which milestones can follow each other.

use jiff::Timestamp;

use super::context::Context;
use super::refusal::Refusal;
use crate::response::milestone::Milestone;
use crate::response::model::Response;

/// Milestones with a typed time. The others have the time of their record.
pub(super) fn typed_milestone(word: &str) -> Option<Milestone> {
    let typed = Milestone::ALL
        .into_iter()
        .filter(|milestone| !matches!(milestone, Milestone::Declared | Milestone::Closed));
    typed.into_iter().find(|milestone| milestone.word().eq_ignore_ascii_case(word))
}

/// True if one milestone cannot precede the other. Nobody acknowledges an undetected incident, but
/// it can be acknowledged before it is declared, and after it is mitigated.
fn comes_after(later: Milestone, earlier: Milestone) -> bool {
    use Milestone::{Acknowledged, Detected, Mitigated, Resolved, Started};
    match earlier {
        Started => later != Started,
        Detected => matches!(later, Acknowledged | Mitigated | Resolved),
        Mitigated => later == Resolved,
        _ => false,
    }
}

/// The time of another milestone of the same minute where the order needs it: answers and typed
/// times have no seconds, so such a contradiction could not be understood.
pub(super) fn in_order(
    context: &Context,
    response: &Response,
    milestone: Milestone,
    at: Timestamp,
) -> Timestamp {
    let minute = context.clock(at);
    let others = Milestone::ALL.into_iter().filter_map(|other| {
        let reached = response.milestones.at(other)?;
        (context.clock(reached) == minute).then_some((other, reached))
    });
    others.fold(at, |at, (other, reached)| {
        if comes_after(milestone, other) {
            at.max(reached)
        } else if comes_after(other, milestone) {
            at.min(reached)
        } else {
            at
        }
    })
}

/// Refuses a time that contradicts the other milestones.
pub(super) fn check_order(
    context: &Context,
    response: &Response,
    milestone: Milestone,
    at: Timestamp,
) -> Result<(), Refusal> {
    let known = Milestone::ALL.into_iter().filter(|known| *known != milestone);
    let mut known = known.filter_map(|known| Some((known, response.milestones.at(known)?)));
    let this = (milestone, at);
    let contradiction = known.find_map(|other| {
        let pairs = [(this, other), (other, this)];
        pairs
            .into_iter()
            .find(|(earlier, later)| comes_after(later.0, earlier.0) && later.1 < earlier.1)
    });
    let Some(((earlier, from), (later, to))) = contradiction else { return Ok(()) };
    let number = response.number;
    let [from, to] = [from, to].map(|at| context.clock(at));
    let was = if earlier == Milestone::Started { "" } else { "was " };
    let can_be_typed = [earlier, later].into_iter().filter_map(|one| typed_milestone(one.word()));
    let lines = can_be_typed.map(|one| format!("when #{number} {} <time>", one.word()));
    let (earlier, later) = (earlier.word(), later.word());
    Err(Refusal::new(format!(
        "#{number} would be {later} ({to}) before it {was}{earlier} ({from}), so nothing was \
         recorded. Correct the one that is wrong:"
    ))
    .lines(lines))
}
