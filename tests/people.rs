//! People: known ones, the intended ones, and the duties of roles.

use serde_json::Value;
use status_update::core::commands::people::{TypedPerson, last_person, next_person, whole_person};
use status_update::core::config::Config;
use status_update::core::config::duties::Duties;
use status_update::core::config::language::Language;
use status_update::core::decide::Decision;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Event, PeopleEvent};
use status_update::core::log::state::State;
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::people::People;
use status_update::core::response::person::Person;
use status_update::core::response::role::Role;
use status_update::core::sealed::REMOVED;
use status_update::core::teams::said::Said;
use status_update::core::text::Text;

use crate::bodies::fixtures::fixture;
use crate::cases::thread::{Content, Message, START, Sender, Thread};

fn person(id: &str, name: &str, teams_id: Option<&str>) -> Person {
    Person { id: id.to_owned(), name: name.to_owned(), teams_id: teams_id.map(str::to_owned) }
}

fn say(thread: &mut Thread, from: &str, text: &str) -> crate::cases::thread::Handled {
    let from = Sender::Named(from.to_owned());
    thread.send(&Message { from, ..Content::Plain(text.to_owned()).into() })
}

#[test]
fn ids_identify_people_and_names_do_not() {
    let both = person("d", "Bo", Some("29:b"));
    assert!(both.is(&person("29:b", "B. Larsen", None)) && person("29:b", "", None).is(&both));
    assert!(both.is(&person("d", "Bo", None)) && both.is(&person("e", "Bo", Some("29:b"))));
    assert!(!both.is(&person("e", "Bo", Some("29:c"))) && !both.is(&person("e", "Bo", None)));
    assert!(!person("", "Bo", None).is(&person("", "Bo", None)), "nobody is nobody");
}

#[test]
fn a_person_is_sealed_as_one_value() {
    let json = r#"{"sealed":{"id":"d","name":"Bo"}}"#;
    let read: Person = serde_json::from_str(json).unwrap();
    assert_eq!(read, person("d", "Bo", None));
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    let erased: Person = serde_json::from_str(r#"{"erased":null}"#).unwrap();
    assert_eq!(erased, person("", REMOVED, None));
}

#[test]
fn the_newest_name_and_all_ids_are_learned() {
    let mut people = People::default();
    people.learn(&person("29:b", "Bo", None), 1);
    people.learn(&person("d", "Bo Larsen", Some("29:b")), 2);
    people.learn(&person("d", "Bo L. Larsen", None), 3);
    assert_eq!(people.iter().collect::<Vec<_>>(), [&person("d", "Bo L. Larsen", Some("29:b"))]);
    people.learn(&person("", "Nobody", None), 4);
    people.learn(&person("e", "", None), 5);
    people.learn(&person("f", "Fay", None), 6);
    assert_eq!(people.len(), 2);
    people.forget(3);
    assert_eq!(people.iter().collect::<Vec<_>>(), [&person("f", "Fay", None)]);
}

/// Up to the limit; a record says who is evicted.
#[test]
fn the_person_silent_for_longest_is_evicted() {
    let mut thread = Thread::new(Config::default(), START);
    thread.limits = Limits { people: 2, ..Limits::DEFAULT };
    say(&mut thread, "Ann Lee", "open internal Checkout is failing").expect_record();
    say(&mut thread, "Bo Larsen", "doing This").expect_record();
    say(&mut thread, "Ann Lee", "know That").expect_record();
    say(&mut thread, "Cy Dekker", "affects All").expect_record();
    let names: Vec<&str> = thread.state.people.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ann Lee", "Cy Dekker"]);
    let evicted = thread.records.last().unwrap().events.last().unwrap();
    assert_eq!(*evicted, Event::People(PeopleEvent::Evicted { through: 2 }));
    let refused = say(&mut thread, "Ann Lee", "scribe Bo Larsen");
    let Decision::Refuse(why) = refused.decision() else {
        panic!("{refused:?}");
    };
    let words = why.to_markdown();
    assert!(words.starts_with("I don't know anyone called “Bo Larsen”"), "{words}");
    // Other limits mean the same log.
    let mut state = State::default();
    for bytes in &thread.log {
        fold_bytes(&mut state, bytes).unwrap();
    }
    assert_eq!(state, thread.state);
}

/// The two real bodies: a person writes, and is mentioned by somebody else, with a name over two
/// tags.
#[test]
fn a_sender_is_found_by_a_mention() {
    let mut thread = Thread::new(Config::default(), START);
    thread.say("open internal Checkout is failing").expect_record();
    let change = |name: &str, command: &str| {
        let body = String::from_utf8(fixture(name).body).unwrap();
        let mut body: Value = serde_json::from_str(&body).unwrap();
        let text = body["text"].as_str().unwrap().trim().to_owned();
        let person = text.split_once(" - ").map_or("", |(_, behind)| behind);
        let person = person.strip_suffix(" is incident lead").unwrap_or_default();
        body["text"] = format!("<at>StatusPage</at> {command} {person}").into();
        body["attachments"] = Value::Array(Vec::new());
        body.to_string().into_bytes()
    };
    thread.deliver(&change("03-newline.json", "doing Looking at the")).expect_record();
    let given = thread.deliver(&change("05-other-mention.json", "ic"));
    let event = given.expect_record().response().next().unwrap();
    let ResponseEvent::Assigned { role: Role::Commander, person, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!(person.name, "Oluwaseun Adeyemi-Brandt");
    assert_eq!(person.id, "c92e4f10-7b3d-4a58-b6e1-3d05f8a2c764");
}

#[test]
fn a_person_is_read_where_one_stands() {
    let said = |text: &str| Said::from(Text::plain(text));
    let named = |name: &str| TypedPerson::Named(name.to_owned());
    // At the end of a text only a marked name counts.
    for (text, expected) in [
        ("Call support @Bo", Some((named("Bo"), "Call support "))),
        ("Call support @\"Bo Larsen\".", Some((named("Bo Larsen"), "Call support "))),
        ("Call @me", Some((TypedPerson::Me, "Call "))),
        ("Call @oncall", Some((TypedPerson::OnCall(None), "Call "))),
        ("@Bo", Some((named("Bo"), ""))),
        ("Call me", None),
        ("Call @Bo Larsen", None),
        ("Write to bo@example.com", None),
        ("Write @", None),
        ("", None),
    ] {
        let said = said(text);
        let plain = said.text.to_plain();
        let found = last_person(&said, 0).map(|(person, end)| (person, &plain[..end]));
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(last_person(&said("@Bo calls"), 0), None);
    assert_eq!(last_person(&said("call @Bo"), 6), None, "it begins before");
    // In the middle of a command.
    for (text, expected) in [
        ("me from 9:00", Some((TypedPerson::Me, " from 9:00"))),
        ("  @Bo from 9:00", Some((named("Bo"), " from 9:00"))),
        ("@“Bo Larsen” from 9:00", Some((named("Bo Larsen"), " from 9:00"))),
        ("oncall", Some((TypedPerson::OnCall(None), ""))),
        ("Bo from 9:00", None),
        ("", None),
    ] {
        let said = said(text);
        let plain = said.text.to_plain();
        let found = next_person(&said, 0).map(|(person, end)| (person, &plain[end..]));
        assert_eq!(found, expected, "{text}");
    }
    // Where all of it is a person.
    for (text, expected) in [
        ("Bo Larsen", Some(named("Bo Larsen"))),
        ("@Bo Larsen!", Some(named("Bo Larsen"))),
        ("ME.", Some(TypedPerson::Me)),
        ("on-call payments", Some(TypedPerson::OnCall(Some("payments".to_owned())))),
        ("@", None),
        (" ", None),
    ] {
        let said = said(text);
        let end = said.text.to_plain().len();
        assert_eq!(whole_person(&said, 0, end), expected, "{text}");
    }
}

#[test]
fn every_role_has_its_duties_in_every_language() {
    let mut all = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let file = format!("languages/duties/{}.toml", language.tag());
        let text = std::fs::read(crate::house::root().join(&file)).unwrap();
        let checked = Duties::new(&file, &text).unwrap();
        assert_eq!(Duties::of(language).as_ref(), Some(&checked));
        for role in Role::ALL {
            assert_eq!(checked.lines(role).count(), 3);
            let texts = checked.lines(role).chain([checked.purpose(role)]);
            for text in texts {
                assert!(
                    all.insert(text.to_owned()),
                    "{file} has {text:?} twice, or it is not translated"
                );
            }
        }
    }
}

#[test]
fn a_damaged_file_of_duties_is_refused_with_its_line() {
    let good =
        std::fs::read_to_string(crate::house::root().join("languages/duties/en.toml")).unwrap();
    let line = "    \"Follow what the primary does, and check it.\",\n";
    let place = 1 + good.lines().position(|text| text == line.trim_end()).unwrap();
    let refused =
        |text: &str| Duties::new("site/duties.toml", text.as_bytes()).unwrap_err().to_string();
    for (to, why) in [
        (String::new(), format!("line {}: the duties of secondary have 2 lines", place - 1)),
        (line.repeat(2), format!("line {}: the duties of secondary have 4 lines", place - 1)),
        ("    \" \",\n".to_owned(), format!("line {place}: a text of secondary shows nothing")),
        (
            "    \"One\\nTwo\",\n".to_owned(),
            format!("line {place}: a text of secondary is not one line"),
        ),
        (
            format!("    \"{}\",\n", "x".repeat(201)),
            format!("line {place}: a text of secondary has 201 characters"),
        ),
        ("    7,\n".to_owned(), format!("line {place}: ")),
        ("    \"One,\n".to_owned(), format!("line {}: missing comma", place + 1)),
    ] {
        let error = refused(&good.replace(line, &to));
        assert!(error.starts_with("duties = \"site/duties.toml\" "), "{error}");
        assert!(error.contains(&why) && error.contains("line "), "{to:?}: {error}");
    }
    assert!(refused(&good.replace("[scribe]", "[scribes]")).contains("scribes"));
    assert!(refused("").contains("commander"), "{}", refused(""));
    assert!(Duties::new("x", b"\xff").unwrap_err().to_string().contains("is not UTF-8"));
}

/// The answer shows a team's own wording.
#[test]
fn a_teams_own_duties_replace_ours() {
    let file =
        std::fs::read_to_string(crate::house::root().join("languages/duties/en.toml")).unwrap();
    let own = file.replace("Note facts and decisions", "Keep our logbook");
    let duties = Some(Duties::new("site/duties.toml", own.as_bytes()).unwrap());
    for (config, words) in [
        (Config { duties, ..Config::default() }, "Keep our logbook"),
        (
            Config { language: Language::German, ..Config::default() },
            "Notiere Fakten und Entscheidungen",
        ),
        (Config::default(), "Note facts and decisions"),
    ] {
        let mut thread = Thread::new(config, START);
        thread.say("open internal Checkout is failing").expect_record();
        let record = thread.say("scribe me").expect_record().clone();
        let publication = status_update::core::answer::recorded::Publication::Late;
        let answer = status_update::core::answer::recorded::recorded(
            &record,
            &thread.state,
            publication,
            &thread.config,
        );
        assert!(format!("{answer:?}").contains(words), "{answer:?}");
    }
}
