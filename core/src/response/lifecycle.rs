//! The phase of a response, and the questions still open about it. Both are derived, so that they
//! cannot contradict the record.

use super::milestone::Milestone;
use super::model::{Response, Topic};

/// A phase in the life of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nobody has taken it on.
    Detection,
    /// Someone is working on it.
    Response,
    /// Customers no longer notice it; the cause remains.
    Remediation,
    /// Closed; the review is missing.
    Analysis,
    /// Reviewed; action items are open.
    Readiness,
    Done,
}

impl Phase {
    /// The word that is shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::Response => "response",
            Self::Remediation => "remediation",
            Self::Analysis => "analysis",
            Self::Readiness => "readiness",
            Self::Done => "done",
        }
    }
}

/// A question to be answered about every incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    When,
    How,
    Aware,
    Doing,
    HowBad,
}

impl Question {
    /// In the order in which they are asked.
    pub const ALL: [Self; 5] = [Self::When, Self::How, Self::Aware, Self::Doing, Self::HowBad];

    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::When => "When did we know?",
            Self::How => "How did we know?",
            Self::Aware => "Who else knows?",
            Self::Doing => "What is being done?",
            Self::HowBad => "How bad is it, and for whom?",
        }
    }
}

impl Question {
    /// Names the fact that is missing while the question is open.
    #[must_use]
    pub fn unknown(self) -> &'static str {
        match self {
            Self::When => "detection time",
            Self::How => "source",
            Self::Aware => "who is aware",
            Self::Doing => "current action",
            Self::HowBad => "customer impact",
        }
    }
}

impl Response {
    #[must_use]
    pub fn phase(&self) -> Phase {
        let reached = |milestone| self.milestones.at(milestone).is_some();
        if self.is_open() {
            return match () {
                () if reached(Milestone::Mitigated) || reached(Milestone::Resolved) => {
                    Phase::Remediation
                }
                () if reached(Milestone::Acknowledged) || self.has_returned() => Phase::Response,
                () => Phase::Detection,
            };
        }
        match () {
            () if self.reviewed.is_none() => Phase::Analysis,
            () if self.open_actions().next().is_some() => Phase::Readiness,
            () => Phase::Done,
        }
    }

    /// Its alert fires again after a mitigation, so it was detected long ago.
    fn has_returned(&self) -> bool {
        self.alert.as_ref().is_some_and(|alert| alert.course.returned)
    }

    pub fn unanswered(&self) -> impl Iterator<Item = Question> {
        Question::ALL.into_iter().filter(|question| !self.is_answered(*question))
    }

    /// Returns `true` if every part of the question is answered.
    #[must_use]
    pub fn is_answered(&self, question: Question) -> bool {
        let detected = self.milestones.last(Milestone::Detected);
        match question {
            Question::When => detected.is_some(),
            Question::How => detected.is_some_and(|reading| reading.via.is_some()),
            Question::Aware => self.reply(Topic::Aware).is_some(),
            Question::Doing => self.reply(Topic::Doing).is_some(),
            Question::HowBad => self.severity.is_some() && self.reply(Topic::Affected).is_some(),
        }
    }
}
