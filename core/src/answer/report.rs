//! The answers to questions.

use super::{Answer, timeline};
use crate::commands::lines::drill;
use crate::commands::questions::of_maintenance;
use crate::commands::standing::Standing;
use crate::commands::timeline::Portion;
use crate::commands::view::View;
use crate::commands::{self, Subject};
use crate::config::Config;
use crate::decide::Asked;
use crate::log::state::State;
use crate::response::model::Visibility;

/// The answer to a question. The published revision may be unknown.
#[must_use]
pub fn report(asked: &Asked, state: &State, published: Option<u64>, config: &Config) -> Answer {
    let about = asked.response();
    let subject = &asked.question.subject;
    let incident = asked.about.as_ref().and_then(|about| about.incident.as_deref());
    let maintenance = incident.filter(|incident| incident.is_maintenance());
    let is_summary = matches!(subject, Subject::Status | Subject::Timeline(Portion::Summary));
    let sentence = if let Some(maintenance) = maintenance.filter(|_| is_summary) {
        let noted = state.alerts.of_maintenance(maintenance.number);
        let entries = about.map_or(0, |response| response.entries.len());
        let standing = Standing::of(maintenance.number, state, asked.at, config);
        let standing = Standing { incident: Some(maintenance), ..standing };
        of_maintenance(&standing, noted, entries, config)
    } else if let (Subject::Timeline(portion), Some(response)) = (subject, about) {
        timeline::timeline(asked, response, *portion, state, config)
    } else {
        let view = View { state, about, at: asked.at, published, config };
        commands::answer(subject, &view)
    };
    let is_drill = about.is_some_and(|response| response.visibility == Visibility::Drill);
    Answer::Sentence(if is_drill { drill(&sentence) } else { sentence })
}
