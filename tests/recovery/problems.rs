//! Whatever fails a command is the problem at once, and it is over when all is well again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use status_update::core::alerts::read::read_alert;
use status_update::core::answer::trouble::Trouble;
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::Container;
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use tokio::time::{Instant, sleep};
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Level};

use super::{assert_recorded, history, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::lines::Lines;

type Rule = fn(&Operation) -> Fault;

/// A warm process whose storage follows a rule that can change.
async fn ruled() -> (Arc<Service>, Arc<Mutex<Rule>>) {
    let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(|_| Fault::None));
    let applied = Arc::clone(&rule);
    let hook: Hook = Arc::new(move |operation| {
        let fault = applied.lock().unwrap()(&operation);
        Box::pin(async move {
            if fault == Fault::Never {
                // Every store gives up at some time.
                sleep(Duration::from_secs(10)).await;
                return Fault::FailBefore;
            }
            fault
        })
    });
    let service = service(&history().await.with_faults(hook));
    service.reconcile(now()).await.unwrap();
    assert_eq!(service.problem(), None);
    (service, rule)
}

fn is_record(operation: &Operation) -> bool {
    operation.key.container == Container::Log
}

const HANGS: Rule = |_| Fault::Never;
const READS_HANG: Rule =
    |operation| if operation.kind == OperationKind::Put { Fault::None } else { Fault::Never };
const READS_FAIL: Rule =
    |operation| if operation.kind == OperationKind::Put { Fault::None } else { Fault::FailBefore };
const COMMITS_HANG: Rule = |operation| {
    let is_commit = operation.kind == OperationKind::Put && is_record(operation);
    if is_commit { Fault::Never } else { Fault::None }
};
const COMMITS_FAIL: Rule = |operation| {
    let is_commit = operation.kind == OperationKind::Put && is_record(operation);
    if is_commit { Fault::FailBefore } else { Fault::None }
};
const PAGES_HANG: Rule = |operation| if is_record(operation) { Fault::None } else { Fault::Never };

#[test]
fn the_cause_of_a_failed_command_is_the_problem_at_once() {
    let cases: [(&str, Rule, &str); 9] = [
        ("storage hangs, and a command", HANGS, "update Now what"),
        ("storage hangs, and a question", HANGS, "status"),
        ("storage hangs, and a refusal", HANGS, "update #9 Which"),
        ("reads hang, and one long closed", READS_HANG, "reopen #1 It is back"),
        ("reads fail, and a question", READS_FAIL, "list"),
        ("reads hang, and a question", READS_HANG, "timeline #3"),
        ("commits hang", COMMITS_HANG, "update Now what"),
        ("commits fail", COMMITS_FAIL, "close Done"),
        ("pages hang", PAGES_HANG, "update Now what"),
    ];
    for (label, wrong, text) in cases {
        runtime().block_on(async {
            let (service, rule) = ruled().await;
            *rule.lock().unwrap() = wrong;
            let outcome = say(&service, 50, text).await;
            let well = matches!(
                outcome,
                Outcome::Recorded { published: true, .. } | Outcome::Report { .. }
            );
            // A commit needs no read; whatever was answered well is no problem.
            assert_eq!(well, service.problem().is_none(), "{label}: {outcome:?}");
            if let Some(problem) = service.problem() {
                assert!(problem.is_storage, "{label}: {}", problem.text);
            }
            *rule.lock().unwrap() = |_| Fault::None;
            // The stuck operation is given up, and the timer's next run finds no problem.
            sleep(Duration::from_mins(3)).await;
            service.reconcile(now()).await.unwrap();
            assert_eq!(service.problem(), None, "{label}: it is over");
            assert_recorded(&say(&service, 51, "update #3 It works again").await);
            assert_eq!(service.problem(), None, "{label}: it is over");
        });
    }
}

#[test]
fn waiting_in_vain_for_a_turn_is_a_problem_too() {
    runtime().block_on(async {
        let (service, rule) = ruled().await;
        *rule.lock().unwrap() = COMMITS_HANG;
        let first = {
            let service = Arc::clone(&service);
            tokio::spawn(async move { say(&service, 60, "update First").await })
        };
        sleep(Duration::from_secs(1)).await;
        let deadline = Instant::now() + Duration::from_secs(1);
        let message = crate::simulation::world::message(61, "update Second");
        let outcome = service.command(&message.cause(now()), &message.said, deadline).await;
        assert!(matches!(outcome, Outcome::Trouble(Trouble::NotRecorded(_))), "{outcome:?}");
        assert!(service.problem().is_some());
        first.await.unwrap();
    });
}

#[test]
fn an_alert_that_fails_is_the_problem_as_well() {
    runtime().block_on(async {
        let body = br#"{"title":"Checkout is failing"}"#;
        let alert = read_alert(body).unwrap();
        let (service, rule) = ruled().await;
        *rule.lock().unwrap() = HANGS;
        let deadline = Instant::now() + Duration::from_secs(4);
        let trouble = service.alert(&alert, now(), deadline).await;
        assert!(trouble.is_err(), "{trouble:?}");
        assert!(service.problem().is_some());
    });
}

/// The same message again, whose record cannot be read.
#[test]
fn a_record_that_cannot_be_read_again_is_the_problem() {
    static READS: AtomicUsize = AtomicUsize::new(0);
    runtime().block_on(async {
        let (service, rule) = ruled().await;
        assert_recorded(&say(&service, 70, "update Once").await);
        *rule.lock().unwrap() = |operation| {
            READS.fetch_add(1, Ordering::Relaxed);
            READS_HANG(operation)
        };
        let outcome = say(&service, 70, "update Once").await;
        let before = Outcome::Trouble(Trouble::RecordedBefore(6));
        assert_eq!(outcome, before);
        assert!(READS.load(Ordering::Relaxed) > 0 && service.problem().is_some());
    });
}

/// A component that was renamed without an `id`, or removed, is named when a process starts.
#[test]
fn a_start_warns_of_components_that_are_no_longer_configured() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(lines.clone()).with_max_level(Level::WARN).finish();
    let _second = Dispatch::new(NoSubscriber::new());
    let _here = tracing::subscriber::set_default(subscriber);
    let memory = Memory::default();
    let process = |names: &[&str]| {
        let components = names.iter().map(|name| format!("[[components]]\nname = \"{name}\"\n"));
        let config = Config::parse(&components.collect::<String>()).unwrap();
        Service::new(Arc::new(memory.clone()), Arc::new(Site::new(config).unwrap()), 0)
    };
    runtime().block_on(async {
        let first = process(&["Search API", "Checkout"]);
        assert_recorded(&say(&first, 1, "open on Search API, Checkout: Search is slow").await);
        first.reconcile(now()).await.unwrap();
        assert!(!lines.text().contains("not configured"), "{}", lines.text());
        process(&["Search", "Checkout"]).reconcile(now()).await.unwrap();
    });
    let said = lines.text();
    assert!(said.contains("ids=\"search-api\""), "{said}");
    assert!(said.contains("give a renamed component its former `id` in status.toml"), "{said}");
}
