//! Custom accent colour, checked for readability.

use std::fmt;

use super::refused::Refused;
use super::stylesheet::STYLE;

/// Minimum contrast of text (WCAG 2.2, 1.4.3).
const CONTRAST_MIN: f64 = 4.5;

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

/// Colour of links, of the focus outline and of the line at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// As configured, for the light scheme.
    pub light: Rgb,
    /// For the dark scheme: mixed with just enough white to be readable.
    pub dark: Rgb,
}

impl Accent {
    /// Parses `#0b57d0` or `#05d`.
    ///
    /// # Errors
    /// Returns [`Refused`] if it is not a colour in this format, or if its contrast on a light
    /// background is too low.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = |why: &str| Refused::of("accent", text, why);
        let light = Rgb::parse(text).ok_or_else(|| refused("is not a colour such as #0b57d0"))?;
        let contrast = light.contrast_on(&grounds(false));
        if contrast < CONTRAST_MIN {
            // Rounded down, so that 4.49 is not shown as 4.5.
            let contrast = (contrast * 10.0).floor() / 10.0;
            return Err(refused(&format!(
                "has a contrast of {contrast:.1}:1 on a light background, less than \
                 {CONTRAST_MIN}:1: take a darker one"
            )));
        }
        let dark_grounds = grounds(true);
        let mixed = (0..=100).map(|percent| light.with_white(percent));
        let dark = mixed.into_iter().find(|mixed| mixed.contrast_on(&dark_grounds) >= CONTRAST_MIN);
        Ok(Self { light, dark: dark.unwrap_or(Rgb([0xff; 3])) })
    }
}

/// Backgrounds of text in the accent colour: `--paper` and `--ground` of our stylesheet, which
/// defines them first for the light scheme and then for the dark one.
#[must_use]
pub fn grounds(dark: bool) -> Vec<Rgb> {
    let value = |variable: &str| {
        let mut values = STYLE.split(variable).filter_map(|rest| {
            let value = rest.trim_start().strip_prefix(':')?.split([';', '}']).next()?;
            Rgb::parse(value.trim())
        });
        values.nth(usize::from(dark))
    };
    ["--paper", "--ground"].into_iter().filter_map(value).collect()
}

impl Rgb {
    /// Parses `#rgb` or `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .strip_prefix('#')?
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        match digits[..] {
            [r, g, b] => Some(Self([r * 17, g * 17, b * 17])),
            [r, r2, g, g2, b, b2] => Some(Self([r * 16 + r2, g * 16 + g2, b * 16 + b2])),
            _ => None,
        }
    }

    fn with_white(self, percent: u16) -> Self {
        let mix = |channel: u8| {
            let channel = u16::from(channel);
            u8::try_from(channel + (255 - channel) * percent / 100).unwrap_or(u8::MAX)
        };
        Self(self.0.map(mix))
    }

    /// Lowest contrast on any of the backgrounds (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast_on(self, grounds: &[Self]) -> f64 {
        let ratio = |ground: &Self| {
            let (own, other) = (self.luminance(), ground.luminance());
            (own.max(other) + 0.05) / (own.min(other) + 0.05)
        };
        grounds.iter().map(ratio).fold(f64::INFINITY, f64::min)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([r, g, b]) = self;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}
