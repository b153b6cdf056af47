//! Azurite, Microsoft's emulator of Azure Blob Storage, on this machine.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::{io, thread};

use status_update::identity::Identity;
use status_update::store::azure::{Account, Azure};

use super::tools;

/// A running Azurite with nothing in it. It ends when this is dropped, or with the process.
pub struct Azurite {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Azurite {
    /// Starts one on a port of its own. `None` without its tools.
    pub fn start() -> Option<Self> {
        let tools = tools::node()?;
        let mut child = tools
            .script("azurite.mjs")
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--silent"])
            .args(["--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line).expect("Azurite's output is text");
            assert_ne!(read, 0, "Azurite ended: {said}");
            if let Some((_, address)) = line.trim().split_once("listens on http://") {
                break address.parse().expect("an address and a port");
            }
            said.push_str(&line);
        };
        // A full pipe would stop it.
        thread::spawn(move || {
            let _ = io::copy(&mut output.by_ref(), &mut io::sink());
        });
        Some(Self { child, address })
    }

    /// The one that the tests of this process share: keep to blobs of one's own names.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Azurite> = OnceLock::new();
        // Outside of the lock, so that every test that is not run says so.
        tools::node()?;
        Some(SHARED.get_or_init(|| Self::start().expect("its tools are there")))
    }

    /// A store in it, with connections of its own.
    pub fn store(&self) -> Azure {
        store(self.address)
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The setting that names an Azurite at `address`.
pub fn setting(address: SocketAddr) -> String {
    format!("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://{address}")
}

/// A store in the Azurite at `address`, or after a proxy that listens there.
pub fn store(address: SocketAddr) -> Azure {
    let account: Account = setting(address).parse().expect("a setting");
    Azure::new(&account, &Identity::Developer).expect("a client")
}
