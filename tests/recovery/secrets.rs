//! Internal texts stay internal: a word in every internal field gets into no file of the site, no
//! file name and no log line of the program.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use status_update::core::alerts::firing::{AlertSource, Condition as Fires, Key as AlertKey};
use status_update::core::incident::severity::Severity;
use status_update::core::log::draft::Draft;
use status_update::core::log::evict::{Limits, complete};
use status_update::core::log::record::{
    Cause, Event, MessageId, RECORD_FORMAT, Record, Source as Way,
};
use status_update::core::log::seal;
use status_update::core::log::state::State;
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::{Notice, NoticeKind, Payload};
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::internal_text::InternalText;
use status_update::core::response::milestone::{Milestone, ReadingSource};
use status_update::core::response::model::{Reminder, Response, Topic, Visibility};
use status_update::core::response::person::Person;
use status_update::core::response::role::Role;
use status_update::core::text::Text;
use status_update::service::record_key;
use status_update::store::memory::Memory;
use status_update::store::{Condition, Container, Store as _, Write};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Level};

use super::{document_key, folded, say, service};
use crate::properties::inputs::settings;
use crate::simulation::world::{now, runtime};
use crate::support::lines::Lines;

/// In everything internal, and nothing public.
const SECRET: &str = "backstage";

/// Tight, so that closed incidents are evicted soon.
const TIGHT: Limits = Limits { closed: 2, internal: 1, ..Limits::DEFAULT };

fn secret() -> InternalText {
    InternalText::new(Text::plain("Backstage: the vault is open"))
}

fn person() -> Person {
    Person { id: "backstage-id".to_owned(), name: "Backstage Betty".to_owned(), teams_id: None }
}

/// All kinds of internal events that are about one incident. Does not compile while one is missing.
fn kind(event: &ResponseEvent) -> &'static str {
    match event {
        ResponseEvent::Declared { .. } => "declared",
        ResponseEvent::Published { .. } => "published",
        ResponseEvent::Updated { .. } => "updated",
        ResponseEvent::Reopened { .. } => "reopened",
        ResponseEvent::Reached { .. } => "reached",
        ResponseEvent::Replied { .. } => "replied",
        ResponseEvent::Graded { .. } => "graded",
        ResponseEvent::Assigned { .. } => "assigned",
        ResponseEvent::Released { .. } => "released",
        ResponseEvent::Noted { .. } => "noted",
        ResponseEvent::TaskAdded { .. } => "task added",
        ResponseEvent::TaskDone { .. } => "task done",
        ResponseEvent::Tested { .. } => "tested",
        ResponseEvent::Told { .. } => "told",
        ResponseEvent::Alerted { .. } => "alerted",
        ResponseEvent::FlappingEnded { .. } => "flapping ended",
        ResponseEvent::ActionAdded { .. } => "action added",
        ResponseEvent::ActionDone { .. } => "action done",
        ResponseEvent::TextRemoved { .. } => "text removed",
        ResponseEvent::CallLinked { .. } => "call linked",
        ResponseEvent::Reviewed { .. } => "reviewed",
        ResponseEvent::Retitled { .. } => "retitled",
        ResponseEvent::Withdrawn { .. } => "withdrawn",
        ResponseEvent::Recalled { .. } => "recalled",
        ResponseEvent::Evicted { .. } => "evicted",
        // They have numbers and dates alone.
        ResponseEvent::SummariesEvicted { .. } => "summaries evicted",
        ResponseEvent::OverdueNamed { .. } => "overdue named",
        ResponseEvent::AlertsResolved { .. } => "alerts resolved",
        ResponseEvent::MaintenanceAlertsMoved { .. } => "maintenance alerts moved",
        ResponseEvent::AlertsMoved { .. } => "alerts moved",
        ResponseEvent::AlertsKeyed { .. } => "alerts keyed",
        ResponseEvent::NoteRemoved { .. } => "note removed",
        ResponseEvent::ToldRemoved { .. } => "told removed",
        ResponseEvent::NoteMoved { .. } => "note moved",
        ResponseEvent::TaskRemoved { .. } => "task removed",
        ResponseEvent::TaskReopened { .. } => "task reopened",
        ResponseEvent::ActionRemoved { .. } => "action removed",
        ResponseEvent::ActionReopened { .. } => "action reopened",
        ResponseEvent::Duplicated { .. } => "duplicated",
        ResponseEvent::Undone { .. } => "undone",
    }
}

/// One of each kind that is written manually here, with the secret in every possible field.
fn by_hand(response: &Response) -> Vec<Event> {
    let (number, person, text) = (response.number, person(), secret());
    let secret = || SECRET.to_owned();
    let next = |todos: usize| u32::try_from(todos).unwrap() + 1;
    let (task, action) = (next(response.tasks.len()), next(response.actions.len()));
    let mut events = vec![
        ResponseEvent::Reached {
            number,
            milestone: Milestone::Detected,
            at: now(),
            source: ReadingSource::Typed,
            via: Some(secret()),
            was: None,
        },
        ResponseEvent::Replied { number, topic: Topic::Aware, text: text.clone() },
        ResponseEvent::Graded { number, severity: Severity::of(1).unwrap() },
        ResponseEvent::Assigned {
            number,
            role: Role::Expert,
            topic: Some(secret()),
            person: person.clone(),
            from: None,
        },
        ResponseEvent::Released { number, role: Role::Expert, person: person.clone() },
        ResponseEvent::Noted {
            number,
            note: response.notes.next(),
            at: Some(now()),
            text: text.clone(),
        },
        ResponseEvent::TaskAdded {
            number,
            task,
            text: text.clone(),
            assignee: Some(person.clone()),
        },
        ResponseEvent::Tested { number, passed: false, text: text.clone() },
        ResponseEvent::Told {
            number,
            told: response.told_elsewhere.next(),
            at: None,
            audience: secret(),
            via: secret(),
            text: text.clone(),
        },
        ResponseEvent::Alerted {
            number,
            key: AlertKey::of(AlertSource::Plain, &[SECRET]),
            source: AlertSource::Plain,
            condition: Fires::Fired,
            at: Some(now()),
            deliveries: 1,
            roster: Some(secret()),
            link: None,
            description: Some(secret()),
            text: text.clone(),
            title: Some(text.clone()),
            change: None,
        },
        ResponseEvent::ActionAdded {
            number,
            action,
            text: text.clone(),
            assignee: Some(person),
            due: Some(date(2026, 12, 24)),
        },
        ResponseEvent::CallLinked { number, call: Some(format!("https://{SECRET}.example")) },
        ResponseEvent::Reviewed { number },
    ];
    let todo = |todos: &[_]| next(todos.len()) - 1;
    if !response.tasks.is_empty() {
        let task = todo(&response.tasks);
        events.push(ResponseEvent::TaskDone { number, task, text: text.clone() });
    }
    if !response.actions.is_empty() {
        let action = todo(&response.actions);
        events.push(ResponseEvent::ActionDone { number, action, text });
    }
    let reminded = reminded(number);
    events.into_iter().map(Event::Response).chain([reminded]).collect()
}

/// An event of a different family that changes a response as well.
pub fn reminded(number: u32) -> Event {
    let what = Payload::Notice(Notice {
        kind: NoticeKind::Reminder { reminder: Reminder::Nudge, since: now(), also: Vec::new() },
        to: vec![person()],
        heading: SECRET.to_owned(),
        text: SECRET.to_owned(),
        facts: vec![(SECRET.to_owned(), SECRET.to_owned())],
        link: None,
    });
    Event::Delivery(DeliveryEvent::Queued { about: Some(number), due: None, what })
}

/// Records an event like a different process with tighter limits.
pub async fn record(memory: &Memory, state: &State, event: Event) {
    let revision = state.revision + 1;
    let id = format!("by hand {revision}");
    let message = MessageId { conversation: "19:hand".to_owned(), id };
    let at = now().max(state.at);
    let record = Record {
        format: RECORD_FORMAT,
        revision,
        at,
        cause: Cause { source: Way::Message, by: person(), message, thread: None, at },
        previous: state.head.clone(),
        events: vec![event],
    };
    let completed = complete(Draft::begin(state, record).unwrap(), &TIGHT).unwrap();
    let bytes = serde_json::to_vec(&completed.record).unwrap().into();
    let write = Write { bytes, stamp: None, condition: Condition::Absent };
    memory.put(&record_key(revision), write).await.unwrap();
}

#[derive(Clone, Debug)]
enum Step {
    /// A command in public words.
    Public(String),
    /// One in internal words.
    Internal(String),
    /// The same, where the incident is not on the page: there the words would be public.
    Hidden(&'static str, u32),
    /// An event of [`by_hand`].
    ByHand(u32, usize),
    Timer,
}

fn step() -> impl Strategy<Value = Step> {
    let public = prop::sample::select(
        &[
            "open another major The shop is down",
            "update # identified It was a certificate",
            "close # All is well",
            "reopen # It is back",
            "correct # Better words",
            "postmortem # What was learned",
            "publish # minor The shop is slow",
            "maintenance now for 1h: New switches",
        ][..],
    );
    let internal = prop::sample::select(
        &[
            "open another internal sev2 via=Backstage Backstage: the queue is stuck",
            "open another drill Backstage: we pull the plug",
            "open another sev1 via=Backstage The shop is gone",
            "ack # Backstage: on it",
            "mitigated # Backstage: it was switched off",
            "know # Backstage: Betty",
            "doing # Backstage: the vault is opened",
            "affects # Backstage: the band",
            "when # detected 09:50 via Backstage",
            "status #",
            "questions #",
        ][..],
    );
    let hidden = prop::sample::select(&["update", "close", "reopen"][..]);
    let numbered = |text: &str, n: u32| text.replace('#', &format!("#{n}"));
    prop_oneof![
        4 => (public, 1..7_u32).prop_map(move |(text, n)| Step::Public(numbered(text, n))),
        4 => (internal, 1..7_u32).prop_map(move |(text, n)| Step::Internal(numbered(text, n))),
        3 => (hidden, 1..7_u32).prop_map(|(verb, n)| Step::Hidden(verb, n)),
        4 => (1..7_u32, 0..64_usize).prop_map(|(n, place)| Step::ByHand(n, place)),
        1 => Just(Step::Timer),
    ]
}

/// Runs the steps with all their consequences, and returns the stored blobs and the log lines.
fn take(steps: &[Step]) -> (Memory, String) {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(lines.clone()).with_max_level(Level::TRACE).finish();
    // With a single dispatcher, a line that another thread reached first would count as disabled.
    let _second = Dispatch::new(NoSubscriber::new());
    let _here = tracing::subscriber::set_default(subscriber);
    let memory = Memory::default();
    runtime().block_on(async {
        let process = service(&memory);
        for (id, step) in steps.iter().enumerate() {
            let id = id as u64;
            match step {
                Step::Public(text) | Step::Internal(text) => drop(say(&process, id, text).await),
                Step::Hidden(verb, number) => {
                    let state = folded(&memory);
                    if state.response(*number).is_some_and(|response| !response.is_public()) {
                        let text = format!("{verb} #{number} Backstage: it was the disk");
                        say(&process, id, &text).await;
                    }
                }
                Step::ByHand(number, place) => {
                    let state = folded(&memory);
                    if let Some(response) = state.response(*number) {
                        let mut events = by_hand(response);
                        let event = events.swap_remove(place % events.len());
                        record(&memory, &state, event).await;
                    }
                }
                Step::Timer => drop(process.reconcile(now()).await.unwrap()),
            }
        }
        process.reconcile(now()).await.unwrap();
        let found = service(&memory).verify(|_| {}).await.unwrap();
        assert_eq!(found.differences, Vec::<String>::new());
        service(&memory).rebuild(false, |_| {}).await.unwrap();
    });
    (memory, lines.text())
}

fn check_nothing_leaks(memory: &Memory, lines: &str) {
    assert!(lines.contains("published"), "nothing was logged: {lines}");
    assert!(!lines.to_lowercase().contains(SECRET), "{lines}");
    for (key, blob) in memory.entries() {
        assert!(!key.name.contains(SECRET), "{key}");
        if key.container == Container::Web {
            let text = String::from_utf8_lossy(&blob.bytes).to_lowercase();
            assert!(!text.contains(SECRET), "{key} has an internal word");
        }
    }
}

proptest! {
    #![proptest_config(settings(24))]

    #[test]
    fn no_internal_word_gets_out(steps in prop::collection::vec(step(), 8..40)) {
        let (memory, lines) = take(&steps);
        check_nothing_leaks(&memory, &lines);
    }
}

/// The random histories above are useful: they contain every kind of event with its secrets, on an
/// internal incident, a drill and a public one, open, closed, evicted and recalled.
#[test]
fn no_internal_event_of_any_kind_gets_out() {
    let public = |text: &str| Step::Public(text.to_owned());
    let internal = |text: &str| Step::Internal(text.to_owned());
    let mut steps = vec![
        internal("open internal sev2 via=Backstage Backstage: the queue is stuck"),
        internal("open drill Backstage: we pull the plug"),
        internal("open sev1 via=Backstage The shop is gone"),
        internal("open another internal Backstage: it grows"),
    ];
    let all = |steps: &mut Vec<Step>| {
        for number in 1..=4 {
            steps.extend((0..15).map(|place| Step::ByHand(number, place)));
        }
    };
    all(&mut steps);
    steps.extend([Step::Hidden("update", 1), public("publish #4 minor The shop is slow")]);
    steps.extend([1, 2].map(|number| Step::Hidden("close", number)));
    steps.extend([public("close #3 All is well"), public("close #4 All is well"), Step::Timer]);
    all(&mut steps);
    steps.extend([
        Step::Timer,
        internal("reopen #1 Backstage: again"),
        // Of a drill no digest is kept: its document is rebuilt from the log first.
        internal("ack #2 Backstage"),
    ]);
    let (memory, lines) = take(&steps);
    check_nothing_leaks(&memory, &lines);
    let entries = memory.entries();
    let records = entries.iter().filter(|(key, _)| key.container == Container::Log);
    let records: Vec<Record> = records.map(|(_, blob)| seal::read(&blob.bytes).unwrap()).collect();
    let seen: BTreeSet<&str> = records.iter().flat_map(Record::response).map(kind).collect();
    assert_eq!(seen.len(), 21, "some kinds are missing: {seen:?}");
    for number in 1..=4 {
        let document = String::from_utf8(entries[&document_key(number)].bytes.to_vec()).unwrap();
        assert!(document.to_lowercase().contains(SECRET), "#{number}: {document}");
    }
    let visibilities = [Visibility::Internal, Visibility::Drill, Visibility::Public];
    let state = folded(&memory);
    let kept: Vec<Visibility> = state.responses.values().map(|r| r.visibility).collect();
    assert!(visibilities.iter().all(|visibility| kept.contains(visibility)), "{kept:?}");
}
