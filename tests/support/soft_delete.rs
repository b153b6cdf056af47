//! Soft delete, versions, permanent deletion and immutability, none of which Azurite has, in front
//! of an Azurite.
//!
//! The contract is the published one, all of it below <https://learn.microsoft.com>:
//! - `azure/storage/blobs/soft-delete-blob-overview`: an overwrite leaves a soft-deleted snapshot;
//!   with versioning, a version that is not soft-deleted until somebody deletes it;
//! - `rest/api/storageservices/delete-blob`: `deletetype=permanent` deletes a soft-deleted snapshot
//!   or version. 409 if the account does not allow it, if neither is named, or if it is not
//!   soft-deleted; 403 without the right;
//! - `rest/api/storageservices/list-blobs`: `include=deleted,snapshots,versions`, `Deleted`,
//!   `DeletedTime`, `RemainingRetentionDays`, markers;
//! - `azure/storage/blobs/immutable-container-level-worm-policies`: a policy refuses overwrites for
//!   as long as it exists, also after its days.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::http::{Head, read_body, reserve_port};

/// Days for which a copy is kept, less the first.
pub const DAYS_LEFT: i64 = 29;
/// Few, so that a list has several pages.
const LISTED_AT_ONCE: usize = 5;

/// The settings of the account, and the rights of the program.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "none of them excludes another")]
pub struct Rules {
    pub allows_permanent: bool,
    pub may_purge: bool,
    pub has_versions: bool,
    pub log_is_immutable: bool,
    /// The days of soft delete have passed.
    pub has_expired: bool,
}

/// An account that keeps old copies.
#[derive(Clone)]
pub struct SoftDelete {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    storage: SocketAddr,
    rules: Mutex<Rules>,
    copies: Mutex<Vec<OldCopy>>,
    /// An overwrite and its old copy are one operation.
    overwriting: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct OldCopy {
    container: String,
    name: String,
    time: String,
    is_version: bool,
    deleted: Option<Timestamp>,
    bytes: Vec<u8>,
}

impl SoftDelete {
    pub async fn start(storage: SocketAddr, rules: Rules) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", reserve_port())).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            storage,
            rules: Mutex::new(rules),
            copies: Mutex::default(),
            overwriting: tokio::sync::Mutex::default(),
        });
        let accepted = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&accepted);
                tokio::spawn(async move {
                    let _ = serve(client, &shared).await;
                });
            }
        });
        Self { address, shared }
    }

    pub fn set(&self, rules: Rules) {
        *self.shared.rules.lock().unwrap() = rules;
    }

    /// The old copies that hold a text.
    pub fn holding(&self, text: &str) -> Vec<String> {
        let copies = self.shared.copies.lock().unwrap();
        let holds = |copy: &&OldCopy| String::from_utf8_lossy(&copy.bytes).contains(text);
        copies.iter().filter(holds).map(|it| format!("{}/{}", it.container, it.name)).collect()
    }

    pub fn count(&self) -> usize {
        self.shared.copies.lock().unwrap().len()
    }
}

/// The target of a request.
struct Asked {
    container: String,
    name: String,
    query: Vec<(String, String)>,
}

impl Asked {
    fn of(head: &Head) -> Self {
        let (path, query) = head.target().split_once('?').unwrap_or((head.target(), ""));
        let path = decoded(path);
        let mut parts = path.trim_start_matches('/').splitn(3, '/').skip(1);
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let query = pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
        Self { container: part(), name: part(), query }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        let digits = (byte == b'%').then(|| [rest.next().unwrap(), rest.next().unwrap()]);
        let value = digits.map(|it| u8::from_str_radix(std::str::from_utf8(&it).unwrap(), 16));
        bytes.push(value.map_or(byte, |value| value.unwrap()));
    }
    String::from_utf8(bytes).unwrap()
}

async fn serve(client: TcpStream, shared: &Shared) -> Result<()> {
    let mut client = BufReader::new(client);
    let Some(head) = Head::read(&mut client).await? else { return Ok(()) };
    let body = read_body(&head, &mut client).await?;
    let asked = Asked::of(&head);
    let rules = *shared.rules.lock().unwrap();
    let answer = match head.method() {
        "DELETE" => shared.delete(&asked, rules),
        "GET" if asked.get("comp") == Some("list") => shared.list(&asked, rules),
        "PUT" if head.get("if-match").is_some() => {
            if rules.log_is_immutable && asked.container == "log" {
                refused(409, "BlobImmutableDueToPolicy")
            } else {
                shared.overwrite(head, &body, &asked, rules).await?
            }
        }
        _ => forward(head, &body, shared.storage).await?,
    };
    client.write_all(&answer).await
}

impl Shared {
    async fn overwrite(
        &self,
        head: Head,
        body: &[u8],
        asked: &Asked,
        rules: Rules,
    ) -> Result<Vec<u8>> {
        let _one_at_a_time = self.overwriting.lock().await;
        let mut read = Head { start: head.start.replacen("PUT", "GET", 1), headers: Vec::new() };
        for name in ["host", "authorization", "x-ms-date", "x-ms-version"] {
            if let Some(value) = head.get(name) {
                read.set(name, value);
            }
        }
        let old = forward(read, &[], self.storage).await?;
        let answer = forward(head, body, self.storage).await?;
        if answer.starts_with(b"HTTP/1.1 201") && old.starts_with(b"HTTP/1.1 200") {
            let start = old.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            let now = Timestamp::now();
            self.copies.lock().unwrap().push(OldCopy {
                container: asked.container.clone(),
                name: asked.name.clone(),
                time: now.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string(),
                is_version: rules.has_versions,
                deleted: (!rules.has_versions).then_some(now),
                bytes: old[start..].to_vec(),
            });
        }
        Ok(answer)
    }

    fn delete(&self, asked: &Asked, rules: Rules) -> Vec<u8> {
        let mut copies = self.copies.lock().unwrap();
        let named = asked.get("snapshot").or(asked.get("versionid"));
        let place = copies.iter().position(|copy| {
            copy.container == asked.container
                && copy.name == asked.name
                && Some(copy.time.as_str()) == named
                && copy.is_version == asked.get("versionid").is_some()
        });
        let is_permanent =
            asked.get("deletetype").is_some_and(|it| it.eq_ignore_ascii_case("permanent"));
        if is_permanent && !rules.may_purge {
            return refused(403, "AuthorizationPermissionMismatch");
        }
        if is_permanent && (!rules.allows_permanent || named.is_none()) {
            return refused(409, "FeatureNotEnabled");
        }
        let Some(place) = place else { return refused(404, "BlobNotFound") };
        match copies[place].deleted {
            None if is_permanent => refused(409, "BlobNotSoftDeleted"),
            Some(_) if !is_permanent => refused(404, "ResourceNotFound"),
            None => {
                copies[place].deleted = Some(Timestamp::now());
                accepted(false)
            }
            Some(_) => {
                copies.remove(place);
                accepted(true)
            }
        }
    }

    /// Old copies alone: the program does not ask for the blobs themselves.
    fn list(&self, asked: &Asked, rules: Rules) -> Vec<u8> {
        let include = asked.get("include").unwrap_or_default();
        let prefix = asked.get("prefix").unwrap_or_default();
        let copies = self.copies.lock().unwrap();
        let found: Vec<&OldCopy> = copies
            .iter()
            .filter(|copy| copy.container == asked.container && copy.name.starts_with(prefix))
            .filter(|copy| include.contains("deleted") || copy.deleted.is_none())
            .filter(|copy| !rules.has_expired || copy.deleted.is_none())
            .filter(|copy| include.contains(if copy.is_version { "versions" } else { "snapshots" }))
            .collect();
        let from: usize = asked.get("marker").map_or(0, |marker| marker.parse().unwrap());
        let next = from + LISTED_AT_ONCE;
        let marker = if next < found.len() { next.to_string() } else { String::new() };
        let blobs = found.iter().skip(from).take(LISTED_AT_ONCE).map(|copy| item(copy));
        let blobs: String = blobs.collect();
        let container = &asked.container;
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
             ServiceEndpoint=\"http://127.0.0.1/\" ContainerName=\"{container}\"><Blobs>{blobs}\
             </Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
        );
        answer("200 OK", "Content-Type: application/xml\r\n", &xml)
    }
}

fn item(copy: &OldCopy) -> String {
    let OldCopy { name, time, is_version, deleted, .. } = copy;
    let kind = if *is_version { "VersionId" } else { "Snapshot" };
    let (mark, properties) = match deleted {
        None => ("", String::new()),
        Some(at) => (
            "<Deleted>true</Deleted>",
            format!(
                "<DeletedTime>{}</DeletedTime>\
                 <RemainingRetentionDays>{DAYS_LEFT}</RemainingRetentionDays>",
                date(*at)
            ),
        ),
    };
    format!(
        "<Blob><Name>{name}</Name>{mark}<{kind}>{time}</{kind}><Properties>\
         <Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType>{properties}\
         </Properties></Blob>"
    )
}

fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn accepted(is_permanent: bool) -> Vec<u8> {
    answer("202 Accepted", &format!("x-ms-delete-type-permanent: {is_permanent}\r\n"), "")
}

fn refused(status: u16, code: &str) -> Vec<u8> {
    answer(&format!("{status} Refused"), &format!("x-ms-error-code: {code}\r\n"), "")
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let (date, length) = (date(Timestamp::now()), body.len());
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Date: {date}\r\nContent-Length: {length}\r\n");
    format!("{head}Connection: close\r\n\r\n{body}").into_bytes()
}

async fn forward(mut head: Head, body: &[u8], storage: SocketAddr) -> Result<Vec<u8>> {
    head.set("Connection", "close");
    let mut storage = TcpStream::connect(storage).await?;
    storage.write_all(&head.bytes()).await?;
    storage.write_all(body).await?;
    let mut answer = Vec::new();
    storage.read_to_end(&mut answer).await?;
    Ok(answer)
}
