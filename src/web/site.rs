//! Serves the published site if no static website does.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tracing::warn;

use super::app::{App, Work};
use crate::store::{self, Container, Key, Store};

/// Reads a page from the store and serves it as `$web` would.
pub(super) async fn answer(app: &App, uri: &Uri, headers: &HeaderMap) -> Response {
    let Work::Running(service) = &app.work else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let store = service.store();
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    match file(store, &name, headers).await {
        Some(response) => response,
        None if file(store, &format!("{name}/index.html"), headers).await.is_some() => {
            (StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("/{path}/"))]).into_response()
        }
        None => match file(store, "404.html", &HeaderMap::new()).await {
            Some(page) => (StatusCode::NOT_FOUND, page).into_response(),
            None => (StatusCode::NOT_FOUND, "not found\n").into_response(),
        },
    }
}

async fn file(store: &dyn Store, name: &str, headers: &HeaderMap) -> Option<Response> {
    let key = Key::new(Container::Web, name);
    let blob = match store.get(&key).await {
        Ok(blob) => blob?,
        // An invalid name is the same as a page that does not exist.
        Err(store::StoreError::Refused(_)) => return None,
        Err(error) => {
            warn!(%key, %error, "a page could not be read");
            return Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
    };
    let etag = format!("\"{}\"", blob.head.etag.0.trim_matches('"'));
    let unchanged = headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &etag));
    let kept = [
        (CACHE_CONTROL, store::cache_control(name).to_owned()),
        (ETAG, etag),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if unchanged {
        return Some((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let content_type = [(CONTENT_TYPE, store::content_type(name))];
    Some((kept, content_type, blob.bytes).into_response())
}

/// Returns `true` if an `If-None-Match` header matches the current version: a list of weak or
/// strong tags, or `*` (RFC 9110, 13.1.2: weak comparison).
fn names(header: &HeaderValue, etag: &str) -> bool {
    let Ok(known) = header.to_str() else {
        return false;
    };
    // Our own ETags contain no comma.
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}
