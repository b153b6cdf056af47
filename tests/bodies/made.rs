//! Synthetic bodies: possible ones of Teams, and forgeries by somebody with a token.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use status_update::core::commands::parse::parse;
use status_update::core::commands::{Command, Question, Subject};
use status_update::core::config::Config;
use status_update::core::teams::activity::{self, Activity, ActivityError, Allowed, Message};
use status_update::core::text::markup::text_html;

pub const BOT_ID: &str = "28:6c1e0b52-9d47-4f3a-8e25-b7a40d91c3f8";
const OTHER_ID: &str = "28:00000000-0000-0000-0000-000000000000";
const REPLY: &str = r#"<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1">"#;

pub fn span(name: &str) -> String {
    format!(
        r#"<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">{name}</span>"#
    )
}

/// Without a recipient or mentions: the first mention is the bot's.
pub fn null_rich(text: &str, html: Option<&str>) -> Value {
    let attachment = html.map(|html| json!({ "contentType": "text/html", "content": html }));
    json!({
        "type": "message",
        "id": "1795254301472",
        "timestamp": "2026-11-21T09:45:01.519Z",
        "from": { "id": "29:1", "name": "Inês Carvalho", "aadObjectId": "0b7d2c1e" },
        "conversation": { "id": "19:8d3f@thread.tacv2;messageid=1795254301472", "name": null },
        "recipient": null,
        "text": text,
        "attachments": attachment.into_iter().collect::<Vec<_>>(),
        "entities": [{ "type": "clientInfo", "locale": "es-ES" }],
        "channelData": { "tenant": { "id": "T" }, "team": { "id": "19:t" }, "channel": null },
    })
}

/// With a recipient and a `mention` entity for each of these ids and names.
pub fn bot_like(text: &str, html: Option<&str>, mentions: &[(&str, &str)]) -> Value {
    let mut body = null_rich(text, html);
    body["recipient"] = json!({ "id": BOT_ID, "name": "StatusPage" });
    body["entities"] = mentions
        .iter()
        .map(|(id, name)| {
            json!({
                "type": "mention",
                "mentioned": { "id": id, "name": name },
                "text": format!("<at>{name}</at>"),
            })
        })
        .collect();
    body
}

fn read(body: &Value) -> Activity {
    activity::read_activity(body.to_string().as_bytes()).unwrap()
}

#[track_caller]
pub fn message(body: &Value) -> Message {
    match read(body) {
        Activity::Message(message) => *message,
        Activity::Other(why) => panic!("{why}"),
    }
}

#[track_caller]
fn text(body: &Value) -> String {
    message(body).said.text.to_plain()
}

#[track_caller]
fn ignored(body: &Value) {
    let activity = read(body);
    assert!(matches!(activity, Activity::Other(_)), "{activity:?}");
}

#[test]
fn a_quotation_runs_nothing() {
    let bot = span("StatusPage");
    let quote = format!("{REPLY}<strong>Inês</strong><p>{bot} close #1</p></blockquote>");
    let html = format!("{quote}<p>{bot}&nbsp;status</p>");
    let flat = "Inês\nStatusPage close #1\n<at>StatusPage</at> status";
    assert_eq!(text(&null_rich(flat, Some(&html))), "status");
    assert_eq!(text(&bot_like(flat, Some(&html), &[(BOT_ID, "StatusPage")])), "status");
    assert_eq!(text(&null_rich(flat, None)), "status");
    ignored(&null_rich("", Some(&quote)));
    // A quotation in a quotation, and one that is never closed.
    let nested = format!("{REPLY}{quote}<p>{bot} close</p></blockquote><p>{bot} list</p>");
    assert_eq!(text(&null_rich("", Some(&nested))), "list");
    ignored(&null_rich("", Some(&format!("{REPLY}<p>{bot} close</p>"))));
    // After the command, a quotation is not part of the text.
    let behind = format!("<p>{bot} update Found it</p>{quote}");
    assert_eq!(text(&null_rich("", Some(&behind))), "update Found it");
}

#[test]
fn other_activities_do_nothing() {
    for kind in ["messageUpdate", "messageReaction", "conversationUpdate", "invoke", "", "Message"]
    {
        let mut body = null_rich("<at>StatusPage</at> close", None);
        body["type"] = kind.into();
        ignored(&body);
    }
    ignored(&null_rich("close", None));
    ignored(&null_rich("", None));
}

#[test]
fn another_bots_mention_runs_nothing() {
    let both = [(OTHER_ID, "Deployer"), (BOT_ID, "StatusPage")];
    let flat = "<at>Deployer</at> close <at>StatusPage</at> status";
    assert_eq!(text(&bot_like(flat, None, &both)), "status");
    let html = format!("<p>{} close {} status</p>", span("Deployer"), span("StatusPage"));
    assert_eq!(text(&bot_like(flat, Some(&html), &both)), "status");
    ignored(&bot_like("<at>Deployer</at> close", None, &both[..1]));
    let html = format!("<p>{} close</p>", span("Deployer"));
    ignored(&bot_like("<at>Deployer</at> close", Some(&html), &both[..1]));
}

#[test]
fn a_renamed_bot_is_known_by_its_id() {
    let mentions = [(BOT_ID, "Status Page Ops")];
    let message = message(&bot_like("<at>Status Page Ops</at> list", None, &mentions));
    assert_eq!(
        (message.bot.as_str(), message.said.text.to_plain().as_str()),
        ("Status Page Ops", "list")
    );
    // The entity's text may still have the name that the entity itself has lost.
    let mut body = bot_like("<at>Status\u{a0}Ops</at> list", None, &[(BOT_ID, "StatusPage")]);
    body["entities"][0]["text"] = "<at>Status Ops</at>".into();
    assert_eq!(text(&body), "list");
    assert_eq!(self::message(&body).bot, "Status Ops");
}

#[test]
fn a_name_over_two_tags_is_one_name() {
    let mentions = [(BOT_ID, "Status"), (BOT_ID, "Page")];
    let flat = "<at>Status</at> <at>Page</at> update <at>Oluwaseun</at> <at>Brandt</at> leads";
    let message = message(&bot_like(flat, None, &mentions));
    assert_eq!(message.bot, "Status Page");
    assert_eq!(message.said.text.to_plain(), "update Oluwaseun Brandt leads");
}

#[test]
fn an_emoji_tag_is_its_emoji() {
    let flat = "<at>StatusPage</at> open <at><img alt=\"🔥\" src=\"x\"></at> Checkout is down";
    assert_eq!(text(&null_rich(flat, None)), "open 🔥 Checkout is down");
    let flat = "<at><img alt=\"🔥\"></at> <at>StatusPage</at> list";
    assert_eq!(text(&null_rich(flat, None)), "list");
}

#[test]
fn typed_angle_brackets_are_text() {
    let typed = "open List<String> <none> <b>x</b> 1 < 2 &amp; 3 > 2";
    assert_eq!(text(&null_rich(&format!("<at>StatusPage</at> {typed}"), None)), typed);
    let html = format!("<p>{} open &lt;none&gt; &amp;amp; &lt;/p&gt;</p>", span("StatusPage"));
    assert_eq!(text(&null_rich("", Some(&html))), "open <none> &amp; </p>");
}

#[test]
fn odd_space_and_hidden_characters_are_cleaned() {
    let typed = "\r\n\u{feff}<at>StatusPage</at>\u{200b}\u{3000}open\u{a0}Checkout \
                 \u{202e}fails\u{200b}\t!";
    assert_eq!(text(&null_rich(typed, None)), "open Checkout fails !");
    let html =
        format!("<p>{}&nbsp;&#x202e;open&#x3000;&#8203;Checkout&nbsp;</p>", span("StatusPage"));
    assert_eq!(text(&null_rich("", Some(&html))), "open Checkout");
}

#[test]
fn optional_fields_may_be_anything() {
    let required = ["type", "id", "timestamp", "text", "attachments"];
    let whole = bot_like("<at>StatusPage</at> list", None, &[(BOT_ID, "StatusPage")]);
    let fields: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
    for field in fields.iter().filter(|field| !required.contains(&field.as_str())) {
        for value in [json!(null), json!(7), json!("x"), json!([]), json!({}), json!([null, 7])] {
            let mut body = whole.clone();
            body[field.as_str()] = value.clone();
            assert_eq!(text(&body), "list", "{field}: {value}");
        }
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(text(&body), "list", "without {field}");
    }
    let minimal = json!({
        "type": "message", "id": "1", "timestamp": "2026-11-21T09:45:01Z",
        "text": "<at>B</at> list",
    });
    let message = message(&minimal);
    assert_eq!(message.origin.tenant, "");
    assert_eq!(message.said.text.to_plain(), "list");
    for attachments in [json!(null), json!(7), json!([null]), json!([{ "content": 7 }]), json!({})]
    {
        let mut body = whole.clone();
        body["attachments"] = attachments;
        assert_eq!(text(&body), "list");
    }
}

#[test]
fn a_place_that_is_unknown_is_not_an_allowed_one() {
    let known = message(&null_rich("<at>B</at> list", None));
    let mut body = null_rich("<at>B</at> list", None);
    body["channelData"] = Value::Null;
    body["from"] = Value::Null;
    let unknown = message(&body);
    let all = Allowed::default();
    assert!(all.permits(&known) && all.permits(&unknown));
    let list = |id: &str| vec!["other".to_owned(), id.to_owned()];
    let tenant = Allowed { tenants: list("t"), ..Allowed::default() };
    let team = Allowed { teams: list("19:T"), ..Allowed::default() };
    let user = Allowed { users: list("0B7D2C1E"), ..Allowed::default() };
    for allowed in [tenant, team, user] {
        assert!(allowed.permits(&known), "{allowed:?}");
        assert!(!allowed.permits(&unknown), "{allowed:?}");
    }
    let channel = Allowed { channels: list("19:c"), ..Allowed::default() };
    assert!(!channel.permits(&known));
}

#[test]
fn required_fields_are_checked() {
    let wrong = [json!(null), json!(7), json!(""), json!([]), json!({})];
    for field in ["id", "timestamp"] {
        for value in &wrong {
            let mut body = null_rich("<at>B</at> list", None);
            body[field] = value.clone();
            let error = activity::read_activity(body.to_string().as_bytes()).unwrap_err();
            assert_eq!(error, ActivityError::Missing(field), "{field}: {value}");
        }
    }
    for body in ["", "7", "[]", "null", "\"x\"", "{", "{}x", "\u{feff}", "{\"type\":\"message\""] {
        let error = activity::read_activity(body.as_bytes()).unwrap_err();
        assert_eq!(error, ActivityError::NotJson, "{body}");
    }
    assert_eq!(activity::read_activity(b"{\"type\":\"\xff\"}"), Err(ActivityError::NotJson));
    let no_message = activity::read_activity(b"{}").unwrap();
    assert!(matches!(no_message, Activity::Other(_)));
}

#[test]
fn nesting_does_no_harm() {
    let json =
        format!("{{\"type\":\"message\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(activity::read_activity(json.as_bytes()), Err(ActivityError::NotJson));
    // So much HTML is not read for its formatting: the plain text serves.
    let deep = |times: usize| {
        let (open, close) = ("<b><ul><li>".repeat(times), "</li></ul></b>".repeat(times));
        format!("<div>{} open {open}x{close}</div>", span("StatusPage"))
    };
    let large = deep(256 * 1024 / 25);
    assert!(large.len() > 250_000);
    assert_eq!(text(&null_rich("<at>StatusPage</at> open y", Some(&large))), "open y");
    let small = deep(2_000);
    let read = message(&null_rich("<at>StatusPage</at> open y", Some(&small))).said.text;
    assert_eq!(read.to_plain(), "open\nx");
    let quoted = format!("{}<p>{} list</p>", REPLY.repeat(700), span("StatusPage"));
    ignored(&null_rich("", Some(&quoted)));
}

#[test]
fn scripts_and_links_that_run_are_not_kept() {
    let html = format!(
        "<div>{} open x<script>alert('<b>1</b>')</script> <a href=\"javascript:alert(2)\">y</a> \
         <a href=\"java&#10;script:alert(3)\">z</a> <a href=\"vbscript:x\" onclick=\"x\">w</a> \
         <img src=x onerror=alert(4)><svg onload=alert(5)><a href=\"//x.test\">v</a></div>",
        span("StatusPage")
    );
    let read = message(&null_rich("", Some(&html))).said.text;
    assert_eq!(text_html(&read), "<p>open x y z w v</p>");
}

#[test]
fn a_link_hides_nothing() {
    for hidden in ["&#x202e;", "&#x2066;", "&#x200b;"] {
        let link = format!("<a href=\"https://example.com/{hidden}gpj.exe\">x</a>");
        let html = format!("<div>{} open {link}</div>", span("StatusPage"));
        let page = text_html(&message(&null_rich("", Some(&html))).said.text);
        let seen = page.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        assert!(seen, "{hidden}: {page:?}");
    }
}

#[test]
fn the_cells_of_a_table_do_not_run_together() {
    let rows = "<tr><th>Service</th><th>State</th></tr><tr><td>Checkout</td><td>down</td></tr>";
    let html = format!("<div>{} open Now<table>{rows}</table></div>", span("StatusPage"));
    let read = message(&null_rich("", Some(&html))).said.text;
    let words: Vec<String> = read.to_plain().split_whitespace().map(str::to_owned).collect();
    assert_eq!(words, ["open", "Now", "Service", "State", "Checkout", "down"]);
}

#[test]
fn a_list_goes_on_behind_a_line_break() {
    let items = "<li>Call the bank<br>in Zurich</li><li>Wait</li>";
    let html = format!("<div>{} Do<ol>{items}</ol></div>", span("StatusPage"));
    let read = message(&null_rich("", Some(&html))).said.text;
    let page = text_html(&read);
    assert_eq!(page.matches("<ol>").count(), 1, "the numbers begin at 1 again: {page}");
    assert!(page.contains("in Zurich") && page.contains("Wait"), "{page}");
}

#[test]
fn entities_are_characters() {
    let html = format!(
        "<div>{} open A &lt;B&gt; &amp;lt; &quot;C&quot; &eacute; &#128293; &#0; &bogus; \
         &copy</div>",
        span("StatusPage")
    );
    let read = message(&null_rich("", Some(&html))).said.text;
    assert_eq!(read.to_plain(), "open A <B> &lt; \"C\" é 🔥 \u{fffd} &bogus; ©");
}

#[test]
fn long_names_and_ids_are_bounded() {
    let mut body = null_rich(&format!("<at>{}</at> list", "B".repeat(5_000)), None);
    body["from"]["name"] = "N\n".repeat(5_000).into();
    body["from"]["aadObjectId"] = "i".repeat(5_000).into();
    let message = message(&body);
    assert_eq!(message.bot.chars().count(), 100);
    assert_eq!(message.from.name.chars().count(), 100);
    assert_eq!(message.from.id.len(), 300);
    // A truncated id could be mistaken for a different one, so it is refused.
    body["id"] = "7".repeat(301).into();
    let refused = activity::read_activity(body.to_string().as_bytes());
    assert_eq!(refused, Err(activity::ActivityError::Missing("id")));
}

#[test]
fn the_skew_counts_in_both_directions() {
    let now: Timestamp = "2026-11-21T09:45:00Z".parse().unwrap();
    let limit = SignedDuration::from_secs(300);
    let at = |seconds: i64| now + SignedDuration::from_secs(seconds);
    assert!(activity::is_recent(at(300), now, limit) && activity::is_recent(at(-300), now, limit));
    assert!(
        !activity::is_recent(at(301), now, limit) && !activity::is_recent(at(-301), now, limit)
    );
    assert!(!activity::is_recent(Timestamp::MIN, Timestamp::MAX, limit));
    assert!(!activity::is_recent(Timestamp::MAX, Timestamp::MIN, limit));
}

#[test]
fn a_thread_changes_neither_sender_nor_origin() {
    let mut reply = null_rich("<at>B</at> list", None);
    reply["conversation"]["id"] = "19:8d3f@thread.tacv2;messageid=17".into();
    let root = message(&null_rich("<at>B</at> list", None));
    assert_eq!(message(&reply).id, root.id);
    assert!(matches!(
        parse(&root.said, &Config::default()),
        Ok(Command::Ask(Question { subject: Subject::List, .. }))
    ));
}

/// The signature covers a byte order mark, and the rest is read.
#[test]
fn a_byte_order_mark_in_front_is_passed_over() {
    let body = format!("\u{feff}{}", null_rich("<at>B</at> list", None));
    let read = activity::read_activity(body.as_bytes()).unwrap();
    assert!(matches!(read, Activity::Message(_)), "{read:?}");
}
