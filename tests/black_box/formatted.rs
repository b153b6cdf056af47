//! Formatted messages as Teams posts them, signed: the published part, and the answer about the
//! rest.

use jiff::Timestamp;
use serde_json::Value;

use super::{Place, Scene};
use crate::support::teams::{Reply, TOKEN, sign};

/// The expected result for a body in `tests/fixtures/chat`.
enum Expected {
    /// This is published, and the answer says that.
    Published(&'static str, &'static str),
    /// Nothing is recorded, and the answer says that.
    Refused(&'static str),
}

const BODIES: &[(&str, &[u8], Expected)] = &[
    (
        "forward",
        include_bytes!("../fixtures/chat/forward.json"),
        Expected::Published("<p>As follows</p>", "The quotation was left out."),
    ),
    (
        "image",
        include_bytes!("../fixtures/chat/image.json"),
        Expected::Published("<p>See the graph</p>", "The picture was left out."),
    ),
    (
        "strike",
        include_bytes!("../fixtures/chat/strike.json"),
        Expected::Published("<p>We know the cause</p>", "The struck-through text was left out."),
    ),
    (
        "mention-last",
        include_bytes!("../fixtures/chat/mention-last.json"),
        Expected::Refused("“close” stands in front of the mention."),
    ),
    (
        "two-mentions",
        include_bytes!("../fixtures/chat/two-mentions.json"),
        Expected::Refused("This message mentions me twice."),
    ),
];

#[tokio::test]
async fn struck_quoted_and_pasted_texts_are_not_published() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    let mut records = 1;
    for (name, body, expected) in BODIES {
        let mut body: Value = serde_json::from_slice(body).unwrap();
        // An old message is refused.
        body["timestamp"] = format!("{:.3}", Timestamp::now()).into();
        let body = body.to_string().into_bytes();
        assert_eq!(scene.post(None, &body).await.status, 401, "{name}, not signed");
        let reply = Reply::of(&scene.post(Some(&sign(TOKEN, &body)), &body).await);
        match expected {
            Expected::Published(text, remark) => {
                records += 1;
                let page = scene.place.page("incidents/1/index.html").await;
                assert!(page.contains(text), "{name}: {page}");
                let (_, card) = reply.card();
                assert!(card.to_string().contains(remark), "{name}: {card}");
            }
            Expected::Refused(why) => {
                let answer = reply.sentence();
                assert!(answer.starts_with(why), "{name}: {answer}");
            }
        }
        assert_eq!(scene.place.records().await.len(), records, "{name}");
    }
    let page = scene.place.page("incidents/1/index.html").await;
    for private in ["attack", "do not", ">image", "Expired certificate"] {
        assert!(!page.contains(private), "{private}: {page}");
    }
    assert!(page.contains("Investigating"), "{page}");
}
