//! `launch`, and `launch status`, `launch retry` and `launch skip` for its steps.

use jiff::Timestamp;

use super::context::Context;
use super::line::Line;
use super::lines::copyable;
use super::misread::expected;
use super::numbers::number;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::Target;
use super::usage::Usage;
use crate::config::Config;
use crate::incident::model::Number;
use crate::launch::events::LaunchEvent;
use crate::launch::progress::{Progress, StepState};
use crate::launch::step::{Step, StepResult};
use crate::log::record::Event;
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Delivery, Payload};
use crate::response::model::Response;
use crate::text::markdown::{escape, excerpt, link_to};
use crate::text::time::short_time;
use crate::text::{clean_name, is_safe_link};

const NOTHING_OPEN: Option<&str> = Some("there is nothing to launch");

pub const LAUNCH: Usage = Usage {
    words: &["launch"],
    form: "launch [#42]",
    meaning: "makes its work item and channel, finds who is on call and calls them; after a \
              failure, it tries the steps that failed again",
    examples: &["launch"],
    undoable: false,
    brief: ("launch", "work item, channel, on call"),
    ..Usage::NEW
};

pub const LAUNCH_STATUS: Usage = Usage {
    words: &["launch status"],
    form: "launch [#42] status",
    meaning: "shows how far each step of its launch is",
    examples: &["launch status"],
    nothing_open: NOTHING_OPEN,
    brief: ("launch status", "how far it is"),
    ..Usage::NEW
};

pub const LAUNCH_RETRY: Usage = Usage {
    words: &["launch retry"],
    form: "launch [#42] retry channel",
    meaning: "tries a step of its launch again: work item, channel, link, on call, assignment, \
              message or story",
    examples: &["launch retry channel"],
    nothing_open: NOTHING_OPEN,
    undoable: false,
    brief: ("launch retry <step>", "tries a step again"),
    ..Usage::NEW
};

pub const LAUNCH_SKIP: Usage = Usage {
    words: &["launch skip"],
    form: "launch [#42] skip channel",
    meaning: "leaves a step of its launch out",
    examples: &["launch skip channel"],
    nothing_open: NOTHING_OPEN,
    undoable: false,
    brief: ("launch skip <step>", "leaves a step out"),
    ..Usage::NEW
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchChange {
    /// Begins the launch, or retries its failed steps.
    Start,
    Retry(Step),
    Skip(Step),
}

/// Also reads `launch resume`, a synonym of `launch` and, with a step, of `launch retry`.
pub(crate) fn launch(line: Line) -> Result<(Target, LaunchChange), Refusal> {
    let (target, words) = words(line);
    let change = match words.split_first() {
        None => LaunchChange::Start,
        Some((word, [])) if word.eq_ignore_ascii_case("resume") => LaunchChange::Start,
        Some((word, behind)) if word.eq_ignore_ascii_case("resume") => {
            LaunchChange::Retry(step(behind)?)
        }
        Some((word, _)) => return Err(unfit(word)),
    };
    Ok((target, change))
}

pub(crate) fn launch_status(line: Line) -> Result<Target, Refusal> {
    let (target, words) = words(line);
    words.first().map_or(Ok(target), |word| Err(unfit(word)))
}

pub(crate) fn launch_retry(line: Line) -> Result<(Target, LaunchChange), Refusal> {
    let (target, words) = words(line);
    Ok((target, LaunchChange::Retry(step(&words)?)))
}

pub(crate) fn launch_skip(line: Line) -> Result<(Target, LaunchChange), Refusal> {
    let (target, words) = words(line);
    Ok((target, LaunchChange::Skip(step(&words)?)))
}

/// The incident, and the words after the verb. The number may be anywhere among them.
fn words(mut line: Line) -> (Target, Vec<String>) {
    let mut target = line.target();
    let rest = line.reader.rest();
    let mut words: Vec<&str> = rest.split_whitespace().map(without_closing).collect();
    if target.number.is_none()
        && let Some(place) = words.iter().position(|word| number(word).is_some())
    {
        target.number = number(words.remove(place));
    }
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    target.rest = words.join(" ");
    (target, words)
}

fn unfit(word: &str) -> Refusal {
    expected(Some(&clean_name(word)), "status, retry, skip or nothing", "launch status")
}

fn step(words: &[String]) -> Result<Step, Refusal> {
    let name = words.join(" ");
    Step::of(&name).ok_or_else(|| {
        let found = (!name.is_empty()).then(|| clean_name(&name));
        let needed = "work item, channel, link, on call, assignment, message or story";
        expected(found.as_deref(), needed, "launch retry <step>")
    })
}

impl Context<'_> {
    /// The first events of a launch. Steps without settings are skipped when they are tried.
    pub(crate) fn launched(number: Number) -> Vec<Event> {
        let started = Event::Launch(LaunchEvent::Started { number });
        [started].into_iter().chain(Step::ONCE.map(|step| queued(number, step, None))).collect()
    }

    /// True if any step of a launch is configured.
    pub(crate) fn can_launch(&self) -> bool {
        let launch = &self.config.launch;
        launch.boards.is_some() || launch.teams.is_some() || self.config.notifies
    }

    /// The unfinished message of a step.
    pub(crate) fn delivery_of(&self, number: Number, step: Step) -> Option<&Delivery> {
        delivery_of(self.state, number, step)
    }

    /// True if a step waits for its next try, and no process has claimed it.
    fn waits(&self, number: Number, step: Step) -> bool {
        self.delivery_of(number, step).is_some_and(|delivery| delivery.is_waiting(self.time()))
    }
}

impl LaunchChange {
    pub(crate) fn decide(
        self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        let Some(progress) = context.state.launches.get(&number) else {
            return match self {
                Self::Start if context.can_launch() => Ok(Context::launched(number)),
                Self::Start => Err(nothing_to_launch()),
                Self::Retry(_) | Self::Skip(_) => Err(not_launched(number)),
            };
        };
        match self {
            Self::Start => {
                let failed = Step::ALL.into_iter().filter(|step| {
                    let standing = progress.steps.get(step);
                    matches!(standing, Some(StepState::Failed { .. }))
                        || context.waits(number, *step)
                });
                let events = again(context, number, progress, &failed.collect::<Vec<_>>());
                if events.is_empty() { Err(launched_already(number)) } else { Ok(events) }
            }
            Self::Retry(step) => retry(context, number, progress, step),
            Self::Skip(step) => skip(context, number, progress, step),
        }
    }
}

fn retry(
    context: &Context,
    number: Number,
    progress: &Progress,
    step: Step,
) -> Result<Vec<Event>, Refusal> {
    let events = || again(context, number, progress, &[step]);
    if context.waits(number, step) {
        return Ok(events());
    }
    match progress.steps.get(&step) {
        Some(StepState::Failed { .. } | StepState::Skipped { .. }) => Ok(events()),
        // Somebody may have deleted it: the step searches for it before creating a second one.
        Some(StepState::Done { .. }) if matches!(step, Step::WorkItem | Step::Channel) => {
            let since = Some(progress.begun);
            let doubted = LaunchEvent::Doubted { number, step, since };
            Ok(events().into_iter().chain([Event::Launch(doubted)]).collect())
        }
        _ => Err(stands(number, step, "hasn't failed and wasn't skipped")),
    }
}

fn skip(
    context: &Context,
    number: Number,
    progress: &Progress,
    step: Step,
) -> Result<Vec<Event>, Refusal> {
    let waiting = context.delivery_of(number, step);
    let has_failed = matches!(progress.steps.get(&step), Some(StepState::Failed { .. }));
    if !waiting.map_or(has_failed, |delivery| delivery.claim.is_none()) {
        return Err(stands(number, step, "is finished or running right now"));
    }
    let why = format!("{} said so", context.cause.by.name);
    let undone = waiting.map(|delivery| {
        Event::Delivery(DeliveryEvent::Skipped { id: delivery.id, why: why.clone() })
    });
    let skipped = Event::Launch(LaunchEvent::Skipped { number, step, why, asked: true });
    Ok(undone.into_iter().chain([skipped]).collect())
}

/// Retries these steps at once, and also those that were skipped because of them.
fn again(context: &Context, number: Number, progress: &Progress, steps: &[Step]) -> Vec<Event> {
    let is_done = |step: &Step| matches!(progress.steps.get(step), Some(StepState::Done { .. }));
    let lacked = |step: &Step| {
        let used = || step.uses().iter().filter(|used| steps.contains(used));
        let follows = match progress.steps.get(step) {
            _ if *step == Step::WorkItemSync && context.waits(number, *step) => true,
            Some(StepState::Skipped { asked, .. }) => !asked,
            Some(StepState::Failed { .. }) => true,
            // A step that used the old result is repeated with the new one.
            Some(StepState::Done { .. }) => *step != Step::WorkItemSync && used().any(is_done),
            Some(StepState::Waiting { .. }) | None => false,
        };
        follows && *step != Step::Message && used().next().is_some()
    };
    let tried = Step::ALL.into_iter().filter(|step| steps.contains(step) || lacked(step));
    tried
        .flat_map(|step| {
            let waiting = context.delivery_of(number, step).map(superseded);
            let retried = Event::Launch(LaunchEvent::Retried { number, step });
            waiting.into_iter().chain([retried, queued(number, step, None)])
        })
        .collect()
}

fn delivery_of(state: &State, number: Number, step: Step) -> Option<&Delivery> {
    let is_it = |delivery: &&Delivery| delivery.what == Payload::Step { number, step };
    state.deliveries.waiting().find(is_it)
}

pub(crate) fn queued(number: Number, step: Step, due: Option<Timestamp>) -> Event {
    let what = Payload::Step { number, step };
    Event::Delivery(DeliveryEvent::Queued { about: Some(number), due, what })
}

pub(crate) fn superseded(waiting: &Delivery) -> Event {
    let why = "it is tried at once instead".to_owned();
    Event::Delivery(DeliveryEvent::Skipped { id: waiting.id, why })
}

fn nothing_to_launch() -> Refusal {
    Refusal::new(
        "No launch is set up, so nothing was changed. Set `[launch]` in `status.toml` for work \
         items and channels, and STATUS_NOTIFY_URL for messages.",
    )
}

fn not_launched(number: Number) -> Refusal {
    Refusal::new(format!("#{number} hasn't been launched. Nothing was changed. To launch it:"))
        .line(format!("launch #{number}"))
}

fn launched_already(number: Number) -> Refusal {
    Refusal::new(format!(
        "#{number} is already launched, and no step needs you. Nothing was changed. Its progress:"
    ))
    .line(format!("launch status #{number}"))
}

fn stands(number: Number, step: Step, how: &str) -> Refusal {
    Refusal::new(format!(
        "The step “{}” of #{number} {how}, so nothing was changed. Its progress:",
        step.name()
    ))
    .line(format!("launch status #{number}"))
}

pub(crate) fn answer(number: Number, state: &State, now: Timestamp, config: &Config) -> String {
    let Some(progress) = state.launches.get(&number) else {
        return format!(
            "#{number} hasn't been launched. To launch it:\n\n{}",
            copyable(&format!("launch #{number}"))
        );
    };
    let time = |at| short_time(at, now, &config.time_zone);
    let begun = time(progress.begun);
    let mut lines = vec![format!("**#{number}** launched {begun}")];
    let waiting = |step: Step| delivery_of(state, number, step);
    let has_failed = |step: Step| waiting(step).is_some_and(|waiting| waiting.failure.is_some());
    lines.extend(Step::ALL.into_iter().filter_map(|step| {
        let how = progress_of(progress.steps.get(&step), waiting(step), time)?;
        Some(format!("{}: {how}", step.name()))
    }));
    let failed = Step::ALL.into_iter().find(|step| {
        matches!(progress.steps.get(step), Some(StepState::Failed { .. }))
            || *step == Step::WorkItemSync && has_failed(*step)
    });
    lines.extend(failed.map(|step| {
        format!(
            "Once it is repaired: {} or {}",
            copyable(&format!("launch #{number} retry {}", step.name())),
            copyable(&format!("launch #{number} skip {}", step.name()))
        )
    }));
    lines.join("\n\n")
}

/// A step's progress; `None` if it never began. A finished step may wait again, because the work
/// item follows the incident.
fn progress_of(
    standing: Option<&StepState>,
    waiting: Option<&Delivery>,
    time: impl Fn(Timestamp) -> String,
) -> Option<String> {
    let next = waiting.and_then(Delivery::next_try).map(time);
    let failure = waiting.and_then(|waiting| waiting.failure.as_ref());
    if let (Some(failure), Some(next)) = (failure, &next) {
        return Some(format!("waiting until {next}, because {}", escape(&excerpt(&failure.why))));
    }
    Some(match standing? {
        StepState::Done { result, remarks } => {
            let remarks = remarks.iter().map(|remark| format!("({})", escape(&excerpt(remark))));
            let done = [format!("done{}", link(result))].into_iter().chain(remarks);
            let again = next.map(|next| format!("Next check: {next}."));
            done.chain(again).collect::<Vec<_>>().join(" ")
        }
        StepState::Skipped { why, .. } => format!("skipped, {}", escape(&excerpt(why))),
        StepState::Failed { why, .. } => format!("**failed**, {}", escape(&excerpt(why))),
        StepState::Waiting { .. } => "waiting".to_owned(),
    })
}

fn link(result: &StepResult) -> String {
    match result {
        StepResult::WorkItem(item) => linked(&format!("#{}", item.id), &item.url),
        StepResult::Channel(channel) => linked(&escape(&channel.name), &channel.url),
        StepResult::OnCall(people) => {
            let names = people.iter().map(|one| escape(&one.person.name)).collect::<Vec<_>>();
            if names.is_empty() { String::new() } else { format!(", {}", names.join(", ")) }
        }
        StepResult::Assigned(Some(person)) => format!(", to {}", escape(&person.name)),
        StepResult::Linked | StepResult::Assigned(None) | StepResult::Sent | StepResult::Told => {
            String::new()
        }
    }
}

/// Hosts of Azure Boards and Teams in every cloud.
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

/// Links only to the services' own hosts. The address comes from their answers, so it could be
/// anything.
pub(crate) fn linked(words: &str, address: &str) -> String {
    let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    let is_known = host.is_some_and(|host| {
        let organization = host.strip_suffix(OLD_BOARDS);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        HOSTS.contains(&host) || organization.is_some_and(|name| name.chars().all(is_name))
    });
    if !is_known || !is_safe_link(address) || address.contains(['<', '>', '\\', '"']) {
        return format!(" {words}");
    }
    format!(" {}", link_to(words, address))
}
