//! The people on call: from our rosters, or from the team's Shifts with ours as the fallback.

use serde_json::{Value, json};
use status_update::core::launch::brief::{ExternalPerson, OnCall};
use status_update::core::launch::place::Shifts;
use status_update::core::launch::step::{Step, StepOutcome, StepResult};

use super::world::{ADA, World, person};
use crate::support::outbound::Fault;

const LIN: &str = "c5d0c76b-80c4-481c-be50-923cd8d680a1";

fn shift(user: &str, group: &str, start: &str, end: &str) -> Value {
    let time = |time: &str| format!("2026-11-{time}:00Z");
    json!({
        "id": "SHFT_1",
        "userId": user,
        "schedulingGroupId": group,
        "sharedShift": { "displayName": "Day\nshift", "startDateTime": time(start),
            "endDateTime": time(end) },
        "draftShift": null,
    })
}

fn with_shifts(group: Option<&str>, shifts: Vec<Value>) -> World {
    let mut world = World::new();
    let group = group.map(str::to_owned);
    world.launch.teams.as_mut().unwrap().shifts = Some(Shifts { scheduling_group: group });
    world.services().graph.shifts = shifts;
    let lin = [LIN, "Lin Chen", "lin@example.com"].map(str::to_owned);
    world.services().graph.users = vec![lin];
    world
}

async fn on_call(world: &mut World) -> (Vec<OnCall>, Vec<String>) {
    match world.finish(Step::OnCall).await {
        StepOutcome::Done { result: StepResult::OnCall(people), remarks } => (people, remarks),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn our_own_rosters_need_nobody_else() {
    let mut world = World::new();
    let expected = world.brief.on_call.clone();
    assert_eq!(on_call(&mut world).await, (expected, Vec::new()));
    assert_eq!(world.outbound.sent().len(), 0);
    world.brief.on_call.clear();
    assert_eq!(world.skips(Step::OnCall).await, "nobody is on call");
}

#[tokio::test]
async fn people_on_shift_now_are_on_call() {
    let mut draft = shift(LIN, "TAG_1", "21T09:00", "21T17:00");
    draft["draftShift"] = draft["sharedShift"].take();
    let mut world = with_shifts(
        None,
        vec![
            shift("ended", "TAG_1", "21T02:00", "21T10:00"),
            shift(&ADA.to_uppercase(), "TAG_1", "21T10:00", "21T18:00"),
            shift("comes", "TAG_1", "21T10:01", "21T18:00"),
            shift(LIN, "TAG_2", "20T18:00", "21T18:00"),
            draft,
            json!({ "userId": "broken" }),
        ],
    );
    world.services().graph.page_length = 2;
    let (people, remarks) = on_call(&mut world).await;
    let lin = ExternalPerson {
        name: "Lin Chen".to_owned(),
        id: Some(LIN.to_owned()),
        address: Some("lin@example.com".to_owned()),
    };
    let on_shift = |person| {
        let shift = Some("Day shift".to_owned());
        OnCall { duty: "shift".to_owned(), shift, person }
    };
    assert_eq!(people, [on_shift(person("Ada")), on_shift(lin)]);
    assert_eq!(remarks, [""; 0]);
    let sent = world.outbound.sent();
    let filter = "shifts?$filter=sharedShift%2FstartDateTime%20ge%202026-11-20T10%3A00%3A00Z\
                  %20and%20sharedShift%2FendDateTime%20le%202026-11-22T10%3A00%3A00Z";
    assert!(sent[0].path.ends_with(filter), "{}", sent[0].path);

    world.launch.teams.as_mut().unwrap().shifts =
        Some(Shifts { scheduling_group: Some("TAG_2".to_owned()) });
    let (people, _) = on_call(&mut world).await;
    assert_eq!(people.len(), 1);
}

/// Whatever Shifts does, somebody is called.
#[tokio::test]
async fn our_rosters_stand_behind_shifts() {
    let own = World::new().brief.on_call;
    let mut world = with_shifts(None, Vec::new());
    let (people, remarks) = on_call(&mut world).await;
    assert_eq!(
        (&people, remarks[0].as_str()),
        (&own, "nobody is on shift now: our own rosters count")
    );

    for (fault, why) in [
        (Fault::Unreachable, "connection refused"),
        (Fault::Lost, "the answer was lost"),
        (Fault::Throttled(600), "Microsoft Graph answers 429"),
        (Fault::Answers(403), "the application permission Schedule.Read.All"),
    ] {
        let mut world = with_shifts(None, vec![shift(LIN, "T", "21T00:00", "22T00:00")]);
        world.outbound.script([Some(fault)]);
        let (people, remarks) = on_call(&mut world).await;
        assert_eq!((&people, world.tries), (&own, 1), "{fault:?}");
        let [remark] = &remarks[..] else { panic!("{remarks:?}") };
        assert!(remark.starts_with("Shifts cannot be read, so our own rosters count"), "{remark}");
        assert!(remark.contains(why), "{remark}");
    }
    // A busy service is asked once more, and not again.
    for (busy, expected) in [(1, "Lin Chen"), (2, "Ada")] {
        let mut world = with_shifts(None, vec![shift(LIN, "T", "21T00:00", "22T00:00")]);
        world.outbound.script([Some(Fault::Throttled(5)); 2].into_iter().take(busy));
        let (people, _) = on_call(&mut world).await;
        assert_eq!((people[0].person.name.as_str(), world.tries), (expected, 2));
    }
    // Without rosters of our own it is worth trying again.
    let mut world = with_shifts(None, vec![shift(LIN, "T", "21T00:00", "22T00:00")]);
    world.brief.on_call.clear();
    world.outbound.script([Some(Fault::Lost)]);
    let (people, _) = on_call(&mut world).await;
    assert_eq!((people.len(), world.tries), (1, 2));
    world.brief.on_call.clear();
    world.services().graph.granted.remove("Schedule.Read.All");
    let why = world.fails(Step::OnCall).await;
    assert!(why.contains("the application permission Schedule.Read.All"), "{why}");
}

/// People who have left are not called; the others are.
#[tokio::test]
async fn a_shift_of_somebody_who_left_is_reported() {
    let gone = "11111111-2222-3333-4444-555555555555";
    let shifts = |users: &[&str]| {
        users.iter().map(|user| shift(user, "T", "21T00:00", "22T00:00")).collect::<Vec<_>>()
    };
    let mut world = with_shifts(None, shifts(&[gone, LIN]));
    let (people, remarks) = on_call(&mut world).await;
    let names: Vec<&str> = people.iter().map(|one| one.person.name.as_str()).collect();
    assert_eq!(names, ["Lin Chen"]);
    assert!(remarks[0].contains("somebody who has left") && remarks[0].contains(gone));
    let mut world = with_shifts(None, shifts(&[gone]));
    let own = world.brief.on_call.clone();
    let (people, remarks) = on_call(&mut world).await;
    assert_eq!((people, remarks.len()), (own, 2), "{remarks:?}");
}

#[tokio::test]
async fn a_person_whose_name_cannot_be_read_is_called_all_the_same() {
    let mut world = with_shifts(None, vec![shift(LIN, "T", "21T00:00", "22T00:00")]);
    world.services().graph.granted.remove("User.Read.All");
    let (people, remarks) = on_call(&mut world).await;
    assert_eq!((people[0].person.name.as_str(), people[0].person.id.as_deref()), (LIN, Some(LIN)));
    assert!(remarks[0].contains("the application permission User.Read.All"), "{remarks:?}");
}
