//! Azure Boards, Graph and the workflow, simulated in memory, and the changes in them.

use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;

use super::clock::SimulatedClock;
use crate::core::answer::card;
use crate::core::http::{Failure, Receiver, Request, Response};
use crate::demo::boards::{Boards, Item};
use crate::demo::graph::Graph;
use crate::demo::workflow::Workflow;
use crate::outbound::{Outbound, OutboundFuture};

/// Work item fields that are shown, with their labels.
const FIELDS: [(&str, &str); 4] = [
    ("System.Title", "title"),
    ("System.State", "state"),
    ("System.AssignedTo", "assigned to"),
    ("System.Tags", "tags"),
];
/// Number of characters shown of a comment.
const SHOWN_CHARS_MAX: usize = 160;

/// The services, with their state at the last call of [`Self::news`].
pub(super) struct Services {
    clock: SimulatedClock,
    inside: Mutex<Inside>,
}

struct Inside {
    present: World,
    shown: World,
}

#[derive(Clone)]
struct World {
    boards: Boards,
    graph: Graph,
    workflow: Workflow,
}

impl Services {
    /// An empty project and team.
    pub(super) fn new([organization, project, team]: [&str; 3], clock: SimulatedClock) -> Self {
        let now = clock.now();
        let present = World {
            boards: Boards::new(organization, project, now),
            graph: Graph::new(team, now),
            workflow: Workflow::default(),
        };
        Self { clock, inside: Mutex::new(Inside { shown: present.clone(), present }) }
    }

    /// One line per change since the last call.
    pub(super) fn news(&self) -> Vec<String> {
        let mut inside = self.inside();
        let lines = inside.present.news(&inside.shown);
        inside.shown = inside.present.clone();
        lines
    }

    fn answer(&self, request: &Request) -> Response {
        let (now, mut inside) = (self.clock.now(), self.inside());
        let World { boards, graph, workflow } = &mut inside.present;
        match request.to {
            Receiver::Boards => {
                boards.now = now;
                boards.answer(request)
            }
            Receiver::Graph => {
                graph.now = now;
                graph.answer(request)
            }
            Receiver::Workflows => workflow.answer(request),
            Receiver::Heartbeat => Response { status: 200, retry_after: None, json: None },
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock()
    }
}

impl Outbound for Services {
    fn reaches(&self, receiver: Receiver) -> bool {
        receiver != Receiver::Heartbeat
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        let answer: Result<Response, Failure> = Ok(self.answer(request));
        Box::pin(std::future::ready(answer))
    }
}

impl World {
    fn news(&self, before: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, item) in &self.boards.items {
            let news = item_news(item, before.boards.items.get(id));
            lines.extend(news.iter().map(|line| format!("Boards   work item {id}: {line}")));
        }
        for channel in self.graph.channels.iter().skip(before.graph.channels.len()) {
            lines.push(format!("Teams    channel \"{}\"", channel.name));
        }
        for message in self.workflow.posted.iter().skip(before.workflow.posted.len()) {
            let text = card::to_terminal(message).unwrap_or_default();
            let text = text.replace("<at>", "@").replace("</at>", "");
            let text = text.lines().collect::<Vec<_>>().join("\n         ");
            lines.push(format!("Teams    message: {text}"));
        }
        // Nobody would see otherwise that a service refused something.
        let failed = self.workflow.failed.iter().skip(before.workflow.failed.len());
        lines.extend(failed.map(|why| format!("Teams    message not posted: {why}")));
        lines
    }
}

/// Changes of a work item; if it is new, all of it.
fn item_news(item: &Item, before: Option<&Item>) -> Vec<String> {
    let mut lines = Vec::new();
    for (field, name) in FIELDS {
        let (value, old) =
            (item.fields.get(field), before.and_then(|before| before.fields.get(field)));
        if let Some(value) = value.filter(|value| Some(*value) != old) {
            lines.push(format!("{name} {}", shown(value)));
        }
    }
    let description = |item: &Item| item.fields.get("System.Description").cloned();
    if before.is_some_and(|before| description(before) != description(item)) {
        lines.push("description brought up to date".to_owned());
    }
    let links_before = before.map_or(0, |before| before.links.len());
    for link in item.links.iter().skip(links_before) {
        let url = link.get("url").map(shown).unwrap_or_default();
        lines.push(format!("link {url}"));
    }
    for (id, (text, version)) in &item.comments {
        let old = before.and_then(|before| before.comments.get(id));
        match old {
            None => lines.push(format!("comment: {}", beginning(text))),
            Some((_, old)) if old != version => {
                let heading = beginning(text);
                let heading = heading.split(' ').next().unwrap_or_default();
                lines.push(format!("comment \"{heading}\" brought up to date"));
            }
            Some(_) => {}
        }
    }
    lines
}

/// A field's value. People are objects with an address.
fn shown(value: &Value) -> String {
    let person = value.get("uniqueName").and_then(Value::as_str);
    person.or(value.as_str()).map_or_else(|| value.to_string(), str::to_owned)
}

/// Start of an HTML comment, without tags.
fn beginning(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, behind)| behind));
        text.push(' ');
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    let start: String = words.chars().take(SHOWN_CHARS_MAX).collect();
    if start == words { words } else { format!("{start}…") }
}
