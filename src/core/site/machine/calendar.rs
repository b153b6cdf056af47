//! The maintenance as a calendar to subscribe to: iCalendar (RFC 5545).

use jiff::{SignedDuration, Timestamp};

use super::base_url::BaseUrl;
use super::told::last_change;
use crate::core::incident::model::{Incident, Stage};
use crate::core::incident::status::Status;
use crate::core::site::renderer::Site;

/// The longest line, in bytes without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// How often a calendar looks again.
const REFRESH: &str = "PT30M";

/// All maintenance that the state keeps: planned, running, and what ended or was called off last.
pub(super) fn calendar(site: &Site, base_url: &BaseUrl, status: &Status) -> String {
    let name = site.texts.machine.calendar.replace("{title}", &site.config.title);
    let mut file = Lines::default();
    file.put("BEGIN", "VCALENDAR");
    file.put("VERSION", "2.0");
    file.put("PRODID", "-//StatusUpdate//Maintenance//EN");
    file.put_text("NAME", &name);
    file.put_text("X-WR-CALNAME", &name);
    file.put("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    file.put("X-PUBLISHED-TTL", REFRESH);
    let mut all: Vec<&Incident> = status.kept().filter(|kept| kept.is_maintenance()).collect();
    all.sort_by_key(|maintenance| (maintenance.began(), maintenance.number));
    for maintenance in &all {
        event(&mut file, site, base_url, maintenance);
    }
    if all.is_empty() {
        zone(&mut file);
    }
    file.put("END", "VCALENDAR");
    file.text
}

fn event(file: &mut Lines, site: &Site, base_url: &BaseUrl, maintenance: &Incident) {
    let Some(window) = maintenance.window else {
        return;
    };
    let number = maintenance.number;
    let cancelled = maintenance.stage == Stage::Cancelled;
    // One that was called off keeps its base_url; one that ended early ends there.
    let shortest = window.from.saturating_add(SignedDuration::from_mins(1));
    let until = match maintenance.resolved.filter(|_| !cancelled) {
        Some(ended) => ended.max(shortest.unwrap_or(window.from)),
        None => window.until,
    };
    file.put("BEGIN", "VEVENT");
    file.put("UID", &format!("maintenance-{number}@{}{}", base_url.host, base_url.path));
    // Every change has a higher one.
    file.put("SEQUENCE", &maintenance.revision.to_string());
    file.put("DTSTAMP", &utc(last_change(maintenance)));
    file.put("LAST-MODIFIED", &utc(last_change(maintenance)));
    file.put("CREATED", &utc(maintenance.opened));
    file.put("DTSTART", &utc(window.from));
    file.put("DTEND", &utc(until));
    file.put_text("SUMMARY", &maintenance.title);
    file.put_text("DESCRIPTION", &description(site, base_url, maintenance));
    file.put("URL", &base_url.incident(number));
    file.put("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
    // It takes nobody's time.
    file.put("TRANSP", "TRANSPARENT");
    file.put("END", "VEVENT");
}

/// The stage, what was said last, what it is about, and where the rest is.
fn description(site: &Site, base_url: &BaseUrl, maintenance: &Incident) -> String {
    let newest = site.told(maintenance, maintenance.updates.len().saturating_sub(1));
    let newest = format!("{} - {newest}", site.texts.stage(maintenance.stage));
    let parts = [Some(newest), site.affected(&maintenance.components)];
    let link = base_url.incident(maintenance.number);
    let parts: Vec<String> = parts.into_iter().flatten().chain([link]).collect();
    parts.join("\n\n")
}

/// A calendar has one component at least, and this one means nothing.
fn zone(file: &mut Lines) {
    let lines = [
        ("BEGIN", "VTIMEZONE"),
        ("TZID", "Etc/UTC"),
        ("BEGIN", "STANDARD"),
        ("DTSTART", "19700101T000000"),
        ("TZOFFSETFROM", "+0000"),
        ("TZOFFSETTO", "+0000"),
        ("END", "STANDARD"),
        ("END", "VTIMEZONE"),
    ];
    for (name, value) in lines {
        file.put(name, value);
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines, each folded where it is too long.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A property whose value is not text.
    fn put(&mut self, name: &str, value: &str) {
        let mut bytes = 0;
        let line = name.chars().chain([':']).chain(value.chars().filter(|c| !c.is_control()));
        for c in line {
            if bytes + c.len_utf8() > LINE_BYTES_MAX {
                self.text.push_str("\r\n ");
                bytes = 1;
            }
            self.text.push(c);
            bytes += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// A property whose value is text.
    fn put_text(&mut self, name: &str, text: &str) {
        let mut value = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => value.extend(['\\', c]),
                '\n' => value.push_str("\\n"),
                c => value.push(c),
            }
        }
        self.put(name, &value);
    }
}
