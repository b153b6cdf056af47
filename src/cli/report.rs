//! `status-update report`: the uptime of a month as CSV.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::civil::Date;

use super::ExitStatus;
use crate::core::incident::report::MonthReport;
use crate::core::response::csv;
use crate::service::Service;

#[derive(Args)]
pub struct Report {
    /// A month within the last 90 days, such as 2026-11.
    #[arg(value_name = "MONTH", value_parser = month)]
    month: Date,
}

fn month(text: &str) -> anyhow::Result<Date> {
    let first = format!("{text}-01").parse().ok().filter(|_| text.len() == 7);
    first.with_context(|| format!("\"{text}\" is not a month such as 2026-11"))
}

/// Prints a CSV row per component (RFC 4180), percentages and minutes as numbers.
///
/// # Errors
/// Returns an error if no day of that month is on record, the log cannot be read, or the output
/// cannot be written.
pub async fn report(
    service: &Service,
    asked: &Report,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let state = service.current_state().await?;
    let config = service.site().config();
    let ids = config.components().map(|component| component.id.as_str());
    let Some(report) = MonthReport::of(&state.status, asked.month, ids) else {
        bail!(
            "no day of {} is on record: name a month of the last 90 days since the first record",
            asked.month.strftime("%Y-%m")
        );
    };
    let heading = "component,name,from,to,uptime_percent,target_percent,major_outage_minutes,\
                   partial_outage_minutes,degraded_minutes,maintenance_minutes\r\n";
    out.write_all(heading.as_bytes())?;
    let percent = |thousandths: Option<u64>| {
        thousandths.map_or_else(String::new, |it| format!("{}.{:03}", it / 1_000, it % 1_000))
    };
    for (id, affected) in &report.components {
        let minutes = |ms: u64| (ms / 60_000).to_string();
        let fields = [
            csv::text(id),
            csv::text(config.component_name(id, &state.status.component_names)),
            report.days.0.to_string(),
            report.days.1.to_string(),
            percent(report.uptime_thousandths(affected)),
            percent(config.uptime_target),
            minutes(affected.critical_ms),
            minutes(affected.major_ms),
            minutes(affected.minor_ms),
            minutes(affected.maintenance_ms),
        ];
        write!(out, "{}\r\n", fields.join(","))?;
    }
    Ok(ExitStatus::Success)
}
