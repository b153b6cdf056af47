//! The answer to an outcome, for Teams and a terminal.

use super::outcome::Outcome;
use super::shared::Service;
use crate::core::answer::recorded::{self, Publication};
use crate::core::answer::{Answer, report, trouble};
use crate::core::decide::carry::announced;
use crate::core::log::record::Record;
use crate::core::text::card::Line;
use crate::core::text::markdown::escape;

impl Service {
    /// The answer to an outcome, for the person who asked.
    #[must_use]
    pub fn answer(&self, outcome: &Outcome, to: &str) -> Answer {
        let config = self.site().config();
        match outcome {
            Outcome::Recorded { record, published, remarks, .. } => {
                let publication = if *published { Publication::Done } else { Publication::Late };
                let state = self.known().state.clone().unwrap_or_default();
                recorded::recorded(record, &state, publication, config).remarking(remarks)
            }
            Outcome::Report { asked, state, published } => {
                self.with_announced(report::report(asked, state, *published, config), to)
            }
            Outcome::Refused(refusal) => {
                self.with_announced(Answer::Sentence(refusal.to_markdown()), to)
            }
            Outcome::Trouble(trouble) => trouble::trouble(trouble),
        }
    }

    /// A record in a log line, such as `opened`.
    #[must_use]
    pub fn done(&self, record: &Record) -> &'static str {
        recorded::done(record, self.site().config())
    }

    /// With a line about what everybody is to know and could not be sent, unless this person saw it
    /// in the last minutes. `help` reads no log: it shows what this process knows.
    fn with_announced(&self, answer: Answer, to: &str) -> Answer {
        let state = self.known().state.clone().unwrap_or_default();
        let announced = self.reminded.unseen(to, announced(&state, self.site().config()));
        let Some((first, others)) = announced.split_first() else { return answer };
        let more = match others.len() {
            0 => String::new(),
            count => format!(" And {count} more."),
        };
        let said = format!("{}{more}", first.line);
        let answer = match answer {
            Answer::Sentence(text) => Answer::Sentence(format!("{text}\n\n{}", escape(&said))),
            Answer::Card(mut card) => {
                card.hints.push(Line::words(said));
                Answer::Card(card)
            }
        };
        answer.linking(announced.iter().filter_map(|announcement| announcement.link.as_ref()))
    }
}
