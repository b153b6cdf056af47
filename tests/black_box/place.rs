//! Where a scenario keeps its blobs, and a look at them from outside.

use serde_json::Value;
use sha2::{Digest, Sha256};
use status_update::core::log::seal;
use status_update::store::azure::Azure;
use status_update::store::{Container, Key, Store};
use tempfile::TempDir;

use super::proxy::Proxy;
use crate::support::azurite::Azurite;
use crate::support::records::plain_record;

pub enum Place {
    Directory(TempDir),
    Azurite {
        /// Past the proxy.
        store: Box<Azure>,
        /// The handler's storage, behind a proxy that can fail.
        proxy: Proxy,
        /// Runs as long as this is there.
        _server: Azurite,
    },
}

impl Place {
    pub fn directory() -> Self {
        Self::Directory(tempfile::tempdir().unwrap())
    }

    /// `None` if Azurite cannot run, after saying so.
    pub async fn azurite() -> Option<Self> {
        let server = Azurite::start()?;
        let store = Box::new(server.store());
        Some(Self::Azurite { store, proxy: Proxy::start(server.address).await, _server: server })
    }

    /// The value of `STATUS_STORAGE`.
    pub fn setting(&self) -> String {
        match self {
            Self::Directory(folder) => format!("dir:{}", folder.path().display()),
            Self::Azurite { proxy, .. } => proxy.setting(),
        }
    }

    pub fn proxy(&self) -> &Proxy {
        let Self::Azurite { proxy, .. } = self else { panic!("a directory has no proxy") };
        proxy
    }

    pub async fn read(&self, container: Container, name: &str) -> Option<Vec<u8>> {
        match self {
            // Like people who look into the folder.
            Self::Directory(folder) => {
                let container = container.name().trim_start_matches('$');
                std::fs::read(folder.path().join(container).join(name)).ok()
            }
            Self::Azurite { store, .. } => {
                let blob = store.get(&Key::new(container, name)).await.unwrap();
                blob.map(|blob| blob.bytes.to_vec())
            }
        }
    }

    pub async fn page(&self, name: &str) -> String {
        let bytes = self.read(Container::Web, name).await;
        String::from_utf8(bytes.unwrap_or_else(|| panic!("there is no page {name}"))).unwrap()
    }

    /// All records, each checked to be the next in the chain.
    pub async fn records(&self) -> Vec<Value> {
        let mut records = Vec::new();
        let mut previous = "0".repeat(64);
        while let Some(bytes) =
            self.read(Container::Log, &format!("{:010}.json", records.len() + 1)).await
        {
            let record = plain_record(&bytes);
            assert_eq!(record["revision"], records.len() + 1, "{record}");
            assert_eq!(record["previous"], previous, "the chain breaks at {record}");
            previous = sha256_hex(seal::head(&bytes));
            records.push(record);
        }
        records
    }
}

/// SHA-256 in a record's form: sixty-four digits.
fn sha256_hex(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    digits.concat()
}

/// Creates a test of a scenario for each kind of store.
macro_rules! on_both_stores {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            use super::Place;

            #[tokio::test]
            async fn directory() {
                super::$scenario(Place::directory()).await;
            }

            #[tokio::test]
            async fn azurite() {
                let Some(place) = Place::azurite().await else { return };
                super::$scenario(place).await;
            }
        }
    )+};
}
pub(crate) use on_both_stores;
