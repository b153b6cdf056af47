//! Text without clock values: the common part of two replays at different times.

const UNITS: [&str; 4] = ["ms", "s", "min", "h"];
const ZONES: [&str; 3] = ["UTC", "CET", "CEST"];

/// The text with a placeholder for each day (`DAY`), time of day (`TIME`, with seconds or without),
/// zone (`ZONE`), instant in UTC (`INSTANT`) and length of time (`LENGTH`: `1 h 20 min`, `840 ms`).
pub fn redacted(text: &str) -> String {
    // A review's word for the shortest lengths.
    let text = text.replace("less than a minute", "0 s");
    let lines = text.split('\n').map(|line| {
        if let Some(zone) = day_heading(line) {
            return format!("### DAY ({zone}");
        }
        let words: Vec<&str> = line.split(' ').collect();
        let mut shown: Vec<String> = Vec::new();
        let mut rest = words.as_slice();
        while let [word, behind @ ..] = rest {
            let (length, taken) = length(word, behind);
            if taken > 0 {
                shown.push(length);
                rest = &rest[taken..];
            } else {
                shown.push(clock(word));
                rest = behind;
            }
        }
        shown.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The zone of a heading such as `### Saturday, 21 November 2026 (Europe/Berlin, UTC+01)`.
fn day_heading(line: &str) -> Option<&str> {
    let (day, zone) = line.strip_prefix("### ")?.split_once(" (")?;
    let (weekday, date) = day.split_once(", ")?;
    let is_day = weekday.ends_with("day") && date.split(' ').count() == 3;
    is_day.then_some(zone)
}

/// A duration that begins with this word, with its number of words; 0 if there is none.
fn length(word: &str, behind: &[&str]) -> (String, usize) {
    let (before, digits, none) = core(word);
    let Some(unit) = behind.first() else { return (String::new(), 0) };
    let (nothing, unit, after) = core(unit);
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !is_number || !none.is_empty() || !nothing.is_empty() || !UNITS.contains(&unit) {
        return (String::new(), 0);
    }
    let next = match behind {
        [_, word, behind @ ..] if after.is_empty() => length(word, behind),
        _ => (String::new(), 0),
    };
    let after = next.0.strip_prefix("LENGTH").unwrap_or(after).to_owned();
    (format!("{before}LENGTH{after}"), next.1 + 2)
}

/// A word, with a placeholder for a clock value.
fn clock(word: &str) -> String {
    let (before, core, after) = core(word);
    let shape: String = core.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let placeholder = match shape.as_str() {
        "9999-99-99" => "DAY",
        "99:99" | "99:99:99" => "TIME",
        "9999-99-99T99:99:99Z" => "INSTANT",
        _ if shape.starts_with("9999-99-99T99:99:99.") => "INSTANT",
        _ if ZONES.contains(&core) => "ZONE",
        _ => core,
    };
    format!("{before}{placeholder}{after}")
}

/// The punctuation before a word, the word, and the punctuation after it.
fn core(word: &str) -> (&str, &str, &str) {
    let from_core = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let core = from_core.trim_end_matches(|c: char| !c.is_alphanumeric());
    let before = word.strip_suffix(from_core).unwrap_or_default();
    (before, core, from_core.strip_prefix(core).unwrap_or_default())
}

#[test]
fn only_clock_values_are_redacted() {
    for (text, expected) in [
        ("### Saturday, 21 November 2026 (UTC)", "### DAY (UTC)"),
        ("### Where we got lucky (so far)", "### Where we got lucky (so far)"),
        ("at 2026-11-21 10:45 CET (typed)", "at DAY TIME ZONE (typed)"),
        ("(1 h 20 min), −3 min; 840 ms.", "(LENGTH), −LENGTH; LENGTH."),
        ("a 2026-11-21T10:45:40Z b", "a INSTANT b"),
        ("7 s, 8 s", "LENGTH, LENGTH"),
        ("after less than a minute.", "after LENGTH."),
        ("task 3 of 5 in 90 days, 4.2", "task 3 of 5 in 90 days, 4.2"),
    ] {
        assert_eq!(redacted(text), expected);
    }
}
