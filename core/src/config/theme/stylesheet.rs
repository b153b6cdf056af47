//! Custom stylesheet. A real CSS parser reads it, so that a mistake is rejected at startup instead
//! of breaking the page, and so that nothing in it can send a request to a different host.

use cssparser::{ParseError, Parser, Token};

use super::refused::Refused;

/// The built-in stylesheet, on which a theme builds.
pub const STYLE: &str = include_str!("../../../../templates/style.css");
/// Maximum size of a stylesheet, in bytes. Every page contains it.
pub const STYLESHEET_BYTES_MAX: usize = 16 * 1024;
/// Maximum nesting of blocks.
const DEPTH_MAX: u8 = 32;
/// Appended to the text. If this is not read as the last token, a block, string or comment is not
/// closed.
const END: &str = "--the-end-of-the-stylesheet";

/// A stylesheet that parses and sends no requests to other hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stylesheet(String);

impl Stylesheet {
    /// Checks the stylesheet that `status.toml` calls `name`.
    ///
    /// # Errors
    /// Returns [`Refused`] with the line of the first problem.
    pub fn new(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let refused = |why: String| Refused::of("stylesheet", name, &why);
        if bytes.len() > STYLESHEET_BYTES_MAX {
            return Err(refused(format!(
                "has {} bytes, more than {STYLESHEET_BYTES_MAX}: every page carries it",
                bytes.len()
            )));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| refused("is not UTF-8".to_owned()))?;
        // Line ends as a browser reads them from the page, because the hash in the content security
        // policy covers that text.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        let wrong =
            |(line, why): (usize, String)| refused(format!("does not parse: line {line}: {why}"));
        for (index, line) in text.lines().enumerate() {
            if line.contains('\0') {
                return Err(wrong((index + 1, "a NUL character".to_owned())));
            }
            if line.to_ascii_lowercase().contains("</style") {
                let why = format!("line {} has \"</style\", which would end it", index + 1);
                return Err(refused(why));
            }
        }
        let whole = format!("{text}\n{END}");
        match items(&mut Parser::new(&whole), true) {
            Ok(()) => Ok(Self(text)),
            Err(error) => Err(match fault(error) {
                Fault::Wrong(line, why) => wrong((line, why)),
                Fault::Forbidden(line, why) => refused(format!("line {line}: {why}")),
            }),
        }
    }

    /// Text with the line ends of a page.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A problem with its line, counted from 1.
#[derive(Clone, Debug)]
enum Fault {
    Wrong(usize, String),
    Forbidden(usize, String),
}

type Checked = Result<(), ParseError<Fault>>;

fn fault(error: ParseError<Fault>) -> Fault {
    match error.kind {
        cssparser::ParseErrorKind::Custom(fault) => fault,
        // The parser itself reports only that the nesting limit was exceeded.
        cssparser::ParseErrorKind::Basic(_) => {
            Fault::Wrong(1, format!("blocks are nested more than {DEPTH_MAX} deep"))
        }
    }
}

fn line(parser: &Parser<'_>) -> usize {
    usize::try_from(parser.current_source_location().line).unwrap_or_default() + 1
}

fn wrong(line: usize, why: impl Into<String>) -> ParseError<Fault> {
    ParseError::custom(Fault::Wrong(line, why.into()))
}

/// Beginning of a rule or a declaration, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Nothing,
    At,
    Name,
    Declaration,
    Other,
}

/// Checks the rules and declarations up to the end of a block, or of the stylesheet.
fn items(parser: &mut Parser<'_>, top: bool) -> Checked {
    if top {
        parser.set_nested_block_limit(DEPTH_MAX);
    }
    let (mut begin, mut first) = (Begin::Nothing, 0);
    loop {
        let behind = line(parser);
        parser.skip_whitespace();
        let here = line(parser);
        let Ok(token) = parser.next().cloned() else {
            return match begin {
                Begin::Nothing if top => Err(wrong(behind, "a comment is never closed")),
                _ if top => Err(wrong(first, NEVER_CLOSED)),
                Begin::Nothing | Begin::At | Begin::Declaration => Ok(()),
                Begin::Name | Begin::Other => Err(wrong(first, NO_DECLARATION)),
            };
        };
        if begin == Begin::Nothing {
            first = here;
        }
        match &token {
            Token::Ident(name) if top && **name == *END && parser.is_exhausted() => {
                return match begin {
                    Begin::Nothing => Ok(()),
                    Begin::At => Err(wrong(first, "a semicolon is missing at the end")),
                    _ => Err(wrong(first, NO_RULE)),
                };
            }
            Token::CurlyBracketBlock => {
                if begin == Begin::Nothing {
                    return Err(wrong(here, "a block without a selector"));
                }
                let start = parser.position();
                parser.parse_nested_block(|inner| items(inner, false))?;
                // A block that is never closed extends to the end of the text, which is not a
                // bracket.
                if !parser.slice_from(start).ends_with('}') {
                    return Err(wrong(first, NEVER_CLOSED));
                }
                begin = Begin::Nothing;
            }
            Token::Semicolon => match begin {
                Begin::Nothing | Begin::At | Begin::Declaration if !top || begin == Begin::At => {
                    begin = Begin::Nothing;
                }
                _ if top => return Err(wrong(first, NO_RULE)),
                _ => return Err(wrong(first, NO_DECLARATION)),
            },
            _ => {
                check(parser, &token, here, None)?;
                begin = match (begin, &token) {
                    (Begin::Nothing, Token::AtKeyword(_)) => Begin::At,
                    (Begin::Nothing, Token::Ident(_)) => Begin::Name,
                    (Begin::Name, Token::Colon) => Begin::Declaration,
                    (Begin::Nothing | Begin::Name, _) => Begin::Other,
                    (begin, _) => begin,
                };
            }
        }
    }
}

const NEVER_CLOSED: &str = "a block or comment in what begins here is never closed";
const NO_RULE: &str = "this is not a rule such as a { color: red }";
const NO_DECLARATION: &str = "this is not a declaration such as color: red";

/// Checks a token and everything that it opens. `function` is the enclosing function.
fn check(
    parser: &mut Parser<'_>,
    token: &Token<'_>,
    here: usize,
    function: Option<&str>,
) -> Checked {
    match token {
        Token::BadString(_) => Err(wrong(here, "a quotation mark is missing")),
        Token::BadUrl(_) => Err(wrong(here, "this is no address")),
        Token::CloseCurlyBracket => Err(wrong(here, "a } too many")),
        Token::CloseParenthesis => Err(wrong(here, "a ) too many")),
        Token::CloseSquareBracket => Err(wrong(here, "a ] too many")),
        Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
            let why = "@import is not allowed: put everything into this file".to_owned();
            Err(ParseError::custom(Fault::Forbidden(here, why)))
        }
        Token::UnquotedUrl(address) => local(address, here),
        Token::QuotedString(address) if function.is_some_and(takes_address) => local(address, here),
        Token::Function(name) => {
            let name = name.to_string();
            parser.parse_nested_block(|inner| values(inner, Some(&name)))
        }
        Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
            parser.parse_nested_block(|inner| values(inner, function))
        }
        _ => Ok(()),
    }
}

fn values(parser: &mut Parser<'_>, function: Option<&str>) -> Checked {
    loop {
        parser.skip_whitespace();
        let here = line(parser);
        let Ok(token) = parser.next().cloned() else {
            return Ok(());
        };
        check(parser, &token, here, function)?;
    }
}

/// Returns `true` if strings in this function are addresses.
fn takes_address(function: &str) -> bool {
    ["url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade"]
        .iter()
        .any(|known| function.eq_ignore_ascii_case(known))
}

/// Rejects an address on a different host. Reads it as the URL standard says: surrounding white
/// space, and tabs and line breaks within, are ignored, and a backslash counts as a slash.
fn local(address: &str, here: usize) -> Checked {
    let read: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let read = read.trim_matches(|c: char| c <= ' ').replace('\\', "/").to_ascii_lowercase();
    let scheme = read.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    if scheme.is_some_and(|scheme| scheme != "data") || read.starts_with("//") {
        let shown: String = address.chars().take(80).collect();
        let why = format!(
            "\"{shown}\" is an address on a different host, which visitors' browsers must not \
             contact: use a data: address"
        );
        return Err(ParseError::custom(Fault::Forbidden(here, why)));
    }
    Ok(())
}
