//! No record is dated by a clock that storage's own contradicts by more than five minutes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use status_update::core::answer::trouble::Trouble;
use status_update::core::config::Config;
use status_update::core::log::record::Source;
use status_update::core::log::seal;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service, ServiceError};
use status_update::store::memory::{Fault, Hook, Memory, OperationKind};
use status_update::store::{Container, Store as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use super::{assert_recorded, folded, history, say, service};
use crate::simulation::world::{message, now, runtime, site};
use crate::support::azurite::{self, Azurite};
use crate::support::outbound::InMemory;

const MAX: Duration = Duration::from_mins(5);

async fn say_at(service: &Arc<Service>, id: u64, text: &str, at: Timestamp) -> Outcome {
    let message = message(id, text);
    let deadline = Instant::now() + Duration::from_secs(4);
    service.command(&message.cause(at), &message.said, deadline).await
}

/// As `say` at a terminal does it.
async fn operate(service: &Arc<Service>, id: u64, text: &str, at: Timestamp) -> Outcome {
    let message = message(id, text);
    let mut cause = message.cause(at);
    cause.source = Source::Operator;
    let deadline = Instant::now() + Duration::from_secs(4);
    service.command(&cause, &message.said, deadline).await
}

fn records(memory: &Memory) -> usize {
    memory.entries().keys().filter(|key| key.container == Container::Log).count()
}

fn assert_refused(outcome: &Outcome, service: &Arc<Service>, by: &str, label: &str) {
    let Outcome::Trouble(Trouble::NeedsAPerson(why)) = outcome else {
        panic!("{label}: {outcome:?}");
    };
    let problem = service.problem().unwrap_or_else(|| panic!("{label}: nobody is told"));
    for text in [why, &problem.text] {
        assert!(text.contains("this machine's clock") && text.contains(by), "{label}: {text}");
    }
    assert!(!problem.is_storage, "{label}: it is no setting of the storage");
}

#[test]
fn nothing_is_recorded_by_a_clock_that_storage_contradicts() {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for (apart, by) in [
        (days(31), "31 days ahead"),
        (days(-31), "31 days behind"),
        (SignedDuration::from_secs(301), "5 minutes ahead"),
        (SignedDuration::from_secs(-301), "5 minutes behind"),
        (SignedDuration::from_hours(3), "3 hours ahead"),
    ] {
        for is_living in [false, true] {
            runtime().block_on(async {
                let label = format!("{by}, living: {is_living}");
                let memory = history().await;
                memory.set_clock(Some(now()));
                let mut process = service(&memory);
                if is_living {
                    assert_recorded(&say(&process, 50, "update Words").await);
                    process.reconcile(now()).await.unwrap();
                } else {
                    process = service(&memory);
                }
                let before = records(&memory);
                // A day from now much is due, whatever the timer's clock says.
                let here = now() + days(2) + apart;
                memory.set_clock(Some(now() + days(2)));
                let outcome = say_at(&process, 51, "open another Wrongly dated", here).await;
                assert_refused(&outcome, &process, by, &label);
                let outcome = operate(&process, 52, "close #3", here).await;
                assert_refused(&outcome, &process, by, &label);
                for _ in 0..6 {
                    let error = process.reconcile(here).await;
                    assert!(matches!(error, Err(ServiceError::Clock { .. })), "{label}: {error:?}");
                    assert!(process.problem().unwrap().text.contains(by), "{label}");
                }
                assert_eq!(records(&memory), before, "{label}: something was recorded");
                // Questions are answered: they date nothing.
                let outcome = say_at(&process, 53, "status", here).await;
                assert!(matches!(outcome, Outcome::Report { .. }), "{label}: {outcome:?}");

                // The clock was set right.
                let outcome = say_at(&process, 54, "update Words", now() + days(2)).await;
                assert_recorded(&outcome);
                assert_eq!(process.problem(), None, "{label}");
                process.reconcile(now() + days(2)).await.unwrap();
                let found = process.verify(|_| {}).await.unwrap();
                assert!(found.differences.is_empty(), "{label}: {found:?}");
            });
        }
    }
}

#[test]
fn the_timer_alone_notices_that_the_clocks_agree_again() {
    runtime().block_on(async {
        let memory = history().await;
        let process = service(&memory);
        memory.set_clock(Some(now() - SignedDuration::from_hours(1)));
        process.reconcile(now()).await.unwrap_err();
        assert!(process.problem().is_some());
        memory.set_clock(Some(now() - SignedDuration::from_secs(299)));
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
    });
}

/// A store whose clock says something else from the `nth` record that this process writes on.
fn with_a_clock_that_jumps(memory: &Memory, nth: usize, apart: SignedDuration) -> Memory {
    let (clock, written) = (memory.clone(), AtomicUsize::new(0));
    let hook: Hook = Arc::new(move |operation| {
        let is_record =
            operation.kind == OperationKind::Put && operation.key.container == Container::Log;
        if is_record && written.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            let there = clock.clock().unwrap().unwrap();
            clock.set_clock(Some(there + apart));
        }
        Box::pin(async { Fault::None })
    });
    memory.with_faults(hook)
}

/// Storage's time is wrong in the middle of a run that sends: the records of claims and outcomes
/// are checked like the first one. A reminder has three.
#[test]
fn a_briefly_wrong_storage_clock_dates_no_delivery_record() {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for nth in 1..=3 {
        for apart in [days(3_300), days(-400), SignedDuration::from_mins(6)] {
            runtime().block_on(async {
                let label = format!("at record {nth}, {apart:#}");
                let memory = Memory::default();
                memory.set_clock(Some(now()));
                let posted = Arc::new(InMemory::accepting());
                let config = Config { notifies: true, ..Config::default() };
                let site = Arc::new(Site::new(config).unwrap());
                // The opening is the first record.
                let store = Arc::new(with_a_clock_that_jumps(&memory, nth + 1, apart));
                let process = Service::with_outbound(store, site, Some(posted.clone()), 0);
                assert_recorded(&say_at(&process, 1, "open Checkout is failing", now()).await);
                let later = now() + SignedDuration::from_mins(46);
                memory.set_clock(Some(later));
                let _ = process.reconcile(later).await;
                sleep(Duration::from_secs(5)).await;
                let wrong = |memory: &Memory| {
                    let records = memory.entries().into_iter();
                    let records = records.filter(|(key, _)| key.container == Container::Log);
                    records.map(|(_, blob)| seal::read(&blob.bytes).unwrap()).find(|record| {
                        record.revision > 1 && record.at.duration_since(later).unsigned_abs() > MAX
                    })
                };
                assert_eq!(wrong(&memory), None, "{label}");
                // Later on the two agree.
                let later = later + SignedDuration::from_mins(30);
                memory.set_clock(Some(later));
                process.reconcile(later).await.unwrap();
                sleep(Duration::from_secs(5)).await;
                process.reconcile(later).await.unwrap();
                assert_eq!(process.problem(), None, "{label}");
                assert!(!posted.sent().is_empty(), "{label}: nothing was sent");
                let state = folded(&memory);
                assert_eq!(state.deliveries.waiting().count(), 0, "{label}");
                assert!(state.at <= later, "{label}: {}", state.at);
            });
        }
    }
}

/// A record from the future makes every later one have that time, so it is reported until that time
/// has passed. The tolerated difference between two machines is not reported.
#[test]
fn a_log_ahead_of_now_is_reported_until_its_time() {
    let minutes = SignedDuration::from_mins;
    for (ahead, told) in [
        (minutes(3_300 * 24 * 60), Some("9 years ahead")),
        (minutes(90), Some("90 minutes ahead")),
        (minutes(9), None),
    ] {
        runtime().block_on(async {
            let memory = history().await;
            let wrong = service(&memory);
            let outcome = say_at(&wrong, 60, "update Words", now() + ahead).await;
            assert_recorded(&outcome);
            let revision = folded(&memory).revision;

            memory.set_clock(Some(now()));
            let process = service(&memory);
            let problem = |label: &str| {
                let problem = process.problem().map(|problem| problem.text);
                assert_eq!(problem.is_some(), told.is_some(), "{label}: {problem:?}");
                let (text, told) = (problem.unwrap_or_default(), told.unwrap_or_default());
                assert!(text.contains(told), "{label}: {text}");
            };
            process.reconcile(now()).await.unwrap();
            problem("the timer");
            assert_recorded(&say(&process, 61, "update More words").await);
            problem("a command");
            let found = process.verify(|_| {}).await.unwrap().differences;
            let named =
                found.iter().any(|line| line.contains(&format!("record {revision} is dated")));
            assert_eq!(named, told.is_some(), "{found:?}");

            memory.set_clock(Some(now() + ahead));
            process.reconcile(now() + ahead).await.unwrap();
            assert_eq!(process.problem(), None, "its time has come");
            assert_eq!(process.verify(|_| {}).await.unwrap().differences, Vec::<String>::new());
        });
    }
}

/// Forwards everything, but changes the date of each answer, keeping its length.
async fn with_another_date(storage: SocketAddr, apart: SignedDuration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(storage).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move {
                let mut buffer = vec![0; 1 << 16];
                while let Ok(length) = from_server.read(&mut buffer).await {
                    let read = &mut buffer[..length];
                    let name = b"\r\nDate: ";
                    let is_name = |part: &[u8]| part.eq_ignore_ascii_case(name);
                    let places = read.windows(name.len()).enumerate();
                    let places: Vec<usize> =
                        places.filter(|(_, part)| is_name(part)).map(|(at, _)| at).collect();
                    for at in places {
                        let date = (Timestamp::now() + apart).strftime("%a, %d %b %Y %T GMT");
                        let date = date.to_string();
                        let value = at + name.len()..at + name.len() + date.len();
                        assert!(read[value.clone()].ends_with(b" GMT"));
                        read[value].copy_from_slice(date.as_bytes());
                    }
                    if length == 0 || to_client.write_all(read).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// The real adapter, and Azurite with a clock of its own.
#[tokio::test]
async fn azures_clock_is_that_of_its_answers() {
    let Some(azurite) = Azurite::start() else { return };
    for (days, by) in [(31_i64, "31 days behind"), (-31, "31 days ahead")] {
        let apart = SignedDuration::from_hours(24 * days + 12 * days.signum());
        let store = azurite::store(with_another_date(azurite.address, apart).await);
        let service = Service::new(Arc::new(store), site(), 0);
        let outcome = say_at(&service, 1, "open Checkout is failing", Timestamp::now()).await;
        assert_refused(&outcome, &service, by, by);
        let error = service.reconcile(Timestamp::now()).await;
        assert!(matches!(error, Err(ServiceError::Clock { .. })), "{error:?}");
    }
    let store = azurite.store();
    assert_eq!(store.clock(), Ok(None), "nothing was asked yet");
    let service = Service::new(Arc::new(store), site(), 0);
    let outcome = say_at(&service, 1, "open Checkout is failing", Timestamp::now()).await;
    assert!(matches!(&outcome, Outcome::Recorded { record, .. } if record.revision == 1));
}
