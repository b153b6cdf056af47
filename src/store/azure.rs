//! Azure Blob Storage and its emulator Azurite, through Microsoft's SDK.
//!
//! Every operation is one request. The SDK's own retries are off: a write is never resent here,
//! because only the caller can tell if a conflicting blob is its own.

mod account;
mod clock;
mod copies;
mod failure;

use std::collections::HashMap;
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{Body, ClientOptions, Etag, RetryOptions, Transport};
use azure_storage_blob::models::{
    BlobClientDownloadOptions, BlobClientGetPropertiesResultHeaders, BlockBlobClientUploadOptions,
};
use azure_storage_blob::{BlobClient, BlobServiceClient, BlobServiceClientOptions};
use jiff::Timestamp;

pub use self::account::Account;
use self::clock::Clock;
use self::failure::{AccountName, Failure, Request};
use super::{
    Blob, Condition, Container, ETag, Head, Kept, Key, OldCopies, Stamp, Store, StoreError,
    StoreFuture, Write, cache_control, content_type,
};
use crate::http_client::http_client;
use crate::identity::Identity;

const READ_RETRIES_MAX: u32 = 2;
const READ_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Maximum size of a blob that is read with one request. Blobs of this program are far smaller.
const DOWNLOAD_BYTES_MAX: usize = 64 << 20;

pub struct Azure {
    service: BlobServiceClient,
    name: AccountName,
    clock: Arc<Clock>,
}

impl Azure {
    /// The store in `account`. Sends nothing yet; `identity` is ignored if the account's address
    /// contains a signature.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if the HTTP client or the credential cannot be created.
    pub fn new(account: &Account, identity: &Identity) -> Result<Self, StoreError> {
        let mut http = http_client();
        if account.is_emulator() {
            // Plain HTTP on this machine has to work without root certificates.
            http = http.no_proxy().tls_certs_only([]);
        }
        // The error's text could contain the URL of a proxy, with its password.
        let remedy = "the HTTP client cannot be set up: install root certificates (ca-certificates) and \
             check the proxy settings";
        let http = http.build().map_err(|_| refused(remedy))?;
        let name = AccountName::new(account, identity);
        let credential = if account.is_signed() {
            None
        } else {
            Some(identity.credential(http.clone()).map_err(|why| refused(&why))?)
        };
        // The clock of the identity service must not be taken for that of storage.
        let clock: Arc<Clock> = Arc::default();
        let noted = Arc::clone(&clock);
        let client_options = ClientOptions {
            transport: Some(Transport::new(Arc::new(http))),
            retry: RetryOptions::none(),
            per_try_policies: vec![noted],
            ..ClientOptions::default()
        };
        let options =
            BlobServiceClientOptions { client_options, ..BlobServiceClientOptions::default() };
        let service = BlobServiceClient::new(account.signed_url(), credential, Some(options))
            .map_err(|_| refused("the storage account's address cannot be used"))?;
        Ok(Self { service, name, clock })
    }

    fn blob(&self, key: &Key) -> BlobClient {
        self.service.blob_client(key.container.name(), &key.name)
    }

    async fn download(&self, key: &Key) -> Result<Option<Blob>, Failure> {
        let options = BlobClientDownloadOptions {
            partition_size: NonZero::new(DOWNLOAD_BYTES_MAX),
            ..BlobClientDownloadOptions::default()
        };
        let found = match self.blob(key).download(Some(options)).await {
            Ok(found) => found,
            Err(error) => return Failure::from(error).none_if_missing(),
        };
        let head = head(found.properties.etag, &found.properties.metadata)?;
        let bytes = found.body.collect().await?;
        Ok(Some(Blob { head, bytes }))
    }

    async fn properties(&self, key: &Key) -> Result<Option<Head>, Failure> {
        let found = match self.blob(key).get_properties(None).await {
            Ok(found) => found,
            Err(error) => return Failure::from(error).none_if_missing(),
        };
        Ok(Some(head(found.etag()?, &found.metadata()?)?))
    }

    async fn upload(&self, key: &Key, write: &Write) -> Result<ETag, Failure> {
        let mut options = BlockBlobClientUploadOptions {
            blob_content_type: Some(content_type(&key.name).into()),
            blob_cache_control: (key.container == Container::Web)
                .then(|| cache_control(&key.name).into()),
            metadata: write.stamp.as_ref().map(metadata),
            // One request whatever the size: parts would need a second one to commit them.
            partition_size: Some(NonZero::<u64>::MAX),
            ..BlockBlobClientUploadOptions::default()
        };
        match &write.condition {
            Condition::Absent => options.if_none_match = Some("*".into()),
            Condition::Match(etag) => options.if_match = Some(etag.0.as_str().into()),
        }
        let content = Body::Bytes(write.bytes.clone()).into();
        let client = self.blob(key).block_blob_client();
        etag(client.upload(content, Some(options)).await?.etag)
    }

    async fn create_container(&self, container: Container) -> Result<(), Failure> {
        match self.service.blob_container_client(container.name()).create(None).await {
            Ok(_) => Ok(()),
            Err(error) => Failure::from(error).fine_if_there(),
        }
    }

    async fn write(&self, key: &Key, write: Write) -> Result<ETag, StoreError> {
        let outcome = match self.upload(key, &write).await {
            Err(failure) if failure.is_container_missing(&write.condition) => {
                let created = self.create_container(key.container).await;
                created.map_err(|failure| failure.explain(&self.name, Request::Read))?;
                self.upload(key, &write).await
            }
            outcome => outcome,
        };
        outcome.map_err(|failure| failure.explain(&self.name, Request::Put(&write.condition)))
    }

    async fn read<T, F>(&self, operation: impl Fn() -> F + Send) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>> + Send,
        T: Send,
    {
        let mut retries = 0;
        loop {
            let outcome = operation().await;
            match outcome.map_err(|failure| failure.explain(&self.name, Request::Read)) {
                // Not if storage asks for a pause: the caller knows if it can wait that long.
                Err(StoreError::Unavailable { retry_after: None, .. })
                    if retries < READ_RETRIES_MAX =>
                {
                    retries += 1;
                    tokio::time::sleep(READ_RETRY_DELAY * retries).await;
                }
                outcome => return outcome,
            }
        }
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Azure").field("name", &self.name.shown).finish_non_exhaustive()
    }
}

impl Store for Azure {
    fn describe(&self) -> String {
        self.name.shown.clone()
    }

    fn clock(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.clock.now())
    }

    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>> {
        Box::pin(self.read(|| self.download(key)))
    }

    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>> {
        Box::pin(self.read(|| self.properties(key)))
    }

    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag> {
        Box::pin(self.write(key, write))
    }

    fn purge<'a>(&'a self, copies: &'a OldCopies) -> StoreFuture<'a, Option<Kept>> {
        Box::pin(self.read(|| self.purge_copies(copies)))
    }
}

fn refused(what: &str) -> StoreError {
    StoreError::Refused(what.into())
}

fn metadata(stamp: &Stamp) -> HashMap<String, String> {
    HashMap::from([
        ("revision".into(), stamp.revision.to_string()),
        ("digest".into(), stamp.digest.clone()),
    ])
}

fn head(tag: Option<Etag>, metadata: &HashMap<String, String>) -> Result<Head, Failure> {
    let revision = metadata.get("revision").and_then(|revision| revision.parse().ok());
    let stamp = revision.zip(metadata.get("digest").cloned());
    let stamp = stamp.map(|(revision, digest)| Stamp { revision, digest });
    Ok(Head { etag: etag(tag)?, stamp })
}

fn etag(etag: Option<Etag>) -> Result<ETag, Failure> {
    etag.map(|etag| ETag(etag.into())).ok_or(Failure::Unreadable)
}
