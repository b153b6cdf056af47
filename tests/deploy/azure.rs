//! What real deployments met, and no model of Azure's API says: held against `infra`, host.json
//! and azure.yaml.

use std::collections::BTreeSet;

use serde_json::Value;

use super::infra::{copy, declared, files, tools};
use crate::house::{read, root};

/// What Flex Consumption answers with error 51021, although every model has these.
const REFUSED_PROPERTIES: [&str; 8] = [
    "alwaysOn",
    "ftpsState",
    "functionAppScaleLimit",
    "functionsRuntimeScaleMonitoringEnabled",
    "linuxFxVersion",
    "netFrameworkVersion",
    "preWarmedInstanceCount",
    "use32BitWorkerProcess",
];

/// Application settings that it refuses: the plan itself says what they would.
const REFUSED_SETTINGS: [&str; 2] = ["FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"];

/// What Bicep's published types (bicep-types-az, 20 August 2026) know. Of another version Bicep
/// warns, and checks nothing.
const TYPES: [&str; 24] = [
    "Microsoft.Authorization/roleAssignments@2022-04-01",
    "Microsoft.Cdn/profiles/afdEndpoints/routes@2024-02-01",
    "Microsoft.Cdn/profiles/afdEndpoints@2024-02-01",
    "Microsoft.Cdn/profiles/customDomains@2024-02-01",
    "Microsoft.Cdn/profiles/originGroups/origins@2024-02-01",
    "Microsoft.Cdn/profiles/originGroups@2024-02-01",
    "Microsoft.Cdn/profiles@2024-02-01",
    "Microsoft.Insights/actionGroups@2023-01-01",
    "Microsoft.Insights/components@2020-02-02",
    "Microsoft.Insights/scheduledQueryRules@2023-12-01",
    "Microsoft.Insights/workbooks@2023-06-01",
    "Microsoft.KeyVault/vaults/secrets@2025-05-01",
    "Microsoft.KeyVault/vaults@2025-05-01",
    "Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30",
    "Microsoft.OperationalInsights/workspaces@2025-07-01",
    "Microsoft.Resources/resourceGroups@2025-04-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01",
    "Microsoft.Storage/storageAccounts/blobServices@2025-08-01",
    "Microsoft.Storage/storageAccounts@2025-08-01",
    "Microsoft.Web/serverfarms@2025-03-01",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01",
    "Microsoft.Web/sites/config@2025-03-01",
    "Microsoft.Web/sites@2025-03-01",
];

fn resources(declared: &Value) -> Vec<&Value> {
    assert_eq!(declared["complaints"], Value::from(Vec::<Value>::new()));
    declared["resources"].as_array().unwrap().iter().collect()
}

fn only<'a>(resources: &[&'a Value], kind: &str) -> &'a Value {
    let found: Vec<_> = resources.iter().filter(|found| found["type"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

/// Every name of a property below a value, at any depth.
fn names(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if let Some(object) = value.as_object() {
            found.extend(object.keys().map(String::as_str));
            open.extend(object.values());
        }
        open.extend(value.as_array().into_iter().flatten());
    }
    found
}

/// What of the app Flex Consumption would refuse.
fn refused(declared: &Value) -> Vec<String> {
    let mut refused = Vec::new();
    for resource in resources(declared) {
        if resource["type"].as_str().unwrap().starts_with("Microsoft.Web/") {
            let names = names(&resource["body"]);
            let known = REFUSED_PROPERTIES.iter().chain(&REFUSED_SETTINGS);
            refused.extend(known.filter(|name| names.contains(*name)).map(ToString::to_string));
        }
    }
    refused
}

#[test]
fn flex_consumption_refuses_nothing() {
    let Some(tools) = tools() else { return };
    assert_eq!(refused(&declared(&tools, &root().join("infra"))), [""; 0]);
    for (place, wrong) in [
        ("http20Enabled: true", "ftpsState: 'Disabled'"),
        ("AZURE_CLIENT_ID: identityClientId", "WEBSITE_RUN_FROM_PACKAGE: '1'"),
    ] {
        let infra = copy(|_, text| text.replace(place, &format!("{wrong}\n{place}")));
        let name = wrong.split(':').next().unwrap();
        assert_eq!(refused(&declared(&tools, infra.path())), [name]);
    }
}

#[test]
fn bicep_knows_every_type() {
    let Some(tools) = tools() else { return };
    let declared = declared(&tools, &root().join("infra"));
    let mut used = BTreeSet::new();
    for resource in resources(&declared) {
        let name = |key: &str| resource[key].as_str().unwrap();
        used.insert(format!("{}@{}", name("type"), name("version")));
    }
    assert_eq!(used, TYPES.map(str::to_owned).into_iter().collect());
}

/// Two changes of an app at the same time: the platform answers the second with a conflict.
#[test]
fn the_app_is_changed_by_one_at_a_time() {
    let Some(tools) = tools() else { return };
    let declared = declared(&tools, &root().join("infra"));
    let resources = resources(&declared);
    let settings = only(&resources, "Microsoft.Web/sites/config");
    let publishing = only(&resources, "Microsoft.Web/sites/basicPublishingCredentialsPolicies");
    assert_eq!(publishing["after"], Value::from(vec![settings["symbol"].as_str().unwrap()]));
    assert_eq!(publishing["one_by_one"], true);
    assert!(publishing["body"].get("location").is_none());
}

/// azd asks with a filter only where the parameters are in this file, and a .bicepparam beside it
/// would be read in its place.
#[test]
fn azd_offers_regions_that_work() {
    let Some(tools) = tools() else { return };
    assert!(!root().join("infra/main.bicepparam").exists());
    let declared = declared(&tools, &root().join("infra"));
    let location = &declared["params"]["location"];
    assert_eq!(location["metadata"]["azd"]["type"], "location");
    assert_eq!(declared["given"]["location"], "${AZURE_LOCATION}");
    let regions: Vec<&str> =
        location["allowed"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(regions.len() > 20 && regions.contains(&"westeurope"), "{regions:?}");

    // Where there are no zones the default is not the copies in zones.
    let main = read("infra/main.bicep");
    let list = main.split("var regionsWithoutZones = [").nth(1).unwrap().split(']').next().unwrap();
    let without: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    assert!(!without.is_empty() && without.len() < regions.len() / 2);
    assert!(without.iter().all(|region| regions.contains(region)), "{without:?}");
    assert_eq!(declared["params"]["siteRedundancy"]["default"], "");
    for fragment in [
        "contains(regionsWithoutZones, location) ? 'LRS' : 'ZRS'",
        "redundancy: empty(siteRedundancy) ? redundancyOfRegion : siteRedundancy",
    ] {
        assert!(main.contains(fragment), "{fragment}");
    }
}

/// azd takes a variable that is set and empty for a string's value, in the place of its default; the
/// workflow sets every variable. Texts in a list it would want as JSON.
#[test]
fn an_empty_variable_is_as_good_as_none() {
    let Some(tools) = tools() else { return };
    let declared = declared(&tools, &root().join("infra"));
    for (name, param) in declared["params"].as_object().unwrap() {
        match param["type"].as_str().unwrap() {
            "string" => assert!(param["default"].is_null() || param["default"] == "", "{name}"),
            "int" | "bool" => assert!(!param["default"].is_null(), "{name}"),
            "object" => assert!(declared["given"][name].is_object(), "{name}"),
            other => panic!("{name}: how does azd read a variable as {other}?"),
        }
    }
}

/// No rule of lifecycle management touches `$web`, so what keeps every version keeps it for ever.
#[test]
fn what_pages_were_does_not_pile_up() {
    let Some(tools) = tools() else { return };
    let declared = declared(&tools, &root().join("infra"));
    let site = |resource: &&Value| {
        resource["file"] == "modules/site-storage.bicep"
            && resource["type"] == "Microsoft.Storage/storageAccounts/blobServices"
    };
    let resources = resources(&declared);
    let blobs = &resources.into_iter().find(site).unwrap()["body"]["properties"];
    assert_eq!(blobs["isVersioningEnabled"], false);
    for policy in ["deleteRetentionPolicy", "containerDeleteRetentionPolicy"] {
        assert_eq!(blobs[policy]["enabled"], true, "{policy}");
    }
}

/// A flood of refused calls is neither allowed to push out what the alerts read, nor to be paid for
/// line by line.
#[test]
fn sampling_leaves_the_alerts_what_they_read() {
    let host: Value = serde_json::from_str(&read("host.json")).unwrap();
    let sampling = &host["logging"]["applicationInsights"]["samplingSettings"];
    let excluded = sampling["excludedTypes"].as_str().unwrap();
    let excluded: BTreeSet<&str> = excluded.split(';').collect();
    assert_eq!(excluded, BTreeSet::from(["Exception", "Request"]));
    assert_eq!(sampling["isEnabled"], true);
    assert!(sampling["maxTelemetryItemsPerSecond"].as_u64().unwrap() <= 10);
    // Not sampled, so only those that failed may be written at all.
    let levels = &host["logging"]["logLevel"];
    assert_eq!((&levels["Host.Results"], &levels["Function"]), (&"Error".into(), &"Error".into()));
    assert_eq!(levels["default"], "Information", "the program's own lines");

    let alerts = read("infra/modules/alerts.bicep");
    let asked = files(".kql").into_iter().filter(|(name, _)| name.starts_with("queries/"));
    for (name, query) in asked {
        let lines = query.lines().filter(|line| !line.trim_start().starts_with("//"));
        let query: String = lines.collect::<Vec<_>>().join("\n");
        // Successful requests are not there to be counted.
        assert!(!query.contains("success == true"), "{name}");
        for part in query.split("(requests").skip(1) {
            assert!(part.contains(">= 500") || part.contains("success == false"), "{name}: {part}");
        }
        let rule = alerts.split(&format!("../{name}")).nth(1).unwrap().split("  }\n").next();
        let counts_items = rule.unwrap().contains("counted: 'itemCount'");
        assert_eq!(counts_items, query.contains("itemCount"), "{name}");
    }
    assert!(files(".kql")["queries/function-fails.kql"].contains("severityLevel >= 3"));
}

/// A query that finds too little, where there is nothing yet, is not news.
#[test]
fn nothing_is_alarming_before_the_first_deployment() {
    let alerts = read("infra/modules/alerts.bicep");
    assert!(!alerts.contains("LessThan"), "an alert fires when nothing is found");
    let query = &files(".kql")["queries/timer-silent.kql"];
    for step in ["| summarize newest = max(timestamp)", "| where newest < ago("] {
        assert!(query.contains(step), "{step}");
    }
    assert!(alerts.contains("overrideQueryTimeRange: rule.looksBack"));
}

#[test]
fn the_timer_runs_every_minute_and_writes_nothing_itself() {
    let function: Value = serde_json::from_str(&read("Reconcile/function.json")).unwrap();
    let timer = &function["bindings"][0];
    assert_eq!(timer["schedule"], "0 * * * * *");
    // The host would write a blob of its own for each run, for a late run that nothing needs: a
    // process catches up when it starts.
    assert_eq!((&timer["useMonitor"], &timer["runOnStartup"]), (&false.into(), &false.into()));
}

/// azd clears away what other hooks have said, and sends a zip as it is.
#[test]
fn azd_is_told_what_it_needs() {
    let yaml = read("azure.yaml");
    let hooks = yaml.split("\nhooks:\n").nth(1).unwrap().split("\nservices:").next().unwrap();
    let runs: Vec<&str> = hooks.lines().filter_map(|l| l.trim().strip_prefix("run: ")).collect();
    let there = files(".sh").into_keys().filter(|name| name.starts_with("hooks/"));
    let there: BTreeSet<String> = there.map(|name| format!("sh ./infra/{name}")).collect();
    assert_eq!(runs.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), there);
    assert_eq!(hooks.matches("interactive: true").count(), runs.len());

    let dist = yaml.lines().find_map(|line| line.trim().strip_prefix("dist: ")).unwrap();
    let written = dist.strip_prefix("dist/").and_then(|name| name.strip_suffix(".zip")).unwrap();
    assert!(read("infra/package.sh").contains(&format!("$out/{written}.zip\"")), "{dist}");
    assert!(yaml.contains("language: custom"));
    // Refused unless it is switched on, which no hook can do: none is read before.
    let deploy = read(".github/workflows/deploy.yml");
    assert!(deploy.contains("AZD_ALPHA_ENABLE_LANGUAGE_CUSTOM: 'true'"));
}
