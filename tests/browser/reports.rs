//! The report of a month, on the page and as CSV.

use std::fs;

use jiff::{Timestamp, ToSpan as _};
use status_update::core::config::Config;

use super::scenes::{config, pages, say, wait};
use crate::cases::thread::{START, Thread};
use crate::support::local::{run, text};

/// An hour without the API and one with slow mail in November, and an open incident.
fn november(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    say(&mut thread, "open critical on API: Requests fail");
    say(&mut thread, "open another minor on Mail: Mail is slow");
    wait(&mut thread, 58.minutes());
    say(&mut thread, "close #1 They work");
    say(&mut thread, "close #2 It is fast");
    wait(&mut thread, 23.hours());
    say(&mut thread, "maintenance 2026-11-24 22:00 to 23:00 on Labels: New printers");
    thread
}

/// The words of a report, line by line, and where they are links to.
fn report(thread: &Thread, month: &str) -> Option<String> {
    let name = format!("reports/{month}/index.html");
    let page = pages(thread).into_iter().find(|page| page.name == name)?;
    Some(String::from_utf8(page.bytes.to_vec()).unwrap())
}

#[test]
fn a_report_has_uptime_against_the_target_and_incidents() {
    let report = report(&november(config()), "2026-11").unwrap();
    for expected in [
        "<h1>Report for November 2026</h1>",
        "<p>Nov 21, 2026 – Nov 22, 2026 · target 99.9%</p>",
        "<b>API</b> <span class=\"bad\">95.839% · target missed</span>\n<p>Major outage 1 h</p>",
        // Degraded performance is named, and costs nothing.
        "<b>Mail</b> <span>100% · target met</span>\n<p>Degraded performance 1 h</p>",
        "<b>Search</b> <span>100% · target met</span>\n<p>No outage, no degradation</p>",
        "<a href=\"/incidents/1/\" dir=\"auto\"><b>Requests fail</b></a> <span class=\"bad\">Major outage</span>",
        "lasted 1 h",
        "<a href=\"/history/2026-11/\">November 2026</a>",
    ] {
        assert!(report.contains(expected), "{expected}: {report}");
    }
    // The maintenance of the day after tomorrow is no part of it.
    assert_eq!(report.matches("<a href=\"/incidents/").count(), 2, "{report}");
}

/// Planned work is reported once it has begun; what was called off before that never is.
#[test]
fn a_report_has_no_plans() {
    let mut thread = november(config());
    let is_reported = |thread: &Thread| {
        let report = report(thread, "2026-11").unwrap();
        report.contains("New printers")
    };
    assert!(!is_reported(&thread));
    let mut called_off = november(config());
    say(&mut called_off, "maintenance #3 cancel");
    wait(&mut called_off, (5 * 24).hours());
    assert!(!is_reported(&called_off));
    wait(&mut thread, (5 * 24).hours());
    assert!(is_reported(&thread));
}

#[test]
fn without_a_target_a_report_judges_nothing() {
    let config = Config { uptime_target: None, ..config() };
    let report = report(&november(config), "2026-11").unwrap();
    assert!(report.contains("<b>API</b> <span>95.839%</span>"), "{report}");
    assert!(!report.contains("target"), "{report}");
}

/// This month and the one before it have one, and the page about uptime links both.
#[test]
fn two_months_are_reported() {
    let mut thread = november(config());
    let months = ["2026-10", "2026-11", "2026-12", "2027-01"];
    let reported = |thread: &Thread| months.map(|month| report(thread, month).is_some());
    assert_eq!(reported(&thread), [false, true, false, false]);
    wait(&mut thread, (10 * 24).hours());
    assert_eq!(reported(&thread), [false, true, true, false]);
    let pages = pages(&thread);
    let uptime = pages.iter().find(|page| page.name == "uptime/index.html").unwrap();
    let uptime = std::str::from_utf8(&uptime.bytes).unwrap();
    let links = "Monthly reports: <a href=\"/reports/2026-12/\">December 2026</a> · \
                 <a href=\"/reports/2026-11/\">November 2026</a>";
    assert!(uptime.contains(links), "{uptime}");
    wait(&mut thread, (31 * 24).hours());
    assert_eq!(reported(&thread), [false, false, true, true]);
}

#[tokio::test]
async fn a_terminal_prints_a_month_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let config = "uptime_target = 99.95\n[[components]]\nname = \"Search \\\"fast\\\"\"\nid = \"search\"\n\
                  [[components]]\nname = \"API\"\n";
    fs::write(folder.path().join("status.toml"), config).unwrap();
    for command in ["open critical on API: Requests fail", "close They work"] {
        assert!(run(folder.path(), &["say", command]).await.status.success());
    }
    let month = Timestamp::now().strftime("%Y-%m").to_string();
    let output = run(folder.path(), &["report", &month]).await;
    assert!(output.status.success(), "{output:?}");
    let csv = text(&output.stdout);
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    let heading = "component,name,from,to,uptime_percent,target_percent,major_outage_minutes,\
                   partial_outage_minutes,degraded_minutes,maintenance_minutes";
    assert_eq!((lines.len(), lines[0]), (3, heading), "{csv}");
    assert!(lines[1].starts_with("search,\"Search \"\"fast\"\"\",20"), "{csv}");
    assert!(lines[1].ends_with(",100.000,99.950,0,0,0,0"), "{csv}");
    assert!(lines[2].starts_with(&format!("api,API,{month}-")), "{csv}");
    assert!(lines[2].ends_with(",99.950,0,0,0,0"), "{csv}");

    for (month, why) in [
        ("2020-01", "no day of 2020-01 is on record"),
        ("2026-1", "\"2026-1\" is not a month such as 2026-11"),
    ] {
        let output = run(folder.path(), &["report", month]).await;
        assert!(!output.status.success(), "{output:?}");
        assert!(text(&output.stderr).contains(why), "{output:?}");
    }
}
