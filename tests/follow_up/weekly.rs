//! Overdue action items are reported to the channel once a week.

use jiff::Timestamp;
use status_update::core::config::Config;
use status_update::core::decide::overdue_actions::weekly_overdue;
use status_update::core::log::record::Event;
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::Payload;
use status_update::core::response::events::ResponseEvent;

use crate::cases::thread::Thread;

/// A Friday in winter; Monday is the 30th, and nine in Berlin is eight in UTC.
const FRIDAY: &str = "2026-11-27T09:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn thread() -> Thread {
    let config = Config::parse("time_zone = \"Europe/Berlin\"").unwrap();
    let mut thread = Thread::new(config, at(FRIDAY));
    thread.say("open Checkout is failing").expect_record();
    thread.say("action Renew certificates @me by 2026-11-29").expect_record();
    thread.say("action Later by 2026-11-30").expect_record();
    thread
}

#[test]
fn the_channel_is_notified_in_the_same_record() {
    let mut thread = thread();
    let record = thread.clock(at("2026-11-30T08:00:30Z")).unwrap();
    let named = record.response().find_map(|event| match event {
        ResponseEvent::OverdueNamed { week, actions } => Some((week.to_string(), actions.clone())),
        _ => None,
    });
    assert_eq!(named, Some(("2026-11-30".to_owned(), vec![(1, 1)])));
    let notice = record.events.iter().find_map(|event| match event {
        Event::Delivery(DeliveryEvent::Queued { what: Payload::Notice(notice), .. })
            if notice.heading.contains("action item") =>
        {
            Some(notice)
        }
        _ => None,
    });
    let notice = notice.unwrap();
    assert_eq!(notice.heading, "1 action item is overdue");
    assert_eq!(
        notice.text,
        "#1 (Checkout is failing): 1. Renew certificates (Inês Carvalho, by 2026-11-29)"
    );
    assert_eq!(notice.to.len(), 1);
}

#[test]
fn it_is_due_from_monday_at_nine_and_once_in_the_week() {
    let mut thread = thread();
    let zone = thread.config.time_zone.clone();
    let due = |thread: &Thread, when: &str| {
        weekly_overdue(&thread.state, at(when), &zone)
            .map(|(week, actions)| (week.to_string(), actions.len()))
    };
    // Not yet: on the Sunday, and a second before nine in Berlin.
    for early in ["2026-11-29T23:00:00Z", "2026-11-30T07:59:59Z"] {
        assert_eq!(due(&thread, early), None, "{early}");
    }
    for late in ["2026-11-30T08:00:00Z", "2026-12-03T12:00:00Z", "2026-12-07T07:59:59Z"] {
        assert_eq!(due(&thread, late), Some(("2026-11-30".to_owned(), 1)), "{late}");
    }
    assert_eq!(due(&thread, "2026-12-07T08:00:00Z"), Some(("2026-12-07".to_owned(), 2)));
    let first = thread.clock(at("2026-12-01T12:00:00Z")).unwrap();
    assert!(first.response().any(|event| matches!(event, ResponseEvent::OverdueNamed { .. })));
    for named in ["2026-12-01T12:01:00Z", "2026-12-07T07:59:59Z"] {
        assert_eq!(due(&thread, named), None, "{named}");
    }
    assert_eq!(due(&thread, "2026-12-07T08:00:00Z"), Some(("2026-12-07".to_owned(), 2)));
    thread.say("action #1 done 1").expect_record();
    thread.say("action #1 done 2").expect_record();
    assert_eq!(due(&thread, "2026-12-07T08:00:00Z"), None);
}

/// Items of evicted incidents are listed too, until they are done.
#[test]
fn items_of_evicted_incidents_stay() {
    let mut thread = Thread::new(Config::default(), at(FRIDAY));
    thread.limits.closed = 1;
    thread.say("open Checkout is failing").expect_record();
    thread.say("action Renew certificates by 2026-11-29").expect_record();
    thread.say("close").expect_record();
    for _ in 0..3 {
        thread.say("open Something else").expect_record();
        thread.say("close").expect_record();
    }
    assert!(thread.state.response(1).is_none(), "it is in its document alone");
    assert_eq!(thread.state.actions.count(), 1);
    let zone = &thread.config.time_zone;
    let (_, actions) = weekly_overdue(&thread.state, at("2026-11-30T09:00:00Z"), zone).unwrap();
    assert_eq!(actions.len(), 1);
    thread.say("action #1 done 1").expect_record();
    assert!(thread.state.actions.is_empty());
}
