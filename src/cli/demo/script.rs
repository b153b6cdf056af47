//! What happens in the guided incident.

/// A step.
pub(super) struct Step {
    /// What it shows, in a line.
    pub(super) heading: &'static str,
    /// What is done.
    pub(super) act: Act,
}

/// What is done.
pub(super) enum Act {
    /// A monitor posts the alert, with this status.
    Alert(&'static str),
    /// Somebody says something to the bot.
    Say(&'static str, &'static str),
}

const fn step(heading: &'static str, act: Act) -> Step {
    Step { heading, act }
}

const ADA: &str = "Ada Lovelace";
const GRACE: &str = "Grace Hopper";
const MARY: &str = "Mary Anning";

/// From the first alarm to the reviewed document.
pub(super) const STEPS: &[Step] = &[
    step("A monitor sounds the alarm: that is the go button", Act::Alert("firing")),
    step("How far is it?", Act::Say(ADA, "launch status")),
    step("Whoever is on call is on it", Act::Say(ADA, "ack Looking at the latency")),
    step("Somebody leads", Act::Say(GRACE, "ic me")),
    step("Somebody writes down what happens", Act::Say(MARY, "scribe me")),
    step(
        "What happened before the alarm",
        Act::Say(MARY, "note 20m ago factor: Release 4.2 of the gateway went out"),
    ),
    step("When did it begin?", Act::Say(ADA, "when started 15m ago")),
    step("Who knows of it?", Act::Say(MARY, "know The payments team, the duty manager")),
    step(
        "How bad is it, and for whom?",
        Act::Say(GRACE, "affects Customers who pay by card, about one in five"),
    ),
    step(
        "Visitors are to know",
        Act::Say(GRACE, "publish #1 major on Checkout: Card payments are slow next 30m"),
    ),
    step("What is being done", Act::Say(ADA, "doing Going back to release 4.1")),
    step(
        "The cause is known",
        Act::Say(ADA, "update identified The new release runs out of connections next 30m"),
    ),
    step("The monitor is content again", Act::Alert("resolved")),
    step("It is tested", Act::Say(MARY, "tested ok Ten payments went through")),
    step("It is over", Act::Say(GRACE, "close Card payments are as fast as ever")),
    step(
        "What is to be done, so that it does not happen again",
        Act::Say(GRACE, "action #1 Alert on the connections that are left @\"Ada Lovelace\""),
    ),
    step("What was learned", Act::Say(GRACE, "review #1")),
];
