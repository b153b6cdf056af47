//! `status-update demo`: a guided incident of 47 minutes in simulated time. External services are
//! simulated in memory; webhook, service and store are the real ones.

mod clock;
mod screen;
mod script;
mod services;
mod site;

use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::cli::say::carry_out;
use crate::cli::send::{OutgoingMessage, send};
use crate::cli::usage::program;
use crate::core::commands::{Change, Command};
use crate::core::log::state::State;
use crate::core::review::html;
use crate::core::site::renderer::Site;
use crate::core::teams::activity::Token;
use crate::http_client::http_client;
use crate::service::{Seed, Service};
use crate::settings::Settings;
use crate::store::directory::Directory;
use crate::web::{self, App, Work};
use clock::SimulatedClock;
use screen::Screen;
use script::{Act, MINUTES, STEPS, Step};
use services::Services;

const CONFIGURATION: &str = include_str!("status.toml");
const ROSTER: &str = include_str!("roster.toml");
const ALERT: &str = include_str!("alert.json");
/// Time from the start of the impact to the alert.
const BEGAN_BEFORE: SignedDuration = SignedDuration::from_mins(2);
const NUMBER: u32 = 1;
/// Folder of the store, below that of the demo.
const STORE: &str = "store";
/// Interval and maximum number of checks of the outbox.
const CHECK_EVERY: Duration = Duration::from_millis(10);
const CHECKS_MAX: usize = 3_000;

#[derive(Args)]
pub struct Demo {
    /// Wait for Enter after each step, and open the page and the review in the browser.
    #[arg(long)]
    step: bool,
    /// Write the page as it is at the end to this new folder: an example site.
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// Address that the example site will have, for its feeds and link previews.
    #[arg(long, value_name = "URL", requires = "site")]
    public_url: Option<String>,
}

/// Plays the guided incident and prints it to `out`.
///
/// # Errors
/// Returns an error if the demo cannot be set up or a step fails.
pub async fn demonstrate(demo: &Demo, now: Timestamp, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(folder) = &demo.site {
        site::prepare(folder)?;
    }
    let tour = Tour::start(demo, now).await?;
    let zone = tour.service.site().config().time_zone.clone();
    let screen = &mut Screen::new(out, demo.step, zone);
    let folder = tour.folder.display();
    screen.text(&format!(
        "A 47-minute outage in a few seconds, from the alert to the review, on this machine alone: \
         this program plays Azure Boards and Teams. Everything is kept in {folder}."
    ))?;
    if !demo.step {
        screen.text(&format!("To follow it step by step: {} demo --step", program()))?;
    }
    screen.heading(tour.now(), "Before: who is on call?")?;
    screen.request("$", "status-update roster set roster.toml")?;
    let roster = Command::Change(Change::Rosters(ROSTER.into()));
    carry_out(&tour.service, "Operator", &Ok(roster), tour.now(), screen.out).await?;
    tour.settle(screen).await?;
    for (number, step) in (1..).zip(STEPS) {
        screen.pause(number).await?;
        tour.play(step, demo, screen).await?;
    }
    screen.pause(STEPS.len() + 1).await?;
    tour.show_review(demo, screen).await?;
    let web = tour.folder.join(STORE).join("web");
    if let Some(folder) = &demo.site {
        site::copy(&web, folder)?;
        let folder = folder.display();
        screen.text(&format!(
            "The example site is in {folder}. Any web server for static files can serve it."
        ))?;
    }
    screen.text(&format!("The page is {}/ until you press Enter.", tour.address))?;
    screen::enter().await?;
    screen.text(&format!("Its files are in {}. {folder} can be deleted.", web.display()))
}

/// The running program and its simulated surroundings.
struct Tour {
    folder: PathBuf,
    address: String,
    token: String,
    service: Arc<Service>,
    services: Arc<Services>,
    clock: SimulatedClock,
}

impl Tour {
    /// Starts the program with a store of its own, on a free local port.
    async fn start(demo: &Demo, end: Timestamp) -> anyhow::Result<Self> {
        let folder = make_folder()?;
        let clock = SimulatedClock::new(MINUTES, end)?;
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let token = BASE64.encode(key);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        // Without an address, the links of an example site are relative to its root.
        let own = demo.site.is_none().then_some(address.as_str());
        let settings = settings(&folder, &token, demo.public_url.as_deref().or(own))?;
        let boards = settings.config.launch.boards.as_ref();
        let teams = settings.config.launch.teams.as_ref();
        let (Some(boards), Some(teams)) = (boards, teams) else {
            bail!("the configuration of the demo has no launch");
        };
        let place = [boards.organization.as_str(), &boards.project, &teams.group];
        let services = Arc::new(Services::new(place, clock.clone()));
        let store = Directory::open(&folder.join(STORE))?.without_clock();
        let site = Arc::new(Site::new(settings.config.clone())?);
        let seed = Seed::random()?;
        let service =
            Service::with_outbound(Arc::new(store), site, Some(Arc::clone(&services) as _), seed);
        let work = Work::Running(Arc::clone(&service));
        let app = App::new(work, settings.gate, Vec::new(), false);
        let time = clock.clone();
        tokio::spawn(web::serve(listener, app.with_clock(Arc::new(move || time.now()))));
        Ok(Self { folder, address, token, service, services, clock })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Advances the clock to a step minute by minute, then plays the step.
    async fn play<W: Write>(
        &self,
        step: &Step,
        demo: &Demo,
        screen: &mut Screen<'_, W>,
    ) -> anyhow::Result<()> {
        for minute in self.clock.minute() + 1..step.minute {
            self.clock.set(minute);
            self.settle(screen).await?;
        }
        self.clock.set(step.minute);
        screen.heading(self.now(), step.heading)?;
        match step.act {
            Act::Wait => {}
            Act::Look => self.look(demo, screen).await?,
            Act::Say(name, text) => {
                screen.request(&format!("{name}:"), &format!("@StatusPage {text}"))?;
                let token = Token::parse(&self.token).context("the token is not base64")?;
                let now = self.now();
                let message = OutgoingMessage { to: &self.address, token: &token, name, text, now };
                screen.text(&send(&message).await?)?;
            }
            Act::Alert(status) => {
                let alert = alert(status, self.now())?;
                screen.request("POST /api/alerts", &alert.to_string())?;
                screen.text(&self.post_alert(&alert).await?)?;
            }
        }
        self.settle(screen).await
    }

    /// Describes the page as visitors see it now.
    async fn look<W: Write>(&self, demo: &Demo, screen: &mut Screen<'_, W>) -> anyhow::Result<()> {
        let url = format!("{}/", self.address);
        let state = self.state().await?;
        let incident = state.status.incident(NUMBER).context("the incident is not on the page")?;
        let overdue = if state.status.is_overdue(incident) { ", marked as overdue" } else { "" };
        let title = &incident.title;
        screen.text(&format!("{url} shows \"{title}\"{overdue}."))?;
        open_in_browser(demo, &url);
        Ok(())
    }

    /// Shows the review as text, and writes it as a page.
    async fn show_review<W: Write>(
        &self,
        demo: &Demo,
        screen: &mut Screen<'_, W>,
    ) -> anyhow::Result<()> {
        let review = self.service.review(NUMBER).await?;
        let review = review.context("the incident of the demo is not there")?;
        let page = self.folder.join("review.html");
        let title = format!("#{NUMBER} {}", review.title);
        fs::write(&page, html::page(&title, &review.markdown, &review.figure))?;
        screen.heading(self.now(), "The review")?;
        screen.request("$", &format!("status-update review {NUMBER}"))?;
        screen.text(&format!("\n{}\nAs a page: {}", review.markdown, page.display()))?;
        open_in_browser(demo, &page.display().to_string());
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

    /// Runs the timer until the outbox is empty, and prints the changes in the external services.
    async fn settle<W: Write>(&self, screen: &mut Screen<'_, W>) -> anyhow::Result<()> {
        loop {
            let before = self.state().await?.revision;
            self.service.reconcile(self.now()).await?;
            self.sent().await?;
            if self.state().await?.revision == before {
                break;
            }
        }
        for line in self.services.news() {
            screen.news(self.now(), &line)?;
        }
        Ok(())
    }

    async fn sent(&self) -> anyhow::Result<()> {
        for _ in 0..CHECKS_MAX {
            let (state, now) = (self.state().await?, self.now());
            // After a failure, the next try is due in a later minute.
            let mut waiting = state.deliveries.waiting().filter(|delivery| {
                delivery.claim.is_some() || delivery.next_try().is_some_and(|next| next <= now)
            });
            if waiting.next().is_none() {
                return Ok(());
            }
            tokio::time::sleep(CHECK_EVERY).await;
        }
        bail!("the messages to Azure Boards and Teams were not sent")
    }

    async fn state(&self) -> anyhow::Result<Arc<State>> {
        Ok(self.service.catch_up().await?)
    }
}

/// A failure does not matter: the address is printed too.
fn open_in_browser(demo: &Demo, address: &str) {
    if demo.step {
        let _ = open::that_detached(address);
    }
}

/// Creates a folder with the configuration in it.
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

/// Reads the demo's settings, ignoring the environment.
fn settings(folder: &Path, token: &str, public_url: Option<&str>) -> anyhow::Result<Settings> {
    let variable = |name: &str| match name {
        "STATUS_STORAGE" => Some(format!("dir:{}", folder.join(STORE).display())),
        "STATUS_CONFIG" => Some(folder.join("status.toml").display().to_string()),
        "STATUS_PUBLIC_URL" => public_url.map(str::to_owned),
        "STATUS_WEBHOOK_TOKENS" => Some(token.to_owned()),
        // The machine may be slow.
        "STATUS_DEADLINE_MS" => Some("20000".to_owned()),
        _ => None,
    };
    let mut settings = Settings::read(variable)?;
    settings.config.notifies = true;
    Ok(settings)
}

fn alert(status: &str, now: Timestamp) -> anyhow::Result<Value> {
    let mut alert: Value = serde_json::from_str(ALERT)?;
    let began = now.saturating_sub(BEGAN_BEFORE)?;
    if let Some(fields) = alert.as_object_mut() {
        fields.insert("status".to_owned(), status.into());
        if status == "firing" {
            fields.insert("fired_at".to_owned(), format!("{began:.0}").into());
        }
    }
    Ok(alert)
}
