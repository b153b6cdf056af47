//! The real program on Azurite: the first command of a process on slow storage, and many commands
//! at once.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use status_update::core::teams::activity::WEBHOOK_PATH;
use status_update::store::{Condition, Container, Key, Store as _, Write};

use super::support::azurite::{Azurite, setting};
use super::support::http::{Head, read_body};
use super::support::teams::{self, Message};
use super::{Program, is_recorded, runtime};

/// The latency added to every answer of storage, like that of a region.
const DELAY: Duration = Duration::from_millis(40);
const CALLERS: usize = 20;
const COMMANDS_EACH: usize = 20;
/// Number of measured creates on storage alone, before and after the callers.
const CREATES: u32 = 300;

const PAGE: &str = r#"
title = "Shop"
[[components]]
name = "Checkout"
[[components]]
name = "Search"
[[components]]
name = "Login"
[[components]]
name = "Mail"
[[components]]
name = "API"
[[components]]
name = "Reports"
"#;

pub fn azurite() {
    runtime().block_on(async {
        if Azurite::start().is_none() {
            println!("NOT RUN: Azurite's tools are missing");
            return;
        }
        first_command().await;
        for processes in [1, 2] {
            at_once(processes).await;
        }
    });
}

fn page(folder: &tempfile::TempDir) -> String {
    let file = folder.path().join("status.toml");
    std::fs::write(&file, PAGE).unwrap();
    file.display().to_string()
}

/// A new process, with three open incidents and six components, gets an update as soon as it
/// accepts a connection.
async fn first_command() {
    let azurite = Azurite::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = page(&folder);
    let direct = setting(azurite.address);
    let before = Program::start_with(folder.path(), &direct, &config).0;
    for text in
        ["open Checkout is failing", "open another Mail is late", "open another API is slow"]
    {
        before.send(text).await;
    }
    before.run_timer().await;
    drop(before);

    let requests = Requests::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let behind = setting(listener.local_addr().unwrap());
    tokio::spawn(slow(listener, azurite.address, Arc::clone(&requests)));
    let program = Program::start_with(folder.path(), &behind, &config).0;
    let begun = Instant::now();
    program.send("update #1 identified A certificate has expired").await;
    let elapsed = begun.elapsed();
    let until_the_answer = requests.lock().unwrap().clone();
    // The start's own work may come after it.
    tokio::time::sleep(Duration::from_secs(3)).await;
    println!(
        "first command of a process, {} ms of delay for each answer: {:.0} ms, {} one after \
         another, {} operations until the answer, {} in all",
        DELAY.as_millis(),
        elapsed.as_secs_f64() * 1e3,
        one_after_another(&until_the_answer),
        until_the_answer.len(),
        requests.lock().unwrap().len(),
    );
}

/// When each request came, and when it was answered.
type Requests = Arc<Mutex<Vec<(Instant, Instant)>>>;

/// The longest chain of requests that each began after the previous answer.
fn one_after_another(requests: &[(Instant, Instant)]) -> usize {
    let mut by_end = requests.to_vec();
    by_end.sort_by_key(|(_, end)| *end);
    let mut last = None;
    let mut count = 0;
    for (begin, end) in by_end {
        if last.is_none_or(|last| begin >= last) {
            count += 1;
            last = Some(end);
        }
    }
    count
}

/// Notes requests, and holds each answer back.
async fn slow(listener: TcpListener, storage: SocketAddr, requests: Requests) {
    while let Ok((client, _)) = listener.accept().await {
        let requests = Arc::clone(&requests);
        tokio::spawn(async move {
            // The program notices a failure here.
            let _ = pass(client, storage, &requests).await;
        });
    }
}

async fn pass(client: TcpStream, storage: SocketAddr, requests: &Requests) -> Result<()> {
    let mut client = BufReader::new(client);
    let Some(mut head) = Head::read(&mut client).await? else { return Ok(()) };
    let body = read_body(&head, &mut client).await?;
    let came = Instant::now();
    tokio::time::sleep(DELAY).await;
    // One request on one connection: where the answer ends is then plain.
    head.set("Connection", "close");
    let mut storage = TcpStream::connect(storage).await?;
    storage.write_all(&head.bytes()).await?;
    storage.write_all(&body).await?;
    let mut answer = Vec::new();
    storage.read_to_end(&mut answer).await?;
    requests.lock().unwrap().push((came, Instant::now()));
    client.write_all(&answer).await
}

/// Twenty parallel callers, each sending one command after another, compared with sequential
/// conditional creates on storage alone in the same minute.
async fn at_once(processes: usize) {
    let azurite = Azurite::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = page(&folder);
    let storage = setting(azurite.address);
    let start = || Program::start_with(folder.path(), &storage, &config).0;
    let programs: Vec<Arc<Program>> = (0..processes).map(|_| Arc::new(start())).collect();
    // An incident accepts 300 updates.
    programs[0].send("open Checkout is failing").await;
    programs[0].send("open another Mail is late").await;
    let alone = creates_a_second(&azurite, "before").await;
    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let program = Arc::clone(&programs[caller % processes]);
            tokio::spawn(async move { send_one_after_another(caller, program.port).await })
        })
        .collect();
    let mut again = 0;
    for caller in callers {
        again += caller.await.unwrap();
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let alone = f64::midpoint(alone, creates_a_second(&azurite, "after").await);
    let sent = CALLERS * COMMANDS_EACH;
    // Each process knows only the records that it wrote or read; others may be newer.
    let mut recorded = 0;
    for program in &programs {
        recorded = recorded.max(program.last_revision().await);
    }
    let commands = f64::from(u32::try_from(sent).unwrap()) / elapsed;
    println!(
        "{CALLERS} callers at once, {processes} process(es): {commands:.0} commands a second, {:.0} % \
         of the {alone:.0} conditional creates that storage does one after another; {sent} sent, \
         {} recorded, {again} told to send again",
        100.0 * commands / alone,
        recorded - 2,
    );
}

/// Sends updates, each until it is recorded. Returns the number of repetitions.
async fn send_one_after_another(caller: usize, port: u16) -> usize {
    let url = format!("http://127.0.0.1:{port}{WEBHOOK_PATH}");
    let mut again = 0;
    for index in 0..COMMANDS_EACH {
        let incident = caller % 2 + 1;
        let text = format!("update #{incident} Still failing, {caller}-{index}");
        let message = Message::new(&text);
        while !is_recorded(&teams::say(&url, &message).await.text()) {
            again += 1;
        }
    }
    again
}

/// Sequential conditional creates per second on storage alone.
async fn creates_a_second(azurite: &Azurite, name: &str) -> f64 {
    let store = azurite.store();
    let create = async |number: u32| {
        let key = Key::new(Container::State, format!("creates/{name}/{number:010}.json"));
        // As long as a record.
        let bytes = vec![b'x'; 700].into();
        let write = Write { bytes, stamp: None, condition: Condition::Absent };
        store.put(&key, write).await.unwrap();
    };
    create(0).await;
    let begun = Instant::now();
    for number in 1..=CREATES {
        create(number).await;
    }
    f64::from(CREATES) / begun.elapsed().as_secs_f64()
}
