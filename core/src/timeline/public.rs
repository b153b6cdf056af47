//! The words for events on the page.

use super::narration::{EntryKind, Narration, Narrator};
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{Impact, ImpactCorrection, Number, Stage, Window};
use crate::text::Text;
use crate::text::markdown::escape;

/// Consequences of a correction of the page.
const FOLLOWS: &str = "Page, uptime and feeds follow. Copies already sent can't be recalled.";

impl Narrator<'_> {
    /// The words for a public event; `None` for bookkeeping.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind")]
    #[must_use]
    pub fn public(&self, event: &StatusEvent) -> Option<Narration> {
        let update = event.update().unwrap_or_default();
        let follows = |first: String| format!("{first}\n\n{FOLLOWS}");
        let (done, told) = match event {
            StatusEvent::Opened { impact, .. } => (
                "opened",
                Narration::new(
                    "open",
                    format!("opened on the page (update {update}), {} impact", impact.word()),
                )
                .in_review(format!(
                    "Published on the status page ({})",
                    impact.label().to_lowercase()
                )),
            ),
            StatusEvent::Updated { stage, impact, .. } => updated(update, *stage, *impact),
            StatusEvent::Reopened { .. } => (
                "reopened",
                Narration::new("reopen", format!("reopened on the page (update {update})"))
                    .in_review("Reopened on the status page")
                    .on_card(format!("Reopened, update {update}")),
            ),
            StatusEvent::PostMortem { .. } => (
                "post-mortem added",
                Narration::new("postmortem", format!("post-mortem on the page (update {update})"))
                    .on_card(format!("Post-mortem, update {update}")),
            ),
            StatusEvent::Scheduled { window, .. } => {
                let is_begun = window.stage(self.at) == Stage::InProgress;
                (
                    if is_begun { "begun" } else { "scheduled" },
                    Narration::new("maintenance", "maintenance announced on the page"),
                )
            }
            StatusEvent::Extended { until, .. } => (
                "extended",
                Narration::new("extend", format!("maintenance extended until {}", self.full(*until)))
                    .on_card(format!("Extended until {}", self.short(*until))),
            ),
            StatusEvent::Corrected { stage, .. } => {
                let done = if *stage == Stage::Resolved {
                    "Closing text set".to_owned()
                } else {
                    format!("Update {update} corrected")
                };
                let what = format!("update {update} corrected on the page");
                ("corrected", Narration::new("correct", what).on_card(done))
            }
            StatusEvent::Amended { number, fact } => {
                let (what, answer) = self.amended(*number, fact);
                let what = format!("corrected on the page: {what}");
                ("corrected", Narration::new("correct", what).answered(follows(answer)))
            }
            StatusEvent::Retitled { number, title } => (
                "corrected",
                Narration::new("title", "title changed").saying(title.clone()).answered(format!(
                    "**#{number}** is now called {}.\n\nPage and feeds follow. Copies already sent can't be \
                     recalled.",
                    escape(title)
                )),
            ),
            StatusEvent::Withdrawn { number, .. } => (
                "withdrawn",
                Narration::new("withdraw", "withdrawn from the page").answered(follows(format!(
                    "**#{number}** is withdrawn: off the page and out of uptime. Its address says so."
                ))),
            ),
            StatusEvent::Unpublished { number } => (
                "unpublished",
                Narration::new("unpublish", "taken off the page").answered(follows(format!(
                    "**#{number}** is off the page and internal again. Its address says so."
                ))),
            ),
            StatusEvent::Duplicated { number, of } => (
                "closed as a duplicate",
                Narration::new("duplicate", format!("is a duplicate of #{of}")).answered(follows(
                    format!(
                        "**#{number}** is closed as a duplicate of #{of} and no longer counted."
                    ),
                )),
            ),
            StatusEvent::Backfilled { number, window, .. } => (
                "added",
                Narration::new("backfill", "added to the history later").answered(follows(format!(
                    "**#{number}** added to the history: {}. It is marked as added later.",
                    self.window(*window)
                ))),
            ),
            StatusEvent::Rescheduled { number, window, .. } => (
                "moved",
                Narration::new("move", "maintenance moved").answered(format!(
                    "Maintenance **#{number}** now runs from {}.\n\nPage, feeds and calendar follow.",
                    self.window(*window)
                )),
            ),
            StatusEvent::UpdateMoved { number, update, to, note, .. } => {
                let place = match note {
                    Some(note) => format!("note {note} of **#{to}** now"),
                    None => format!("on **#{to}** now"),
                };
                let answer = follows(format!("Update {update} of **#{number}** is {place}."));
                let what = format!("update {update} of #{number} moved to #{to}");
                ("moved", Narration::new("move", what).answered(answer))
            }
            StatusEvent::TextRemoved { number, .. } => {
                let answer = format!("Update {update} of #{number} is off the page, feeds and JSON");
                let what = format!("the text of update {update} was erased");
                ("", Narration::unasked(what).answered(answer))
            }
            StatusEvent::Undone { .. } => ("undone", Narration::default()),
            StatusEvent::Day { .. }
            | StatusEvent::Overdue { .. }
            | StatusEvent::Recalled { .. }
            | StatusEvent::Evicted { .. } => return None,
        };
        let update = event.update().map_or(String::new(), |update| format!("Update {update}"));
        let card = told.card.or(Some(update));
        let text = event.text().filter(|_| !matches!(event, StatusEvent::Rescheduled { .. }));
        let text = text.map_or(told.text, Text::to_plain);
        Some(Narration { done, card, text, kind: EntryKind::Page, ..told })
    }

    /// A corrected fact: for the timeline, and as an answer.
    fn amended(&self, number: Number, fact: &Fact) -> (String, String) {
        let time = |at| self.full(at);
        match fact {
            Fact::Started { at, was } => (
                format!("start is {}, was {}", time(*at), time(*was)),
                format!("**#{number}** began {} (was {}).", self.short(*at), self.short(*was)),
            ),
            Fact::Closed { at, was } => (
                format!("end is {}, was {}", time(*at), time(*was)),
                format!("**#{number}** ended {} (was {}).", self.short(*at), self.short(*was)),
            ),
            Fact::Impact(impact) => (
                format!("impact was {}", impact.word()),
                format!("**#{number}** had {} impact throughout.", impact.word()),
            ),
            Fact::ImpactFor(ImpactCorrection { impact, from, until }) => {
                let times = format!("from {} to {}", time(*from), time(*until));
                let short = format!("from {} to {}", self.short(*from), self.short(*until));
                (
                    format!("impact was {} {times}", impact.word()),
                    format!("**#{number}** had {} impact {short}.", impact.word()),
                )
            }
            Fact::Components(ids) if ids.is_empty() => (
                "affected: no components".to_owned(),
                format!("**#{number}** affected no components."),
            ),
            Fact::Components(ids) => {
                let names = ids.iter().map(|id| self.config.component_name(id, self.names));
                let names = names.collect::<Vec<_>>().join(", ");
                (
                    format!("affected: {names}"),
                    format!("**#{number}** affected {}.", escape(&names)),
                )
            }
        }
    }

    fn window(&self, window: Window) -> String {
        format!("{} to {}", self.short(window.from), self.short(window.until))
    }
}

fn updated(update: u32, stage: Stage, impact: Impact) -> (&'static str, Narration) {
    let is_resolved = stage == Stage::Resolved;
    let what = if is_resolved {
        format!("closed on the page (update {update})")
    } else {
        format!("update {update} on the page, {}, {} impact", stage.word(), impact.word())
    };
    let review = if is_resolved {
        "Resolved on the status page".to_owned()
    } else {
        format!("Status page update ({}, {})", stage.word(), impact.label().to_lowercase())
    };
    let (done, command) = match stage {
        Stage::Resolved => ("closed", "close".to_owned()),
        Stage::Completed => ("completed", "complete".to_owned()),
        Stage::Cancelled => ("cancelled", "cancel".to_owned()),
        _ => ("updated", format!("update {update}")),
    };
    (done, Narration::new(command, what).in_review(review))
}
