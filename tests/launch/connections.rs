//! The steps over real connections: the adapter, tokens from an identity service, servers that hang
//! up, hang, throttle and refuse.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use status_update::core::launch::brief::WorkItemPhase;
use status_update::core::launch::step::{Step, StepOutcome};
use status_update::outbound::http::{Addresses, Http};

use super::world::{World, comments};
use crate::support::http::{self, Body};
use crate::support::outbound::Fault;
use crate::support::services::{IDENTITY_HEADER, Servers};

/// Issues tokens like the identity service.
#[derive(Debug)]
struct Tokens {
    prefix: &'static str,
    /// Number of initial tokens that nobody accepts any more.
    stale: AtomicUsize,
}

#[async_trait::async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let audience = scopes[0].trim_end_matches("/.default");
        let is_stale = self.stale.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        let prefix = if is_stale { "stale" } else { self.prefix };
        let token = format!("{prefix}-{audience}");
        Ok(AccessToken::new(token, OffsetDateTime::now_utc() + azure_core::time::Duration::HOUR))
    }
}

/// A world whose services are servers.
pub struct Launched {
    world: World,
    pub servers: Servers,
}

impl Launched {
    pub async fn start() -> Self {
        Self::with("token-for", "").await
    }

    async fn with(prefix: &'static str, end: &str) -> Self {
        Self::with_tokens(Tokens { prefix, stale: AtomicUsize::new(0) }, end).await
    }

    /// With tokens that begin so, and something changed in the workflow's address.
    async fn with_tokens(tokens: Tokens, end: &str) -> Self {
        let mut world = World::new();
        let servers = Servers::start(Arc::clone(&world.services)).await;
        let addresses = Addresses {
            boards: format!("http://{}", servers.boards).parse().unwrap(),
            graph: format!("http://{}", servers.graph).parse().unwrap(),
            workflow: Some((servers.workflow_url() + end).parse().unwrap()),
            heartbeat: None,
        };
        let credential = Arc::new(tokens);
        let http = Http::with_credential(addresses, credential, false).unwrap();
        world.over(Box::new(http));
        Self { world, servers }
    }
}

impl Deref for Launched {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Launched {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

async fn through(world: &mut World) {
    for step in Step::ALL {
        if step == Step::WorkItemSync {
            world.brief.phase = WorkItemPhase::Done;
            world.brief.comments = comments(130, "x");
        }
        world.finish(step).await;
    }
}

#[tokio::test]
async fn a_whole_launch_ends_as_in_memory() {
    let mut memory = World::new();
    through(&mut memory).await;
    let mut launched = Launched::start().await;
    through(&mut launched).await;
    assert_eq!(launched.services().seen(), memory.services().seen());
    assert_eq!(launched.services().workflow.posted, memory.services().workflow.posted);
    assert_eq!(launched.services().workflow.posted.len(), 1);
}

/// Each fault of a server that takes no time, at some of the first requests.
#[tokio::test]
async fn faults_on_the_wire_change_nothing_of_the_end() {
    let mut expected = World::new();
    through(&mut expected).await;
    let expected = expected.services().seen();
    for fault in [
        Fault::Lost,
        Fault::DoneButLost,
        Fault::SaidButNotDone,
        Fault::Throttled(3),
        Fault::Answers(203),
        Fault::Answers(302),
        Fault::Answers(500),
    ] {
        for at in [1, 2, 4, 8] {
            let mut launched = Launched::start().await;
            let faults = (0..at).map(|_| None).chain([Some(fault)]);
            launched.servers.script(faults);
            through(&mut launched).await;
            assert_eq!(launched.services().seen(), expected, "{fault:?} at {at}");
        }
    }
}

/// A server that never answers costs its time limit, by the clock of this process.
#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    for (fault, items) in [(Fault::Hangs, 0), (Fault::DoneButHangs, 1)] {
        let mut launched = Launched::start().await;
        launched.servers.script([None, Some(fault)]);
        launched.servers.jump_where_it_hangs();
        let outcome = launched.try_once(Step::WorkItem).await;
        tokio::time::resume();
        let StepOutcome::Wait { why, in_doubt_since: Some(_), .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(why, "Azure Boards: no answer within 40s");
        assert_eq!(launched.services().boards.items.len(), items);
        launched.done(Step::WorkItem).await;
        assert_eq!(launched.services().boards.items.len(), 1);
    }
}

#[tokio::test]
async fn a_rejected_token_is_reported() {
    let mut launched = Launched::with("stale", "").await;
    let why = launched.fails(Step::WorkItem).await;
    assert!(why.contains("answers 401") && why.contains("its identity"), "{why}");
    let why = launched.fails(Step::Channel).await;
    assert!(why.contains("401 InvalidAuthenticationToken"), "{why}");
    launched.done(Step::Message).await;
}

#[tokio::test]
async fn a_wrong_workflow_address_is_reported() {
    let mut launched = Launched::with("token-for", "x").await;
    let why = launched.fails(Step::Message).await;
    assert!(why.contains("401 DirectApiInvalidAuthorizationScheme"), "{why}");
    assert!(why.contains("copy its address into STATUS_NOTIFY_URL again"), "{why}");
    assert!(!why.contains(crate::support::services::SIGNATURE), "{why}");
}

/// Like Azure's: a token for the requested resource, if the caller shows the header.
#[tokio::test]
async fn the_identity_service_issues_tokens_to_authorised_callers() {
    let launched = Launched::start().await;
    let resource = "resource=https%3A%2F%2Fgraph.microsoft.com&api-version=2019-08-01";
    let url = format!("http://{}/msi/token?{resource}", launched.servers.identity);
    for (header, status) in [(IDENTITY_HEADER, 200), ("", 400)] {
        let headers = [("X-IDENTITY-HEADER", header)];
        let answer = http::send("GET", &url, &headers, Body::None).await.unwrap();
        assert_eq!(answer.status, status);
        let token = &answer.json()["access_token"];
        assert_eq!(token == "token-for-https://graph.microsoft.com", status == 200, "{token}");
    }
}

/// A token can end before its time, as when rights change: a fresh one is asked for, once.
#[tokio::test]
async fn a_token_that_is_not_taken_is_asked_for_again() {
    for (stale, fails) in [(1, false), (2, true)] {
        let stale = AtomicUsize::new(stale);
        let mut launched = Launched::with_tokens(Tokens { prefix: "token-for", stale }, "").await;
        for (step, service) in [(Step::WorkItem, "Azure Boards"), (Step::Channel, "Microsoft")] {
            let outcome = launched.try_once(step).await;
            // The second one has the token of its own service.
            if fails && step == Step::WorkItem {
                let StepOutcome::Failed { why, .. } = outcome else { panic!("{outcome:?}") };
                assert!(why.contains(service) && why.contains("401"), "{why}");
            } else {
                assert!(matches!(outcome, StepOutcome::Done { .. }), "{service}: {outcome:?}");
            }
        }
    }
}

/// Azure Boards asks for pauses even with successful responses.
#[tokio::test]
async fn a_success_that_asks_for_a_pause_gets_it() {
    let mut launched = Launched::start().await;
    launched.services().boards.delays = Some(jiff::SignedDuration::from_secs(1));
    let begun = Instant::now();
    launched.done(Step::WorkItem).await;
    let requests = u32::try_from(launched.servers.exchanges().len()).unwrap();
    assert!(requests > 1 && begun.elapsed() >= Duration::from_secs(1) * (requests - 1));
    // Other services do not wait for that.
    launched.services().boards.delays = None;
    launched.done(Step::Channel).await;
}
