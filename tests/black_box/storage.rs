//! Storage that is down, slow or silent: the answer never says more than is known.

use super::proxy::{Fate, writes};
use super::{Claim, Place, Scene};
use crate::support::teams::Message;

/// Short, because it is waited out.
const DEADLINE: (&str, &str) = ("STATUS_DEADLINE_MS", "1500");

impl Scene {
    /// On Azurite with existing data and a short deadline; `None` if Azurite cannot run.
    async fn impatient() -> Option<Self> {
        let scene = Self::with(Place::azurite().await?, &[DEADLINE]).await;
        // The first command creates the containers, which is not tested here.
        for text in ["open Nothing in particular", "close"] {
            scene.is_recorded(&Message::new(text)).await;
        }
        Some(scene)
    }

    /// Sends a message until it is answered as recorded: a busy machine may need more than one
    /// deadline.
    async fn is_recorded(&self, message: &Message) {
        loop {
            let reply = self.send(message).await;
            let is_repeated = format!("{reply:?}").contains("Recorded, as revision");
            if is_repeated || Claim::of(&reply) == Claim::Recorded {
                return;
            }
        }
    }

    /// True if the log has this message. More than one copy is an error.
    async fn has(&self, message: &Message) -> bool {
        let records = self.place.records().await;
        let count =
            records.iter().filter(|r| r["cause"]["message"]["id"] == message.id.as_str()).count();
        assert!(count <= 1, "{} is there {count} times", message.id);
        count == 1
    }

    /// With storage working again: the claim was true, `status`, page and log agree, and repeating
    /// the message ends with exactly one record.
    async fn settles(&self, claim: Claim, message: &Message) {
        self.place.proxy().rule(|_| Fate::Passed);
        self.host.fire_timer("Reconcile").await.unwrap();
        let recorded = self.has(message).await;
        match claim {
            Claim::Recorded => assert!(recorded, "it was said to be recorded"),
            Claim::NotRecorded => assert!(!recorded, "it was said not to be recorded"),
            Claim::Unknown => {}
        }
        let mut status = format!("{:?}", self.say("status").await);
        while status.contains("No answer right now") {
            status = format!("{:?}", self.say("status").await);
        }
        assert_eq!(status.contains(&message.text["open ".len()..]), recorded, "{status}");
        let page = self.place.page("index.html").await;
        assert_eq!(page.contains(&message.text["open ".len()..]), recorded, "{page}");
        self.is_recorded(message).await;
        assert!(self.has(message).await);
        self.wait_for_page(&message.text["open ".len()..]).await;
    }
}

#[tokio::test]
async fn a_cut_connection_never_means_recorded() {
    let Some(scene) = Scene::impatient().await else { return };
    scene.place.proxy().rule(|_| Fate::Cut);
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    // A connection that was cut may have carried the command: only a later read can tell.
    assert_ne!(claim, Claim::Recorded);
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn unreachable_means_not_recorded() {
    let Some(scene) = Scene::impatient().await else { return };
    scene.place.proxy().close().await;
    let message = Message::new("open Mail is delayed");
    // Nobody took the connection, so nothing can have been written.
    assert_eq!(Claim::of(&scene.send(&message).await), Claim::NotRecorded);
    scene.place.proxy().reopen().await;
    scene.settles(Claim::NotRecorded, &message).await;
}

#[tokio::test]
async fn a_start_without_storage_is_a_start() {
    let Some(place) = Place::azurite().await else { return };
    place.proxy().rule(|_| Fate::Cut);
    let scene = Scene::with(place, &[DEADLINE]).await;
    let health = scene.health().await;
    assert_eq!(health["revision_recorded"], serde_json::Value::Null, "{health}");
    assert!(scene.host.fire_timer("Reconcile").await.is_err(), "it cannot have reconciled");
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    assert_ne!(claim, Claim::Recorded);
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn a_commit_that_is_never_performed() {
    let Some(scene) = Scene::impatient().await else { return };
    scene.place.proxy().rule(|head| if writes(head, "log") { Fate::Held } else { Fate::Passed });
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    assert_ne!(claim, Claim::Recorded);
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost() {
    let Some(scene) = Scene::impatient().await else { return };
    scene
        .place
        .proxy()
        .rule(|head| if writes(head, "log") { Fate::Swallowed } else { Fate::Passed });
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    scene.place.proxy().struck().await;
    assert!(scene.has(&message).await);
    assert_ne!(claim, Claim::NotRecorded);
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn a_commit_that_lands_after_the_answer() {
    let Some(scene) = Scene::impatient().await else { return };
    scene.place.proxy().rule(|head| if writes(head, "log") { Fate::Late } else { Fate::Passed });
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    assert!(!scene.has(&message).await);
    assert_ne!(claim, Claim::Recorded);
    scene.place.proxy().release().await;
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn late_pages_do_not_unsay_the_record() {
    let Some(scene) = Scene::impatient().await else { return };
    scene.place.proxy().rule(|head| if writes(head, "$web") { Fate::Held } else { Fate::Passed });
    let message = Message::new("open Mail is delayed");
    let claim = Claim::of(&scene.send(&message).await);
    assert_eq!(claim, Claim::Recorded);
    scene.settles(claim, &message).await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_means_not_recorded() {
    let scene = Scene::new(Place::directory()).await;
    let Place::Directory(folder) = &scene.place else { panic!("not a directory") };
    let (log, aside) = (folder.path().join("log"), folder.path().join("log.aside"));
    std::fs::rename(&log, &aside).unwrap();
    std::fs::write(&log, "in the way").unwrap();
    let message = Message::new("open Mail is delayed");
    assert_eq!(Claim::of(&scene.send(&message).await), Claim::NotRecorded);
    std::fs::remove_file(&log).unwrap();
    std::fs::rename(&aside, &log).unwrap();
    scene.host.fire_timer("Reconcile").await.unwrap();
    assert!(!scene.has(&message).await);
    scene.send(&message).await.card();
    assert!(scene.has(&message).await);
}
