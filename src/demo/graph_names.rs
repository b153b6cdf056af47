//! Valid channel names (learn.microsoft.com, "Limits and specifications for Microsoft Teams",
//! channel names).

pub(super) fn is_allowed(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_device = (lower.starts_with("com") || lower.starts_with("lpt"))
        && lower.len() == 4
        && lower.ends_with(|c: char| c.is_ascii_digit());
    let is_reserved = ["forms", "con", "prn", "aux", "nul", "desktop.ini"].contains(&&*lower);
    let is_char = |c: char| {
        !c.is_control() && !"~#%&*{}+/\\:<>?|'\",".contains(c) && !('\u{1f000}'..).contains(&c)
    };
    (1..=50).contains(&name.chars().count())
        && name.chars().all(is_char)
        && !name.starts_with(['_', '.'])
        && !name.ends_with('.')
        && !name.contains("..")
        && !lower.contains("_vti_")
        && !is_device
        && !is_reserved
}
