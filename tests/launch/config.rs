//! `[launch]` of `status.toml`.

use jiff::SignedDuration;
use status_update::core::config::Config;
use status_update::core::launch::place::{Boards, Launch, Shifts, Teams};

use super::world::TEAM;

#[test]
fn all_of_it_can_be_said() {
    let text = format!(
        "[launch]\non_open = true\n[launch.boards]\norganization = \"contoso\"\n\
         project = \" Fabrikam Fiber \"\nwork_item_type = \"User Story\"\n\
         area_path = \"Shop\\\\Checkout\"\ntag = \"outage\"\n[launch.teams]\n\
         team = \"{}\"\nchannel = \"{{title}} ({{number}})\"\nshifts = true\n\
         scheduling_group = \"TAG_1\"",
        TEAM.to_uppercase()
    );
    let launch = Config::parse(&text).unwrap().launch;
    assert_eq!(
        launch,
        Launch {
            on_open: true,
            alert_delay: SignedDuration::from_secs(60),
            boards: Some(Boards {
                organization: "contoso".to_owned(),
                project: "Fabrikam Fiber".to_owned(),
                work_item_type: "User Story".to_owned(),
                area_path: Some("Shop\\Checkout".to_owned()),
                tag: "outage".to_owned(),
            }),
            teams: Some(Teams {
                group: TEAM.to_owned(),
                channel: "{title} ({number})".to_owned(),
                shifts: Some(Shifts { scheduling_group: Some("TAG_1".to_owned()) }),
            }),
        }
    );
}

#[test]
fn little_is_enough_and_nothing_is_nothing() {
    assert_eq!(Config::parse("").unwrap().launch, Launch::default());
    let text = format!(
        "[launch.boards]\norganization = \"contoso\"\nproject = \"Shop\"\n\
         [launch.teams]\nteam = \"{TEAM}\""
    );
    let launch = Config::parse(&text).unwrap().launch;
    let boards = launch.boards.unwrap();
    assert_eq!((boards.work_item_type.as_str(), boards.tag.as_str()), ("Issue", "incident"));
    assert_eq!(launch.teams.unwrap().channel, "inc-{number}-{title}");
    assert!(!launch.on_open);
}

#[test]
fn errors_contain_the_wrong_value() {
    let boards = |line: &str| {
        let text = "[launch.boards]\norganization = \"contoso\"\nproject = \"Shop\"\n";
        let key = line.split(' ').next().unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
        format!("{}\n{line}", kept.join("\n"))
    };
    let teams = |line: &str| {
        if line.starts_with("team") {
            format!("[launch.teams]\n{line}")
        } else {
            format!("[launch.teams]\nteam = \"{TEAM}\"\n{line}")
        }
    };
    for (text, expected) in [
        (
            boards("organization = \"https://dev.azure.com/contoso\""),
            "launch.boards.organization = \"https://dev.azure.com/contoso\" is not an organization",
        ),
        (boards("project = \" \""), "launch.boards.project = \" \" is not a name"),
        (boards("tag = \"a;b\""), "launch.boards.tag = \"a;b\" is not a tag"),
        (boards("work_item_type = \"\""), "launch.boards.work_item_type = \"\" is not a name"),
        (boards("area_path = \"\\n\""), "launch.boards.area_path = "),
        (boards("token = \"x\""), "line 4: unknown field `token`"),
        (
            teams("team = \"19:abc@thread.tacv2\""),
            "launch.teams.team = \"19:abc@thread.tacv2\" is not a group id",
        ),
        (teams("channel = \"incident\""), "launch.teams.channel = \"incident\" is not a pattern"),
        (teams("channel = \"{number} {name}\""), "is not a pattern"),
        (
            teams(&format!("channel = \"{}{{number}}\"", "x".repeat(45))),
            "must leave room for both within 50",
        ),
        (teams("scheduling_group = \"TAG\""), "requires shifts = true"),
        ("[launch.boards]\nproject = \"x\"".to_owned(), "line 1: missing field `organization`"),
        ("[launch]\nopen = 1".to_owned(), "line 2: unknown field `open`"),
    ] {
        let error = Config::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{text}: {error}");
    }
}

#[test]
fn the_documented_launch_can_be_read() {
    let settings = crate::house::read("docs/settings.md");
    let start = settings.find("```toml\n[launch]").unwrap() + "```toml\n".len();
    let example = settings[start..].split("```").next().unwrap();
    let launch = Config::parse(example).unwrap().launch;
    assert!(launch.on_open && launch.boards.is_some(), "{launch:?}");
    assert_eq!(launch.teams.unwrap().group, TEAM);
}
