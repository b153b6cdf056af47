//! The queries of the alerts and of the workbook: accepted by Azure's parser, and matching the
//! program's lines. `alerts` runs them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::docs::documents;
use super::infra::files;
use crate::house::{all_sources, read};
use crate::support::tools;

/// The tables that the queries read, with the columns that Azure documents for them.
pub fn tables() -> Value {
    let common = "timestamp:datetime, itemType:string, customDimensions:dynamic, \
        customMeasurements:dynamic, operation_Name:string, operation_Id:string, \
        operation_ParentId:string, operation_SyntheticSource:string, session_Id:string, \
        user_Id:string, user_AuthenticatedId:string, user_AccountId:string, \
        application_Version:string, client_Type:string, client_IP:string, cloud_RoleName:string, \
        cloud_RoleInstance:string, appId:string, appName:string, iKey:string, sdkVersion:string, \
        itemId:string, itemCount:int, _ResourceId:string, _BilledSize:real";
    json!({
        "traces": format!("({common}, message:string, severityLevel:int)"),
        "requests": format!(
            "({common}, id:string, source:string, name:string, url:string, success:string, \
            resultCode:string, duration:real, performanceBucket:string)"
        ),
        "exceptions": format!("({common}, problemId:string, type:string, outerMessage:string)"),
        "_LogOperation": "(TimeGenerated:datetime, TenantId:string, SourceSystem:string, \
            Category:string, Operation:string, Level:string, Detail:string, Solution:string, \
            HelpLink:string, _ResourceId:string)",
    })
}

/// Runs a script to its end with this on its stdin, and reads the JSON that it prints.
pub fn ask(command: &mut Command, question: &Value) -> Value {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The queries in the documents: the bodies that az sends to Application Insights.
fn of_documents() -> BTreeMap<String, String> {
    let mut queries = BTreeMap::new();
    for name in documents() {
        let text = read(&name);
        for (index, rest) in text.split("--body '{\"query\"").skip(1).enumerate() {
            let body = format!("{{\"query\"{}", rest.split("'\n").next().unwrap());
            let body = body.split("}' ").next().unwrap().trim_end_matches('}');
            let body: Value = serde_json::from_str(&format!("{body}}}")).unwrap();
            let query = body["query"].as_str().unwrap().to_owned();
            queries.insert(format!("{name}, query {index}.kql"), query);
        }
    }
    assert!(queries.len() >= 3, "{queries:?}");
    queries
}

#[test]
fn kusto_parses_every_query() {
    let Some(tools) = tools::node() else { return };
    let mut queries = files(".kql");
    assert!(queries.len() >= 7, "{queries:?}");
    queries.append(&mut of_documents());
    let broken = [
        ("reserved", "traces | summarize last = max(timestamp)", "KS228"),
        ("unfinished", "traces | where message has", "KS006"),
        ("column", "requests | where result == 500", "KS142"),
        ("table", "customEvents | count", "KS204"),
    ];
    queries.extend(broken.map(|(name, query, _)| (name.to_owned(), query.to_owned())));
    let question = json!({ "tables": tables(), "queries": queries });
    let complaints = ask(&mut tools.script("kusto.mjs"), &question);
    let complaints: Vec<&str> =
        complaints.as_array().unwrap().iter().map(|found| found.as_str().unwrap()).collect();
    let of_ours: Vec<&&str> = complaints.iter().filter(|found| found.contains(".kql:")).collect();
    assert_eq!(of_ours, [&""; 0]);
    for (name, _, code) in broken {
        let noticed =
            complaints.iter().any(|found| found.starts_with(name) && found.contains(code));
        assert!(noticed, "{name}: {complaints:#?}");
    }
}

/// The strings in a query that have to be sentences of the program.
fn sentences(query: &str) -> Vec<&str> {
    let names = ["StatusUpdate", "Health", "Reconcile", "Function."];
    let code = query.lines().filter(|line| !line.trim_start().starts_with("//"));
    let strings = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    strings.filter(|text| text.len() >= 4 && !names.contains(text)).collect()
}

#[test]
fn queries_look_for_sentences_of_the_program() {
    let code: Vec<String> = all_sources().into_iter().map(|source| source.code).collect();
    let code = code.join("\n");
    let mut queries: BTreeMap<String, String> = files(".kql");
    // Azure writes the lines of this one.
    assert!(queries.remove("queries/log-capped.kql").is_some());
    let mut seen = 0;
    for (name, query) in queries {
        for sentence in sentences(&query) {
            assert!(code.contains(sentence), "{name}: nothing in src says {sentence:?}");
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen} sentences");
    assert!(read("infra/modules/alerts.bicep").contains("../queries/log-capped.kql"));
}
