//! Reads the HTML that Teams attaches to a message, and the plain `text` beside it, into pieces.
//!
//! Only a tokenizer runs, no tree is built: nesting costs nothing, and what is not understood has
//! nowhere to go. The attributes of one tag do cost their number squared, so callers bound the input.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::{LineKind, Style, is_safe_link};

/// A part of a message, in reading order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters in one style.
    Run(String, Style),
    /// A line break.
    Break,
    /// What follows is a block of its own, its lines of this kind.
    Block(LineKind),
    /// Somebody, or something, is mentioned: the name as it stands there.
    Mention(String),
}

/// Reads an HTML fragment. Quoted replies, scripts and styles are left out whole.
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

/// Reads the plain `text` of a message: `<at>` tags are mentions, all other characters are meant
/// as they stand, but for the `&nbsp;` that Teams leaves in it.
#[must_use]
pub fn read_plain(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, from_tag)) = rest.split_once("<at>") {
        push_plain(&mut pieces, before);
        let (inside, after) = from_tag.split_once("</at>").unwrap_or((from_tag, ""));
        pieces.push(match image_alt(inside) {
            Some(alt) => Piece::Run(alt, Style::default()),
            None => Piece::Mention(inside.replace("&nbsp;", " ")),
        });
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

/// The longest tag that may be an emoji, in bytes.
const IMAGE_BYTES_MAX: usize = 2_000;

/// The alternative text of an emoji that arrives as `<at><img alt="🔥" …></at>`.
fn image_alt(inside: &str) -> Option<String> {
    if inside.len() > IMAGE_BYTES_MAX || !inside.trim_start().starts_with("<img") {
        return None;
    }
    read_html(inside).into_iter().find_map(|piece| match piece {
        Piece::Run(text, _) => Some(text),
        _ => None,
    })
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

/// Where in the input the tokenizer is. Tags nest by counting; what is closed without having been
/// opened is ignored.
#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    bold: usize,
    italic: usize,
    code: usize,
    preformatted: usize,
    links: Vec<Option<String>>,
    /// The lists around, innermost last.
    lists: Vec<LineKind>,
    /// The element that is left out, and how many of its name are open.
    skipped: Option<(String, usize)>,
    /// The mention that is being read, and how many `span`s are open in it.
    mention: Option<(String, usize)>,
}

impl Reader {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name);
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
            // Cells stand side by side.
            "td" | "th" => self.characters(" "),
            "br" => self.pieces.push(Piece::Break),
            "img" => self.characters(&attribute(tag, "alt").unwrap_or_default()),
            "span" if is_kind(tag, "/Mention") => self.mention = Some((String::new(), 1)),
            "blockquote" if is_kind(tag, "/Reply") => self.skip(name),
            "script" | "style" | "template" | "title" | "textarea" | "iframe" | "noscript" => {
                self.skip(name);
            }
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

    fn skip(&mut self, name: &str) {
        self.skipped = Some((name.to_owned(), 1));
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
        if self.skipped.is_some() || text.is_empty() {
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
        };
        match self.pieces.last_mut() {
            Some(Piece::Run(last, same)) if *same == style => last.push_str(&text),
            _ => self.pieces.push(Piece::Run(text, style)),
        }
    }
}

/// What stands in these elements is no markup; the tokenizer has to be told.
fn raw_content(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "iframe" | "noscript" => TokenSinkResult::RawData(RawKind::Rawtext),
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

/// Whether the element's microdata type is Skype's of that name, the one that Teams uses.
fn is_kind(tag: &Tag, kind: &str) -> bool {
    attribute(tag, "itemtype").is_some_and(|url| {
        url.strip_prefix("http").is_some_and(|rest| rest.contains("schema.skype.com"))
            && url.ends_with(kind)
    })
}
