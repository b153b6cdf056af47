//! The three services, an incident, and a caller that tries a step until it ends.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::incident::severity::Severity;
use status_update::core::launch::brief::{
    Brief, BriefRole, Channel, Comment, CommentKind, ExternalPerson, OnCall, Section, WorkItem,
    WorkItemPhase, key,
};
use status_update::core::launch::place::{Boards as Project, Launch, Teams};
use status_update::core::launch::step::{Attempt, Step, StepOutcome, StepResult};
use status_update::outbound::Outbound;
use status_update::service::launch::run_step;

use crate::support::outbound::InMemory;
use crate::support::services::Services;
pub use crate::support::services::{START, TEAM};

pub const ADA: &str = "7b2ebf90-d836-437f-b90d-7b62722c4456";

/// Services, the way there, and an incident.
pub struct World {
    pub services: Arc<Mutex<Services>>,
    pub outbound: InMemory,
    pub launch: Launch,
    pub brief: Brief,
    pub now: Timestamp,
    pub in_doubt_since: Option<Timestamp>,
    /// Number of tries.
    pub tries: usize,
    /// The way there where it is not that in memory.
    over: Option<Box<dyn Outbound>>,
}

/// The limit of tries in a test.
const TRIES_MAX: usize = 40;

impl World {
    pub fn new() -> Self {
        let services = Arc::new(Mutex::new(Services::new()));
        let behind = Arc::clone(&services);
        let outbound = InMemory::new(move |request| behind.lock().unwrap().answer(request));
        let now = START.parse().unwrap();
        let (launch, brief) = (launch(), brief());
        Self { services, outbound, launch, brief, now, in_doubt_since: None, tries: 0, over: None }
    }

    pub fn services(&self) -> MutexGuard<'_, Services> {
        self.services.lock().unwrap()
    }

    /// Leads over connections.
    pub fn over(&mut self, outbound: Box<dyn Outbound>) {
        self.over = Some(outbound);
    }

    /// As if an earlier try had got no answer, long enough ago.
    pub fn in_doubt(&mut self) {
        self.in_doubt_since = Some(self.now);
        self.now += SignedDuration::from_hours(1);
    }

    /// Tries a step once, now. After a kill the outcome is unknown.
    pub async fn try_once(&mut self, step: Step) -> StepOutcome {
        let is_first = self.tries == 0;
        let attempt = Attempt { now: self.now, in_doubt_since: self.in_doubt_since, is_first };
        self.tries += 1;
        {
            let mut services = self.services();
            services.boards.now = self.now;
            services.graph.now = self.now;
        }
        let outbound = self.over.as_deref().unwrap_or(&self.outbound);
        let tried = run_step(outbound, &self.launch, step, &self.brief, &attempt);
        // Longer than all time-outs of a step together.
        let patience = std::time::Duration::from_hours(1);
        let outcome =
            tokio::time::timeout(patience, tried).await.unwrap_or_else(|_| StepOutcome::Wait {
                why: "killed".to_owned(),
                retry_after: None,
                in_doubt_since: Some(self.now),
            });
        self.in_doubt_since = match &outcome {
            StepOutcome::Wait { in_doubt_since, .. }
            | StepOutcome::Failed { in_doubt_since, .. } => *in_doubt_since,
            StepOutcome::Done { .. } | StepOutcome::Skipped { .. } => None,
        };
        outcome
    }

    /// Tries a step until it is done or has nothing to do, with a person who types "retry".
    pub async fn finish(&mut self, step: Step) -> StepOutcome {
        for _ in 0..TRIES_MAX {
            let outcome = self.try_once(step).await;
            let pause = match &outcome {
                StepOutcome::Done { result, .. } => {
                    self.note(result);
                    return outcome;
                }
                StepOutcome::Skipped { .. } => return outcome,
                StepOutcome::Wait { retry_after, .. } => retry_after.unwrap_or_default(),
                StepOutcome::Failed { .. } => SignedDuration::ZERO,
            };
            self.now += pause.max(SignedDuration::from_secs(5));
        }
        panic!("{step:?} never ends: {:?}", self.try_once(step).await);
    }

    /// Passes a result on to the next steps.
    fn note(&mut self, done: &StepResult) {
        match done {
            StepResult::WorkItem(item) => self.brief.work_item = Some(item.clone()),
            StepResult::Channel(channel) => self.brief.channel = Some(channel.clone()),
            StepResult::OnCall(people) => self.brief.on_call.clone_from(people),
            StepResult::Linked | StepResult::Assigned(_) | StepResult::Sent | StepResult::Told => {}
        }
    }

    pub async fn done(&mut self, step: Step) -> StepResult {
        match self.finish(step).await {
            StepOutcome::Done { result, remarks } => {
                assert_eq!(remarks, [""; 0], "{step:?}");
                result
            }
            other => panic!("{step:?}: {other:?}"),
        }
    }

    /// The remarks of a finished step.
    pub async fn remarks(&mut self, step: Step) -> Vec<String> {
        match self.finish(step).await {
            StepOutcome::Done { remarks, .. } => remarks,
            other => panic!("{step:?}: {other:?}"),
        }
    }

    /// The error of a step that needs a person.
    pub async fn fails(&mut self, step: Step) -> String {
        match self.try_once(step).await {
            StepOutcome::Failed { why, .. } => why,
            other => panic!("{step:?}: {other:?}"),
        }
    }

    pub async fn skips(&mut self, step: Step) -> String {
        match self.try_once(step).await {
            StepOutcome::Skipped { why } => why,
            other => panic!("{step:?}: {other:?}"),
        }
    }

    /// The only work item.
    pub fn item(&self) -> Value {
        let seen = self.services().seen();
        assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{seen:#}");
        seen["items"][0].clone()
    }

    pub fn work_item(&self) -> WorkItem {
        self.brief.work_item.clone().unwrap()
    }

    pub fn channel(&self) -> Channel {
        self.brief.channel.clone().unwrap()
    }

    /// The names of all channels but the first; deleted ones in brackets.
    pub fn channel_names(&self) -> Vec<String> {
        let services = self.services();
        let names = services.graph.channels.iter().skip(1).map(|channel| {
            if channel.is_deleted { format!("({})", channel.name) } else { channel.name.clone() }
        });
        names.collect()
    }
}

pub fn launch() -> Launch {
    Launch {
        on_open: true,
        alert_delay: SignedDuration::ZERO,
        boards: Some(Project {
            organization: "contoso".to_owned(),
            project: "Shop".to_owned(),
            work_item_type: "Issue".to_owned(),
            area_path: Some("Shop\\Checkout".to_owned()),
            tag: "incident".to_owned(),
        }),
        teams: Some(Teams {
            group: TEAM.to_owned(),
            channel: "inc-{number}-{title}".to_owned(),
            shifts: None,
        }),
    }
}

pub fn person(name: &str) -> ExternalPerson {
    let address = format!("{}@example.com", name.to_lowercase());
    let id = (name == "Ada").then(|| ADA.to_owned());
    ExternalPerson { name: name.to_owned(), id, address: Some(address) }
}

pub fn brief() -> Brief {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    Brief {
        number: 42,
        key: key(42, "the hash of a record"),
        title: "Checkout is failing for <everybody> & all".to_owned(),
        description: vec!["5xx above 2 %".to_owned(), "<b>not bold</b>".to_owned()],
        troubles: Vec::new(),
        severity: Some(Severity::High),
        phase: WorkItemPhase::Doing,
        facts: vec![pair("Component", "Checkout"), pair("Detected by", "monitoring")],
        page: Some("https://status.example.com/incidents/42/".to_owned()),
        links: vec![pair("Guide", "https://wiki.example.com/checkout")],
        roles: vec![
            BriefRole { name: "Commander".to_owned(), person: Some(person("Grace")) },
            BriefRole { name: "Scribe".to_owned(), person: None },
        ],
        assignee: None,
        on_call: vec![OnCall {
            duty: "Payments, primary".to_owned(),
            shift: None,
            person: person("Ada"),
        }],
        phones: vec![pair("Ada", "+44 20 7946 0123")],
        people: vec![person("Ada"), person("Grace")],
        work_item: None,
        channel: None,
        comments: Vec::new(),
    }
}

/// Final comments: a summary of this many lines, and communications.
pub fn comments(lines: usize, word: &str) -> Vec<Comment> {
    let line = |number: usize| format!("10:{number:04} {word} <at>x</at> {}", "y".repeat(900));
    let section =
        |heading: &str, lines: Vec<String>| Section { heading: heading.to_owned(), lines };
    vec![
        Comment {
            kind: CommentKind::Summary,
            sections: vec![
                section("Statistics", vec!["Time to detect: 12 minutes".to_owned()]),
                section("Timeline", (0..lines).map(line).collect()),
            ],
        },
        Comment {
            kind: CommentKind::Communications,
            sections: vec![section("Communications", vec![format!("10:05 {word}: page")])],
        },
    ]
}
