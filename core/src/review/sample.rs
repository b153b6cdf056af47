//! Invented incidents to test a team's own template: one with all facts, one with almost none.

use jiff::Timestamp;
use jiff::civil::date;

use super::facts::ReviewSource;
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, MonthPart, Stage};
use crate::incident::severity::Severity;
use crate::incident::status::NO_NAMES;
use crate::log::fold::fold;
use crate::log::record::Source as CauseSource;
use crate::log::record::{Cause, Event, MessageId, NO_HASH, RECORD_FORMAT, Record};
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, ReadingSource as Known};
use crate::response::model::{Topic, Visibility};
use crate::response::person::Person;
use crate::response::role::Role;
use crate::text::Text;

pub(super) struct Sample {
    state: State,
    records: Vec<Record>,
}

impl Sample {
    fn of(events: Vec<Event>) -> Self {
        let mut sample = Self { state: State::default(), records: Vec::new() };
        for (revision, event) in (1_u64..).zip(events) {
            let at = Timestamp::constant(1_795_254_300 + 60 * revision.cast_signed(), 0);
            let record = Record {
                format: RECORD_FORMAT,
                revision,
                at,
                cause: Cause {
                    source: CauseSource::Message,
                    by: person(),
                    message: MessageId::default(),
                    thread: None,
                    at,
                },
                previous: NO_HASH.to_owned(),
                events: vec![event],
            };
            // A sample that does not fit shows less.
            let _ = fold(&mut sample.state, &record, &[]);
            sample.records.push(record);
        }
        sample
    }

    /// The sample as a source; `None` would be a defect of this program.
    pub(super) fn source<'a>(&'a self, config: &'a Config) -> Option<ReviewSource<'a>> {
        let (response, incident) = (self.state.response(1)?, self.state.status.incident(1));
        Some(ReviewSource {
            response,
            incident,
            records: &self.records,
            progress: None,
            config,
            names: &NO_NAMES,
        })
    }
}

/// Almost no facts; all facts of a public incident; all facts of a drill.
pub(super) fn samples() -> [Sample; 3] {
    let number = 1;
    let drill = declared(Visibility::Drill);
    let opened = Event::Status(StatusEvent::Opened {
        number,
        update: 1,
        month: MonthPart::first_of(date(2026, 11, 21)),
        impact: Impact::Major,
        components: vec!["checkout".to_owned()],
        next_update_by: None,
        began: None,
        text: Text::plain("Some words"),
    });
    let closed = Event::Status(StatusEvent::Updated {
        number,
        update: 2,
        title: "Some words".to_owned(),
        impact: Impact::Major,
        stage: Stage::Resolved,
        components: None,
        next_update_by: None,
        ended: None,
        text: Text::plain("Some words"),
    });
    let ended = Event::Response(ResponseEvent::Updated {
        number,
        title: "Some words".to_owned(),
        note: 4,
        stage: Stage::Resolved,
        ended: None,
        text: text(),
    });
    [
        Sample::of(vec![declared(Visibility::Internal)]),
        Sample::of([opened].into_iter().chain(everything()).chain([closed]).collect()),
        Sample::of([drill].into_iter().chain(everything()).chain([ended]).collect()),
    ]
}

fn declared(visibility: Visibility) -> Event {
    let components = vec!["checkout".to_owned()];
    Event::Response(ResponseEvent::Declared {
        number: 1,
        visibility,
        components,
        impact: None,
        text: text(),
    })
}

/// All kinds of events in a response.
fn everything() -> Vec<Event> {
    let number = 1;
    let at = Timestamp::constant(1_795_254_300, 0);
    let reached = |milestone| ResponseEvent::Reached {
        number,
        milestone,
        at,
        source: Known::Typed,
        via: Some("monitoring".to_owned()),
        was: None,
    };
    let replied = |topic| ResponseEvent::Replied { number, topic, text: text() };
    let noted = |note, words: &str| ResponseEvent::Noted {
        number,
        note,
        at: Some(at),
        text: InternalText::new(Text::plain(words)),
    };
    let assigned = |topic: Option<&str>, role| ResponseEvent::Assigned {
        number,
        role,
        topic: topic.map(str::to_owned),
        person: person(),
        from: None,
    };
    let action = |action, assignee, due| ResponseEvent::ActionAdded {
        number,
        action,
        text: text(),
        assignee,
        due,
    };
    let (audience, via) = ("Customers".to_owned(), "mail".to_owned());
    let events = vec![
        reached(Milestone::Started),
        reached(Milestone::Detected),
        reached(Milestone::Acknowledged),
        reached(Milestone::Mitigated),
        ResponseEvent::Graded { number, severity: Severity::High },
        replied(Topic::Aware),
        replied(Topic::Doing),
        replied(Topic::Affected),
        replied(Topic::Summary),
        assigned(Some("payments"), Role::Expert),
        ResponseEvent::Released { number, role: Role::Expert, person: person() },
        assigned(None, Role::Commander),
        noted(1, "factor: some words"),
        noted(2, "well: some words"),
        noted(3, "badly: some words"),
        noted(4, "trigger: some words"),
        noted(5, "cause: some words"),
        noted(6, "lucky: some words"),
        ResponseEvent::Tested { number, passed: true, text: text() },
        ResponseEvent::Told { number, told: 1, at: None, audience, via, text: text() },
        action(1, Some(person()), Some(date(2026, 12, 1))),
        action(2, None, None),
        ResponseEvent::ActionDone { number, action: 2, text: text() },
    ];
    events.into_iter().map(Event::Response).collect()
}

fn person() -> Person {
    Person { id: "1".to_owned(), name: "Somebody".to_owned(), ..Person::default() }
}

fn text() -> InternalText {
    InternalText::new(Text::plain("Some words"))
}
