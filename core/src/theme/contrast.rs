//! Contrast after WCAG 2.2, success criteria 1.4.3 and 1.4.11.

use std::fmt;

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

impl Color {
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
        Some(Self { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }

    /// Red, green, blue.
    pub fn channels(self) -> [u8; 3] {
        [self.red, self.green, self.blue]
    }

    /// Contrast ratio between 1 and 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colour nearest to this one, on the way to black or to white, that reaches `ratio` before `background`.
    pub fn nearest_with_contrast(self, background: Self, ratio: f64) -> Self {
        let towards = |end: i32| {
            let moved = |from: u8, step: i32| (i32::from(from) + (end - i32::from(from)) * step / 100) as u8;
            (1..=100)
                .map(|step| {
                    (
                        step,
                        Self {
                            red: moved(self.red, step),
                            green: moved(self.green, step),
                            blue: moved(self.blue, step),
                        },
                    )
                })
                .find(|(_, color)| color.contrast(background) >= ratio)
        };
        match (towards(0), towards(255)) {
            (Some(darker), Some(lighter)) if lighter.0 < darker.0 => lighter.1,
            (Some(darker), _) => darker.1,
            (None, Some(lighter)) => lighter.1,
            (None, None) => Self { red: 0, green: 0, blue: 0 },
        }
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}
