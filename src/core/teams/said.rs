//! What was said to the bot: the text behind its mention, and who else is mentioned in it.

use std::ops::Range;

use serde_json::Value;

use crate::core::text::html::{LeftOut, Piece, read_html, read_plain};
use crate::core::text::{Builder, Style, Text, clean_name};

/// The largest HTML that is read, in bytes. The plain text does not say what is quoted or hidden, so
/// nothing is done where only that can be read.
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
    /// What else was in the message, each kind once.
    pub left_out: Vec<LeftOut>,
    /// Why the message is no command, whatever its text.
    pub fault: Option<Fault>,
}

/// Why a message is not read as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This bot is mentioned again within the text.
    MentionedAgain,
    /// There is more HTML than is read.
    TooMuchFormatting,
    /// The bot is mentioned last: this stands in front of it, and nothing behind.
    MentionedLast(String),
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
        Self { text, ..Self::default() }
    }
}

impl Said {
    /// The same with other words instead of its first bytes, and of space behind them.
    #[must_use]
    pub fn beginning_with(&self, bytes: usize, opening: &str) -> Self {
        let kept = self.text.after(bytes);
        let cut = self.text.to_plain().len().saturating_sub(kept.to_plain().len());
        let moved = |at: usize| (at + opening.len()).saturating_sub(cut);
        let mentions = self.mentions.iter().filter(|mention| mention.place.start >= cut);
        let mentions = mentions.map(|mention| {
            let place = moved(mention.place.start)..moved(mention.place.end);
            Mention { place, ..mention.clone() }
        });
        Self { text: kept.led_by(opening, false), mentions: mentions.collect(), ..self.clone() }
    }
}

/// The bot's name and what is said behind its mention, from the formatted text where there is one.
/// `None` where the bot is mentioned nowhere but in a quotation.
pub(super) fn addressed(activity: &Value) -> Option<(String, Said)> {
    let mentioned = mentioned(activity);
    let bot_id = string(activity, "/recipient/id");
    let names = bot_names(bot_id, &mentioned);
    let attachments = activity.pointer("/attachments").and_then(Value::as_array);
    let html: Vec<&str> = attachments
        .into_iter()
        .flatten()
        .filter(|attachment| string(attachment, "/contentType") == "text/html")
        .filter_map(|attachment| attachment.pointer("/content").and_then(Value::as_str))
        .collect();
    let is_mention = |piece: &Piece| matches!(piece, Piece::Mention(_));
    let is_small = |content: &&&str| content.len() <= HTML_BYTES_MAX;
    let mut formatted = html.iter().filter(is_small).map(|content| read_html(content));
    let formatted = formatted.find(|pieces| pieces.iter().any(is_mention));
    let is_unread = formatted.is_none() && html.iter().any(|html| html.len() > HTML_BYTES_MAX);
    let text = || activity.pointer("/text").and_then(Value::as_str).unwrap_or_default();
    let pieces = formatted.unwrap_or_else(|| read_plain(text()));
    let (bot, mut said) = behind_mention(&pieces, names.as_deref(), &mentioned, bot_id)?;
    if is_unread {
        said.fault = Some(Fault::TooMuchFormatting);
    }
    Some((bot, said))
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
    bot_id: &str,
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
    let mut people = PeopleReader { rest: mentioned, ids: vec![""], found: Vec::new() };
    for piece in before {
        if let Piece::Mention(name) = piece {
            people.skip(name);
        }
    }
    let mut first_tag = None;
    let mut left_out = Vec::new();
    let mut fault = None;
    let mut command_begun = false;
    for piece in behind {
        match piece {
            // One name can be spread over several tags with only space between them.
            Piece::Mention(name) if !command_begun && is_bot(name) => {
                people.skip(name);
                first_tag.get_or_insert_with(|| clean_name(name));
                bot = clean_name(&format!("{bot} {name}"));
            }
            Piece::Mention(name) => {
                command_begun = true;
                let again = match names {
                    Some(_) => is_bot(name) && !people.is_somebody_else(name, bot_id),
                    // Where nobody says who is mentioned, it is the bot by its name.
                    None => first_tag.iter().chain([&bot]).any(|known| *known == clean_name(name)),
                };
                if again {
                    fault = Some(Fault::MentionedAgain);
                }
                people.push(name, &mut builder);
            }
            Piece::Run(text, style) => {
                command_begun |= !Text::plain(text).is_empty();
                builder.push(text, style);
            }
            Piece::Break => builder.line_break(),
            Piece::Block(kind) => builder.block(*kind),
            Piece::LeftOut(what) => left_out.push(*what),
        }
    }
    left_out.sort_unstable();
    left_out.dedup();
    let text = builder.finish();
    if text.is_empty() && fault.is_none() {
        let words = before.iter().map(|piece| match piece {
            Piece::Run(text, _) => text.as_str(),
            _ => " ",
        });
        let words = clean_line(&words.collect::<String>());
        fault = (!words.is_empty()).then_some(Fault::MentionedLast(words));
    }
    let plain = text.to_plain();
    let mentions = people.mentions(&plain);
    let said = Said { text, mentions, left_out, fault };
    // A line of an answer, pasted with the bot's name in front, mentions nobody.
    let pasted = plain.strip_prefix('@').and_then(|plain| plain.strip_prefix(bot.as_str()));
    let is_pasted = pasted.is_some_and(|rest| rest.starts_with(char::is_whitespace));
    let said = if is_pasted { said.beginning_with(bot.len() + 1, "") } else { said };
    Some((bot, said))
}

/// Words on one line, with one space between them.
fn clean_line(words: &str) -> String {
    Text::plain(words).to_plain().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds out who is mentioned, tag by tag.
struct PeopleReader<'a> {
    /// What the activity tells of the tags that are still to come.
    rest: &'a [Mentioned<'a>],
    /// The ids that were met.
    ids: Vec<&'a str>,
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

    /// Whether the tag is told to be of somebody who is not this bot, without walking over it.
    fn is_somebody_else(&self, name: &str, bot_id: &str) -> bool {
        let name = clean_name(name);
        let told = self.rest.iter().find(|mentioned| mentioned.names.contains(&name));
        told.is_some_and(|told| told.id != bot_id)
    }

    fn push(&mut self, name: &str, builder: &mut Builder) {
        let told = self.skip(name);
        let is_person = told.is_none_or(Mentioned::is_person);
        // Those who are not told apart count as one.
        let place = told.and_then(|told| self.ids.iter().position(|id| *id == told.id));
        let place = place.or_else(|| {
            self.ids.push(told?.id);
            Some(self.ids.len() - 1)
        });
        let person = is_person.then_some(place.unwrap_or(0));
        let style = Style { person, ..Style::default() };
        let is_person = is_person && self.found.len() < MENTIONS_MAX;
        let start = if is_person { builder.bytes() } else { 0 };
        builder.push(name, &style);
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
