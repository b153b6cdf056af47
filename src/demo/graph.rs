//! Channels, shifts and people of Microsoft Graph v1.0
//! (microsoftgraph/microsoft-graph-docs-contrib, `api-reference/v1.0`).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::graph_names::is_allowed;
use super::{Asked, add, answer};
use crate::core::http::{Body, Method, Request, Response, encode};

const CHANNELS_MAX: usize = 1_000;

/// A team and its directory.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Group id of the only team.
    pub team: String,
    /// Includes deleted ones, whose names stay taken for 30 days.
    pub channels: Vec<Channel>,
    /// As they appear in answers.
    pub shifts: Vec<Value>,
    /// Id, name and sign-in address of each person.
    pub users: Vec<[String; 3]>,
    pub granted: BTreeSet<&'static str>,
    /// An archived team cannot be changed (reference, `team: archive`).
    pub is_archived: bool,
    /// Maximum number of channels, including deleted ones ("Limits and specifications").
    pub channels_max: usize,
    pub page_length: usize,
    /// Delay until a new channel is listed, which is documented nowhere.
    pub lag: SignedDuration,
    pub now: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub description: String,
    pub is_deleted: bool,
    pub created: Timestamp,
}

impl Graph {
    /// A team with its first channel and every permission.
    #[must_use]
    pub fn new(team: &str, now: Timestamp) -> Self {
        let mut graph = Self {
            team: team.to_owned(),
            channels: Vec::new(),
            shifts: Vec::new(),
            users: Vec::new(),
            granted: [
                "Channel.Create",
                "Channel.ReadBasic.All",
                "Schedule.Read.All",
                "User.Read.All",
            ]
            .into(),
            is_archived: false,
            channels_max: CHANNELS_MAX,
            page_length: 100,
            lag: SignedDuration::ZERO,
            now,
        };
        graph.add("General", "");
        graph
    }

    /// Creates a channel, as a person would.
    pub fn add(&mut self, name: &str, description: &str) -> &mut Channel {
        let number = self.channels.len() + 1;
        self.channels.push(Channel {
            id: format!("19:{number:032x}@thread.tacv2"),
            name: name.to_owned(),
            description: description.to_owned(),
            is_deleted: false,
            created: self.now,
        });
        let last = self.channels.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was just added")]
        &mut self.channels[last]
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let asked = Asked::read(&request.path);
        match (request.method, asked.parts().as_slice()) {
            (Method::Post, ["v1.0", "teams", team, "channels"]) => {
                let team = (*team).to_owned();
                self.permitted("Channel.Create", &team, |graph| graph.create(request))
            }
            (Method::Get, ["v1.0", "teams", team, "channels"]) => {
                let listed = |graph: &mut Self| graph.list(&asked, graph.listed());
                self.permitted("Channel.ReadBasic.All", team, listed)
            }
            (Method::Get, ["v1.0", "teams", team, "schedule", "shifts"]) => {
                let listed = |graph: &mut Self| match graph.shifts_in(&asked) {
                    Ok(shifts) => graph.list(&asked, shifts),
                    Err(message) => error(400, "BadRequest", message),
                };
                self.permitted("Schedule.Read.All", team, listed)
            }
            (Method::Get, ["v1.0", "users", id]) => {
                let team = self.team.clone();
                self.permitted("User.Read.All", &team, |graph| graph.user(id))
            }
            _ => error(400, "BadRequest", "Resource not found for the segment."),
        }
    }

    /// Graph checks the permission before it looks for the team.
    fn permitted(
        &mut self,
        permission: &'static str,
        team: &str,
        then: impl FnOnce(&mut Self) -> Response,
    ) -> Response {
        if !self.granted.contains(permission) {
            let message = format!(
                "Missing role permissions on the request. API requires one of '{permission}'. \
                 Roles on the request ''."
            );
            return error(403, "Forbidden", &message);
        }
        if team != self.team {
            return error(404, "NotFound", &format!("No team found with Group Id {team}"));
        }
        then(self)
    }

    fn create(&mut self, request: &Request) -> Response {
        let Some(Body::Json(body)) = &request.body else {
            return error(400, "BadRequest", "Empty Payload. JSON content expected.");
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, description) = (text("displayName"), text("description"));
        if !is_allowed(name) {
            let message = "Channel.DisplayName doesn't contain allowed characters, please use the \
                           valid values.";
            return error(400, "BadRequest", message);
        }
        if description.chars().count() > 1_024 {
            return error(400, "BadRequest", "Invalid channel.");
        }
        if self.is_archived {
            return error(403, "Forbidden", "The team is archived and cannot be changed.");
        }
        // microsoftgraph/microsoft-graph-docs issue 7288.
        if self.channels.len() >= self.channels_max {
            return error(403, "Forbidden", "This team has exceeded the Max allowed channels");
        }
        // Deleted ones count: MicrosoftDocs/msteams-docs issue 13158.
        if self.channels.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            let message = "Channel name already existed, please use other name";
            return error(400, "BadRequest", message);
        }
        let (name, description) = (name.to_owned(), description.to_owned());
        let made = self.add(&name, &description).clone();
        let mut json = self.channel(&made);
        let context = "https://graph.microsoft.com/v1.0/$metadata#teams/channels/$entity";
        add(&mut json, "@odata.context", context);
        answer(201, json)
    }

    fn channel(&self, channel: &Channel) -> Value {
        let (id, name) = (encode(&channel.id), encode(&channel.name));
        let web = format!(
            "https://teams.microsoft.com/l/channel/{id}/{name}?groupId={}&tenantId=0",
            self.team
        );
        json!({
            "id": channel.id,
            "createdDateTime": channel.created.to_string(),
            "displayName": channel.name,
            "description": channel.description,
            "isFavoriteByDefault": null,
            "email": "",
            "webUrl": web,
            "membershipType": "standard",
        })
    }

    fn listed(&self) -> Vec<Value> {
        let is_listed = |channel: &&Channel| {
            let age = self.now.duration_since(channel.created);
            !channel.is_deleted && (channel.name == "General" || age >= self.lag)
        };
        self.channels.iter().filter(is_listed).map(|channel| self.channel(channel)).collect()
    }

    /// One page of a list, with the requested properties.
    fn list(&self, asked: &Asked<'_>, all: Vec<Value>) -> Response {
        let start = asked.value("$skiptoken").and_then(|token| token.parse().ok()).unwrap_or(0);
        let total = all.len();
        let selected = asked.value("$select");
        let page = all.into_iter().skip(start).take(self.page_length).map(|mut thing| {
            if let (Some(names), Some(fields)) = (&selected, thing.as_object_mut()) {
                fields.retain(|name, _| names.split(',').any(|wanted| wanted == name));
            }
            thing
        });
        let page: Vec<Value> = page.collect();
        let end = start + page.len();
        let mut json = json!({ "@odata.count": page.len(), "value": page });
        if end < total {
            let path = asked.parts().join("/");
            let rest = selected.map(|names| format!("$select={names}&")).unwrap_or_default();
            let filter =
                asked.value("$filter").map(|filter| format!("$filter={}&", encode(&filter)));
            let filter = filter.unwrap_or_default();
            let link = format!("https://graph.microsoft.com/{path}?{rest}{filter}$skiptoken={end}");
            add(&mut json, "@odata.nextLink", link);
        }
        answer(200, json)
    }

    /// Shifts that match the filter. Only the documented filters work: each property once.
    fn shifts_in(&self, asked: &Asked<'_>) -> Result<Vec<Value>, &'static str> {
        let filter = asked.value("$filter").unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut tests = Vec::new();
        for test in filter.split(" and ").filter(|test| !test.is_empty()) {
            let words: Vec<&str> = test.split(' ').collect();
            let [property, operator @ ("ge" | "le"), time] = words.as_slice() else {
                return Err("Invalid filter clause");
            };
            let Ok(time) = time.parse::<Timestamp>() else { return Err("Invalid filter clause") };
            if !seen.insert(*property) {
                return Err("The same property may be used once in a filter");
            }
            tests.push((format!("/{property}"), *operator == "ge", time));
        }
        let passes = |shift: &&Value| {
            tests.iter().all(|(at, is_from, time)| {
                let found = shift.pointer(at).and_then(Value::as_str);
                let found = found.and_then(|found| found.parse::<Timestamp>().ok());
                found.is_some_and(|found| if *is_from { found >= *time } else { found <= *time })
            })
        };
        Ok(self.shifts.iter().filter(passes).cloned().collect())
    }

    fn user(&self, id: &str) -> Response {
        match self.users.iter().find(|[found, ..]| found == id) {
            Some([_, name, address]) => {
                answer(200, json!({ "displayName": name, "userPrincipalName": address }))
            }
            None => error(404, "Request_ResourceNotFound", "Resource does not exist."),
        }
    }
}

/// Body of an error (reference, "Microsoft Graph error responses").
fn error(status: u16, code: &str, message: &str) -> Response {
    let inner =
        json!({ "date": "2026-01-01T00:00:00", "request-id": "0", "client-request-id": "0" });
    answer(status, json!({ "error": { "code": code, "message": message, "innerError": inner } }))
}
