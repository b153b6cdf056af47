//! The specification of a verb.

use std::fmt::{self, Debug, Formatter};

/// A feature has one for each of its verbs. All are in one table, the source of dispatch, synonyms,
/// help and suggestions.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the verb")]
pub struct Usage {
    /// The name and its synonyms. The words of a verb of several words are separated by spaces; an
    /// incident's number may come between them.
    pub words: &'static [&'static str],
    /// The verb with its options for help.
    pub form: &'static str,
    /// One line of help: a verb in the third person, and its use.
    pub meaning: &'static str,
    /// Lines that work as they are, without the bot's mention.
    pub examples: &'static [&'static str],
    /// Its text is for the page.
    pub is_public: bool,
    /// Also accepts closed incidents by number.
    pub of_any_incident: bool,
    /// Digits after the verb are not the number of an incident.
    pub has_own_numbers: bool,
    /// The sentence without an open incident, if the usual one does not fit.
    pub nothing_open: Option<&'static str>,
    /// The feature checks the length of its text itself.
    pub limits_itself: bool,
    /// `undo` takes it back.
    pub undoable: bool,
    pub accepts: &'static Accepts,
    /// The screen of help that shows it; the others are in `help all`.
    pub screen: Option<Screen>,
    /// Its most common line with placeholders, and its meaning: together one line of a phone.
    pub brief: (&'static str, &'static str),
    /// Its options with their meanings. Entries that are complete lines begin with the verb.
    pub options: &'static [(&'static str, &'static str)],
}

/// A part of the work. Help shows its commands together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Commands of responders during an incident.
    Respond,
    /// Texts for customers.
    Page,
    /// Follow-up work.
    Review,
    /// Rosters and covers.
    OnCall,
}

impl Screen {
    /// All screens, in the order of help.
    pub const ALL: [Self; 4] = [Self::Respond, Self::Page, Self::Review, Self::OnCall];

    /// The word after `help`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Respond => "respond",
            Self::Page => "page",
            Self::Review => "review",
            Self::OnCall => "oncall",
        }
    }
}

/// A kind of incident for verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// On the page and open.
    Open,
    /// Internal or a drill, and open.
    OpenInternal,
    /// On the page and closed.
    Closed,
    /// Internal or a drill, and closed.
    ClosedInternal,
    /// A planned or running maintenance.
    Planned,
    /// A maintenance that has ended or was cancelled.
    Over,
}

/// The incidents that a verb accepts.
#[derive(Debug)]
pub struct Accepts {
    /// The kinds that it changes. Others get a refusal of their own.
    pub changed: &'static [IncidentKind],
    /// The kinds that a line without a number can mean, in any thread.
    pub anywhere: &'static [IncidentKind],
    /// The kinds that such a line can mean in the thread of their opening: the likeliest first,
    /// equally likely ones together.
    pub in_thread: &'static [&'static [IncidentKind]],
}

impl Accepts {
    /// Every incident, open ones first.
    pub const INCIDENTS: Self = Self {
        changed: &[
            IncidentKind::Open,
            IncidentKind::OpenInternal,
            IncidentKind::Closed,
            IncidentKind::ClosedInternal,
        ],
        anywhere: &[IncidentKind::Open, IncidentKind::OpenInternal],
        in_thread: &[
            &[IncidentKind::Open, IncidentKind::OpenInternal],
            &[IncidentKind::Closed, IncidentKind::ClosedInternal],
        ],
    };

    #[must_use]
    pub fn changes(&self, kind: IncidentKind) -> bool {
        self.changed.contains(&kind)
    }

    #[must_use]
    pub fn changes_closed_only(&self) -> bool {
        self.changes(IncidentKind::Closed) && !self.changes(IncidentKind::Open)
    }

    /// True if it changes incidents that ended long ago.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        let ended = [IncidentKind::ClosedInternal, IncidentKind::Over];
        ended.iter().any(|kind| self.changes(*kind)) || !self.changes(IncidentKind::Open)
    }

    /// True if it changes only maintenance.
    #[must_use]
    pub fn is_of_maintenance(&self) -> bool {
        self.changed == [IncidentKind::Planned]
    }
}

impl Usage {
    /// A specification to fill in.
    pub const NEW: Self = Self {
        words: &[],
        form: "",
        meaning: "",
        examples: &[],
        is_public: false,
        of_any_incident: false,
        has_own_numbers: false,
        nothing_open: None,
        limits_itself: false,
        undoable: true,
        accepts: &Accepts::INCIDENTS,
        screen: None,
        brief: ("", ""),
        options: &[],
    };

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.words.first().copied().unwrap_or_default()
    }
}

impl PartialEq for Usage {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Usage {}

impl Debug for Usage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
