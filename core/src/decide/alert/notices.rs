//! Messages to the channel about alerts. Nobody has typed a command there, so if they cannot be
//! sent, the next answer to anybody carries them.

use jiff::Timestamp;

use super::notified::Notified;
use super::open::Part;
use crate::alerts::alert::Alert;
use crate::alerts::change::Series;
use crate::alerts::firing::BURST;
use crate::commands::context::Context;
use crate::commands::lines::copyable;
use crate::commands::on_call::reach::announcement_start;
use crate::commands::remarks::impact_line;
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Notice, NoticeKind};
use crate::response::model::Response;
use crate::text::time::spoken;

/// A message to the channel. With `about`, only answers about that incident may carry it.
pub(super) fn said(
    about: Option<Number>,
    heading: String,
    text: String,
    facts: Vec<(String, String)>,
    link: Option<&str>,
) -> Event {
    let link = link.map(|link| ("Open the alert".to_owned(), link.to_owned()));
    message(about, heading, text, facts, link)
}

fn message(
    about: Option<Number>,
    heading: String,
    text: String,
    facts: Vec<(String, String)>,
    link: Option<(String, String)>,
) -> Event {
    let kind = NoticeKind::Announcement;
    let notice = Notice { kind, to: Vec::new(), heading, text, facts, link };
    Event::Delivery(DeliveryEvent::notice(about, notice))
}

pub(super) fn severity_fact(severity: Severity) -> (String, String) {
    ("Severity".to_owned(), severity.number().to_string())
}

/// Reports that test alerts arrive, unless such a message was just queued.
pub(super) fn tested(context: &Context<'_>, alert: &Alert) -> Vec<Event> {
    let heading = format!("A test alert{} arrived", alert.source.behind_alert());
    let text = format!("Alerts reach this page: {}. Nothing was opened.", alert.title);
    once(context, alert, heading, &text, "Open the alert")
}

/// Reports that a sender asks for confirmation, unless such a message was just queued.
pub(super) fn subscription(context: &Context<'_>, alert: &Alert) -> Vec<Event> {
    let heading = format!("{} asks to post alerts here", alert.source.title());
    let text = format!("{}\n{}", alert.title, alert.description);
    once(context, alert, heading, &text, "Confirm the subscription")
}

/// A message that is not repeated within a burst, with a name for its link.
fn once(
    context: &Context<'_>,
    alert: &Alert,
    heading: String,
    text: &str,
    button: &str,
) -> Vec<Event> {
    let is_recent = |at| context.time().duration_since(at) < BURST;
    if was_said(context, |said, at| said == heading && is_recent(at)) {
        return Vec::new();
    }
    let link = alert.link.as_ref().map(|link| (button.to_owned(), link.clone()));
    vec![message(None, heading, text.trim().to_owned(), Vec::new(), link)]
}

/// Searches the kept messages by heading and time of queueing.
pub(super) fn was_said(context: &Context<'_>, is_it: impl Fn(&str, Timestamp) -> bool) -> bool {
    let deliveries = &context.state.deliveries;
    deliveries.waiting().any(|waiting| is_it(&waiting.what.heading(), waiting.queued))
        || deliveries.ended().iter().any(|ended| is_it(&ended.heading, ended.queued))
}

/// An incident was closed to make room for a new one.
pub(super) fn room_notice(closed: &Response) -> Event {
    let (number, title) = (closed.number, closed.title.clone());
    let heading = format!("Incident #{number} is closed to make room: its alert resolved");
    said(None, heading, title, Vec::new(), None)
}

impl Notified<'_> {
    /// An incident was opened. `follows` is the earlier one that a person had closed.
    pub(super) fn opened_notice(&self, number: Number, follows: Option<&Response>) -> Event {
        let (alert, opening) = (self.alert, self.opening);
        let source = alert.source.behind_alert();
        let heading = format!("{}{source}: {}", announcement_start(number), alert.title);
        let follows = follows.map(|closed| {
            format!("The same alert had opened #{}, which was closed.", closed.number)
        });
        let description = alert.description.lines().filter(|line| *line != alert.title);
        let text: Vec<String> = description.map(str::to_owned).chain(follows).collect();
        let mut facts = vec![severity_fact(opening.severity(alert))];
        facts.extend(opening.roster.iter().map(|roster| ("Roster".to_owned(), roster.clone())));
        said(None, heading, text.join("\n"), facts, alert.link.as_deref())
    }

    /// The alert joined an incident because the limit of open incidents was reached.
    pub(super) fn crowded_notice(&self, number: Number) -> Event {
        let alert = self.alert;
        let heading = format!("No room for an incident of its own: {}", alert.title);
        let text = format!(
            "It is recorded in #{number}, because too many incidents are open. Close those that \
             are over."
        );
        let facts = vec![severity_fact(self.opening.severity(alert))];
        said(None, heading, text, facts, alert.link.as_deref())
    }

    /// An incident that a rule had closed was reopened.
    pub(super) fn reopened_notice(&self, number: Number, title: &str) -> Event {
        let heading = format!("Incident #{number} is open again: its alert fires again");
        let facts = vec![severity_fact(self.opening.severity(self.alert))];
        said(None, heading, title.to_owned(), facts, self.alert.link.as_deref())
    }
}

impl Part<'_> {
    fn severity_facts(&self) -> Vec<(String, String)> {
        let raised = self.change.severity.filter(|_| !self.is_typed());
        raised.or(self.response.severity).map(severity_fact).into_iter().collect()
    }

    fn said(&self, about: Option<Number>, what: &str, text: String) -> Event {
        let heading = format!("Incident #{}{what}", self.response.number);
        let link = self.notified.alert.link.as_deref();
        said(about, heading, text, self.severity_facts(), link)
    }

    /// More members fire, or the severity rose.
    pub(super) fn worse_notice(&self) -> Event {
        let unnamed = usize::try_from(self.news.more_left_out).unwrap_or_default();
        let more = self.news.new.len().saturating_add(unnamed);
        let more = match (more, self.change.severity) {
            (0, _) => String::new(),
            (1, _) => "one more alert fires".to_owned(),
            (more, _) => format!("{more} more alerts fire"),
        };
        let severity = self.change.severity.map(|severity| {
            if self.is_typed() {
                return format!("the alert has severity {}", severity.number());
            }
            let was = self.response.severity.map(|was| format!(", was {}", was.number()));
            format!("severity {} now{}", severity.number(), was.unwrap_or_default())
        });
        let parts: Vec<String> =
            severity.into_iter().chain(Some(more)).filter(|part| !part.is_empty()).collect();
        let words = self.news.words();
        let text = if words.is_empty() { self.notified.alert.title.clone() } else { words };
        let text = [Some(text), self.impact()].into_iter().flatten().collect::<Vec<_>>().join("\n");
        self.said(None, &format!(" got worse: {}", parts.join(", ")), text)
    }

    /// The line for the impact that the new severity stands for, or for the severity itself if a
    /// person has set a different one: nothing moves by itself.
    fn impact(&self) -> Option<String> {
        let Context { state, config, .. } = self.notified.context;
        let number = self.response.number;
        if self.is_typed() {
            let (known, alert) = (self.response.severity?, self.change.severity?);
            let line = copyable(&format!("sev #{number} {}", alert.number()));
            let known = known.number();
            return Some(format!(
                "The severity stays {known}, as it was set. To change it: {line}"
            ));
        }
        impact_line(&state.status, number, self.change.severity?, config)
    }

    /// It fires again after it had resolved.
    pub(super) fn again_notice(&self) -> Event {
        let title = &self.notified.alert.title;
        let words = self.news.words();
        let text = if self.notified.alert.members.len() == 1 { String::new() } else { words };
        self.said(None, &format!(" fires again: {title}"), text)
    }

    /// The alert has begun to flap.
    pub(super) fn flapping_notice(&self, series: Series) -> Event {
        let since = spoken(series.since, &self.notified.context.config.time_zone);
        let heading = format!(" fires again and flaps: {} times since {since}", series.firings);
        let text = format!(
            "{}\nThe next message comes when it is quiet for half an hour, or gets worse.",
            self.notified.alert.title
        );
        self.said(None, &heading, text)
    }

    pub(super) fn resolved_notice(&self) -> Event {
        let source = self.notified.alert.source.behind_alert();
        let what = format!(": the alert{source} resolved");
        self.ended(&what)
    }

    pub(super) fn closed_notice(&self) -> Event {
        self.ended(" is closed: its alert resolved")
    }

    fn ended(&self, what: &str) -> Event {
        let number = self.response.number;
        let heading = format!("Incident #{number}{what}");
        let left_out = self.firing.left_out;
        let title = &self.notified.alert.title;
        let resolved = self.news.ended.len();
        let text = match left_out {
            0 => title.clone(),
            _ => format!("{title}\n{resolved} resolved by name, {left_out} more were not named."),
        };
        said(Some(number), heading, text, Vec::new(), self.notified.alert.link.as_deref())
    }
}
