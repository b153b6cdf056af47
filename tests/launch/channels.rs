//! Channels: their names, and existing, renamed, deleted or unlisted ones.

use jiff::SignedDuration;
use proptest::prelude::*;
use status_update::core::launch::channel_name::{channel_name, numbered, plain};
use status_update::core::launch::step::{Step, StepOutcome, StepResult};

use super::world::World;
use crate::support::outbound::Fault;

const NAME: &str = "inc-42-checkout-is-failing-for-everybody-all";

#[tokio::test]
async fn it_is_created_with_its_tag() {
    let mut world = World::new();
    let StepResult::Channel(channel) = world.done(Step::Channel).await else { panic!() };
    assert_eq!(channel.name, NAME);
    assert!(channel.url.starts_with("https://teams.microsoft.com/l/channel/19%3A"), "{channel:?}");
    let description = world.services().graph.channels[1].description.clone();
    assert!(description.starts_with("Incident #42: Checkout"), "{description}");
    assert!(description.ends_with(&format!("({})", world.brief.key)), "{description}");
    world.launch.teams = None;
    assert_eq!(world.skips(Step::Channel).await, "[launch.teams] is not in status.toml");
}

#[tokio::test]
async fn a_name_that_is_taken_is_passed_over() {
    // Existing channels with their descriptions, deleted or not, and the result.
    let other = "Incident #42: of another log (inc-42-00000000)";
    for (before, after) in [
        (vec![(NAME, false, "made by hand")], vec![NAME.to_owned(), format!("{NAME}-2")]),
        (vec![(NAME, true, "")], vec![format!("({NAME})"), format!("{NAME}-2")]),
        (vec![(NAME, false, other)], vec![NAME.to_owned(), format!("{NAME}-2")]),
        (
            vec![(NAME, true, ""), ("inc-42-checkout-is-failing-for-everybody-all-2", true, "")],
            vec![format!("({NAME})"), format!("({NAME}-2)"), format!("{NAME}-3")],
        ),
    ] {
        let mut world = World::new();
        for (name, is_deleted, description) in &before {
            world.services().graph.add(&name.to_uppercase(), description).is_deleted = *is_deleted;
            world.services().graph.channels.last_mut().unwrap().name = (*name).to_owned();
        }
        world.finish(Step::Channel).await;
        assert_eq!(world.channel_names(), after, "{before:?}");
        assert_eq!(world.tries, 1, "nothing is in doubt");
    }
}

/// All similar names are taken: the error says what to change.
#[tokio::test]
async fn it_does_not_try_names_for_ever() {
    let mut world = World::new();
    world.services().graph.add(NAME, "").is_deleted = true;
    for number in 2..20 {
        world.services().graph.add(&numbered(NAME, number), "").is_deleted = true;
    }
    let why = world.fails(Step::Channel).await;
    assert!(why.contains("set channel in [launch.teams]"), "{why}");
}

/// It was created, the answer was lost, and somebody renamed it meanwhile.
#[tokio::test]
async fn a_renamed_channel_is_found_by_its_key() {
    let mut world = World::new();
    world.outbound.script([Some(Fault::DoneButLost)]);
    world.try_once(Step::Channel).await;
    world.services().graph.channels[1].name = "Card trouble".to_owned();
    let StepResult::Channel(channel) = world.done(Step::Channel).await else { panic!() };
    assert_eq!(channel.name, "Card trouble");
    assert_eq!(world.channel_names(), ["Card trouble"]);
}

/// The list is longer than a page.
#[tokio::test]
async fn every_page_is_looked_at() {
    let mut world = World::new();
    for number in 0..25 {
        world.services().graph.add(&format!("old {number}"), "");
    }
    world.services().graph.page_length = 7;
    world.outbound.script([Some(Fault::DoneButLost)]);
    world.done(Step::Channel).await;
    assert_eq!(world.services().graph.channels.len(), 27);
}

/// A new channel may not be listed for a while; no second one is created.
#[tokio::test]
async fn a_channel_that_is_not_listed_yet_is_waited_for() {
    for (minutes, channels) in [(0, 1), (1, 1), (5, 1), (9, 1), (15, 2)] {
        let mut world = World::new();
        world.services().graph.lag = SignedDuration::from_mins(minutes);
        world.outbound.script([Some(Fault::DoneButHangs)]);
        tokio::time::pause();
        let outcome = world.finish(Step::Channel).await;
        tokio::time::resume();
        assert_eq!(world.channel_names().len(), channels, "{minutes}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_team_that_allows_fewer_characters_gets_a_plain_name() {
    let mut world = World::new();
    world.launch.teams.as_mut().unwrap().channel = "🔥 {number} {title}".to_owned();
    let remarks = world.remarks(Step::Channel).await;
    assert_eq!(world.channel_names(), ["inc-42"]);
    assert!(remarks[0].contains("does not take the name \"🔥 42"), "{remarks:?}");
}

/// A 403 is not always a missing permission.
#[tokio::test]
async fn a_full_team_and_an_archived_one_are_reported() {
    let mut world = World::new();
    world.services().graph.channels_max = 1;
    let why = world.fails(Step::Channel).await;
    assert!(why.contains("403 Forbidden: the team has reached its limit of channels"), "{why}");
    let mut world = World::new();
    world.services().graph.is_archived = true;
    let why = world.fails(Step::Channel).await;
    assert!(why.contains("403 Forbidden: the team is archived: restore it"), "{why}");
}

#[tokio::test]
async fn each_refusal_names_the_permission_and_its_place() {
    let mut world = World::new();
    world.services().graph.granted.clear();
    let why = world.fails(Step::Channel).await;
    let remedy = "the application permission Channel.Create as docs/deploying.md says";
    assert!(why.contains("403 Forbidden") && why.contains(remedy), "{why}");

    let mut world = World::new();
    world.outbound.script([Some(Fault::DoneButLost)]);
    world.try_once(Step::Channel).await;
    world.services().graph.granted.remove("Channel.ReadBasic.All");
    let why = world.fails(Step::Channel).await;
    assert!(why.contains("application permission Channel.ReadBasic.All"), "{why}");
    world.services().graph.granted.insert("Channel.ReadBasic.All");
    world.done(Step::Channel).await;
    assert_eq!(world.channel_names(), [NAME], "the doubt was not forgotten meanwhile");

    let mut world = World::new();
    world.launch.teams.as_mut().unwrap().group = "00000000-0000-0000-0000-000000000000".to_owned();
    let why = world.fails(Step::Channel).await;
    assert!(why.contains("group id, which is not the id in Teams' links"), "{why}");
    let StepOutcome::Failed { in_doubt_since: None, .. } = world.try_once(Step::Channel).await
    else {
        panic!();
    };
}

#[test]
fn names_are_unchanged() {
    for (pattern, title, expected) in [
        ("inc-{number}-{title}", "Checkout is failing", "inc-42-checkout-is-failing"),
        ("inc-{number}-{title}", "", "inc-42"),
        ("inc-{number}-{title}", "🔥 !!! ~#%&*{}+/\\:<>?|'\"", "inc-42"),
        ("inc-{number}-{title}", "Zażółć gęślą jaźń", "inc-42-zażółć-gęślą-jaźń"),
        ("inc-{number}-{title}", "支払いができません", "inc-42-支払いができません"),
        (
            "inc-{number}-{title}",
            &"word ".repeat(30),
            "inc-42-word-word-word-word-word-word-word-word",
        ),
        ("inc-{number}-{title}", &"x".repeat(60), "inc-42"),
        ("{title} ({number})", "CON", "con (42)"),
        ("COM{number}", "", "COM42"),
        ("_{number}.", "", "42"),
        ("{number} a..b", "", "42 a.b"),
    ] {
        assert_eq!(channel_name(pattern, 42, title), expected, "{pattern} {title}");
    }
    assert_eq!(channel_name("COM{number}", 1, ""), "incident-COM1");
    assert_eq!(numbered(&"x".repeat(50), 12), "x".repeat(47) + "-12");
    assert_eq!(plain(7), "inc-7");
}

proptest! {
    /// For any title, Teams accepts the name, and the name contains the number.
    #[test]
    fn every_channel_name_is_valid_in_teams(title in ".{0,80}", number in 1_u32.., again in 1_u32..10) {
        for pattern in ["inc-{number}-{title}", "{title}{number}", "_{number}.{title}."] {
            let name = channel_name(pattern, number, &title);
            for name in [numbered(&name, again), name] {
                prop_assert!(is_taken_by_teams(&name), "{:?} of {:?}", name, title);
            }
        }
        let name = channel_name("inc-{number}-{title}", number, &title);
        prop_assert!(name.contains(&number.to_string()), "{}", name);
    }
}

/// The published rules.
fn is_taken_by_teams(name: &str) -> bool {
    let lower = name.to_lowercase();
    let reserved = ["forms", "con", "prn", "aux", "nul", "desktop.ini", "com1", "lpt9"];
    (1..=50).contains(&name.chars().count())
        && !name.chars().any(|c| c.is_control() || "~#%&*{}+/\\:<>?|'\",".contains(c))
        && !name.contains("..")
        && !name.starts_with(['_', '.'])
        && !name.ends_with('.')
        && !lower.contains("_vti_")
        && !reserved.contains(&&*lower)
}
