//! The Azure store: its setting, its secrets, and its handling of answers and silence.

mod wire;

use status_update::identity::Identity;
use status_update::store::azure::{Account, Azure};
use status_update::store::{Blob, Condition, Container, ETag, Key, Store, StoreError, Write};

use self::wire::{Proxy, Server};
use super::{create, get, replace, stamped};
use crate::support::azurite::{self, Azurite};

const SECRET: &str = "c2VjcmV0";

fn key(name: &str) -> Key {
    Key::new(Container::Web, name)
}

fn parse(setting: &str) -> Result<Account, String> {
    setting.parse()
}

#[test]
fn settings_that_are_accepted() {
    for (setting, shown) in [
        ("UseDevelopmentStorage=true", "Azurite at http://127.0.0.1:10000"),
        (" usedevelopmentstorage=TRUE; ", "Azurite at http://127.0.0.1:10000"),
        (
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1:4711",
            "Azurite at http://127.0.0.1:4711",
        ),
        (
            "DevelopmentStorageProxyUri=http://azurite;UseDevelopmentStorage=true",
            "Azurite at http://azurite:10000",
        ),
        ("https://acme.blob.core.windows.net", "Azure storage acme.blob.core.windows.net"),
        ("https://acme.blob.core.windows.net/", "Azure storage acme.blob.core.windows.net"),
        ("https://acme.blob.core.windows.net/?", "Azure storage acme.blob.core.windows.net"),
        (
            "https://acme.blob.core.windows.net/?sv=2024-11-04&sp=rcw&sig=c2VjcmV0%3D",
            "Azure storage acme.blob.core.windows.net with a SAS",
        ),
        (
            "https://acme.blob.core.windows.net?sig=c2VjcmV0%3D",
            "Azure storage acme.blob.core.windows.net with a SAS",
        ),
    ] {
        let account = parse(setting).unwrap_or_else(|error| panic!("{setting}: {error}"));
        assert_eq!(account.to_string(), shown);
        assert_eq!(format!("{account:?}"), format!("Account({shown})"));
        assert_eq!(account.is_emulator(), shown.starts_with("Azurite"));
        let store = Azure::new(&account, &Identity::Developer).unwrap();
        assert_eq!(store.describe(), shown);
        assert!(!format!("{store:?}").contains(SECRET));
    }
}

#[test]
fn settings_that_are_refused_are_not_repeated() {
    for (setting, reason) in [
        ("", "not a web address"),
        ("acme", "not a web address"),
        ("/var/lib/status", "not a web address"),
        ("http://acme.blob.core.windows.net/?sig=c2VjcmV0", "https://"),
        ("https://user:c2VjcmV0@acme.blob.core.windows.net", "user"),
        ("https://acme.blob.core.windows.net/web?sig=c2VjcmV0", "without a path"),
        ("https://acme.z6.web.core.windows.net", "the website's"),
        ("https://acme.blob.core.windows.net/?sk=c2VjcmV0", "no SAS"),
        (
            "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=c2VjcmV0",
            "connection string is not supported",
        ),
        ("BlobEndpoint=https://acme.blob.core.windows.net;sig=c2VjcmV0", "unknown part"),
        ("UseDevelopmentStorage=false", "no `UseDevelopmentStorage=true`"),
        ("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=x", "not a web address"),
        (
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://h/?c2VjcmV0",
            "http://127.0.0.1:10000",
        ),
    ] {
        let error = parse(setting).unwrap_err();
        assert!(error.contains(reason), "{setting}: {error}");
        assert!(error.contains("it may be `UseDevelopmentStorage=true`"), "{error}");
        assert!(!error.contains(SECRET) && !error.contains('\n'), "{error}");
    }
}

/// The outcome of one write, one read and one look at the properties, with all their texts.
async fn try_all(store: &Azure, condition: Condition) -> [Result<String, StoreError>; 3] {
    let key = key("index.html");
    let write = Write { condition, ..create(b"<p>") };
    let outcomes = [
        store.put(&key, write).await.map(|etag| etag.0),
        store.get(&key).await.map(|blob| format!("{blob:?}")),
        store.head(&key).await.map(|head| format!("{head:?}")),
    ];
    for outcome in &outcomes {
        let text = format!("{outcome:?}");
        assert!(!text.contains("sig") && !text.contains('?') && !text.contains("\\n"), "{text}");
    }
    outcomes
}

#[tokio::test]
async fn answers_of_the_service_are_distinguished() {
    let unavailable = |text: &str| StoreError::unavailable(text);
    let server = Server::start().await;
    let store = azurite::store(server.address);
    let place = store.describe();
    let immutable = |why: &str| StoreError::Immutable(format!("{place}: 409 BlobImmutable{why}"));
    let matching = || Condition::Match(ETag("\"1\"".into()));

    for (status, code, condition, expected) in [
        (409, "BlobAlreadyExists", Condition::Absent, Some(StoreError::Conflict)),
        (412, "ConditionNotMet", Condition::Absent, Some(StoreError::Conflict)),
        (412, "ConditionNotMet", matching(), Some(StoreError::Conflict)),
        (412, "", matching(), Some(StoreError::Conflict)),
        (404, "BlobNotFound", matching(), Some(StoreError::Conflict)),
        (404, "ContainerNotFound", matching(), Some(StoreError::Conflict)),
        (409, "BlobImmutableDueToPolicy", Condition::Absent, Some(StoreError::Conflict)),
        (409, "BlobImmutableDueToPolicy", matching(), Some(immutable("DueToPolicy"))),
        (409, "BlobImmutableDueToLegalHold", matching(), Some(immutable("DueToLegalHold"))),
        (412, "LeaseIdMissing", matching(), None),
        (403, "AuthorizationPermissionMismatch", Condition::Absent, None),
        (403, "AuthorizationFailure", Condition::Absent, None),
        (403, "", Condition::Absent, None),
        (401, "NoAuthenticationInformation", Condition::Absent, None),
        (404, "ResourceNotFound", Condition::Absent, None),
        (400, "InvalidHeaderValue", Condition::Absent, None),
        (302, "", Condition::Absent, None),
        (429, "TooManyRequests", Condition::Absent, Some(unavailable("429 TooManyRequests"))),
        (409, "ContainerBeingDeleted", Condition::Absent, Some(unavailable("409 Container"))),
    ] {
        server.answer(status, code);
        let [put, get, head] = try_all(&store, condition.clone()).await;
        let put = put.unwrap_err();
        match expected {
            Some(StoreError::Unavailable { why: text, .. }) => {
                let says = matches!(&put, StoreError::Unavailable { why: said, .. } if said.contains(&text));
                assert!(says, "{status} {code}: {put:?}");
            }
            Some(expected) => assert_eq!(put, expected, "{status} {code} for {condition:?}"),
            None => assert!(
                matches!(&put, StoreError::Refused(text) if text.starts_with(&place)),
                "{status} {code}: {put:?}"
            ),
        }
        let missing = matches!(code, "BlobNotFound" | "ContainerNotFound");
        for read in [get, head] {
            assert_eq!(read.is_ok(), missing, "{status} {code}: {read:?}");
            assert!(!matches!(read, Err(StoreError::Conflict | StoreError::Unknown { .. })));
        }
    }
}

#[tokio::test]
async fn a_failing_service_is_asked_again_only_for_reads() {
    let all = [408, 500, 502, 503, 504].map(async |status| {
        let server = Server::start().await;
        server.answer(status, "ServerBusy");
        let [put, get, head] = try_all(&azurite::store(server.address), Condition::Absent).await;
        assert!(matches!(put, Err(StoreError::Unknown { .. })), "{status}: {put:?}");
        assert!(matches!(get, Err(StoreError::Unavailable { .. })), "{status}: {get:?}");
        assert!(matches!(head, Err(StoreError::Unavailable { .. })), "{status}: {head:?}");
        assert_eq!(server.requests(), 1 + 3 + 3);
    });
    futures::future::join_all(all).await;
}

/// A wait that storage asks for is reported to the caller for every operation, and respected by
/// retries here.
#[tokio::test]
async fn a_requested_wait_is_reported() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (status, asked, seconds) in [
        (503, "90", 90),
        (429, "7", 7),
        (500, "86400", 86_400),
        (503, "Sun, 06 Nov 1994 08:59:37 GMT", 600),
    ] {
        let server = Server::start().await;
        server.answer(status, &format!("ServerBusy\r\nDate: {date}\r\nRetry-After: {asked}"));
        let [put, get, head] = try_all(&azurite::store(server.address), Condition::Absent).await;
        for answer in [put, get, head] {
            let error = answer.unwrap_err();
            let wait = error.retry_after().map(|wait| wait.as_secs());
            assert_eq!(wait, Some(seconds), "{status} {asked}: {error:?}");
        }
        assert_eq!(server.requests(), 3, "{status} {asked}: nothing is asked again before");
    }
}

#[tokio::test]
async fn a_refusal_names_its_remedy() {
    let server = Server::start().await;
    let store = azurite::store(server.address);
    server.answer(403, "AuthorizationPermissionMismatch");
    let [put, ..] = try_all(&store, Condition::Absent).await;
    let text = put.unwrap_err().to_string();
    assert!(text.contains("Storage Blob Data Contributor"), "{text}");
}

#[tokio::test]
async fn an_unsent_request_counts_as_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for outcome in try_all(&azurite::store(address), Condition::Absent).await {
        let Err(StoreError::Unavailable { why: text, .. }) = &outcome else {
            panic!("{outcome:?}")
        };
        assert!(text.contains("refused"), "{text}");
    }
    // Over TLS and with a SAS as well, and where a token is to be had first.
    let url = format!("https://{address}");
    let signed = parse(&format!("{url}/?sig={SECRET}&sp=rcw")).unwrap();
    for outcome in
        try_all(&Azure::new(&signed, &Identity::Developer).unwrap(), Condition::Absent).await
    {
        let Err(StoreError::Unavailable { why: text, .. }) = &outcome else {
            panic!("{outcome:?}")
        };
        assert!(text.contains("refused") && !text.contains(SECRET), "{text}");
    }
    let store = Azure::new(&parse(&url).unwrap(), &Identity::Developer).unwrap();
    let error = store.put(&key("x"), create(b"")).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_) | StoreError::Unavailable { .. }), "{error:?}");
}

/// Not a test itself: the process of the next one, with the environment of a function app.
#[tokio::test]
async fn process_with_a_managed_identity() {
    if std::env::var_os("IDENTITY_ENDPOINT").is_none() {
        return;
    }
    let identity = Identity::Managed { client_id: Some("42".into()) };
    let store = Azure::new(&parse("https://127.0.0.1:1").unwrap(), &identity).unwrap();
    println!("{:?}", store.put(&key("x"), create(b"")).await.unwrap_err());
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start().await;
    let test =
        format!("{}::process_with_a_managed_identity", module_path!().split_once("::").unwrap().1);
    for (status, expected, requests) in [
        (
            400,
            "Refused(\"Azure storage 127.0.0.1: this machine does not have this managed identity",
            1,
        ),
        (
            500,
            "Unavailable { why: \"Azure storage 127.0.0.1: no token, the identity service says 500",
            3,
        ),
    ] {
        server.answer(status, "");
        let before = server.requests();
        let output = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", &test])
            .env("IDENTITY_ENDPOINT", format!("http://{}/token", server.address))
            .env("IDENTITY_HEADER", SECRET)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(expected) && !said.contains(SECRET), "{said}");
        assert_eq!(server.requests() - before, requests);
    }
}

#[tokio::test]
async fn no_answer_is_unknown() {
    let server = Server::start().await;
    server.fall_silent();
    let store = azurite::store(server.address);
    let error = store.put(&key("x"), create(b"")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_swallowed_answer_is_unknown_and_the_write_is_not_repeated() {
    let Some(azurite) = Azurite::shared() else { return };
    let direct = azurite.store();
    let proxy = Proxy::start(azurite.address).await;
    let store = azurite::store(proxy.address);
    let key = key("swallowed.html");
    // The container is there before: creating it would be requests of its own.
    direct.put(&self::key("swallowed.txt"), create(b"")).await.unwrap();

    proxy.swallow_answers(true);
    let created = store.put(&key, stamped(1, create(b"one"))).await;
    assert!(matches!(created, Err(StoreError::Unknown { .. })), "{created:?}");
    assert_eq!(proxy.requests(), 1);
    let Blob { head, bytes } = get(&direct, &key).await;
    assert_eq!(bytes, "one");

    let replaced = store.put(&key, stamped(2, replace(&head.etag, b"two"))).await;
    assert!(matches!(replaced, Err(StoreError::Unknown { .. })), "{replaced:?}");
    assert_eq!(proxy.requests(), 2);
    assert_eq!(get(&direct, &key).await.bytes, "two");

    let read = store.get(&key).await;
    assert!(matches!(read, Err(StoreError::Unavailable { .. })), "{read:?}");
    proxy.swallow_answers(false);
    assert_eq!(get(&store, &key).await.bytes, "two");
}

#[tokio::test]
async fn every_operation_is_one_round_trip() {
    let Some(azurite) = Azurite::start() else { return };
    let proxy = Proxy::start(azurite.address).await;
    let store = azurite::store(proxy.address);
    let key = key("trips.html");
    let large = vec![b'x'; 6 << 20];

    // A container that is missing costs two more, once.
    let mut seen = 0;
    let mut trips = || proxy.requests() - std::mem::replace(&mut seen, proxy.requests());
    assert_eq!(store.get(&key).await, Ok(None));
    assert_eq!(trips(), 1);
    let etag = store.put(&key, stamped(1, create(b"one"))).await.unwrap();
    assert_eq!(trips(), 3);

    store.put(&key, create(b"one")).await.unwrap_err();
    assert_eq!(trips(), 1);
    let etag = store.put(&key, replace(&etag, &large)).await.unwrap();
    assert_eq!(trips(), 1);
    assert_eq!(get(&store, &key).await.bytes.len(), large.len());
    assert_eq!(trips(), 1);
    store.head(&key).await.unwrap();
    assert_eq!(trips(), 1);
    // Nobody writes empty blobs: reading one may cost a second.
    store.put(&key, replace(&etag, b"")).await.unwrap();
    assert_eq!(trips(), 1);
    assert_eq!(get(&store, &key).await.bytes, "");
    assert_eq!(trips(), 2);
}

#[tokio::test]
async fn many_first_writers_create_one_container() {
    let Some(azurite) = Azurite::start() else { return };
    let store = azurite.store();
    let keys: Vec<_> = (0..8).map(|i| Key::new(Container::State, format!("first-{i}"))).collect();
    let writes = keys.iter().map(|key| store.put(key, create(b"{}")));
    for outcome in futures::future::join_all(writes).await {
        outcome.unwrap();
    }
}

/// Published blobs have a content type and a cache lifetime; private ones have no cache lifetime.
#[tokio::test]
async fn every_kind_of_file_has_its_headers() {
    let Some(azurite) = Azurite::shared() else { return };
    let proxy = Proxy::start(azurite.address).await;
    let store = azurite::store(proxy.address);
    let (short, long) =
        ("public, max-age=60, must-revalidate", "public, max-age=31536000, immutable");
    for (name, kind, kept) in [
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("404.html", "text/html; charset=utf-8", "no-cache"),
        ("api/v2/summary.json", "application/json; charset=utf-8", "no-cache"),
        ("badge.json", "application/json; charset=utf-8", short),
        ("components/api/badge.json", "application/json; charset=utf-8", short),
        ("components/api/badge.svg", "image/svg+xml; charset=utf-8", short),
        ("feed.atom", "application/atom+xml; charset=utf-8", short),
        ("feed.rss", "application/rss+xml; charset=utf-8", short),
        ("maintenance.ics", "text/calendar; charset=utf-8", short),
        ("assets/page-0123456789abcdef.js", "text/javascript; charset=utf-8", long),
        ("assets/logo-0123456789abcdef.svg", "image/svg+xml; charset=utf-8", long),
        ("assets/logo-0123456789abcdef.png", "image/png", long),
        ("assets/logo-0123456789abcdef.jpg", "image/jpeg", long),
        ("assets/logo-0123456789abcdef.webp", "image/webp", long),
        ("assets/logo-0123456789abcdef.gif", "image/gif", long),
    ] {
        // Folders of its own, because Azurite is shared.
        let (folder, file) =
            name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
        let own = format!("{folder}/headers/{file}");
        let key = key(own.trim_start_matches('/'));
        store.put(&key, create(b"content")).await.unwrap();
        store.head(&key).await.unwrap();
        let answer = proxy.answer().to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        for header in
            [format!("\r\ncontent-type: {kind}\r\n"), format!("\r\ncache-control: {kept}\r\n")]
        {
            assert!(answer.contains(&header), "{own}: {header:?} is not in {answer}");
        }
    }
    let record = Key::new(Container::Log, "headers/0000000001.json");
    store.put(&record, create(b"{}")).await.unwrap();
    store.head(&record).await.unwrap();
    let answer = proxy.answer().to_ascii_lowercase();
    assert!(answer.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"), "{answer}");
    assert!(!answer.contains("cache-control"), "{answer}");
}
