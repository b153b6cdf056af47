//! Texts of a work item: the title, the description with the table of roles, and the final
//! comments. The description and the comments are HTML in which all text from people is escaped.

use crate::digest::sha256_hex;
use crate::launch::brief::{Brief, Comment, ExternalPerson, OnCall};
use crate::text::markup::{escaped, text_html};
use crate::text::{Text, is_safe_link};

/// Limit of Azure Boards, in characters.
const TITLE_CHARS_MAX: usize = 255;
/// Maximum length of the description, in characters of plain text.
const DESCRIPTION_CHARS_MAX: usize = 100_000;
/// Maximum length of a comment, in characters. Azure Boards documents no limit; the limit for
/// comments on pull requests is 150,000.
pub const COMMENT_CHARS_MAX: usize = 60_000;
/// Maximum length of a line of a comment, in characters. A line of this length fits into a part
/// even if every character is escaped.
const LINE_CHARS_MAX: usize = COMMENT_CHARS_MAX / 8;

#[must_use]
pub fn title(brief: &Brief) -> String {
    let title: String = brief.title.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&format!("{}{title}", title_start(brief)), TITLE_CHARS_MAX)
}

fn title_start(brief: &Brief) -> String {
    format!("Incident #{}: ", brief.number)
}

/// Returns `true` if this program wrote the title, for the current or an earlier title of the
/// incident.
#[must_use]
pub fn is_our_title(found: &str, brief: &Brief) -> bool {
    found.starts_with(&title_start(brief))
}

#[must_use]
pub fn description(brief: &Brief) -> String {
    let text = cut(&brief.description.join("\n"), DESCRIPTION_CHARS_MAX);
    text_html(&Text::plain(&text)) + &kept_part(brief)
}

/// Description with its generated part replaced. Text that people wrote above our heading is kept,
/// text below it is lost.
#[must_use]
pub fn renewed(description: &str, brief: &Brief) -> String {
    let heading = description.find(&heading(brief));
    let above = heading.and_then(|at| description.get(..at)).unwrap_or(description);
    let above = if heading.is_some() { without_wrapping(above) } else { above };
    // After text outside of any element, as in a description that was converted to Markdown, a
    // block needs an empty line.
    let is_bare = !above.is_empty() && !above.trim_end().ends_with('>');
    format!("{above}{}{}", if is_bare { "\n\n" } else { "" }, kept_part(brief))
}

/// Elements that an editor puts around a line.
const WRAPPING: [&str; 15] =
    ["p", "div", "span", "b", "strong", "i", "em", "u", "font", "h1", "h2", "h3", "h4", "h5", "h6"];

/// Text above our heading, without the markup of the heading itself: the HTML tags that open
/// directly before it, and the characters of Markdown.
fn without_wrapping(above: &str) -> &str {
    let mut rest = above.trim_end().trim_end_matches(['#', '*', '_']).trim_end();
    while let Some((before, tag)) = rest.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'))
        && WRAPPING.contains(&tag.split_whitespace().next().unwrap_or_default())
    {
        rest = before.trim_end();
    }
    rest
}

fn heading(brief: &Brief) -> String {
    format!("Kept up to date by StatusUpdate ({})", brief.key)
}

fn kept_part(brief: &Brief) -> String {
    let page = brief.page.iter().map(|page| ("Status page".to_owned(), page.clone()));
    let channel = brief.channel.iter().map(|channel| (channel.name.clone(), channel.url.clone()));
    let links: Vec<String> = page
        .chain(channel)
        .chain(brief.links.iter().cloned())
        .filter(|(_, address)| is_safe_link(address))
        .map(|(text, address)| format!("<a href=\"{}\">{}</a>", escaped(&address), escaped(&text)))
        .collect();
    let severity =
        brief.severity.map(|severity| ("Severity".to_owned(), severity.number().to_string()));
    let facts: Vec<(String, String)> = severity.into_iter().chain(brief.facts.clone()).collect();
    let roles = brief
        .roles
        .iter()
        .map(|role| (role.name.clone(), role.person.as_ref().map_or("open".to_owned(), named)));
    let on_call = |one: &OnCall| (format!("On call: {}", one.name()), named(&one.person));
    let roles: Vec<(String, String)> = roles.chain(brief.on_call.iter().map(on_call)).collect();
    let (links, facts, roles) = (links.join(" · "), table(&facts), table(&roles));
    format!("<p>{}</p><p>{links}</p>{facts}{roles}", heading(brief))
}

/// Name with the address, if it is known.
fn named(person: &ExternalPerson) -> String {
    match &person.address {
        Some(address) => format!("{} ({address})", person.name),
        None => person.name.clone(),
    }
}

fn table(rows: &[(String, String)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let row = |(name, value): &(String, String)| {
        format!("<tr><td>{}</td><td>{}</td></tr>", escaped(name), escaped(value))
    };
    format!("<table><tbody>{}</tbody></table>", rows.iter().map(row).collect::<String>())
}

/// A part of a comment, without the link to the next part and without the mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Counted from 1.
    pub number: usize,
    pub html: String,
}

/// Splits a comment into parts that Azure Boards accepts.
#[must_use]
pub fn parts(comment: &Comment) -> Vec<Part> {
    let mut parts = vec![String::new()];
    for section in &comment.sections {
        let mut lines = vec![format!("<h3>{}</h3>", escaped(&section.heading))];
        lines.extend(
            section
                .lines
                .iter()
                .map(|line| format!("<p>{}</p>", escaped(&cut(line, LINE_CHARS_MAX)))),
        );
        for line in lines {
            let is_full =
                |part: &String| part.chars().count() + line.chars().count() > COMMENT_CHARS_MAX;
            match parts.last_mut().filter(|part| !is_full(part)) {
                Some(part) => part.push_str(&line),
                None => parts.push(line),
            }
        }
    }
    parts.into_iter().enumerate().map(|(index, html)| Part { number: index + 1, html }).collect()
}

/// Mark at the end of a comment of this program. It identifies the comment and contains a digest of
/// its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Incident, comment and part.
    pub name: String,
    /// Eight hexadecimal digits.
    pub digest: String,
}

impl Mark {
    #[must_use]
    pub fn new(brief: &Brief, comment: &Comment, number: usize, html: &str) -> Self {
        let name = format!("{}/{}/{number}", brief.key, comment.kind.word());
        let digest = sha256_hex(html.as_bytes()).get(..8).unwrap_or_default().to_owned();
        Self { name, digest }
    }

    /// Reads the last mark in a comment, which may be one of ours or quote one.
    #[must_use]
    pub fn read(text: &str, key: &str) -> Option<Self> {
        let at = text.rfind(&format!("{key}/"))?;
        let mark: String = text.get(at..)?.chars().take_while(|c| is_of_mark(*c)).collect();
        let (name, digest) = mark.rsplit_once('/')?;
        Some(Self { name: name.to_owned(), digest: digest.to_owned() })
    }
}

fn is_of_mark(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '/')
}

/// A part as posted, with the link to the next part and the mark.
#[must_use]
pub fn comment_html(part: &str, next: Option<&str>, mark: &Mark) -> String {
    let next = next.map(|url| format!("<p><a href=\"{}\">It goes on here</a></p>", escaped(url)));
    let Mark { name, digest } = mark;
    format!("{part}{}<p><small>{name}/{digest}</small></p>", next.unwrap_or_default())
}

/// Text of a part that is no longer needed.
pub const NOTHING_LEFT: &str = "<p>Nothing is left for this part.</p>";

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}
