//! `status-update serve`: under the Functions host, or on its own in a folder.

use std::fmt::Display;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Error, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};

use crate::cli::usage::program;
use crate::core::site::renderer::Site;
use crate::core::teams::activity::Token;
use crate::log;
use crate::outbound::http::Http;
use crate::outbound::{Nowhere, Outbound};
use crate::service::{Seed, Service};
use crate::settings::{self, Gate, LOCAL_FOLDER, LOCAL_PORT, Settings, Storage};
use crate::store::azure::Azure;
use crate::store::directory::Directory;
use crate::store::{Store, StoreError};
use crate::web::{self, App, STOPPED, Work};

/// Serves until the process ends: under the Functions host on its port, otherwise on `listen`.
///
/// # Errors
/// What keeps it from serving. Under the host that is a port alone: three exits would take the
/// host down, so with a wrong setting the program stays up and tells what is wrong.
pub async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let (listener, app) = match settings::host_port(variable)? {
        Some(port) => {
            log::to_host();
            (bind((Ipv4Addr::LOCALHOST, port).into()).await?, under_host())
        }
        None => on_its_own(listen).await?,
    };
    web::serve(listener, app).await;
    Ok(())
}

/// An environment variable.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        anyhow!("cannot listen on {address}: {error}. Choose another address with --listen")
    })
}

fn under_host() -> App {
    let opened = Settings::read(variable).map_err(Error::from).and_then(|settings| {
        let service = open(&settings)?;
        let pages = settings.function_url.filter(|_| settings.config.responder_links);
        Ok((settings.gate, settings.not_configured, service, pages))
    });
    let (gate, mut not_configured, work, pages) = match opened {
        Ok((gate, not_configured, service, pages)) => {
            (gate, not_configured, Work::Running(service), pages)
        }
        Err(why) => (Gate::usable(variable), Vec::new(), Work::Stopped(why.to_string()), None),
    };
    not_configured.splice(0..0, gate.not_configured.iter().cloned());
    for sentence in &not_configured {
        warn!("{sentence}");
    }
    match &work {
        Work::Running(service) => drop(tokio::spawn(keep_up(Arc::clone(service)))),
        Work::Stopped(why) => error!("{STOPPED}: {why}"),
    }
    App::new(work, gate, not_configured, true).with_responder_pages(pages)
}

async fn on_its_own(listen: SocketAddr) -> anyhow::Result<(TcpListener, App)> {
    let mut settings = Settings::read(variable)?;
    log::to_terminal(std::io::stdout, LevelFilter::INFO);
    let listener = bind(listen).await?;
    let address = listener.local_addr()?;
    let own = || format!("http://{address}");
    let page = settings.config.public_url.get_or_insert_with(own).clone();
    let service = open(&settings)?;
    let Settings { mut gate, storage, config, .. } = settings;
    if gate.tokens.is_empty() {
        gate.tokens.push(development_token()?);
    }
    greet(&page, &storage, address);
    tokio::spawn(keep_up(Arc::clone(&service)));
    let pages = config.responder_links.then(own);
    let app = App::new(Work::Running(service), gate, Vec::new(), false);
    Ok((listener, app.with_responder_pages(pages)))
}

fn open(settings: &Settings) -> anyhow::Result<Arc<Service>> {
    let Settings { storage, config, addresses, identity, .. } = settings;
    let store = open_store(storage)?;
    let site = Arc::new(Site::new(config.clone())?);
    let calls = addresses.workflow.is_some()
        || addresses.heartbeat.is_some()
        || config.launch.boards.is_some()
        || config.launch.teams.is_some();
    let outbound: Arc<dyn Outbound> = if calls {
        Arc::new(Http::new(addresses.clone(), identity).map_err(Error::msg)?)
    } else {
        Arc::new(Nowhere)
    };
    Ok(Service::with_outbound(store, site, Some(outbound), Seed::random()?))
}

/// Opens the configured store.
///
/// # Errors
/// Why it cannot be used.
pub fn open_store(storage: &Storage) -> anyhow::Result<Arc<dyn Store>> {
    let named = |error: StoreError| anyhow!("STATUS_STORAGE: {error}");
    Ok(match storage {
        Storage::Directory(path) => Arc::new(Directory::open(path).map_err(named)?),
        Storage::Azure(account, identity) => {
            Arc::new(Azure::new(account, identity).map_err(named)?)
        }
    })
}

/// Publishes anything that a kill or an outage left unpublished, retrying until it succeeds, and
/// then ticks whenever the timer is silent.
async fn keep_up(service: Arc<Service>) {
    let (pause_first, pause_last) = (Duration::from_secs(1), Duration::from_mins(1));
    let mut pause = pause_first;
    loop {
        match service.first_run(Timestamp::now()).await {
            Ok(revisions) => {
                let (recorded, published) = (revisions.recorded, revisions.published);
                info!(recorded, published, "the page is up to date");
                break;
            }
            Err(error) => {
                warn!(%error, "the page could not be brought up to date; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(pause_last);
            }
        }
    }
    service.keep_time(Timestamp::now).await;
}

fn greet(page: &str, storage: &Storage, address: SocketAddr) {
    let kept = match storage {
        Storage::Directory(path) => format!("in {}", path.display()),
        Storage::Azure(..) => "in the storage account of STATUS_STORAGE".to_owned(),
    };
    let to = if address.port() == LOCAL_PORT {
        String::new()
    } else {
        format!("--to http://{address} ")
    };
    let program = program();
    let lines = format!(
        "The status page is {page}/ and everything is kept {kept}.\n\
         In a second terminal, in the same folder, type:\n\n    \
         {program} send {to}\"open Checkout is failing for card payments\"\n\n"
    );
    // Serving continues after the terminal is closed.
    let _ = std::io::stdout().write_all(lines.as_bytes());
}

const TOKEN_FILE: &str = "development-token";

/// The token of this folder, made at the first start and readable by its owner alone.
fn development_token() -> anyhow::Result<Token> {
    let folder = Path::new(LOCAL_FOLDER);
    if let Some(token) = read_development_token()? {
        return Ok(token);
    }
    let path = folder.join(TOKEN_FILE);
    let failed = |error: &dyn Display| anyhow!("cannot write {}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| failed(&error))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(mut file) => file
            .write_all(format!("{}\n", BASE64.encode(key)).as_bytes())
            .map_err(|error| failed(&error))?,
        // A different process created it at the same moment.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(&error)),
    }
    read_development_token()?.ok_or_else(|| failed(&"it is gone again"))
}

/// The development token of the current folder; `None` before the first start.
///
/// # Errors
/// That the file cannot be read, or holds something else.
pub fn read_development_token() -> anyhow::Result<Option<Token>> {
    let Some(base64) = read_development_key()? else { return Ok(None) };
    let wrong = || {
        let path = Path::new(LOCAL_FOLDER).join(TOKEN_FILE);
        anyhow!("{} is not a base64 token: delete it to get a new one", path.display())
    };
    Token::parse(&base64).map(Some).ok_or_else(wrong)
}

/// The same as text, in the form of an alert's key.
///
/// # Errors
/// That the file cannot be read.
pub fn read_development_key() -> anyhow::Result<Option<String>> {
    let path = Path::new(LOCAL_FOLDER).join(TOKEN_FILE);
    match std::fs::read_to_string(&path) {
        Ok(base64) => Ok(Some(base64.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => bail!("cannot read {}: {error}", path.display()),
    }
}
