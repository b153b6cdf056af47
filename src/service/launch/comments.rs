//! The comments of a closed incident. Each is written once, in parts if it is too large, and
//! corrected when it changes. A mark at the end identifies every part.

use super::boards::Project;
use super::waiting::{FOUND_AFTER, too_early};
use crate::core::connectors::boards::{self, comment_url};
use crate::core::connectors::boards_answer::{BoardsRefusal, FoundComment, comment_id, comments};
use crate::core::connectors::boards_text::{Mark, NOTHING_LEFT, comment_html, parts};
use crate::core::http::Failure;
use crate::core::launch::brief::{Brief, Comment, WorkItem};
use crate::core::launch::step::{Attempt, StepOutcome};

const PAGES_MAX: usize = 50;

/// Writes and corrects comments. Returns a wait if a part may exist already.
pub(super) async fn write(
    project: &Project<'_>,
    brief: &Brief,
    item: &WorkItem,
    attempt: &Attempt,
) -> Result<Option<StepOutcome>, Failure> {
    if brief.comments.is_empty() {
        return Ok(None);
    }
    let there = read(project, brief, item).await?;
    for comment in &brief.comments {
        let ours = Ours { project, brief, item, comment, there: &there };
        if let Some(wait) = ours.write(attempt).await? {
            return Ok(Some(wait));
        }
    }
    Ok(None)
}

/// All existing comments of ours.
async fn read(
    project: &Project<'_>,
    brief: &Brief,
    item: &WorkItem,
) -> Result<Vec<FoundComment>, Failure> {
    let mut there = Vec::new();
    let mut behind: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let request = boards::comments(project.place, item.id, behind.as_deref());
        let (found, more) = comments(&project.ask(&request).await?, &brief.key);
        there.extend(found);
        if more.is_none() {
            break;
        }
        behind = more;
    }
    Ok(there)
}

/// One comment in its parts.
struct Ours<'a> {
    project: &'a Project<'a>,
    brief: &'a Brief,
    item: &'a WorkItem,
    comment: &'a Comment,
    there: &'a [FoundComment],
}

impl Ours<'_> {
    /// The last part comes first, so that each can link to the one after it.
    async fn write(&self, attempt: &Attempt) -> Result<Option<StepOutcome>, Failure> {
        let parts = parts(self.comment);
        for number in parts.len() + 1.. {
            let Some(surplus) = self.find(&Mark::new(self.brief, self.comment, number, "").name)
            else {
                break;
            };
            self.correct(surplus, number, NOTHING_LEFT, None).await?;
        }
        let mut next: Option<String> = None;
        for part in parts.iter().rev() {
            let html = format!("{}{}", part.html, next.as_deref().unwrap_or_default());
            let mark = Mark::new(self.brief, self.comment, part.number, &html);
            let id = if let Some(found) = self.find(&mark.name) {
                self.correct(found, part.number, &part.html, next.as_deref()).await?;
                found.id
            } else {
                let why = "an earlier try may have written a comment that is not listed yet";
                if let Some(wait) = too_early(attempt, FOUND_AFTER, why) {
                    return Ok(Some(wait));
                }
                self.add(&comment_html(&part.html, next.as_deref(), &mark)).await?
            };
            next = Some(comment_url(&self.item.url, id));
        }
        Ok(None)
    }

    fn find(&self, name: &str) -> Option<&FoundComment> {
        self.there.iter().filter(|found| found.mark.name == name).min_by_key(|found| found.id)
    }

    async fn add(&self, html: &str) -> Result<u64, Failure> {
        let request = boards::comment(self.project.place, self.item.id, html);
        let json = self.project.change(&request).await.map_err(BoardsRefusal::into_failure)?;
        let unreadable = || Failure::Unknown("Azure Boards does not say which comment".to_owned());
        comment_id(&json).ok_or_else(unreadable)
    }

    /// Corrects an existing part, unless its text is the same.
    async fn correct(
        &self,
        found: &FoundComment,
        number: usize,
        html: &str,
        next: Option<&str>,
    ) -> Result<(), Failure> {
        let whole = format!("{html}{}", next.unwrap_or_default());
        let mark = Mark::new(self.brief, self.comment, number, &whole);
        if mark == found.mark {
            return Ok(());
        }
        let text = comment_html(html, next, &mark);
        let request = boards::correct_comment(self.project.place, self.item.id, found.id, &text);
        self.project.change(&request).await.map(|_| ()).map_err(BoardsRefusal::into_failure)
    }
}
