//! `role`, `release` and `roles`: assigns and lists roles during an incident.

use jiff::Timestamp;

use super::context::Context;
use super::line::Line;
use super::lines::{copyable, names_of};
use super::misread::{expected, too_long, two_numbers};
use super::numbers::number;
use super::people::{TypedPerson, whole_person};
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::Target;
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::model::{HOLDERS_MAX, Response};
use crate::response::person::Person;
use crate::response::role::{Holder, Role};
use crate::rosters::roster::is_same;
use crate::text::markdown::escape;
use crate::text::time::short_time;
use crate::text::{NAME_CHARS_MAX, clean_name};

const NOTHING_OPEN: Option<&str> = Some("there are no roles to see or give");

pub const ROLE: Usage = Usage {
    words: &[
        "role",
        "commander",
        "ic",
        "primary",
        "secondary",
        "scribe",
        "comms",
        "tester",
        "expert",
    ],
    form: "role [#42] scribe @person|me|oncall",
    meaning: "gives somebody a role: commander, primary, secondary, scribe, comms, tester, or \
              `expert @person for a topic`; in short `ic @person`, `scribe me`",
    examples: &["role scribe me", "ic me"],
    nothing_open: NOTHING_OPEN,
    screen: Some(Screen::Respond),
    brief: ("ic me", "you lead; also scribe, comms"),
    ..Usage::NEW
};

pub const RELEASE: Usage = Usage {
    words: &["release"],
    form: "release [#42] scribe [@person]",
    meaning: "takes the role from who has it",
    examples: &["release scribe"],
    nothing_open: NOTHING_OPEN,
    brief: ("release <role>", "gives a role up"),
    ..Usage::NEW
};

pub const ROLES: Usage = Usage {
    words: &["roles"],
    form: "roles [#42]",
    meaning: "shows who has which role, what it is for, and which are open",
    examples: &["roles"],
    nothing_open: NOTHING_OPEN,
    screen: Some(Screen::Respond),
    brief: ("roles", "who does what"),
    ..Usage::NEW
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleChange {
    /// An expert may be asked about a topic.
    Assign { role: Role, person: TypedPerson, topic: Option<String> },
    /// The named person, otherwise the only holder, otherwise the sender.
    Release { role: Role, person: Option<TypedPerson> },
}

/// Also reads each role as a verb.
pub(crate) fn role(mut line: Line) -> Result<(Target, RoleChange), Refusal> {
    let (target, role) = role_meant(&mut line)?;
    let change = assignment(line, role)?;
    Ok((target, change))
}

pub(crate) fn release(mut line: Line) -> Result<(Target, RoleChange), Refusal> {
    let (target, role) = role_meant(&mut line)?;
    let end = line.reader.at + line.reader.rest().len();
    let person = whole_person(line.said, line.reader.at, end);
    Ok((target, RoleChange::Release { role, person }))
}

/// The incident and the role. The number comes before or after the role.
fn role_meant(line: &mut Line) -> Result<(Target, Role), Refusal> {
    let mut target = line.target();
    let role = match named(line.word) {
        // A role typed as a verb stays one in the lines to copy.
        Some(role) => {
            target.verb = role.word();
            role
        }
        None => next_role(line)?,
    };
    let verb = target.verb;
    let Some(behind) = line.reader.take_number(true).map(|named| named.number) else {
        return Ok((target, role));
    };
    if let Some(before) = target.number {
        let option = if verb == role.word() { "" } else { role.word() };
        let lines = [before, behind].map(|number: Number| format!("{verb} #{number} {option}"));
        return Err(two_numbers(lines.map(|line| line.trim_end().to_owned())));
    }
    let words = target.rest.split_whitespace();
    let words = words.filter(|word| number(without_closing(word)).is_none());
    let rest = words.collect::<Vec<_>>().join(" ");
    Ok((Target { number: Some(behind), rest, ..target }, role))
}

/// The role of that name: the name itself, or `ic`.
fn named(word: &str) -> Option<Role> {
    if word.eq_ignore_ascii_case("ic") {
        return Some(Role::Commander);
    }
    Role::ALL.into_iter().find(|role| role.word().eq_ignore_ascii_case(word))
}

fn next_role(line: &mut Line) -> Result<Role, Refusal> {
    let word = line.reader.next_word().map(without_closing);
    word.and_then(named).ok_or_else(|| {
        let needed = "a role: commander, primary, secondary, scribe, comms, tester or expert";
        expected(word.map(clean_name).as_deref(), needed, &format!("{} <role>", line.usage.name()))
    })
}

/// The person for the role, and the topic of an expert. Without a name it is the sender.
fn assignment(line: Line, role: Role) -> Result<RoleChange, Refusal> {
    let Line { mut reader, said, .. } = line;
    let (start, end) = (reader.at, reader.at + reader.rest().len());
    let mut topic_at = None;
    while let Some(word) = reader.next_word() {
        let at = reader.at - word.len();
        let is_name = said.mentions.iter().any(|mention| mention.place.contains(&at));
        if word.eq_ignore_ascii_case("for") && !is_name {
            topic_at = Some((at, reader.at));
            break;
        }
    }
    let Some((person_end, topic_start)) = topic_at else {
        let person = whole_person(said, start, end).unwrap_or(TypedPerson::Me);
        return Ok(RoleChange::Assign { role, person, topic: None });
    };
    let plain = said.text.to_plain();
    let typed = plain.get(topic_start..end).unwrap_or_default();
    let topic = clean_name(typed);
    let unfit = |needed| {
        let found = clean_name(plain.get(person_end..end).unwrap_or_default());
        Err(expected(Some(&found), needed, "expert @person for <topic>"))
    };
    if !role.is_shared() {
        return unfit("a person and nothing else; only an expert has `for <topic>`");
    }
    if topic.is_empty() {
        return unfit("the topic for the expert");
    }
    let chars = typed.trim().chars().count();
    if chars > NAME_CHARS_MAX {
        return Err(too_long(chars, NAME_CHARS_MAX));
    }
    let person = whole_person(said, start, person_end).unwrap_or(TypedPerson::Me);
    Ok(RoleChange::Assign { role, person, topic: Some(topic) })
}

impl RoleChange {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let events = match self {
            Self::Assign { role, person, topic } => {
                let person = context.find_responder(person, Some(*role), response)?;
                vec![assigned(response, *role, person, topic.as_ref())?]
            }
            Self::Release { role, person } => released(context, response, *role, person.as_ref())?,
        };
        Ok(events.into_iter().map(Event::Response).collect())
    }
}

pub(super) fn assigned(
    response: &Response,
    role: Role,
    person: Person,
    topic: Option<&String>,
) -> Result<ResponseEvent, Refusal> {
    let number = response.number;
    let same = |held: &Holder| {
        held.person.is(&person) && (!role.is_shared() || held.topic.as_ref() == topic)
    };
    if response.holders(role).any(same) {
        return Err(Refusal::new(format!(
            "{} is {} of #{number} already, so nothing was changed.",
            escape(&person.name),
            role.word()
        )));
    }
    let from = response.holders(role).next().filter(|_| !role.is_shared());
    if from.is_none() && response.roles.len() >= HOLDERS_MAX {
        return Err(too_many_holders(response));
    }
    let from = from.map(|held| held.person.clone());
    Ok(ResponseEvent::Assigned { number, role, topic: topic.cloned(), person, from })
}

fn too_many_holders(response: &Response) -> Refusal {
    let number = response.number;
    let one = response.roles.iter().rfind(|held| held.role.is_shared());
    let (role, name) =
        one.map_or((Role::Expert, "Name"), |held| (held.role, held.person.name.as_str()));
    Refusal::new(format!(
        "{HOLDERS_MAX} people have roles in #{number}, the maximum, so nothing \
         was changed. Release one first, for example:"
    ))
    .line(format!("release #{number} {} @\"{name}\"", role.word()))
}

/// The holder releases the role; an expert, all topics.
fn released(
    context: &Context,
    response: &Response,
    role: Role,
    typed: Option<&TypedPerson>,
) -> Result<Vec<ResponseEvent>, Refusal> {
    let number = response.number;
    let holders: Vec<&Holder> = response.holders(role).collect();
    let meant = match (typed, &holders[..]) {
        (_, []) => return Err(not_held(number, role, &holders, None)),
        (Some(typed), _) => holder_meant(context, typed, &holders, role)?,
        (None, [first, others @ ..]) if others.iter().all(|o| o.person.is(&first.person)) => {
            first.person.clone()
        }
        (None, several) => match several.iter().find(|held| held.person.is(&context.cause.by)) {
            Some(own) => own.person.clone(),
            None => return Err(not_held(number, role, &holders, None)),
        },
    };
    let mut released: Vec<&Person> = Vec::new();
    for Holder { person, .. } in holders.iter().filter(|held| held.person.is(&meant)) {
        if released.iter().all(|other| other.id != person.id) {
            released.push(person);
        }
    }
    if released.is_empty() {
        return Err(not_held(number, role, &holders, Some(&meant.name)));
    }
    let event = |person: &Person| ResponseEvent::Released { number, role, person: person.clone() };
    Ok(released.into_iter().map(event).collect())
}

/// A name means a holder first: others with that name have nothing to release.
fn holder_meant(
    context: &Context,
    typed: &TypedPerson,
    holders: &[&Holder],
    role: Role,
) -> Result<Person, Refusal> {
    if let TypedPerson::Named(name) = typed {
        let mut named = holders.iter().filter(|held| is_same(&held.person.name, name));
        if let Some(first) = named.next()
            && named.all(|other| other.person.is(&first.person))
        {
            return Ok(first.person.clone());
        }
    }
    context.find_person(typed, Some(role))
}

fn not_held(number: Number, role: Role, holders: &[&Holder], name: Option<&str>) -> Refusal {
    let mut names: Vec<String> = Vec::new();
    for Holder { person, .. } in holders {
        if !names.contains(&person.name) {
            names.push(person.name.clone());
        }
    }
    let role = role.word();
    let Some(first) = names.first() else {
        return Refusal::new(format!(
            "Nobody is {role} of #{number}, so nothing was changed. To take the role:"
        ))
        .line(format!("{role} #{number} me"));
    };
    let who = match name {
        Some(name) => format!("{} is not {role} of #{number}", escape(name)),
        None => format!("#{number} has more than one {role}"),
    };
    Refusal::new(format!(
        "{who}, so nothing was changed. Who has the role: {}. For example:",
        names_of(&names)
    ))
    .line(format!("release #{number} {role} @\"{first}\""))
}

/// The duties of a role, each a line. With a number, their commands name that incident.
pub(crate) fn duties(role: Role, number: Option<Number>, config: &Config) -> Vec<String> {
    let duties = config.duties();
    let lines = duties.iter().flat_map(|duties| duties.lines(role));
    lines.map(|line| format!("• {}", about(line, number))).collect()
}

/// A line whose command names an incident.
fn about(line: &str, number: Option<Number>) -> String {
    let command = number.zip(line.split_once('`'));
    let command = command.and_then(|(number, (before, command))| {
        let (verb, rest) = command.split_once(' ')?;
        Some(format!("{before}`{verb} #{number} {rest}"))
    });
    command.unwrap_or_else(|| line.to_owned())
}

fn purpose(role: Role, config: &Config) -> String {
    config.duties().map(|duties| duties.purpose(role).to_owned()).unwrap_or_default()
}

/// The answer to `roles`: who has which, since when, what for, and which are open.
pub(crate) fn answer(response: &Response, now: Timestamp, config: &Config) -> String {
    let mut lines = vec![format!("**#{}** {}", response.number, escape(&response.title))];
    let mut open = Vec::new();
    for role in Role::ALL {
        let holders = response.holders(role).map(|held| {
            let since = short_time(held.since, now, &config.time_zone);
            let topic = held.topic.as_ref().map_or(String::new(), |topic| format!(", for {topic}"));
            let who = format!("{}{topic}", held.person.name);
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
        let line = copyable(&format!("{} #{} @person", role.word(), response.number));
        format!("To give somebody a role: {line}")
    }));
    lines.join("\n\n")
}
