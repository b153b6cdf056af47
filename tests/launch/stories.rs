//! The work item's contents: its state, its description with the roles, and the comments at the
//! end.

use serde_json::Value;
use status_update::core::connectors::boards_text::COMMENT_CHARS_MAX;
use status_update::core::incident::severity::Severity;
use status_update::core::launch::brief::WorkItemPhase;
use status_update::core::launch::step::Step;
use status_update::demo::boards::AGILE_ISSUE;

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
        for (phase, state) in [
            (WorkItemPhase::Doing, doing),
            (WorkItemPhase::Done, done),
            (WorkItemPhase::Doing, doing),
            (WorkItemPhase::Done, done),
        ] {
            world.brief.phase = phase;
            world.done(Step::WorkItemSync).await;
            assert_eq!(field(&world, "System.State"), state);
        }
    }
    assert_eq!(World::new().skips(Step::WorkItemSync).await, "there is no work item");
}

/// An equivalent state that a person set stays.
#[tokio::test]
async fn an_equivalent_state_stays() {
    let mut world = with_item("Bug").await;
    let set = |world: &World, state: &str| {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        item.fields.insert("System.State".to_owned(), state.into());
    };
    set(&world, "Resolved");
    world.done(Step::WorkItemSync).await;
    assert_eq!(field(&world, "System.State"), "Resolved");
    set(&world, "Removed");
    world.brief.phase = WorkItemPhase::Done;
    world.done(Step::WorkItemSync).await;
    assert_eq!(field(&world, "System.State"), "Removed");
}

/// A rule of the project about states costs the state and nothing else.
#[tokio::test]
async fn a_refused_state_is_reported() {
    let mut world = with_item("Issue").await;
    world.services().boards.rules.forbidden_state = Some("Done");
    world.brief.phase = WorkItemPhase::Done;
    world.brief.comments = comments(1, "x");
    let remarks = world.remarks(Step::WorkItemSync).await;
    assert!(remarks[0].contains("The field 'State' contains the value 'Done'"), "{remarks:?}");
    assert_eq!(texts(&world).len(), 2);
}

/// Changes of a work item's text by people.
fn edit(world: &World, field: &str, edit: impl FnOnce(&str) -> String) {
    let mut services = world.services();
    let item = services.boards.items.values_mut().next().unwrap();
    let now = item.fields[field].as_str().unwrap().to_owned();
    item.fields.insert(field.to_owned(), edit(&now).into());
}

#[tokio::test]
async fn the_description_keeps_what_people_wrote_above() {
    const STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";
    let mut world = with_item("Bug").await;
    world.brief.roles[1].person = Some(person("Ada"));
    world.brief.severity = Some(Severity::Critical);
    // Text that people put in front of our heading, an editor's changes of the heading's element,
    // and the part that has to stay.
    for (own, opens, stays) in [
        ("<div>Own words</div>", "<p>", "<div>Own words</div>"),
        ("<div>Own</div>", "<div style=\"x\">", "<div>Own</div>"),
        ("<div>Own</div><div><b>x</b></div>", "<div><b>", "<div>Own</div><div><b>x</b></div>"),
        ("", "<div>Please read: ", "<div>Please read:\n\n"),
        ("<p>a</p><br>", "<h2>", "<p>a</p><br>"),
        // Turned into Markdown, which cannot be turned back.
        ("if p95 < 4 s it is over\n\n", "", "if p95 < 4 s it is over\n\n"),
        ("a `Vec<String>`\n\n", "## ", "a `Vec<String>`\n\n"),
        ("> quoted\n\n", "**", "> quoted\n\n"),
        ("", "", ""),
    ] {
        edit(&world, STEPS, |now| {
            let ours = now.find("<p>Kept up to date").unwrap();
            format!("{own}{}", now[ours..].replacen("<p>", opens, 1))
        });
        for _ in 0..2 {
            world.done(Step::WorkItemSync).await;
            let text = field(&world, STEPS);
            assert!(text.starts_with(&format!("{stays}<p>Kept up")), "{own}{opens}: {text}");
            assert_eq!(text.matches("Kept up to date").count(), 1, "{text}");
            let role = "<tr><td>Scribe</td><td>Ada (ada@example.com)</td></tr>";
            assert!(text.contains(role), "{text}");
        }
    }
    assert_eq!(field(&world, "Microsoft.VSTS.Common.Severity"), "1 - Critical");
    // Somebody cleared it all: our part comes back.
    edit(&world, STEPS, |_| "Cleared".to_owned());
    world.done(Step::WorkItemSync).await;
    assert!(field(&world, STEPS).starts_with("Cleared\n\n<p>Kept up"));
}

/// A type without a severity field has it as the priority.
#[tokio::test]
async fn severity_and_title_follow() {
    let (priority, severity) = ("Microsoft.VSTS.Common.Priority", "Microsoft.VSTS.Common.Severity");
    for (kind, field_name, values) in [
        ("Issue", priority, [2.into(), 1.into(), 4.into()]),
        ("Bug", severity, ["2 - High".into(), "1 - Critical".into(), "4 - Low".into()]),
    ] {
        let mut world = with_item(kind).await;
        for (to, expected) in [Severity::High, Severity::Critical, Severity::Low]
            .into_iter()
            .zip::<[Value; 3]>(values)
        {
            world.brief.severity = Some(to);
            world.done(Step::WorkItemSync).await;
            assert_eq!(world.item()["fields"][field_name], expected, "{kind}");
        }
        world.brief.title = "Cards are refused".to_owned();
        world.done(Step::WorkItemSync).await;
        assert_eq!(field(&world, "System.Title"), "Incident #42: Cards are refused");
        edit(&world, "System.Title", |_| "Our own words".to_owned());
        world.brief.title = "Cards are refused again".to_owned();
        world.done(Step::WorkItemSync).await;
        assert_eq!(field(&world, "System.Title"), "Our own words");
    }
}

/// A rule of the project about one field costs that field and nothing else.
#[tokio::test]
async fn a_rule_that_wants_more_on_closing_stops_nothing_else() {
    let mut world = with_item("Bug").await;
    world.services().boards.rules.needed_to_close = Some(["Custom.RootCause", "Root Cause"]);
    world.brief.phase = WorkItemPhase::Done;
    world.brief.severity = Some(Severity::Critical);
    world.brief.roles[1].person = Some(person("Ada"));
    world.brief.comments = comments(1, "x");
    let remarks = world.remarks(Step::WorkItemSync).await;
    let [remark] = &remarks[..] else { panic!("{remarks:?}") };
    assert!(remark.starts_with("the state stays as it was: Azure Boards refuses it"), "{remark}");
    assert!(remark.contains("Rule Error for field Root Cause"), "{remark}");
    assert_eq!(field(&world, "System.State"), "New");
    assert_eq!(field(&world, "Microsoft.VSTS.Common.Severity"), "1 - Critical");
    assert!(field(&world, "Microsoft.VSTS.TCM.ReproSteps").contains("Ada (ada@"));
    assert_eq!(texts(&world).len(), 2);
    let completed = |world: &World| {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        item.fields.insert("Custom.RootCause".to_owned(), "A certificate".into());
    };
    completed(&world);
    world.done(Step::WorkItemSync).await;
    assert_eq!(field(&world, "System.State"), "Closed");
}

/// A type may have no state in progress, and is opened again all the same.
#[tokio::test]
async fn a_type_without_a_state_in_progress_is_opened_again() {
    let mut world = World::new();
    world.services().boards.rules.types = vec![AGILE_ISSUE];
    world.done(Step::WorkItem).await;
    for (phase, state) in [
        (WorkItemPhase::Doing, "Active"),
        (WorkItemPhase::Done, "Closed"),
        (WorkItemPhase::Doing, "Active"),
    ] {
        world.brief.phase = phase;
        world.done(Step::WorkItemSync).await;
        assert_eq!(field(&world, "System.State"), state);
    }
}

#[tokio::test]
async fn nothing_new_changes_nothing() {
    let mut world = with_item("Issue").await;
    world.brief.comments = comments(200, "x");
    world.done(Step::WorkItemSync).await;
    let revision = |world: &World| world.services().boards.items.values().next().unwrap().revision;
    let before = revision(&world);
    world.done(Step::WorkItemSync).await;
    assert_eq!(revision(&world), before);
}

/// Too large for one: in parts, each of which links to the next.
#[tokio::test]
async fn comments_are_split_and_linked() {
    let mut world = with_item("Issue").await;
    world.brief.comments = comments(200, "x");
    world.services().boards.page_length = 2;
    world.done(Step::WorkItemSync).await;
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

/// After a change of the review, existing comments are corrected, and none is added.
#[tokio::test]
async fn comments_are_corrected_where_they_are() {
    let mut world = with_item("Issue").await;
    for (lines, word, parts) in [(130, "a", 4), (130, "b", 4), (1, "c", 4), (200, "d", 5)] {
        world.brief.comments = comments(lines, word);
        world.done(Step::WorkItemSync).await;
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
    // Somebody deletes one of ours and quotes another: the deleted one is written again.
    {
        let mut services = world.services();
        let item = services.boards.items.values_mut().next().unwrap();
        let (first, _) = item.comments.pop_first().unwrap();
        assert_eq!(first, 50);
        let quoted = item.comments.values().next().unwrap().0.clone();
        item.comments.insert(90, (format!("I do not agree: {quoted}"), 1));
    }
    world.done(Step::WorkItemSync).await;
    assert_eq!(texts(&world).len(), 6);
}
