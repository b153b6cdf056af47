//! Answers to commands that failed.

use super::Answer;
use crate::text::markdown::escape;

/// The refusal for an unauthorised sender. It does not reveal who is authorised.
#[must_use]
pub fn not_allowed() -> Answer {
    Answer::Sentence(
        "This page does not take commands from here or from you, so nothing was done. Ask the person who \
         runs it."
            .to_owned(),
    )
}

/// The answer to a second copy of a refused message, whose refusal may no longer apply.
#[must_use]
pub fn refused_before() -> Answer {
    let text =
        "**Not recorded**: this message was refused before. Write it again as a new message.";
    Answer::Sentence(text.to_owned())
}

/// The memory of refused messages is full.
#[must_use]
pub fn too_many_refused() -> Trouble {
    Trouble::NotRecorded("too many messages were refused in the last minutes.".to_owned())
}

/// Reasons why a command failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Certainly not recorded. Contains the reason in a few words.
    NotRecorded(String),
    /// This attempt recorded nothing, but an earlier copy of the message may have. Contains the
    /// reason in a few words.
    NotKnown(String),
    /// Nothing can be recorded until a person has fixed something, so repeating is useless.
    /// Contains cause and remedy.
    NeedsAPerson(String),
    /// The outcome is unknown, and the attempt continues.
    Unconfirmed,
    /// A question cannot be answered now. Contains the reason in a few words.
    NoAnswer(String),
    /// The message was recorded earlier as this revision, which cannot be read now.
    RecordedBefore(u64),
}

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
