//! Work items: their contents, refusals of the project, and finding them again.

use jiff::SignedDuration;
use serde_json::{Value, json};
use status_update::core::connectors::boards_answer::WorkItemKind;
use status_update::core::http::{Body, Method};
use status_update::core::launch::brief::{Brief, ExternalPerson, WorkItemPhase, key};
use status_update::core::launch::step::{Step, StepOutcome, StepResult};
use status_update::demo::boards::{
    AGILE_BUG, AGILE_ISSUE, BASIC_ISSUE, SCRUM_BUG, SCRUM_IMPEDIMENT, WorkItemType,
};

use super::world::{World, brief, person};
use crate::support::outbound::Fault;

#[tokio::test]
async fn it_is_made_whole() {
    let mut world = World::new();
    let StepResult::WorkItem(item) = world.done(Step::WorkItem).await else { panic!() };
    assert_eq!(item.url, format!("https://dev.azure.com/contoso/Shop/_workitems/edit/{}", item.id));
    insta::assert_snapshot!(format!("{:#}", world.item()));
    let sent = world.outbound.sent();
    let paths: Vec<&str> = sent.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/contoso/Shop/_apis/wit/workitemtypes/Issue?api-version=7.1",
            "/contoso/Shop/_apis/wit/workitems/$Issue?api-version=7.1",
        ]
    );
    assert!(matches!(sent[1].body, Some(Body::Patch(_))) && sent[1].method == Method::Post);
}

/// A Basic Issue has no severity, so its priority is set. A Bug has one.
#[tokio::test]
async fn severity_stands_where_the_type_has_it() {
    for (kind, severity, priority) in [("Issue", Value::Null, 2), ("Bug", json!("2 - High"), 2)] {
        let mut world = World::new();
        world.launch.boards.as_mut().unwrap().work_item_type = kind.to_owned();
        world.done(Step::WorkItem).await;
        let fields = &world.item()["fields"];
        assert_eq!(fields["Microsoft.VSTS.Common.Severity"], severity, "{kind}");
        assert_eq!(fields["Microsoft.VSTS.Common.Priority"], priority, "{kind}");
    }
}

/// A form shows one long text: that of a Bug is not the description.
#[tokio::test]
async fn the_text_stands_where_the_form_shows_it() {
    let (description, steps) = ("System.Description", "Microsoft.VSTS.TCM.ReproSteps");
    for (kind, shown, hidden) in [
        (AGILE_BUG, steps, description),
        (SCRUM_BUG, steps, description),
        (BASIC_ISSUE, description, steps),
        (AGILE_ISSUE, description, steps),
        // People can put the description on the form of a Bug.
        (WorkItemType { text_field: description, ..AGILE_BUG }, description, steps),
    ] {
        let mut world = World::new();
        kind.name.clone_into(&mut world.launch.boards.as_mut().unwrap().work_item_type);
        world.services().boards.rules.types = vec![kind.clone()];
        world.done(Step::WorkItem).await;
        world.brief.roles[1].person = Some(person("Ada"));
        world.done(Step::WorkItemSync).await;
        let fields = &world.item()["fields"];
        let text = fields[shown].as_str().unwrap();
        assert!(text.contains("5xx above 2 %") && text.contains("Ada (ada@"), "{kind:?}: {text}");
        assert_eq!(fields[hidden], Value::Null, "{kind:?}");
    }
}

#[tokio::test]
async fn parts_that_the_project_refuses_are_left_out_and_reported() {
    let mut world = World::new();
    world.launch.boards.as_mut().unwrap().area_path = Some("Shop\\Nowhere".to_owned());
    let remarks = world.remarks(Step::WorkItem).await;
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].contains("\"Shop\\Nowhere\": correct area_path"), "{remarks:?}");
    assert_eq!(world.item()["fields"]["System.AreaPath"], "Shop");
}

#[tokio::test]
async fn titles_are_cut_and_nothing_of_people_becomes_markup() {
    let mut world = World::new();
    world.brief.title = "<img src=x> \u{202e}ü".repeat(300) + "\nsecond line";
    world.brief.description = vec!["<script>alert(1)</script> & \"x\"".to_owned(); 200];
    world.brief.facts = vec![("<b>".to_owned(), "</td><script>".to_owned())];
    world.brief.links = vec![
        ("<i>".to_owned(), "https://e.example/?a=\"><script>".to_owned()),
        ("x".to_owned(), "javascript:alert(1)".to_owned()),
    ];
    world.done(Step::WorkItem).await;
    let item = world.item();
    let title = item["fields"]["System.Title"].as_str().unwrap();
    assert_eq!(title.chars().count(), 255);
    assert!(title.starts_with("Incident #42: <img") && title.ends_with('…'), "{title}");
    let html = item["fields"]["System.Description"].as_str().unwrap();
    assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
    // The judge finds nothing to remove, but for the attributes that it adds itself.
    let judged = ammonia::Builder::default().link_rel(None).clean(html).to_string();
    let same = |html: &str| html.replace("&quot;", "\"");
    assert_eq!(same(&judged), same(html));
}

#[tokio::test]
async fn each_refusal_has_a_remedy() {
    let mut world = World::new();
    world.launch.boards.as_mut().unwrap().work_item_type = "Ticket".to_owned();
    let why = world.fails(Step::WorkItem).await;
    assert!(why.contains("VS402323") && why.contains("instead of \"Ticket\": Issue, Bug"), "{why}");
    // Scrum has no Issue, the default type.
    let mut world = World::new();
    world.services().boards.rules.types = vec![SCRUM_BUG, SCRUM_IMPEDIMENT];
    let why = world.fails(Step::WorkItem).await;
    assert!(why.contains("instead of \"Issue\": Bug, Impediment"), "{why}");

    let mut world = World::new();
    world.launch.boards.as_mut().unwrap().project = "Shpo".to_owned();
    let why = world.fails(Step::WorkItem).await;
    assert!(why.contains("TF200016") && why.contains("now \"contoso\" and \"Shpo\""), "{why}");

    let mut world = World::new();
    world.services().boards.may = false;
    let why = world.fails(Step::WorkItem).await;
    assert!(why.contains("answers 403: TF50309") && why.contains("group Contributors"), "{why}");
    assert!(!why.contains("..") && !why.contains('\n'), "{why}");

    for status in [203, 302, 401] {
        let mut world = World::new();
        world.outbound.script([Some(Fault::Answers(status))]);
        let why = world.fails(Step::WorkItem).await;
        let remedy = "add the identity there under Organization settings > Users";
        assert!(why.contains(&status.to_string()) && why.contains(remedy), "{why}");
    }
    let mut world = World::new();
    world.launch.boards = None;
    assert_eq!(world.skips(Step::WorkItem).await, "[launch.boards] is not in status.toml");
    assert_eq!(world.outbound.sent().len(), 0);
}

#[tokio::test]
async fn a_throttle_is_waited_out() {
    let mut world = World::new();
    world.outbound.script([None, Some(Fault::Throttled(77))]);
    let StepOutcome::Wait { retry_after, in_doubt_since, why } =
        world.try_once(Step::WorkItem).await
    else {
        panic!();
    };
    assert_eq!(retry_after, Some(SignedDuration::from_secs(77)));
    assert_eq!(in_doubt_since, None, "turned away before it was looked at");
    assert!(why.starts_with("Azure Boards answers 429"), "{why}");
}

/// After a lost answer, a search by tag finds the work item.
#[tokio::test]
async fn a_lost_answer_is_looked_for_by_tag() {
    let mut world = World::new();
    // Somebody's own work item with a similar tag, and one of a different log.
    let other = Brief { key: key(42, "another log"), ..brief() };
    for brief in [other, Brief { key: format!("{}-b", world.brief.key), ..brief() }] {
        let mut stranger = World::new();
        stranger.brief = brief;
        stranger.done(Step::WorkItem).await;
        let item = stranger.services().boards.items.values().next().unwrap().clone();
        let id = 7 + world.services().boards.items.len() as u64;
        world.services().boards.items.insert(id, item);
    }
    world.outbound.script([None, Some(Fault::DoneButLost)]);
    let StepOutcome::Wait { in_doubt_since: Some(_), .. } = world.try_once(Step::WorkItem).await
    else {
        panic!();
    };
    let StepResult::WorkItem(item) = world.done(Step::WorkItem).await else { panic!() };
    assert_eq!(world.services().boards.items.len(), 3);
    assert_eq!(Some(&item.id), world.services().boards.items.keys().last());
    let query = world.outbound.sent().into_iter().find(|sent| sent.path.contains("wiql")).unwrap();
    let Some(Body::Json(body)) = query.body else { panic!() };
    let tag = format!("[System.Tags] CONTAINS '{}'", world.brief.key);
    assert!(body["query"].as_str().unwrap().contains(&tag), "{body}");
}

/// A new work item may not be found yet, so none is created at once.
#[tokio::test]
async fn nothing_is_created_again_before_it_can_be_found() {
    for (seconds, tries) in [(0, 2), (20, 3), (29, 3)] {
        let mut world = World::new();
        world.services().boards.lag = SignedDuration::from_secs(seconds);
        world.outbound.script([None, Some(Fault::DoneButLost)]);
        world.finish(Step::WorkItem).await;
        assert_eq!((world.services().boards.items.len(), world.tries), (1, tries), "{seconds}");
    }
}

#[tokio::test]
async fn the_channel_is_linked_once() {
    let mut world = World::new();
    for (step, why) in
        [(Step::LinkChannel, "there is no work item"), (Step::Assign, "there is no work item")]
    {
        assert_eq!(world.skips(step).await, why);
    }
    world.done(Step::WorkItem).await;
    assert_eq!(world.skips(Step::LinkChannel).await, "there is no channel");
    world.done(Step::Channel).await;
    world.done(Step::LinkChannel).await;
    world.done(Step::LinkChannel).await;
    let links = world.item()["links"].as_array().unwrap().clone();
    assert_eq!(links.len(), 2);
    assert_eq!(links[1]["url"], world.channel().url);
    assert_eq!(world.outbound.sent().iter().filter(|sent| sent.method == Method::Patch).count(), 1);
    // Somebody took the project out of the configuration meanwhile.
    world.launch.boards = None;
    for step in [Step::LinkChannel, Step::Assign, Step::WorkItemSync] {
        assert_eq!(world.skips(step).await, "[launch.boards] is not in status.toml");
    }
}

/// Somebody else may change it between our reading and writing, and does it again and again.
#[tokio::test]
async fn a_race_is_run_again_and_not_for_ever() {
    let mut world = World::new();
    world.done(Step::WorkItem).await;
    for (races, is_done) in [(1, true), (2, true), (3, false)] {
        world.services().boards.races = races;
        world.brief.assignee = Some(person("Grace"));
        let outcome = world.try_once(Step::Assign).await;
        assert_eq!(matches!(outcome, StepOutcome::Done { .. }), is_done, "{races}: {outcome:?}");
        world.services().boards.races = 0;
        world.brief.assignee = Some(person("Ada"));
        world.done(Step::Assign).await;
    }
}

#[tokio::test]
async fn it_is_assigned_to_the_primary_or_the_person_on_call() {
    let mut world = World::new();
    world.done(Step::WorkItem).await;
    let StepResult::Assigned(to) = world.done(Step::Assign).await else { panic!() };
    assert_eq!(to, Some(person("Ada")), "on call");
    assert_eq!(world.item()["fields"]["System.AssignedTo"]["uniqueName"], "ada@example.com");
    world.brief.assignee = Some(person("Grace"));
    world.done(Step::Assign).await;
    let changes = world.services().boards.items.values().next().unwrap().revision;
    world.done(Step::Assign).await;
    assert_eq!(world.item()["fields"]["System.AssignedTo"]["uniqueName"], "grace@example.com");
    let item = world.services().boards.items.values().next().unwrap().revision;
    assert_eq!(item, changes, "the same person is not assigned again");

    world.brief.assignee = Some(person("Nobody"));
    let remarks = world.remarks(Step::Assign).await;
    assert!(remarks[0].contains("does not know nobody@example.com: add them"), "{remarks:?}");
    world.brief.assignee = Some(ExternalPerson { address: None, ..person("Ada") });
    let remarks = world.remarks(Step::Assign).await;
    assert_eq!(remarks, ["no sign-in address of Ada is known"]);
    world.brief.assignee = None;
    world.brief.on_call.clear();
    assert!(world.skips(Step::Assign).await.contains("nobody is on call"));
}

/// Somebody deletes the work item under us.
#[tokio::test]
async fn a_deleted_work_item_is_reported() {
    let mut world = World::new();
    world.done(Step::WorkItem).await;
    world.services().boards.items.clear();
    let why = world.fails(Step::Assign).await;
    assert!(why.contains("TF401232") && why.contains("`launch retry work item`"), "{why}");
}

#[test]
fn states_are_chosen_by_their_category() {
    let states = |states: &[(&str, &str)]| {
        let state = |(name, category): &(&str, &str)| json!({ "name": name, "category": category });
        WorkItemKind::read(&json!({ "states": states.iter().map(state).collect::<Vec<_>>() }))
    };
    let basic = [("To Do", "Proposed"), ("Doing", "InProgress"), ("Done", "Completed")];
    let agile = [
        ("New", "Proposed"),
        ("Active", "InProgress"),
        ("Resolved", "Resolved"),
        ("Closed", "Completed"),
        ("Removed", "Removed"),
    ];
    let own = [("Neu", "Proposed"), ("In Arbeit", "InProgress"), ("Fertig", "Completed")];
    let issue = [("Active", "Proposed"), ("Closed", "Completed")];
    for (process, now, doing, done) in [
        (&basic[..], "To Do", Some("Doing"), Some("Done")),
        (&basic, "Doing", None, Some("Done")),
        (&basic, "Done", Some("Doing"), None),
        (&agile, "New", Some("Active"), Some("Closed")),
        (&agile, "Resolved", None, Some("Closed")),
        (&agile, "Closed", Some("Active"), None),
        (&agile, "Removed", Some("Active"), None),
        (&own, "Neu", Some("In Arbeit"), Some("Fertig")),
        (&issue, "Active", None, Some("Closed")),
        (&issue, "Closed", Some("Active"), None),
        (&[], "Whatever", None, None),
    ] {
        let kind = states(process);
        assert_eq!(kind.state_for(WorkItemPhase::Doing, now), doing, "{now} of {process:?}");
        assert_eq!(kind.state_for(WorkItemPhase::Done, now), done, "{now} of {process:?}");
    }
    let fields = |names: &[&str]| {
        let field = |name: &&str| json!({ "referenceName": name });
        WorkItemKind::read(&json!({ "fields": names.iter().map(field).collect::<Vec<_>>() }))
    };
    let (severity, priority) = ("Microsoft.VSTS.Common.Severity", "Microsoft.VSTS.Common.Priority");
    assert_eq!(fields(&[priority, severity]).severity_field(), Some(severity));
    assert_eq!(fields(&[priority]).severity_field(), Some(priority));
    assert_eq!(fields(&["System.Title"]).severity_field(), None);
}

#[test]
fn steps_are_known_by_their_names() {
    for step in Step::ALL {
        assert_eq!(Step::of(step.name()), Some(step));
        assert_eq!(Step::of(&step.name().to_uppercase().replace(' ', "")), Some(step));
        assert!(step.uses().iter().all(|used| *used < step), "{step:?}");
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(
            Step::of(json.trim_matches('"')).is_some(),
            !matches!(step, Step::LinkChannel | Step::Assign | Step::WorkItemSync)
        );
    }
    assert_eq!(Step::of("coffee"), None);
    assert!(key(42, "a").starts_with("inc-42-") && key(42, "a") != key(42, "b"));
}
