//! The facts about an incident for the steps of its launch.

use jiff::Timestamp;

use super::communications::cadence;
use super::facts::statistic_lines;
use crate::config::Config;
use crate::incident::model::Number;
use crate::launch::brief::{
    Brief, BriefRole, Comment, CommentKind, ExternalPerson, OnCall, Section, WorkItemPhase,
};
use crate::launch::progress::{Progress, StepState};
use crate::launch::step::Step;
use crate::log::record::Record;
use crate::log::state::State;
use crate::outbox::model::{Delivery, Payload};
use crate::response::milestone::Milestone;
use crate::response::model::{Response, Topic, Visibility};
use crate::response::person::Person;
use crate::response::role::Role;
use crate::rosters::effective::effective;
use crate::rosters::roster::Rosters;
use crate::text::time::spoken;
use crate::timeline::{EntryKind, TimelineEntry, entries};

/// The revisions of the records for a step's brief: all of them if the work item of a closed
/// incident is updated, otherwise those of the opening.
#[must_use]
pub fn needed(response: &Response, is_sync: bool) -> Vec<u64> {
    let count = if is_sync && !response.is_open() { response.entries.len() } else { 1 };
    response.entries.iter().take(count).map(|entry| entry.1).collect()
}

/// The brief of an incident; `None` if the state has evicted it. `records` are those from
/// [`needed`].
#[must_use]
pub fn brief(
    state: &State,
    config: &Config,
    number: Number,
    records: &[Record],
    now: Timestamp,
) -> Option<Brief> {
    let (response, progress) = (state.response(number)?, state.launches.get(&number)?);
    let rosters = effective(&state.rosters).map(|known| known.rosters).unwrap_or_default();
    let entries = entries(records, response, config, &state.status.component_names);
    let roles = roles(response, &rosters);
    let on_call = on_call(response, config, &rosters, now);
    let is_drill = response.visibility == Visibility::Drill;
    let comments = if response.is_open() || records.len() < response.entries.len().min(2) {
        Vec::new()
    } else {
        comments(response, config, &entries)
    };
    Some(Brief {
        number,
        key: progress.key.clone(),
        title: format!("{}{}", if is_drill { "Drill: " } else { "" }, response.title),
        description: description(response, &entries),
        troubles: troubles(state, number, progress),
        severity: response.severity,
        phase: if response.is_open() { WorkItemPhase::Doing } else { WorkItemPhase::Done },
        facts: facts(response, state, config),
        page: config.incident_url(number).filter(|_| response.is_public()),
        links: links(response, state, config),
        assignee: assignee(response, progress, &on_call, &rosters),
        roles,
        phones: phones(&rosters),
        on_call: if progress.on_call().is_empty() { on_call } else { progress.on_call().to_vec() },
        people: people(state, &rosters),
        work_item: progress.work_item().cloned(),
        channel: progress.channel().cloned(),
        comments,
    })
}

/// Phone numbers that may be shown, by name.
fn phones(rosters: &Rosters) -> Vec<(String, String)> {
    let shown = rosters.contacts.iter().filter(|_| !rosters.hides_phones);
    shown.filter_map(|contact| Some((contact.name.clone(), contact.phone.clone()?))).collect()
}

/// A person for external services: by the directory's id, which Teams' own id is not, and by the
/// address in a roster.
fn person(known: &Person, rosters: &Rosters) -> ExternalPerson {
    let id = Some(known.id.clone()).filter(|id| !id.is_empty() && !id.contains(':'));
    let is_it = |contact: &&crate::rosters::roster::Contact| match (&contact.id, &id) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => contact.name.to_lowercase() == known.name.to_lowercase(),
    };
    let contact = rosters.contacts.iter().find(is_it);
    ExternalPerson {
        name: known.name.clone(),
        id: id.or_else(|| contact.and_then(|contact| contact.id.clone())),
        address: contact.and_then(|contact| contact.email.clone()),
    }
}

fn roles(response: &Response, rosters: &Rosters) -> Vec<BriefRole> {
    let of_role = |role: Role| {
        let held = response.holders(role).map(|holder| BriefRole {
            name: match &holder.topic {
                Some(topic) => format!("{} for {topic}", role.word()),
                None => role.word().to_owned(),
            },
            person: Some(person(&holder.person, rosters)),
        });
        let held: Vec<BriefRole> = held.collect();
        if held.is_empty() && !role.is_shared() {
            return vec![BriefRole { name: role.word().to_owned(), person: None }];
        }
        held
    };
    Role::ALL.into_iter().flat_map(of_role).collect()
}

/// The people on call for the incident: in the roster that an alert's rule names, in those of its
/// components, or in the only one.
fn on_call(response: &Response, config: &Config, rosters: &Rosters, now: Timestamp) -> Vec<OnCall> {
    let of_alert = response.alert.as_ref().and_then(|alert| alert.roster.as_deref());
    let of_components = response.components.iter().filter_map(|id| config.guides.get(id));
    let of_components = of_components.filter_map(|guide| guide.roster.as_deref());
    let mut named: Vec<_> =
        of_alert.into_iter().chain(of_components).filter_map(|name| rosters.roster(name)).collect();
    if let ([], [only]) = (&named[..], &rosters.rosters[..]) {
        named.push(only);
    }
    let mut found: Vec<OnCall> = Vec::new();
    for roster in named {
        for level in &roster.levels {
            for name in level.on_call(now).people {
                let duty = format!("{} {}", roster.name, level.name);
                let person = rosters.contact(name).map_or_else(
                    || ExternalPerson { name: name.to_owned(), id: None, address: None },
                    ExternalPerson::from,
                );
                let one = OnCall { duty, shift: None, person };
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
    }
    found
}

/// The work item's assignee: the primary, otherwise the first person on call, otherwise the
/// commander.
fn assignee(
    response: &Response,
    progress: &Progress,
    on_call: &[OnCall],
    rosters: &Rosters,
) -> Option<ExternalPerson> {
    let holder = |role| response.holders(role).next().map(|held| person(&held.person, rosters));
    let called = progress.on_call().first().or(on_call.first()).map(|one| one.person.clone());
    holder(Role::Primary).or(called).or_else(|| holder(Role::Commander))
}

fn people(state: &State, rosters: &Rosters) -> Vec<ExternalPerson> {
    let contacts = rosters.contacts.iter().map(ExternalPerson::from);
    contacts.chain(state.people.iter().map(|known| person(known, rosters))).collect()
}

fn description(response: &Response, entries: &[TimelineEntry]) -> Vec<String> {
    // The whole text of the opening except the title.
    let opening = entries.iter().map(|entry| entry.revision).min();
    let said = entries.iter().filter(|entry| Some(entry.revision) == opening);
    // The alert's address is a link of its own.
    let link = response.alert.as_ref().and_then(|alert| alert.link.as_deref());
    let mut lines: Vec<String> = Vec::new();
    for line in said.flat_map(|entry| entry.said.text.lines()).map(str::trim) {
        let is_known = line == response.title || lines.iter().any(|known| known == line);
        if !line.is_empty() && !is_known && Some(line) != link {
            lines.push(line.to_owned());
        }
    }
    if lines.is_empty() {
        lines.push(response.title.clone());
    }
    for (topic, heading) in
        [(Topic::Affected, "Affects"), (Topic::Doing, "Being done"), (Topic::Aware, "Aware")]
    {
        let reply = response.reply(topic);
        lines.extend(reply.map(|reply| format!("{heading}: {}", reply.text.to_plain())));
    }
    lines
}

fn facts(response: &Response, state: &State, config: &Config) -> Vec<(String, String)> {
    let known = &state.status.component_names;
    let names = response.components.iter().map(|id| config.component_name(id, known));
    let names: Vec<&str> = names.collect();
    let affected = (!names.is_empty()).then(|| ("Component".to_owned(), names.join(", ")));
    let at = |milestone: Milestone, heading: &str| {
        let reading = response.milestones.last(milestone)?;
        let via = reading.via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
        Some((heading.to_owned(), format!("{}{via}", spoken(reading.at, &config.time_zone))))
    };
    let times =
        [at(Milestone::Started, "Started"), at(Milestone::Detected, "Detected")].into_iter();
    affected.into_iter().chain(times.flatten()).collect()
}

fn links(response: &Response, state: &State, config: &Config) -> Vec<(String, String)> {
    let guides = response.components.iter().filter_map(|id| Some((id, config.guides.get(id)?)));
    let alert = response.alert.as_ref().and_then(|alert| alert.link.clone());
    let alert = alert.map(|link| ("Open the alert".to_owned(), link));
    let named = guides.filter_map(|(id, guide)| {
        let title = format!("Guide: {}", config.component_name(id, &state.status.component_names));
        Some((title, guide.guide.clone()?))
    });
    let call = response.call.clone().map(|link| ("Join the call".to_owned(), link));
    call.into_iter().chain(alert).chain(named).collect()
}

/// Failed and late steps of the launch.
fn troubles(state: &State, number: Number, progress: &Progress) -> Vec<String> {
    let trouble = |step: &Step| {
        let is_it = |delivery: &&Delivery| delivery.what == Payload::Step { number, step: *step };
        let late = || state.deliveries.waiting().find(is_it)?.failure.as_ref();
        match progress.steps.get(step)? {
            StepState::Failed { why, .. } => Some(format!("{}: failed, {why}", step.name())),
            StepState::Waiting { .. } => {
                late().map(|late| format!("{}: not done yet, {}", step.name(), late.why))
            }
            StepState::Done { .. } | StepState::Skipped { .. } => None,
        }
    };
    Step::Message.uses().iter().filter_map(trouble).collect()
}

/// Comments of the work item once the incident is closed.
fn comments(response: &Response, config: &Config, entries: &[TimelineEntry]) -> Vec<Comment> {
    let zone = &config.time_zone;
    let line = |entry: &TimelineEntry| {
        let text = entry.said.text.replace('\n', " ");
        let words = if text.is_empty() { String::new() } else { format!(": {text}") };
        let by = if entry.by.is_empty() { String::new() } else { format!(" ({})", entry.by) };
        format!("{} {}{words}{by}", spoken(entry.at, zone), entry.said.what)
    };
    let section =
        |heading: &str, lines: Vec<String>| Section { heading: heading.to_owned(), lines };
    let milestones = Milestone::ALL.into_iter().filter_map(|milestone| {
        let at = response.milestones.at(milestone)?;
        Some(format!("{}: {}", milestone.word(), spoken(at, zone)))
    });
    let told = entries.iter().filter_map(|entry| {
        let place = match &entry.said.kind {
            EntryKind::Page => "everybody, on the page".to_owned(),
            EntryKind::Told { audience, via } => format!("{audience}, via {via}"),
            _ => return None,
        };
        let text = entry.said.text.replace('\n', " ");
        Some(format!("{} {place}: {text}", spoken(entry.at, zone)))
    });
    let told: Vec<String> = told.chain(cadence(response, config)).collect();
    let summary = Comment {
        kind: CommentKind::Summary,
        sections: vec![
            section("Statistics", statistic_lines(response)),
            section("Summary", milestones.collect()),
            section("Timeline", entries.iter().map(line).collect()),
        ],
    };
    let communications = Comment {
        kind: CommentKind::Communications,
        sections: vec![section("Communications", told)],
    };
    vec![summary, communications]
}
