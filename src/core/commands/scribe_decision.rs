//! What follows from what is written down.

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Stop};
use super::past::Past;
use super::past_decision::past_moment;
use super::scribe_command::{Portion, Scribe};
use super::scribe_refusal::ScribeRefusal;
use super::unfit::Unfit;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::{Entry, Response, TASKS_MAX};
use crate::core::text::time::spoken;

/// How long before its declaration something can have happened that is noted of an incident. What
/// is typed for longer ago is more likely a slip in the day.
const BEFORE_DECLARED_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many entries a page of a timeline has.
pub const PAGE_ENTRIES: usize = 15;

impl Context<'_> {
    pub(crate) fn write_down(
        &self,
        response: &Response,
        scribe: &Scribe,
    ) -> Result<Vec<Event>, Stop> {
        let number = response.number;
        let event = match scribe {
            Scribe::Note { at, text } => {
                let at = at.map(|at| self.noted_moment(response, at)).transpose()?;
                ResponseEvent::Noted { number, at, text: text.clone() }
            }
            Scribe::Task { text, assignee } => {
                let count = response.tasks.len();
                if count >= TASKS_MAX {
                    return Err(Unfit::from(ScribeRefusal::TooManyTasks(number)).into());
                }
                let assignee = assignee.as_ref();
                let assignee = assignee.map(|typed| self.find_responder(typed, None, response));
                ResponseEvent::TaskAdded {
                    number,
                    task: u32::try_from(count).unwrap_or_default() + 1,
                    text: text.clone(),
                    assignee: assignee.transpose()?,
                }
            }
            Scribe::TaskDone(task) => self.task_done(response, *task).map_err(Unfit::from)?,
            Scribe::Tested { passed, text } => {
                ResponseEvent::Tested { number, passed: *passed, text: text.clone() }
            }
            Scribe::Told { audience, via, text } => ResponseEvent::Told {
                number,
                audience: audience.clone(),
                via: via.clone(),
                text: text.clone(),
            },
        };
        Ok(vec![Event::Response(event)])
    }

    fn noted_moment(&self, response: &Response, at: Past) -> Result<Timestamp, Unfit> {
        let zone = &self.config.time_zone;
        let at = past_moment(at, self.time(), zone)?;
        let declared = response.milestones.at(Milestone::Declared).unwrap_or(at);
        if declared.duration_since(at) > BEFORE_DECLARED_MAX {
            let (at, declared) = (spoken(at, zone), spoken(declared, zone));
            return Err(ScribeRefusal::LongBefore { number: response.number, at, declared }.into());
        }
        Ok(at)
    }

    fn task_done(&self, response: &Response, task: u32) -> Result<ResponseEvent, ScribeRefusal> {
        let number = response.number;
        let Some(todo) = response.tasks.iter().find(|todo| todo.id == task) else {
            let open = response.open_tasks().map(|todo| todo.id).collect();
            return Err(ScribeRefusal::NoSuchTask { number, task, open });
        };
        if let Some(done) = todo.done {
            let at = spoken(done, &self.config.time_zone);
            return Err(ScribeRefusal::TaskDoneAlready { number, task, at });
        }
        Ok(ResponseEvent::TaskDone { number, task, text: todo.text.clone() })
    }
}

/// The entries of a timeline that are asked for, in their order, each with its number from 1; none
/// for a summary.
///
/// # Errors
/// [`ScribeRefusal`] where there are not as many.
pub fn portion_of(
    response: &Response,
    portion: Portion,
) -> Result<Vec<(usize, Entry)>, ScribeRefusal> {
    let number = response.number;
    let count = response.entries.len();
    let pages = count.div_ceil(PAGE_ENTRIES).max(1);
    let (skipped, taken) = match portion {
        Portion::Summary => (0, 0),
        Portion::Page(page) if page <= pages => ((page - 1) * PAGE_ENTRIES, PAGE_ENTRIES),
        Portion::Page(page) => return Err(ScribeRefusal::NoSuchPage { number, page, pages }),
        Portion::Entry(entry) if entry <= count => (entry - 1, 1),
        Portion::Entry(entry) => return Err(ScribeRefusal::NoSuchEntry { number, entry, count }),
    };
    let entries = response.timeline().into_iter().enumerate().skip(skipped).take(taken);
    Ok(entries.map(|(place, entry)| (place + 1, entry)).collect())
}
