//! What the real program costs on Azurite: the first command of a process behind storage that takes
//! its time, and many commands at once.

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::support::azurite::{Azurite, setting};
use super::support::http::{Head, read_body};
use super::{Program, runtime};

/// What storage takes for every answer, as a region's own does.
const DELAY: Duration = Duration::from_millis(40);
const CALLERS: usize = 20;
const COMMANDS_EACH: usize = 20;

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

/// A process that starts, with three open incidents and six components, is sent an update as soon
/// as it takes a connection.
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

    let count = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let behind = setting(listener.local_addr().unwrap());
    tokio::spawn(slow(listener, azurite.address, Arc::clone(&count)));
    let program = Program::start_with(folder.path(), &behind, &config).0;
    let begun = Instant::now();
    program.send("update #1 identified A certificate has expired").await;
    let elapsed = begun.elapsed();
    let answered = count.load(Ordering::Relaxed);
    let mut all = answered;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = count.load(Ordering::Relaxed);
        if now == all {
            break;
        }
        all = now;
    }
    let deep = elapsed.as_secs_f64() / DELAY.as_secs_f64();
    println!(
        "first command of a process, {} ms of delay for each answer: {:.0} ms, at most {:.0} one \
         after another, {answered} operations until the answer, {all} in all",
        DELAY.as_millis(),
        elapsed.as_secs_f64() * 1e3,
        deep.floor(),
    );
}

/// Counts requests, and holds each answer back.
async fn slow(listener: TcpListener, storage: SocketAddr, count: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            // What breaks here is seen by the program.
            let _ = pass(client, storage, &count).await;
        });
    }
}

async fn pass(client: TcpStream, storage: SocketAddr, count: &AtomicUsize) -> Result<()> {
    let mut client = BufReader::new(client);
    let Some(mut head) = Head::read(&mut client).await? else { return Ok(()) };
    let body = read_body(&head, &mut client).await?;
    count.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(DELAY).await;
    // One request on one connection: where the answer ends is then plain.
    head.set("Connection", "close");
    let mut storage = TcpStream::connect(storage).await?;
    storage.write_all(&head.bytes()).await?;
    storage.write_all(&body).await?;
    let mut answer = Vec::new();
    storage.read_to_end(&mut answer).await?;
    client.write_all(&answer).await
}

/// Twenty callers at once, who each send one command after another.
async fn at_once(processes: usize) {
    let azurite = Azurite::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = page(&folder);
    let storage = setting(azurite.address);
    let start = || Program::start_with(folder.path(), &storage, &config).0;
    let programs: Vec<Arc<Program>> = (0..processes).map(|_| Arc::new(start())).collect();
    programs[0].send("open Checkout is failing").await;
    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let program = Arc::clone(&programs[caller % processes]);
            tokio::spawn(async move {
                let mut again = 0;
                for index in 0..COMMANDS_EACH {
                    let text = format!("update #1 Still failing, {caller}-{index}");
                    while !program.try_send(&text).await {
                        again += 1;
                    }
                }
                again
            })
        })
        .collect();
    let mut again = 0;
    for caller in callers {
        again += caller.await.unwrap();
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let sent = CALLERS * COMMANDS_EACH;
    let recorded = programs[0].last_revision().await;
    println!(
        "{CALLERS} callers at once, {processes} process(es): {:.0} commands a second; {sent} sent, \
         {} recorded, {again} told to send again",
        f64::from(u32::try_from(sent).unwrap()) / elapsed,
        recorded - 1,
    );
}
