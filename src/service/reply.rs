//! The answer to an outcome, for Teams and a terminal.

use super::outcome::Outcome;
use super::shared::Service;
use crate::core::answer::recorded::{self, Publication};
use crate::core::answer::{Answer, report, trouble};
use crate::core::decide::carry::{announced, announced_links};
use crate::core::log::record::Record;
use crate::core::text::card::Line;
use crate::core::text::markdown::escape;

impl Service {
    #[must_use]
    pub fn answer(&self, outcome: &Outcome) -> Answer {
        let config = self.site().config();
        match outcome {
            Outcome::Recorded { record, published, remarks, .. } => {
                let publication = if *published { Publication::Done } else { Publication::Late };
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

    /// A record in a log line, such as `opened`.
    #[must_use]
    pub fn done(&self, record: &Record) -> &'static str {
        recorded::done(record, self.site().config())
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
                let said = announced.iter().flat_map(|said| said.lines());
                card.hints.extend(said.map(Line::words));
                Answer::Card(card)
            }
        };
        answer.linking(&links)
    }
}
