//! The real adapter before a server that sees and says every byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use jiff::SignedDuration;
use serde_json::json;
use status_update::core::http::{Body, Failure, Method, Receiver, Request, Response, retry_after};
use status_update::outbound::http::{Addresses, Http, Origin};
use status_update::outbound::{Outbound as _, Workflow};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::http::{Head, read_body};

const SECRET: &str = "c2VjcmV0";

/// Issues numbered tokens, and notes their purpose.
#[derive(Debug, Default)]
pub struct Tokens {
    asked: Mutex<Vec<String>>,
    fails: bool,
}

#[async_trait::async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(scopes.join(" "));
        if self.fails {
            let kind = azure_core::error::ErrorKind::Credential;
            return Err(azure_core::Error::with_message(kind, format!("{SECRET} at https://x/")));
        }
        let token = format!("token-{SECRET}-{}", asked.len());
        Ok(AccessToken::new(token, OffsetDateTime::now_utc() + azure_core::time::Duration::HOUR))
    }
}

/// The server's reaction to a request.
#[derive(Clone)]
enum Says {
    Bytes(String),
    /// These bytes, and then it closes the connection.
    Cut(&'static str),
    /// Nothing, while the clock jumps on.
    Nothing,
}

struct Server {
    address: SocketAddr,
    seen: Seen,
}

/// The requests, and their bodies.
type Seen = Arc<Mutex<Vec<(Head, Vec<u8>)>>>;

impl Server {
    async fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let noted = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, says.clone(), Arc::clone(&noted)));
            }
        });
        Self { address, seen }
    }

    async fn saying(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        Self::start(Says::Bytes(text)).await
    }

    fn http(&self) -> (Http, Arc<Tokens>) {
        http(self.address, Tokens::default())
    }

    fn seen(&self) -> Vec<(Head, Vec<u8>)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(stream: TcpStream, says: Says, seen: Seen) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(head)) = Head::read(&mut stream).await {
        let body = read_body(&head, &mut stream).await.unwrap();
        seen.lock().unwrap().push((head, body));
        match &says {
            Says::Bytes(bytes) => {
                // The client may have seen enough before it is all sent.
                let _ = stream.write_all(bytes.as_bytes()).await;
            }
            Says::Cut(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                break;
            }
            Says::Nothing => {
                tokio::time::pause();
                std::future::pending::<()>().await;
            }
        }
    }
}

fn http(address: SocketAddr, tokens: Tokens) -> (Http, Arc<Tokens>) {
    let origin = |text: String| text.parse::<Origin>().unwrap();
    let workflow = format!("http://{address}/invoke/7?api-version=1&sp=%2Frun&sig={SECRET}");
    let heartbeat = format!("http://{address}/ping/{SECRET}");
    let addresses = Addresses {
        boards: origin(format!("http://{address}")),
        graph: origin(format!("http://localhost:{}", address.port())),
        workflow: Some(workflow.parse::<Workflow>().unwrap()),
        heartbeat: Some(heartbeat.parse().unwrap()),
    };
    let tokens = Arc::new(tokens);
    let credential = Arc::clone(&tokens) as Arc<dyn TokenCredential>;
    (Http::with_credential(addresses, credential, true).unwrap(), tokens)
}

fn get(to: Receiver, path: &str) -> Request {
    Request { to, method: Method::Get, path: path.to_owned(), body: None }
}

fn post(to: Receiver, path: &str) -> Request {
    let body = Some(Body::Json(json!({ "text": "ü" })));
    Request { to, method: Method::Post, path: path.to_owned(), body }
}

#[tokio::test]
async fn a_request_carries_its_token_its_kind_and_nothing_else() {
    let server = Server::saying("200 OK", "Content-Type: application/json\r\n", "{\"a\":1}").await;
    let (http, tokens) = server.http();
    let patch = Request {
        method: Method::Patch,
        body: Some(Body::Patch(json!([{ "op": "test" }]))),
        ..get(Receiver::Boards, "/org/p/_apis/wit/workitems/1?api-version=7.1")
    };
    let answer = http.send(&patch).await.unwrap();
    assert_eq!(answer, Response { status: 200, retry_after: None, json: Some(json!({ "a": 1 })) });
    http.send(&get(Receiver::Boards, "/org")).await.unwrap();
    http.send(&post(Receiver::Graph, "/v1.0/teams/1/channels")).await.unwrap();
    http.send(&post(Receiver::Workflows, "")).await.unwrap();
    http.send(&get(Receiver::Heartbeat, "")).await.unwrap();

    let graph = format!("http://localhost:{}/.default", server.address.port());
    let boards = "499b84ac-1321-427f-aa17-267ca6975798/.default".to_owned();
    assert_eq!(*tokens.asked.lock().unwrap(), [boards, graph], "a token is kept");
    let seen = server.seen();
    let header = |index: usize, name: &str| seen[index].0.get(name).map(str::to_owned);
    assert_eq!(seen[0].0.start, "PATCH /org/p/_apis/wit/workitems/1?api-version=7.1 HTTP/1.1");
    assert_eq!(seen[0].1, b"[{\"op\":\"test\"}]");
    assert_eq!(header(0, "content-type").unwrap(), "application/json-patch+json");
    assert_eq!(header(0, "accept").unwrap(), "application/json");
    assert_eq!(header(0, "x-tfs-fedauthredirect").unwrap(), "Suppress");
    let bearer = |number| Some(format!("Bearer token-{SECRET}-{number}"));
    let sent: Vec<_> = (0..4).map(|index| header(index, "authorization")).collect();
    assert_eq!(sent, [bearer(1), bearer(1), bearer(2), None]);
    assert_eq!(header(2, "content-type").unwrap(), "application/json");
    let invoked = format!("POST /invoke/7?api-version=1&sp=%2Frun&sig={SECRET} HTTP/1.1");
    assert_eq!(seen[3].0.start, invoked, "the query goes out as it was set");
    assert_eq!(seen[3].1, "{\"text\":\"ü\"}".as_bytes());
}

#[tokio::test]
async fn no_path_leads_to_another_host() {
    let server = Server::saying("200 OK", "", "").await;
    let (http, tokens) = server.http();
    for path in ["", "x", "@evil.example/", ".evil.example/", ":80@evil.example/", "\\evil/x"] {
        let refused = http.send(&get(Receiver::Boards, path)).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused(_)), "{path}: {refused:?}");
    }
    for path in ["//evil.example/x", "/\\evil.example", "/../../x", "/a b", "/%00", "/?x=//evil"] {
        http.send(&get(Receiver::Boards, path)).await.unwrap();
    }
    assert_eq!(server.seen().len(), 6);
    assert_eq!(tokens.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn every_answer_is_a_valid_activity() {
    let json = "Content-Type: application/json; charset=utf-8; api-version=7.1\r\n";
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let until = format!("{date}Retry-After: Sun, 06 Nov 1994 08:51:07 GMT\r\n");
    for (status, headers, body, expected) in [
        ("429 Too Many", "Retry-After: 17\r\n", "", (429, Some(17), None)),
        ("503 Later", until.as_str(), "", (503, Some(90), None)),
        ("200 OK", "Retry-After: 5\r\n", "", (200, Some(5), None)),
        ("302 Found", "Location: /elsewhere\r\n", "", (302, None, None)),
        ("203 X", "Content-Type: text/html\r\n", "<html>{}", (203, None, None)),
        ("200 OK", json, "{\"a\"", (200, None, None)),
        ("200 OK", json, large.as_str(), (200, None, None)),
        ("400 Bad", json, "{\"m\":\"no\"}", (400, None, Some(json!({ "m": "no" })))),
        ("204 None", json, "", (204, None, None)),
    ] {
        let server = Server::saying(status, headers, body).await;
        let answer = server.http().0.send(&get(Receiver::Boards, "/x")).await.unwrap();
        let waits = answer.retry_after.map(|wait| wait.as_secs());
        assert_eq!((answer.status, waits, answer.json), expected, "{status} {headers}");
        // A rejected token is replaced once, because such a request was not performed.
        let wants_sign_in = matches!(answer.status, 203 | 302);
        assert_eq!(server.seen().len(), if wants_sign_in { 2 } else { 1 }, "{status}");
    }
}

#[test]
fn retry_after_is_bounded_and_never_negative() {
    let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    let seconds = |value: &str, date| retry_after(value, date).map(|wait| wait.as_secs());
    for (value, date, expected) in [
        ("0", None, Some(0)),
        (" 120 ", None, Some(120)),
        ("86400", None, Some(86_400)),
        ("4294967295", None, Some(86_400)),
        ("99999999999999999999", None, None),
        ("-1", None, None),
        ("soon", None, None),
        ("1.5", None, None),
        ("Sun, 06 Nov 1994 08:49:47 GMT", date, Some(10)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", None, None),
        ("Sun, 06 Nov 1994 08:49:47 GMT", Some("today"), None),
        ("Sun, 06 Nov 1994 08:49:27 GMT", date, None),
        ("Sat, 06 Nov 2094 08:49:27 GMT", date, Some(86_400)),
    ] {
        assert_eq!(seconds(value, date), expected, "{value} {date:?}");
    }
}

const CUT_BODY: &str =
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";

#[tokio::test]
async fn certain_and_uncertain_outcomes_are_distinguished() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (http, _) = http(nobody, Tokens::default());
    let failure = http.send(&post(Receiver::Workflows, "")).await.unwrap_err();
    assert!(matches!(failure, Failure::Unavailable { .. }), "{failure:?}");

    for cut in ["", "HTTP/1.1 2", CUT_BODY] {
        let server = Server::start(Says::Cut(cut)).await;
        let failure = server.http().0.send(&post(Receiver::Workflows, "")).await.unwrap_err();
        assert!(matches!(failure, Failure::Unknown(_)), "{cut:?}: {failure:?}");
        assert!(!format!("{failure:?} {failure}").contains(SECRET), "{failure:?}");
    }
}

/// The clock jumps on as soon as the request has arrived.
#[tokio::test]
async fn a_request_that_hangs_ends_with_its_time_limit() {
    let server = Server::start(Says::Nothing).await;
    let failure = server.http().0.send(&post(Receiver::Workflows, "")).await.unwrap_err();
    assert_eq!(failure, Failure::Unknown("the Teams workflow: no answer within 10s".to_owned()));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_without_a_token_and_no_secret_is_said() {
    let server = Server::saying("200 OK", "", "").await;
    let (http, _) = http(server.address, Tokens { fails: true, ..Tokens::default() });
    let failure = http.send(&get(Receiver::Graph, "/x")).await.unwrap_err();
    let said = "Microsoft Graph: nobody is signed in; run `az login` or `azd auth login`";
    assert_eq!(failure, Failure::Refused(said.to_owned()));
    assert_eq!(server.seen().len(), 0);
    assert!(!format!("{http:?}").contains(SECRET), "{http:?}");
}

#[test]
fn a_retry_after_that_is_asked_for_is_a_length() {
    let unavailable = Failure::Unavailable {
        why: "x".to_owned(),
        retry_after: Some(SignedDuration::from_secs(3)),
    };
    assert_eq!(unavailable.clone().of_reading(), unavailable);
    assert_eq!(Failure::Unknown("x".to_owned()).of_reading(), Failure::unavailable("x"));
}
