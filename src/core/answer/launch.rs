//! What is said of a launch.

use crate::core::commands::lines::at;
use crate::core::config::Config;
use crate::core::delivery::model::{Delivery, What};
use crate::core::incident::model::Number;
use crate::core::launch::events::LaunchEvent;
use crate::core::launch::progress::Standing;
use crate::core::launch::step::{Done, Step};
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::text::is_safe_link;
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::spoken;

/// What a card says that a record did to a launch.
pub(super) fn done(record: &Record) -> Option<(Number, String)> {
    let event = record.launches().find(|event| !matches!(event, LaunchEvent::Evicted { .. }))?;
    let done = match event {
        LaunchEvent::Started { .. } => "is being launched".to_owned(),
        LaunchEvent::Retried { step, .. } => format!("launch: {} is tried again", step.name()),
        LaunchEvent::Skipped { step, .. } => format!("launch: {} is skipped", step.name()),
        LaunchEvent::Done { step, .. } => format!("launch: {} is done", step.name()),
        LaunchEvent::Failed { step, .. } | LaunchEvent::Doubted { step, .. } => {
            format!("launch: {} is not done", step.name())
        }
        LaunchEvent::Evicted { .. } => return None,
    };
    Some((event.number()?, done))
}

/// Where a person sees how far a launch is that a record changed.
pub(super) fn hint(record: &Record) -> Option<String> {
    let (number, _) = done(record)?;
    Some(format!("“launch status #{number}” says how far its launch is."))
}

/// The lines of `launch status`.
pub(super) fn status(number: Number, state: &State, config: &Config, bot: &str) -> String {
    let Some(progress) = state.launches.get(&number) else {
        return format!(
            "#{number} has not been launched. To do that:\n\n{}",
            at(bot, &format!("launch #{number}"))
        );
    };
    let begun = spoken(progress.begun, &config.time_zone);
    let mut lines = vec![format!("**#{number}** launched at {begun}")];
    let waiting = |step: Step| {
        let is_it = |delivery: &&Delivery| delivery.what == What::Step { number, step };
        state.deliveries.waiting().find(is_it)
    };
    let has_failed = |step: Step| waiting(step).is_some_and(|waiting| waiting.failure.is_some());
    lines.extend(Step::ALL.into_iter().filter_map(|step| {
        let told = told(progress.steps.get(&step), waiting(step), config)?;
        Some(format!("{}: {told}", step.name()))
    }));
    let failed = Step::ALL.into_iter().find(|step| {
        matches!(progress.steps.get(step), Some(Standing::Failed { .. }))
            || *step == Step::Story && has_failed(*step)
    });
    lines.extend(failed.map(|step| {
        format!(
            "Once it is repaired: {} or {}",
            at(bot, &format!("launch #{number} retry {}", step.name())),
            at(bot, &format!("launch #{number} skip {}", step.name()))
        )
    }));
    lines.join("\n\n")
}

/// How far a step is; `None` where it was never begun. One that was done may wait again: the work
/// item follows the incident.
fn told(
    standing: Option<&Standing>,
    waiting: Option<&Delivery>,
    config: &Config,
) -> Option<String> {
    let next = waiting.and_then(Delivery::next_try).map(|at| spoken(at, &config.time_zone));
    let failure = waiting.and_then(|waiting| waiting.failure.as_ref());
    if let (Some(failure), Some(next)) = (failure, &next) {
        return Some(format!("waiting until {next}, because {}", escape(&excerpt(&failure.why))));
    }
    Some(match standing? {
        Standing::Done { result, remarks } => {
            let remarks = remarks.iter().map(|remark| format!("({})", escape(&excerpt(remark))));
            let done = [format!("done{}", link(result))].into_iter().chain(remarks);
            let again = next.map(|next| format!("It is looked at again at {next}."));
            done.chain(again).collect::<Vec<_>>().join(" ")
        }
        Standing::Skipped { why, .. } => format!("skipped, {}", escape(&excerpt(why))),
        Standing::Failed { why, .. } => format!("**failed**, {}", escape(&excerpt(why))),
        Standing::Waiting { .. } => "waiting".to_owned(),
    })
}

fn link(result: &Done) -> String {
    match result {
        Done::WorkItem(item) => linked(&format!("#{}", item.id), &item.url),
        Done::Channel(channel) => linked(&escape(&channel.name), &channel.url),
        Done::OnCall(people) => {
            let names = people.iter().map(|one| escape(&one.person.name)).collect::<Vec<_>>();
            if names.is_empty() { String::new() } else { format!(", {}", names.join(", ")) }
        }
        Done::Assigned(Some(person)) => format!(", to {}", escape(&person.name)),
        Done::Linked | Done::Assigned(None) | Done::Sent | Done::Told => String::new(),
    }
}

/// Where Azure Boards and Teams show what a launch made, in every cloud.
const HOSTS: [&str; 6] = [
    "dev.azure.com",
    "teams.microsoft.com",
    "teams.cloud.microsoft",
    "gov.teams.microsoft.us",
    "dod.teams.microsoft.us",
    "teams.microsoftonline.cn",
];
/// Organizations of Azure Boards that are older than `dev.azure.com` have a host of their own.
const OLD_BOARDS: &str = ".visualstudio.com";

/// A link, where its address is one of the services'. They say it themselves, so it may be
/// anything: then the words stand alone.
fn linked(words: &str, address: &str) -> String {
    let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    let is_known = host.is_some_and(|host| {
        let organization = host.strip_suffix(OLD_BOARDS);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        HOSTS.contains(&host) || organization.is_some_and(|name| name.chars().all(is_name))
    });
    if !is_known || !is_safe_link(address) || address.contains(['<', '>', '\\', '"']) {
        return format!(" {words}");
    }
    format!(" [{words}]({})", address.replace('(', "%28").replace(')', "%29"))
}
