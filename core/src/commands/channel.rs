//! `channel`: the links to an incident's channel and call. The launch sets the channel; people add
//! the link to a call or to a different channel.

use super::launch::linked;
use super::line::Line;
use super::lines::copyable;
use super::misread::expected;
use super::refusal::Refusal;
use super::target::Target;
use super::usage::Usage;
use crate::log::record::Event;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::model::Response;
use crate::text::markdown::{escape, link_to};
use crate::text::{clean_name, is_safe_link};

pub const CHANNEL: Usage = Usage {
    words: &["channel", "bridge"],
    form: "channel [#42] [https://…|none]",
    meaning: "shows where it is talked about, or links a call or another channel; `none` removes that link",
    examples: &["channel", "channel https://teams.microsoft.com/l/meetup-join/example"],
    nothing_open: Some("there is no channel to show or to link"),
    brief: ("channel", "where it is talked about"),
    ..Usage::NEW
};

const SCHEME: &str = "https://";

/// The new link to the call; `None` removes it.
pub type Call = Option<String>;

/// Without a link it is a question. A pasted invitation has a text of its own around its link.
pub(crate) fn read(mut line: Line) -> Result<(Target, Option<Call>), Refusal> {
    let target = line.target();
    let rest = line.reader.rest().trim();
    if rest.is_empty() {
        return Ok((target, None));
    }
    if rest.eq_ignore_ascii_case("none") {
        return Ok((target, Some(None)));
    }
    let text = line.text();
    let mut linked = text.lines().iter().flat_map(|line| &line.spans);
    let linked = linked.find_map(|span| span.style.link.as_deref());
    let typed = rest.split_whitespace().find(|word| word.starts_with(SCHEME));
    let is_link = |address: &&str| address.starts_with(SCHEME) && is_safe_link(address);
    let Some(address) = linked.or(typed).filter(is_link) else {
        let needed = "a link that begins with https://, or `none` to remove it";
        return Err(expected(Some(&clean_name(rest)), needed, "channel <link>"));
    };
    Ok((target, Some(Some(address.to_owned()))))
}

pub(crate) fn decide(call: &Call, response: &Response) -> Result<Vec<Event>, Refusal> {
    let number = response.number;
    if *call == response.call {
        return Err(Refusal::new(match call {
            Some(_) => format!("#{number} has that link already, so nothing was changed."),
            None => format!("#{number} has no call to remove, so nothing was changed."),
        }));
    }
    Ok(vec![Event::Response(ResponseEvent::CallLinked { number, call: call.clone() })])
}

pub(crate) fn answer(response: &Response, state: &State) -> String {
    let number = response.number;
    let lines = lines(response, state);
    if lines.is_empty() {
        let line = copyable(&format!("channel #{number} <link>"));
        return format!("**#{number}** has no channel and no call yet. To link one: {line}");
    }
    format!("**#{number}** {}", lines.join(" · "))
}

/// The links to the launch's channel and to the call, if known.
pub(crate) fn lines(response: &Response, state: &State) -> Vec<String> {
    let launched = state.launches.get(&response.number).and_then(|launch| launch.channel());
    let channel =
        launched.map(|channel| format!("Channel:{}", linked(&escape(&channel.name), &channel.url)));
    let call = response.call.as_deref().and_then(|address| {
        let host = address.strip_prefix(SCHEME)?.split(['/', '?', '#']).next()?;
        Some(format!("Call: {}", link_to(&escape(&clean_name(host)), address)))
    });
    channel.into_iter().chain(call).collect()
}
