//! The review of an incident: a whole one as a snapshot, hostile words in every place, HTML, and a
//! team's own wording.

mod hostile;

use jiff::Timestamp;
use jiff::civil::date;
use status_update::core::config::{Config, ReviewTemplate};
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::model::{Impact, MonthPart, Stage};
use status_update::core::incident::severity::Severity;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Cause, Event, MessageId, RECORD_FORMAT, Record, Source};
use status_update::core::log::state::State;
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::internal_text::InternalText;
use status_update::core::response::milestone::{Milestone, ReadingSource as Known};
use status_update::core::response::model::{Topic, Visibility};
use status_update::core::response::person::Person;
use status_update::core::response::role::Role;
use status_update::core::review::facts;
use status_update::core::review::html::page;
use status_update::core::review::strip::strip;
use status_update::core::review::template::{check, document};
use status_update::core::text::Text;

use crate::browser::none_wrong;
use crate::browser::run;
use crate::support::tools;

/// An incident written record by record, to control every detail.
struct Script {
    state: State,
    records: Vec<Record>,
    config: Config,
}

const NUMBER: u32 = 1;

fn at(time: &str) -> Timestamp {
    format!("2026-11-21T{time}:00Z").parse().unwrap()
}

fn said(words: &str) -> InternalText {
    InternalText::new(Text::plain(words))
}

fn person(name: &str) -> Person {
    Person { id: format!("id of {name}"), name: name.to_owned(), teams_id: None }
}

impl Script {
    fn new() -> Self {
        let config =
            Config::parse("time_zone = \"Europe/Berlin\"\n[[components]]\nname = \"Checkout\"");
        Self { state: State::default(), records: Vec::new(), config: config.unwrap() }
    }

    fn add(&mut self, time: &str, by: &str, events: Vec<Event>) {
        let record = Record {
            format: RECORD_FORMAT,
            revision: self.state.revision + 1,
            at: at(time),
            cause: Cause {
                source: Source::Message,
                by: person(by),
                message: MessageId {
                    conversation: "c".to_owned(),
                    id: self.state.revision.to_string(),
                },
                thread: None,
                at: at(time),
            },
            previous: self.state.head.clone(),
            events,
        };
        let bytes = serde_json::to_vec(&record).unwrap();
        fold_bytes(&mut self.state, &bytes).unwrap_or_else(|error| panic!("{error}: {record:?}"));
        self.records.push(record);
    }

    fn internal(&mut self, time: &str, by: &str, event: ResponseEvent) {
        self.add(time, by, vec![Event::Response(event)]);
    }

    fn document(&self) -> String {
        self.document_in(&self.config).unwrap()
    }

    fn html(&self) -> String {
        let response = self.state.response(NUMBER).unwrap();
        let figure = strip(response, &self.config.time_zone);
        page("Review of #1", &self.document(), &figure)
    }

    fn document_in(&self, config: &Config) -> Result<String, String> {
        let response = self.state.response(NUMBER).unwrap();
        let is_told = |record: &&Record| response.entries.iter().any(|e| e.1 == record.revision);
        let records: Vec<Record> = self.records.iter().filter(is_told).cloned().collect();
        let incident = self.state.status.incident(NUMBER);
        document(facts::ReviewSource {
            response,
            incident,
            records: &records,
            progress: None,
            config,
            names: &self.state.status.component_names,
        })
        .map_err(|error| error.to_string())
    }
}

fn reached(milestone: Milestone, time: &str, via: Option<&str>) -> ResponseEvent {
    ResponseEvent::Reached {
        number: NUMBER,
        milestone,
        at: at(time),
        source: Known::Typed,
        via: via.map(str::to_owned),
        was: None,
    }
}

fn updated(update: u32, stage: Stage, impact: Impact, text: &str) -> Event {
    Event::Status(StatusEvent::Updated {
        number: NUMBER,
        update,
        title: "Checkout is failing".to_owned(),
        impact,
        stage,
        components: None,
        next_update_by: None,
        ended: None,
        text: Text::plain(text),
    })
}

/// Everything that can be said of an incident, each with `words` in it.
fn incident(words: &dyn Fn(&str) -> String) -> Script {
    let number = NUMBER;
    let mut script = Script::new();
    let s = &mut script;
    let (ada, grace) = (words("Ada Lovelace"), words("Grace Hopper"));
    let opened = StatusEvent::Opened {
        number,
        update: 1,
        month: MonthPart::first_of(date(2026, 11, 21)),
        impact: Impact::Major,
        components: vec!["checkout".to_owned()],
        next_update_by: None,
        began: None,
        text: Text::plain(&words("Checkout is failing")),
    };
    s.add("13:55", &ada, vec![Event::Status(opened)]);
    s.internal("13:56", &ada, reached(Milestone::Started, "13:40", None));
    s.internal("13:57", &ada, reached(Milestone::Detected, "13:52", Some("customer")));
    s.internal("13:58", &ada, ResponseEvent::Graded { number, severity: Severity::Medium });
    let take = |role, who: &str, topic: Option<String>, from: Option<&str>| {
        let (person, from) = (person(who), from.map(person));
        ResponseEvent::Assigned { number, role, topic, person, from }
    };
    s.internal("13:59", &ada, take(Role::Commander, &ada, None, None));
    s.internal("14:00", &grace, take(Role::Expert, &grace, Some(words("payments")), None));
    s.internal("14:00", &grace, reached(Milestone::Acknowledged, "14:00", None));
    s.internal("14:05", &grace, ResponseEvent::Graded { number, severity: Severity::Critical });
    for (topic, text) in [
        (Topic::Aware, "Management and support"),
        (Topic::Doing, "We roll back"),
        (Topic::Affected, "All who pay by card"),
    ] {
        let text = said(&words(text));
        s.internal("14:06", &ada, ResponseEvent::Replied { number, topic, text });
    }
    s.add(
        "14:10",
        &ada,
        vec![updated(2, Stage::Identified, Impact::Critical, &words("A certificate has expired"))],
    );
    let told = ResponseEvent::Told {
        number,
        told: 1,
        at: None,
        audience: words("Key accounts"),
        via: words("mail"),
        text: said(&words("Card payments fail")),
    };
    s.internal("14:12", &grace, told);
    s.internal("14:20", &ada, take(Role::Commander, &grace, None, Some(&ada)));
    for (note, time, text) in [
        (1, "14:14", "They renewed the certificate by hand"),
        (2, "14:15", "factor: The certificate was on nobody's list"),
        (3, "14:16", "well: The rollback was practised"),
        (4, "14:17", "badly: The alarm went to an empty room"),
    ] {
        let (head, rest) = text.split_once(": ").unwrap_or(("", text));
        let text = if head.is_empty() { words(rest) } else { format!("{head}: {}", words(rest)) };
        let noted = ResponseEvent::Noted { number, note, at: Some(at(time)), text: said(&text) };
        s.internal("14:21", &grace, noted);
    }
    s.internal(
        "14:25",
        &grace,
        ResponseEvent::TaskAdded {
            number,
            task: 1,
            text: said(&words("Restart the gateway")),
            assignee: Some(person(&ada)),
        },
    );
    s.internal(
        "14:28",
        &ada,
        ResponseEvent::TaskDone { number, task: 1, text: said(&words("Restart the gateway")) },
    );
    s.internal(
        "14:30",
        &grace,
        ResponseEvent::Tested {
            number,
            passed: true,
            text: said(&words("Three payments went through")),
        },
    );
    s.internal("14:31", &grace, reached(Milestone::Mitigated, "14:30", None));
    s.add(
        "15:10",
        &grace,
        vec![updated(
            3,
            Stage::Resolved,
            Impact::Critical,
            &words("The new certificate is in place"),
        )],
    );
    s.internal(
        "15:20",
        &ada,
        ResponseEvent::Released { number, role: Role::Commander, person: person(&grace) },
    );
    for (action, text, due) in [
        (1, "Renew certificates a month ahead", Some(date(2026, 12, 1))),
        (2, "Tell the on-call where the alarm goes", None),
    ] {
        let (text, assignee) = (said(&words(text)), due.map(|_| person(&ada)));
        s.internal(
            "15:30",
            &ada,
            ResponseEvent::ActionAdded { number, action, text, assignee, due },
        );
    }
    s.internal("15:40", &ada, ResponseEvent::ActionDone { number, action: 2, text: said("") });
    script
}

fn plain_words(words: &str) -> String {
    words.to_owned()
}

/// Read the snapshot like a reviewer: a team will read it.
#[test]
fn a_complete_incident_has_a_complete_review() {
    let document = incident(&plain_words).document();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "documents" }, {
        insta::assert_snapshot!("review", document);
    });
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let documents: Vec<String> = (0..3).map(|_| incident(&plain_words).document()).collect();
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]));
    // The review does not change its own input: rendered again, it is the same.
    let mut script = incident(&plain_words);
    let before = script.document();
    script.internal("16:00", "Ada Lovelace", ResponseEvent::Reviewed { number: NUMBER });
    assert_eq!(script.document(), before);
}

/// The time in each severity and impact, computed manually: graded 3 at 13:58, 1 at 14:05, closed
/// at 15:10.
#[test]
fn time_in_each_severity_is_that_of_the_records() {
    let document = incident(&plain_words).document();
    for line in [
        "- Severity 1: 1 h 5 min",
        "- Severity 3: 7 min",
        // From the start, which was before the declaration.
        "- Before a severity was set: 18 min",
        "- Major outage on the status page: 1 h",
        "- Partial outage on the status page: 15 min",
    ] {
        assert!(document.lines().any(|found| found == line), "{line}: {document}");
    }
}

/// The time in which it was closed is not counted.
#[test]
fn a_reopened_incident_was_not_bad_in_between() {
    let mut script = incident(&plain_words);
    script.internal(
        "15:45",
        "Ada Lovelace",
        ResponseEvent::Noted { number: NUMBER, note: 5, at: None, text: said("Quiet") },
    );
    let reopened = StatusEvent::Reopened {
        number: NUMBER,
        update: 4,
        title: "Checkout is failing".to_owned(),
        impact: Impact::Critical,
        next_update_by: None,
        text: Text::plain("It is back"),
    };
    script.add("16:00", "Ada Lovelace", vec![Event::Status(reopened)]);
    assert!(script.document().starts_with("# Draft of a review"), "{}", script.document());
    script.add("16:20", "Ada Lovelace", vec![updated(5, Stage::Resolved, Impact::Critical, "")]);
    let document = script.document();
    assert!(document.contains("- Severity 1: 1 h 25 min\n"), "{document}");
    assert!(document.contains("- Major outage on the status page: 1 h 20 min\n"), "{document}");
    assert!(document.contains("| Resolved | 2026-11-21 17:20 |"), "{document}");
}

#[test]
fn a_drill_and_an_incident_without_facts_have_reviews() {
    let mut script = Script::new();
    let (components, text) = (Vec::new(), said("Only an exercise"));
    let visibility = Visibility::Drill;
    script.internal(
        "10:00",
        "Ada",
        ResponseEvent::Declared { number: NUMBER, visibility, components, impact: None, text },
    );
    let document = script.document();
    assert!(document.starts_with("# Draft of a review: drill 1, Only an exercise\n"), "{document}");
    assert!(document.contains("**This was a drill.** It was on no page"), "{document}");
    assert!(
        document.contains(
            "| Time to detect | detected − started | unknown: started and detected missing |"
        ),
        "{document}"
    );
}

#[tokio::test]
async fn html_is_valid() {
    if tools::node().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("review.html");
    std::fs::write(&file, incident(&plain_words).html()).unwrap();
    let wrong: Vec<String> = run("validate.mjs", [file].into_iter()).await;
    none_wrong(&wrong);
}

fn own(text: &str) -> Config {
    let own = ReviewTemplate { name: "site/review.md".to_owned(), text: text.to_owned() };
    Config { review: Some(own), ..Script::new().config }
}

#[test]
fn a_team_words_it_their_own_way() {
    let config = own(
        "{{ title }}\n{% for day in timeline %}{% for entry in day.entries %}{{ entry.by }}: {{ entry.what }}\n\
         {% endfor %}{% endfor %}",
    );
    check(&config).unwrap();
    let document = incident(&|_| "1. *x*".to_owned()).document_in(&config).unwrap();
    assert!(
        document.starts_with("1\\. \\*x\\*\n"),
        "what people wrote is escaped there too: {document}"
    );
}

#[test]
fn a_wrong_template_is_refused_with_its_line() {
    for (text, why) in [
        ("fine\n{{ nothing }}", "line 2: undefined value"),
        ("{% for x in timeline %}\n{{ x.nothing }}\n{% endfor %}", "line 2: undefined value"),
        ("{% if is_drill %}\n\n{{ nothing }}{% endif %}", "line 3: undefined value"),
        ("{% for span in impacts %}{{ span.nothing }}{% endfor %}", "line 1: undefined value"),
        ("\n{% for x in timeline %}", "line 2: syntax error"),
        ("{{ title|safe }}", "line 1: unknown filter"),
        ("{% include \"other\" %}", "line 1: template not found"),
    ] {
        let refused = check(&own(text)).unwrap_err().to_string();
        assert!(refused.starts_with("review = \"site/review.md\" cannot be used: "), "{refused}");
        assert!(refused.contains(why), "{text}: {refused}");
        assert_eq!(refused.lines().count(), 1, "{refused}");
    }
}
