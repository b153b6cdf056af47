//! The answer to an outcome, for Teams and a terminal alike.

use std::time::Duration;

use super::outcome::Outcome;
use super::shared::Service;
use crate::core::answer::recorded::{self, Publication};
use crate::core::answer::{Answer, report, trouble};
use crate::core::decide::carry::{announced, announced_links};
use crate::core::text::markdown::escape;

impl Service {
    /// The answer to an outcome that took so long. A replay is told without a time.
    #[must_use]
    pub fn answer(&self, outcome: &Outcome, elapsed: Duration) -> Answer {
        let config = self.site().config();
        match outcome {
            Outcome::Recorded { record, replayed, published, remarks, .. } => {
                let measured = u64::try_from(elapsed.as_millis()).ok().filter(|_| !replayed);
                let publication = if *published {
                    Publication::Done { elapsed_ms: measured }
                } else {
                    Publication::Late
                };
                let state = self.known().state.clone().unwrap_or_default();
                recorded::recorded(record, &state, publication, config).remarking(remarks)
            }
            Outcome::Report { asked, state, published } => {
                self.with_announced(report::report(asked, state, *published, config))
            }
            Outcome::Refused(refusal) => {
                self.with_announced(Answer::Sentence(refusal.to_markdown()))
            }
            Outcome::Trouble(trouble) => trouble::trouble(trouble),
        }
    }
    /// With what everybody is to know and nobody could be sent. `help` reads no log: it shows what
    /// this process knows.
    fn with_announced(&self, answer: Answer) -> Answer {
        let state = self.known().state.clone().unwrap_or_default();
        let config = self.site().config();
        let (announced, links) = (announced(&state, config), announced_links(&state, config));
        let answer = match answer {
            Answer::Sentence(mut text) => {
                for said in announced {
                    text = format!("{text}\n\n{}", escape(&said));
                }
                Answer::Sentence(text)
            }
            Answer::Card(mut card) => {
                card.hints.extend(announced);
                Answer::Card(card)
            }
        };
        answer.linking(&links)
    }
}
