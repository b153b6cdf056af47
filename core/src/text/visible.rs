//! Detects styles that hide an element's text from a reader.

/// Smallest readable font size, in pixels or points.
const READABLE_MIN: f32 = 3.0;
/// Text that is moved further than this is out of sight, in pixels.
const IN_SIGHT_MAX: f32 = 500.0;
/// Text with a lower opacity is invisible.
const OPACITY_MIN: f32 = 0.1;

/// Returns `true` if an inline style hides its element.
#[must_use]
pub(super) fn is_hidden(style: &str) -> bool {
    let style = without_comments(&style.to_ascii_lowercase());
    let declarations = || style.split(';').filter_map(|one| one.split_once(':'));
    let value_of = |name: &str| {
        let values = declarations().filter(|(known, _)| known.trim() == name);
        values.map(|(_, value)| bare(value)).next_back().filter(|value| is_colour(value))
    };
    let background = value_of("background-color").or_else(|| value_of("background"));
    let is_camouflaged = background.is_some() && value_of("color") == background;
    is_camouflaged || declarations().any(|(name, value)| hides(name.trim(), &bare(value)))
}

/// Returns `false` for a value that refers to a different colour, such as `inherit` or `var(…)`.
fn is_colour(value: &str) -> bool {
    let is_relative = ["inherit", "initial", "unset", "revert", "revert-layer", "currentcolor"];
    !is_relative.contains(&value) && !value.starts_with("var(")
}

/// Removes spaces and `!important` from a value.
fn bare(value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    value.trim_end_matches("!important").to_owned()
}

fn without_comments(style: &str) -> String {
    let mut kept = String::new();
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept + rest
}

fn hides(name: &str, value: &str) -> bool {
    let number = leading_number(value);
    let is_zero = number == Some(0.0);
    match name {
        "display" => value == "none",
        "visibility" => matches!(value, "hidden" | "collapse"),
        "content-visibility" => value == "hidden",
        "mso-hide" => value == "all",
        "font-size" => {
            let is_absolute = value.ends_with("px") || value.ends_with("pt");
            is_zero || is_absolute && number.is_some_and(|size| size < READABLE_MIN)
        }
        "font" => value.split(',').any(|part| part.starts_with("0px") || part.starts_with("0/")),
        "opacity" => number.is_some_and(|opacity| {
            if value.ends_with('%') { opacity < 100.0 * OPACITY_MIN } else { opacity < OPACITY_MIN }
        }),
        "height" | "max-height" | "width" | "max-width" | "zoom" => is_zero,
        "text-indent" | "left" | "right" | "top" | "bottom" | "margin-left" | "margin-top" => {
            number.is_some_and(|far| far.abs() > IN_SIGHT_MAX)
        }
        "color" | "-webkit-text-fill-color" => value == "transparent" || is_transparent(value),
        "transform" => value.contains("scale(0") && !value.contains("scale(0."),
        "clip" => value.starts_with("rect(0") || value.starts_with("rect(1px"),
        "clip-path" => value.starts_with("inset(100%") || value.starts_with("inset(50%"),
        _ => false,
    }
}

/// Returns `true` for colours such as `rgba(…, 0)`, `rgb(… / 0%)` and `#fff0`.
fn is_transparent(value: &str) -> bool {
    if let Some(digits) = value.strip_prefix('#') {
        return match digits.len() {
            4 => digits.ends_with('0'),
            8 => digits.ends_with("00"),
            _ => false,
        };
    }
    let Some(inside) = value.split_once('(').and_then(|(_, inside)| inside.strip_suffix(')'))
    else {
        return false;
    };
    let parts: Vec<&str> = inside.split([',', '/']).collect();
    let has_alpha = parts.len() == 4 || inside.contains('/');
    has_alpha && parts.last().is_some_and(|alpha| leading_number(alpha) == Some(0.0))
}

fn leading_number(value: &str) -> Option<f32> {
    let end = value
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}
