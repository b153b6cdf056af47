//! Commands: what a typed line means, and what follows from it.
//!
//! A feature is one file: the specification of its verbs ([`usage::Usage`]), their reading, the
//! decision, its refusals, and the answer where that is its own. It is registered here, and nowhere
//! else: its verbs in [`SPECS`], its changes in [`Change`] or its question in [`Subject`].

pub mod command;
pub mod components;
pub mod context;
pub mod fit;
pub mod follow_up;
pub mod follow_up_answer;
pub mod follow_up_decision;
pub mod guide;
pub mod help;
pub mod incident;
pub mod internal;
pub mod launch;
pub mod launch_decision;
pub mod legacy;
pub mod line;
pub mod lines;
pub mod maintenance;
pub mod misread;
pub mod misread_text;
pub mod not_followed;
pub mod notes;
pub mod on_call;
pub mod on_call_command;
pub mod on_call_decision;
pub mod on_call_names;
pub mod opening;
pub mod options;
pub mod past;
pub mod past_decision;
pub mod people;
pub mod person;
pub mod questions;
pub mod reader;
pub mod refusal;
pub mod response;
pub mod response_command;
pub mod roles;
pub mod roster_refusal;
pub mod roster_refusal_text;
pub mod schedule;
pub mod status;
pub mod target;
pub mod tasks;
pub mod texts;
pub mod thread;
pub mod timeline;
pub mod tracking;
pub mod tracking_decision;
pub mod unchanged;
pub mod unchanged_text;
pub mod unfit;
pub mod unfit_text;
pub mod unplannable_text;
pub mod usage;
pub mod view;
pub mod window;
pub mod words;

use command::{Misread, StatusCommand};
use context::{Context, Stop};
use follow_up::Statistics;
use help::HelpTopic;
use launch::Launch;
use line::Line;
use misread::{text_too_long, unknown_verb};
use notes::Note;
use on_call_command::OnCallCommand;
use reader::{Reader, number, without_closing};
use refusal::Refusal;
use response_command::{Choice, ResponseChange, ResponseCommand};
use roles::RoleChange;
use target::{Target, timeline_full};
use tasks::TaskChange;
use timeline::Portion;
use usage::Usage;
use view::View;
use words::Verb;

use super::chat::said::Said;
use super::config::Config;
use super::incident::model::TEXT_CHARS_MAX;
use super::log::record::Event;
use super::response::model::{Response, TIMELINE_MAX};
use super::text::clean_name;

/// A line as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A question: it changes nothing.
    Ask(Question),
    /// Something that is recorded.
    Change(Change),
}

/// What is recorded: a variant for each feature, with the incident that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The public status.
    Status(StatusCommand),
    /// Who is on call.
    OnCall(OnCallCommand),
    /// `note`, `tested`, `told`.
    Note(Target, Note),
    /// `task`, `task done`.
    Task(Target, TaskChange),
    /// `role`, `release`.
    Role(Target, RoleChange),
    /// The features of the responders that are read into [`ResponseCommand`] still.
    Response(Target, ResponseChange),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The specification of its verb.
    pub usage: &'static Usage,
    /// The incident that it is about, if it is about one.
    pub about: Option<Target>,
    /// Its subject.
    pub subject: Subject,
}

/// What is asked: a variant for each question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Status,
    Launch,
    Questions,
    Actions,
    Statistics(Choice),
    StatisticsOf,
    /// Who is on call, at the roster or topic of that name if one is given.
    OnCall(Option<String>),
    Deliveries,
    Tasks,
    Timeline(Portion),
    /// The guide of the component at that place among all, or every guide.
    Guide(Option<usize>),
    Roles,
    List,
    Help(HelpTopic),
}

impl Question {
    /// A question that is about no incident.
    #[must_use]
    pub fn new(usage: &'static Usage, subject: Subject) -> Self {
        Self { usage, about: None, subject }
    }
}

/// A verb: how it is written, and how a line that begins with it is read.
pub struct Spec {
    /// How it is written.
    pub usage: &'static Usage,
    read: fn(Line<'_>) -> Result<Command, Refusal>,
}

const fn verb(usage: &'static Usage, read: fn(Line<'_>) -> Result<Command, Refusal>) -> Spec {
    Spec { usage, read }
}

/// Every verb, in the order in which `help all` shows them.
pub static SPECS: &[Spec] = &[
    verb(&opening::OPEN, |line| status(Verb::Open, line)),
    verb(&options::UPDATE, |line| status(Verb::Update(words::stage(line.word)), line)),
    verb(&options::IMPACT, |line| status(Verb::Impact, line)),
    verb(&options::CLOSE, |line| status(Verb::Close, line)),
    verb(&options::REOPEN, |line| status(Verb::Reopen, line)),
    verb(&options::CORRECT, |line| status(Verb::Correct, line)),
    verb(&options::POST_MORTEM, |line| status(Verb::PostMortem, line)),
    verb(&maintenance::MAINTENANCE, |line| status(Verb::Maintenance, line)),
    verb(&options::PUBLISH, |line| status(Verb::Publish, line)),
    verb(&tracking::WHEN, |line| track(Verb::When, line)),
    verb(&tracking::ACKNOWLEDGE, |line| track(Verb::Acknowledge, line)),
    verb(&tracking::MITIGATED, |line| track(Verb::Mitigated, line)),
    verb(&tracking::SEVERITY, |line| track(Verb::Severity, line)),
    verb(&tracking::AWARE, |line| track(Verb::Aware, line)),
    verb(&tracking::DOING, |line| track(Verb::Doing, line)),
    verb(&tracking::AFFECTED, |line| track(Verb::Affected, line)),
    verb(&roles::ROLE, |line| change(roles::role(line), Change::Role)),
    verb(&roles::RELEASE, |line| change(roles::release(line), Change::Role)),
    verb(&roles::ROLES, |line| Ok(about_one(line, Subject::Roles))),
    verb(&launch::LAUNCH, launch_or_ask),
    verb(&questions::QUESTIONS, |line| Ok(about_one(line, Subject::Questions))),
    verb(&follow_up::ACTION, |line| follow_up(Verb::Action, line)),
    verb(&follow_up::ACTIONS, |line| Ok(about_named(line, Subject::Actions))),
    verb(&follow_up::REVIEW, |line| follow_up(Verb::Review, line)),
    verb(&follow_up::STATISTICS, statistics),
    verb(&on_call::ON_CALL, |line| {
        Ok(ask(line.usage, Subject::OnCall(on_call::asked(&line.reader))))
    }),
    verb(&on_call::COVER, |line| on_call(Verb::Cover, line)),
    verb(&on_call::SWAP, |line| on_call(Verb::Swap, line)),
    verb(&on_call::UNCOVER, |line| on_call(Verb::Uncover, line)),
    verb(&notes::NOTE, |line| change(notes::note(line), Change::Note)),
    verb(&tasks::TASK, |line| change(tasks::task(line), Change::Task)),
    verb(&tasks::TASK_DONE, |line| change(tasks::task_done(line), Change::Task)),
    verb(&tasks::TASKS, |line| Ok(about_one(line, Subject::Tasks))),
    verb(&notes::TESTED, |line| change(notes::tested(line), Change::Note)),
    verb(&notes::TOLD, |line| change(notes::told(line), Change::Note)),
    verb(&timeline::TIMELINE, |line| {
        let (target, portion) = timeline::read(line)?;
        Ok(about(target, Subject::Timeline(portion)))
    }),
    verb(&guide::GUIDE, |line| Ok(ask(line.usage, Subject::Guide(guide::read(&line)?)))),
    verb(&questions::STATUS, |line| Ok(about_named(line, Subject::Status))),
    verb(&questions::DELIVERIES, |line| Ok(ask(line.usage, Subject::Deliveries))),
    verb(&questions::LIST, |line| Ok(ask(line.usage, Subject::List))),
    verb(&help::HELP, |mut line| {
        let word = line.reader.next_word();
        Ok(ask(line.usage, Subject::Help(word.map_or(HelpTopic::Basics, help_topic))))
    }),
];

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

/// A question that is about one incident where one is named.
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

/// What was read as a [`ResponseCommand`].
fn response(
    usage: &'static Usage,
    read: Result<ResponseCommand, Misread>,
) -> Result<Command, Refusal> {
    let ResponseCommand { verb, number, rest, change } = read?;
    let target = Target { usage, verb: verb.name(), number, rest };
    Ok(Command::Change(Change::Response(target, change)))
}

fn status(verb: Verb, mut line: Line) -> Result<Command, Refusal> {
    let (text, options) = options::read(verb, &mut line)?;
    if verb == Verb::Publish {
        return response(line.usage, Ok(options.publish(text)));
    }
    Ok(Command::Change(Change::Status(options.command(verb, text)?)))
}

fn track(verb: Verb, mut line: Line) -> Result<Command, Refusal> {
    response(line.usage, tracking::read(verb, &mut line.reader, &line.said.text))
}

fn follow_up(verb: Verb, mut line: Line) -> Result<Command, Refusal> {
    response(line.usage, follow_up::read(verb, &mut line.reader, line.said))
}

fn on_call(verb: Verb, mut line: Line) -> Result<Command, Refusal> {
    Ok(Command::Change(Change::OnCall(on_call::read(verb, &mut line.reader, line.said)?)))
}

fn launch_or_ask(mut line: Line) -> Result<Command, Refusal> {
    match launch::read(&mut line.reader)? {
        Launch::Change(command) => response(line.usage, Ok(command)),
        Launch::Ask(number) => {
            let (usage, verb) = (line.usage, line.usage.name());
            Ok(about(Target { usage, verb, number, rest: String::new() }, Subject::Launch))
        }
    }
}

fn statistics(mut line: Line) -> Result<Command, Refusal> {
    match follow_up::statistics(&mut line.reader, line.config)? {
        Statistics::Chosen(choice) => Ok(ask(line.usage, Subject::Statistics(choice))),
        Statistics::Of(number) => {
            let (usage, verb, number) = (line.usage, line.usage.name(), Some(number));
            Ok(about(Target { usage, verb, number, rest: String::new() }, Subject::StatisticsOf))
        }
    }
}

/// How much room options may take in front of a text.
const OPTIONS_CHARS_MAX: usize = 1_000;

/// Understands the text behind the mention of the bot.
///
/// # Errors
/// A refusal that says what would be understood.
pub fn parse(said: &Said, config: &Config) -> Result<Command, Refusal> {
    let plain = said.text.to_plain();
    let chars = plain.chars().count();
    let mut reader = Reader::new(&plain);
    let first = reader.next_verb(|word| single(word).is_some());
    let found = first.and_then(|first| spec(without_closing(first), &reader));
    let limits_itself = found.is_some_and(|(spec, _)| spec.usage.limits_itself);
    if chars > TEXT_CHARS_MAX + OPTIONS_CHARS_MAX && !limits_itself {
        return Err(text_too_long(chars));
    }
    let Some(first) = first else {
        return Ok(ask(&help::HELP, Subject::Help(HelpTopic::Basics)));
    };
    let Some((spec, word)) = found else {
        return Err(unknown(first, &plain, reader.rest()));
    };
    (spec.read)(Line { usage: spec.usage, word, reader, said, config })
}

/// The verb of one word that is written so, and the word.
fn single(word: &str) -> Option<(&'static Spec, &'static str)> {
    SPECS.iter().find_map(|spec| {
        let known = spec.usage.words.iter().find(|known| known.eq_ignore_ascii_case(word))?;
        Some((spec, *known))
    })
}

/// The verb that a line begins with, and its words as they are known: one of several words is meant
/// before one of fewer. The number of an incident may stand behind the first.
fn spec(first: &str, reader: &Reader) -> Option<(&'static Spec, &'static str)> {
    let behind = reader.rest().split_whitespace().map(without_closing);
    let mut behind = behind.peekable();
    behind.next_if(|word| number(word).is_some());
    let next = behind.next().unwrap_or_default();
    single(&format!("{first} {next}")).or_else(|| single(first))
}

fn help_topic(word: &str) -> HelpTopic {
    let word = without_closing(word);
    if word.eq_ignore_ascii_case("all") {
        return HelpTopic::All;
    }
    single(word).map_or(HelpTopic::Basics, |(spec, _)| HelpTopic::Verb(spec.usage))
}

fn unknown(first: &str, all: &str, rest: &str) -> Refusal {
    // A number alone is what an update begins with.
    if number(without_closing(first)).is_some() {
        return unknown_verb(&clean_name(first), Some("update"), all);
    }
    let known = SPECS.iter().flat_map(|spec| spec.usage.words.iter().copied());
    let nearest = words::nearest(without_closing(first), known);
    unknown_verb(&clean_name(first), nearest, rest)
}

/// The events that follow from a change.
pub(crate) fn events(context: &Context, change: &Change) -> Result<Vec<Event>, Stop> {
    match change {
        Change::Status(command) => context.status_events(command),
        Change::OnCall(command) => context.on_call_events(command),
        Change::Note(target, note) => {
            on_timeline(context, target, |response| Ok(note.decide(context, response)?))
        }
        Change::Task(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Role(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Response(target, change @ ResponseChange::FollowUp(_)) => {
            afterwards(context, target, |response| context.events_for(response, change))
        }
        Change::Response(target, change) => {
            on_timeline(context, target, |response| context.events_for(response, change))
        }
    }
}

/// What is decided about the incident that is meant, where its timeline has room.
fn on_timeline(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(&Response) -> Result<Vec<Event>, Stop>,
) -> Result<Vec<Event>, Stop> {
    afterwards(context, target, |response| {
        if response.entries.len() >= TIMELINE_MAX {
            return Err(timeline_full(response).into());
        }
        decide(response)
    })
}

/// What is decided about the incident that is meant. What comes after an incident has a limit of its
/// own: a long one needs it most.
fn afterwards(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(&Response) -> Result<Vec<Event>, Stop>,
) -> Result<Vec<Event>, Stop> {
    let response = context.response(target)?;
    decide(response).map_err(|stop| stop.about(response))
}

/// The answer to a question, or `None` where it is told in the room of answers still.
pub(crate) fn answer(subject: &Subject, view: &View) -> Option<String> {
    let View { state, at, config, bot, .. } = *view;
    let usages: Vec<&'static Usage> = SPECS.iter().map(|spec| spec.usage).collect();
    Some(match (subject, view.about) {
        (Subject::Roles, Some(response)) => roles::answer(response, config, bot),
        (Subject::Tasks, Some(response)) => tasks::answer(response, config, bot),
        (Subject::Actions, Some(response)) => follow_up_answer::of_one(response, at, config, bot),
        (Subject::Actions, None) => follow_up_answer::all(state, at, config, bot),
        (Subject::Guide(place), _) => guide::guide(*place, config, bot),
        (Subject::Help(topic), _) => help::help(*topic, &usages, config, bot),
        _ => return None,
    })
}
