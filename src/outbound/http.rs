//! The port over HTTP: where each receiver is, and with what right it is called.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use tokio::time::{Duration, Instant};

use super::workflow::is_protected;
use super::{Heartbeat, Outbound, OutboundFuture, Workflow};
use crate::core::http::{
    BODY_BYTES_MAX, Body, Failure, Method, Receiver, Request, Response, retry_after,
};
use crate::http_client::http_client;
use crate::identity::{Identity, NoToken, cause};

/// How long a request may take, answer included. Azure Boards takes seconds when it is slow.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// How long getting a token may take: the Azure CLI starts a Python for it.
const TOKEN_MAX: Duration = Duration::from_secs(10);
/// How long a token is used without asking again. A credential gives out none that ends sooner;
/// those of developers keep none.
const TOKEN_KEPT: Duration = Duration::from_mins(1);
/// A connection that rests longer may be closed by the other side just when it is used again, and
/// whether that request was carried out is then unknown.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// The scope of Azure DevOps: its application id is the same for everybody.
const BOARDS_SCOPE: &str = "499b84ac-1321-427f-aa17-267ca6975798/.default";

/// The address of a service that is called with a token: scheme, host and port, over TLS or on
/// this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

impl FromStr for Origin {
    type Err = String;

    /// # Errors
    /// What is wrong with the address.
    fn from_str(setting: &str) -> Result<Self, String> {
        let Ok(url) = Url::parse(setting.trim()) else {
            return Err("it is no web address".to_owned());
        };
        if !is_protected(&url) {
            return Err("the address has to begin with https://".to_owned());
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("the address has to end after the host".to_owned());
        }
        Ok(Self(url))
    }
}

/// Where the receivers are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Azure DevOps, such as `https://dev.azure.com`.
    pub boards: Origin,
    /// Microsoft Graph, such as `https://graph.microsoft.com`; other clouds have others.
    pub graph: Origin,
    /// The workflow, where one is set up.
    pub workflow: Option<Workflow>,
    /// The dead man's switch, where one is set up.
    pub heartbeat: Option<Heartbeat>,
}

/// The services themselves.
pub struct Http {
    client: reqwest::Client,
    addresses: Addresses,
    credential: Arc<dyn TokenCredential>,
    is_developer: bool,
    tokens: Mutex<Tokens>,
}

/// The tokens by their scope, and since when they are used.
type Tokens = HashMap<String, (Instant, Secret)>;

impl Http {
    /// The way to these addresses as this identity. Nothing is sent yet.
    ///
    /// # Errors
    /// A sentence where the machine lacks what a client needs.
    pub fn new(addresses: Addresses, identity: &Identity) -> Result<Self, String> {
        let credential = identity.credential(client(TOKEN_MAX)?)?;
        Self::with_credential(addresses, credential, *identity == Identity::Developer)
    }

    /// The same with what gets the tokens.
    ///
    /// # Errors
    /// A sentence where the machine lacks what a client needs.
    pub fn with_credential(
        addresses: Addresses,
        credential: Arc<dyn TokenCredential>,
        is_developer: bool,
    ) -> Result<Self, String> {
        let client = client(REQUEST_MAX)?;
        Ok(Self { client, addresses, credential, is_developer, tokens: Mutex::default() })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Failure> {
        let name = request.to.name();
        let mut outgoing = self.client.request(method(request.method), self.url(request)?);
        outgoing = outgoing.header(ACCEPT, "application/json");
        if let Some(scope) = self.scope(request.to) {
            let token = self.token(name, &scope).await?;
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.secret()))
                .map_err(|_| Failure::Refused(format!("{name}: the token is no header")))?;
            value.set_sensitive(true);
            outgoing = outgoing.header(AUTHORIZATION, value);
        }
        if request.to == Receiver::Boards {
            // Without it a token that does not count is answered with a page to sign in at.
            outgoing = outgoing.header("X-TFS-FedAuthRedirect", "Suppress");
        }
        if let Some(body) = &request.body {
            let (kind, json) = match body {
                Body::Json(json) => ("application/json", json),
                Body::Patch(json) => ("application/json-patch+json", json),
            };
            outgoing = outgoing.header(CONTENT_TYPE, kind).body(json.to_string());
        }
        let mut answer = outgoing.send().await.map_err(|error| lost(name, error))?;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let asked = header(RETRY_AFTER).and_then(|value| retry_after(value, header(DATE)));
        let is_json = header(CONTENT_TYPE).is_some_and(is_json);
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| lost(name, error))? {
            if !is_json || bytes.len() + piece.len() > BODY_BYTES_MAX {
                bytes.clear();
                break;
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Response {
            status: answer.status().as_u16(),
            retry_after: asked,
            json: serde_json::from_slice(&bytes).ok(),
        })
    }

    /// Where a request goes. No path leads away from the receiver's own host.
    fn url(&self, request: &Request) -> Result<Url, Failure> {
        let refused = |why: &str| Failure::Refused(format!("{}: {why}", request.to.name()));
        let origin = match request.to {
            Receiver::Boards => &self.addresses.boards,
            Receiver::Graph => &self.addresses.graph,
            Receiver::Workflows => {
                let workflow = self.addresses.workflow.as_ref();
                let url = workflow.map(|workflow| workflow.secret_url().clone());
                return url.ok_or_else(|| refused("STATUS_NOTIFY_URL is not set"));
            }
            Receiver::Heartbeat => {
                let heartbeat = self.addresses.heartbeat.as_ref();
                let url = heartbeat.map(|heartbeat| heartbeat.secret_url().clone());
                return url.ok_or_else(|| refused("STATUS_HEARTBEAT_URL is not set"));
            }
        };
        let address = format!("{}{}", origin.0.as_str().trim_end_matches('/'), request.path);
        let url = Url::parse(&address)
            .ok()
            .filter(|url| request.path.starts_with('/') && url.origin() == origin.0.origin());
        url.ok_or_else(|| refused("the request has no address"))
    }

    /// What the token has to be for; `None` where none is sent.
    fn scope(&self, receiver: Receiver) -> Option<String> {
        match receiver {
            Receiver::Boards => Some(BOARDS_SCOPE.to_owned()),
            // Each cloud has its own.
            Receiver::Graph => Some(format!("{}.default", self.addresses.graph.0)),
            Receiver::Workflows | Receiver::Heartbeat => None,
        }
    }

    async fn token(&self, name: &str, scope: &str) -> Result<Secret, Failure> {
        let kept = self.tokens().get(scope).cloned();
        if let Some((since, token)) = kept
            && since.elapsed() < TOKEN_KEPT
        {
            return Ok(token);
        }
        let scopes = [scope];
        let asked = self.credential.get_token(&scopes, None);
        let found = tokio::time::timeout(TOKEN_MAX, asked)
            .await
            .map_err(|_| Failure::unavailable(format!("{name}: no token within {TOKEN_MAX:?}")))?;
        let token = found.map_err(|error| {
            let sign_in = "run `az login` or `azd auth login`";
            let NoToken { why, needs_person } = NoToken::new(&error, self.is_developer, sign_in);
            let why = format!("{name}: {why}");
            if needs_person { Failure::Refused(why) } else { Failure::unavailable(why) }
        })?;
        self.tokens().insert(scope.to_owned(), (Instant::now(), token.token.clone()));
        Ok(token.token)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Outbound for Http {
    fn reaches(&self, receiver: Receiver) -> bool {
        match receiver {
            Receiver::Boards | Receiver::Graph => true,
            Receiver::Workflows => self.addresses.workflow.is_some(),
            Receiver::Heartbeat => self.addresses.heartbeat.is_some(),
        }
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

fn client(request_max: Duration) -> Result<reqwest::Client, String> {
    // The error's text could name the URL of a proxy, with its password.
    let remedy = "no HTTP client can be made: install root certificates (ca-certificates) and \
                  check the proxy settings";
    let client = http_client().timeout(request_max).pool_idle_timeout(IDLE_MAX);
    client.build().map_err(|_| remedy.to_owned())
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Patch => reqwest::Method::PATCH,
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What it means that there is no whole answer. The error's own text holds the address.
fn lost(name: &str, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() {
        return Failure::unavailable(format!("{name} cannot be reached: {}", cause(&error)));
    }
    if error.is_builder() {
        return Failure::Refused(format!("{name}: the request cannot be made"));
    }
    let why = if error.is_timeout() {
        format!("no answer within {REQUEST_MAX:?}")
    } else {
        format!("the answer was lost: {}", cause(&error))
    };
    Failure::Unknown(format!("{name}: {why}"))
}
