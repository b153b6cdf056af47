//! `alerts` in the channel: what fires now.

use jiff::SignedDuration;
use serde_json::json;
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::report::report;
use status_update::core::config::Config;
use status_update::core::decide::Decision;

use crate::cases::thread::{START, Thread};

fn post(thread: &mut Thread, body: &serde_json::Value) {
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    thread.alert(&alert, 1).unwrap();
}

fn asked(thread: &mut Thread) -> String {
    let asked = thread.say("alerts");
    let Decision::Answer(asked) = asked.decision() else { panic!("{asked:?}") };
    format!("{:?}", report(asked, &thread.state, None, &thread.config))
}

#[test]
fn what_fires_is_listed_the_most_severe_first() {
    let config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    let mut thread = Thread::new(config, START);
    assert!(asked(&mut thread).contains("No alert is firing."));
    let since = (START - SignedDuration::from_mins(23)).to_string();
    post(
        &mut thread,
        &json!({"title": "Queue grows", "key": "queue", "severity": "P3",
        "link": "https://grafana.example.com/d/1_(a)", "fired_at": since}),
    );
    post(&mut thread, &json!({"title": "Checkout fails", "key": "checkout", "severity": "P1"}));
    post(&mut thread, &json!({"title": "Disk is full", "key": "disk"}));
    post(&mut thread, &json!({"title": "Disk is full", "key": "disk", "status": "ok"}));
    thread.say("open Search is slow").expect_record();
    let told = asked(&mut thread);
    let (first, second) = (told.find("Checkout fails").unwrap(), told.find("Queue grows").unwrap());
    assert!(first < second, "{told}");
    assert!(!told.contains("Disk") && !told.contains("Search"), "{told}");
    let line = "[Queue grows](https://grafana.example.com/d/1_%28a%29) · severity 3 · a program";
    assert!(told.contains(line), "{told}");
}
