//! Maintenance windows as a calendar to subscribe to: iCalendar (RFC 5545).

use jiff::SignedDuration;

use super::base_url::BaseUrl;
use super::told::last_change;
use crate::incident::model::{Incident, Stage};
use crate::incident::status::{ComponentNames, Status};
use crate::site::renderer::Site;
use crate::text::calendar::{Calendar, utc};

/// All maintenance in the state: planned, running, and recently ended or cancelled.
pub(super) fn calendar(site: &Site, base_url: &BaseUrl, status: &Status) -> String {
    let name = site.texts.machine.calendar.replace("{title}", &site.config.title);
    let mut file = Calendar::new("Maintenance", &name);
    let mut all: Vec<&Incident> = status.kept().filter(|kept| kept.is_maintenance()).collect();
    all.sort_by_key(|maintenance| (maintenance.began(), maintenance.number));
    for maintenance in all {
        event(&mut file, site, base_url, maintenance, &status.component_names);
    }
    file.finish()
}

fn event(
    file: &mut Calendar,
    site: &Site,
    base_url: &BaseUrl,
    maintenance: &Incident,
    names: &ComponentNames,
) {
    let Some(window) = maintenance.window else {
        return;
    };
    let number = maintenance.number;
    let cancelled = maintenance.stage == Stage::Cancelled;
    // A cancelled one keeps its window; one that ended early ends there.
    let shortest = window.from.saturating_add(SignedDuration::from_mins(1));
    let until = match maintenance.resolved.filter(|_| !cancelled) {
        Some(ended) => ended.max(shortest.unwrap_or(window.from)),
        None => window.until,
    };
    file.put("BEGIN", "VEVENT");
    file.put("UID", &format!("maintenance-{number}@{}{}", base_url.host, base_url.path));
    // Has to grow with every change.
    file.put("SEQUENCE", &maintenance.edition.to_string());
    file.put("DTSTAMP", &utc(last_change(maintenance)));
    file.put("LAST-MODIFIED", &utc(last_change(maintenance)));
    file.put("CREATED", &utc(maintenance.opened));
    file.put("DTSTART", &utc(window.from));
    file.put("DTEND", &utc(until));
    file.put_text("SUMMARY", &maintenance.title);
    file.put_text("DESCRIPTION", &description(site, base_url, maintenance, names));
    file.put("URL", &base_url.incident(number));
    file.put("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
    // It does not block anybody's time.
    file.put("TRANSP", "TRANSPARENT");
    file.put("END", "VEVENT");
}

/// Stage, last text, components, and a link.
fn description(
    site: &Site,
    base_url: &BaseUrl,
    maintenance: &Incident,
    names: &ComponentNames,
) -> String {
    let newest = site.told(maintenance, maintenance.updates.len().saturating_sub(1));
    let newest = format!("{} - {newest}", site.texts.stage(maintenance.stage));
    let parts = [Some(newest), site.affected(&maintenance.components, names)];
    let link = base_url.incident(maintenance.number);
    let parts: Vec<String> = parts.into_iter().flatten().chain([link]).collect();
    parts.join("\n\n")
}
