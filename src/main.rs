//! `status-update`: the arguments of the command line.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use status_update::cli::demo::{Demo, demonstrate};
use status_update::cli::roster::{self, RosterCommand};
use status_update::cli::send::{OutgoingMessage, send};
use status_update::cli::{
    ExitStatus, alert, audit, check, export, init, place, redact, report, review, say, stats, usage,
};
use status_update::core::site::renderer::Site;
use status_update::core::teams::activity::Token;
use status_update::log;
use status_update::serve::{
    open_store, read_development_key, read_development_token, serve, variable,
};
use status_update::service::{Seed, Service};
use status_update::settings::{LOCAL_PORT, Settings, Storage};
use tracing::level_filters::LevelFilter;

/// A status page, and the response to incidents, that a team runs from its Microsoft Teams channel.
#[derive(Parser)]
#[command(version = env!("BUILD_VERSION"), args_conflicts_with_subcommands = true)]
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
    /// Plays a guided 47-minute incident; needs no account and no settings.
    Demo(Demo),
    /// Writes a commented status.toml, rosters.toml and site/ to start from.
    Init(init::Init),
    /// Checks status.toml, the files that it names and rosters.toml, and lists every problem.
    Check(check::Check),
    /// Posts a signed message as Teams would, and prints the answer.
    Send(Send),
    /// Posts the body of an alert as a monitor would, and prints what became of it.
    Alert(alert::Alert),
    /// Runs a command directly on the store, without Teams and without the function.
    Say(Say),
    /// Compares the whole store with its log and lists the differences.
    Verify,
    /// Erases any text of the log, by its place; asks first and never prints it.
    Redact(redact::Redact),
    /// Prints everything in the log about a person, as JSON lines.
    Export(export::Export),
    /// Rebuilds the whole site from the log, for example after a change of templates.
    Rebuild(Rebuild),
    /// Shows, checks and sets on-call rosters, in a file or in the log.
    #[command(subcommand)]
    Roster(RosterCommand),
    /// Prints the times to detect, acknowledge, mitigate and resolve, over the whole log.
    Stats(stats::Stats),
    /// Prints the uptime of every component in a month as CSV.
    Report(report::Report),
    /// Prints the post-incident review; of an open incident, a draft.
    Review(review::Review),
}

#[derive(Args)]
struct Rebuild {
    /// Start a new log although a snapshot knows of records.
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
    /// The sender's name; the same name is the same person.
    #[arg(long = "as", visible_alias = "from", value_name = "NAME", default_value = "Somebody")]
    name: String,
    /// The command, such as: open Checkout is failing. `@Bo` and `@"Bo Larsen"`
    /// in it mention people.
    #[arg(required = true, num_args = 1.., trailing_var_arg = true)]
    text: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => match usage::missing_argument(&error, Arguments::command()) {
            Some(line) => return fail(&line),
            None => error.exit(),
        },
    };
    let good = |()| ExitStatus::Success;
    let result = match arguments.command {
        Some(Command::Send(arguments)) => run_send(&arguments).await.map(good),
        Some(Command::Demo(demo)) => {
            log::to_terminal(std::io::stderr, LevelFilter::ERROR);
            demonstrate(&demo, jiff::Timestamp::now(), &mut std::io::stdout()).await.map(good)
        }
        Some(Command::Serve(arguments)) => serve(arguments.listen).await.map(good),
        Some(Command::Roster(command)) if !command.needs_the_log() => {
            roster::run(&command, jiff::Timestamp::now(), &mut std::io::stdout())
        }
        Some(Command::Alert(arguments)) => run_alert(&arguments).await,
        Some(Command::Init(arguments)) => init::init(&arguments, &mut std::io::stdout()),
        Some(Command::Check(arguments)) => check::check(&arguments, &mut std::io::stdout()),
        None => serve(arguments.serve.listen).await.map(good),
        Some(command) => operate(&command).await,
    };
    match result {
        Ok(ExitStatus::Success) => ExitCode::SUCCESS,
        Ok(ExitStatus::Failure) => ExitCode::FAILURE,
        // The reader has seen enough, as in `roster ics | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    // If even this cannot be written, nothing can be reported.
    let _ = writeln!(std::io::stderr(), "status-update: {why}");
    ExitCode::from(2)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn operate(command: &Command) -> anyhow::Result<ExitStatus> {
    log::to_terminal(std::io::stderr, LevelFilter::ERROR);
    let mut settings = Settings::read(variable)?;
    check_place(command, &settings)?;
    let store = open_store(&settings.storage)?;
    if settings.storage.is_local() && settings.config.public_url.is_none() {
        // The same address as `serve`, so that the pages are the same.
        let own = || format!("http://127.0.0.1:{LOCAL_PORT}");
        settings.config.public_url =
            Some(place::published_address(store.as_ref()).await.unwrap_or_else(own));
    } else if settings.config.public_url.is_none() {
        bail!(
            "STATUS_PUBLIC_URL is not set: set it to the function's value, because the pages \
             use it in their links"
        );
    }
    let site = Arc::new(Site::new(settings.config)?);
    let service = Service::new(store, site, Seed::random()?);
    let out = &mut std::io::stdout();
    match command {
        Command::Verify => audit::verify(&service, out).await,
        Command::Rebuild(rebuild) => audit::rebuild(&service, rebuild.accept_empty_log, out).await,
        Command::Say(say) => {
            let (words, now) = (say.text.join(" "), jiff::Timestamp::now());
            say::say(&service, &say.name, &words, now, out).await
        }
        Command::Export(asked) => export::export(&service, asked, out).await,
        Command::Redact(asked) => {
            redact::redact(&service, asked, jiff::Timestamp::now(), out).await
        }
        Command::Roster(command) => {
            roster::run_on_log(&service, command, jiff::Timestamp::now(), out).await
        }
        Command::Stats(asked) => stats::stats(&service, asked, jiff::Timestamp::now(), out).await,
        Command::Report(asked) => report::report(&service, asked, out).await,
        Command::Review(asked) => review::review(&service, asked, out).await,
        Command::Serve(_)
        | Command::Demo(_)
        | Command::Send(_)
        | Command::Alert(_)
        | Command::Init(_)
        | Command::Check(_) => Ok(ExitStatus::Success),
    }
}

/// Reading commands create nothing.
fn check_place(command: &Command, settings: &Settings) -> anyhow::Result<()> {
    let Storage::Directory(folder) = &settings.storage else { return Ok(()) };
    let records = match command {
        Command::Say(say) => say::records(&say.text.join(" "), &settings.config),
        Command::Roster(roster) => roster.records(),
        _ => false,
    };
    let instead = match command {
        Command::Roster(roster) => {
            roster.check_file()?;
            roster.on_a_file()
        }
        _ => String::new(),
    };
    place::check_folder(folder, records, &instead)
}

async fn run_alert(arguments: &alert::Alert) -> anyhow::Result<ExitStatus> {
    let key = arguments.key().map(str::to_owned).or_else(first_token);
    let key = match key {
        Some(key) => key,
        None => read_development_key()?.context(
            "no key: run this in the folder where the program was started, or give --key or \
             STATUS_WEBHOOK_TOKENS",
        )?,
    };
    alert::alert(arguments, &key, &mut std::io::stdout()).await
}

fn first_token() -> Option<String> {
    let tokens = variable("STATUS_WEBHOOK_TOKENS")?;
    tokens.split(',').next().map(str::to_owned).filter(|token| !token.trim().is_empty())
}

async fn run_send(arguments: &Send) -> anyhow::Result<()> {
    let token = match arguments.token.clone().or_else(first_token) {
        Some(base64) => Token::parse(&base64).context("the token is not base64")?,
        None => read_development_token()?.context(
            "no token: run this in the folder where the program was started, or give --token or \
             STATUS_WEBHOOK_TOKENS",
        )?,
    };
    let letter = OutgoingMessage {
        to: &arguments.to,
        token: &token,
        name: &arguments.name,
        text: &arguments.text.join(" "),
        now: jiff::Timestamp::now(),
    };
    let answer = send(&letter).await?;
    writeln!(std::io::stdout(), "{answer}")?;
    Ok(())
}
