//! The kinds of events.

use status_update::core::incident::events::StatusEvent;
use status_update::core::launch::events::LaunchEvent;
use status_update::core::log::record::{Event, MessageEvent, PeopleEvent};
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::response::events::ResponseEvent;
use status_update::core::rosters::events::RosterEvent;

/// The name of an event's kind, and all names. A new kind does not compile until it is listed here,
/// and then fails until a golden log, in a folder of its own, has one.
macro_rules! kinds {
    ($($family:ident($events:ident): $($kind:ident),+;)+) => {
        pub fn kind(event: &Event) -> &'static str {
            match event {
                $($(Event::$family($events::$kind { .. }) => {
                    concat!(stringify!($family), " ", stringify!($kind))
                })+)+
                Event::ComponentsNamed(_) => "ComponentsNamed",
                Event::RemovalOrdered(_) => "RemovalOrdered",
                Event::Redacted(_) => "Redacted",
                Event::ErasureHindered(_) => "ErasureHindered",
                Event::Erased(_) => "Erased",
            }
        }

        pub const KINDS: [&str; [$($(stringify!($family $kind)),+),+].len()] =
            [$($(concat!(stringify!($family), " ", stringify!($kind))),+),+];
    };
}

kinds! {
    Status(StatusEvent):
        Day, Opened, Updated, Overdue, Reopened, PostMortem, Scheduled, Extended, Corrected,
        Amended, Retitled, Withdrawn, Unpublished, Duplicated, Backfilled, Rescheduled, UpdateMoved,
        Undone, TextRemoved, Recalled, Evicted;
    Response(ResponseEvent):
        Declared, Published, Updated, Reopened, Reached, Replied, Graded, Assigned, Released,
        Noted, TaskAdded, TaskDone, Tested, Told, ActionAdded, ActionDone, Alerted, FlappingEnded,
        AlertsResolved, AlertsMoved, AlertsKeyed, MaintenanceAlertsMoved, Reviewed, NoteRemoved,
        ToldRemoved, NoteMoved, TaskRemoved, TaskReopened, ActionRemoved, ActionReopened, Retitled,
        Withdrawn, Duplicated, Undone, TextRemoved, CallLinked, Recalled, Evicted,
        SummariesEvicted, OverdueNamed;
    Launch(LaunchEvent):
        Started, Retried, Doubted, Done, Skipped, Failed, Evicted;
    Delivery(DeliveryEvent):
        Queued, Claimed, Delivered, Failed, GaveUp, Carried, Skipped, Evicted;
    Roster(RosterEvent):
        Set, Covered, Uncovered, HandedOver, Evicted;
    Message(MessageEvent):
        TakenBack, Evicted;
    People(PeopleEvent):
        Evicted;
}
