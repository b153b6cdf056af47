//! External services in memory, behind the port: a function defines their behaviour, and faults are
//! scripted. Waiting is tokio's, so that a test can pause it.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use status_update::core::http::{Failure, Receiver, Request, Response};
use status_update::outbound::{Outbound, OutboundFuture};

/// A fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody accepts the connection: certainly not performed.
    Unreachable,
    /// There is no token: certainly not done, and a person has to help.
    NoToken,
    /// Nothing is done, and no answer comes until the time limit.
    Hangs,
    /// It is done, and no answer comes until the time limit.
    DoneButHangs,
    /// It is done, and the connection breaks before the answer.
    DoneButLost,
    /// The connection breaks before it is done.
    Lost,
    /// Success is said, and nothing was done.
    SaidButNotDone,
    /// Nothing is done, and this status is the answer.
    Answers(u16),
    /// Not performed: 429 with this many seconds in `Retry-After`.
    Throttled(i64),
    /// Not performed: 503 with this many seconds in `Retry-After`.
    Later(i64),
    /// The answer never comes, not even a time-out: the process is killed first.
    DoneThenKilled,
}

/// The time limit of the real adapter.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

type World = Box<dyn FnMut(&Request) -> Response + Send>;

pub struct InMemory {
    world: Mutex<World>,
    script: Mutex<VecDeque<Option<Fault>>>,
    always: Mutex<Option<(Receiver, Fault)>>,
    sent: Mutex<Vec<Request>>,
    missing: Vec<Receiver>,
}

impl InMemory {
    /// Services that behave like this function.
    pub fn new(world: impl FnMut(&Request) -> Response + Send + 'static) -> Self {
        Self {
            world: Mutex::new(Box::new(world)),
            script: Mutex::default(),
            always: Mutex::default(),
            sent: Mutex::default(),
            missing: Vec::new(),
        }
    }

    /// Services that accept everything, like a workflow.
    pub fn accepting() -> Self {
        Self::new(|_| Response { status: 202, retry_after: None, json: None })
    }

    /// The same, of which some are not set up.
    pub fn without(mut self, receivers: &[Receiver]) -> Self {
        self.missing = receivers.to_vec();
        self
    }

    /// Faults of the next requests, in their order; `None` for no fault.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        lock(&self.script).extend(faults);
    }

    /// A fault of every request to one receiver; `None` ends it.
    pub fn always(&self, fault: Option<(Receiver, Fault)>) {
        *lock(&self.always) = fault;
    }

    /// Every request that was sent, even if it did not arrive.
    pub fn sent(&self) -> Vec<Request> {
        lock(&self.sent).clone()
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Failure> {
        if self.missing.contains(&request.to) {
            return Err(Failure::Refused(format!("{} is not set up", request.to.name())));
        }
        lock(&self.sent).push(request.clone());
        let scripted = lock(&self.script).pop_front().flatten();
        let always = lock(&self.always).filter(|(to, _)| *to == request.to);
        let unknown = |why: &str| Failure::Unknown(format!("{}: {why}", request.to.name()));
        let answer = |status, retry_after| {
            let json = Some(json!({ "message": "it is not to be" }));
            Ok(Response { status, retry_after, json })
        };
        match scripted.or(always.map(|(_, fault)| fault)) {
            None => Ok(self.carry_out(request)),
            Some(Fault::Unreachable) => Err(Failure::unavailable("connection refused")),
            Some(Fault::NoToken) => Err(Failure::Refused("nobody is signed in".to_owned())),
            Some(Fault::Hangs) => {
                tokio::time::sleep(TIME_LIMIT).await;
                Err(unknown("no answer"))
            }
            Some(Fault::DoneButHangs) => {
                self.carry_out(request);
                tokio::time::sleep(TIME_LIMIT).await;
                Err(unknown("no answer"))
            }
            Some(Fault::DoneButLost) => {
                self.carry_out(request);
                Err(unknown("the answer was lost"))
            }
            Some(Fault::Lost) => Err(unknown("the answer was lost")),
            Some(Fault::SaidButNotDone) => {
                Ok(Response { status: 202, retry_after: None, json: None })
            }
            Some(Fault::Answers(status)) => answer(status, None),
            Some(Fault::Throttled(seconds)) => {
                answer(429, Some(SignedDuration::from_secs(seconds)))
            }
            Some(Fault::Later(seconds)) => answer(503, Some(SignedDuration::from_secs(seconds))),
            Some(Fault::DoneThenKilled) => {
                self.carry_out(request);
                pending().await
            }
        }
    }

    fn carry_out(&self, request: &Request) -> Response {
        lock(&self.world)(request)
    }
}

impl Outbound for InMemory {
    fn reaches(&self, receiver: Receiver) -> bool {
        !self.missing.contains(&receiver)
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
