//! Terminal output of the demo: headings, colours, and the pause between steps.

use std::io::{IsTerminal as _, Write};

use console::style;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::script::STEPS;

/// A terminal, or a file that the output is redirected to.
pub(super) struct Screen<'a, W> {
    pub(super) out: &'a mut W,
    /// Waits for Enter after each step.
    by_steps: bool,
    zone: TimeZone,
}

impl<'a, W: Write> Screen<'a, W> {
    pub(super) fn new(out: &'a mut W, by_steps: bool, zone: TimeZone) -> Self {
        Self { out, by_steps, zone }
    }

    pub(super) fn text(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Heading of a step, such as `== 14:07 Customers should know`.
    pub(super) fn heading(&mut self, at: Timestamp, heading: &str) -> anyhow::Result<()> {
        let time = self.time(at);
        let heading = style(format!("== {time} {heading}")).bold().cyan();
        self.text(&format!("\n{heading}"))
    }

    /// A request by a person or a monitor.
    pub(super) fn request(&mut self, from: &str, text: &str) -> anyhow::Result<()> {
        self.text(&format!("{} {text}", style(from).bold()))
    }

    /// A line about an external service: `+ 14:08 Boards …`.
    pub(super) fn news(&mut self, at: Timestamp, line: &str) -> anyhow::Result<()> {
        let time = self.time(at);
        self.text(&style(format!("+ {time} {line}")).green().to_string())
    }

    /// With `--step`, waits for Enter before a step and clears the screen. The last step, the
    /// review, comes after those of the script.
    pub(super) async fn pause(&mut self, step: usize) -> anyhow::Result<()> {
        if !self.by_steps {
            return Ok(());
        }
        let all = STEPS.len() + 1;
        let prompt = format!("Enter for the next step ({step} of {all}) ");
        write!(self.out, "\n{}", style(prompt).dim())?;
        self.out.flush()?;
        enter().await?;
        if std::io::stdout().is_terminal() {
            write!(self.out, "\u{1b}[2J\u{1b}[H")?;
        }
        Ok(())
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }
}

/// Waits for Enter or the end of the input, in a thread of its own: meanwhile the page is served.
pub(super) async fn enter() -> anyhow::Result<()> {
    let line = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(line).await??;
    Ok(())
}
