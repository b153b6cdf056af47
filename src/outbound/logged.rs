//! Logs unsuccessful answers.

use std::sync::Arc;

use tracing::warn;

use super::{Outbound, OutboundFuture};
use crate::core::http::{Receiver, Request, error_code};

/// Logs status and error code of each answer that is not a success. An error's message can quote a
/// title or a person, so it is shown in the channel only.
pub struct Logged(pub Arc<dyn Outbound>);

impl Outbound for Logged {
    fn reaches(&self, receiver: Receiver) -> bool {
        self.0.reaches(receiver)
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        Box::pin(async move {
            let result = self.0.send(request).await;
            let receiver = request.to.name();
            match &result {
                Ok(response) if (200..300).contains(&response.status) => {}
                Ok(response) => {
                    let (status, code) = (response.status, error_code(response));
                    let retry_after_s = response.retry_after.map(|wait| wait.as_secs());
                    warn!(receiver, status, code, retry_after_s, "not done by the receiver");
                }
                // The adapter's own text, which contains nothing of the request.
                Err(failure) => warn!(receiver, %failure, "no answer from the receiver"),
            }
            result
        })
    }
}
