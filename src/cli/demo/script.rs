//! Script of the guided incident: 47 minutes, from the first alert to the review.

pub(super) struct Step {
    /// Minutes after the alert.
    pub(super) minute: u32,
    /// Purpose of the step, in one line.
    pub(super) heading: &'static str,
    pub(super) act: Act,
}

pub(super) enum Act {
    /// A monitor posts an alert with this status.
    Alert(&'static str),
    /// A person writes to the bot: name and text.
    Say(&'static str, &'static str),
    /// Nothing happens; time passes.
    Wait,
    /// A visitor looks at the page.
    Look,
}

const fn step(minute: u32, heading: &'static str, act: Act) -> Step {
    Step { minute, heading, act }
}

const ADA: &str = "Ada Lovelace";
const GRACE: &str = "Grace Hopper";
const MARY: &str = "Mary Anning";

pub(super) const STEPS: &[Step] = &[
    step(0, "A monitor sends an alert, and everything starts by itself", Act::Alert("firing")),
    step(
        1,
        "A note for the timeline, and for the review later",
        Act::Say(GRACE, "note 16m ago factor: Release 4.2 of the gateway went out"),
    ),
    step(2, "The on-call engineer acknowledges", Act::Say(ADA, "ack Looking at the latency")),
    step(3, "Somebody takes the lead", Act::Say(GRACE, "ic me")),
    step(3, "And somebody talks to customers", Act::Say(MARY, "comms me")),
    step(6, "When did it start?", Act::Say(ADA, "when started 21m ago")),
    step(
        7,
        "Customers should know: the incident goes on the page",
        Act::Say(MARY, "publish #1 major on Checkout: Card payments are slow next 20m"),
    ),
    step(9, "What is being done?", Act::Say(ADA, "working Rolling back to release 4.1")),
    step(10, "Who is affected?", Act::Say(GRACE, "affected One in five customers who pay by card")),
    step(12, "Who knows about it?", Act::Say(GRACE, "aware The payments team, the duty manager")),
    step(22, "The promised update is due in five minutes: a reminder", Act::Wait),
    step(27, "Nobody posts it: the promise breaks", Act::Wait),
    step(27, "The page says so too", Act::Look),
    step(
        29,
        "The update follows, with a new promise",
        Act::Say(MARY, "update identified The new release runs out of connections next 30m"),
    ),
    step(38, "The monitor reports that all is well again", Act::Alert("resolved")),
    step(40, "Somebody checks", Act::Say(ADA, "tested ok Ten payments went through")),
    step(44, "The incident is over", Act::Say(GRACE, "close Card payments are as fast as ever")),
    step(
        45,
        "It should not happen again",
        Act::Say(GRACE, "action #1 detect: Alert on the free connections @\"Ada Lovelace\""),
    ),
    step(
        45,
        "What set it off?",
        Act::Say(ADA, "note #1 trigger: All nodes got release 4.2 at once"),
    ),
    step(46, "What went well?", Act::Say(ADA, "note #1 well: The monitor noticed it at once")),
    step(46, "What went badly?", Act::Say(MARY, "note #1 badly: The second update was late")),
    step(46, "Where was luck?", Act::Say(ADA, "note #1 lucky: It was a quiet hour for the shop")),
    step(47, "The review is written", Act::Say(GRACE, "review #1")),
];

pub(super) const MINUTES: u32 = 47;
