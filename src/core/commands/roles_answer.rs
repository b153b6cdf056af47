//! Who has which role, and why a role is not given.

use super::lines::{at, names_of};
use super::unfit::Unfit;
use crate::core::config::Config;
use crate::core::response::model::{HOLDERS_MAX, Response};
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken;

/// Who has a role now: `Bo Larsen, for payments (from Ann Lee)`.
pub(crate) fn holder(person: &Person, topic: Option<&String>, from: Option<&Person>) -> String {
    let topic = topic.map_or(String::new(), |topic| format!(", for {topic}"));
    let from = from.map_or(String::new(), |from| format!(" (from {})", from.name));
    format!("{}{topic}{from}", person.name)
}

/// What whoever gets a role has to know, each a line.
pub(crate) fn duties(role: Role, config: &Config) -> Vec<String> {
    let duties = config.duties();
    let lines = duties.iter().flat_map(|duties| duties.lines(role));
    lines.map(|line| format!("• {line}")).collect()
}

/// A role and what it is for.
pub(crate) fn described(role: Role, config: &Config) -> String {
    format!("{}: {}", role.word(), purpose(role, config))
}

fn purpose(role: Role, config: &Config) -> String {
    config.duties().map(|duties| duties.purpose(role).to_owned()).unwrap_or_default()
}

/// The lines of `roles`: who has which, since when, what for, and which are open.
pub(crate) fn roles(response: &Response, config: &Config, bot: &str) -> String {
    let mut lines = vec![format!("**#{}** {}", response.number, escape(&response.title))];
    let mut open = Vec::new();
    for role in Role::ALL {
        let holders = response.holders(role).map(|held| {
            let since = spoken(held.since, &config.time_zone);
            let who = holder(&held.person, held.topic.as_ref(), None);
            format!("{}, since {since}", escape(&who))
        });
        let mut holders: Vec<String> = holders.collect();
        if holders.is_empty() {
            open.push(role);
            holders.push("open".to_owned());
        }
        let purpose = escape(&purpose(role, config));
        lines.push(format!("**{}** {} ({purpose})", role.word(), holders.join("; ")));
    }
    lines.extend(open.first().map(|role| {
        let line = at(bot, &format!("{} #{} @person", role.word(), response.number));
        format!("To give somebody a role: {line}")
    }));
    lines.join("\n\n")
}

/// Why a role is not given, or not given up.
pub(crate) fn sentence(unfit: &Unfit, bot: &str) -> String {
    match unfit {
        Unfit::HasRole { number, role, name } => format!(
            "{} is {} of #{number} already, so nothing was changed.",
            escape(name),
            role.word()
        ),
        Unfit::NotInRole { number, role, holders, .. } if holders.is_empty() => format!(
            "Nobody is {} of #{number}, so nothing was changed. To take the role:\n\n{}",
            role.word(),
            at(bot, &format!("{} #{number} me", role.word()))
        ),
        Unfit::NotInRole { number, role, name, holders } => {
            let who = match name {
                Some(name) => format!("{} is not {} of #{number}", escape(name), role.word()),
                None => format!("#{number} has more than one {}", role.word()),
            };
            let first = holders.first().map_or("", String::as_str);
            format!(
                "{who}, so nothing was changed. Who has the role: {}. For example:\n\n{}",
                names_of(holders),
                at(bot, &format!("release #{number} {} @\"{first}\"", role.word()))
            )
        }
        Unfit::TooManyHolders { number, one } => {
            let (role, name) = one.clone().unwrap_or((Role::Expert, "Name".to_owned()));
            format!(
                "{HOLDERS_MAX} people have roles in #{number}, which is as many as there may be, so \
                 nothing was changed. Release one first, for example:\n\n{}",
                at(bot, &format!("release #{number} {} @\"{name}\"", role.word()))
            )
        }
        _ => String::new(),
    }
}
