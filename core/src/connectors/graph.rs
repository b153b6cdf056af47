//! Requests to Microsoft Graph and their responses: channels and shifts of a team, as in the
//! reference of v1.0 (`microsoftgraph/microsoft-graph-docs-contrib`).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::http::{Body, Failure, Method, Receiver, Request, Response, encode, said};
use crate::launch::brief::{Brief, Channel, ExternalPerson, OnCall};
use crate::launch::place::{Shifts, Teams};
use crate::text::clean_name;

/// Limit of Microsoft Graph, in characters.
const DESCRIPTION_CHARS_MAX: usize = 1_024;
/// Maximum length of a shift (reference, `shift`), so current shifts begin and end at most this far
/// from now. The filter cannot be more precise, because it may use each property only once.
const SHIFT_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Application permission that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    CreateChannel,
    ReadChannels,
    ReadShifts,
    ReadPeople,
}

impl Right {
    /// Name in Entra.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateChannel => "Channel.Create",
            Self::ReadChannels => "Channel.ReadBasic.All",
            Self::ReadShifts => "Schedule.Read.All",
            Self::ReadPeople => "User.Read.All",
        }
    }
}

fn get(path: String) -> Request {
    Request { to: Receiver::Graph, method: Method::Get, path, body: None }
}

/// Creates a channel. Its description ends with the incident's key, by which it is found again.
#[must_use]
pub fn create(teams: &Teams, brief: &Brief, name: &str) -> Request {
    let key = format!(" {}", marked(&brief.key));
    let page = brief.page.as_deref().unwrap_or_default();
    let about = format!("Incident #{}: {} {page}", brief.number, clean_name(&brief.title));
    let room = DESCRIPTION_CHARS_MAX - key.chars().count().min(DESCRIPTION_CHARS_MAX);
    let description = about.trim_end().chars().take(room).collect::<String>() + &key;
    Request {
        to: Receiver::Graph,
        method: Method::Post,
        path: format!("/v1.0/teams/{}/channels", encode(&teams.group)),
        body: Some(Body::Json(json!({
            "displayName": name, "description": description, "membershipType": "standard",
        }))),
    }
}

fn marked(key: &str) -> String {
    format!("({key})")
}

#[must_use]
pub fn channels(teams: &Teams) -> Request {
    let select = "$select=id,displayName,description,webUrl";
    get(format!("/v1.0/teams/{}/channels?{select}", encode(&teams.group)))
}

/// Lists the shifts around `now`.
#[must_use]
pub fn shifts(teams: &Teams, now: Timestamp) -> Request {
    let around = |length: SignedDuration| now.checked_add(length).unwrap_or(now);
    let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let filter = format!(
        "sharedShift/startDateTime ge {} and sharedShift/endDateTime le {}",
        time(around(-SHIFT_MAX)),
        time(around(SHIFT_MAX))
    );
    let team = encode(&teams.group);
    get(format!("/v1.0/teams/{team}/schedule/shifts?$filter={}", encode(&filter)))
}

/// Reads the name and the sign-in address of a person.
#[must_use]
pub fn person(id: &str) -> Request {
    get(format!("/v1.0/users/{}?$select=displayName,userPrincipalName", encode(id)))
}

/// Request for the next page of a list; `None` if this is the last page.
#[must_use]
pub fn next_page(json: &Value) -> Option<Request> {
    let link = json.get("@odata.nextLink")?.as_str()?;
    // Use only the path, so that the response cannot choose the host.
    let path = link.find("/v1.0/").and_then(|at| link.get(at..))?;
    Some(get(path.to_owned()))
}

/// Reason why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphRefusal {
    /// The name is in use, possibly by a deleted channel. Nothing was created.
    NameTaken,
    /// The name has characters that the team does not accept. Nothing was created.
    NameNotAllowed,
    /// The person is no longer in the directory.
    NoSuchPerson,
    /// Any other failure.
    Failure(Failure),
}

impl From<Failure> for GraphRefusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Returns the body of a successful response.
///
/// # Errors
/// Returns a [`GraphRefusal`] for every other response, and for a successful response without a JSON
/// body.
pub fn read(response: &Response, right: Right) -> Result<&Value, GraphRefusal> {
    let is_change = right == Right::CreateChannel;
    let error = response.json.as_ref().and_then(|json| json.get("error"));
    let text = |name: &str| {
        let text = error.and_then(|error| error.get(name)).and_then(Value::as_str);
        said(text.unwrap_or_default())
    };
    let (code, message) = (text("code"), text("message"));
    let lower = message.to_lowercase();
    let colon = if code.is_empty() { "" } else { " " };
    let status = response.status;
    let answer = format!("Microsoft Graph answers {status}{colon}{code}");
    let refused =
        |remedy: &str| GraphRefusal::Failure(Failure::Refused(format!("{answer}: {remedy}")));
    let unclear = |why: String| {
        let failure = Failure::unclear(why, response.retry_after);
        GraphRefusal::Failure(if is_change { failure } else { failure.of_reading() })
    };
    match status {
        200..=299 => response.json.as_ref().ok_or_else(|| {
            unclear(format!("Microsoft Graph answers {status} with something that cannot be read"))
        }),
        400 if code == "NameAlreadyExists" || message.contains("name already existed") => {
            Err(GraphRefusal::NameTaken)
        }
        400 if message.contains("allowed characters") => Err(GraphRefusal::NameNotAllowed),
        401 => Err(refused(
            "it does not take this program's token; check the identity's directory, and \
             STATUS_GRAPH_URL",
        )),
        404 if right == Right::ReadPeople => Err(GraphRefusal::NoSuchPerson),
        403 | 400 if lower.contains("archived") => Err(refused(
            "the team is archived: restore it in Teams, or set team in [launch.teams] of \
             status.toml to another team",
        )),
        // microsoftgraph/microsoft-graph-docs issues 7287 and 7288.
        400 | 403 if code == "ResourceLimitExceeded" || lower.contains("max allowed channels") => {
            Err(refused(
                "the team has reached its limit of channels, deleted ones included for 30 days: \
                 set team in [launch.teams] of status.toml to another team",
            ))
        }
        403 => Err(refused(&format!(
            "give this program's identity the application permission {} as docs/deploying.md says; \
             one that was just given can take a day to count",
            right.name()
        ))),
        404 => Err(refused(
            "there is no such team: set team in [launch.teams] of status.toml to the team's group \
             id, which is not the id in Teams' links that begins with 19:",
        )),
        429 => {
            let retry_after = response.retry_after;
            Err(GraphRefusal::Failure(Failure::Unavailable { why: answer, retry_after }))
        }
        408 | 409 | 500.. => Err(unclear(answer)),
        _ => Err(refused(if message.is_empty() { "check [launch.teams]" } else { &message })),
    }
}

/// Parses a channel and its description. `None` without an id or a name.
#[must_use]
pub fn channel(json: &Value) -> Option<(Channel, String)> {
    let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let (id, name) = (text("id")?, text("displayName")?);
    // A channel that is still being created may not have an address.
    let link =
        || format!("https://teams.microsoft.com/l/channel/{}/{}", encode(&id), encode(&name));
    let url = text("webUrl").unwrap_or_else(link);
    let channel = Channel { id, name, url };
    Some((channel, text("description").unwrap_or_default()))
}

/// Channels in a response, with their descriptions.
#[must_use]
pub fn listed(json: &Value) -> Vec<(Channel, String)> {
    let list = json.get("value").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(channel).collect()
}

/// The incident's channel, found by the key in the description, because people may rename it. A
/// channel that only has the same name belongs to someone else.
#[must_use]
pub fn ours(channels: &[(Channel, String)], key: &str) -> Option<Channel> {
    let has_key = |description: &str| description.contains(&marked(key));
    let found = channels.iter().find(|(_, description)| has_key(description));
    found.map(|(channel, _)| channel.clone())
}

/// Returns `true` if one of the channels has this name, ignoring case.
#[must_use]
pub fn is_listed(channels: &[(Channel, String)], name: &str) -> bool {
    channels.iter().any(|(channel, _)| channel.name.to_lowercase() == name.to_lowercase())
}

/// Directory ids of the people on shift, each with the name of the shift if it has one.
#[must_use]
pub fn on_shift(json: &Value, wanted: &Shifts, now: Timestamp) -> Vec<(String, Option<String>)> {
    let list = json.get("value").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|shift| {
        let text =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let group = text(shift, "schedulingGroupId");
        if wanted.scheduling_group.is_some() && wanted.scheduling_group != group {
            return None;
        }
        // A shift that is not published yet has no shared version.
        let shared = shift.get("sharedShift").filter(|shared| !shared.is_null())?;
        let time = |name: &str| text(shared, name)?.parse::<Timestamp>().ok();
        let is_now = time("startDateTime")? <= now && now < time("endDateTime")?;
        let name = text(shared, "displayName").filter(|name| !name.trim().is_empty());
        is_now.then_some((text(shift, "userId")?, name.map(|name| clean_name(&name))))
    })
    .collect()
}

/// A person on shift, from the known people or from Graph's response.
#[must_use]
pub fn on_call(
    id: &str,
    shift: Option<&str>,
    known: &[ExternalPerson],
    said: Option<&Value>,
) -> OnCall {
    let known = known
        .iter()
        .find(|person| person.id.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(id)));
    let text = |name: &str| {
        let text = said.and_then(|said| said.get(name)).and_then(Value::as_str);
        text.map(clean_name).filter(|text| !text.is_empty())
    };
    let person = known.cloned().unwrap_or_else(|| ExternalPerson {
        name: text("displayName").unwrap_or_else(|| id.to_owned()),
        id: Some(id.to_owned()),
        address: text("userPrincipalName"),
    });
    OnCall { duty: "shift".to_owned(), shift: shift.map(str::to_owned), person }
}
