//! What the work item tells: its state, its description with the roles, and the comments at the end.

use status_update::core::launch::boards_text::COMMENT_CHARS_MAX;
use status_update::core::launch::brief::Phase;
use status_update::core::launch::step::Step;
use status_update::core::response::severity::Severity;

use super::world::{World, comments, person};

async fn with_item(kind: &str) -> World {
    let mut world = World::new();
    kind.clone_into(&mut world.launch.boards.as_mut().unwrap().work_item_type);
    world.done(Step::WorkItem).await;
    world
}

fn field(world: &World, name: &str) -> String {
    world.item()["fields"][name].as_str().unwrap_or_default().to_owned()
}

fn texts(world: &World) -> Vec<String> {
    let item = world.item();
    let texts = item["comments"].as_array().unwrap().iter();
    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_state_follows_the_incident_by_the_names_of_the_process() {
    for (kind, doing, done) in [("Issue", "Doing", "Done"), ("Bug", "Active", "Closed")] {
        let mut world = with_item(kind).await;
        for (phase, state) in
            [(Phase::Doing, doing), (Phase::Done, done), (Phase::Doing, doing), (Phase::Done, done)]
        {
            world.brief.phase = phase;
            world.done(Step::Story).await;
            assert_eq!(field(&world, "System.State"), state);
        }
    }
    assert_eq!(World::new().skips(Step::Story).await, "there is no work item");
}

/// What a person set that is as good stays.
#[tokio::test]
async fn a_state_that_is_as_good_stays() {
    let mut world = with_item("Bug").await;
    let set = |world: &World, state: &str| {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        item.fields.insert("System.State".to_owned(), state.into());
    };
    set(&world, "Resolved");
    world.done(Step::Story).await;
    assert_eq!(field(&world, "System.State"), "Resolved");
    set(&world, "Removed");
    world.brief.phase = Phase::Done;
    world.done(Step::Story).await;
    assert_eq!(field(&world, "System.State"), "Removed");
}

/// A rule of the project about states costs the state and nothing else.
#[tokio::test]
async fn a_state_that_is_refused_is_told() {
    let mut world = with_item("Issue").await;
    world.services().boards.rules.forbidden_state = Some("Done");
    world.brief.phase = Phase::Done;
    world.brief.comments = comments(1, "x");
    let remarks = world.remarks(Step::Story).await;
    assert!(remarks[0].contains("The field 'State' contains the value 'Done'"), "{remarks:?}");
    assert_eq!(texts(&world).len(), 2);
}

#[tokio::test]
async fn the_description_keeps_what_people_wrote_above() {
    let mut world = with_item("Bug").await;
    world.brief.roles[1].person = Some(person("Ada"));
    world.brief.severity = Some(Severity::Critical);
    for own in ["<div>Own words</div>", "<div>Own words</div><div><b>x</b></div>"] {
        {
            let mut services = world.services();
            let item = services.boards.items.values_mut().next().unwrap();
            let now = item.fields["System.Description"].as_str().unwrap().to_owned();
            let ours = now.find("<p>Kept up to date").unwrap();
            // An editor makes other elements of ours.
            let ours = now[ours..].replacen("<p>", "<div style=\"x\">", 1);
            item.fields.insert("System.Description".to_owned(), format!("{own}{ours}").into());
        }
        world.done(Step::Story).await;
        let description = field(&world, "System.Description");
        assert!(description.starts_with(&format!("{own}<p>Kept up")), "{description}");
        assert_eq!(description.matches("Kept up to date").count(), 1, "{description}");
        let role = "<tr><td>Scribe</td><td>Ada (ada@example.com)</td></tr>";
        assert!(description.contains(role), "{description}");
    }
    assert_eq!(field(&world, "Microsoft.VSTS.Common.Severity"), "1 - Critical");
    // Somebody cleared it all: our part comes back.
    let clear = |world: &World| {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        item.fields.insert("System.Description".to_owned(), "Cleared".into());
    };
    clear(&world);
    world.done(Step::Story).await;
    assert!(field(&world, "System.Description").starts_with("Cleared<p>Kept up"));
}

#[tokio::test]
async fn nothing_new_changes_nothing() {
    let mut world = with_item("Issue").await;
    world.brief.comments = comments(200, "x");
    world.done(Step::Story).await;
    let revision = |world: &World| world.services().boards.items.values().next().unwrap().revision;
    let before = revision(&world);
    world.done(Step::Story).await;
    assert_eq!(revision(&world), before);
}

/// Too large for one: in parts, each of which links the one behind it.
#[tokio::test]
async fn comments_are_split_and_linked() {
    let mut world = with_item("Issue").await;
    world.brief.comments = comments(200, "x");
    world.services().boards.page_length = 2;
    world.done(Step::Story).await;
    let there = texts(&world);
    let marks: Vec<&str> =
        there.iter().map(|text| text.rsplit("<small>").next().unwrap()).collect();
    let names = ["summary/4/", "summary/3/", "summary/2/", "summary/1/", "communications/1/"];
    assert_eq!(marks.len(), names.len(), "{marks:?}");
    for (mark, name) in marks.iter().zip(names) {
        assert!(mark.starts_with(&format!("{}/{name}", world.brief.key)), "{mark}");
    }
    // A mark and a link come on top.
    assert!(there.iter().all(|text| text.chars().count() < COMMENT_CHARS_MAX + 500));
    let lines: usize = there.iter().map(|text| text.matches(" x &lt;at&gt;").count()).sum();
    assert_eq!(lines, 200);
    let ids: Vec<u64> =
        world.services().boards.items.values().next().unwrap().comments.keys().copied().collect();
    for part in 1..4 {
        let behind = format!("{}#{}", world.work_item().url, ids[part - 1]);
        assert!(there[part].contains(&format!("<a href=\"{behind}\">It goes on")), "{part}");
    }
}

/// The review changes: what was written is corrected, nothing is written anew.
#[tokio::test]
async fn comments_are_corrected_where_they_are() {
    let mut world = with_item("Issue").await;
    for (lines, word, parts) in [(130, "a", 4), (130, "b", 4), (1, "c", 4), (200, "d", 5)] {
        world.brief.comments = comments(lines, word);
        world.done(Step::Story).await;
        let there = texts(&world);
        assert_eq!(there.len(), parts, "{lines} {word}");
        let all = there.join("");
        assert_eq!(all.matches(&format!(" {word} &lt;at&gt;")).count(), lines);
        for old in ["a", "b", "c"].iter().filter(|old| **old != word) {
            assert!(!all.contains(&format!(" {old} &lt;at&gt;")), "{old} is left");
        }
        let empty = there.iter().filter(|text| text.contains("Nothing is left")).count();
        assert_eq!(empty, if lines == 1 { 2 } else { 0 });
    }
    // Somebody deletes one of ours and quotes another: the one is written again.
    {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        let (first, _) = item.comments.pop_first().unwrap();
        assert_eq!(first, 50);
        let quoted = item.comments.values().next().unwrap().0.clone();
        item.comments.insert(90, (format!("I do not agree: {quoted}"), 1));
    }
    world.done(Step::Story).await;
    assert_eq!(texts(&world).len(), 6);
}
