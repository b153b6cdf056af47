//! The scripts of the golden logs.

use jiff::{SignedDuration, Span};
use serde_json::json;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::decide::delivery::{claims, outcome, record};
use status_update::core::decide::launch_steps::{followed, stepped};
use status_update::core::http::{Failure, Receiver};
use status_update::core::launch::brief::{Channel, ExternalPerson, OnCall, WorkItem};
use status_update::core::launch::step::{Step, StepOutcome, StepResult};
use status_update::core::log::evict::Limits;
use status_update::core::log::record::Event;
use status_update::core::log::record::{
    Erased, ErasureHindered, Hindrance, Redacted, RemovalOrdered,
};
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::Payload;

use super::TIGHT;
use crate::cases::thread::{Content, Message, START, Sender, Thread};

/// Lets days pass, with the timer at work.
fn later(thread: &mut Thread, hours: i64) {
    let at = thread.now + Span::new().hours(hours);
    thread.clock(at);
    thread.now = at;
}

/// Every kind of public event, under tight limits.
pub fn page(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    thread.limits = TIGHT;
    let mut opened = Vec::new();
    for round in 0..9 {
        let number = thread.state.next_number;
        opened.push(number);
        let on = ["Checkout", "Search", "API", "Café finder"][round % 4];
        for text in [
            format!("open critical on {on}: Number {number} is failing next 30m"),
            format!(
                "update #{number} identified A <b>certificate</b> has expired, see https://example.com/?a=1&b=2"
            ),
            format!("update #{number} monitoring on API, Checkout: Fix is out"),
            format!("correct #{number} The fix is out"),
        ] {
            thread.say(&text).expect_record();
        }
        thread
            .say_html(&format!(
                "update #{number} <b>Bold</b>, <i>slanted</i> and <code>code</code>"
            ))
            .expect_record();
        thread.say(&format!("update #{number} next 30m We are watching it")).expect_record();
        later(&mut thread, 1);
        thread.say(&format!("close #{number} All is well")).expect_record();
        thread
            .say(&format!("postmortem #{number} We renew certificates a month ahead now"))
            .expect_record();
        if round >= 3 {
            // Evicted by now, and recalled.
            let old = opened[round - 3];
            thread.say(&format!("reopen #{old} It is back next 1h")).expect_record();
            thread.say(&format!("close #{old}")).expect_record();
            thread.say(&format!("correct #{old} Better words")).expect_record();
        }
        if round % 3 == 0 {
            let number = thread.state.next_number;
            thread.say("maintenance now for 1h on Card payments: New switches").expect_record();
            thread
                .say(&format!("maintenance #{number} extend 30m It takes longer"))
                .expect_record();
            thread
                .say("maintenance tomorrow 22:00 to 23:30 on Search: More switches")
                .expect_record();
            thread.say(&format!("maintenance #{} cancel Not needed", number + 1)).expect_record();
            later(&mut thread, 3);
        }
        later(&mut thread, 24 * 13);
    }
    let number = thread.state.next_number;
    thread.say("open minor on Search: Slow next 30m").expect_record();
    thread.say("maintenance tomorrow 9:00 for 2h on API: Still to come").expect_record();
    thread.say(&format!("update #{number} Words")).expect_record();
    thread
}

fn says(thread: &mut Thread, who: &str, text: &str) {
    let content = Content::Plain(text.to_owned());
    let from = Sender::Named(who.to_owned());
    let handled = thread.send(&Message { content, times: 1, reply_to: None, from });
    let decision = handled.decision();
    assert!(matches!(decision, Decision::Record(_)), "{text}: {decision:?}");
}

/// Every kind of event among the responders, of rosters, deliveries and launches.
pub fn everything(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    thread.config.notifies = true;
    // A launch has six.
    thread.limits = Limits { waiting: 8, ..TIGHT };
    let set = thread.set_rosters(include_str!("v2-everything/rosters.toml"));
    assert!(matches!(set, Decision::Record(_)), "{set:?}");
    for round in 0..7 {
        let [ann, bo] = ["Ann", "Bo"].map(|name| format!("{name} {round}"));
        let number = thread.state.next_number;
        responds(&mut thread, number, &ann, &bo);
        if round % 2 == 1 {
            let publish =
                format!("publish #{number} major on Checkout: Number {number} is failing next 30m");
            says(&mut thread, &ann, &publish);
        }
        if round % 3 == 0 {
            says(&mut thread, &ann, &format!("launch #{number}"));
            sends(&mut thread, round);
        }
        if round == 0 {
            says(&mut thread, &ann, &format!("launch #{number} retry channel"));
            says(&mut thread, &ann, &format!("launch #{number} skip channel"));
        }
        later(&mut thread, 1);
        // Each step in its turn.
        for _ in 0..4 {
            sends(&mut thread, round);
        }
        let ends = ["mitigated", "tested ok Ten orders went through", "close Over"];
        for text in ends {
            let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
            says(&mut thread, &bo, format!("{verb} #{number} {rest}").trim());
        }
        for text in ["Alert earlier by tomorrow", "Write it down @me", "done 2"] {
            says(&mut thread, &ann, &format!("action #{number} {text}"));
        }
        says(&mut thread, &ann, &format!("review #{number}"));
        erases(&mut thread, number, &ann);
        if round >= 4 {
            // Evicted by now, and recalled.
            says(&mut thread, &ann, &format!("reopen #{} It is back", number - 6));
            says(&mut thread, &ann, &format!("close #{}", number - 6));
        }
        alerts(&mut thread, round);
        if round == 6 {
            more_alerts(&mut thread);
        }
        says(&mut thread, &bo, "cover checkout primary Ada Lovelace for 2h");
        if round == 2 {
            let cover = thread.state.rosters.covers.last().unwrap().number;
            says(&mut thread, &bo, &format!("uncover {cover}"));
        }
        later(&mut thread, 30);
        sends(&mut thread, round);
        later(&mut thread, 24 * 8);
        sends(&mut thread, round);
    }
    thread
}

/// Responders' commands during an incident.
fn responds(thread: &mut Thread, number: u32, ann: &str, bo: &str) {
    let open = format!(
        "open internal another sev3 since=20m via=customer on Checkout: Orders fail for {number}"
    );
    says(thread, ann, &open);
    for text in [
        format!("ack #{number}"),
        format!("ic #{number} me"),
        format!("scribe #{number} {{@{bo}}}"),
        format!("expert #{number} {{@{ann}}} for payments"),
        format!("release #{number} expert"),
        format!("know #{number} The team"),
        format!("doing #{number} Going back to <b>4.1</b>"),
        format!("affects #{number} Everybody"),
        format!("sev #{number} 2"),
        format!("when #{number} detected 10m ago via monitoring"),
        format!("note #{number} 5m ago It is the *pool*"),
        format!("task #{number} Restart the gateway {{@{bo}}}"),
        format!("task #{number} done 1"),
        format!("tested #{number} failed Still slow"),
        format!("told #{number} support via mail: We are on it"),
        format!("update #{number} identified It is the pool"),
    ] {
        says(thread, ann, &text);
    }
}

/// An alert fires and resolves; its incident is closed.
fn alerts(thread: &mut Thread, round: i32) {
    for status in ["firing", "resolved"] {
        let body = json!({ "title": "Search is slow", "key": format!("search-{round}"),
            "status": status, "description": "p95 is 4 s" });
        let alert = read_alert(body.to_string().as_bytes()).unwrap();
        thread.alert(&alert, 2).unwrap();
    }
    let number = thread.state.next_number - 1;
    says(thread, "Somebody", &format!("close #{number}"));
}

/// An alert flaps, an unknown one resolves, and one outlasts its component's maintenance.
fn more_alerts(thread: &mut Thread) {
    let mut posted = |body: &serde_json::Value| {
        let alert = read_alert(body.to_string().as_bytes()).unwrap();
        thread.alert(&alert, 1).unwrap();
    };
    for status in ["firing", "resolved", "firing"] {
        posted(&json!({ "title": "Mail is slow", "key": "mail", "status": status }));
    }
    posted(&json!({ "version": "4", "groupKey": "g", "alerts": [{ "status": "resolved",
        "fingerprint": "f", "startsAt": "2026-11-20T09:00:00Z", "endsAt": "2026-11-20T10:00:00Z" }] }));
    says(thread, "Ann", "maintenance now for 1h on Checkout: New switches");
    let body = json!({ "title": "Checkout is slow", "key": "switch", "component": "Checkout" });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    assert_eq!(thread.alert(&alert, 1).unwrap().fate, AlertOutcome::Noted);
}

/// A process sends due messages; the outcome changes from round to round.
fn sends(thread: &mut Thread, round: i32) {
    for receiver in [Receiver::Boards, Receiver::Graph, Receiver::Workflows] {
        let claimed = claims(&thread.state, (receiver, true), "a process", thread.now);
        let follows = followed(&thread.state, &claimed);
        records(thread, claimed.iter().cloned().map(Event::Delivery).chain(follows).collect());
        for event in claimed {
            let DeliveryEvent::Claimed { id, attempt, .. } = event else { continue };
            let (state, now) = (&thread.state, thread.now);
            let events = match &state.deliveries.get(id).unwrap().what {
                Payload::Notice(_) => {
                    let wait = Some(SignedDuration::from_mins(2));
                    let why = "it answers 429".to_owned();
                    let busy = Failure::Unavailable { why, retry_after: wait };
                    let result = if round % 3 == 2 { Err(busy) } else { Ok(()) };
                    let event = outcome(state, (id, attempt), &result, now);
                    event.map(Event::Delivery).into_iter().collect()
                }
                Payload::Step { step, .. } => stepped(
                    state,
                    (id, attempt),
                    (&comes_of(*step, attempt, round), "a digest"),
                    now,
                ),
            };
            records(thread, events);
        }
    }
}

/// A note and, where there is one, a public text are ordered to be erased; the note is.
fn erases(thread: &mut Thread, number: u32, who: &str) {
    says(thread, who, &format!("redact #{number} note 1 yes because it names a customer"));
    let erasure = thread.state.erasures.last().unwrap();
    let (order, record) = (erasure.order, erasure.from);
    records(thread, vec![Event::Redacted(Redacted { record, seals: vec![0], order })]);
    records(thread, vec![Event::Erased(Erased { order })]);
    if thread.state.status.incident(number).is_some() {
        says(thread, who, &format!("redact #{number} title yes"));
        let order = thread.state.erasures.last().unwrap().order;
        records(thread, vec![Event::Erased(Erased { order })]);
    }
}

pub fn records(thread: &mut Thread, events: Vec<Event>) {
    if events.is_empty() {
        return;
    }
    let Thread { state, config, limits, now, .. } = &*thread;
    let made = record(state, config, limits, events, *now).unwrap();
    thread.take_in(made);
}

/// The round in which somebody is on call by a shift.
const ON_SHIFT: i32 = 10;

/// The outcome of a step's try.
fn comes_of(step: Step, attempt: u32, round: i32) -> StepOutcome {
    let url = "https://example.com/1".to_owned();
    let person =
        ExternalPerson { name: "Ann".to_owned(), id: Some("a1".to_owned()), address: None };
    StepOutcome::done(match step {
        Step::WorkItem if attempt == 1 => {
            let (why, in_doubt_since) = ("no answer".to_owned(), Some(START));
            return StepOutcome::Wait { why, retry_after: None, in_doubt_since };
        }
        Step::WorkItem => StepResult::WorkItem(WorkItem { id: 7, url }),
        Step::Channel if round == 0 => {
            let why = "a right is missing".to_owned();
            return StepOutcome::Failed { why, in_doubt_since: None };
        }
        Step::Channel => {
            let (id, name) = ("19:c".to_owned(), "inc-4".to_owned());
            StepResult::Channel(Channel { id, name, url })
        }
        Step::LinkChannel if round == 0 => {
            return StepOutcome::Skipped { why: "there is no channel".to_owned() };
        }
        Step::LinkChannel => StepResult::Linked,
        Step::OnCall => {
            let shift = (round == ON_SHIFT).then(|| "Night shift".to_owned());
            let duty = if shift.is_some() { "shift" } else { "Checkout" }.to_owned();
            StepResult::OnCall(vec![OnCall { duty, shift, person }])
        }
        Step::Assign => StepResult::Assigned(Some(person)),
        Step::Message => StepResult::Sent,
        Step::WorkItemSync => StepResult::Told,
    })
}

/// Texts that are erased by their places: one of each kind that the chat cannot name.
pub fn removals(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    for _ in 0..9 {
        let n = thread.state.next_number;
        for text in [
            format!("open major on Checkout: Number {n} is failing"),
            format!("task #{n} Call the bank"),
            format!("action #{n} Watch the certificates"),
            format!("affects #{n} Everybody"),
        ] {
            says(&mut thread, "Ann", &text);
            let (record, order) = (thread.state.revision, thread.state.revision + 1);
            let reason = Some("it names a customer".to_owned()).filter(|_| n.is_multiple_of(2));
            let ordered = Event::RemovalOrdered(RemovalOrdered { reason });
            let declared = Event::Redacted(Redacted { record, seals: vec![1], order });
            records(&mut thread, vec![ordered, declared]);
            records(&mut thread, vec![Event::Erased(Erased { order })]);
        }
        says(&mut thread, "Ann", &format!("close #{n} All is well"));
        later(&mut thread, 24);
    }
    thread
}

/// Erasures that storage refuses to complete, each for every reason; some never end.
pub fn erasures(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    for _ in 0..9 {
        let n = thread.state.next_number;
        for text in [
            format!("open major on Checkout: Number {n} is failing"),
            format!("note #{n} The password of the bank"),
            format!("redact #{n} note 1 yes"),
        ] {
            says(&mut thread, "Ann", &text);
        }
        let order = thread.state.revision;
        let declared = Redacted { record: order - 1, seals: vec![1], order };
        records(&mut thread, vec![Event::Redacted(declared)]);
        let until = Some(thread.now + SignedDuration::from_hours(30 * 24));
        for (by, until) in [
            (Hindrance::LogPolicy, None),
            (Hindrance::LogRights, None),
            (Hindrance::SoftDelete, until),
            (Hindrance::CopyRights, until),
            (Hindrance::CopyPolicy, until),
        ] {
            let hindered = ErasureHindered { order, by, until };
            records(&mut thread, vec![Event::ErasureHindered(hindered)]);
            thread.now += SignedDuration::from_mins(1);
        }
        if n.is_multiple_of(2) {
            records(&mut thread, vec![Event::Erased(Erased { order })]);
        }
        says(&mut thread, "Ann", &format!("close #{n} All is well"));
        later(&mut thread, 24);
    }
    thread
}

/// Fields that came later: the impact typed off the page, the time of what was told elsewhere, and
/// the name of a shift.
pub fn optional_fields(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    thread.config.notifies = true;
    thread.limits = Limits { waiting: 8, ..TIGHT };
    for round in 0..18 {
        let n = thread.state.next_number;
        for text in [
            format!("open internal minor on Checkout: Number {n} is slow"),
            format!("told #{n} 5m ago key customers via mail: We are on it"),
            format!("told #{n} key customers via phone 2m ago: We look"),
            format!("publish #{n} on Checkout: Number {n} is failing"),
            format!("update #{n} It is the disk"),
            format!("close #{n} All is well"),
        ] {
            says(&mut thread, "Ann", &text);
            if round == 0 && text.starts_with("update") {
                says(&mut thread, "Ann", &format!("launch #{n}"));
                for _ in 0..5 {
                    sends(&mut thread, ON_SHIFT);
                    thread.now += SignedDuration::from_mins(1);
                }
            }
        }
        later(&mut thread, 24);
    }
    thread
}

/// Components that are renamed with and without `id`, and removed. The last configuration is the
/// given one.
pub fn components(config: Config) -> Thread {
    let mut thread = Thread::new(config.clone(), START);
    let named = |names: &[(&str, &str)]| {
        let line = |(id, name): &(&str, &str)| {
            format!("[[components]]\nid = \"{id}\"\nname = \"{name}\"\n")
        };
        Config::parse(&names.iter().map(line).collect::<String>()).unwrap().groups
    };
    let configured: [&[(&str, &str)]; 3] = [
        &[("checkout", "Checkout"), ("search-api", "Search API"), ("queue", "Queue")],
        &[("checkout", "Cash desk"), ("search-api", "Search API"), ("queue", "Queue")],
        &[("checkout", "Cash desk"), ("find", "Find"), ("queue", "Job queue")],
    ];
    for names in configured {
        thread.config.groups = named(names);
        for _ in 0..3 {
            let n = thread.state.next_number;
            let [first, second, third] = [names[0].1, names[1].1, names[2].1];
            for text in [
                format!("open major on {first}, {second}: Number {n} is failing"),
                format!("update #{n} identified It is the disk"),
                format!("correct #{n} on {second}"),
                format!("open internal on {third}: Number {} is long", n + 1),
                format!("note #{} It grows", n + 1),
                format!("close #{} It is empty", n + 1),
                format!("maintenance tomorrow 22:00 to 23:00 on {second}: Disks"),
            ] {
                says(&mut thread, "Ann", &text);
                thread.now += SignedDuration::from_mins(5);
            }
            says(&mut thread, "Ann", &format!("close #{n} All is well"));
            later(&mut thread, 24);
        }
    }
    thread.config = config;
    for n in 0..9 {
        says(&mut thread, "Ann", &format!("open another minor on Checkout: Round {n}"));
        says(&mut thread, "Ann", "close All is well");
        later(&mut thread, 24);
    }
    thread
}

/// Every correction of the past, and everything that takes something back.
pub fn corrections(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    for _ in 0..3 {
        let n = thread.state.next_number;
        let (m, duplicate, internal) = (n + 1, n + 2, n + 3);
        for text in [
            format!("open major on Checkout: Number {n} is failing"),
            format!("open another minor on Search: Number {m} is failing"),
            format!("open another minor on Search: Number {duplicate} is failing"),
            "open internal: The queue is long".to_owned(),
            format!("update #{n} identified A certificate has expired"),
            format!("update #{n} This is about the other one"),
            format!("move #{n} update 3 to #{m}"),
            format!("note #{n} The first note"),
            format!("note #{n} The second note"),
            format!("note #{n} The third note"),
            format!("note #{n} remove 1"),
            format!("move #{n} note 2 to #{internal}"),
            format!("told #{n} the bank via phone: We are on it"),
            format!("told #{n} remove 1"),
            format!("task #{n} Call the bank"),
            format!("task #{n} done 1"),
            format!("task #{n} reopen 1"),
            format!("task #{n} remove 1"),
            format!("action #{n} Watch the certificates"),
            format!("action #{n} done 1"),
            format!("action #{n} reopen 1"),
            format!("action #{n} remove 1"),
            format!("title #{n} Card payments fail"),
            format!("title #{internal} The queue was long"),
            format!("sev #{n} 2"),
            "undo".to_owned(),
            format!("duplicate #{duplicate} of #{m}"),
            format!("close #{n} 2m ago: All is well"),
            format!("correct #{n} started 45m ago"),
            format!("correct #{n} closed 5m ago"),
            format!("correct #{n} impact critical from 20m ago to 10m ago"),
            format!("correct #{n} impact minor"),
            format!("correct #{n} on Checkout, Search"),
            format!("reopen #{n} It is back"),
            "undo".to_owned(),
            format!("publish #{internal} The queue is long"),
            format!("unpublish #{internal}"),
            format!("duplicate #{internal} of #{n}"),
            format!("withdraw #{m} Our monitoring was wrong"),
            "backfill yesterday 10:00 to 11:30 minor on Search: Search was slow".to_owned(),
            "open another internal: It was nothing".to_owned(),
            format!("withdraw #{} Nothing at all", internal + 2),
            "maintenance tomorrow 22:00 to 23:00 on Search: More switches".to_owned(),
            format!("maintenance #{} move to tomorrow 23:00-23:45", internal + 3),
            format!("maintenance #{} start", internal + 3),
        ] {
            let said = thread.say(&text);
            assert!(matches!(said.decision(), Decision::Record(_)), "{text}: {said:?}");
        }
        later(&mut thread, 24);
    }
    thread
}

/// Links to calls.
pub fn channel(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    thread.limits = TIGHT;
    for round in 0..20 {
        let number = thread.state.next_number;
        thread.say("open internal The queue is long").expect_record();
        thread.say(&format!("channel https://calls.example/{round}")).expect_record();
        thread
            .say(&format!("channel #{number} https://calls.example/other/{round}"))
            .expect_record();
        if round % 2 == 1 {
            thread.say("channel none").expect_record();
        }
        later(&mut thread, 1);
        thread.say(&format!("close #{number} It is short")).expect_record();
        later(&mut thread, 23);
    }
    thread
}
