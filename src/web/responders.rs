//! Responder pages, at signed addresses that expire.
//!
//! Neither address nor content is logged or cached. Anyone with the address can read the page, so
//! an invalid address is answered like a nonexistent one.

use std::sync::Arc;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, USER_AGENT,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tracing::warn;

use super::app::{App, Arrival, Work};
use crate::core::answer::Answer;
use crate::core::commands::Subject;
use crate::core::commands::refusal::{Refusal, RefusalKind};
use crate::core::commands::timeline::Portion;
use crate::core::response::events::ResponseEvent;
use crate::core::review::html;
use crate::core::teams::link::{ResponderLinks, ResponderPage};
use crate::service::{Outcome, Service};

/// Parts of the user agents of link previews and crawlers, which must not read these pages.
const PREVIEWS: [&str; 8] =
    ["preview", "bot", "slack", "facebookexternalhit", "whatsapp", "crawler", "spider", "embed"];

pub(super) async fn answer(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    arrival: Arrival,
) -> Response {
    let response = match (&app.links, &app.work) {
        (Some(links), Work::Running(service)) if !is_preview(headers) => {
            match links.page(uri.query().unwrap_or_default(), arrival.time) {
                Some(page) => shown(service, page, arrival).await,
                None => gone(),
            }
        }
        _ => gone(),
    };
    let kept = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (kept, response).into_response()
}

/// Adds the address of the responder page for the whole content, if there is one.
pub(super) fn linked(
    answer: Answer,
    outcome: &Outcome,
    links: Option<&ResponderLinks>,
    now: Timestamp,
) -> Answer {
    let page = page_of(outcome);
    let address = links.zip(page).and_then(|(links, page)| links.address(page, now));
    let Some(address) = address else {
        return answer;
    };
    match answer {
        Answer::Card(mut card) => {
            card.links.push(("Open the review (responders only, 24 h)".to_owned(), address));
            Answer::Card(card)
        }
        Answer::Sentence(text) => Answer::Sentence(format!(
            "{text}\n\n[Open all of it in the browser]({address}) (responders only, 24 h)"
        )),
    }
}

fn page_of(outcome: &Outcome) -> Option<ResponderPage> {
    match outcome {
        Outcome::Recorded { record, .. } => record.response().find_map(|event| match event {
            ResponseEvent::Reviewed { number } => Some(ResponderPage::Review(*number)),
            _ => None,
        }),
        Outcome::Report { asked, .. } => match &asked.question.subject {
            Subject::Timeline(portion) if *portion != Portion::Summary => {
                asked.response().map(|response| ResponderPage::Timeline(response.number))
            }
            Subject::OnCall(_) => Some(ResponderPage::OnCall),
            _ => None,
        },
        // The draft, while the incident is open.
        Outcome::Refused(Refusal { kind: Some(RefusalKind::StillOpen(number)), .. }) => {
            Some(ResponderPage::Review(*number))
        }
        _ => None,
    }
}

fn is_preview(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.unwrap_or_default().to_ascii_lowercase();
    PREVIEWS.iter().any(|preview| agent.contains(preview))
}

/// The same answer for expired and invalid addresses.
fn gone() -> Response {
    let text = "This link has expired or is not valid. Ask for a new one in the channel: \
                `review`, `timeline full` or `oncall`.\n";
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn shown(service: &Arc<Service>, page: ResponderPage, arrival: Arrival) -> Response {
    let document = match page {
        ResponderPage::Review(number) => service.review(number).await.map(|review| {
            review.map(|review| {
                let title = format!("Review of #{number}: {}", review.title);
                html::page(&title, &review.markdown, &review.figure)
            })
        }),
        ResponderPage::Timeline(number) => service.whole_timeline(number).await.map(|timeline| {
            timeline.map(|(title, markdown)| {
                html::page(&format!("Timeline of #{number}: {title}"), &markdown, "")
            })
        }),
        ResponderPage::OnCall => service
            .on_call(arrival.time)
            .await
            .map(|markdown| Some(html::page("On call", &format!("# On call\n\n{markdown}"), ""))),
    };
    match document {
        Ok(Some(html)) => {
            let policy = format!("{}; frame-ancestors 'none'", html::policy());
            let kind = "text/html; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)], html).into_response()
        }
        Ok(None) => gone(),
        Err(error) => {
            warn!(%error, "a page for responders could not be shown");
            let text = "Storage did not answer. Try again in a minute.\n";
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}
