//! A channel as the core sees it: messages arrive a minute apart, and decisions are folded into the
//! state. Only pure functions run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use status_update::core::alerts::alert::Alert;
use status_update::core::commands::context::Context;
use status_update::core::commands::parse::parse;
use status_update::core::commands::refusal::Refusal;
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::alert::{Decided, NoDecision, cause, decide_alert};
use status_update::core::decide::clock;
use status_update::core::decide::decide;
use status_update::core::digest::{hex, sha256};
use status_update::core::incident::model::{Incident, Number};
use status_update::core::log::draft::Completed;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Cause, MessageId, Record, Source};
use status_update::core::log::seal::{self, Salt};
use status_update::core::log::state::State;
use status_update::core::response::document::IncidentDocument;
use status_update::core::response::person::Person;
use status_update::core::teams::activity::{self, Activity};

/// When the first message is sent: 2026-11-21T09:45:00Z.
pub const START: Timestamp = Timestamp::constant(1_795_254_300, 0);

/// The id of the first message; each further one has the next.
pub const FIRST_ID: u64 = 1_795_254_300_000;

/// The bot's mention in HTML.
pub const MENTION: &str =
    r#"<span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">StatusPage</span>"#;

/// The bot's id.
const BOT_ID: &str = "28:6c1e0b52";

/// A text in which `{@Bo Larsen}` is a tag, and the entities of all that is mentioned in it, if that
/// is anybody but the bot.
fn mentions(text: &str) -> (String, Vec<Value>) {
    let entity = |id: &str, name: &str| {
        let tag = format!("<at>{name}</at>");
        json!({ "type": "mention", "mentioned": { "id": id, "name": name }, "text": tag })
    };
    let mut entities = vec![entity(BOT_ID, "StatusPage")];
    let mut tagged = String::new();
    let mut rest = text;
    while let Some((before, from_brace)) = rest.split_once("{@") {
        let Some((name, behind)) = from_brace.split_once('}') else { break };
        let (name, shown) = name.split_once('|').unwrap_or((name, shown(name)));
        entities.push(entity(&teams_id(name), shown));
        write!(tagged, "{before}<at>{shown}</at>").unwrap();
        rest = behind;
    }
    if entities.len() == 1 { (text.to_owned(), Vec::new()) } else { (tagged + rest, entities) }
}

/// A message, with the number of its copies.
#[derive(Clone, Debug)]
pub struct Message {
    pub content: Content,
    pub times: usize,
    /// The earlier message that began its thread, counted from 0 over all messages; `None` begins a
    /// new thread.
    pub reply_to: Option<usize>,
    pub from: Sender,
}

/// The sender of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// Inês Carvalho.
    #[default]
    Somebody,
    /// A person by name; a suffix after `#` distinguishes people of one name.
    Named(String),
    /// The message has no sender.
    Nobody,
}

impl Sender {
    /// The sender in the activity.
    fn json(&self) -> Value {
        match self {
            Self::Nobody => Value::Null,
            Self::Somebody => {
                json!({ "id": "29:1", "name": "Inês Carvalho", "aadObjectId": "0b7d2c1e" })
            }
            Self::Named(name) => json!({
                "id": teams_id(name),
                "name": shown(name),
                "aadObjectId": format!("directory-{}", slug(name)),
            }),
        }
    }
}

fn shown(name: &str) -> &str {
    name.split('#').next().unwrap()
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace([' ', '#'], "-")
}

/// Teams' id of somebody.
fn teams_id(name: &str) -> String {
    if name == "Inês Carvalho" { "29:1".to_owned() } else { format!("29:{}", slug(name)) }
}

impl From<Content> for Message {
    fn from(content: Content) -> Self {
        Self { content, times: 1, reply_to: None, from: Sender::default() }
    }
}

#[derive(Clone, Debug)]
pub enum Content {
    /// The text after the mention. `{@Bo Larsen}` in it mentions a person.
    Plain(String),
    /// The HTML after the mention; or the whole HTML, if `{bot}` marks the mention.
    Html(String),
    /// The message before, with the same id.
    Again,
    /// Not a message: the timer, at that time.
    Clock(Timestamp),
}

/// The outcome of a message.
#[derive(Clone, Debug)]
pub enum Handled {
    /// It was not for the bot.
    Ignored,
    /// The record that was due by the clock, if any.
    Due(Option<Box<Record>>),
    /// This was decided; after a look at the document of that incident.
    Decided {
        message: Box<activity::Message>,
        command: Box<Result<Command, Refusal>>,
        decision: Box<Decision>,
        recalled: Option<Number>,
    },
}

impl Handled {
    #[track_caller]
    pub fn decision(&self) -> &Decision {
        match self {
            Self::Decided { decision, .. } => decision,
            Self::Ignored | Self::Due(_) => panic!("it was not a message for the bot"),
        }
    }

    #[track_caller]
    pub fn expect_record(&self) -> &Record {
        match self.decision() {
            Decision::Record(record) => record,
            other => panic!("not recorded: {other:#?}"),
        }
    }

    /// A case's earlier messages are there to have an effect.
    #[track_caller]
    pub fn expect_effect(&self) {
        assert!(
            matches!(self, Self::Ignored | Self::Due(_))
                || matches!(self.decision(), Decision::Record(_) | Decision::Duplicate(_)),
            "an earlier message had no effect: {self:#?}"
        );
    }
}

/// The channel, the log and the state.
#[derive(Clone)]
pub struct Thread {
    pub config: Config,
    pub state: State,
    pub records: Vec<Record>,
    /// The records as they would lie in the log.
    pub log: Vec<Vec<u8>>,
    /// The documents of all incidents.
    pub documents: BTreeMap<Number, IncidentDocument>,
    pub now: Timestamp,
    /// The limits of the records' writer.
    pub limits: Limits,
    /// The first message's id; the others follow.
    pub first_id: u64,
    /// All messages, as they arrived.
    pub bodies: Vec<Vec<u8>>,
}

impl Thread {
    pub fn new(config: Config, start: Timestamp) -> Self {
        Self {
            config,
            state: State::default(),
            records: Vec::new(),
            log: Vec::new(),
            documents: BTreeMap::new(),
            now: start,
            limits: Limits::DEFAULT,
            first_id: FIRST_ID,
            bodies: Vec::new(),
        }
    }

    /// All incidents and maintenances that were ever on the page.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.documents.values().filter_map(|dossier| dossier.incident.as_deref())
    }

    pub fn say(&mut self, text: &str) -> Handled {
        self.send(&Content::Plain(text.to_owned()).into())
    }

    pub fn say_html(&mut self, html: &str) -> Handled {
        self.send(&Content::Html(html.to_owned()).into())
    }

    /// Somebody sets a roster file at a terminal.
    pub fn set_rosters(&mut self, text: &str) -> Decision {
        let command = Change::Rosters(text.into());
        let by = Person { id: "operator".to_owned(), name: "Operator".to_owned(), teams_id: None };
        let id = (self.state.revision + 1).to_string();
        let message = MessageId { conversation: "operator".to_owned(), id };
        let source = Source::Operator;
        let cause = Cause { source, by, message, thread: None, at: self.now };
        let Self { state, config, limits, .. } = self;
        let context = Context { state, config, limits, cause: &cause, recalled: None };
        let decision = decide(context, &Ok(Command::Change(command)));
        if let Decision::Record(record) = &decision {
            self.take_in(record.as_ref().clone());
        }
        decision
    }

    /// Number of messages.
    pub fn sent(&self) -> usize {
        self.bodies.len()
    }

    pub fn send(&mut self, message: &Message) -> Handled {
        let root = message.reply_to.unwrap_or(self.sent());
        let from = &message.from;
        let body = match &message.content {
            Content::Plain(text) => {
                self.body(from, root, &format!("<at>StatusPage</at> {text}"), None)
            }
            Content::Html(html) if html.contains("{bot}") => {
                self.body(from, root, "", Some(&html.replace("{bot}", MENTION)))
            }
            Content::Html(html) => {
                self.body(from, root, "", Some(&format!("<div>{MENTION}&nbsp;{html}</div>")))
            }
            Content::Again => self.bodies.last().expect("nothing was sent before").clone(),
            Content::Clock(at) => return Handled::Due(self.clock(*at).map(Box::new)),
        };
        self.bodies.push(body.clone());
        self.deliver(&body)
    }

    /// Lets time pass and the timer run.
    pub fn clock(&mut self, at: Timestamp) -> Option<Record> {
        self.now = at;
        let due = clock::due(&self.state, &self.config, &self.limits, at);
        let due = due.expect("it follows from the state")?;
        let record = due.record.clone();
        self.take_in(due);
        self.now = at;
        Some(record)
    }

    fn body(&self, from: &Sender, root: usize, text: &str, html: Option<&str>) -> Vec<u8> {
        let attachment = html.map(|html| json!({ "contentType": "text/html", "content": html }));
        let [id, root] = [self.sent(), root].map(|place| self.first_id + place as u64);
        let (text, mentioned) = mentions(text);
        let mut body = json!({
            "type": "message",
            "id": id.to_string(),
            "timestamp": self.now.to_string(),
            "from": from.json(),
            "conversation": { "id": format!("19:8d3f@thread.tacv2;messageid={root}") },
            "text": text,
            "attachments": attachment.into_iter().collect::<Vec<_>>(),
        });
        if !mentioned.is_empty() {
            // Only the shape that names the bot identifies other mentions.
            body["recipient"] = json!({ "id": BOT_ID, "name": "StatusPage" });
            body["entities"] = mentioned.into();
        }
        body.to_string().into_bytes()
    }

    /// Handles a whole body.
    pub fn deliver(&mut self, body: &[u8]) -> Handled {
        let Activity::Message(message) = activity::read_activity(body).unwrap() else {
            return Handled::Ignored;
        };
        let command = parse(&message.said, &self.config);
        let mut decision = self.decide(&message, &command, None);
        let mut recalled = None;
        if let Decision::Recall(number) = decision {
            recalled = Some(number);
            let document = self.documents.get(&number).expect("no such document").clone();
            decision = self.decide(&message, &command, Some(&document));
        }
        if let Decision::Record(record) = &decision {
            self.take_in(record.as_ref().clone());
        }
        Handled::Decided {
            message,
            command: Box::new(command),
            decision: Box::new(decision),
            recalled,
        }
    }

    pub fn decide(
        &self,
        message: &activity::Message,
        command: &Result<Command, Refusal>,
        recalled: Option<&IncidentDocument>,
    ) -> Decision {
        let Self { state, config, now, limits, .. } = self;
        let cause = &message.cause(*now);
        decide(Context { state, config, limits, cause, recalled }, command)
    }

    /// Handles an alert now, as the `deliveries`th since the last report.
    pub fn alert(&mut self, alert: &Alert, deliveries: u32) -> Result<Decided, NoDecision> {
        let Self { state, config, limits, .. } = &*self;
        let arrival = self.state.revision.to_be_bytes();
        let cause = &cause(alert, &hex(&arrival), self.now);
        let context = Context { state, config, limits, cause, recalled: None };
        let decided = decide_alert(context, alert, deliveries, &sha256(&arrival))?;
        if let Some(record) = &decided.record {
            self.take_in(record.as_ref().clone());
        }
        Ok(decided)
    }

    /// Folds a record as it is read from the log, compares the state with the one that came with
    /// it, and lets a minute pass.
    pub fn take_in(&mut self, mut completed: Completed) {
        let salt = Salt(sha256(&completed.revision.to_be_bytes()));
        let bytes = completed.seal(&salt).unwrap();
        fold_bytes(&mut self.state, &bytes).unwrap();
        assert!(self.state == completed.state, "another state came with {:?}", completed.record);
        let kept = self.state.dossiers().map(|dossier| (dossier.number(), dossier));
        self.documents.extend(kept);
        self.log.push(bytes);
        // As it is read from the log.
        self.records.push(seal::read(self.log.last().unwrap()).unwrap());
        self.now += Span::new().minutes(1);
    }
}
