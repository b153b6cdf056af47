//! The script: senders, messages and times.

/// A message of the script.
#[derive(Clone, Debug)]
pub struct Line {
    /// Minutes since the first one.
    pub minute: i64,
    /// A reply in the thread that the first message began.
    pub in_thread: bool,
    pub who: String,
    /// The text after the bot's mention. `@"Bo Larsen"` in it mentions a person.
    pub text: String,
}

/// The messages, in the order in which they are sent.
pub fn script() -> Vec<Line> {
    let lines = include_str!("script.txt").lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<Line> = lines.map(line).collect();
    assert_eq!(lines.len(), 90);
    assert!(lines.is_sorted_by_key(|line| line.minute), "somebody speaks before the one before");
    lines
}

fn line(line: &str) -> Line {
    let (minute, rest) = line.split_once(' ').unwrap();
    let (in_thread, rest) = rest.strip_prefix("[1] ").map_or((false, rest), |rest| (true, rest));
    let (who, text) = rest.split_once(": ").unwrap();
    let (who, text) = (who.to_owned(), text.to_owned());
    Line { minute: minute.parse().unwrap(), in_thread, who, text }
}

/// The text with each `@"Bo Larsen"` written as this says.
pub fn with_mentions(text: &str, mut written: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split("@\"");
    let mut all = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('"').unwrap();
        all.push_str(&written(name));
        all.push_str(rest);
    }
    all
}

pub fn is_public(line: &Line) -> bool {
    let public = ["publish", "update", "impact", "correct", "close", "reopen", "postmortem"];
    public.contains(&line.text.split(' ').next().unwrap())
}

/// Words that are on no page: senders' names, and the ends of all internal texts.
pub fn secrets() -> Vec<String> {
    let script = script();
    let public: String = script.iter().filter(|line| is_public(line)).map(|l| &*l.text).collect();
    let mut secrets = Vec::new();
    for line in script.iter().filter(|line| !is_public(line)) {
        secrets.push(line.who.clone());
        let said = line.text.split(" @\"").next().unwrap();
        let words: Vec<&str> = said.split(' ').collect();
        let end = words[words.len().saturating_sub(3)..].join(" ");
        // Words that are public anyway, or could be there by chance.
        if !public.contains(&end) && words.len() > 3 {
            secrets.push(end);
        }
    }
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() > 35, "few secrets: {secrets:?}");
    secrets
}
