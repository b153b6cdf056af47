//! HTTP adapter of the port: addresses and authentication of each receiver.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::Url;
use parking_lot::{Mutex, MutexGuard};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use tokio::time::{Duration, Instant};

use super::workflow::is_protected;
use super::{Heartbeat, Outbound, OutboundFuture, Workflow};
use crate::core::http::{
    BODY_BYTES_MAX, Body, Failure, Method, Receiver, Request, Response, retry_after,
};
use crate::http_client::http_client;
use crate::identity::{Identity, NoToken, cause};

/// Time limit of a request, including the answer.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// Time limit for Azure Boards, which delays requests by up to 30 seconds when it throttles.
const BOARDS_REQUEST_MAX: Duration = Duration::from_secs(40);
/// Maximum pause before the next request that a successful answer of Azure Boards can cause.
const PACE_MAX: Duration = Duration::from_secs(30);
/// Time limit for getting a token: the Azure CLI has to start Python first.
const TOKEN_MAX: Duration = Duration::from_secs(10);
/// Time for which a token is used before the credential is asked again. No credential returns one
/// that expires sooner; developer credentials do not cache theirs.
const TOKEN_KEPT: Duration = Duration::from_mins(1);
/// Maximum idle time of a pooled connection. The other side may close an older one just as it is
/// reused, and then it is unknown if the request was performed.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// Scope of Azure DevOps; its application id is the same in every tenant.
const BOARDS_SCOPE: &str = "499b84ac-1321-427f-aa17-267ca6975798/.default";

/// Address of a service that needs a token: scheme, host and port, with TLS unless local.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

impl FromStr for Origin {
    type Err = String;

    /// # Errors
    /// Returns the reason why the setting is not such an address.
    fn from_str(setting: &str) -> Result<Self, String> {
        let Ok(url) = Url::parse(setting.trim()) else {
            return Err("it is not a web address".to_owned());
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

#[derive(Clone, Debug)]
pub struct Addresses {
    /// For example `https://dev.azure.com`.
    pub boards: Origin,
    /// For example `https://graph.microsoft.com`; national clouds have different ones.
    pub graph: Origin,
    /// `None` if no workflow is configured.
    pub workflow: Option<Workflow>,
    /// `None` if no dead man's switch is configured.
    pub heartbeat: Option<Heartbeat>,
}

/// The real external services.
pub struct Http {
    client: reqwest::Client,
    addresses: Addresses,
    credential: Arc<dyn TokenCredential>,
    /// Identity of the credential; `None` if no new credential with an empty cache can be created.
    identity: Option<Identity>,
    is_developer: bool,
    tokens: Mutex<Tokens>,
    /// End of the pause that Azure Boards asked for in a successful answer.
    boards_paced: Mutex<Option<Instant>>,
}

/// By scope.
type Tokens = HashMap<String, Token>;

#[derive(Clone)]
struct Token {
    secret: Secret,
    /// Start of its use here.
    since: Instant,
    /// The receiver rejected it.
    is_refused: bool,
    /// It replaced a token that the receiver had rejected.
    is_renewed: bool,
}

impl Http {
    /// A client for these addresses with this identity. Sends nothing yet.
    ///
    /// # Errors
    /// Returns a sentence if the HTTP client or the credential cannot be created.
    pub fn new(addresses: Addresses, identity: &Identity) -> Result<Self, String> {
        let credential = identity.credential(client(TOKEN_MAX)?)?;
        let is_developer = *identity == Identity::Developer;
        let http = Self::with_credential(addresses, credential, is_developer)?;
        Ok(Self { identity: Some(identity.clone()), ..http })
    }

    /// Like [`Self::new`], with a given credential.
    ///
    /// # Errors
    /// Returns a sentence if the HTTP client cannot be created.
    pub fn with_credential(
        addresses: Addresses,
        credential: Arc<dyn TokenCredential>,
        is_developer: bool,
    ) -> Result<Self, String> {
        let client = client(BOARDS_REQUEST_MAX)?;
        Ok(Self {
            client,
            addresses,
            credential,
            identity: None,
            is_developer,
            tokens: Mutex::default(),
            boards_paced: Mutex::default(),
        })
    }

    /// A request whose token was rejected was not performed, so it is sent once more with a new
    /// token.
    async fn exchange(&self, request: &Request) -> Result<Response, Failure> {
        self.keep_pace(request.to).await;
        let mut response = self.exchange_once(request).await?;
        let wants_sign_in = match request.to {
            Receiver::Boards => matches!(response.status, 203 | 302 | 401),
            Receiver::Graph => response.status == 401,
            Receiver::Workflows | Receiver::Heartbeat => false,
        };
        if wants_sign_in && self.renew_token(request.to) {
            response = self.exchange_once(request).await?;
        }
        let is_success = (200..300).contains(&response.status);
        if let (Receiver::Boards, true, Some(asked)) =
            (request.to, is_success, response.retry_after)
        {
            let pause = Duration::try_from(asked).unwrap_or_default().min(PACE_MAX);
            *lock(&self.boards_paced) = Some(Instant::now() + pause);
        }
        Ok(response)
    }

    /// Waits for the end of a pause that the receiver asked for in a successful answer.
    async fn keep_pace(&self, receiver: Receiver) {
        let until = *lock(&self.boards_paced);
        if let (Receiver::Boards, Some(until)) = (receiver, until) {
            tokio::time::sleep_until(until).await;
        }
    }

    async fn exchange_once(&self, request: &Request) -> Result<Response, Failure> {
        let name = request.to.name();
        let limit = if request.to == Receiver::Boards { BOARDS_REQUEST_MAX } else { REQUEST_MAX };
        let lost = |error| lost(name, limit, error);
        let mut outgoing =
            self.client.request(method(request.method), self.url(request)?).timeout(limit);
        outgoing = outgoing.header(ACCEPT, "application/json");
        if let Some(scope) = self.scope(request.to) {
            let token = self.token(name, &scope).await?;
            let mut value =
                HeaderValue::try_from(format!("Bearer {}", token.secret())).map_err(|_| {
                    Failure::Refused(format!("{name}: the token is not a valid header"))
                })?;
            value.set_sensitive(true);
            outgoing = outgoing.header(AUTHORIZATION, value);
        }
        if request.to == Receiver::Boards {
            // Without it, an invalid token is answered with a sign-in page.
            outgoing = outgoing.header("X-TFS-FedAuthRedirect", "Suppress");
        }
        if let Some(body) = &request.body {
            let (kind, json) = match body {
                Body::Json(json) => ("application/json", json),
                Body::Patch(json) => ("application/json-patch+json", json),
            };
            outgoing = outgoing.header(CONTENT_TYPE, kind).body(json.to_string());
        }
        let mut answer = outgoing.send().await.map_err(lost)?;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let asked = header(RETRY_AFTER).and_then(|value| retry_after(value, header(DATE)));
        let is_json = header(CONTENT_TYPE).is_some_and(is_json);
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(lost)? {
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

    /// Address of a request. Its path cannot lead to a host other than the receiver's.
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

    /// Scope of the token; `None` if none is sent.
    fn scope(&self, receiver: Receiver) -> Option<String> {
        match receiver {
            Receiver::Boards => Some(BOARDS_SCOPE.to_owned()),
            // Each cloud has its own.
            Receiver::Graph => Some(format!("{}.default", self.addresses.graph.0)),
            Receiver::Workflows | Receiver::Heartbeat => None,
        }
    }

    async fn token(&self, name: &str, scope: &str) -> Result<Secret, Failure> {
        let kept = lock(&self.tokens).get(scope).cloned();
        let is_renewed = kept.as_ref().is_some_and(|token| token.is_refused);
        if let Some(token) = kept
            && !is_renewed
            && token.since.elapsed() < TOKEN_KEPT
        {
            return Ok(token.secret);
        }
        let scopes = [scope];
        // A credential caches its tokens until shortly before they expire: a new one has none.
        let credential = match &self.identity {
            Some(identity) if is_renewed => {
                let client = client(TOKEN_MAX).map_err(Failure::unavailable)?;
                identity.credential(client).map_err(Failure::unavailable)?
            }
            _ => Arc::clone(&self.credential),
        };
        let asked = credential.get_token(&scopes, None);
        let found = tokio::time::timeout(TOKEN_MAX, asked)
            .await
            .map_err(|_| Failure::unavailable(format!("{name}: no token within {TOKEN_MAX:?}")))?;
        let token = found.map_err(|error| {
            let sign_in = "run `az login` or `azd auth login`";
            let NoToken { why, needs_person } = NoToken::new(&error, self.is_developer, sign_in);
            let why = format!("{name}: {why}");
            if needs_person { Failure::Refused(why) } else { Failure::unavailable(why) }
        })?;
        let (since, secret) = (Instant::now(), token.token.clone());
        let kept = Token { secret, since, is_refused: false, is_renewed };
        lock(&self.tokens).insert(scope.to_owned(), kept);
        Ok(token.token)
    }

    /// Marks a receiver's token as rejected, so that the next request gets a new one. Returns
    /// `false` if it was new already, so that a retry would not help.
    fn renew_token(&self, receiver: Receiver) -> bool {
        let Some(scope) = self.scope(receiver) else { return false };
        let mut tokens = lock(&self.tokens);
        let is_fresh = tokens.get(&scope).is_none_or(|token| token.is_renewed);
        if let Some(token) = tokens.get_mut(&scope).filter(|_| !is_fresh) {
            token.is_refused = true;
        }
        !is_fresh
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock()
}

fn client(request_max: Duration) -> Result<reqwest::Client, String> {
    // The error's text could contain the URL of a proxy, with its password.
    let remedy = "the HTTP client cannot be set up: install root certificates (ca-certificates) \
                  and check the proxy settings";
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

/// Failure for a missing answer. The error's own text contains the address.
fn lost(name: &str, limit: Duration, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() {
        return Failure::unavailable(format!("{name} cannot be reached: {}", cause(&error)));
    }
    if error.is_builder() {
        return Failure::Refused(format!("{name}: the request cannot be created"));
    }
    let why = if error.is_timeout() {
        format!("no answer within {limit:?}")
    } else {
        format!("the answer was lost: {}", cause(&error))
    };
    Failure::Unknown(format!("{name}: {why}"))
}
