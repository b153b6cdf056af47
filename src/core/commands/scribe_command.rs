//! Commands of whoever writes down what happens, as they were understood.

use super::past::Past;
use super::person::TypedPerson;
use crate::core::response::internal_text::InternalText;

/// What is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scribe {
    /// What happened.
    Note {
        /// When; `None` is now.
        at: Option<Past>,
        /// What, never empty.
        text: InternalText,
    },
    /// What is to be done.
    Task {
        /// What, never empty.
        text: InternalText,
        /// Who is to do it.
        assignee: Option<TypedPerson>,
    },
    /// A task of that number was done.
    TaskDone(u32),
    /// It was tested whether it works again.
    Tested {
        /// Whether it does.
        passed: bool,
        /// What was found; may be empty.
        text: InternalText,
    },
    /// Something was told to people outside, elsewhere than on the page.
    Told {
        /// To whom.
        audience: String,
        /// Where.
        via: String,
        /// What, never empty.
        text: InternalText,
    },
}

/// How much of a timeline is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// What it comes to: milestones, stages and public words.
    Summary,
    /// A page of its entries, counted from 1.
    Page(usize),
    /// One entry with all its words, counted from 1.
    Entry(usize),
}
