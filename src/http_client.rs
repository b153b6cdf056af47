//! HTTP clients: time limits and TLS library.

use std::time::Duration;

/// Time limit for connecting.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// Time limit for a request, including connecting and the answer.
const REQUEST_MAX: Duration = Duration::from_millis(2500);

/// Builder of every HTTP client of this program: with time limits, without redirects or retries.
pub fn http_client() -> reqwest::ClientBuilder {
    // An error only means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_MAX)
        .timeout(REQUEST_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}
