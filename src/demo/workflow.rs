//! A Teams workflow from the template "Post to a channel when a webhook request is received"
//! (learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams").

use serde_json::Value;

use crate::core::http::{Body, Request, Response};

/// Maximum size of a message (same page: "Message size limit is 28 KB").
const MESSAGE_BYTES_MAX: usize = 28 * 1024;

/// A workflow with the results of its runs.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// Messages in the channel, as they were sent.
    pub posted: Vec<Value>,
    /// Reasons of failed runs. Only the run history shows them: the caller gets the same answer.
    pub failed: Vec<String>,
    /// Statuses that the next runs return although they post, as flows do if a step before their
    /// Response action fails (learn.microsoft.com, "Response action").
    pub answers: Vec<u16>,
}

impl Workflow {
    /// 202 only means that a run has started.
    pub fn answer(&mut self, request: &Request) -> Response {
        if let Some(Body::Json(body)) = &request.body {
            match problem(body) {
                None => self.posted.push(body.clone()),
                Some(problem) => self.failed.push(problem),
            }
        } else {
            self.failed.push("no body".to_owned());
        }
        let status = self.answers.pop().unwrap_or(202);
        Response { status, retry_after: None, json: None }
    }
}

/// Reason why the run fails, in the words of the run history (issue threads of its users, 2024 to
/// 2026).
fn problem(body: &Value) -> Option<String> {
    let Some(attachments) = body.get("attachments").and_then(Value::as_array) else {
        return Some("the foreach expression is of type 'Null'".to_owned());
    };
    if body.to_string().len() > MESSAGE_BYTES_MAX {
        return Some("the message is too large".to_owned());
    }
    let is_card = |attachment: &Value| {
        let text = |at: &str| attachment.pointer(at).and_then(Value::as_str);
        text("/contentType") == Some("application/vnd.microsoft.card.adaptive")
            && text("/content/type") == Some("AdaptiveCard")
            && text("/content/version").is_some()
            && attachment.pointer("/content/body").is_some_and(Value::is_array)
    };
    (!attachments.iter().all(is_card)).then(|| "InvalidBotAdaptiveCard".to_owned())
}
