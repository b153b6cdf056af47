//! `status-update demo`: a guided incident with services of others in memory, through the same
//! webhook, service and store as any other, so that it shows what is so.

mod script;
mod services;

use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::cli::say::carry_out;
use crate::cli::send::{OutgoingMessage, send};
use crate::core::commands::{Change, Command};
use crate::core::log::state::State;
use crate::core::site::renderer::Site;
use crate::core::teams::activity::Token;
use crate::http_client::http_client;
use crate::serve::open_store;
use crate::service::Service;
use crate::settings::Settings;
use crate::web::{self, App, Work};
use script::{Act, STEPS};
use services::Services;

const CONFIGURATION: &str = include_str!("status.toml");
const ROSTER: &str = include_str!("roster.toml");
const ALERT: &str = include_str!("alert.json");
/// How long before the demonstration its trouble began.
const BEGAN_AGO: SignedDuration = SignedDuration::from_mins(12);
/// The number of its incident.
const NUMBER: u32 = 1;
/// How often it is looked whether all was sent, and how long at most.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS_MAX: usize = 3_000;

/// Carries the guided incident out, and tells it on `out`. With `stay` the page is then served
/// until the process ends.
///
/// # Errors
/// What keeps it from going on.
pub async fn demonstrate(
    stay: bool,
    now: fn() -> Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let tour = Tour::start(now).await?;
    let folder = tour.folder.display();
    let introduction = format!(
        "An incident from the alarm to the review, on this machine alone: Azure Boards and Teams \
         are played by this program. Everything is kept in {folder}.\n\n\
         == The roster is set\n$ status-update roster set roster.toml"
    );
    writeln!(out, "{introduction}")?;
    let roster = Command::Change(Change::Rosters(ROSTER.into()));
    carry_out(&tour.service, "Operator", &Ok(roster), now(), out).await?;
    tour.show_news(out).await?;
    for (place, step) in STEPS.iter().enumerate() {
        writeln!(out, "\n== {}. {}", place + 1, step.heading)?;
        tour.act(&step.act, out).await?;
        tour.show_news(out).await?;
    }
    let review = tour.service.review(NUMBER).await?;
    let review = review.context("the incident of the demo is not there")?.markdown;
    writeln!(out, "\n== The review\n$ status-update review {NUMBER}\n\n{review}")?;
    if !stay {
        let page = tour.folder.join("store/web/index.html");
        let end = format!(
            "The page is {}; demo --serve serves it. {folder} can be deleted.",
            page.display()
        );
        writeln!(out, "{end}")?;
        return Ok(());
    }
    writeln!(out, "The page is {}/ until you press Ctrl+C.", tour.address)?;
    std::future::pending().await
}

/// A running program, the world around it, and who speaks to it.
struct Tour {
    folder: PathBuf,
    address: String,
    token: String,
    service: Arc<Service>,
    services: Arc<Services>,
    now: fn() -> Timestamp,
}

impl Tour {
    /// Starts it with a store of its own, on a free port of this machine.
    async fn start(now: fn() -> Timestamp) -> anyhow::Result<Self> {
        let folder = make_folder()?;
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let token = BASE64.encode(key);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let settings = settings(&folder, &token, &address)?;
        let boards = settings.config.launch.boards.as_ref();
        let teams = settings.config.launch.teams.as_ref();
        let (Some(boards), Some(teams)) = (boards, teams) else {
            bail!("the configuration of the demo has no launch");
        };
        let place = [boards.organization.as_str(), &boards.project, &teams.group];
        let services = Arc::new(Services::new(place, now));
        let store = open_store(&settings.storage)?;
        let site = Arc::new(Site::new(settings.config.clone())?);
        let seed = getrandom::u64()?;
        let service = Service::with_outbound(store, site, Some(Arc::clone(&services) as _), seed);
        let work = Work::Running(Arc::clone(&service));
        let app = App::new(work, settings.gate, Vec::new(), false);
        tokio::spawn(web::serve(listener, app));
        Ok(Self { folder, address, token, service, services, now })
    }

    /// Does something as others would, over HTTP, and prints it with the answer.
    async fn act(&self, act: &Act, out: &mut impl Write) -> anyhow::Result<()> {
        let answer = match *act {
            Act::Say(name, said) => {
                writeln!(out, "{name}: @StatusPage {said}")?;
                let token = Token::parse(&self.token).context("the token is not base64")?;
                let now = (self.now)();
                let letter =
                    OutgoingMessage { to: &self.address, token: &token, name, text: said, now };
                send(&letter).await?
            }
            Act::Alert(status) => {
                let alert = alert(status, (self.now)())?;
                writeln!(out, "POST /api/alerts {alert:#}")?;
                self.post_alert(&alert).await?
            }
        };
        writeln!(out, "{answer}")?;
        Ok(())
    }

    async fn post_alert(&self, alert: &Value) -> anyhow::Result<String> {
        let client = http_client().timeout(Duration::from_secs(30)).build()?;
        let request = client.post(format!("{}/api/alerts", self.address));
        let request = request.header("x-functions-key", &self.token).body(alert.to_string());
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        if status.is_success() {
            Ok(format!("{} {body}", status.as_u16()))
        } else {
            bail!("the alert was answered with {status}: {body}")
        }
    }

    /// Prints what is new in the services once all that follows from the last step is done.
    async fn show_news(&self, out: &mut impl Write) -> anyhow::Result<()> {
        self.settle().await?;
        for line in self.services.news() {
            writeln!(out, "+ {line}")?;
        }
        Ok(())
    }

    /// Lets the timer run until nothing is left to be sent.
    async fn settle(&self) -> anyhow::Result<()> {
        loop {
            let before = self.state().await?.revision;
            self.service.reconcile((self.now)()).await?;
            self.sent().await?;
            if self.state().await?.revision == before {
                return Ok(());
            }
        }
    }

    async fn sent(&self) -> anyhow::Result<()> {
        for _ in 0..LOOKS_MAX {
            let (state, now) = (self.state().await?, (self.now)());
            // What failed waits for its next try: that is told where it is due, not here.
            let mut waiting = state.deliveries.waiting().filter(|delivery| {
                delivery.claim.is_some() || delivery.next_try().is_some_and(|next| next <= now)
            });
            if waiting.next().is_none() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        bail!("the messages to Azure Boards and Teams were not sent")
    }

    async fn state(&self) -> anyhow::Result<Arc<State>> {
        Ok(self.service.catch_up().await?)
    }
}

/// A new folder, with the configuration in it.
fn make_folder() -> anyhow::Result<PathBuf> {
    let random = getrandom::u64()?;
    let folder = std::env::temp_dir().join(format!("status-update-demo-{random:016x}"));
    let failed = |error: std::io::Error| anyhow!("cannot write {}: {error}", folder.display());
    fs::create_dir(&folder).map_err(failed)?;
    for (name, content) in [("status.toml", CONFIGURATION), ("roster.toml", ROSTER)] {
        fs::write(folder.join(name), content).map_err(failed)?;
    }
    Ok(folder)
}

/// The settings as the program reads them, whatever the environment says.
fn settings(folder: &Path, token: &str, address: &str) -> anyhow::Result<Settings> {
    let variable = |name: &str| match name {
        "STATUS_STORAGE" => Some(format!("dir:{}", folder.join("store").display())),
        "STATUS_CONFIG" => Some(folder.join("status.toml").display().to_string()),
        "STATUS_PUBLIC_URL" => Some(address.to_owned()),
        "STATUS_WEBHOOK_TOKENS" => Some(token.to_owned()),
        // Nobody is in a hurry here, and the machine may be slow.
        "STATUS_DEADLINE_MS" => Some("20000".to_owned()),
        _ => None,
    };
    let mut settings = Settings::read(variable)?;
    settings.config.notifies = true;
    Ok(settings)
}

/// The alert, as it is at this time.
fn alert(status: &str, now: Timestamp) -> anyhow::Result<Value> {
    let mut alert: Value = serde_json::from_str(ALERT)?;
    let began = now.saturating_sub(BEGAN_AGO)?;
    if let Some(fields) = alert.as_object_mut() {
        fields.insert("status".to_owned(), status.into());
        if status == "firing" {
            fields.insert("fired_at".to_owned(), format!("{began:.0}").into());
        }
    }
    Ok(alert)
}
