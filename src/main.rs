//! `status-update`: arguments, configuration, store, serve.

use std::fmt::Display;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, Parser, Subcommand};
use status_update::core::chat::activity::Token;
use status_update::core::site::renderer::Site;
use status_update::operate::{self, Ending};
use status_update::send::{Letter, send};
use status_update::service::Service;
use status_update::settings::{LOCAL_FOLDER, LOCAL_PORT, Settings, Storage};
use status_update::store::azure::Azure;
use status_update::store::directory::Directory;
use status_update::store::{Store, StoreError};
use status_update::web::{App, router};
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing::{info, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A status page that a team runs from its Microsoft Teams channel.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Answers the webhook and publishes the page; this is what runs without a command.
    Serve(Serve),
    /// Posts a signed message as Teams would, and prints the answer.
    Send(Send),
    /// Carries a command out straight on the store, without Teams and without the function.
    Say(Say),
    /// Compares the whole store with what its log says, and tells what differs.
    Verify,
    /// Rebuilds the whole site from the log, for instance after templates have changed.
    Rebuild(Rebuild),
}

#[derive(Args)]
struct Rebuild {
    /// Let the log begin again although a snapshot knows of records.
    #[arg(long)]
    accept_empty_log: bool,
}

#[derive(Args)]
struct Say {
    /// The name to record; the page shows it only where names are published.
    #[arg(long = "as", value_name = "NAME", default_value = "Operator")]
    name: String,
    /// The command, such as: open Checkout is failing
    #[arg(required = true, num_args = 1.., trailing_var_arg = true)]
    text: Vec<String>,
}

#[derive(Args)]
struct Serve {
    /// The address to listen on, unless the Functions host gives a port.
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, LOCAL_PORT)))]
    listen: SocketAddr,
}

#[derive(Args)]
struct Send {
    /// Where to: a webhook's address, or that of the program that answers it.
    #[arg(long, value_name = "URL", default_value_t = format!("http://127.0.0.1:{LOCAL_PORT}"))]
    to: String,
    /// The security token in base64; otherwise `STATUS_WEBHOOK_TOKENS`, otherwise the development
    /// token of the folder that this is run in.
    #[arg(long)]
    token: Option<String>,
    /// The sender's name.
    #[arg(long = "as", value_name = "NAME", default_value = "Somebody")]
    name: String,
    /// What to say behind the mention, such as: open Checkout is failing
    #[arg(required = true, num_args = 1.., trailing_var_arg = true)]
    text: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let good = |()| Ending::Good;
    let result = match arguments.command {
        Some(Command::Send(arguments)) => run_send(&arguments).await.map(good),
        Some(Command::Serve(arguments)) => serve(arguments.listen).await.map(good),
        None => serve(arguments.serve.listen).await.map(good),
        Some(command) => operate(&command).await,
    };
    match result {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Bad) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to be done where even this cannot be written.
            let _ = writeln!(std::io::stderr(), "status-update: {error}");
            ExitCode::from(2)
        }
    }
}

/// What is done at a terminal, straight on the store.
async fn operate(command: &Command) -> Result<Ending, String> {
    log_to(std::io::stderr, LevelFilter::ERROR, false);
    let mut settings = Settings::read(variable).map_err(text)?;
    if settings.storage.is_local() {
        // As `serve` does, so that the pages are the same.
        let address = format!("http://127.0.0.1:{LOCAL_PORT}");
        settings.config.public_url.get_or_insert(address);
    } else if settings.config.public_url.is_none() {
        return Err("STATUS_PUBLIC_URL is not set: set it as it is set for the function, for the \
                    pages have it in their links"
            .to_owned());
    }
    let store =
        open_store(&settings.storage).map_err(|error| format!("STATUS_STORAGE: {error}"))?;
    let site = Arc::new(Site::new(settings.config).map_err(text)?);
    let service = Service::new(store, site, getrandom::u64().map_err(text)?);
    let out = &mut std::io::stdout();
    match command {
        Command::Verify => operate::verify(&service, out).await,
        Command::Rebuild(rebuild) => {
            operate::rebuild(&service, rebuild.accept_empty_log, out).await
        }
        Command::Say(say) => {
            let (words, now) = (say.text.join(" "), jiff::Timestamp::now());
            operate::say(&service, &say.name, &words, now, out).await
        }
        Command::Serve(_) | Command::Send(_) => Ok(Ending::Good),
    }
}

/// Logs to a person's terminal, or in lines of JSON to whatever collects them.
fn log_to<W>(writer: W, level: LevelFilter, for_programs: bool)
where
    W: for<'a> MakeWriter<'a> + std::marker::Send + Sync + 'static,
{
    let format =
        tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).with_target(false);
    // The SDK reports every answer that is not a success; this program says what it means.
    let levels = Targets::new()
        .with_default(level)
        .with_target("azure_core", LevelFilter::ERROR)
        .with_target("typespec_client_core", LevelFilter::ERROR);
    let registry = tracing_subscriber::registry().with(levels);
    if for_programs {
        registry.with(format.json().flatten_event(true).with_span_list(false)).init();
    } else {
        registry.with(format).init();
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn serve(listen: SocketAddr) -> Result<(), String> {
    // The Functions host takes most of what stands on stderr for an error.
    let mut settings = Settings::read(variable).map_err(text)?;
    let under_host = settings.host_port.is_some();
    log_to(std::io::stdout, LevelFilter::INFO, under_host);
    let address = settings.host_port.map_or(listen, |port| (Ipv4Addr::LOCALHOST, port).into());
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}. Choose another address with --listen")
    })?;
    let address = listener.local_addr().map_err(text)?;
    let store =
        open_store(&settings.storage).map_err(|error| format!("STATUS_STORAGE: {error}"))?;
    if !under_host {
        if settings.tokens.is_empty() {
            settings.tokens.push(development_token()?);
        }
        settings.config.public_url.get_or_insert_with(|| format!("http://{address}"));
        greet(&settings, address);
    }
    for sentence in &settings.not_configured {
        warn!("{sentence}");
    }
    let site = Arc::new(Site::new(settings.config).map_err(text)?);
    let service = Service::new(store, site, getrandom::u64().map_err(text)?);
    tokio::spawn(keep_up(Arc::clone(&service), under_host));
    let app = App {
        service,
        tokens: settings.tokens,
        allowed: settings.allowed,
        skew_max: settings.skew_max,
        deadline: settings.deadline,
        not_configured: settings.not_configured,
        under_host,
        answers: std::sync::Mutex::default(),
    };
    axum::serve(listener, router(app)).await.map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}

fn open_store(storage: &Storage) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match storage {
        Storage::Directory(path) => Arc::new(Directory::open(path)?),
        Storage::Azure(account, identity) => Arc::new(Azure::new(account, identity.clone())?),
    })
}

/// Publishes at the start what a kill or an outage may have left behind, trying until it works;
/// and every few minutes where no Functions timer does.
async fn keep_up(service: Arc<Service>, under_host: bool) {
    let (pause_first, pause_last) = (Duration::from_secs(1), Duration::from_mins(1));
    let mut pause = pause_first;
    loop {
        match service.reconcile(jiff::Timestamp::now()).await {
            Ok(revisions) => {
                let (recorded, published) = (revisions.recorded, revisions.published);
                info!(recorded, published, "the page is up to date");
                if under_host {
                    return;
                }
                pause = pause_first;
                tokio::time::sleep(Duration::from_mins(5)).await;
            }
            Err(error) => {
                warn!(%error, "the page could not be brought up to date; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(pause_last);
            }
        }
    }
}

fn greet(settings: &Settings, address: SocketAddr) {
    let page = settings.config.public_url.as_deref().unwrap_or_default();
    let kept = match &settings.storage {
        Storage::Directory(path) => format!("in {}", path.display()),
        Storage::Azure(..) => "in the storage account of STATUS_STORAGE".to_owned(),
    };
    let to = if address.port() == LOCAL_PORT {
        String::new()
    } else {
        format!("--to http://{address} ")
    };
    let lines = format!(
        "The status page is {page}/ and everything is kept {kept}.\n\
         In a second terminal, type:\n\n    \
         cargo run -- send {to}\"open Checkout is failing for card payments\"\n\n"
    );
    // A closed terminal is no reason to stop serving.
    let _ = std::io::stdout().write_all(lines.as_bytes());
}

const TOKEN_FILE: &str = "development-token";

/// The token of this folder, made at the first start and readable by its owner alone.
fn development_token() -> Result<Token, String> {
    let folder = Path::new(LOCAL_FOLDER);
    let path = folder.join(TOKEN_FILE);
    if let Some(token) = read_token(&path)? {
        return Ok(token);
    }
    let failed = |error: &dyn Display| format!("cannot write {}: {error}", path.display());
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
        // Another process made one at the same moment.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(&error)),
    }
    read_token(&path)?.ok_or_else(|| failed(&"it is gone again"))
}

fn read_token(path: &Path) -> Result<Option<Token>, String> {
    let base64 = match std::fs::read_to_string(path) {
        Ok(base64) => base64,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let token = Token::parse(&base64);
    let wrong = || format!("{} is not a base64 token: delete it to get a new one", path.display());
    token.map(Some).ok_or_else(wrong)
}

async fn run_send(arguments: &Send) -> Result<(), String> {
    let given = arguments.token.clone().or_else(|| {
        let tokens = variable("STATUS_WEBHOOK_TOKENS")?;
        tokens.split(',').next().map(str::to_owned).filter(|token| !token.trim().is_empty())
    });
    let token = match given {
        Some(base64) => Token::parse(&base64).ok_or("the token is not base64")?,
        None => read_token(&Path::new(LOCAL_FOLDER).join(TOKEN_FILE))?.ok_or(
            "no token: start the program in this folder first, or give --token or \
             STATUS_WEBHOOK_TOKENS",
        )?,
    };
    let letter = Letter {
        to: &arguments.to,
        token: &token,
        name: &arguments.name,
        text: &arguments.text.join(" "),
        now: jiff::Timestamp::now(),
    };
    let answer = send(&letter).await.map_err(text)?;
    writeln!(std::io::stdout(), "{answer}").map_err(text)
}
