//! The site's texts in one language, including date formats: a file of `languages/`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::config::language::{ChatWords, Language};
use crate::incident::model::{Impact, MonthPart, Stage};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The language's tag for `lang` (BCP 47).
    pub tag: String,
    /// The direction for `dir`: `ltr` or `rtl`.
    pub direction: String,
    months: Vec<String>,
    months_long: Vec<String>,
    formats: Formats,
    duration: Lengths,
    stage: BTreeMap<Stage, String>,
    silent: Silent,
    status: States,
    pub(super) machine: FileTexts,
    page: BTreeMap<String, String>,
    /// The words of the chat, which are not on the site.
    pub chat: ChatWords,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Formats {
    day: String,
    date: String,
    date_time: String,
    day_time: String,
    month: String,
    percent: String,
    decimal: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lengths {
    moment: String,
    minutes: String,
    hours: String,
    days: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Silent {
    resolved: String,
    in_progress: String,
    completed: String,
    cancelled: String,
    other: String,
    minor: String,
    major: String,
    critical: String,
    opened: String,
    announced: String,
}

/// A text for each impact.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct States {
    operational: String,
    maintenance: String,
    minor: String,
    major: String,
    critical: String,
}

impl States {
    fn of(&self, impact: Option<Impact>) -> &str {
        match impact {
            None => &self.operational,
            Some(Impact::Maintenance) => &self.maintenance,
            Some(Impact::Minor) => &self.minor,
            Some(Impact::Major) => &self.major,
            Some(Impact::Critical) => &self.critical,
        }
    }
}

impl Texts {
    /// The texts of a language; `None` if its file is damaged.
    #[must_use]
    pub fn of(language: Language) -> Option<Self> {
        toml::from_str(language.source()).ok()
    }

    #[must_use]
    pub fn stage(&self, stage: Stage) -> &str {
        self.stage.get(&stage).map_or("", String::as_str)
    }

    /// The impact of an incident, on the same scale as a component's status.
    #[must_use]
    pub fn impact(&self, impact: Impact) -> &str {
        match impact {
            Impact::Maintenance => self.words("maintenance_impact"),
            impact => self.status.of(Some(impact)),
        }
    }

    /// The status of a component, given the impact on it.
    #[must_use]
    pub fn status(&self, impact: Option<Impact>) -> &str {
        self.status.of(impact)
    }

    /// The overall status, given the worst current impact.
    #[must_use]
    pub fn overall(&self, impact: Option<Impact>) -> &str {
        match impact {
            None => self.words("all_operational"),
            impact => self.status.of(impact),
        }
    }

    /// The text for an update without one: its stage if that changed, otherwise its impact if that
    /// changed.
    #[must_use]
    pub fn silent(&self, reached: Option<Stage>, impact: Option<Impact>) -> &str {
        match (reached, impact) {
            (Some(Stage::Resolved), _) => &self.silent.resolved,
            (Some(Stage::InProgress), _) => &self.silent.in_progress,
            (Some(Stage::Completed), _) => &self.silent.completed,
            (Some(Stage::Cancelled), _) => &self.silent.cancelled,
            (_, Some(Impact::Minor)) => &self.silent.minor,
            (_, Some(Impact::Major)) => &self.silent.major,
            (_, Some(Impact::Critical)) => &self.silent.critical,
            _ => &self.silent.other,
        }
    }

    /// The text for the first update if it only repeats the title.
    #[must_use]
    pub fn beginning(&self, maintenance: bool) -> &str {
        if maintenance { &self.silent.announced } else { &self.silent.opened }
    }

    /// Further texts for templates, by name.
    #[must_use]
    pub fn page(&self) -> &BTreeMap<String, String> {
        &self.page
    }

    /// One of those texts; empty if it does not exist.
    #[must_use]
    pub fn words(&self, name: &str) -> &str {
        self.page.get(name).map_or("", String::as_str)
    }

    /// A share in thousandths of a per cent, without trailing zeros.
    #[must_use]
    pub fn percent(&self, thousandths: u64) -> String {
        let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
        let fraction = format!("{rest:03}");
        let fraction = fraction.trim_end_matches('0');
        let decimal = if fraction.is_empty() { "" } else { &self.formats.decimal };
        self.formats.percent.replace("{n}", &format!("{whole}{decimal}{fraction}"))
    }

    /// A day without its year, for recent dates.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        self.fill(&self.formats.day, date)
    }

    #[must_use]
    pub fn date(&self, date: Date) -> String {
        self.fill(&self.formats.date, date)
    }

    /// A time in a zone, with the zone's abbreviation.
    #[must_use]
    pub fn date_time(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.moment(&self.formats.date_time, at, zone)
    }

    /// The same without the year, for recent times.
    #[must_use]
    pub fn day_time(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.moment(&self.formats.day_time, at, zone)
    }

    fn moment(&self, format: &str, at: Timestamp, zone: &TimeZone) -> String {
        let zoned = at.to_zoned(zone.clone());
        self.fill(format, zoned.date())
            .replace("{time}", &zoned.strftime("%H:%M").to_string())
            .replace("{zone}", &zoned.strftime("%Z").to_string())
    }

    /// A month with its year, and with its part if it has several.
    #[must_use]
    pub fn month(&self, month: MonthPart) -> String {
        let Some(day) = month.first_day() else {
            return month.to_string();
        };
        let name = self.fill(&self.formats.month, day);
        if month.part() > 1 { format!("{name} ({})", month.part()) } else { name }
    }

    fn fill(&self, format: &str, date: Date) -> String {
        let name = |names: &[String]| {
            let place = usize::try_from(date.month() - 1).ok();
            place.and_then(|place| names.get(place)).cloned().unwrap_or_default()
        };
        format
            .replace("{month_long}", &name(&self.months_long))
            .replace("{month}", &name(&self.months))
            .replace("{day}", &date.day().to_string())
            .replace("{year}", &date.year().to_string())
    }

    /// A duration in its two largest units, such as `2 h 5 min`.
    #[must_use]
    pub fn duration(&self, duration: SignedDuration) -> String {
        let minutes = duration.as_mins().max(0);
        let units = [
            (minutes / 1_440, &self.duration.days),
            (minutes / 60 % 24, &self.duration.hours),
            (minutes % 60, &self.duration.minutes),
        ];
        let Some(largest) = units.iter().position(|(n, _)| *n > 0) else {
            return self.duration.moment.clone();
        };
        let shown = units.iter().skip(largest).take(2).filter(|(n, _)| *n > 0);
        let words: Vec<String> =
            shown.map(|(n, unit)| unit.replace("{n}", &n.to_string())).collect();
        words.join(" ")
    }
}

/// Texts that occur only in files, in the page's language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTexts {
    pub(super) incidents: String,
    pub(super) updates: String,
    pub(super) component: String,
    pub(super) calendar: String,
    pub(super) affected: String,
    pub(super) planned: String,
    pub(super) next_update: String,
    pub(super) corrected: String,
    pub(super) older: String,
    pub(super) ended: String,
}
