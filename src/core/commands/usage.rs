//! How a command is written: its words, its form, and what it does.

use std::fmt::{self, Debug, Formatter};

/// The specification of a verb. A feature has one for each of its verbs, and all of them stand in
/// one table, which dispatch, synonyms, help and suggestions are made from.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the verb")]
pub struct Usage {
    /// The verb and its synonyms; the first is its name. The words of a verb of several words are
    /// separated by spaces, and the number of an incident may stand between them.
    pub words: &'static [&'static str],
    /// The verb with its options, as help shows it.
    pub form: &'static str,
    /// One line of help: a verb in the third person, and how to use it.
    pub meaning: &'static str,
    /// Lines that work as they stand, without the mention of the bot.
    pub examples: &'static [&'static str],
    /// Whether its text is for the page.
    pub is_public: bool,
    /// Whether closed incidents can be meant as well, by their numbers.
    pub of_any_incident: bool,
    /// Whether digits behind the verb are something else than the number of an incident.
    pub has_own_numbers: bool,
    /// The consequence of there being no open incident, where it needs other words than usual.
    pub nothing_open: Option<&'static str>,
    /// Whether the feature limits the length of its text by itself.
    pub limits_itself: bool,
    /// Whether `undo` takes it back.
    pub undoable: bool,
    /// The incidents that it is about.
    pub accepts: &'static Accepts,
    /// The screen of help that shows it; the others are in `help all`.
    pub screen: Option<Screen>,
    /// Its commonest line, with placeholders, and what that does: together a line of a phone.
    pub brief: (&'static str, &'static str),
    /// Its options, each with its meaning. Lines of their own begin with the verb.
    pub options: &'static [(&'static str, &'static str)],
}

/// A part of the work, whose commands help shows together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// While an incident goes on, among the responders.
    Respond,
    /// What customers read.
    Page,
    /// Afterwards.
    Review,
    /// Rosters and covers.
    OnCall,
}

impl Screen {
    /// All of them, in the order in which help names them.
    pub const ALL: [Self; 4] = [Self::Respond, Self::Page, Self::Review, Self::OnCall];

    /// The word behind `help`.
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

/// A kind of incident, as the verbs tell them apart.
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
    /// A maintenance that is planned or running.
    Planned,
    /// A maintenance that has ended or was cancelled.
    Over,
}

/// The incidents that a verb is about.
#[derive(Debug)]
pub struct Accepts {
    /// The kinds that can be changed: the others are refused, with a sentence of their own.
    pub changed: &'static [IncidentKind],
    /// The kinds that a line without a number can be about, wherever it is written.
    pub anywhere: &'static [IncidentKind],
    /// The kinds that such a line can be about in the thread of their opening: kinds that are
    /// equally likely stand together, the likeliest first.
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

    /// Whether an incident of that kind can be changed.
    #[must_use]
    pub fn changes(&self, kind: IncidentKind) -> bool {
        self.changed.contains(&kind)
    }

    /// Whether closed incidents are changed, and open ones are not.
    #[must_use]
    pub fn changes_closed_only(&self) -> bool {
        self.changes(IncidentKind::Closed) && !self.changes(IncidentKind::Open)
    }

    /// Whether what ended long ago can be changed.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        let ended = [IncidentKind::ClosedInternal, IncidentKind::Over];
        ended.iter().any(|kind| self.changes(*kind)) || !self.changes(IncidentKind::Open)
    }

    /// Whether only maintenance is changed.
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

    /// The name of the verb.
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
