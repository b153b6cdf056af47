//! Problems of real deployments that no model of Azure's API covers, checked against `infra`,
//! host.json and azure.yaml.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bicep::{of_type, stored};
use super::infra::files;
use crate::house::read;

/// Properties that Flex Consumption refuses with error 51021, although every model has them.
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

/// Application settings that Flex Consumption refuses, because the plan itself replaces them.
const REFUSED_SETTINGS: [&str; 2] = ["FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"];

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

/// The parts of the app that Flex Consumption would refuse.
fn refused(snapshot: &Value) -> Vec<&'static str> {
    let resources = snapshot["predictedResources"].as_array().unwrap();
    let of_the_app = resources
        .iter()
        .filter(|found| found["type"].as_str().unwrap().starts_with("Microsoft.Web/"));
    let names: BTreeSet<&str> = of_the_app.flat_map(|resource| names(resource)).collect();
    let known = REFUSED_PROPERTIES.iter().chain(&REFUSED_SETTINGS);
    known.filter(|name| names.contains(*name)).copied().collect()
}

#[test]
fn flex_consumption_refuses_nothing() {
    let mut everything = stored("everything");
    assert_eq!(refused(&everything), [""; 0]);
    for (kind, wrong) in [
        ("Microsoft.Web/sites", "ftpsState"),
        ("Microsoft.Web/sites/config", "WEBSITE_RUN_FROM_PACKAGE"),
    ] {
        let mut changed = everything.clone();
        let resources = changed["predictedResources"].as_array_mut().unwrap();
        let app = resources.iter_mut().find(|resource| resource["type"] == kind).unwrap();
        app["properties"][wrong] = "x".into();
        assert_eq!(refused(&changed), [wrong]);
    }
    everything["predictedResources"].as_array_mut().unwrap().clear();
    assert_eq!(refused(&everything), [""; 0]);
}

/// Two changes of an app at the same time: the platform answers the second with a conflict.
#[test]
fn the_app_is_changed_by_one_at_a_time() {
    let app = read("infra/modules/app.bicep");
    let mut previous = None;
    for part in app.split("\nresource ").skip(1).filter(|part| part.contains("parent: app")) {
        let body = part.split("\n}").next().unwrap();
        if let Some(previous) = previous {
            assert!(body.contains(&format!("dependsOn: [{previous}]")), "{body}");
        }
        previous = part.split(' ').next();
    }
    assert_eq!(previous, Some("publishingByScm"));
}

#[test]
fn regions_without_zones_have_copies_in_one_data_centre() {
    for (set, sku) in [
        ("defaults", "Standard_ZRS"),
        ("everything", "Standard_RAGZRS"),
        ("region-without-zones", "Standard_LRS"),
    ] {
        let snapshot = stored(set);
        let accounts = of_type(&snapshot, "Microsoft.Storage/storageAccounts");
        let of_the_site = |found: &&&Value| found["name"].as_str().unwrap().starts_with("stsite");
        let site = accounts.iter().find(of_the_site).unwrap();
        assert_eq!(site["sku"]["name"], sku, "{set}");
    }
}

/// No lifecycle rule applies to `$web`, so versioning would keep every version for ever.
#[test]
fn old_versions_of_pages_do_not_accumulate() {
    let defaults = stored("defaults");
    let services = of_type(&defaults, "Microsoft.Storage/storageAccounts/blobServices");
    let of_the_site = |found: &&&Value| found["name"].as_str().unwrap().starts_with("stsite");
    let blobs = &services.iter().find(of_the_site).unwrap()["properties"];
    assert_eq!(blobs["isVersioningEnabled"], false);
    for policy in ["deleteRetentionPolicy", "containerDeleteRetentionPolicy"] {
        assert_eq!(blobs[policy]["enabled"], true, "{policy}");
    }
}

/// A flood of refused calls must neither displace the lines that the alerts read, nor be paid line
/// by line.
#[test]
fn sampling_keeps_the_lines_of_the_alerts() {
    let host: Value = serde_json::from_str(&read("host.json")).unwrap();
    let sampling = &host["logging"]["applicationInsights"]["samplingSettings"];
    let excluded = sampling["excludedTypes"].as_str().unwrap();
    let excluded: BTreeSet<&str> = excluded.split(';').collect();
    assert_eq!(excluded, BTreeSet::from(["Exception", "Request"]));
    assert_eq!(sampling["isEnabled"], true);
    assert!(sampling["maxTelemetryItemsPerSecond"].as_u64().unwrap() <= 10);
    // Not sampled, so only failed ones may be written.
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

/// azd clears the output of other hooks, and sends a zip unchanged.
#[test]
fn azd_gets_the_settings_that_it_needs() {
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
    // Refused unless it is switched on, which no hook can do, because azd reads none before.
    let deploy = read(".github/workflows/deploy.yml");
    assert!(deploy.contains("AZD_ALPHA_ENABLE_LANGUAGE_CUSTOM: 'true'"));
}
