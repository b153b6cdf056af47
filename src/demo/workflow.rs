//! A Teams workflow made from the template "Post to a channel when a webhook request is received"
//! (learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams").

use serde_json::Value;

use crate::core::http::{Body, Request, Response};

/// The largest message (same page: "Message size limit is 28 KB").
const MESSAGE_BYTES_MAX: usize = 28 * 1024;

/// A workflow, and what became of its runs.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// The messages that stand in the channel, as they were sent.
    pub posted: Vec<Value>,
    /// Why runs failed. Only their history tells: the caller got the same answer.
    pub failed: Vec<String>,
    /// What the next runs answer although they posted, as flows do whose answer stands behind a
    /// step that fails (learn.microsoft.com, "Response action").
    pub answers: Vec<u16>,
}

impl Workflow {
    /// 202 says that a run started, and nothing more.
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

/// Why the run fails, in the words of its history (issue threads of its users, 2024 to
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
