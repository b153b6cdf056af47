//! Times in the past at which an incident began or ended, typed afterwards.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::context::Context;
use super::numbers::number;
use super::past::{Past, past_moment, read_past};
use super::reader::without_closing;
use super::refusal::Refusal;
use crate::incident::model::{Incident, Number, Stage};
use crate::text::time::{first_shown, spoken, unpunctuated};

/// The limit of words in a time.
const TIME_WORDS_MAX: usize = 5;

/// `at 17:00`, `20m ago` or `yesterday 17:00` after `close`, with the number of words. It counts
/// only at the end of the line or before a colon; otherwise it may be part of the text.
///
/// # Errors
/// Text follows the time.
pub(crate) fn closing_time(rest: &str) -> Result<Option<(Past, usize)>, Refusal> {
    let words: Vec<&str> = rest.split_whitespace().take(TIME_WORDS_MAX).collect();
    let Ok(Some((past, taken))) = read_past(&words) else {
        return Ok(None);
    };
    let word = |place: usize| words.get(place).copied().unwrap_or_default();
    let last = word(taken.saturating_sub(1));
    let is_marked = ["at", "yesterday"].iter().any(|mark| mark.eq_ignore_ascii_case(word(0)))
        || unpunctuated(last).eq_ignore_ascii_case("ago");
    if !is_marked {
        return Ok(None);
    }
    let next = rest.split_whitespace().nth(taken);
    let ends =
        last.ends_with(':') || next.is_none_or(|next| number(without_closing(next)).is_some());
    if ends {
        return Ok(Some((past, taken)));
    }
    Err(Refusal::new(
        "The time could be when it was over, or part of the text, so nothing was done. If it was \
         over then, put a colon after the time:",
    )
    .line("close at <time>: <text>")
    .sentence("Otherwise begin the text with another word:")
    .line("close <text>"))
}

/// The time at the beginning of the words, with its number of words.
pub(crate) fn leading_time(words: &[&str]) -> Option<(Past, usize)> {
    read_past(words.get(..words.len().min(TIME_WORDS_MAX))?).ok().flatten()
}

impl Context<'_> {
    /// The moment of a time that is typed for an incident. Without a day, it is on the day of
    /// `own`, a moment of a closed incident, or the nearest one that `fits`.
    ///
    /// # Errors
    /// The time is in the future.
    pub(crate) fn moment_of(
        &self,
        past: Past,
        own: Option<Timestamp>,
        fits: impl Fn(Timestamp) -> bool,
    ) -> Result<Timestamp, Refusal> {
        let (now, zone) = (self.time(), &self.config.time_zone);
        let (Past::Time(time), Some(own)) = (past, own) else {
            return past_moment(past, now, zone);
        };
        let day = own.to_zoned(zone.clone()).date();
        let days = [Some(day), day.tomorrow().ok(), day.yesterday().ok()];
        let on = |day: Date| first_shown(day.to_datetime(time), zone);
        let mut moments = days.into_iter().flatten().map(on).filter(|at| *at <= now);
        let first = moments.clone().next();
        moments.find(|at| fits(*at)).or(first).map_or_else(|| past_moment(past, now, zone), Ok)
    }

    /// The end of an incident that has been open since `opened`.
    ///
    /// # Errors
    /// The time is not after its opening.
    pub(crate) fn ended_at(
        &self,
        number: Number,
        past: Option<Past>,
        opened: Timestamp,
    ) -> Result<Option<Timestamp>, Refusal> {
        let Some(past) = past else { return Ok(None) };
        let at = self.moment_of(past, None, |_| true)?;
        self.check_end(number, at, opened)?;
        Ok(Some(at))
    }

    /// Refuses an end that is not after the opening.
    pub(crate) fn check_end(
        &self,
        number: Number,
        at: Timestamp,
        opened: Timestamp,
    ) -> Result<(), Refusal> {
        if at > opened {
            return Ok(());
        }
        let zone = &self.config.time_zone;
        let (at, opened) = (spoken(at, zone), spoken(opened, zone));
        Err(Refusal::new(format!(
            "{at} isn't after #{number} was opened ({opened}), so nothing was changed. If it began \
             earlier:"
        ))
        .line(format!("correct #{number} started <time>")))
    }

    /// Refuses a start so long ago that it must be a slip.
    pub(crate) fn check_beginning(&self, at: Timestamp) -> Result<(), Refusal> {
        let year_ago = self.time().checked_sub(8_760.hours()).unwrap_or(Timestamp::MIN);
        if at >= year_ago {
            return Ok(());
        }
        let at = spoken(at, &self.config.time_zone);
        Err(Refusal::new(format!("{at} is more than a year ago, so nothing was changed.")))
    }
}

/// The incident's last opening, or the start of a maintenance.
pub(crate) fn opened_last(incident: &Incident) -> Timestamp {
    if incident.is_maintenance() {
        return incident.began();
    }
    let ends = incident.updates.iter().enumerate().filter(|(_, update)| update.stage.is_end());
    let mut ends =
        ends.map(|(place, _)| place).rev().skip(usize::from(incident.resolved.is_some()));
    let since = ends.next().and_then(|end| incident.updates.get(end + 1..));
    let mut since = since.unwrap_or_default().iter();
    since
        .find(|update| update.stage != Stage::PostMortem)
        .map_or(incident.opened, |update| update.at)
}
