//! Azure Boards, Microsoft Graph, a Teams workflow and the identity service as servers on this
//! machine. Their behaviour is in `status_update::demo`; this adds the protocol and faults.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};
use status_update::core::http::{Body, Method, Receiver, Request, Response};
use status_update::demo::boards::Boards;
use status_update::demo::graph::Graph;
use status_update::demo::workflow::Workflow;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::http::{Head, read_body};
use super::outbound::Fault;

pub const TEAM: &str = "02bd9fd6-8f93-4758-87c3-1fb73740a315";
pub const START: &str = "2026-11-21T10:00:00Z";
/// The part of a workflow's address that allows posting.
pub const SIGNATURE: &str = "c2VjcmV0LXNpZ25hdHVyZQ";
/// The application id of Azure DevOps, for which its tokens have to be.
pub const BOARDS_AUDIENCE: &str = "499b84ac-1321-427f-aa17-267ca6975798";

/// The three services.
pub struct Services {
    pub boards: Boards,
    pub graph: Graph,
    pub workflow: Workflow,
}

impl Services {
    pub fn new() -> Self {
        let now = START.parse().unwrap();
        Self {
            boards: Boards::new("contoso", "Shop", now),
            graph: Graph::new(TEAM, now),
            workflow: Workflow::default(),
        }
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        match request.to {
            Receiver::Boards => self.boards.answer(request),
            Receiver::Graph => self.graph.answer(request),
            Receiver::Workflows => self.workflow.answer(request),
            Receiver::Heartbeat => Response { status: 200, retry_after: None, json: None },
        }
    }

    /// The visible result, without counters of changes.
    pub fn seen(&self) -> Value {
        let items: Vec<Value> = self
            .boards
            .items
            .values()
            .map(|item| {
                let comments: Vec<&String> = item.comments.values().map(|(text, _)| text).collect();
                json!({ "fields": item.fields, "links": item.links, "comments": comments })
            })
            .collect();
        let channels: Vec<Value> = self
            .graph
            .channels
            .iter()
            .map(|channel| json!([channel.name, channel.description, channel.is_deleted]))
            .collect();
        json!({ "items": items, "channels": channels, "failed": self.workflow.failed })
    }
}

/// A request that arrived, with its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub content_type: Option<String>,
    pub response: Response,
}

/// The servers. They end with the test's runtime.
pub struct Servers {
    pub boards: SocketAddr,
    pub graph: SocketAddr,
    pub workflow: SocketAddr,
    /// Azure's `IDENTITY_ENDPOINT`, with the header `IDENTITY_HEADER`.
    pub identity: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

/// The header value that the identity service requires.
pub const IDENTITY_HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";

struct Inside {
    services: Arc<Mutex<Services>>,
    graph_audience: String,
    script: VecDeque<Option<Fault>>,
    exchanges: Vec<Exchange>,
    /// The test's clock jumps while a server hangs.
    jumps: bool,
    /// Number of initial tokens that nobody accepts any more.
    stale: usize,
}

/// Which of them a connection leads to.
#[derive(Clone, Copy)]
enum Door {
    To(Receiver),
    Identity,
}

impl Servers {
    /// Starts them in front of services.
    pub async fn start(services: Arc<Mutex<Services>>) -> Self {
        let mut listeners = Vec::new();
        for _ in 0..4 {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let address = |index: usize| listeners[index].local_addr().unwrap();
        let (boards, graph, workflow, identity) = (address(0), address(1), address(2), address(3));
        let inside = Arc::new(Mutex::new(Inside {
            services,
            graph_audience: format!("http://{graph}"),
            script: VecDeque::new(),
            exchanges: Vec::new(),
            jumps: false,
            stale: 0,
        }));
        let doors = [
            Door::To(Receiver::Boards),
            Door::To(Receiver::Graph),
            Door::To(Receiver::Workflows),
            Door::Identity,
        ];
        for (listener, door) in listeners.into_iter().zip(doors) {
            let inside = Arc::clone(&inside);
            tokio::spawn(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    tokio::spawn(serve(stream, door, Arc::clone(&inside)));
                }
            });
        }
        Self { boards, graph, workflow, identity, inside }
    }

    /// The address of the workflow, which is its own secret.
    pub fn workflow_url(&self) -> String {
        format!(
            "http://{}/powerautomate/automations/direct/workflows/7/triggers/manual/paths/invoke\
             ?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}",
            self.workflow
        )
    }

    /// Faults of the next requests, in their order. [`Fault::Unreachable`] and [`Fault::NoToken`]
    /// cannot happen to a server.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.inside().script.extend(faults);
    }

    /// The remaining length of the script.
    pub fn left(&self) -> usize {
        self.inside().script.len()
    }

    /// The identity service first issues this many tokens that nobody accepts any more.
    pub fn begin_with_stale_tokens(&self, count: usize) {
        self.inside().stale = count;
    }

    /// The remaining number of those.
    pub fn stale_tokens_left(&self) -> usize {
        self.inside().stale
    }

    /// Lets the clock jump on where a server hangs: for clients of this very runtime.
    pub fn jump_where_it_hangs(&self) {
        self.inside().jumps = true;
    }

    /// Requests and responses, without faults.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.inside().exchanges.clone()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }
}

/// One connection: sequential requests, until a fault ends it.
async fn serve(stream: TcpStream, door: Door, inside: Arc<Mutex<Inside>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(head)) = Head::read(&mut stream).await {
        let body = read_body(&head, &mut stream).await.unwrap();
        let (answer, then) = match door {
            Door::Identity => {
                let stale = &mut inside.lock().unwrap().stale;
                let is_stale = *stale > 0;
                *stale = stale.saturating_sub(1);
                (Answer::of(&identity(&head, is_stale)), Then::GoOn)
            }
            Door::To(to) => inside.lock().unwrap().answer(to, &head, &body),
        };
        match then {
            Then::GoOn => {}
            Then::Hang => {
                // The client's own clock ends this one.
                if inside.lock().unwrap().jumps {
                    tokio::time::pause();
                }
                std::future::pending::<()>().await;
            }
            Then::Close => return,
        }
        if stream.write_all(&answer.bytes()).await.is_err() {
            return;
        }
    }
}

enum Then {
    GoOn,
    Hang,
    Close,
}

/// An answer on the wire.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn of(response: &Response) -> Self {
        let mut headers = Vec::new();
        let body = response.json.as_ref().map(Value::to_string).unwrap_or_default();
        if response.json.is_some() {
            headers.push(("Content-Type", "application/json; charset=utf-8".to_owned()));
        }
        if let Some(wait) = response.retry_after {
            headers.push(("Retry-After", wait.as_secs().to_string()));
        }
        Self { status: response.status, headers, body: body.into_bytes() }
    }

    /// A page to sign in at.
    fn page(status: u16) -> Self {
        let mut headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned())];
        if status == 302 {
            headers.push(("Location", "https://spsprodweu5.vssps.visualstudio.com/_signin".into()));
        }
        Self { status, headers, body: b"<html><title>Sign In</title></html>".to_vec() }
    }

    fn bytes(&self) -> Vec<u8> {
        let length = ("Content-Length", self.body.len().to_string());
        let lines = self.headers.iter().chain([&length]);
        let lines: Vec<String> = lines.map(|(name, value)| format!("{name}: {value}")).collect();
        let head = format!("HTTP/1.1 {} X\r\n{}\r\n\r\n", self.status, lines.join("\r\n"));
        [head.into_bytes(), self.body.clone()].concat()
    }
}

impl Inside {
    fn answer(&mut self, to: Receiver, head: &Head, body: &[u8]) -> (Answer, Then) {
        if let Some(answer) = self.refused(to, head) {
            return (answer, Then::GoOn);
        }
        let fault = self.script.pop_front().flatten();
        let answer = match fault {
            Some(Fault::Answers(status @ (203 | 302))) => Answer::page(status),
            Some(Fault::Answers(status)) => Answer::of(&Response {
                status,
                retry_after: None,
                json: Some(json!({ "message": "it is not to be" })),
            }),
            Some(Fault::Throttled(seconds)) => Answer::of(&Response {
                status: 429,
                retry_after: Some(jiff::SignedDuration::from_secs(seconds)),
                json: None,
            }),
            Some(Fault::SaidButNotDone) => {
                Answer::of(&Response { status: 202, retry_after: None, json: None })
            }
            Some(Fault::Lost) => return (Answer::page(500), Then::Close),
            Some(Fault::Hangs) => return (Answer::page(500), Then::Hang),
            done => {
                let answer = self.carry_out(to, head, body);
                let then = match done {
                    None => Then::GoOn,
                    Some(Fault::DoneButLost | Fault::DoneThenKilled) => Then::Close,
                    Some(Fault::DoneButHangs) => Then::Hang,
                    Some(other) => panic!("a server cannot be {other:?}"),
                };
                return (answer, then);
            }
        };
        (answer, Then::GoOn)
    }

    fn carry_out(&mut self, to: Receiver, head: &Head, body: &[u8]) -> Answer {
        let (method, target) = request_line(head);
        let method = match method.as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            other => panic!("{other}"),
        };
        let content_type = head.get("content-type").map(str::to_owned);
        let json = serde_json::from_slice::<Value>(body).ok();
        let body = match content_type.as_deref() {
            Some("application/json-patch+json") => json.map(Body::Patch),
            _ => json.map(Body::Json),
        };
        let path = if to == Receiver::Workflows { String::new() } else { target };
        let request = Request { to, method, path, body };
        let response = self.services.lock().unwrap().answer(&request);
        let exchange = Exchange { request, content_type, response: response.clone() };
        self.exchanges.push(exchange);
        Answer::of(&response)
    }

    /// The response to a caller without access, or with a wrong protocol.
    fn refused(&self, to: Receiver, head: &Head) -> Option<Answer> {
        let (method, target) = request_line(head);
        let authorization = head.get("authorization");
        let bears = |audience: &str| {
            authorization.is_some_and(|value| value == format!("Bearer token-for-{audience}"))
        };
        let error = |status: u16, code: &str| {
            let json = json!({ "error": { "code": code, "message": code } });
            Some(Answer::of(&Response { status, retry_after: None, json: Some(json) }))
        };
        match to {
            // azure-devops-docs, "Authentication guidance"; microsoft/azure-devops-mcp issues: with
            // the header 401, else the way to a page to sign in at.
            Receiver::Boards if !bears(BOARDS_AUDIENCE) => {
                let suppressed = head.get("x-tfs-fedauthredirect") == Some("Suppress");
                Some(Answer::page(if suppressed { 401 } else { 302 }))
            }
            Receiver::Graph if !bears(&self.graph_audience) => {
                error(401, "InvalidAuthenticationToken")
            }
            // learn.microsoft.com, "Secure access and data for workflows": a signature and a token
            // at once are one too many; and the codes that its users met.
            Receiver::Workflows if authorization.is_some() => {
                error(401, "DirectApiRequestHasMoreThanOneAuthorization")
            }
            Receiver::Workflows if !target.contains("api-version=") => {
                error(400, "MissingApiVersionParameter")
            }
            Receiver::Workflows if !target.contains("/workflows/7/") => {
                error(404, "WorkflowNotFound")
            }
            Receiver::Workflows if !target.ends_with(&format!("&sig={SIGNATURE}")) => {
                error(401, "DirectApiInvalidAuthorizationScheme")
            }
            // vsts-rest-api-specs: `consumes`.
            Receiver::Boards
                if method != "GET"
                    && target.contains("/workitems/")
                    && head.get("content-type") != Some("application/json-patch+json") =>
            {
                error(415, "VssRequestContentTypeNotSupportedException")
            }
            _ => None,
        }
    }
}

fn request_line(head: &Head) -> (String, String) {
    let mut words = head.start.split(' ').map(str::to_owned);
    (words.next().unwrap(), words.next().unwrap())
}

/// The identity service of an app on Azure (learn.microsoft.com, "Use managed identities for App
/// Service", REST endpoint): a token for whatever is asked for.
fn identity(head: &Head, is_stale: bool) -> Response {
    let (_, target) = request_line(head);
    let query = target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    };
    let resource = value("resource").unwrap_or_default();
    let resource = resource.replace("%3A", ":").replace("%2F", "/");
    if head.get("x-identity-header") != Some(IDENTITY_HEADER) || value("api-version").is_none() {
        return Response {
            status: 400,
            retry_after: None,
            json: Some(json!({ "statusCode": 400 })),
        };
    }
    let expires = Timestamp::now().as_second() + 86_400;
    let prefix = if is_stale { "stale" } else { "token-for" };
    let json = json!({
        "access_token": format!("{prefix}-{}", resource.trim_end_matches('/')),
        "expires_on": expires.to_string(),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": "5e29463d-71da-4fe0-8e69-999b57db23b0",
    });
    Response { status: 200, retry_after: None, json: Some(json) }
}
