//! Our requests and the stand-ins' responses, compared with the published shapes: names, types,
//! query options, content types (`contract.json` names their sources).

use serde_json::{Value, json};
use status_update::core::http::{Body, Receiver};
use status_update::core::launch::brief::WorkItemPhase;
use status_update::core::launch::place::Shifts;
use status_update::core::launch::step::Step;

use super::connections::Launched;
use super::world::{comments, person};
use crate::support::services::Exchange;

fn contract() -> Value {
    serde_json::from_str(include_str!("contract.json")).unwrap()
}

/// A value's violations of one of the contract's shapes.
fn wrong(contract: &Value, shape: &str, value: &Value) -> Vec<String> {
    let schema = json!({ "$ref": format!("#/$defs/{shape}"), "$defs": contract["$defs"] });
    let validator = jsonschema::draft202012::options().build(&schema).unwrap();
    validator.iter_errors(value).map(|error| format!("{shape}: {error}")).collect()
}

/// The violations of an exchange.
fn complaints(contract: &Value, exchange: &Exchange) -> Vec<String> {
    let request = &exchange.request;
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let (to, method) = (format!("{:?}", request.to), format!("{:?}", request.method));
    let fits = |route: &&Value| {
        let pattern = route["path"].as_str().unwrap();
        let schema = json!({ "type": "string", "pattern": pattern });
        route["to"] == *to
            && route["method"] == *method
            && jsonschema::is_valid(&schema, &path.into())
    };
    let routes = contract["routes"].as_array().unwrap();
    let Some(route) = routes.iter().find(fits) else {
        return vec![format!("no such request is published: {to} {method} {path}")];
    };
    let mut complaints = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_known = route["query"].as_array().unwrap().contains(&name.into());
        let is_version = name == "api-version" && route["version"] == value;
        if !is_known && !is_version {
            complaints.push(format!("{path}: {pair}"));
        }
    }
    if route["version"].is_string() && !query.contains("api-version=") {
        complaints.push(format!("{path}: no version"));
    }
    if route["consumes"].as_str() != exchange.content_type.as_deref() {
        complaints.push(format!("{path}: {:?}", exchange.content_type));
    }
    match (&request.body, route["request"].as_str()) {
        (None, None) => {}
        (Some(Body::Json(body) | Body::Patch(body)), Some(shape)) => {
            complaints.extend(wrong(contract, shape, body));
        }
        (body, shape) => complaints.push(format!("{path}: {body:?} instead of {shape:?}")),
    }
    let shape = match (exchange.response.status, request.to) {
        (200..=299, _) => route["answer"].as_str().unwrap(),
        (_, Receiver::Boards) => "boardsError",
        _ => "graphError",
    };
    let answer = exchange.response.json.as_ref().unwrap_or(&Value::Null);
    complaints.extend(wrong(contract, shape, answer));
    complaints
}

/// A launch in which everything is asked for, and much is refused.
async fn exchanges() -> Vec<Exchange> {
    let mut launched = Launched::start().await;
    {
        let mut services = launched.services();
        services.graph.add("inc-42-checkout-is-failing-for-everybody-all", "").is_deleted = true;
        services.graph.page_length = 1;
        services.graph.shifts = vec![json!({
            "id": "SHFT_1", "userId": "c5d0c76b", "schedulingGroupId": "TAG_1",
            "sharedShift": { "displayName": "Day", "notes": null, "theme": "blue",
                "startDateTime": "2026-11-21T08:00:00Z", "endDateTime": "2026-11-21T18:00:00Z",
                "activities": [] },
            "draftShift": null,
        })];
        services.graph.users = vec![["c5d0c76b", "Lin", "lin@example.com"].map(str::to_owned)];
        services.boards.page_length = 1;
        services.boards.races = 1;
        services.boards.rules.forbidden_state = Some("Done");
    }
    launched.launch.boards.as_mut().unwrap().area_path = Some("Nowhere".to_owned());
    launched.launch.teams.as_mut().unwrap().shifts = Some(Shifts { scheduling_group: None });
    launched.in_doubt();
    launched.brief.assignee = Some(person("Nobody"));
    launched.brief.comments = comments(130, "x");
    launched.brief.phase = WorkItemPhase::Done;
    for step in Step::ALL {
        launched.finish(step).await;
    }
    launched.in_doubt();
    launched.finish(Step::WorkItem).await;
    launched.brief.comments = comments(1, "y");
    launched.finish(Step::WorkItemSync).await;
    launched.servers.exchanges()
}

#[tokio::test]
async fn requests_and_answers_have_the_published_shapes() {
    let contract = contract();
    let exchanges = exchanges().await;
    let exchanges = exchanges.iter().filter(|one| one.request.to != Receiver::Workflows);
    let mut seen = std::collections::BTreeSet::new();
    for exchange in exchanges {
        let complaints = complaints(&contract, exchange);
        assert_eq!(complaints, [""; 0], "{exchange:#?}");
        let mut parts = exchange.request.path.split('?').next().unwrap().split('/').rev();
        let kind = parts.find(|part| part.parse::<u64>().is_err()).unwrap().to_owned();
        seen.insert(format!("{:?} {kind} {}", exchange.request.method, exchange.response.status));
    }
    // Every route was taken, and refusals of each kind were seen.
    for expected in [
        "Get Issue 200",
        "Post $Issue 200",
        "Post $Issue 400",
        "Get workitems 200",
        "Patch workitems 200",
        "Patch workitems 400",
        "Patch workitems 412",
        "Post wiql 200",
        "Get comments 200",
        "Post comments 200",
        "Patch comments 200",
        "Post channels 201",
        "Post channels 400",
        "Get channels 200",
        "Get shifts 200",
        "Get c5d0c76b 200",
    ] {
        assert!(seen.contains(expected), "{expected} of {seen:#?}");
    }
}

/// The check can fail.
#[tokio::test]
async fn unpublished_files_are_noticed() {
    let contract = contract();
    let right = exchanges().await;
    let is_made =
        |one: &&Exchange| one.request.path.contains("$Issue") && one.response.status == 200;
    let item = right.iter().find(is_made).unwrap().clone();
    assert_eq!(complaints(&contract, &item), [""; 0]);
    let mut changed = Vec::new();
    let mut with = |change: &dyn Fn(&mut Exchange)| {
        let mut exchange = item.clone();
        change(&mut exchange);
        changed.push(exchange);
    };
    with(&|one| one.content_type = Some("application/json".to_owned()));
    with(&|one| one.request.path = one.request.path.replace("7.1", "7.0"));
    with(&|one| one.request.path = one.request.path.replace("?api-version=7.1", ""));
    with(&|one| one.request.path.push_str("&notify=1"));
    with(&|one| one.request.path = one.request.path.replace("workitems", "tickets"));
    with(&|one| one.request.body = Some(Body::Patch(json!([{ "op": "put", "path": "/rev" }]))));
    with(&|one| one.request.body = None);
    with(&|one| one.response.json = Some(json!({ "id": "1", "rev": 1, "fields": {} })));
    with(&|one| one.response.json.as_mut().unwrap()["title"] = json!("x"));
    with(&|one| one.response.status = 400);
    for exchange in changed {
        assert_ne!(complaints(&contract, &exchange), [""; 0], "{exchange:#?}");
    }
}
