//! Placeholders in the lines that answers suggest: `<text>`, `<time>`, `@person`.

/// The words between angle brackets in lines to copy.
const PLACEHOLDERS: &[&str] = &[
    "action",
    "address",
    "audience",
    "channel",
    "command",
    "component",
    "components",
    "date",
    "day",
    "days",
    "duration",
    "end",
    "from",
    "impact",
    "incident",
    "length",
    "level",
    "line",
    "link",
    "n",
    "name",
    "note",
    "number",
    "period",
    "person",
    "reason",
    "role",
    "roster",
    "severity",
    "start",
    "step",
    "summary",
    "task",
    "text",
    "time",
    "title",
    "to",
    "topic",
    "until",
    "what",
    "where",
    "who",
    "your text",
    "zone",
];

/// The first placeholder left in a line.
pub(crate) fn placeholder(line: &str) -> Option<&str> {
    let is_known = |inside: &str| {
        let inside = inside.trim();
        PLACEHOLDERS.iter().any(|known| known.eq_ignore_ascii_case(inside))
    };
    let bracketed = line.match_indices('<').find_map(|(at, _)| {
        let behind = line.get(at + 1..)?;
        let (inside, _) = behind.split_once('>').filter(|(inside, _)| is_known(inside))?;
        line.get(at..at + inside.len() + 2)
    });
    let person = || {
        let mut words = line.split_whitespace();
        words.find(|word| super::reader::without_closing(word).eq_ignore_ascii_case("@person"))
    };
    bracketed.or_else(person)
}
