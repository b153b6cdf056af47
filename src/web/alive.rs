//! Answers the host's liveness check.

use super::app::{App, Work};

pub(super) fn answer(app: &App) -> String {
    let Work::Running(service) = &app.work else {
        return "StatusUpdate is running, and an invalid setting stops its work.\n".to_owned();
    };
    match &service.site().config().public_url {
        Some(url) => format!("StatusUpdate is running. The status page is {url}/\n"),
        None => "StatusUpdate is running.\n".to_owned(),
    }
}
