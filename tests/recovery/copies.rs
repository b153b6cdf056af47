//! Old copies that storage keeps of blobs which held an erased text: they are deleted where settings
//! and rights allow it, and `redactions` says what keeps the others, and until when.

use jiff::{SignedDuration, Timestamp};
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use tokio::runtime::Builder;
use tokio::time::Instant;

use super::{Arc, Duration, Outcome, Service, message};
use crate::support::azurite::{self, Azurite};
use crate::support::soft_delete::{DAYS_LEFT, Rules, SoftDelete};

const NOTE: &str = "hunter2";
const UPDATE: &str = "Zacharias";

const ALL: Rules = Rules {
    allows_permanent: true,
    may_purge: true,
    has_versions: false,
    log_is_immutable: false,
    has_expired: false,
};

struct Scene {
    storage: SoftDelete,
    process: Arc<Service>,
    at: Timestamp,
    said: u64,
    _server: Azurite,
}

impl Scene {
    /// An incident with a private note and a private update, and old copies of both.
    async fn begun(rules: Rules) -> Option<Self> {
        let server = Azurite::start()?;
        let storage = SoftDelete::start(server.address, rules).await;
        let process = process(&storage);
        let at = Timestamp::now();
        let mut scene = Self { storage, process, at, said: 0, _server: server };
        for line in [
            "open The shop is down",
            &format!("note #1 The password is {NOTE}"),
            &format!("update #1 identified Customer {UPDATE} complains"),
        ] {
            scene.say(line).await;
            // Each run overwrites the snapshot of the state.
            scene.process.reconcile(at).await.unwrap();
        }
        scene.say("update #1 monitoring We watch it").await;
        scene.process.reconcile(at).await.unwrap();
        for text in [NOTE, UPDATE] {
            assert!(!scene.storage.holding(text).is_empty(), "no old copy holds {text}");
        }
        Some(scene)
    }

    async fn say(&mut self, text: &str) -> String {
        self.said += 1;
        let message = message(self.said, text);
        let deadline = Instant::now() + Duration::from_secs(10);
        let outcome = self.process.command(&message.cause(self.at), &message.said, deadline).await;
        assert!(!matches!(outcome, Outcome::Trouble { .. }), "{text}: {outcome:?}");
        format!("{:?}", self.process.answer(&outcome, "somebody"))
    }

    async fn redact(&mut self) -> String {
        for text in ["note 1", "update 2"] {
            let said = self.say(&format!("redact #1 {text} yes")).await;
            assert!(said.contains("is being erased from the log"), "{said}");
        }
        self.process.reconcile(self.at).await.unwrap();
        self.say("redactions").await
    }

    /// A process that has tried nothing yet.
    async fn restarted(&mut self) -> String {
        self.process = process(&self.storage);
        self.process.reconcile(self.at).await.unwrap();
        self.say("redactions").await
    }

    /// The old copies that hold one of the texts.
    fn left(&self) -> Vec<String> {
        [self.storage.holding(NOTE), self.storage.holding(UPDATE)].concat()
    }

    /// The last day on which an old copy may be there.
    fn last_day(&self) -> String {
        let until = self.at + SignedDuration::from_hours(24 * (DAYS_LEFT + 1));
        until.strftime("%Y-%m-%d").to_string()
    }
}

fn process(storage: &SoftDelete) -> Arc<Service> {
    let site = Arc::new(Site::new(Config::default()).unwrap());
    Service::new(Arc::new(azurite::store(storage.address)), site, 0)
}

fn run(scene: impl Future<Output = ()>) {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(scene);
}

const COMPLETE: &str = "All ordered erasures are complete.";

#[test]
fn old_copies_are_deleted_where_settings_and_rights_allow_it() {
    run(async {
        let Some(mut scene) = Scene::begun(ALL).await else { return };
        let before = scene.storage.count();
        let said = scene.redact().await;
        assert!(said.contains(COMPLETE), "{said}");
        assert_eq!(scene.left(), Vec::<String>::new());
        assert!(before > 10, "a list has several pages: {before}");
    });
}

#[test]
fn versions_are_deleted_in_two_steps() {
    run(async {
        let rules = Rules { has_versions: true, ..ALL };
        let Some(mut scene) = Scene::begun(rules).await else { return };
        let said = scene.redact().await;
        assert!(said.contains(COMPLETE), "{said}");
        assert_eq!(scene.left(), Vec::<String>::new());
    });
}

#[test]
fn redactions_says_what_keeps_old_copies_and_until_when() {
    for (rules, why) in [
        (Rules { allows_permanent: false, ..ALL }, "soft delete, and permanent deletion is off"),
        (Rules { may_purge: false, ..ALL }, "the app lacks the right to delete them"),
    ] {
        run(async {
            let Some(mut scene) = Scene::begun(rules).await else { return };
            let said = scene.redact().await;
            let expected = format!(
                "gone from the page and the log. Storage keeps old copies until {}: {why}",
                scene.last_day()
            );
            for name in ["#1 note 1, ordered", "#1 update 2, ordered", &expected] {
                assert!(said.contains(name), "{name}: {said}");
            }
            assert!(said.contains("tries old copies again every hour"), "{said}");
            assert!(!said.contains(NOTE) && !said.contains(UPDATE), "{said}");
            assert!(!scene.left().is_empty());
            // Said once, and not again with every run.
            let revisions = scene.process.reconcile(scene.at).await.unwrap();
            assert_eq!(scene.process.reconcile(scene.at).await.unwrap(), revisions);

            // An operator allows it.
            scene.storage.set(ALL);
            let said = scene.restarted().await;
            assert!(said.contains(COMPLETE), "{said}");
            assert_eq!(scene.left(), Vec::<String>::new());
        });
    }
}

#[test]
fn an_erasure_is_complete_once_old_copies_have_expired() {
    run(async {
        let Some(mut scene) = Scene::begun(Rules { allows_permanent: false, ..ALL }).await else {
            return;
        };
        assert!(scene.redact().await.contains("Storage keeps old copies"));
        scene.storage.set(Rules { has_expired: true, ..ALL });
        let said = scene.restarted().await;
        assert!(said.contains(COMPLETE), "{said}");
    });
}

/// The policy refuses for as long as it exists: no date would be true. Nothing else waits for it.
#[test]
fn an_immutable_log_is_named_and_holds_up_nothing_else() {
    run(async {
        let rules = Rules { log_is_immutable: true, ..ALL };
        let Some(mut scene) = Scene::begun(rules).await else { return };
        let said = scene.redact().await;
        for part in [
            "an immutability policy or a legal hold on the log refuses the change",
            "somebody has to remove it",
            "The timer retries every minute.",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let said = scene.say("note #1 Something else").await;
        assert!(said.contains("Note 2"), "{said}");
        scene.process.reconcile(scene.at).await.unwrap();

        scene.storage.set(ALL);
        let said = scene.restarted().await;
        assert!(said.contains(COMPLETE), "{said}");
        assert_eq!(scene.left(), Vec::<String>::new());
    });
}
