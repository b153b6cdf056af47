//! Tasks and action items: the work of an incident, which is finished, removed and reopened by its
//! number.

use super::context::Context;
use super::line::Line;
use super::misread::expected;
use super::numbers::number;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::Target;
use crate::response::model::{Response, Todo};
use crate::text::{capitalised, clean_name};

#[derive(Clone, Copy)]
pub(super) enum Items {
    Tasks,
    Actions,
}

impl Items {
    fn verb(self) -> &'static str {
        match self {
            Self::Tasks => "task",
            Self::Actions => "action",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Tasks => "task",
            Self::Actions => "action item",
        }
    }

    fn of(self, response: &Response) -> &[Todo] {
        match self {
            Self::Tasks => &response.tasks,
            Self::Actions => &response.actions,
        }
    }

    /// Reads the item's number, which ends the line. In `task done #1` it is the item's, too.
    pub(super) fn done_number(self, line: &mut Line) -> Result<(Target, u32), Refusal> {
        let first = line.reader.peek_word().map(without_closing).and_then(number);
        let mut target = line.target();
        let word = line.reader.next_word();
        let id = match word {
            None if first.is_none() => target.number.take(),
            _ => word.and_then(|word| without_closing(word).trim_start_matches('#').parse().ok()),
        };
        let more = line.reader.peek_word();
        let Some(id) = id.filter(|_| more.is_none()) else {
            let found = if id.is_some() { more } else { word }.map(clean_name);
            let (verb, noun) = (self.verb(), self.noun());
            let needed = format!("the number of one {noun} (see `{verb}s`)");
            return Err(expected(found.as_deref(), &needed, &format!("{verb} done <n>")));
        };
        target.rest = id.to_string();
        Ok((target, id))
    }

    pub(super) fn find(self, response: &Response, id: u32) -> Result<&Todo, Refusal> {
        let todos = self.of(response);
        todos.iter().find(|todo| todo.id == id).ok_or_else(|| {
            let (number, verb, noun) = (response.number, self.verb(), self.noun());
            let why = format!("#{number} has no {noun} {id}");
            if todos.is_empty() {
                let why = format!("{why}, so nothing was changed. To add one:");
                return Refusal::new(why).line(format!("{verb} #{number} <text>"));
            }
            let open = todos.iter().filter(|todo| todo.done.is_none());
            let open: Vec<String> = open.map(|todo| todo.id.to_string()).collect();
            let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
            self.refusal(response, &why, &format!("Open: {open}. "))
        })
    }

    pub(super) fn find_open<'a>(
        self,
        context: &Context,
        response: &'a Response,
        id: u32,
    ) -> Result<&'a Todo, Refusal> {
        let todo = self.find(response, id)?;
        let Some(done) = todo.done else { return Ok(todo) };
        let (number, done) = (response.number, context.clock(done));
        let noun = self.noun();
        let why = format!("{} {id} of #{number} was done at {done} already", capitalised(noun));
        Err(self.refusal(response, &why, ""))
    }

    pub(super) fn find_done(self, response: &Response, id: u32) -> Result<(), Refusal> {
        if self.find(response, id)?.done.is_some() {
            return Ok(());
        }
        let (number, noun) = (response.number, self.noun());
        Err(self.refusal(
            response,
            &format!("{} {id} of #{number} isn't done", capitalised(noun)),
            "",
        ))
    }

    fn refusal(self, response: &Response, why: &str, open: &str) -> Refusal {
        Refusal::new(format!("{why}, so nothing was changed. {open}All of them:")).line(format!(
            "{}s #{}",
            self.verb(),
            response.number
        ))
    }
}
