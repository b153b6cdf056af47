//! A whole process over storage and services in memory, in simulated time: messages and alerts go
//! in, and the timer runs.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::card;
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::http::{Receiver, Response};
use status_update::core::launch::progress::{Progress, StepState};
use status_update::core::launch::step::Step;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Cause, MessageId, Record, Source};
use status_update::core::log::state::State;
use status_update::core::response::person::Person;
use status_update::core::site::renderer::Site;
use status_update::outbound::Nowhere;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::{Fault, Hook, Memory, Operation};
use tokio::time::{Instant, sleep};

use super::world::{START, TEAM};
use crate::simulation::world::message;
use crate::support::outbound::InMemory;
use crate::support::services::Services;

/// Where everything is set up.
pub const ALL: &str = r#"
[cadence]
nudge = 0
promise = 0
lead = 0
overdue = 0
silence = 0
[[components]]
name = "Checkout"
guide = "https://wiki.example.com/checkout"
roster = "Checkout"
[launch]
on_open = true
alert_delay = 0
[launch.boards]
organization = "contoso"
project = "Shop"
[launch.teams]
team = "TEAM"
"#;

/// Where the monitor shows the alert.
pub const ALERT_LINK: &str = "https://monitor.example.com/alerts/1";

const ROSTERS: &str = r#"
[[people]]
name = "Ada"
id = "7b2ebf90-d836-437f-b90d-7b62722c4456"
email = "ada@example.com"
phone = "+49 30 5550 0199"
[[people]]
name = "Grace"
id = "5d1a8b52-58cb-4e21-a2a5-02f0d1f1b111"
email = "grace@example.com"
[[rosters]]
name = "Checkout"
[[rosters.layers]]
level = "primary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "4 weeks"
members = ["Ada", "Grace"]
"#;

/// The process, its storage and its services.
pub struct Process {
    pub service: Arc<Service>,
    pub services: Arc<Mutex<Services>>,
    pub outbound: Arc<InMemory>,
    memory: Memory,
    config: Config,
    operations: Arc<Mutex<Vec<Operation>>>,
    begun: Instant,
    messages: u64,
}

impl Process {
    /// With rosters, whose setting is the first record.
    pub async fn new(toml: &str) -> Self {
        Self::with(toml, true).await
    }

    /// The same with or without a workflow.
    pub async fn with(toml: &str, notifies: bool) -> Self {
        Self::begin(toml, notifies, |answer| answer).await
    }

    /// The same with services whose answers come differently.
    pub async fn with_answers(toml: &str, change: fn(Response) -> Response) -> Self {
        Self::begin(toml, true, change).await
    }

    async fn begin(toml: &str, notifies: bool, change: fn(Response) -> Response) -> Self {
        let begun = Instant::now();
        let services = Arc::new(Mutex::new(Services::new()));
        let behind = Arc::clone(&services);
        let outbound = InMemory::new(move |request| {
            let mut services = behind.lock().unwrap();
            services.boards.now = after(begun);
            services.graph.now = after(begun);
            change(services.answer(request))
        });
        let missing: &[Receiver] = if notifies { &[] } else { &[Receiver::Workflows] };
        let outbound = Arc::new(outbound.without(missing));
        let mut config = Config::parse(&toml.replace("TEAM", TEAM)).unwrap();
        config.notifies = notifies;
        let (memory, operations) = (Memory::default(), Arc::default());
        let service = start(&memory, &config, &outbound, &operations, 1);
        let process =
            Self { service, services, outbound, memory, config, operations, begun, messages: 0 };
        let by = Person { id: "operator".to_owned(), name: "Operator".to_owned(), teams_id: None };
        let id = MessageId { conversation: "operator".to_owned(), id: "1".to_owned() };
        let now = process.now();
        let cause = Cause { source: Source::Operator, by, message: id, thread: None, at: now };
        let command = Command::Change(Change::Rosters(ROSTERS.into()));
        let deadline = Instant::now() + Duration::from_secs(4);
        let outcome = process.service.carry_out(&cause, Ok(command), deadline).await;
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
        process.take_operations();
        process
    }

    pub fn now(&self) -> Timestamp {
        after(self.begun)
    }

    /// Says something in the channel, and returns the answer as a terminal shows it.
    pub async fn say(&mut self, text: &str) -> String {
        self.say_as("Ada", text).await
    }

    pub async fn say_as(&mut self, name: &str, text: &str) -> String {
        self.messages += 1;
        let mut message = message(self.messages, text);
        message.from = Person { id: format!("29:{name}"), name: name.to_owned(), teams_id: None };
        let deadline = Instant::now() + Duration::from_secs(4);
        let cause = message.cause(self.now());
        let outcome = self.service.command(&cause, &message.said, deadline).await;
        assert!(!matches!(outcome, Outcome::Refused(_) | Outcome::Trouble(_)), "{outcome:?}");
        let answer = self.service.answer(&outcome, &cause.by.id);
        card::to_terminal(&card::activity(&answer)).unwrap()
    }

    /// An alert of Checkout fires or resolves. Returns its incident.
    pub async fn alert(&self, status: &str) -> u32 {
        let body = json!({
            "title": "Checkout is failing", "description": "5xx above 2 %", "severity": 2,
            "component": "Checkout", "key": "checkout-5xx", "status": status, "link": ALERT_LINK,
        });
        let alert = read_alert(body.to_string().as_bytes()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(4);
        self.service.alert(&alert, self.now(), deadline).await.unwrap().number.unwrap()
    }

    /// Lets time pass without the timer.
    pub async fn wait(&self, seconds: u64) {
        sleep(Duration::from_secs(seconds)).await;
    }

    /// The next minutes: in each the timer runs.
    pub async fn minutes(&self, count: u64) {
        for _ in 0..count {
            self.wait(30).await;
            self.service.reconcile(self.now()).await.unwrap();
            self.wait(30).await;
        }
    }

    /// Restarts the process as if the old one had been killed: its requests hang for ever.
    pub fn restart(&mut self) {
        let old = &self.operations;
        self.service = start(&self.memory, &self.config, &self.outbound, old, 2);
    }

    /// As if it had been started again without a launch and without a workflow.
    pub fn take_everything_away(&mut self) {
        self.config = Config::default();
        let site = Arc::new(Site::new(self.config.clone()).unwrap());
        let store = Arc::new(self.memory.clone());
        self.service = Service::with_outbound(store, site, Some(Arc::new(Nowhere)), 3);
    }

    /// Runs the timer, and repairs failures as a person would, until nothing is left.
    pub async fn finish(&mut self) {
        for _ in 0..40 {
            self.minutes(1).await;
            let launches: Vec<_> = self.history().0.launches.into_iter().collect();
            for (number, progress) in &launches {
                for (step, standing) in &progress.steps {
                    if matches!(standing, StepState::Failed { .. }) {
                        self.say(&format!("launch retry {} #{number}", step.name())).await;
                    }
                }
            }
            let (state, _) = self.history();
            let over = state.launches.values().all(|progress| {
                progress.steps.values().all(StepState::is_over) && progress.told.is_some()
            });
            // Messages that could not be sent wait for an answer to carry them.
            let mut waiting = state.deliveries.waiting().filter(|one| one.gave_up.is_none());
            if over && waiting.next().is_none() {
                return;
            }
        }
        panic!("it never ends: {:#?}", self.history().0.launches);
    }

    /// The progress of #1's launch.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.history().0.launches[&1])
    }

    /// The visible result. Of messages only those that are not repeats.
    #[track_caller]
    pub fn seen(&self) -> Value {
        let mut seen = self.services().seen();
        let mut messages = self.messages();
        messages.retain(|body| !body.to_string().contains("sent again"));
        assert!(messages.len() <= 1, "a repeat that does not say so: {messages:#?}");
        seen["posted"] = (!self.messages().is_empty()).into();
        seen
    }

    /// Posted messages of launches, without hand-overs.
    pub fn messages(&self) -> Vec<Value> {
        let posted = self.services().workflow.posted.clone();
        let is_ours = |body: &Value| body["key"].as_str().unwrap().ends_with("/message");
        posted.into_iter().filter(is_ours).collect()
    }

    /// The only work item.
    #[track_caller]
    pub fn item(&self) -> Value {
        let seen = self.services().seen();
        assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{seen:#}");
        seen["items"][0].clone()
    }

    /// The steps that are done, in their order.
    pub fn done(&self) -> Vec<Step> {
        let progress = self.progress();
        let done = progress.steps.iter().filter(|(_, s)| matches!(s, StepState::Done { .. }));
        done.map(|(step, _)| *step).collect()
    }

    pub fn services(&self) -> MutexGuard<'_, Services> {
        self.services.lock().unwrap()
    }

    /// The log from its start.
    pub fn history(&self) -> (State, Vec<Record>) {
        let entries = self.memory.entries();
        let (mut state, mut records) = (State::default(), Vec::new());
        while let Some(blob) = entries.get(&record_key(state.revision + 1)) {
            records.push(fold_bytes(&mut state, &blob.bytes).unwrap());
        }
        (state, records)
    }

    pub fn take_operations(&self) -> Vec<Operation> {
        std::mem::take(&mut self.operations.lock().unwrap())
    }
}

fn after(begun: Instant) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    start + SignedDuration::try_from(begun.elapsed()).unwrap()
}

fn start(
    memory: &Memory,
    config: &Config,
    outbound: &Arc<InMemory>,
    operations: &Arc<Mutex<Vec<Operation>>>,
    seed: u64,
) -> Arc<Service> {
    let noted = Arc::clone(operations);
    let hook: Hook = Arc::new(move |operation| {
        noted.lock().unwrap().push(operation);
        Box::pin(async { Fault::None })
    });
    let site = Arc::new(Site::new(config.clone()).unwrap());
    let outbound = Arc::clone(outbound);
    Service::with_outbound(Arc::new(memory.with_faults(hook)), site, Some(outbound), seed)
}
