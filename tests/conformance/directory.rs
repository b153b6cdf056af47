//! The store on a directory: other processes, crashes, hostile names.

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use status_update::store::directory::Directory;
use status_update::store::{Blob, Container, Key, Store as _, StoreError};

use super::{count_up, create, get, head, replace, stamp, stamped};

pub fn store(root: &Path) -> Directory {
    Directory::open(root).unwrap()
}

fn page() -> Key {
    Key::new(Container::Web, "incidents/1.html")
}

#[tokio::test]
async fn the_web_folder_is_a_plain_site() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    store.put(&page(), stamped(1, create(b"<p>"))).await.unwrap();
    assert_eq!(fs::read(root.path().join("web/incidents/1.html")).unwrap(), b"<p>");
    let visible = fs::read_dir(root.path().join("web")).unwrap().count();
    assert_eq!(visible, 1, "nothing but pages");
    assert_eq!(fs::read_dir(root.path().join(".tmp")).unwrap().count(), 0, "nothing is left over");
    assert!(store.describe().contains(root.path().to_str().unwrap()));
}

#[tokio::test]
async fn another_handle_sees_the_same_and_it_outlasts_both() {
    let root = tempfile::tempdir().unwrap();
    let (one, other) = (store(root.path()), store(root.path()));
    let etag = one.put(&page(), stamped(1, create(b"one"))).await.unwrap();
    other.put(&page(), stamped(2, replace(&etag, b"two"))).await.unwrap();
    let stale = one.put(&page(), stamped(2, replace(&etag, b"also two"))).await;
    assert_eq!(stale, Err(StoreError::Conflict));
    let last = get(&one, &page()).await;
    drop((one, other));
    assert_eq!(get(&store(root.path()), &page()).await, last);
}

/// Programs that tidy up delete folders whose names begin with a dot, or end in "tmp".
#[tokio::test]
async fn the_folder_of_half_written_files_is_recreated() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    let delete = || fs::remove_dir_all(root.path().join(".tmp")).unwrap();
    delete();
    let etag = store.put(&page(), stamped(1, create(b"one"))).await.unwrap();
    delete();
    store.put(&page(), stamped(2, replace(&etag, b"two"))).await.unwrap();
    assert_eq!(get(&store, &page()).await.bytes, &b"two"[..]);
    delete();
    assert!(matches!(store.clock(), Ok(Some(_))), "it has no clock");
    delete();
    let record = Key::new(Container::Log, "0000000001.json");
    store.put(&record, create(b"{}")).await.unwrap();
    // Before the first write of a blob that has a sidecar of its own.
    fs::remove_dir_all(root.path().join(".meta")).unwrap();
    store.put(&Key::new(Container::Web, "b.html"), stamped(1, create(b"b"))).await.unwrap();
}

#[tokio::test]
async fn a_reader_never_sees_half_a_write() {
    let root = tempfile::tempdir().unwrap();
    let (writing, reading) = (store(root.path()), store(root.path()));
    writing.put(&page(), stamped(0, create(b"0"))).await.unwrap();
    let writer = tokio::spawn(async move {
        for _ in 0..500 {
            assert!(count_up(&writing, &page()).await.unwrap());
        }
    });
    while !writer.is_finished() {
        let Blob { head, bytes } = get(&reading, &page()).await;
        let number = std::str::from_utf8(&bytes).unwrap().parse().unwrap();
        assert_eq!(head.stamp, Some(stamp(number, &bytes)));
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn killed_between_sidecar_and_content_leaves_no_stamp() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    let content = root.path().join("web/incidents/1.html");
    let sidecar = root.path().join(".meta/web/incidents/1.html.json");
    let first = store.put(&page(), stamped(1, create(b"one"))).await.unwrap();
    let old = fs::read(&sidecar).unwrap();
    store.put(&page(), stamped(2, replace(&first, b"two"))).await.unwrap();

    // The sidecar of the second write with the content of the first; then the reverse, as after a
    // power failure; then half a sidecar, and none.
    let new = fs::read(&sidecar).unwrap();
    for (bytes, beside) in
        [(&b"one"[..], &new[..]), (b"two", &old), (b"two", &new[..9]), (b"two", b"")]
    {
        fs::write(&content, bytes).unwrap();
        fs::write(&sidecar, beside).unwrap();
        let found = get(&store, &page()).await;
        assert_eq!((&found.bytes[..], &found.head.stamp), (bytes, &None));
        assert_eq!(head(&store, &page()).await, found.head);
        let etag =
            store.put(&page(), stamped(3, replace(&found.head.etag, b"three"))).await.unwrap();
        let found = head(&store, &page()).await;
        assert_eq!((found.etag, found.stamp), (etag, Some(stamp(3, b"three"))));
    }
}

#[tokio::test]
async fn killed_before_the_content_of_a_new_blob() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    store.put(&page(), stamped(1, create(b"one"))).await.unwrap();
    fs::remove_file(root.path().join("web/incidents/1.html")).unwrap();
    assert_eq!(store.get(&page()).await, Ok(None));
    store.put(&page(), stamped(2, create(b"two"))).await.unwrap();
    assert_eq!(head(&store, &page()).await.stamp, Some(stamp(2, b"two")));
}

#[tokio::test]
async fn hostile_names_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let inner = root.path().join("inner");
    let store = store(&inner);
    for name in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "..\\x",
        "a\0b",
    ] {
        let key = Key::new(Container::Web, name);
        let refused = |error| assert!(matches!(error, StoreError::Refused(_)), "{name:?}: {error}");
        refused(store.get(&key).await.unwrap_err());
        refused(store.head(&key).await.unwrap_err());
        refused(store.put(&key, create(b"x")).await.unwrap_err());
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "nothing was written elsewhere");
}

#[tokio::test]
async fn obstacles_are_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Directory::open(&file.join("data")).unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");

    let store = store(&root.path().join("data"));
    store.put(&Key::new(Container::Web, "a"), create(b"")).await.unwrap();
    let error = store.put(&Key::new(Container::Web, "a/b"), create(b"")).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
}

#[tokio::test]
async fn opening_removes_abandoned_files() {
    let root = tempfile::tempdir().unwrap();
    drop(store(root.path()));
    let aside = root.path().join(".tmp");
    let [abandoned, in_use] = ["abandoned", "in use"].map(|name| aside.join(name));
    fs::write(&in_use, "x").unwrap();
    let file = File::create(&abandoned).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
    drop(store(root.path()));
    assert_eq!((abandoned.exists(), in_use.exists()), (false, true));
}

const CHILD_ROOT: &str = "STATUS_UPDATE_TEST_ROOT";

/// Not a test itself: the processes of the next one, until they are killed.
#[tokio::test]
async fn counting_process() {
    let Some(root) = env::var_os(CHILD_ROOT) else { return };
    let store = store(Path::new(&root));
    let done = Path::new(&root).join(format!("done-{}", std::process::id()));
    let mut done = File::create(done).unwrap();
    loop {
        if count_up(&store, &page()).await.unwrap() {
            done.write_all(b".").unwrap();
        }
    }
}

#[tokio::test]
async fn processes_killed_at_any_point_lose_nothing() {
    const PROCESSES: u64 = 2;
    const ROUNDS: u64 = 8;
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    store.put(&page(), stamped(0, create(b"0"))).await.unwrap();
    let test = format!("{}::counting_process", module_path!().split_once("::").unwrap().1);
    for round in 0..ROUNDS {
        let before = number(&store).await;
        let mut processes: Vec<_> = (0..PROCESSES)
            .map(|_| {
                Command::new(env::current_exe().unwrap())
                    .args(["--exact", &test])
                    .env(CHILD_ROOT, root.path())
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        // They are under way; a moment that differs from round to round lets the kill hit anywhere.
        while number(&store).await < before + 10 {
            let ended = processes.iter_mut().any(|process| process.try_wait().unwrap().is_some());
            assert!(!ended, "a counting process failed");
            tokio::time::sleep(Duration::from_micros(200 + 137 * round)).await;
        }
        for process in &mut processes {
            process.kill().unwrap();
            process.wait().unwrap();
        }
        // Half-finished files are no obstacle.
        while !count_up(&store, &page()).await.unwrap() {}
    }
    let acknowledged: u64 = fs::read_dir(root.path())
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name().to_str().unwrap().starts_with("done-"))
        .map(|entry| entry.metadata().unwrap().len())
        .sum();
    let counted = number(&store).await - ROUNDS;
    // A kill can hit a process after it counted and before it said so.
    let possible = acknowledged..=acknowledged + PROCESSES * ROUNDS;
    assert!(possible.contains(&counted), "{counted} counted, {acknowledged} acknowledged");
}

async fn number(store: &Directory) -> u64 {
    let blob = get(store, &page()).await;
    std::str::from_utf8(&blob.bytes).unwrap().parse().unwrap()
}

/// A store that cannot tell its time says so, because nothing may be dated by an unchecked clock.
#[tokio::test]
async fn a_clock_that_cannot_be_read_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    assert!(matches!(store.clock(), Ok(Some(_))));
    let aside = root.path().join(".tmp");
    std::fs::remove_dir_all(&aside).unwrap();
    std::fs::write(&aside, "in the way").unwrap();
    let error = store.clock().unwrap_err();
    assert!(error.to_string().contains(".tmp"), "{error}");
}
