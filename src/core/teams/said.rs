//! What was said to the bot: the text behind its mention, and who else is mentioned in it.

use std::ops::Range;

use serde_json::Value;

use crate::core::text::html::{Piece, read_html, read_plain};
use crate::core::text::{Builder, Style, Text, clean_name};

/// The largest HTML that is read for its formatting, in bytes; beyond it the plain text serves.
const HTML_BYTES_MAX: usize = 64 * 1024;

/// The longest id that is taken, in bytes; Teams' are below 200.
pub(super) const ID_BYTES_MAX: usize = 300;

/// How many mentions of people are read in one message; the names of further ones are text.
pub const MENTIONS_MAX: usize = 20;

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The text, with the names of those who are mentioned in it.
    pub text: Text,
    /// The people who are mentioned, in the order of the text.
    pub mentions: Vec<Mention>,
}

/// Somebody who is mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The name as it stands there.
    pub name: String,
    /// Teams' own id of the person; `None` in messages that do not tell who is mentioned.
    pub id: Option<String>,
    /// Where the name stands, in bytes of [`Text::to_plain`].
    pub place: Range<usize>,
}

impl From<Text> for Said {
    fn from(text: Text) -> Self {
        Self { text, mentions: Vec::new() }
    }
}

/// The bot's name and what is said behind its mention, from the formatted text where there is one.
/// `None` where the bot is mentioned nowhere but in a quotation.
pub(super) fn addressed(activity: &Value) -> Option<(String, Said)> {
    let mentioned = mentioned(activity);
    let names = bot_names(string(activity, "/recipient/id"), &mentioned);
    let attachments = activity.pointer("/attachments").and_then(Value::as_array);
    let html = attachments
        .into_iter()
        .flatten()
        .filter(|attachment| string(attachment, "/contentType") == "text/html")
        .filter_map(|attachment| attachment.pointer("/content").and_then(Value::as_str))
        .find(|content| content.len() <= HTML_BYTES_MAX && content.contains("/Mention\""));
    let text = || activity.pointer("/text").and_then(Value::as_str).unwrap_or_default();
    let pieces = html.map_or_else(|| read_plain(text()), read_html);
    behind_mention(&pieces, names.as_deref(), &mentioned)
}

/// What a `mention` entity tells.
struct Mentioned<'a> {
    id: &'a str,
    /// The names that the tag in the text may have.
    names: [String; 2],
}

impl Mentioned<'_> {
    /// Whether it is somebody, and not a bot or a channel, whose id can be used whole.
    fn is_person(&self) -> bool {
        !self.id.is_empty()
            && self.id.len() <= ID_BYTES_MAX
            && !self.id.starts_with("28:")
            && !self.id.starts_with("19:")
    }
}

/// The mentions that the activity tells of, in their order.
fn mentioned(activity: &Value) -> Vec<Mentioned<'_>> {
    let entities = activity.pointer("/entities").and_then(Value::as_array);
    let mentions =
        entities.into_iter().flatten().filter(|entity| string(entity, "/type") == "mention");
    let mentions = mentions.map(|entity| {
        let tag = match read_plain(string(entity, "/text")).into_iter().next() {
            Some(Piece::Mention(name)) => clean_name(&name),
            _ => String::new(),
        };
        let names = [clean_name(string(entity, "/mentioned/name")), tag];
        Mentioned { id: string(entity, "/mentioned/id"), names }
    });
    mentions.collect()
}

/// The names under which this bot is mentioned. `None` where the activity does not tell who is
/// mentioned, as in one of the two shapes: then the first mention is the bot's.
fn bot_names(bot_id: &str, mentioned: &[Mentioned<'_>]) -> Option<Vec<String>> {
    if bot_id.is_empty() || mentioned.is_empty() {
        return None;
    }
    let ours = mentioned.iter().filter(|mentioned| mentioned.id == bot_id);
    let names = ours.flat_map(|mentioned| mentioned.names.clone());
    Some(names.filter(|name| !name.is_empty()).collect())
}

fn behind_mention(
    pieces: &[Piece],
    names: Option<&[String]>,
    mentioned: &[Mentioned<'_>],
) -> Option<(String, Said)> {
    let is_bot = |name: &str| names.is_none_or(|names| names.contains(&clean_name(name)));
    let place =
        pieces.iter().position(|piece| matches!(piece, Piece::Mention(name) if is_bot(name)))?;
    let (before, behind) = pieces.split_at(place);
    let mut bot = String::new();
    let mut builder = Builder::default();
    // A list or preformatted block may have begun before the mention.
    if let Some(Piece::Block(kind)) = before.iter().rfind(|p| matches!(p, Piece::Block(_))) {
        builder.kind(*kind);
    }
    let mut people = PeopleReader { rest: mentioned, found: Vec::new() };
    for piece in before {
        if let Piece::Mention(name) = piece {
            people.skip(name);
        }
    }
    let mut command_begun = false;
    for piece in behind {
        match piece {
            // One name can be spread over several tags with only space between them.
            Piece::Mention(name) if !command_begun && is_bot(name) => {
                people.skip(name);
                bot = clean_name(&format!("{bot} {name}"));
            }
            Piece::Mention(name) => {
                command_begun = true;
                people.push(name, &mut builder);
            }
            Piece::Run(text, style) => {
                command_begun |= !Text::plain(text).is_empty();
                builder.push(text, style);
            }
            Piece::Break => builder.line_break(),
            Piece::Block(kind) => builder.block(*kind),
        }
    }
    let text = builder.finish();
    let mentions = people.mentions(&text.to_plain());
    Some((bot, Said { text, mentions }))
}

/// Finds out who is mentioned, tag by tag.
struct PeopleReader<'a> {
    /// What the activity tells of the tags that are still to come.
    rest: &'a [Mentioned<'a>],
    /// Each with how many bytes stand before it, and up to its end.
    found: Vec<(Option<String>, Range<usize>)>,
}

impl<'a> PeopleReader<'a> {
    /// Walks over a tag, and gives what is told of it.
    fn skip(&mut self, name: &str) -> Option<&'a Mentioned<'a>> {
        let name = clean_name(name);
        let place = self.rest.iter().position(|mentioned| mentioned.names.contains(&name))?;
        let (found, rest) = self.rest.get(place..)?.split_first()?;
        self.rest = rest;
        Some(found)
    }

    fn push(&mut self, name: &str, builder: &mut Builder) {
        let told = self.skip(name);
        let is_person = told.is_none_or(Mentioned::is_person) && self.found.len() < MENTIONS_MAX;
        let start = if is_person { builder.bytes() } else { 0 };
        builder.push(name, &Style::default());
        if is_person {
            let id = told.map(|mentioned| mentioned.id.to_owned());
            self.found.push((id, start..builder.bytes()));
        }
    }

    /// Those who are mentioned in a text; one whose name is spread over several tags, once.
    fn mentions(self, plain: &str) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        for (id, Range { start, end }) in self.found {
            let Some(tag) = plain.get(start..end) else { continue };
            let start = start + tag.len() - tag.trim_start().len();
            let name = clean_name(tag);
            let goes_on = |last: &&mut Mention| {
                let between = plain.get(last.place.end..start);
                last.id == id
                    && last.name != name
                    && between.is_some_and(|between| between.trim().is_empty())
            };
            match mentions.last_mut().filter(goes_on) {
                Some(last) => {
                    last.place.end = end;
                    last.name = clean_name(&format!("{} {name}", last.name));
                }
                None if name.is_empty() => {}
                None => mentions.push(Mention { name, id, place: start..end }),
            }
        }
        mentions
    }
}

/// A text in an activity, without space around it; empty where there is none.
pub(super) fn string<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim()
}
