//! A connection to storage that can fail in every relevant way, chosen per request.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::azurite;
use crate::support::http::{HANG, Head, read_body, reserve_port};

/// The fate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Performed and answered.
    Passed,
    /// Received whole, never performed, never answered.
    Held,
    /// Performed, but the answer is lost.
    Swallowed,
    /// Received whole and performed once [`Proxy::release`] is called; the answer is lost.
    Late,
    /// The connection ends at once, and nothing is performed.
    Cut,
    /// Turned away, as storage does where a right is missing.
    Forbidden,
}

type Rule = Box<dyn Fn(&Head) -> Fate + Send>;

/// Between a handler and a storage server.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Mutex<JoinHandle<()>>,
}

struct Shared {
    storage: SocketAddr,
    rule: Mutex<Rule>,
    events: watch::Sender<Events>,
}

/// Events since the rule was set.
#[derive(Clone, Copy, Default)]
struct Events {
    /// Requests that did not simply pass.
    struck: u32,
    released: bool,
    /// Late requests that have been performed.
    landed: u32,
}

impl Proxy {
    pub async fn start(storage: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", reserve_port())).await.unwrap();
        let rule: Rule = Box::new(|_| Fate::Passed);
        let events = watch::Sender::new(Events::default());
        let shared = Arc::new(Shared { storage, rule: Mutex::new(rule), events });
        let address = listener.local_addr().unwrap();
        let accepting = Mutex::new(tokio::spawn(accept(shared.clone(), listener)));
        Self { address, shared, accepting }
    }

    /// Nobody listens here any more.
    pub async fn close(&self) {
        let accepting = std::mem::replace(&mut *self.accepting.lock().unwrap(), idle());
        accepting.abort();
        let _ = accepting.await;
    }

    /// Listens again, where it did before.
    pub async fn reopen(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        *self.accepting.lock().unwrap() = tokio::spawn(accept(self.shared.clone(), listener));
    }

    /// The value of `STATUS_STORAGE` for storage after this proxy.
    pub fn setting(&self) -> String {
        azurite::setting(self.address)
    }

    /// From now on, requests go this way.
    pub fn rule(&self, rule: impl Fn(&Head) -> Fate + Send + 'static) {
        self.shared.events.send_replace(Events::default());
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Waits until a request since the rule was set did not simply pass. If it is to be performed
    /// without an answer, it has been performed by then.
    pub async fn struck(&self) {
        self.wait(|events| events.struck > 0).await;
    }

    /// Releases the late requests, and waits until one was performed.
    pub async fn release(&self) {
        self.shared.events.send_modify(|events| events.released = true);
        self.wait(|events| events.landed > 0).await;
    }

    async fn wait(&self, happened: fn(&Events) -> bool) {
        let mut events = self.shared.events.subscribe();
        let waited = tokio::time::timeout(HANG, events.wait_for(happened)).await;
        waited.expect("no request met the fault").unwrap();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.lock().unwrap().abort();
    }
}

/// True if the request writes to this container, given as in a path.
pub fn writes(head: &Head, container: &str) -> bool {
    let path = head.target().split('?').next().unwrap_or_default().replace("%24", "$");
    head.method() == "PUT" && path.contains(&format!("/{container}/"))
}

fn idle() -> JoinHandle<()> {
    tokio::spawn(async {})
}

async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            // The handler notices a failure here.
            let _ = pass(client, &shared).await;
        });
    }
}

async fn pass(client: TcpStream, shared: &Shared) -> Result<()> {
    let Shared { storage, rule, events } = shared;
    let mut client = BufReader::new(client);
    let Some(head) = Head::read(&mut client).await? else { return Ok(()) };
    let fate = (rule.lock().unwrap())(&head);
    let strike = || events.send_modify(|events| events.struck += 1);
    if fate == Fate::Cut {
        strike();
        return Ok(());
    }
    let body = read_body(&head, &mut client).await?;
    match fate {
        Fate::Passed | Fate::Cut => {
            return client.write_all(&carry_out(head, &body, *storage).await?).await;
        }
        Fate::Forbidden => {
            strike();
            return client.write_all(FORBIDDEN.as_bytes()).await;
        }
        Fate::Held => strike(),
        Fate::Swallowed => {
            carry_out(head, &body, *storage).await?;
            strike();
        }
        Fate::Late => {
            strike();
            // The handler may have given up already.
            let _ = events.subscribe().wait_for(|events| events.released).await;
            carry_out(head, &body, *storage).await?;
            events.send_modify(|events| events.landed += 1);
        }
    }
    // Silence until the other side has gone.
    client.read_to_end(&mut Vec::new()).await.map(drop)
}

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\n\
     x-ms-error-code: AuthorizationPermissionMismatch\r\n\
     Content-Length: 0\r\nConnection: close\r\n\r\n";

async fn carry_out(mut head: Head, body: &[u8], storage: SocketAddr) -> Result<Vec<u8>> {
    // One request on one connection: where the answer ends is then plain.
    head.set("Connection", "close");
    let mut storage = TcpStream::connect(storage).await?;
    storage.write_all(&head.bytes()).await?;
    storage.write_all(body).await?;
    let mut answer = Vec::new();
    storage.read_to_end(&mut answer).await?;
    Ok(answer)
}
