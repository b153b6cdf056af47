//! Each alert's own query over lines that the program wrote behind the stand-in host: it fires when
//! it should, and only then. Azure's engine is not available, so `DuckDB` runs translated queries;
//! `queries` tests them with Azure's own parser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bicep::{of_type, stored};
use super::queries::{ask, tables};
use crate::house::{all_sources, read};
use crate::support::host::{App, Host, Level};
use crate::support::http::{self, Body, HANG};
use crate::support::teams::{self, Message, Reply};
use crate::support::tools;

/// Rows of the tables that the queries read.
type Rows = BTreeMap<&'static str, Vec<Value>>;

/// An alert as deployed.
struct Rule {
    query: String,
    /// The column whose sum is compared; the number of rows otherwise.
    counted: Option<String>,
    threshold: u64,
    looks_back: SignedDuration,
}

/// The alerts on queries that every deployment has.
fn rules() -> BTreeMap<String, Rule> {
    let deployment = stored("defaults");
    let mut rules = BTreeMap::new();
    for resource in of_type(&deployment, "Microsoft.Insights/scheduledQueryRules") {
        let properties = &resource["properties"];
        let [criterion] = &properties["criteria"]["allOf"].as_array().unwrap()[..] else {
            panic!("{properties}: more than one criterion")
        };
        let counted = criterion["metricMeasureColumn"].as_str().map(str::to_owned);
        let aggregation = if counted.is_some() { "Total" } else { "Count" };
        assert_eq!(criterion["timeAggregation"], aggregation, "{criterion}");
        assert_eq!(criterion["operator"], "GreaterThanOrEqual", "{criterion}");
        let longer = properties["overrideQueryTimeRange"].as_str();
        let looks_back = longer.or_else(|| properties["windowSize"].as_str()).unwrap();
        let looks_back = looks_back.parse::<Span>().unwrap();
        let looks_back = looks_back.to_duration(SpanRelativeTo::days_are_24_hours()).unwrap();
        let name = resource["name"].as_str().unwrap().strip_prefix("alert-").unwrap();
        let (name, _) = name.rsplit_once('-').unwrap();
        let query = criterion["query"].as_str().unwrap().to_owned();
        assert_eq!(query, read(&format!("infra/queries/{name}.kql")), "{name} is not as stored");
        let threshold = criterion["threshold"].as_u64().unwrap();
        rules.insert(name.to_owned(), Rule { query, counted, threshold, looks_back });
    }
    rules
}

fn time(row: &Value) -> Timestamp {
    let time = if row["timestamp"].is_null() { &row["TimeGenerated"] } else { &row["timestamp"] };
    time.as_str().unwrap().parse().unwrap()
}

impl Rule {
    /// The input of the engine. Like Azure, shows the query only the rows of its time window.
    fn question(&self, rows: &Rows, now: Timestamp) -> Value {
        let seen = |row: &&Value| time(row) <= now && time(row) > now - self.looks_back;
        let rows = rows.iter().map(|(table, rows)| (*table, rows.iter().filter(seen).collect()));
        let rows: BTreeMap<&str, Vec<&Value>> = rows.collect();
        json!({ "query": self.query, "now": now, "rows": rows })
    }

    fn fires(&self, found: &Value) -> bool {
        let found = found.as_array().unwrap();
        let measured = match &self.counted {
            Some(column) => found.iter().map(|row| row[column].as_u64().unwrap()).sum(),
            None => found.len() as u64,
        };
        measured >= self.threshold
    }
}

/// A line as it arrives in `traces`. The host forwards it as a whole, with its own level and
/// without an operation id; a sampled line stands for `itemCount`.
fn trace(category: &str, level: Level, line: &str, at: Timestamp, count: u32) -> Value {
    let severity = match level {
        Level::Information => 1,
        Level::Warning => 2,
        Level::Error => 3,
    };
    json!({
        "timestamp": at, "message": line, "severityLevel": severity, "itemCount": count,
        "customDimensions": { "Category": category }, "operation_Id": "",
    })
}

const CONSOLE: &str = "Host.Function.Console";

/// The host's own row of a call that failed in its eyes.
fn request(function: &str, at: Timestamp) -> Value {
    json!({ "timestamp": at, "name": function, "resultCode": "500", "itemCount": 1 })
}

/// A program behind the stand-in host, on a folder.
struct Life {
    place: TempDir,
    host: Host,
}

impl Life {
    async fn on(place: TempDir, storage: Option<&str>) -> Self {
        let folder = format!("dir:{}", place.path().display());
        let storage = ("STATUS_STORAGE", storage.unwrap_or(&folder));
        let settings = [storage, ("STATUS_WEBHOOK_TOKENS", teams::TOKEN)];
        let host = Host::start(App::packaged(), &settings).await.unwrap();
        Self { place, host }
    }

    async fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap(), None).await
    }

    async fn say(&self, text: &str) -> Reply {
        let url = self.host.url("/api/status-update");
        Reply::of(&teams::say(&url, &Message::new(text)).await)
    }

    /// Waits until the host has read a line that says so.
    async fn said(&self, sentence: &str) {
        self.wrote(sentence, |row| says(row, sentence)).await;
    }

    async fn wrote(&self, what: &str, is: impl Fn(&Value) -> bool) {
        let written = async {
            while !self.rows().iter().any(&is) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let written = tokio::time::timeout(HANG, written).await;
        assert!(written.is_ok(), "no line: {what}\n{}", self.host.log());
    }

    /// Every line so far, at its own time.
    fn rows(&self) -> Vec<Value> {
        let row = |(level, line): (Level, String)| {
            let at: Value = serde_json::from_str(&line).expect(&line);
            let at = at["timestamp"].as_str().unwrap().parse().unwrap();
            trace(CONSOLE, level, &line, at, 1)
        };
        self.host.lines().into_iter().map(row).collect()
    }

    /// From now on storage fails for everything in this folder.
    fn block(&self, folder: &str) {
        let folder = self.place.path().join(folder);
        fs::rename(&folder, folder.with_extension("aside")).unwrap();
        fs::write(&folder, "in the way").unwrap();
    }
}

fn says(row: &Value, sentence: &str) -> bool {
    let line: Value = serde_json::from_str(row["message"].as_str().unwrap()).unwrap();
    line["message"].as_str().unwrap().starts_with(sentence)
}

/// A day with no failures except typing errors and a stranger's call.
async fn calm() -> Vec<Value> {
    let life = Life::new().await;
    life.say("open Checkout is failing").await.card();
    life.say("update #1 Half of the payments work again").await.card();
    life.say("status").await;
    life.say("opne Checkout").await.sentence();
    let webhook = life.host.url("/api/status-update");
    assert_eq!(teams::post(&webhook, None, Body::Sized(b"{}")).await.status, 401);
    http::send("GET", &life.host.url("/api/health"), &[], Body::None).await.unwrap();
    life.host.fire_timer("Reconcile").await.unwrap();
    life.said("reconciled").await;
    life.rows()
}

/// Commands are recorded, and the page cannot be written.
async fn unpublished() -> Vec<Value> {
    let life = Life::new().await;
    life.said("the page is up to date").await;
    life.block("web");
    life.say("open Checkout is failing").await;
    life.said("not published yet").await;
    assert!(life.host.fire_timer("Reconcile").await.is_err());
    life.said("not reconciled").await;
    life.rows()
}

/// The log fails in a process that no timer calls: its own clock finds out.
async fn silently_broken() -> Vec<Value> {
    let life = Life::new().await;
    life.said("the page is up to date").await;
    life.block("log");
    life.say("open Checkout is failing").await.sentence();
    life.said("not recorded").await;
    life.said("not brought up to date").await;
    life.rows()
}

/// The log fails from the start.
async fn broken_at_start() -> Vec<Value> {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("log/0000000001.json/in the way")).unwrap();
    let life = Life::on(place, None).await;
    life.said("the page could not be brought up to date").await;
    life.rows()
}

/// A setting that stops the program's work.
async fn stopped() -> Vec<Value> {
    let life = Life::on(tempfile::tempdir().unwrap(), Some("somewhere")).await;
    life.host.fire_timer("Reconcile").await.unwrap_err();
    life.wrote("an error", |row| row["severityLevel"] == 3).await;
    life.rows()
}

/// The sentences of warnings and errors with which the program says that the page is late.
fn sentences_of_lateness() -> BTreeSet<String> {
    let mut sentences = BTreeSet::new();
    for source in all_sources() {
        let code = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
        for start in ["warn!(", "error!("] {
            for rest in code.split(start).skip(1) {
                let ends = ["\")", "\" )"].map(|end| rest.find(end));
                let Some(end) = ends.into_iter().flatten().min() else { continue };
                let sentence = rest[..end].rsplit('"').next().unwrap();
                let words = ["up to date", "not published", "not reconciled"];
                if words.iter().any(|words| sentence.contains(words)) {
                    sentences.insert(sentence.to_owned());
                }
            }
        }
    }
    assert!(sentences.len() >= 6, "{sentences:?}");
    sentences
}

/// The same lines at a different time, or each standing for several.
fn moved(rows: &[Value], by: SignedDuration) -> Vec<Value> {
    changed(rows, |row| row["timestamp"] = json!(time(row) + by))
}

fn sampled(rows: &[Value], count: u32) -> Vec<Value> {
    changed(rows, |row| row["itemCount"] = count.into())
}

fn changed(rows: &[Value], change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(change);
    rows
}

struct Case {
    alert: &'static str,
    what: String,
    rows: Rows,
    now: Timestamp,
    fires: bool,
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    /// Traces, looked at `after` the newest of them.
    fn on(
        &mut self,
        alert: &'static str,
        what: &str,
        traces: &[Value],
        after: SignedDuration,
        fires: bool,
    ) {
        let now = traces.iter().map(time).max().unwrap() + after;
        self.rows(alert, what, Rows::from([("traces", traces.to_vec())]), now, fires);
    }

    fn rows(&mut self, alert: &'static str, what: &str, rows: Rows, now: Timestamp, fires: bool) {
        self.0.push(Case { alert, what: what.to_owned(), rows, now, fires });
    }
}

const SOON: SignedDuration = SignedDuration::from_mins(2);

/// The program's lines.
struct Lines {
    calm: Vec<Value>,
    unpublished: Vec<Value>,
    silently_broken: Vec<Value>,
    broken_at_start: Vec<Value>,
    stopped: Vec<Value>,
}

impl Lines {
    async fn collect() -> Self {
        let (calm, unpublished, silently_broken, broken_at_start, stopped) =
            tokio::join!(calm(), unpublished(), silently_broken(), broken_at_start(), stopped());
        Self { calm, unpublished, silently_broken, broken_at_start, stopped }
    }

    fn publishing_lags(&self, cases: &mut Cases) {
        let alert = "publishing-lags";
        cases.on(alert, "a calm day", &self.calm, SOON, false);
        cases.on(alert, "no page can be written", &self.unpublished, SOON, true);
        let later = SignedDuration::from_mins(16);
        cases.on(alert, "that was a while ago", &self.unpublished, later, false);
        for (what, rows, sentence) in [
            ("a command", &self.unpublished, "not published yet"),
            ("the timer", &self.unpublished, "not reconciled"),
            ("the second clock", &self.silently_broken, "not brought up to date"),
            ("a start", &self.broken_at_start, "the page could not be brought up to date"),
        ] {
            let line = [rows.iter().find(|row| says(row, sentence)).unwrap().clone()];
            let one = [&self.calm[..], &moved(&line, SOON)].concat();
            cases.on(alert, &format!("{what}, once"), &one, SOON, false);
            let two = [&self.calm[..], &sampled(&moved(&line, SOON), 2)].concat();
            cases.on(alert, &format!("{what}, of which one line is kept"), &two, SOON, true);
        }
        for sentence in sentences_of_lateness() {
            let line = json!({ "level": "WARN", "message": sentence }).to_string();
            let line = trace(CONSOLE, Level::Warning, &line, Timestamp::now(), 2);
            cases.on(alert, &sentence, &[line], SOON, true);
        }
        // A run that leaves something unpublished without an error is rare, so it is derived from a
        // real one.
        let mut behind = self.calm.iter().find(|row| says(row, "reconciled")).unwrap().clone();
        let line = behind["message"].as_str().unwrap();
        assert!(line.contains(r#""behind":0"#), "{line}");
        behind["message"] = line.replace(r#""behind":0"#, r#""behind":3"#).into();
        cases.on(alert, "two runs leave some", &sampled(&[behind], 2), SOON, true);
    }

    fn function_fails(&self, cases: &mut Cases) {
        let alert = "function-fails";
        let kept = |rows: &[Value], is: &dyn Fn(&Value) -> bool| -> Vec<Value> {
            let kept: Vec<Value> = rows.iter().filter(|row| is(row)).cloned().collect();
            assert!(!kept.is_empty(), "{rows:#?}");
            kept
        };
        cases.on(alert, "a calm day", &self.calm, SOON, false);
        cases.on(alert, "a late page is another alert's", &self.unpublished, SOON, false);
        let refused = kept(&self.silently_broken, &|row| says(row, "not recorded"));
        cases.on(alert, "a command is not recorded", &refused, SOON, true);
        let errors = kept(&self.stopped, &|row| row["severityLevel"] == 3);
        cases.on(alert, "the program writes an error", &errors, SOON, true);
        let now = Timestamp::now();
        for (function, fires) in [("StatusUpdate", true), ("Reconcile", false)] {
            // The host writes an error about a failed run, too.
            let category = format!("Function.{function}");
            let error = trace(&category, Level::Error, "Executed (Failed)", now, 1);
            let rows = [("traces", vec![error]), ("requests", vec![request(function, now)])];
            cases.rows(alert, &format!("{function} fails"), rows.into(), now + SOON, fires);
        }
    }

    fn timer_silent(&self, cases: &mut Cases) {
        let alert = "timer-silent";
        let ran = self.calm.iter().rev().find(|row| says(row, "reconciled")).unwrap();
        let ran = std::slice::from_ref(ran);
        let minutes = SignedDuration::from_mins;
        cases.on(alert, "29 minutes", ran, minutes(29), false);
        cases.on(alert, "31 minutes", ran, minutes(31), true);
        cases.on(alert, "two days", ran, minutes(2 * 24 * 60 + 1), false);
        cases.on(alert, "no timer was ever there", &self.silently_broken, minutes(31), false);
        // Other activity is not a run of the timer, but a failing run is one.
        for (what, rows, fires) in [
            ("the second clock alone", &self.silently_broken, true),
            ("starts alone", &self.broken_at_start, true),
            ("the timer fails", &self.unpublished, false),
        ] {
            let rows = [ran, &moved(rows, minutes(40))].concat();
            cases.on(alert, what, &rows, SOON, fires);
        }
    }
}

/// Azure's own rows, as it documents them: the program has no part in this alert.
fn log_capped(cases: &mut Cases) {
    let now = Timestamp::now();
    for (status, fires) in [("OverQuota", true), ("ApproachingQuota", false)] {
        let row = json!({
            "TimeGenerated": now, "Category": "Ingestion", "Operation": "Data collection status",
            "Level": "Warning", "Detail": format!("Ingestion status = {status}"),
        });
        let rows = Rows::from([("_LogOperation", vec![row])]);
        cases.rows("log-capped", status, rows, now + SOON, fires);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alert_fires_when_it_should() {
    let Some(tools) = tools::python("kusto.txt", "kusto") else { return };
    let rules = rules();
    let lines = Lines::collect().await;
    let mut cases = Cases::default();
    lines.publishing_lags(&mut cases);
    lines.function_fails(&mut cases);
    lines.timer_silent(&mut cases);
    log_capped(&mut cases);
    let Cases(cases) = cases;
    for fires in [true, false] {
        let proven: BTreeSet<&str> =
            cases.iter().filter(|case| case.fires == fires).map(|case| case.alert).collect();
        let all: BTreeSet<&str> = rules.keys().map(String::as_str).collect();
        assert_eq!(proven, all, "alerts with a case that fires: {fires}");
    }

    let mut asks: Vec<Value> =
        cases.iter().map(|case| rules[case.alert].question(&case.rows, case.now)).collect();
    // The workbook's tables of these lines are not empty either.
    let workbook =
        ["commands", "publishing"].map(|name| read(&format!("infra/workbook/{name}.kql")));
    for query in &workbook {
        let rows = json!({ "traces": lines.calm });
        asks.push(json!({ "query": query, "now": Timestamp::now(), "rows": rows }));
    }
    let question = json!({ "tables": tables(), "asks": asks });
    let answers = ask(&mut tools.script("kusto.py"), &question);
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), cases.len() + workbook.len());
    for (case, found) in cases.iter().zip(answers) {
        let Case { alert, what, rows, fires, .. } = case;
        assert_eq!(rules[*alert].fires(found), *fires, "{alert}: {what}: {found:#}\n{rows:#?}");
    }
    for (query, found) in workbook.iter().zip(&answers[cases.len()..]) {
        assert!(found.as_array().is_some_and(|rows| !rows.is_empty()), "{query}");
    }
}
