//! What follows from what becomes known of an incident.

use jiff::Timestamp;

use super::context::{Context, Stop};
use super::past::Past;
use super::past_decision::past_moment;
use super::refusal::Refusal;
use super::response_command::Tracking;
use super::unfit::Unfit;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::milestone::{Milestone, READINGS_MAX, Source};
use crate::core::response::model::Response;
use crate::core::text::time::spoken;

impl Context<'_> {
    pub(crate) fn track(
        &self,
        response: &Response,
        tracking: &Tracking,
    ) -> Result<Vec<Event>, Stop> {
        let number = response.number;
        let event = match tracking {
            Tracking::When { milestone, at, via, text } => {
                let reached = self.reached(response, *milestone, *at, via.clone())?;
                let at = match &reached {
                    ResponseEvent::Reached { at, source: Source::Typed, .. } => Some(*at),
                    _ => None,
                };
                let noted = ResponseEvent::Noted { number, at, text: text.clone() };
                let noted = (!text.is_empty()).then_some(noted);
                return Ok([reached].into_iter().chain(noted).map(Event::Response).collect());
            }
            Tracking::Reply(topic, text) => {
                ResponseEvent::Replied { number, topic: *topic, text: text.clone() }
            }
            Tracking::Grade(severity) => {
                if response.severity == Some(*severity) {
                    return Err(Unfit::SameSeverity { number, severity: *severity }.into());
                }
                ResponseEvent::Graded { number, severity: *severity }
            }
        };
        Ok(vec![Event::Response(event)])
    }

    fn reached(
        &self,
        response: &Response,
        milestone: Milestone,
        at: Option<Past>,
        via: Option<String>,
    ) -> Result<ResponseEvent, Refusal> {
        let number = response.number;
        let now = self.time();
        let before = response.milestones.last(milestone);
        if at.is_none()
            && let Some(reading) = before
        {
            let at = spoken(reading.at, &self.config.time_zone);
            return Err(Unfit::ReachedAlready { number, milestone, at }.into());
        }
        if response.milestones.readings(milestone).len() >= READINGS_MAX {
            return Err(Unfit::TooManyCorrections { number, milestone }.into());
        }
        let (at, source) = match at {
            None => (now, Source::Recorded),
            Some(past) => (past_moment(past, now, &self.config.time_zone)?, Source::Typed),
        };
        self.check_order(response, milestone, at)?;
        // A correction of the time alone keeps what was said of the cause of the detection.
        let via = via.or_else(|| before.and_then(|reading| reading.via.clone()));
        let was = before.map(|reading| reading.at);
        Ok(ResponseEvent::Reached { number, milestone, at, source, via, was })
    }

    /// Nothing comes before the start, and the start behind nothing.
    fn check_order(
        &self,
        response: &Response,
        milestone: Milestone,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let known = |other: &Milestone| response.milestones.at(*other).map(|time| (*other, time));
        let (first, second) = if milestone == Milestone::Started {
            let earliest = Milestone::ALL.iter().filter(|m| **m != milestone).filter_map(known);
            match earliest.min_by_key(|(_, time)| *time) {
                Some(earliest) => ((milestone, at), earliest),
                None => return Ok(()),
            }
        } else {
            match known(&Milestone::Started) {
                Some(started) => (started, (milestone, at)),
                None => return Ok(()),
            }
        };
        if first.1 <= second.1 {
            return Ok(());
        }
        let spoken = |(milestone, at)| (milestone, spoken(at, &self.config.time_zone));
        Err(Unfit::BeforeStart {
            number: response.number,
            started: spoken(first).1,
            other: spoken(second),
        }
        .into())
    }
}
