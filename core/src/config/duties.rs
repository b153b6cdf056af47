//! Purpose and duties of the roles, from a file of `languages/duties/` or a custom one that
//! replaces it.

use serde::Deserialize;
use toml::Spanned;

use super::language::Language;
use super::lines::{line, one_line};
use super::theme::Refused;
use crate::response::role::Role;
use crate::text::clean_name;

/// Number of duties of each role.
const DUTIES: usize = 3;
/// Maximum length of a line, in characters. Three of them must fit on a card.
const LINE_CHARS_MAX: usize = 200;

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
    /// Built-in texts of a language; `None` if their file is damaged.
    #[must_use]
    pub fn of(language: Language) -> Option<Self> {
        toml::from_str(source(language)).ok()
    }

    /// Checks the file that `status.toml` calls `name`.
    ///
    /// # Errors
    /// Returns [`Refused`] with the line of the first problem.
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
                let why = format!("have {count} lines instead of {DUTIES}");
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

    /// Purpose of a role, worded to follow the word “who”.
    #[must_use]
    pub fn purpose(&self, role: Role) -> &str {
        self.texts(role).purpose.get_ref()
    }

    /// Duties of the role's holder.
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

/// Problem of a line, if it has one.
fn fault(line: &str) -> Option<String> {
    let chars = line.chars().count();
    if chars > LINE_CHARS_MAX {
        return Some(format!("has {chars} characters, more than {LINE_CHARS_MAX}"));
    }
    // A line break or an invisible character would break the layout of a card.
    if clean_name(line).is_empty() {
        return Some("shows nothing".to_owned());
    }
    line.chars().any(char::is_control).then(|| "is not one line".to_owned())
}
