//! Commands: their meaning and their effects.
//!
//! A feature is one file: the specification of its verbs ([`usage::Usage`]), their reading, the
//! decision, its refusals, and the answer to a question. It is registered in two places: its verbs
//! in [`SPECS`] here, its change in [`Change`] or its question in [`Subject`] in `command.rs`.

pub mod actions;
pub mod alerts;
pub mod backfill;
mod beginning;
mod candidates;
pub mod channel;
mod closing;
pub mod command;
pub mod components;
pub mod context;
pub mod correction;
pub mod dates;
pub mod deliveries;
pub mod due;
pub mod fit;
pub mod guide;
pub mod help;
mod impact;
mod items;
pub mod launch;
pub mod line;
pub mod lines;
pub mod maintenance;
pub mod meant;
mod milestone_order;
mod misplaced;
pub mod misread;
pub mod moments;
pub mod next_step;
pub mod notes;
pub mod numbers;
pub mod on_call;
pub mod opening;
pub mod options;
pub mod parse;
pub mod past;
pub mod people;
pub mod placeholder;
mod politeness;
mod private_command;
mod private_vocabulary;
pub mod private_words;
pub mod publish;
mod published;
mod questioned;
pub mod questions;
pub mod reader;
mod real_words;
pub mod redact;
pub mod refusal;
pub mod remarks;
pub mod removal;
pub mod review;
pub mod roles;
pub mod schedule;
mod settled;
mod slips;
pub mod standing;
pub mod statistics;
pub mod target;
pub mod tasks;
pub mod texts;
pub mod timeline;
mod times;
mod title;
pub mod tracking;
mod twice;
pub mod typed_options;
pub mod undo;
pub mod unknown;
pub mod update;
pub mod usage;
pub mod view;
pub mod window;
pub mod withdraw;
pub mod words;

pub(crate) use command::events;
pub use command::{Change, Command, Question, Subject};

use help::HelpTopic;
use impact::Impacted;
use line::Line;
use maintenance::Maintenance;
use reader::without_closing;
use refusal::Refusal;
use removal::Removal;
use review::Reviewing;
use target::Target;
use tracking::Tracking;
use usage::{Screen, Usage};
use view::View;

use super::response::model::Topic;
use super::text::clean_name;
use super::text::markdown::{escape, excerpt};

/// A verb: its specification and its reader.
pub struct Spec {
    pub usage: &'static Usage,
    read: fn(Line<'_>) -> Result<Command, Refusal>,
}

const fn verb(usage: &'static Usage, read: fn(Line<'_>) -> Result<Command, Refusal>) -> Spec {
    Spec { usage, read }
}

/// Every verb, in the order of `help all`.
pub static SPECS: &[Spec] = &[
    verb(&opening::OPEN, |line| Ok(Command::Change(Change::Open(opening::read(line)?)))),
    verb(&update::UPDATE, |line| change(update::update(line), Change::Status)),
    verb(&impact::IMPACT, |line| {
        Ok(Command::Change(match impact::read(line)? {
            Impacted::Public(target, change) => Change::Status(target, change),
            Impacted::Who(target, tracking) => Change::Track(target, tracking),
        }))
    }),
    verb(&update::CLOSE, |line| change(update::close(line), Change::Status)),
    verb(&update::REOPEN, |line| change(update::reopen(line), Change::Status)),
    verb(&correction::CORRECT, |mut line| match correction::read(&mut line)? {
        Some((target, fact)) => Ok(Command::Change(Change::Correct(target, fact))),
        None => change(update::correct(line), Change::Status),
    }),
    verb(&correction::TITLE, |line| change(correction::title(line), Change::Correct)),
    verb(&undo::UNDO, |line| Ok(Command::Change(Change::Undo(undo::read(line)?)))),
    verb(&withdraw::WITHDRAW, |line| change(withdraw::withdraw(line), Change::Retract)),
    verb(&withdraw::UNPUBLISH, |line| change(withdraw::unpublish(line), Change::Retract)),
    verb(&withdraw::DUPLICATE, |line| change(withdraw::duplicate(line), Change::Retract)),
    verb(&backfill::BACKFILL, |line| Ok(Command::Change(Change::Backfill(backfill::read(line)?)))),
    verb(&update::POST_MORTEM, |line| change(update::post_mortem(line), Change::Status)),
    verb(&maintenance::MAINTENANCE, |line| {
        Ok(Command::Change(match maintenance::read(line)? {
            Maintenance::Announced(announcement) => Change::Announce(announcement),
            Maintenance::Changed(target, change) => Change::Maintenance(target, change),
        }))
    }),
    verb(&publish::PUBLISH, |line| change(publish::read(line), Change::Publish)),
    verb(&tracking::ACKNOWLEDGE, |line| change(tracking::acknowledge(line), Change::Track)),
    verb(&tracking::MITIGATED, |line| change(tracking::mitigated(line), Change::Track)),
    verb(&tracking::SEVERITY, |line| change(tracking::severity(line), Change::Track)),
    verb(&tracking::AWARE, |line| change(tracking::reply(line, Topic::Aware), Change::Track)),
    verb(&tracking::DOING, |line| change(tracking::reply(line, Topic::Doing), Change::Track)),
    verb(&tracking::AFFECTED, |line| change(tracking::reply(line, Topic::Affected), Change::Track)),
    verb(&tracking::WHEN, |line| change(tracking::when(line), Change::Track)),
    verb(&roles::ROLE, |line| change(roles::role(line), Change::Role)),
    verb(&roles::RELEASE, |line| change(roles::release(line), Change::Role)),
    verb(&roles::ROLES, |line| Ok(about_one(line, Subject::Roles))),
    verb(&launch::LAUNCH, |line| change(launch::launch(line), Change::Launch)),
    verb(&launch::LAUNCH_STATUS, |line| Ok(about(launch::launch_status(line)?, Subject::Launch))),
    verb(&launch::LAUNCH_RETRY, |line| change(launch::launch_retry(line), Change::Launch)),
    verb(&launch::LAUNCH_SKIP, |line| change(launch::launch_skip(line), Change::Launch)),
    verb(&channel::CHANNEL, |line| {
        let (target, call) = channel::read(line)?;
        Ok(match call {
            Some(call) => Command::Change(Change::Channel(target, call)),
            None => about(target, Subject::Channel),
        })
    }),
    verb(&questions::QUESTIONS, |line| Ok(about_one(line, Subject::Questions))),
    verb(&actions::ACTION, |line| change(actions::action(line), Change::Action)),
    verb(&actions::ACTION_DONE, |line| change(actions::action_done(line), Change::Action)),
    verb(&removal::ACTION_REMOVE, |line| removed_action(line, Removal::Action)),
    verb(&removal::ACTION_REOPEN, |line| removed_action(line, Removal::ActionDone)),
    verb(&actions::ACTIONS, |line| Ok(about_named(line, Subject::Actions))),
    verb(&review::REVIEW, |line| {
        Ok(Command::Change(match review::read(line)? {
            Reviewing::Write(target) => Change::Review(target),
            Reviewing::Summary(target, text) => {
                Change::Track(target, Tracking::Reply(Topic::Summary, text))
            }
        }))
    }),
    verb(&statistics::STATISTICS, |line| {
        let (target, choice) = statistics::read(line)?;
        Ok(match choice {
            Some(choice) => ask(target.usage, Subject::Statistics(choice)),
            None => about(target, Subject::StatisticsOf),
        })
    }),
    verb(&on_call::question::ON_CALL, |line| {
        Ok(ask(line.usage, Subject::OnCall(on_call::question::read(&line))))
    }),
    verb(&on_call::cover::COVER, |line| {
        Ok(Command::Change(Change::Cover(on_call::cover::cover(line)?)))
    }),
    verb(&on_call::swap::SWAP, |line| {
        Ok(Command::Change(Change::Swap(on_call::swap::swap(line)?)))
    }),
    verb(&on_call::cover::UNCOVER, |line| {
        Ok(Command::Change(Change::Uncover(on_call::cover::uncover(line)?)))
    }),
    verb(&removal::NOTE_REMOVE, |mut line| match removal::read(&mut line, Removal::Note) {
        Some((target, removal)) => Ok(Command::Change(Change::Remove(target, removal))),
        None => change(notes::note(Line { usage: &notes::NOTE, ..line }), Change::Note),
    }),
    verb(&removal::TOLD_REMOVE, |mut line| match removal::read(&mut line, Removal::Told) {
        Some((target, removal)) => Ok(Command::Change(Change::Remove(target, removal))),
        None => change(notes::told(Line { usage: &notes::TOLD, ..line }), Change::Note),
    }),
    verb(&removal::MOVE, |line| change(removal::moved(line), Change::Remove)),
    verb(&notes::NOTE, |line| change(notes::note(line), Change::Note)),
    verb(&tasks::TASK, |line| change(tasks::task(line), Change::Task)),
    verb(&tasks::TASK_DONE, |line| change(tasks::task_done(line), Change::Task)),
    verb(&removal::TASK_REMOVE, |line| removed_task(line, Removal::Task)),
    verb(&removal::TASK_REOPEN, |line| removed_task(line, Removal::TaskDone)),
    verb(&tasks::TASKS, |line| Ok(about_one(line, Subject::Tasks))),
    verb(&notes::TESTED, |line| change(notes::tested(line), Change::Note)),
    verb(&notes::TOLD, |line| change(notes::told(line), Change::Note)),
    verb(&timeline::TIMELINE, |line| {
        let (target, portion) = timeline::read(line)?;
        Ok(about(target, Subject::Timeline(portion)))
    }),
    verb(&guide::GUIDE, |line| Ok(ask(line.usage, Subject::Guide(guide::read(&line)?)))),
    verb(&questions::STATUS, |line| Ok(questions::read_status(line))),
    verb(&alerts::ALERTS, |line| Ok(ask(line.usage, Subject::Alerts))),
    verb(&redact::REDACT, |line| change(redact::read(line), Change::Redact)),
    verb(&redact::REDACTIONS, |line| Ok(ask(line.usage, Subject::Redactions))),
    verb(&deliveries::DELIVERIES, |line| Ok(ask(line.usage, Subject::Deliveries))),
    verb(&questions::LIST, |line| Ok(ask(line.usage, Subject::List))),
    verb(&help::HELP, |mut line| {
        let word = line.reader.next_word();
        let topic = word.map_or(Ok(HelpTopic::Next), help_topic)?;
        Ok(ask(line.usage, Subject::Help(topic)))
    }),
];

/// `task remove 3`, or a task whose text begins like that.
fn removed_task(mut line: Line, of: fn(u32) -> Removal) -> Result<Command, Refusal> {
    match removal::read(&mut line, of) {
        Some((target, removal)) => Ok(Command::Change(Change::Remove(target, removal))),
        None => change(tasks::task(Line { usage: &tasks::TASK, ..line }), Change::Task),
    }
}

/// The same for action items.
fn removed_action(mut line: Line, of: fn(u32) -> Removal) -> Result<Command, Refusal> {
    match removal::read(&mut line, of) {
        Some((target, removal)) => Ok(Command::Change(Change::Remove(target, removal))),
        None => change(actions::action(Line { usage: &actions::ACTION, ..line }), Change::Action),
    }
}

fn ask(usage: &'static Usage, subject: Subject) -> Command {
    Command::Ask(Question::new(usage, subject))
}

fn about(target: Target, subject: Subject) -> Command {
    Command::Ask(Question { usage: target.usage, about: Some(target), subject })
}

/// A question about one incident, named or not.
fn about_one(mut line: Line, subject: Subject) -> Command {
    about(line.target(), subject)
}

/// A question that may name an incident.
fn about_named(mut line: Line, subject: Subject) -> Command {
    let target = Some(line.target()).filter(|target| target.number.is_some());
    Command::Ask(Question { usage: line.usage, about: target, subject })
}

fn change<T>(
    read: Result<(Target, T), Refusal>,
    of: fn(Target, T) -> Change,
) -> Result<Command, Refusal> {
    let (target, change) = read?;
    Ok(Command::Change(of(target, change)))
}

/// The verb of one word with this name or synonym, and that word.
pub(crate) fn single(word: &str) -> Option<(&'static Spec, &'static str)> {
    SPECS.iter().find_map(|spec| {
        let known = spec.usage.words.iter().find(|known| known.eq_ignore_ascii_case(word))?;
        Some((spec, *known))
    })
}

fn help_topic(word: &str) -> Result<HelpTopic, Refusal> {
    let word = without_closing(word.trim_end_matches('?'));
    let lower = word.to_lowercase();
    if let Some(screen) = Screen::ALL.into_iter().find(|screen| screen.word() == lower) {
        return Ok(HelpTopic::Screen(screen));
    }
    match lower.as_str() {
        "all" => return Ok(HelpTopic::All),
        "" | "me" | "us" | "please" | "you" => return Ok(HelpTopic::Next),
        _ => {}
    }
    let translated = || words::translated(word).and_then(|verb| single(&verb));
    if let Some((spec, _)) = single(word).or_else(translated) {
        return Ok(HelpTopic::Verb(spec.usage));
    }
    let screens = Screen::ALL.map(Screen::word);
    let verbs = SPECS.iter().flat_map(|spec| spec.usage.words.iter().copied());
    let what = format!("There is no command “{}”.", escape(&excerpt(&clean_name(word))));
    Err(match words::nearest(&lower, screens.into_iter().chain(verbs)) {
        Some(meant) => Refusal::new(format!("{what} Did you mean")).line(format!("help {meant}")),
        None => Refusal::new(format!("{what} All of them:")).line("help all"),
    })
}

#[must_use]
pub fn answer(subject: &Subject, view: &View) -> String {
    let View { state, at, config, .. } = *view;
    let usages: Vec<&'static Usage> = SPECS.iter().map(|spec| spec.usage).collect();
    match (subject, view.about) {
        (Subject::Status, Some(response)) => questions::of_one(response, view),
        (Subject::StatusVerbose, Some(response)) => questions::of_one_verbose(response, view),
        (Subject::StatusVerbose, None) => questions::status_verbose(view),
        (Subject::Questions, Some(response)) => questions::questions(response, at, config),
        (Subject::List, _) => questions::list(view),
        (Subject::Channel, Some(response)) => channel::answer(response, state),
        (Subject::Roles, Some(response)) => roles::answer(response, at, config),
        (Subject::Tasks, Some(response)) => tasks::answer(response, at, config),
        (Subject::Launch, Some(response)) => launch::answer(response.number, state, at, config),
        (Subject::Actions, Some(response)) => actions::of_one(response, at, config),
        (Subject::Actions, None) => actions::all(state, at, config),
        (Subject::Statistics(choice), _) => statistics::chosen(*choice, state, at, config),
        (Subject::StatisticsOf, Some(response)) => statistics::of_one(response),
        (Subject::OnCall(asked), _) => on_call::question::answer(asked, view),
        (Subject::Alerts, _) => alerts::answer(state, at),
        (Subject::Redactions, _) => redact::answer(state, at, config),
        (Subject::Deliveries, _) => deliveries::answer(state, at, config),
        (Subject::Guide(place), _) => guide::answer(*place, config),
        (Subject::Help(topic), _) => help::answer(*topic, &usages, view),
        _ => questions::status(view),
    }
}
