//! Log lines of unsuccessful answers.

use std::sync::Arc;

use tracing::warn;

use super::{Outbound, OutboundFuture};
use crate::core::http::{Receiver, Request, error_code};

/// A way to external services that leaves a line for each answer which is not a success: its status
/// and its error's code. What an error says in words can quote a title or a person, so those words
/// are for the channel alone.
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
                // The adapter's own words: nothing of the request is in them.
                Err(failure) => warn!(receiver, %failure, "no answer from the receiver"),
            }
            result
        })
    }
}
