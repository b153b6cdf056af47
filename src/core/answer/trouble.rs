//! The answers where nothing could be done.

use super::Answer;
use crate::core::text::markdown::escape;

/// Somebody who may not run commands is told so, without learning who may.
#[must_use]
pub fn not_allowed() -> Answer {
    Answer::Sentence(
        "This page does not take commands from here or from you, so nothing was done. Ask the person who \
         runs it."
            .to_owned(),
    )
}

/// A copy of a message that was refused, however things stand by now.
#[must_use]
pub fn refused_before() -> Answer {
    let text =
        "**Not recorded**: this message was refused before. Write it again as a new message.";
    Answer::Sentence(text.to_owned())
}

/// There is no room to remember one more message that is refused.
#[must_use]
pub fn too_many_refused() -> Trouble {
    Trouble::NotRecorded("too many messages were refused in the last minutes.".to_owned())
}

/// Why a command could not be carried through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The command was certainly not recorded. Why, in a few words.
    NotRecorded(String),
    /// This attempt recorded nothing, and nobody could check whether an earlier copy of the message
    /// did. Why, in a few words.
    NotKnown(String),
    /// Nothing can be recorded until a person has set something right; to send it again is of no
    /// use. The whole cause, and the remedy.
    NeedsAPerson(String),
    /// It is not known whether it was recorded; the attempt goes on.
    Unconfirmed,
    /// A question cannot be answered right now. Why, in a few words.
    NoAnswer(String),
    /// The same message was recorded before, as this revision, which cannot be read right now.
    RecordedBefore(u64),
}

/// The answer to a command that could not be carried through.
#[must_use]
pub fn trouble(trouble: &Trouble) -> Answer {
    Answer::Sentence(match trouble {
        Trouble::NotRecorded(why) => {
            format!("**Not recorded**: {} Send it again in a moment.", escape(why))
        }
        Trouble::NotKnown(why) => format!(
            "**Not confirmed**: {} I could not check whether this message was recorded earlier. \
             Check `status` in a minute, then send it again if it is missing.",
            escape(why)
        ),
        Trouble::NeedsAPerson(why) => format!("**Nothing is recorded**: {}", escape(why)),
        Trouble::NoAnswer(why) => {
            format!("**No answer right now**: {} Ask again in a moment.", escape(why))
        }
        Trouble::RecordedBefore(revision) => format!(
            "Recorded, as revision {revision}. Storage does not answer right now; the page follows \
             by itself."
        ),
        Trouble::Unconfirmed => "**Not confirmed yet**: storage has not answered, and the attempt \
                                 goes on. Before you send it again, check `status`."
            .to_owned(),
    })
}
