//! Messages to the bot: the text after its mention, and the people mentioned in it.

use std::ops::Range;

use serde_json::Value;

use crate::text::html::{LeftOut, Piece, read_html, read_plain};
use crate::text::{Builder, Style, Text, clean_name};

/// Maximum size of HTML that is parsed, in bytes. A larger message is rejected, because its plain
/// text does not show what is quoted or hidden.
const HTML_BYTES_MAX: usize = 64 * 1024;

/// Maximum length of an id, in bytes. The ids of Teams are shorter than 200.
pub(super) const ID_BYTES_MAX: usize = 300;

/// Maximum number of people mentioned in one message. Further mentions become plain text.
pub const MENTIONS_MAX: usize = 20;

/// A message to the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Includes the names of the people mentioned.
    pub text: Text,
    /// Name of the bot, as it is mentioned; empty if the text came without a mention.
    pub bot: String,
    /// In the order of the text.
    pub mentions: Vec<Mention>,
    /// Content that was ignored, each kind once.
    pub left_out: Vec<LeftOut>,
    /// Reason why the message cannot be a command, whatever its text.
    pub fault: Option<Fault>,
}

/// Reason why a message is not read as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This bot is mentioned again within the text.
    MentionedAgain,
    /// The HTML exceeds the size limit.
    TooMuchFormatting,
    /// The text is in front of the mention of the bot, and nothing follows the mention.
    MentionedLast(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Name as the message shows it.
    pub name: String,
    /// Id of the person in Teams; `None` if the activity does not identify the people mentioned.
    pub id: Option<String>,
    /// Position of the name, in bytes of [`Text::to_plain`].
    pub place: Range<usize>,
}

impl From<Text> for Said {
    fn from(text: Text) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Said {
    /// Replaces the first `bytes` bytes of the plain text, and the space after them, with
    /// `opening`.
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

    /// A part of the plain text, in bytes, with its mentions as they are typed at a terminal:
    /// `@"Bo Larsen"`.
    pub(crate) fn typed(&self, part: Range<usize>) -> String {
        let plain = self.text.to_plain();
        let (mut typed, mut at) = (String::new(), part.start);
        let inside = |place: &&Range<usize>| part.start <= place.start && place.end <= part.end;
        for place in self.mentions.iter().map(|mention| &mention.place).filter(inside) {
            let before = plain.get(at..place.start).unwrap_or_default();
            let name = plain.get(place.clone()).unwrap_or_default().replace('"', "'");
            typed.push_str(before);
            typed.extend(["@\"", &name, "\""]);
            at = place.end;
        }
        typed.push_str(plain.get(at..part.end).unwrap_or_default());
        typed
    }

    /// Removes back quotes around the whole text, as in a line of an answer that was copied from a
    /// terminal.
    pub(crate) fn without_code_marks(&self) -> Option<Self> {
        let plain = self.text.to_plain();
        let inside = plain.strip_prefix('`')?.strip_suffix('`')?;
        if inside.trim().is_empty() || inside.contains('`') {
            return None;
        }
        let before = Self { text: self.text.before(plain.len() - 1), ..self.clone() };
        Some(before.beginning_with(1, ""))
    }
}

/// Name of the bot and the content after its mention, from the formatted text if there is one.
/// `None` if the bot is mentioned only in quotations, or not at all.
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

/// Content of a `mention` entity.
struct Mentioned<'a> {
    id: &'a str,
    /// Names that the tag in the text may have.
    names: [String; 2],
}

impl Mentioned<'_> {
    /// Returns `true` if it is a person with a usable id, not a bot or a channel.
    fn is_person(&self) -> bool {
        !self.id.is_empty()
            && self.id.len() <= ID_BYTES_MAX
            && !self.id.starts_with("28:")
            && !self.id.starts_with("19:")
    }
}

/// `mention` entities of the activity, in order.
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

/// Names under which this bot is mentioned. `None` if the activity does not identify who is
/// mentioned, as in one of the two shapes. The first mention is then the bot's.
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
                    // If the activity does not identify mentions, the bot is recognised by its
                    // name.
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
    let said = Said { text, bot: bot.clone(), mentions, left_out, fault };
    let begins = command_start(&plain, &bot);
    let said = if begins > 0 { said.beginning_with(begins, "") } else { said };
    Some((bot, said))
}

/// Byte at which the command begins: behind a separator after the mention, and behind the bot's name
/// as plain text, with which a line that was copied from an answer begins.
fn command_start(plain: &str, bot: &str) -> usize {
    let separated = |text: &str| {
        let rest = text.trim_start_matches([' ', ':', ',', ';', '-', '–', '—']);
        if rest.is_empty() { 0 } else { text.len() - rest.len() }
    };
    let start = separated(plain);
    let rest = plain.get(start..).unwrap_or_default();
    let pasted = rest.strip_prefix('@').and_then(|rest| rest.strip_prefix(bot));
    match pasted.filter(|rest| !rest.starts_with(char::is_alphanumeric) && !rest.is_empty()) {
        Some(behind) => plain.len() - behind.len() + separated(behind),
        None => start,
    }
}

/// Joins the words on one line, with single spaces.
fn clean_line(words: &str) -> String {
    Text::plain(words).to_plain().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Identifies the people mentioned, tag by tag.
struct PeopleReader<'a> {
    /// Entities of the remaining tags.
    rest: &'a [Mentioned<'a>],
    /// Distinct ids so far. The first one stands for people without an id.
    ids: Vec<&'a str>,
    /// Id and byte range of each person.
    found: Vec<(Option<String>, Range<usize>)>,
}

impl<'a> PeopleReader<'a> {
    /// Consumes a tag and returns its entity.
    fn skip(&mut self, name: &str) -> Option<&'a Mentioned<'a>> {
        let name = clean_name(name);
        let place = self.rest.iter().position(|mentioned| mentioned.names.contains(&name))?;
        let (found, rest) = self.rest.get(place..)?.split_first()?;
        self.rest = rest;
        Some(found)
    }

    /// Returns `true` if the tag's entity is not this bot. Does not consume the tag.
    fn is_somebody_else(&self, name: &str, bot_id: &str) -> bool {
        let name = clean_name(name);
        let told = self.rest.iter().find(|mentioned| mentioned.names.contains(&name));
        told.is_some_and(|told| told.id != bot_id)
    }

    fn push(&mut self, name: &str, builder: &mut Builder) {
        let told = self.skip(name);
        let is_person = told.is_none_or(Mentioned::is_person);
        // People whom the activity does not identify count as one.
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

    /// The people mentioned in a text. A name that is spread over several tags counts once.
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

/// Trimmed text of a field; empty if it is missing.
pub(super) fn string<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim()
}
