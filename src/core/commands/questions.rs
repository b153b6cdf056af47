//! `status`, `list`, `questions` and `deliveries`.

use super::usage::Usage;

pub const QUESTIONS: Usage = Usage {
    words: &["questions"],
    form: "questions [#42]",
    meaning: "shows the five questions about it, and what is not answered",
    examples: &["questions"],
    ..Usage::NEW
};

pub const STATUS: Usage = Usage {
    words: &["status"],
    form: "status [#42]",
    meaning: "shows what is open and which revision the page shows, or how one stands",
    examples: &["status"],
    ..Usage::NEW
};

pub const DELIVERIES: Usage = Usage {
    words: &["deliveries"],
    form: "deliveries",
    meaning: "shows what waits to be sent to the channel, and what failed",
    examples: &["deliveries"],
    ..Usage::NEW
};

pub const LIST: Usage = Usage {
    words: &["list"],
    form: "list",
    meaning: "lists what is open",
    examples: &["list"],
    ..Usage::NEW
};
