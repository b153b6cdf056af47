//! The words of severities and states that the documentation and monitors have.

use serde_json::json;
use status_update::core::alerts::alert::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::alerts::words::{Grade, State, grade_of, state_of};
use status_update::core::incident::severity::Severity;

const DOCUMENTED: &str = include_str!("../../docs/alerts.md");

/// Every word of the documented table is of its row, and so in other spellings.
#[test]
fn documented_severities_are_read() {
    let rows = DOCUMENTED.lines().skip_while(|line| *line != "## Severities");
    let rows = rows.skip(1).take_while(|line| !line.starts_with("## "));
    let mut words = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, number, _, named, _] = cells[..] else { continue };
        let Ok(number) = number.parse::<u8>() else { continue };
        for word in named.split(", ") {
            for word in [word.to_owned(), word.to_uppercase(), format!(" {word} ")] {
                let grade = grade_of(&word).and_then(Grade::severity);
                assert_eq!(grade.map(Severity::number), Some(number), "{word}");
                words += 1;
            }
        }
    }
    assert!(words > 3 * 30, "{words}");
    for (word, number) in [("emerg", 1), ("SEV-1", 1), ("sev 2", 2), ("P5", 4), ("sev3", 3)] {
        let grade = grade_of(word).and_then(Grade::severity);
        assert_eq!(grade.map(Severity::number), Some(number), "{word}");
    }
    assert_eq!(grade_of("none"), Some(Grade::None));
    assert_eq!(grade_of("purple"), None);
}

#[test]
fn each_label_that_grades_is_read() {
    for name in ["severity", "priority", "level", "urgency"] {
        let labels = json!({ "alertname": "X", name: "P1" });
        let group = json!({ "version": "4", "alerts": [{ "labels": labels }] });
        for body in [json!({ "title": "X", name: "P1" }), group] {
            let alert = read_alert(body.to_string().as_bytes()).unwrap();
            assert_eq!(alert.severity().map(Severity::number), Some(1), "{body}");
        }
    }
}

#[test]
fn states_are_read_in_the_words_of_monitors() {
    for (words, state, condition) in [
        ("firing triggered alerting down open problem", State::Firing, Condition::Fired),
        ("resolved ok recovered up closed OK Recovered", State::Resolved, Condition::Resolved),
    ] {
        for word in words.split(' ') {
            assert_eq!(state_of(word), Some(state), "{word}");
            let body = json!({ "title": "X", "status": word }).to_string();
            let alert = read_alert(body.as_bytes()).unwrap();
            assert_eq!((alert.condition, alert.not_understood.len()), (condition, 0), "{word}");
        }
    }
    let body = json!({ "title": "X", "status": "purple" }).to_string();
    let alert = read_alert(body.as_bytes()).unwrap();
    assert_eq!(alert.condition, Condition::Fired, "an unknown state is heard");
    assert_eq!(alert.not_understood, ["status = \"purple\""]);
}
