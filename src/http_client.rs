//! HTTP clients: their time limits, and the TLS library behind them.

use std::time::Duration;

/// How long a connection may take to stand.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// How long a request may take, connection and answer included.
const REQUEST_MAX: Duration = Duration::from_millis(2500);

/// The builder of every HTTP client of this software: with its time limits, without redirects and
/// repetitions.
pub fn http_client() -> reqwest::ClientBuilder {
    // An error says that one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_MAX)
        .timeout(REQUEST_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}
