//! The first message of a launch: the facts, the links and the people to notify.

use crate::connectors::workflow::{Mention, Message, Place, REPEAT};
use crate::launch::brief::{Brief, BriefRole, ExternalPerson};
use crate::launch::place::Launch;
use crate::response::role::Role;
use crate::text::card::Tone;

/// Maximum length of the description in the message, in characters.
const TEXT_CHARS_MAX: usize = 1_000;

/// The message to post. A repeat says that it may have arrived before, because there is no way to
/// check.
#[must_use]
pub fn opening(brief: &Brief, launch: &Launch, is_repeat: bool) -> Message {
    let mut text: String = brief.description.join("\n").chars().take(TEXT_CHARS_MAX).collect();
    for trouble in &brief.troubles {
        text = format!("{text}\nLaunch: {trouble}");
    }
    if is_repeat {
        text = format!("{REPEAT}\n{text}");
    }
    let severity = brief.severity.map(|severity| severity.number().to_string());
    let severity = severity.unwrap_or_else(|| "not set yet (sev <n>)".to_owned());
    let mut facts: Vec<(String, String)> = vec![("Severity".to_owned(), severity)];
    facts.extend(brief.facts.iter().cloned());
    facts.extend(brief.roles.iter().filter_map(|role| {
        role.person.as_ref().map(|person| (role.name.clone(), person.name.clone()))
    }));
    facts.extend(brief.on_call.iter().map(|on_call| {
        let name = &on_call.person.name;
        let phone = brief.phones.iter().find(|(of, _)| of == name);
        let person = phone.map_or(name.clone(), |(_, phone)| format!("{name} {phone}"));
        (format!("On call: {}", on_call.name()), person)
    }));
    let is_led = |role: &BriefRole| role.name == Role::Commander.word() && role.person.is_some();
    if !brief.roles.iter().any(is_led) {
        facts.push(("Lead".to_owned(), "nobody yet (ic me)".to_owned()));
    }
    // An alert's own text may repeat a fact.
    facts.retain(|(name, value)| !text.lines().any(|line| line == format!("{name}: {value}")));
    let page = brief.page.iter().map(|page| ("Status page".to_owned(), page.clone()));
    let item =
        brief.work_item.iter().map(|item| (format!("Work item {}", item.id), item.url.clone()));
    let channel = brief
        .channel
        .iter()
        .map(|channel| (format!("Channel {}", channel.name), channel.url.clone()));
    let group = launch.teams.as_ref().map(|teams| &teams.group);
    let place = group
        .zip(brief.channel.as_ref())
        .map(|(group, channel)| Place { group: group.clone(), channel: channel.id.clone() });
    Message {
        key: format!("{}/message", brief.key),
        heading: format!("Incident #{}: {}", brief.number, brief.title),
        tone: Tone::Attention,
        text,
        mentions: mentions(brief),
        facts,
        links: page.chain(item).chain(channel).chain(brief.links.iter().cloned()).collect(),
        channel: place,
    }
}

/// Everyone who is on call or has a role, each once.
fn mentions(brief: &Brief) -> Vec<Mention> {
    let on_call = brief.on_call.iter().map(|on_call| &on_call.person);
    let holders = brief.roles.iter().filter_map(|role| role.person.as_ref());
    let mut called: Vec<&ExternalPerson> = Vec::new();
    for person in on_call.chain(holders) {
        let same = |other: &&ExternalPerson| match (&other.id, &person.id) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => other.name == person.name,
        };
        if !called.iter().any(same) {
            called.push(person);
        }
    }
    let mention = |person: &ExternalPerson| Mention {
        name: person.name.clone(),
        id: person.id.clone().or_else(|| person.address.clone()),
    };
    called.into_iter().map(mention).collect()
}
