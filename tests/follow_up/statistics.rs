//! Statistics, compared with manually computed values and with Python, and the incidents that
//! count.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::incident::model::Impact;
use status_update::core::incident::severity::Severity;
use status_update::core::response::csv;
use status_update::core::response::milestone::Milestone;
use status_update::core::response::model::Visibility;
use status_update::core::response::period::Period;
use status_update::core::response::statistics::{Figures, Measure, Statistics};
use status_update::core::response::summary::Summary;
use status_update::core::text::time::spoken_length;

use crate::cases::thread::{START, Thread};

const TABLES: &str = include_str!("statistics.txt");
/// The columns of a table, in their order.
const COLUMNS: [Milestone; 6] = [
    Milestone::Started,
    Milestone::Detected,
    Milestone::Acknowledged,
    Milestone::Declared,
    Milestone::Mitigated,
    Milestone::Resolved,
];

fn summary(number: u32, times: BTreeMap<Milestone, Timestamp>) -> Summary {
    Summary {
        number,
        visibility: Visibility::Public,
        components: Vec::new(),
        severity: None,
        impact: Some(Impact::Major),
        times,
        promises_kept: 0,
        promises_broken: 0,
        document: None,
    }
}

/// A row: `21 13:40`, or `-` where it is not known.
fn row(number: u32, line: &str) -> Summary {
    let mut words = line.split_whitespace();
    let mut times = BTreeMap::new();
    for milestone in COLUMNS {
        let day = words.next().unwrap();
        if day != "-" {
            let time = words.next().unwrap();
            times.insert(milestone, format!("2026-11-{day}T{time}:00Z").parse().unwrap());
        }
    }
    assert_eq!(words.next(), None, "{line}");
    summary(number, times)
}

/// Minutes as the table has them; `-` where nothing is known.
fn minutes(length: Option<SignedDuration>) -> String {
    let Some(length) = length else { return "-".to_owned() };
    let seconds = length.as_secs();
    let half = if seconds % 60 == 0 { "" } else { ".5" };
    assert!(seconds % 30 == 0, "{seconds} s");
    format!("{}{half}", seconds / 60)
}

#[test]
fn figures_match_manual_calculations() {
    let mut tables = 0;
    for table in TABLES.split("\n== ").skip(1) {
        let (rows, figures) = table.split_once("-- median p90 n lacking\n").unwrap();
        let rows = rows.lines().skip(2).filter(|line| !line.is_empty());
        let incidents: Vec<Summary> =
            rows.zip(1..).map(|(line, number)| row(number, line)).collect();
        let incidents: Vec<&Summary> = incidents.iter().collect();
        let statistics = Statistics::of(&incidents);
        assert_eq!(statistics.incidents, incidents.len());
        let expected = figures.lines().filter(|line| !line.is_empty());
        let expected: Vec<Vec<&str>> = expected.map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(expected.len(), 5, "{table}");
        for ((measure, figures), expected) in statistics.figures.iter().zip(expected) {
            let found = [
                minutes(figures.median),
                minutes(figures.p90),
                figures.count.to_string(),
                figures.lacking.to_string(),
            ];
            let numbers = &expected[expected.len() - 4..];
            assert_eq!(found, numbers, "{measure:?} in {table}");
        }
        tables += 1;
    }
    assert_eq!(tables, 6);
}

/// Python's median, and a p90 that is looked for instead of computed.
#[test]
fn figures_are_those_of_python() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(-100_000_i64..1_000_000, 0..60);
    let mut lists: Vec<Vec<i64>> =
        (0..300).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    lists.extend((1..40).map(|length| (0..length).collect()));
    let script = format!("{}/tests/python/figures.py", env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new("python3")
        .args(["-B", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed");
    let mut input = python.stdin.take().unwrap();
    for list in &lists {
        writeln!(input, "{}", serde_json::to_string(list).unwrap()).unwrap();
    }
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(lines.len(), lists.len());
    for (line, list) in lines.iter().zip(&lists) {
        let values = list.iter().map(|seconds| Some(SignedDuration::from_secs(*seconds)));
        let figures = Figures::of(values.chain([None]));
        let seconds = |length: Option<SignedDuration>| length.map(|length| length.as_secs_f64());
        let theirs: [Option<f64>; 2] = serde_json::from_str(line).unwrap();
        assert_eq!([seconds(figures.median), seconds(figures.p90)], theirs, "{list:?}");
        assert_eq!((figures.count, figures.lacking), (list.len(), 1));
    }
}

#[test]
fn formulas_are_those_of_the_milestones() {
    let formulas = Measure::ALL.map(Measure::formula);
    assert_eq!(
        formulas,
        [
            "detected − started",
            "acknowledged − declared",
            "mitigated − declared",
            "resolved − started",
            "resolved − detected",
            "resolved − declared"
        ]
    );
}

#[test]
fn durations_have_their_two_largest_units() {
    let told = |seconds| spoken_length(SignedDuration::from_secs(seconds));
    for (seconds, words) in [
        (0, "0 s"),
        (45, "45 s"),
        (60, "1 min"),
        (750, "12 min 30 s"),
        (3_600, "1 h"),
        (26 * 3_600 + 300, "26 h 5 min"),
        (150 * 3_600, "150 h"),
        (-1_200, "−20 min"),
    ] {
        assert_eq!(told(seconds), words);
    }
}

#[test]
fn periods_are_calendar_days_of_the_zone() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    for (typed, from, until) in [
        ("2026-11", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
        ("2026-12", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"),
        ("2026-Q4", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"),
        ("2026-q1", "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"),
        ("2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"),
    ] {
        let bounds = typed.parse::<Period>().unwrap().bounds(now, &zone);
        assert_eq!(
            (bounds.from.to_string(), bounds.until.to_string()),
            (from.into(), until.into())
        );
        assert!(bounds.contain(bounds.from) && !bounds.contain(bounds.until), "{typed}");
    }
    let days = "90d".parse::<Period>().unwrap().bounds(now, &zone);
    assert_eq!(days.from.to_string(), "2026-08-23T10:00:00Z");
    assert!(days.contain(now));
    assert!("all".parse::<Period>().unwrap().bounds(now, &zone).contain(Timestamp::MIN));
    for wrong in [
        "", "0d", "d", "-1d", "3651d", "99999d", "2026-Q0", "2026-Q5", "2026-0", "2026-13", "1999",
        "26", "2026-1", "2026-011", "20261", "q4", "９０d",
    ] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
}

fn kept(thread: &Thread) -> Vec<u32> {
    thread.state.summaries.iter().map(|summary| summary.number).collect()
}

fn time(thread: &Thread, number: u32, milestone: Milestone) -> Timestamp {
    thread.state.summaries.get(number).unwrap().times[&milestone]
}

/// Counted once, by its first declaration and its last resolution.
#[test]
fn a_reopened_incident_counts_once_with_its_last_end() {
    let mut thread = Thread::new(Config::default(), START);
    let declared = thread.say("open Checkout is failing").expect_record().at;
    let first = thread.say("close").expect_record().at;
    assert_eq!(kept(&thread), [1]);
    assert_eq!(time(&thread, 1, Milestone::Resolved), first);
    thread.say("reopen #1 It is back").expect_record();
    assert!(kept(&thread).is_empty(), "what is open is not counted");
    thread.now += Span::new().hours(30);
    let last = thread.say("close").expect_record().at;
    assert_eq!(kept(&thread), [1]);
    assert_eq!(time(&thread, 1, Milestone::Resolved), last);
    assert_eq!(time(&thread, 1, Milestone::Declared), declared);
}

#[test]
fn drills_never_count_and_internal_incidents_do() {
    let mut thread = Thread::new(Config::default(), START);
    for opening in ["open drill An exercise", "open internal Not on the page"] {
        thread.say(opening).expect_record();
        thread.say("close").expect_record();
    }
    assert_eq!(kept(&thread), [2]);
    assert_eq!(thread.state.summaries.get(2).unwrap().impact, None);
}

/// Facts added after the end count too, as do the page's worst impact and every component.
#[test]
fn a_summary_follows_later_facts() {
    let config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    let mut thread = Thread::new(config, START);
    for line in [
        "open critical on Checkout: It fails",
        "impact minor",
        "update on Search: It is the search",
        "close",
        "sev #1 2",
        "when #1 started 20m ago",
    ] {
        thread.say(line).expect_record();
    }
    let summary = thread.state.summaries.get(1).unwrap();
    assert_eq!(summary.severity, Some(Severity::High));
    assert_eq!(summary.impact, Some(Impact::Critical));
    assert_eq!(summary.components, ["checkout", "search-v2"]);
    assert!(summary.times.contains_key(&Milestone::Started));
}

/// Beyond the limit the first ones go, and the answer says that it is not all.
#[test]
fn evictions_are_recorded() {
    let mut thread = Thread::new(Config::default(), START);
    thread.limits.summaries = 3;
    for _ in 0..6 {
        thread.say("open Something was failing").expect_record();
        thread.say("close").expect_record();
    }
    assert_eq!(kept(&thread), [4, 5, 6]);
    let told = |thread: &mut Thread, line: &str| answer(thread, line);
    let all = told(&mut thread, "stats all");
    assert!(all.contains("Not all incidents"), "{all}");
    assert!(all.contains("`status-update stats all`"), "{all}");
    assert!(all.contains("3 closed incidents"), "{all}");
    let before = told(&mut thread, "stats 2026-12");
    assert!(!before.contains("Not all incidents"), "a later period has all: {before}");
    // The log alone results in the same state.
    let mut state = status_update::core::log::state::State::default();
    for bytes in &thread.log {
        status_update::core::log::fold::fold_bytes(&mut state, bytes).unwrap();
    }
    assert_eq!(state, thread.state);
}

/// The bot's answer, as a terminal shows it.
fn answer(thread: &mut Thread, line: &str) -> String {
    use status_update::core::answer::{card, report::report};
    use status_update::core::decide::Decision;
    let said = thread.say(line);
    let Decision::Answer(asked) = said.decision() else { panic!("{said:?}") };
    let answer = report(asked, &thread.state, None, &thread.config);
    card::to_terminal(&card::activity(&answer)).unwrap()
}

/// As Python's own reader splits it; nothing in it begins a formula.
#[test]
fn csv_is_read_by_python() {
    let titles = [
        "Plain",
        "=HYPERLINK(\"https://example.com\",\"x\")",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        " =1+1",
        "\t=1+1",
        "Comma, \"quotes\"\nand lines\r\nof both kinds",
        "Ünïcödé ✅",
        "",
    ];
    let mut table = csv::heading();
    for (title, number) in titles.iter().zip(1..) {
        let mut summary = row(number, "21 13:00 21 13:05 21 13:10 21 13:30 21 13:20 21 13:25");
        summary.components = vec!["-dash".to_owned(), "api".to_owned()];
        summary.severity = Some(Severity::High);
        table += &csv::line(&summary, title);
    }
    table += &csv::line(&row(99, "- - - 21 13:30 - -"), "Nothing is known");
    let script = "import csv,io,json,sys; t=sys.stdin.buffer.read().decode(); \
                  print(json.dumps(list(csv.DictReader(io.StringIO(t, newline=''), strict=True))))";
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed");
    python.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let rows: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), titles.len() + 1);
    for (row, title) in rows.iter().zip(titles) {
        let read = row["title"].as_str().unwrap();
        assert_eq!(read.strip_prefix('\'').unwrap_or(read), title);
        assert!(!read.trim_start().starts_with(['=', '+', '-', '@']), "{read}");
        assert_eq!(row["components"], "'-dash api");
        assert_eq!(row["declared"], "2026-11-21T13:30:00Z");
        assert_eq!(row["acknowledge_seconds"], "-1200");
        assert_eq!(row["resolve_from_start_seconds"], "1500");
        assert_eq!(row["severity"], "2");
        assert_eq!(row["closed"], "");
    }
    let unknown = rows.last().unwrap();
    for column in ["started", "detect_seconds", "resolve_from_start_seconds", "severity"] {
        assert_eq!(unknown[column], "", "missing is empty, and not zero");
    }
    let lines = table.replace("\"Comma, \"\"quotes\"\"\nand lines\r\nof both kinds\"", "");
    assert_eq!(lines.matches('\n').count(), lines.matches("\r\n").count());
}
