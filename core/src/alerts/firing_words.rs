//! Firing members in words.

use super::course::Firing;

/// Names of the members that fire, as far as they are known.
#[must_use]
pub fn firing_words(firing: &Firing) -> String {
    let all = firing.firing().count() + usize::try_from(firing.left_out).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for name in firing.firing().filter_map(|(_, member)| member.name.as_deref()) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    match (names.is_empty(), all.saturating_sub(names.len())) {
        (true, 0 | 1) => String::new(),
        (true, all) => format!("{all} members"),
        (false, 0) => names.join("; "),
        (false, more) => format!("{}; and {more} more", names.join("; ")),
    }
}
