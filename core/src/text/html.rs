//! Parses the HTML that Teams attaches to a message, and the plain `text` next to it, into pieces.
//!
//! This is only a tokenizer and builds no tree, so nesting costs nothing, and unknown elements have
//! no effect. The cost of a tag grows with the square of the number of its attributes, so callers
//! limit the input.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::visible::is_hidden;
use super::{LineKind, Style, is_safe_link};

/// A part of a message, in reading order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters in one style.
    Run(String, Style),
    Break,
    /// A new block begins. Its lines are of this kind.
    Block(LineKind),
    /// A mention of a person, a bot or a channel, with the name as the message shows it.
    Mention(String),
    LeftOut(LeftOut),
}

/// Content of a message that is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// An image that is not an emoji.
    Picture,
    /// A quotation or a forwarded message.
    Quotation,
    /// Text that is struck through.
    Struck,
    /// Text that its style hides.
    Hidden,
}

/// Parses an HTML fragment. Quotations, forwarded messages, text that is struck through or hidden,
/// scripts and styles are ignored as a whole.
#[must_use]
pub fn read_html(html: &str) -> Vec<Piece> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    // Without a script to run, feeding ends only at the end of the input.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().pieces
}

/// Parses the plain `text` of a message. `<at>` tags are mentions. All other characters are
/// literal, except for the `&nbsp;` that Teams leaves in it.
#[must_use]
pub fn read_plain(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, from_tag)) = rest.split_once("<at>") {
        push_plain(&mut pieces, before);
        let (inside, after) = from_tag.split_once("</at>").unwrap_or((from_tag, ""));
        match image(inside) {
            Some(image) => pieces.extend(image),
            None => pieces.push(Piece::Mention(inside.replace("&nbsp;", " "))),
        }
        rest = after;
    }
    push_plain(&mut pieces, rest);
    pieces
}

fn push_plain(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Run(text.replace("&nbsp;", " "), Style::default()));
    }
}

/// Maximum length of a tag that is parsed as an emoji, in bytes.
const IMAGE_BYTES_MAX: usize = 2_000;

/// Parses an emoji that arrives as `<at><img alt="🔥" …></at>`. `None` if it is not an image.
fn image(inside: &str) -> Option<Vec<Piece>> {
    if !inside.trim_start().starts_with("<img") {
        return None;
    }
    Some(if inside.len() > IMAGE_BYTES_MAX { Vec::new() } else { read_html(inside) })
}

#[derive(Default)]
struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reader.characters(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reader.start(&tag),
            Token::TagToken(tag) => reader.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// State of the parser. Nesting of tags is counted, and an end tag without a start tag is ignored.
#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    bold: usize,
    italic: usize,
    code: usize,
    preformatted: usize,
    links: Vec<Option<String>>,
    /// Enclosing lists, innermost last.
    lists: Vec<LineKind>,
    /// Element that is ignored, and the number of open elements with its name.
    skipped: Option<(String, usize)>,
    /// Kind of the ignored content, until it turns out to contain text.
    skipped_text: Option<LeftOut>,
    /// Mention in progress, and the number of open `span`s in it.
    mention: Option<(String, usize)>,
}

impl Reader {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name);
            return raw_content(name);
        }
        let what = left_out(tag);
        if what.is_some() || is_no_text(name) {
            if !is_void(name) {
                self.block_around(name);
                self.skip(name, what);
            }
            return raw_content(name);
        }
        if let Some((_, depth)) = &mut self.mention {
            *depth += usize::from(name == "span");
        }
        match name {
            "b" | "strong" => self.bold += 1,
            "i" | "em" => self.italic += 1,
            "code" => self.code += 1,
            "pre" => {
                self.preformatted += 1;
                self.block();
            }
            "a" => self.links.push(attribute(tag, "href").filter(|to| is_safe_link(to))),
            "ul" => self.lists.push(LineKind::Bullet),
            "ol" => self.lists.push(LineKind::Numbered),
            "li" => self.block(),
            // Cells are next to each other, so a space separates them.
            "td" | "th" => self.characters(" "),
            "br" => self.pieces.push(Piece::Break),
            "img" | "emoji" => self.picture(tag),
            "span" if is_kind(tag, "/mention") => self.mention = Some((String::new(), 1)),
            _ if is_block(name) => self.block(),
            _ => {}
        }
        raw_content(name)
    }

    fn end(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skipped = None;
                self.block_around(name);
            }
            return;
        }
        match name {
            "b" | "strong" => self.bold = self.bold.saturating_sub(1),
            "i" | "em" => self.italic = self.italic.saturating_sub(1),
            "code" => self.code = self.code.saturating_sub(1),
            "pre" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.block();
            }
            "a" => drop(self.links.pop()),
            "ul" | "ol" => {
                self.lists.pop();
                self.block();
            }
            "span" => self.end_span(),
            _ if is_block(name) => self.block(),
            _ => {}
        }
    }

    fn end_span(&mut self) {
        if let Some((_, depth)) = &mut self.mention {
            *depth -= 1;
            if *depth > 0 {
                return;
            }
        }
        if let Some((name, _)) = self.mention.take() {
            self.pieces.push(Piece::Mention(name));
        }
    }

    /// Keeps the text before and after an ignored block apart.
    fn block_around(&mut self, name: &str) {
        if is_block(name) {
            self.block();
        }
    }

    fn skip(&mut self, name: &str, what: Option<LeftOut>) {
        self.skipped = Some((name.to_owned(), 1));
        self.skipped_text = what;
    }

    /// Replaces an emoji with its alternative text. Other images are ignored: at most, their
    /// alternative text says that they are images.
    fn picture(&mut self, tag: &Tag) {
        let alt = attribute(tag, "alt").unwrap_or_default();
        let is_emoji = tag.name == *"emoji" || is_kind(tag, "/emoji");
        if is_emoji || !alt.is_empty() && !alt.contains(char::is_alphanumeric) {
            self.characters(&alt);
        } else {
            self.pieces.push(Piece::LeftOut(LeftOut::Picture));
        }
    }

    fn block(&mut self) {
        let kind = match self.lists.last() {
            Some(kind) => *kind,
            None if self.preformatted > 0 => LineKind::Code,
            None => LineKind::Plain,
        };
        self.pieces.push(Piece::Block(kind));
    }

    fn characters(&mut self, text: &str) {
        if self.skipped.is_some() {
            let what = self.skipped_text.take_if(|_| !text.trim().is_empty());
            self.pieces.extend(what.map(Piece::LeftOut));
            return;
        }
        if text.is_empty() {
            return;
        }
        if let Some((name, _)) = &mut self.mention {
            name.push_str(text);
            return;
        }
        // In HTML a line break in the source is a space, unless the text is preformatted.
        let text = match self.preformatted {
            0 => text.replace(['\r', '\n'], " "),
            _ => text.to_owned(),
        };
        let style = Style {
            bold: self.bold > 0,
            italic: self.italic > 0,
            code: self.code > 0 && self.preformatted == 0,
            link: self.links.last().cloned().flatten(),
            person: None,
        };
        match self.pieces.last_mut() {
            Some(Piece::Run(last, same)) if *same == style => last.push_str(&text),
            _ => self.pieces.push(Piece::Run(text, style)),
        }
    }
}

/// The content of these elements is not markup, and the tokenizer must be told so.
fn raw_content(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "iframe" | "noscript" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "p"
            | "li"
            | "blockquote"
            | "section"
            | "article"
            | "table"
            | "tr"
            | "hr"
            | "dl"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
    )
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| attribute.value.to_string())
}

/// Returns `true` if the element's microdata type is this type of Skype, as Teams uses it.
fn is_kind(tag: &Tag, kind: &str) -> bool {
    attribute(tag, "itemtype").is_some_and(|url| {
        let url = url.trim().to_ascii_lowercase();
        url.strip_prefix("http").is_some_and(|rest| rest.contains("schema.skype.com"))
            && url.ends_with(kind)
    })
}

/// Elements that have no content.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements whose content is not text of the message.
fn is_no_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "title"
            | "textarea"
            | "iframe"
            | "noscript"
            | "head"
            | "object"
            | "audio"
            | "video"
            | "canvas"
            | "datalist"
            | "select"
            | "noembed"
            | "noframes"
    )
}

/// Reason to ignore an element as a whole, if there is one.
fn left_out(tag: &Tag) -> Option<LeftOut> {
    let name: &str = &tag.name;
    let style = attribute(tag, "style").unwrap_or_default();
    let is_quotation = name == "blockquote" || is_kind(tag, "/reply") || is_kind(tag, "/forward");
    let is_struck = matches!(name, "s" | "strike" | "del")
        || style.to_ascii_lowercase().contains("line-through");
    match () {
        () if is_quotation => Some(LeftOut::Quotation),
        () if attribute(tag, "hidden").is_some() || is_hidden(&style) => Some(LeftOut::Hidden),
        () if is_struck => Some(LeftOut::Struck),
        () => None,
    }
}
