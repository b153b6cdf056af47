//! People mentioned in a message in addition to the bot.

use serde_json::{Value, json};
use status_update::core::teams::said::{MENTIONS_MAX, Mention};

use super::fixtures::fixture;
use super::made::{BOT_ID, bot_like, message, null_rich, span};

/// Name and id of each.
fn mentioned(body: &Value) -> Vec<(String, Option<String>)> {
    let said = message(body).said;
    let plain = said.text.to_plain();
    for Mention { name, place, .. } in &said.mentions {
        let there = plain[place.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(&there, name, "{plain:?} at {place:?}");
    }
    said.mentions.into_iter().map(|mention| (mention.name, mention.id)).collect()
}

fn known(name: &str, id: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(id.to_owned()))
}

#[test]
fn a_name_over_two_tags_is_one_person() {
    let body = serde_json::from_slice(&fixture("05-other-mention.json").body).unwrap();
    let id = "29:1Zt5RwYq8nKd2LmXv0-PcGsHbJfAe_7uO3iTxVy6QrNzE9WkUlMjSgDhFpBaCo1";
    assert_eq!(mentioned(&body), [known("Oluwaseun Adeyemi-Brandt", id)]);
    // The same in the text alone.
    let text_alone = Value::Object(
        body.as_object()
            .unwrap()
            .clone()
            .into_iter()
            .filter(|(name, _)| name != "attachments")
            .collect(),
    );
    assert_eq!(mentioned(&text_alone), [known("Oluwaseun Adeyemi-Brandt", id)]);
}

#[test]
fn the_order_of_mentions_distinguishes_people() {
    let people = [(BOT_ID, "StatusPage"), ("29:a", "Bo"), ("29:b", "Bo"), ("29:b", "Bo")];
    let html = format!(
        "<p>{} task {} {} helps, and {}</p>",
        span("StatusPage"),
        span("Bo"),
        span("Bo"),
        span("Bo")
    );
    let flat = "<at>StatusPage</at> task <at>Bo</at> <at>Bo</at> helps, and <at>Bo</at>";
    let expected = [known("Bo", "29:a"), known("Bo", "29:b"), known("Bo", "29:b")];
    assert_eq!(mentioned(&bot_like(flat, Some(&html), &people)), expected);
    assert_eq!(mentioned(&bot_like(flat, None, &people)), expected);
}

#[test]
fn one_in_front_of_the_bot_does_not_shift_the_others() {
    let people = [("29:a", "Bo"), (BOT_ID, "StatusPage"), ("29:b", "Bo")];
    let flat = "<at>Bo</at> look: <at>StatusPage</at> scribe <at>Bo</at>";
    assert_eq!(mentioned(&bot_like(flat, None, &people)), [known("Bo", "29:b")]);
}

#[test]
fn bots_channels_and_emoji_are_nobody() {
    let people = [
        (BOT_ID, "StatusPage"),
        ("28:other", "Deployer"),
        ("19:x@thread.tacv2", "General"),
        ("29:a", "Bo"),
    ];
    let flat = "<at>StatusPage</at> task <at>Deployer</at> <at>General</at> <at><img alt=\"🔥\"></at> <at>Bo</at>";
    assert_eq!(mentioned(&bot_like(flat, None, &people)), [known("Bo", "29:a")]);
}

/// One of the two shapes does not identify mentions, so only a name is known.
#[test]
fn without_entities_there_is_a_name_and_no_id() {
    let flat = "<at>StatusPage</at> scribe <at>Bo</at>&nbsp;<at>Larsen</at>";
    assert_eq!(mentioned(&null_rich(flat, None)), [("Bo Larsen".to_owned(), None)]);
}

/// Typed angle brackets are text in the HTML, and at most a name in the other shape.
#[test]
fn a_typed_tag_has_nobodys_id() {
    let people = [(BOT_ID, "StatusPage"), ("29:a", "Bo")];
    let flat = "<at>StatusPage</at> scribe <at>Al</at>";
    let html = format!("<p>{} scribe &lt;at&gt;Bo&lt;/at&gt;</p>", span("StatusPage"));
    assert_eq!(mentioned(&bot_like(flat, Some(&html), &people)), []);
    assert_eq!(mentioned(&bot_like(flat, None, &people)), [("Al".to_owned(), None)]);
}

#[test]
fn an_id_that_is_too_long_is_not_cut_off() {
    let id = format!("29:{}", "x".repeat(300));
    let people = [(BOT_ID, "StatusPage"), (id.as_str(), "Bo")];
    let body = bot_like("<at>StatusPage</at> scribe <at>Bo</at>", None, &people);
    assert_eq!(mentioned(&body), []);
}

#[test]
fn there_are_at_most_so_many() {
    let names: Vec<String> = (0..40).map(|number| format!("P{number}")).collect();
    let mut people = vec![(BOT_ID, "StatusPage")];
    people.extend(names.iter().map(|name| ("29:a", name.as_str())));
    let tags: Vec<String> = names.iter().map(|name| format!("<at>{name}</at>")).collect();
    let body = bot_like(&format!("<at>StatusPage</at> task {}", tags.join(" and ")), None, &people);
    assert_eq!(mentioned(&body).len(), MENTIONS_MAX);
    assert!(message(&body).said.text.to_plain().ends_with("P38 and P39"));
}

#[test]
fn a_sender_has_both_ids() {
    let sender = |from: Value| {
        let mut body = null_rich("<at>StatusPage</at> list", None);
        body["from"] = from;
        let from = message(&body).from;
        (from.id, from.teams_id)
    };
    let both = json!({ "id": "29:1", "name": "A", "aadObjectId": "0b7d" });
    assert_eq!(sender(both), ("0b7d".to_owned(), Some("29:1".to_owned())));
    assert_eq!(sender(json!({ "id": "29:1", "name": "A" })), ("29:1".to_owned(), None));
    assert_eq!(sender(json!({ "aadObjectId": "0b7d" })), ("0b7d".to_owned(), None));
    assert_eq!(sender(json!(null)), (String::new(), None));
    let long = json!({ "id": "x".repeat(301), "aadObjectId": "0b7d" });
    assert_eq!(sender(long), ("0b7d".to_owned(), None));
}
