//! Refusals, and the information that they reveal.

use std::path::Path;
use std::time::Duration;

use super::{Place, Scene};
use crate::support::host::{App, Host, Level};
use crate::support::http::{self, Body, HANG};
use crate::support::teams::{
    self, CHANNEL, Message, OTHER_TOKEN, Reply, TEAM, TENANT, TOKEN, USER, sign,
};

/// An hour: far outside of the skew that is allowed.
const STALE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

#[tokio::test]
async fn a_stranger_gets_401_and_no_hint() {
    let scene = Scene::new(Place::directory()).await;
    let body = Message::new("open Everything is on fire").body();
    let altered = Message::new("open Nothing is on fire").body();
    let right = sign(TOKEN, &body);
    let stale = Message { sent: jiff::Timestamp::now() - STALE, ..Message::new("open Late") };
    let early = Message { sent: jiff::Timestamp::now() + STALE, ..Message::new("open Early") };
    let mut cut = right.clone();
    cut.truncate(cut.len() - 4);
    let tries = [
        ("no signature", None, &body),
        ("an empty one", Some(String::new()), &body),
        ("another scheme", Some(right.replace("HMAC", "Bearer")), &body),
        ("not base64", Some("HMAC ????".to_owned()), &body),
        ("too short", Some(cut), &body),
        ("another body's", Some(right), &altered),
        ("an unknown token's", Some(sign(OTHER_TOKEN, &body)), &body),
        ("too old", Some(sign(TOKEN, &stale.body())), &stale.body()),
        ("not yet", Some(sign(TOKEN, &early.body())), &early.body()),
    ];
    let mut answers = Vec::new();
    for (what, authorization, body) in tries {
        let answer = scene.post(authorization.as_deref(), body).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        let mut headers = answer.head.headers;
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
        answers.push((what, headers, answer.body));
    }
    let (_, headers, body) = &answers[0];
    for (what, other_headers, other_body) in &answers {
        assert_eq!((other_headers, other_body), (headers, body), "{what} is told apart");
    }
    assert!(scene.place.records().await.is_empty());
    let log = scene.host.log();
    for skew in ["skew_seconds\":3600", "skew_seconds\":-3", "max_seconds\":300"] {
        assert!(log.contains(skew), "the operator is not told of {skew}:\n{log}");
    }
}

#[tokio::test]
async fn either_of_two_tokens_signs() {
    let tokens = format!("{TOKEN}, {OTHER_TOKEN}");
    let scene = Scene::with(Place::directory(), &[("STATUS_WEBHOOK_TOKENS", &tokens)]).await;
    for (number, token) in [(1, TOKEN), (2, OTHER_TOKEN)] {
        let body = Message::new("open another one").body();
        let answer = scene.post(Some(&sign(token, &body)), &body).await;
        let (summary, _) = Reply::of(&answer).card();
        assert!(summary.contains(&format!("#{number}")), "{summary}");
    }
}

#[tokio::test]
async fn without_a_token_it_publishes_and_refuses_every_call() {
    for unset in [None, Some("")] {
        let place = Place::directory();
        let storage = place.setting();
        let mut settings = vec![("STATUS_STORAGE", storage.as_str())];
        settings.extend(unset.map(|value| ("STATUS_WEBHOOK_TOKENS", value)));
        let host = Host::start(App::packaged(), &settings).await.unwrap();
        let scene = Scene { place, host };
        // A key of no bytes is one that anyone knows.
        for token in [TOKEN, ""] {
            let body = Message::new("open Nobody may say this").body();
            let answer = scene.post(Some(&sign(token, &body)), &body).await;
            assert_eq!(answer.status, 401, "{}", answer.text());
        }
        // Nothing works until a setting is changed, which a monitor has to see.
        let health = scene.ask_health().await;
        assert_eq!(health.status, 503, "{}", health.text());
        let health = health.json();
        let missing = health["not_configured"].to_string();
        assert!(missing.contains("STATUS_WEBHOOK_TOKENS"), "{health}");
        assert!(scene.host.log().contains("STATUS_WEBHOOK_TOKENS"), "{}", scene.host.log());
        scene.wait_for_page("</html>").await;
        scene.host.fire_timer("Reconcile").await.unwrap();
        assert!(scene.place.records().await.is_empty());
    }
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let scene = Scene::new(Place::directory()).await;
    let limit = 256 * 1024;
    let fits = padded(limit);
    let answer = scene.post(Some(&sign(TOKEN, &fits)), &fits).await;
    Reply::of(&answer).card();
    let large = padded(limit + 1);
    let signature = sign(TOKEN, &large);
    assert_eq!(scene.post(Some(&signature), &large).await.status, 413);
    let chunked = Body::Chunked(&large, 4096);
    assert_eq!(teams::post(&scene.webhook(), Some(&signature), chunked).await.status, 413);
    assert_eq!(scene.place.records().await.len(), 1);
}

/// The host turns an answer before the body's end into a 500.
#[tokio::test]
async fn a_body_is_read_to_its_end_before_it_is_refused() {
    let scene = Scene::new(Place::directory()).await;
    let huge = vec![b' '; 16 << 20];
    let before = scene.host.memory_peak_kb().await;
    for body in [Body::Sized(&huge), Body::Chunked(&huge, 64 << 10)] {
        assert_eq!(teams::post(&scene.webhook(), None, body).await.status, 413);
        let health = http::send("GET", &scene.host.url("/api/health"), &[], body).await.unwrap();
        assert_eq!(health.status, 200);
    }
    let grown = scene.host.memory_peak_kb().await - before;
    assert!(grown < 8 << 10, "{grown} KiB for bodies that nobody wants");
}

/// A late body is read to its end as well.
#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_a_408() {
    let place = Place::directory();
    let scene = Scene::with(place, &[("STATUS_DEADLINE_MS", "100")]).await;
    let body = Message::new("open Checkout is failing").body();
    let slow = Body::Slow(&body, Duration::from_secs(1));
    let answer = teams::post(&scene.webhook(), Some(&sign(TOKEN, &body)), slow).await;
    assert_eq!(answer.status, 408);
    let line = scene.wait_for_line("refused").await;
    assert_eq!(line["status"], 408, "{line}");
    assert!(scene.place.records().await.is_empty());
}

/// Every refusal leaves a warning with the host's id of the call, the reason and no content.
#[tokio::test]
async fn each_refusal_is_a_line_with_its_reason() {
    let scene = Scene::new(Place::directory()).await;
    let stale = Message { sent: jiff::Timestamp::now() - STALE, ..Message::new("open Secretly") };
    let (stale, large) = (stale.body(), padded(256 * 1024 + 1));
    for (body, token, status, reason) in [
        (&stale[..], OTHER_TOKEN, 401, "refused: the body is not signed with a known token"),
        (&stale, TOKEN, 401, "refused: too old, or this machine's clock is wrong"),
        (b"Secretly", TOKEN, 400, "refused: signed, but not an activity"),
        (&large, TOKEN, 413, "refused: the body is too large"),
    ] {
        assert_eq!(scene.post(Some(&sign(token, body)), body).await.status, status);
        let line = scene.wait_for_line(reason).await;
        assert_eq!((&line["message"], &line["status"]), (&reason.into(), &status.into()));
        assert!(line["span"]["invocation"].is_string(), "{line}");
        assert_eq!(line["level"], "WARN");
    }
    let refused = scene.host.lines().into_iter().filter(|(_, line)| line.contains("refused"));
    let levels: Vec<Level> = refused.map(|(level, _)| level).collect();
    assert_eq!(levels, [Level::Warning; 4], "{}", scene.host.log());
    for private in ["Secretly", TOKEN, OTHER_TOKEN] {
        assert!(!scene.host.log().contains(private), "{private} is in the log");
    }
}

/// A flood of refused calls neither drowns the log that the alerts read, nor makes it expensive. It
/// hides nothing of a different kind, and is counted at the end of its minute.
#[tokio::test]
async fn a_flood_of_refusals_leaves_a_bounded_log() {
    let scene = Scene::new(Place::directory()).await;
    let body = Message::new("open Secretly").body();
    let stale = Message { sent: jiff::Timestamp::now() - STALE, ..Message::new("open Late") };
    let (stale, flood) = (stale.body(), sign(OTHER_TOKEN, &body));
    for _ in 0..80 {
        assert_eq!(scene.post(Some(&flood), &body).await.status, 401);
    }
    assert_eq!(scene.post(Some(&sign(TOKEN, &stale)), &stale).await.status, 401);
    scene.wait_for_line("refused: too old").await;
    let unsigned = "refused: the body is not signed";
    let lines = scene.host.lines().into_iter().filter(|(_, line)| line.contains(unsigned));
    assert_eq!(lines.count(), 20, "{}", scene.host.log());
    let left_out = scene.wait_for_line("refused: more of this kind").await;
    assert_eq!((&left_out["kind"], &left_out["omitted"]), (&"signature".into(), &60.into()));
    assert!(left_out["span"].is_null(), "{left_out}");
    // The next minute has lines of its own.
    assert_eq!(scene.post(Some(&flood), &body).await.status, 401);
    let again = async {
        while scene.host.log().matches(unsigned).count() < 21 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(HANG, again).await.is_ok(), "{}", scene.host.log());
}

/// A command's body, padded with white space to this length.
fn padded(length: usize) -> Vec<u8> {
    let mut body = Message::new("open Padded").body();
    body.resize(length, b' ');
    body
}

#[tokio::test]
async fn chunks_of_any_size_are_one_body() {
    let scene = Scene::new(Place::directory()).await;
    for (number, size) in [(1, 1), (2, 7), (3, 100_000)] {
        let body = Message::new("open another one").body();
        let chunked = Body::Chunked(&body, size);
        let answer = teams::post(&scene.webhook(), Some(&sign(TOKEN, &body)), chunked).await;
        let (summary, _) = Reply::of(&answer).card();
        assert!(summary.contains(&format!("#{number}")), "{summary}");
    }
}

#[tokio::test]
async fn signed_bodies_that_are_not_messages_do_nothing() {
    let scene = Scene::new(Place::directory()).await;
    for body in [&b"not JSON"[..], b"", b"\xff\xfe", b"{\"type\":", b"[]", b"null", b"{}"] {
        let answer = scene.post(Some(&sign(TOKEN, body)), body).await;
        assert!([200, 400].contains(&answer.status), "{body:?}: {}", answer.status);
    }
    let not_json = b"not JSON";
    assert_eq!(scene.post(Some(&sign(TOKEN, not_json)), not_json).await.status, 400);
    for kind in ["messageUpdate", "messageDelete", "conversationUpdate", "invoke", ""] {
        let edit = Message { kind: kind.to_owned(), ..Message::new("open Edited") };
        let body = edit.body();
        let answer = scene.post(Some(&sign(TOKEN, &body)), &body).await;
        assert!([200, 400].contains(&answer.status), "{kind}: {}", answer.status);
    }
    assert!(scene.place.records().await.is_empty());
    scene.host.fire_timer("Reconcile").await.unwrap();
    assert_eq!(scene.health().await["revision_recorded"], 0);
}

#[tokio::test]
async fn a_wrong_command_gets_the_line_to_type() {
    let scene = Scene::new(Place::directory()).await;
    for (wrong, hint) in [
        ("opne Checkout is failing", "open"),
        ("open", "open"),
        ("close", "open"),
        ("update #7 Better now", "#7"),
    ] {
        let sentence = scene.say(wrong).await.sentence();
        assert!(sentence.contains(hint), "{wrong:?} is answered {sentence:?}");
    }
    assert!(scene.place.records().await.is_empty());
}

#[tokio::test]
async fn each_allow_list_keeps_others_out() {
    for (setting, ours) in [
        ("STATUS_ALLOWED_TENANTS", TENANT),
        ("STATUS_ALLOWED_TEAMS", TEAM),
        ("STATUS_ALLOWED_CHANNELS", CHANNEL),
        ("STATUS_ALLOWED_USERS", USER),
    ] {
        let scene = Scene::with(Place::directory(), &[(setting, "someone-else, another")]).await;
        // Two messages, for both shapes of a body.
        for _ in 0..2 {
            let sentence = scene.say("open We may not say this").await.sentence();
            assert!(!sentence.contains("someone-else"), "{setting} is given away: {sentence}");
        }
        assert!(scene.place.records().await.is_empty(), "{setting}");

        let both = format!("someone-else, {ours}");
        let scene = Scene::with(Place::directory(), &[(setting, &both)]).await;
        scene.say("open We may say this").await.card();
        scene.say("close And this").await.card();
    }
}

/// The captured bodies are as they were signed; with their time brought up to date, and nothing
/// else, they are understood.
#[tokio::test]
async fn captured_messages_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/teams");
    let signatures = std::fs::read_to_string(folder.join("signatures.tsv")).unwrap();
    let scene = Scene::new(Place::directory()).await;
    let mut replies = Vec::new();
    for line in signatures.lines().filter(|line| !line.starts_with('#')) {
        let [file, length, signature] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let body = std::fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(
            (body.len().to_string().as_str(), &*sign(TOKEN, body.as_bytes())),
            (length, signature)
        );
        let (before, rest) = body.split_once(r#""timestamp":""#).unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        let body = format!("{before}\"timestamp\":\"{}\"{after}", jiff::Timestamp::now());
        let signature = sign(TOKEN, body.as_bytes());
        let reply = Reply::of(&scene.post(Some(&signature), body.as_bytes()).await);
        replies.push(matches!(reply, Reply::Card { .. }));
    }
    // Opened; three updates of #42, which there is not; closed; #42 again; opened.
    assert_eq!(replies, [true, false, false, false, true, false, true]);
    assert_eq!(scene.place.records().await.len(), 3);
    assert!(scene.place.page("index.html").await.contains("“Login page” won’t load"));
}

/// A refused message stays refused for as long as a copy of it is accepted, however many others are
/// refused meanwhile, even if it would be possible by now.
#[tokio::test]
async fn a_refused_message_that_is_posted_again_stays_refused() {
    let scene = Scene::new(Place::directory()).await;
    let refused = Message::new("close").body();
    let signature = sign(TOKEN, &refused);
    let first = scene.post(Some(&signature), &refused).await;
    let again = scene.post(Some(&signature), &refused).await;
    assert_eq!(again.body, first.body, "the very same answer");
    for _ in 0..300 {
        scene.say("update Nothing is open").await;
    }
    scene.say("open Checkout is failing").await.card();
    let again = scene.post(Some(&signature), &refused).await;
    assert_eq!(again.status, 200);
    assert!(again.text().contains("this message was refused before"), "{}", again.text());
    assert_eq!(scene.place.records().await.len(), 1, "it was carried out");
}

/// Only callers who can sign learn the number of records, which includes internal ones.
#[tokio::test]
async fn anonymous_health_has_no_counts() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open internal A queue").await.card();
    let known = scene.health().await;
    assert_eq!(known["revision_recorded"], 1, "{known}");
    let anonymous = scene.ask_health().await.json();
    assert_eq!(anonymous["behind"], 0, "{anonymous}");
    let names: Vec<&String> = anonymous.as_object().unwrap().keys().collect();
    assert!(!names.iter().any(|name| name.contains("revision")), "{anonymous}");
}
