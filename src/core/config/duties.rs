//! What roles are for, and what whoever takes one has to do: a file of `languages/duties/`, or a
//! team's own in its place.

use serde::Deserialize;
use toml::Spanned;

use super::language::Language;
use super::lines::{line, one_line};
use super::theme::Refused;
use crate::core::response::role::Role;
use crate::core::text::clean_name;

/// How many duties a role has.
const DUTIES: usize = 3;
/// The longest line, in characters: three of them have to fit a card.
const LINE_CHARS_MAX: usize = 200;

/// The texts of all roles.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duties {
    commander: RoleTexts,
    primary: RoleTexts,
    secondary: RoleTexts,
    scribe: RoleTexts,
    comms: RoleTexts,
    tester: RoleTexts,
    expert: RoleTexts,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTexts {
    purpose: Spanned<String>,
    duties: Spanned<Vec<Spanned<String>>>,
}

impl Duties {
    /// Ours, in a language; `None` where its file is damaged.
    #[must_use]
    pub fn of(language: Language) -> Option<Self> {
        toml::from_str(source(language)).ok()
    }

    /// Checks the file that `status.toml` calls `name`.
    ///
    /// # Errors
    /// [`Refused`], with the line.
    pub fn new(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let refused = |why: String| Refused::of("duties", name, &why);
        let text = std::str::from_utf8(bytes).map_err(|_| refused("is not UTF-8".to_owned()))?;
        let duties: Self = toml::from_str(text).map_err(|error| refused(one_line(&error, text)))?;
        for role in Role::ALL {
            let RoleTexts { purpose, duties } = duties.texts(role);
            let refused = |at: usize, what: &str, why: &str| {
                let (place, role) = (line(text, at), role.word());
                Err(refused(format!("line {place}: {what} of {role} {why}")))
            };
            let count = duties.get_ref().len();
            if count != DUTIES {
                let why = format!("are {count} lines, and have to be {DUTIES}");
                return refused(duties.span().start, "the duties", &why);
            }
            for line in [purpose].into_iter().chain(duties.get_ref()) {
                if let Some(why) = fault(line.get_ref()) {
                    return refused(line.span().start, "a text", &why);
                }
            }
        }
        Ok(duties)
    }

    /// What a role is for, as it stands behind the word “who”.
    #[must_use]
    pub fn purpose(&self, role: Role) -> &str {
        self.texts(role).purpose.get_ref()
    }

    /// What whoever has a role has to do.
    pub fn lines(&self, role: Role) -> impl Iterator<Item = &str> {
        self.texts(role).duties.get_ref().iter().map(|line| line.get_ref().as_str())
    }

    fn texts(&self, role: Role) -> &RoleTexts {
        match role {
            Role::Commander => &self.commander,
            Role::Primary => &self.primary,
            Role::Secondary => &self.secondary,
            Role::Scribe => &self.scribe,
            Role::Comms => &self.comms,
            Role::Tester => &self.tester,
            Role::Expert => &self.expert,
        }
    }
}

fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../../languages/duties/en.toml"),
        Language::German => include_str!("../../../languages/duties/de.toml"),
        Language::Hebrew => include_str!("../../../languages/duties/he.toml"),
    }
}

/// What is wrong with a line.
fn fault(line: &str) -> Option<String> {
    let chars = line.chars().count();
    if chars > LINE_CHARS_MAX {
        return Some(format!("has {chars} characters, more than {LINE_CHARS_MAX}"));
    }
    // A line break or what nobody sees would tear a card apart.
    if clean_name(line).is_empty() {
        return Some("shows nothing".to_owned());
    }
    line.chars().any(char::is_control).then(|| "is not one line".to_owned())
}
