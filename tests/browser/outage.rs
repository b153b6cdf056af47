//! A ninety-minute outage with five people: their answers, and the answers' height on a phone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::{Answer, card};
use status_update::core::commands::remarks::remarks;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::outbox::model::Payload;

use super::cards::{drawable, looks, too_high};
use super::none_wrong;
use crate::cases;
use crate::cases::thread::{Content, Handled, Message, Sender, Thread};

/// When the alert fires: 15:40 in Berlin.
const ALERT: Timestamp = Timestamp::constant(1_795_704_000, 0);
/// The verbs whose answers have to fit.
const ROUTINE: [&str; 12] = [
    "ack", "close", "comms", "expert", "ic", "impact", "note", "oncall", "primary", "status",
    "task", "update",
];

/// A message with its answer.
struct Said {
    minute: i64,
    who: &'static str,
    text: &'static str,
    answer: Answer,
    decision: Decision,
}

struct Outage {
    said: Vec<Said>,
    /// Messages sent to the channel proactively, with their minute.
    heard: Vec<(i64, String)>,
}

impl Outage {
    fn play() -> Self {
        let mut config = Config::parse(include_str!("outage/status.toml")).unwrap();
        config.public_url = Some("https://status.example.com".to_owned());
        config.notifies = true;
        let mut thread = Thread::new(config, ALERT - Span::new().hours(24 * 7));
        thread.set_rosters(include_str!("outage/rosters.toml"));
        for _ in 0..40 {
            thread.say("open Something was failing").expect_record();
            thread.say("close").expect_record();
        }
        let mut played = Self { said: Vec::new(), heard: Vec::new() };
        let mut known = BTreeSet::new();
        played.listen(0, &thread, &mut known);
        played.heard.clear();
        thread.now = ALERT;
        let alert = json!({
            "title": "Checkout error rate above 30 %",
            "severity": "1",
            "component": "Checkout",
            "description": "31 % of requests fail since 15:38",
            "link": "https://graphs.example.com/d/errors",
        });
        thread.alert(&read_alert(alert.to_string().as_bytes()).unwrap(), 1).unwrap();
        let lines = include_str!("outage/script.txt").lines();
        let mut minute_before = 0;
        for line in lines.filter(|line| !line.starts_with('#')) {
            let (minute, rest) = line.split_once(' ').unwrap();
            let (who, text) = rest.split_once(": ").unwrap();
            let minute: i64 = minute.parse().unwrap();
            for passed in minute_before..minute {
                thread.clock(ALERT + Span::new().minutes(passed + 1));
                played.listen(passed + 1, &thread, &mut known);
            }
            minute_before = minute;
            thread.now = ALERT + Span::new().minutes(minute);
            played.say(&mut thread, minute, who, text);
        }
        played
    }

    fn say(&mut self, thread: &mut Thread, minute: i64, who: &'static str, text: &'static str) {
        let from = Sender::Named(who.to_owned());
        let handled = thread.send(&Message { from, ..Content::Plain(text.to_owned()).into() });
        let mut answer = cases::answer(handled.decision(), thread).unwrap();
        let Handled::Decided { message, command, decision, .. } = handled else { panic!("{text}") };
        if let (Decision::Record(record), Ok(command)) = (&*decision, &*command) {
            let remarks = remarks(&message.said, command, record, &thread.state, &thread.config);
            answer = answer.remarking(&remarks);
        }
        self.said.push(Said { minute, who, text, answer, decision: *decision });
    }

    /// Notes new messages that wait for the channel.
    fn listen(&mut self, minute: i64, thread: &Thread, known: &mut BTreeSet<u64>) {
        for delivery in thread.state.deliveries.waiting() {
            let is_message = matches!(delivery.what, Payload::Notice(_));
            if is_message && known.insert(delivery.id) {
                self.heard.push((minute, delivery.what.heading()));
            }
        }
    }

    fn transcript(&self) -> String {
        let mut transcript = String::new();
        let mut heard = self.heard.iter().peekable();
        for Said { minute, who, text, answer, .. } in &self.said {
            while let Some((at, heading)) = heard.next_if(|(at, _)| at <= minute) {
                writeln!(transcript, "== T+{at} to the channel\n{heading}\n").unwrap();
            }
            let answer = card::to_terminal(&card::activity(answer)).unwrap();
            writeln!(transcript, "== T+{minute} {who}: {text}\n{answer}\n").unwrap();
        }
        transcript
    }
}

#[test]
fn everybody_in_the_outage_is_answered() {
    let outage = Outage::play();
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("outage", outage.transcript()));
    for Said { text, answer, decision, .. } in &outage.said {
        if let (Decision::Refuse(_), Answer::Sentence(said)) = (decision, answer) {
            let helps = ["`", "Mention them in Teams", "already"];
            assert!(helps.iter().any(|help| said.contains(help)), "{text} is not helped: {said}");
        }
    }
}

/// The first answer names the on-call engineer's phone number, which is in no record except the
/// roster's.
#[test]
fn phone_numbers_are_in_answers_alone() {
    const ROSTERS: &str = include_str!("outage/rosters.toml");
    let hidden = format!("show_phone = false\n{ROSTERS}");
    for (rosters, is_shown) in [(ROSTERS, true), (hidden.as_str(), false)] {
        let config = Config::parse(include_str!("outage/status.toml")).unwrap();
        let mut thread = Thread::new(config, ALERT);
        assert!(matches!(thread.set_rosters(rosters), Decision::Record(_)));
        let said = thread.say("open on Checkout: Card payments are failing");
        let answer = cases::answer(said.decision(), &thread).unwrap();
        let answer = card::to_terminal(&card::activity(&answer)).unwrap();
        assert!(answer.contains("\nOn call: Priya Nair"), "{answer}");
        assert_eq!(answer.contains("+49 30 5550 0101"), is_shown, "{answer}");
        for text in ["ack", "ic me", "note On it", "close", "review #1"] {
            thread.say(text).expect_record();
        }
        let review = crate::follow_up::review(&thread, 1);
        let records = thread.log.iter().skip(1).map(|record| String::from_utf8_lossy(record));
        for kept in records.chain([review.into()]) {
            assert!(!kept.contains("5550"), "{kept}");
        }
    }
}

/// Both customer updates that were promised and late are reminded of before they break.
#[test]
fn promises_in_the_outage_are_reminded_of_in_time() {
    let outage = Outage::play();
    let minutes: Vec<i64> = outage
        .heard
        .iter()
        .filter(|(_, heading)| heading.contains("update"))
        .map(|(minute, _)| *minute)
        .collect();
    assert!(minutes.contains(&43), "{:?}", outage.heard);
}

#[tokio::test]
async fn answers_in_the_outage_fit_a_phone() {
    let outage = Outage::play();
    let is_routine = |said: &&Said| {
        let verb = said.text.split(' ').next().unwrap();
        ROUTINE.contains(&verb) || matches!(said.decision, Decision::Record(_))
    };
    let routine: Vec<&Said> = outage.said.iter().filter(is_routine).collect();
    let name = |place: usize, said: &Said| {
        let verb: String = said.text.chars().take_while(char::is_ascii_alphanumeric).collect();
        format!("outage-{place:02}-{verb}")
    };
    let drawn = routine.iter().enumerate();
    let drawn: Vec<Value> =
        drawn.map(|(place, said)| drawable(&name(place, said), &said.answer)).collect();
    let Some(looks) = looks(&drawn).await else { return };
    let is_review = |look: &&super::cards::Look| look.name.ends_with("review");
    let high: Vec<super::cards::Look> =
        looks.into_iter().filter(|look| !is_review(&look)).collect();
    let sum: f64 = high.iter().map(|look| look.height).sum();
    none_wrong(&too_high(&high));
    assert!(sum < 7_000.0, "{sum} pixels in {} answers", high.len());
}
