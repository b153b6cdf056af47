//! Times in the past at which an incident began or ended, typed afterwards.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::context::Context;
use super::numbers::number;
use super::past::{Past, past_moment, read_past};
use super::reader::without_closing;
use super::refusal::Refusal;
use crate::incident::model::{Incident, Number, Stage};
use crate::response::milestone::Milestone;
use crate::response::model::{ClosedPeriod, Response};
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::{first_shown, unpunctuated};

/// The limit of words in a time.
const TIME_WORDS_MAX: usize = 5;

/// A time on a day next to those of a closed incident has to be nearer by this much.
const BESIDE: SignedDuration = SignedDuration::from_hours(12);

/// `at 17:00`, `17:00`, `20m ago` or `yesterday 17:00` behind `close`, and how many words that is. It
/// counts only at the end of the line, or with a colon behind it: otherwise it may be part of the text.
///
/// # Errors
/// A refusal of a time that is followed by text, and of a length of time that may be past or future.
pub(crate) fn closing_time(
    rest: &str,
    about: Option<Number>,
) -> Result<Option<(Past, usize)>, Refusal> {
    let words: Vec<&str> = rest.split_whitespace().take(TIME_WORDS_MAX).collect();
    let (past, taken) = match read_past(&words) {
        Ok(Some(read)) => read,
        Ok(None) => {
            let now = Past::Ago(SignedDuration::ZERO);
            return Ok(no_time_ago(&words).map(|taken| (now, taken)));
        }
        Err(_) => {
            let behind = words.iter().find(|word| !word.eq_ignore_ascii_case("at"));
            let Some(found) = behind.filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            else {
                return Ok(None);
            };
            let found = escape(&excerpt(&clean_name(without_closing(found))));
            return Err(Refusal::new(format!(
                "“{found}” isn't a time that exists. Nothing was changed. Type:"
            ))
            .line_about("close", about, "at <time>"));
        }
    };
    let word = |place: usize| words.get(place).copied().unwrap_or_default();
    let last = word(taken.saturating_sub(1));
    let is_marked = ["at", "yesterday"].iter().any(|mark| mark.eq_ignore_ascii_case(word(0)))
        || unpunctuated(last).eq_ignore_ascii_case("ago");
    let mut behind = rest.split_whitespace().skip(taken);
    let names_incident = |next: &str| number(without_closing(next)).is_some();
    let (next, more) = (behind.next(), behind.next());
    let is_alone = next.is_none_or(|next| names_incident(next) && more.is_none());
    let is_now = past == Past::Ago(SignedDuration::ZERO) && !is_marked && !last.ends_with(':');
    if is_now || !is_marked && !is_alone && !last.ends_with(':') {
        return Ok(None);
    }
    if !is_marked && matches!(past, Past::Ago(_)) {
        let length = words.get(..taken).unwrap_or_default().join(" ");
        let length = unpunctuated(&length);
        return Err(Refusal::new(format!(
            "“{length}” could be past or future, so nothing was done. If it was over \
             before:"
        ))
        .line_about("close", about, &format!("{length} ago"))
        .sentence("To close it now:")
        .line_about("close", about, ""));
    }
    if is_alone || last.ends_with(':') || next.is_some_and(names_incident) {
        return Ok(Some((past, taken)));
    }
    let time = words.get(..taken).unwrap_or_default().join(" ");
    Err(Refusal::new(
        "The time could be when it was over, or part of the text, so nothing was done. If it was \
         over then, put a colon after the time:",
    )
    .line_about("close", about, &format!("{time}: <text>"))
    .offer_about("Otherwise begin the text with a different word:", "close", about, "<text>"))
}

/// The number of words of "0m ago" and "0 minutes ago".
fn no_time_ago(words: &[&str]) -> Option<usize> {
    let unit = words.first()?.strip_prefix('0')?.trim_start_matches('0');
    let ago = if unit.is_empty() { 2 } else { 1 };
    let is_ago = unpunctuated(words.get(ago)?).eq_ignore_ascii_case("ago");
    (unit.chars().all(char::is_alphabetic) && is_ago).then_some(ago + 1)
}

/// The time at the beginning of the words, with its number of words.
pub(crate) fn leading_time(words: &[&str]) -> Option<(Past, usize)> {
    read_past(words.get(..words.len().min(TIME_WORDS_MAX))?).ok().flatten()
}

impl Context<'_> {
    /// The moment of a time that is typed for an incident. Without a day it is on a day of a closed
    /// incident, or on the day before or after it if that is far nearer; otherwise it is the nearest past one.
    ///
    /// # Errors
    /// The time is in the future.
    pub(crate) fn moment_of(
        &self,
        past: Past,
        closed: Option<ClosedTime>,
        fits: impl Fn(Timestamp) -> bool,
    ) -> Result<Timestamp, Refusal> {
        let (now, zone) = (self.time(), &self.config.time_zone);
        let (Past::Time(time), Some(ClosedTime { from, to, near })) = (past, closed) else {
            return past_moment(past, now, zone);
        };
        let [first, last, around] = [from, to, near].map(|at| at.to_zoned(zone.clone()).date());
        let days =
            [first, last, around].map(|day| [Some(day), day.yesterday().ok(), day.tomorrow().ok()]);
        let is_own = |at: Timestamp| (first..=last).contains(&at.to_zoned(zone.clone()).date());
        let far = |at: Timestamp| {
            let away = from.duration_since(at).max(at.duration_since(to)).max(SignedDuration::ZERO);
            let beside = if is_own(at) { SignedDuration::ZERO } else { BESIDE };
            (!fits(at), away + beside, near.duration_since(at).abs())
        };
        let on = |day: Date| first_shown(day.to_datetime(time), zone);
        let moments = days.into_iter().flatten().flatten().map(on);
        let can_be = |at: &Timestamp| is_own(*at) || *at <= now;
        let meant = moments.filter(can_be).min_by_key(|at| far(*at));
        past_moment(meant.map_or(past, Past::Exact), now, zone)
    }

    /// When an incident was over that is open, and was opened or reopened last as `begun` says.
    ///
    /// # Errors
    /// A refusal of a time that is no later than that.
    pub(crate) fn ended_at(
        &self,
        number: Number,
        past: Option<Past>,
        begun: Begun,
    ) -> Result<Option<Timestamp>, Refusal> {
        let Some(past) = past else { return Ok(None) };
        let at = self.moment_of(past, None, |_| true)?;
        self.check_end((number, "close"), at, begun)?;
        Ok(Some(at))
    }

    /// Refuses an end that is no later than the opening, or the last reopening.
    pub(crate) fn check_end(
        &self,
        (number, verb): (Number, &str),
        at: Timestamp,
        begun: Begun,
    ) -> Result<(), Refusal> {
        if at > begun.at {
            return Ok(());
        }
        let [at, bound] = [at, begun.at].map(|at| self.clock(at));
        let bounded = if begun.again { "reopened" } else { "opened" };
        let refusal = Refusal::new(format!(
            "{at} isn't after #{number} was {bounded} ({bound}), so nothing was changed."
        ));
        if begun.can_move {
            return Err(refusal
                .sentence("If it began earlier:")
                .line(format!("correct #{number} started <time>")));
        }
        let refusal = refusal.sentence("With a later time:");
        Err(match verb {
            "close" => refusal
                .line(format!("close #{number} at <time>"))
                .sentence("To close it now:")
                .line(format!("close #{number}")),
            _ => refusal.line(format!("correct #{number} closed <time>")),
        })
    }

    /// Refuses a start so long ago that it must be a slip.
    pub(crate) fn check_beginning(&self, at: Timestamp) -> Result<(), Refusal> {
        let year_ago = self.time().checked_sub(8_760.hours()).unwrap_or(Timestamp::MIN);
        if at >= year_ago {
            return Ok(());
        }
        let at = self.clock(at);
        Err(Refusal::new(format!("{at} is more than a year ago, so nothing was changed.")))
    }
}

/// When an incident was opened, or reopened last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) at: Timestamp,
    /// True for a reopening.
    again: bool,
    /// True if `correct` can make it earlier.
    can_move: bool,
}

impl Begun {
    /// Of an incident or a maintenance on the page; a maintenance begins as planned.
    pub(crate) fn public(incident: &Incident) -> Self {
        let at = opened_last(incident);
        let again = !incident.is_maintenance() && at != incident.opened;
        Self { at, again, can_move: !again && !incident.is_maintenance() }
    }

    /// Of an incident that is not on the page.
    pub(crate) fn internal(response: &Response) -> Option<Self> {
        let again = response.closed.last().map(|ClosedPeriod(_, again)| *again);
        let at = again.or(response.milestones.at(Milestone::Declared))?;
        Some(Self { at, again: again.is_some(), can_move: false })
    }
}

/// When a closed incident went on, and the end of it that a typed time is likelier to be near.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosedTime {
    from: Timestamp,
    to: Timestamp,
    near: Timestamp,
}

impl ClosedTime {
    /// Of a time that is about the beginning; `None` while it is open.
    pub(crate) fn begun(from: Timestamp, to: Option<Timestamp>) -> Option<Self> {
        to.map(|to| Self { from, to: to.max(from), near: from })
    }

    /// Of a time that is about the end, or anything in between.
    pub(crate) fn over(from: Timestamp, to: Option<Timestamp>) -> Option<Self> {
        to.map(|to| Self { from, to: to.max(from), near: to })
    }

    /// The same of a response.
    pub(crate) fn of_response(response: &Response, milestone: Option<Milestone>) -> Option<Self> {
        let (ended, milestones) = (response.ended(), &response.milestones);
        let from = milestones.at(Milestone::Declared).or(ended)?;
        let is_beginning = matches!(
            milestone,
            Some(Milestone::Started | Milestone::Detected | Milestone::Acknowledged)
        );
        if is_beginning { Self::begun(from, ended) } else { Self::over(from, ended) }
    }
}

/// When an incident was opened, the last time; the beginning of a maintenance.
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
