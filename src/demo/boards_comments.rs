//! Comments of a work item (vsts-rest-api-specs, `specification/wit/7.1`, Comments).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::boards::{Boards, error};
use super::boards_rules::identity;
use super::{Asked, add, answer};
use crate::core::http::{Body, Request, Response};

impl Boards {
    pub(super) fn comments(&self, id: u64, asked: &Asked<'_>) -> Response {
        let all = self.items.get(&id).map(|item| &item.comments);
        let behind = asked.value("continuationToken").and_then(|token| token.parse::<u64>().ok());
        let top = asked.value("$top").and_then(|top| top.parse::<usize>().ok()).unwrap_or(200);
        let top = top.min(self.page_length);
        // Newest first.
        let rest: Vec<(&u64, &(String, u64))> = all
            .into_iter()
            .flatten()
            .rev()
            .filter(|(comment, _)| behind.is_none_or(|behind| **comment < behind))
            .collect();
        let page: Vec<Value> =
            rest.iter().take(top).map(|(comment, _)| self.one_comment(id, **comment)).collect();
        let mut json = json!({
            "totalCount": all.map_or(0, BTreeMap::len),
            "count": page.len(),
            "comments": page,
        });
        if let (true, Some((last, _))) = (rest.len() > top, rest.get(top.saturating_sub(1))) {
            add(&mut json, "continuationToken", last.to_string());
        }
        answer(200, json)
    }

    fn one_comment(&self, id: u64, comment: u64) -> Value {
        let found = self.items.get(&id).and_then(|item| item.comments.get(&comment));
        let (text, version) = found.cloned().unwrap_or_default();
        let (by, at) = (identity("status@example.com"), self.now.to_string());
        json!({
            "workItemId": id,
            "id": comment,
            "version": version,
            "text": text,
            "createdBy": by,
            "createdDate": at,
            "modifiedBy": by,
            "modifiedDate": at,
            "url": format!("https://dev.azure.com/_apis/wit/workItems/{id}/comments/{comment}"),
        })
    }

    pub(super) fn comment(&mut self, id: u64, comment: Option<u64>, request: &Request) -> Response {
        let text = match &request.body {
            Some(Body::Json(body)) => body["text"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        if text.trim().is_empty() {
            return error(400, "The comment text is required.", "ArgumentException");
        }
        let Some(item) = self.items.get_mut(&id) else { return self.show(id, false) };
        let next = 1 + item.comments.keys().last().copied().unwrap_or(49);
        let comment = comment.unwrap_or(next);
        if comment != next && !item.comments.contains_key(&comment) {
            return error(404, "The comment does not exist.", "CommentNotFoundException");
        }
        let version = item.comments.get(&comment).map_or(1, |(_, version)| version + 1);
        item.comments.insert(comment, (text, version));
        item.revision += 1;
        answer(200, self.one_comment(id, comment))
    }
}
