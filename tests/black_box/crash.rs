//! A kill without warning between the commit and the publication.

use std::fs::File;

use super::proxy::{Fate, writes};
use super::{Place, Scene, on_both_stores};
use crate::support::http::{self, Body};
use crate::support::teams::{Message, TOKEN, sign};

on_both_stores!(records_are_published_after_a_kill);

async fn records_are_published_after_a_kill(place: Place) {
    let scene = Scene::new(place).await;
    scene.say("open Deliveries are late").await.card();
    let before = scene.place.page("index.html").await;

    let hold = Hold::pages(&scene.place);
    let message = Message::new("update Deliveries stand still");
    let body = message.body();
    let (webhook, signature) = (scene.webhook(), sign(TOKEN, &body));
    let call = tokio::spawn(async move {
        let headers = [("Authorization", signature.as_str())];
        http::send("POST", &webhook, &headers, Body::Sized(&body)).await
    });
    scene.wait_for_records(2).await;
    hold.reached(&scene.place).await;
    // It comes back while the store still withholds its pages, and is ready all the same.
    scene.host.kill().await.unwrap();
    let answer = call.await.unwrap();
    assert_eq!(answer.unwrap().status, 500, "it answered before it was killed");
    assert_eq!(scene.place.page("index.html").await, before, "the kill came too late");
    hold.release(&scene.place);

    scene.host.fire_timer("Reconcile").await.unwrap();
    scene.wait_for_page("Deliveries stand still").await;
    let health = scene.health().await;
    assert_eq!(health["revision_recorded"], 2, "{health}");
    assert_eq!(health["revision_published"], 2, "{health}");
    // A sender without an answer repeats the message, which is recorded already.
    scene.send(&message).await.card();
    assert_eq!(scene.place.records().await.len(), 2);
}

/// Keeps a store from accepting pages while it still accepts records.
pub enum Hold {
    /// The directory's lock, which pages need and records do not.
    Lock(File),
    Proxy,
}

impl Hold {
    pub fn pages(place: &Place) -> Self {
        match place {
            Place::Directory(folder) => {
                let lock = File::options().write(true).open(folder.path().join(".lock")).unwrap();
                lock.lock().unwrap();
                Self::Lock(lock)
            }
            Place::Azurite { proxy, .. } => {
                proxy.rule(|head| if writes(head, "$web") { Fate::Held } else { Fate::Passed });
                Self::Proxy
            }
        }
    }

    /// The same for records; `None` for a directory, which needs no lock.
    pub fn records(place: &Place) -> Option<Self> {
        let Place::Azurite { proxy, .. } = place else { return None };
        proxy.rule(|head| if writes(head, "log") { Fate::Held } else { Fate::Passed });
        Some(Self::Proxy)
    }

    /// Waits until the handler is seen waiting for it, where that can be seen.
    pub async fn reached(&self, place: &Place) {
        if let Place::Azurite { proxy, .. } = place {
            proxy.struck().await;
        }
    }

    pub fn release(self, place: &Place) {
        match (self, place) {
            (Self::Lock(lock), _) => lock.unlock().unwrap(),
            (Self::Proxy, Place::Azurite { proxy, .. }) => proxy.rule(|_| Fate::Passed),
            (Self::Proxy, Place::Directory(_)) => unreachable!("it has no proxy"),
        }
    }
}

/// The second start after a kill is as good as the first, with nothing to do.
#[tokio::test]
async fn a_kill_at_rest_changes_nothing() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Deliveries are late").await.card();
    let before = scene.place.page("index.html").await;
    for _ in 0..2 {
        scene.host.kill().await.unwrap();
        scene.host.fire_timer("Reconcile").await.unwrap();
        assert_eq!(scene.health().await["revision_recorded"], 1);
    }
    assert_eq!(scene.place.page("index.html").await, before);
    scene.say("close They are on time").await.card();
    assert_eq!(scene.place.records().await.len(), 2);
}
