//! Two processes on one store, and many people at once.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{Claim, Place, health_of, on_both_stores, start};
use crate::support::teams::{self, Message, Reply};

const COMMANDS: usize = 200;
/// Below the number of incidents that may be open at once.
const OPENINGS: usize = 20;

on_both_stores!(each_command_counts_exactly_once);

async fn each_command_counts_exactly_once(place: Place) {
    let hosts = [start(&place, &[]).await.unwrap(), start(&place, &[]).await.unwrap()];
    let first = Message::new("open Everything is slow");
    Reply::of(&teams::say(&hosts[0].url("/api/status-update"), &first).await).card();

    let messages = (1..COMMANDS).map(|number| {
        Message::new(&match number {
            ..=OPENINGS => format!("open another Load {number}!"),
            _ => format!("update #1 Step {number}!"),
        })
    });
    let messages = messages.collect::<Vec<_>>();
    let replies = join_all(messages.iter().enumerate().map(async |(index, message)| {
        let url = hosts[index % 2].url("/api/status-update");
        Reply::of(&teams::say(&url, message).await)
    }));
    let replies = tokio::select! {
        replies = replies => replies,
        never = pages_go_forward(&place) => match never {},
    };

    // The records are checked here to have no gaps and to be an intact chain.
    let records = place.records().await;
    let mut revisions = BTreeMap::<String, Vec<u64>>::new();
    for record in &records {
        let id = record["cause"]["message"]["id"].as_str().unwrap().to_owned();
        revisions.entry(id).or_default().push(record["revision"].as_u64().unwrap());
    }
    for (message, reply) in messages.iter().zip(replies) {
        let (summary, card) = reply.card();
        let [revision] = revisions[&message.id][..] else { panic!("{message:?} is there twice") };
        let event = &records[usize::try_from(revision).unwrap() - 1]["events"][0];
        assert!(summary.contains(&format!("#{}", event["status"]["number"])), "{summary}: {event}");
        let (_, said) = message.text.split_at(message.text.len() - "Step 100!".len());
        let said = said.rsplit_once(' ').unwrap().1;
        assert!(card.to_string().contains(said), "{said}: {card}");
    }
    assert_eq!(records.len(), COMMANDS);

    let page = place.page("index.html").await;
    assert!(page.contains(&format!("name=\"edition\" content=\"{COMMANDS}\"")), "{page}");
    let incident = place.page("incidents/1/index.html").await;
    for message in &messages {
        let (command, text) = message.text.rsplit_once(' ').unwrap();
        let (_, word) = command.rsplit_once(' ').unwrap();
        let shown = if word == "Load" { &page } else { &incident };
        assert!(shown.contains(&format!("{word} {text}")), "{word} {text} is not shown");
    }
    for host in &hosts {
        host.fire_timer("Reconcile").await.unwrap();
        let health = health_of(host).await;
        assert_eq!(health.json()["revision_recorded"], COMMANDS, "{}", health.text());
        assert_eq!(health.json()["revision_published"], COMMANDS, "{}", health.text());
    }
    assert_eq!(place.page("index.html").await, page, "a timer had something left to do");
}

/// The other process recorded it, and its answer was lost: the sender tries again seconds later. This
/// process has read the log before, and cannot read it now.
#[tokio::test]
async fn a_copy_that_the_other_process_recorded_is_not_denied() {
    let place = Place::directory();
    let hosts = [start(&place, &[]).await.unwrap(), start(&place, &[]).await.unwrap()];
    let say = async |host: usize, message: &Message| {
        Reply::of(&teams::say(&hosts[host].url("/api/status-update"), message).await)
    };
    say(0, &Message::new("open Mail is delayed")).await.card();
    assert!(format!("{:?}", say(1, &Message::new("status")).await).contains("Mail is delayed"));
    let sent = Timestamp::now() - SignedDuration::from_secs(10);
    let message = Message { sent, ..Message::new("update It is being looked at") };
    say(0, &message).await.card();

    let Place::Directory(folder) = &place else { panic!("not a directory") };
    let (log, aside) = (folder.path().join("log"), folder.path().join("log.aside"));
    std::fs::rename(&log, &aside).unwrap();
    std::fs::write(&log, "in the way").unwrap();
    assert_eq!(Claim::of(&say(1, &message).await), Claim::Unknown);
    // A message that was only just written was never sent to anybody else.
    assert_eq!(Claim::of(&say(1, &Message::new("update Nothing new")).await), Claim::NotRecorded);
    std::fs::remove_file(&log).unwrap();
    std::fs::rename(&aside, &log).unwrap();
    say(1, &message).await.card();
    assert_eq!(place.records().await.len(), 2);
}

/// Watches the front page for as long as it is polled.
async fn pages_go_forward(place: &Place) -> Infallible {
    let mut newest = 0;
    loop {
        let page = place.page("index.html").await;
        let (_, edition) = page.split_once("name=\"edition\" content=\"").expect("an edition");
        let edition = edition.split_once('"').unwrap().0.parse::<u64>().unwrap();
        assert!(edition >= newest, "the page went back from {newest} to {edition}");
        newest = edition;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
