//! A whole palette from one colour: light and dark, every pair readable.
//!
//! Invariant: whatever the colour – yellow, white, neon –, every pair that a theme must keep apart reaches WCAG AA. Only
//! lightness and chroma are moved; the hue stays the town's.

use palette::{FromColor, IsWithinBounds, Oklch, Srgb};

use crate::theme::contrast::Color;

/// Colours by their names in `theme.yaml`.
pub type Scheme = Vec<(&'static str, Color)>;

/// What people read and what they only see; a little more than WCAG AA asks for, so that rounding costs nothing.
const TEXT: f64 = 4.6;
const LINE: f64 = 3.1;

/// Meanings that have a colour of their own in every town.
const SIGNALS: [(&str, &str); 4] =
    [("focus", "#c2410c"), ("success", "#1b6b3a"), ("warning", "#8a4b00"), ("danger", "#b3261e")];

/// White pages. The colour itself is the header; a darker one of the same hue is what people click on.
pub fn light(brand: Color) -> Scheme {
    let tone = Tone::of(brand);
    let white = tone.at(1.0, 0.0);
    let surface = tone.at(0.97, 0.012);
    let accent = tone.at(0.92, 0.05);
    let pages = [white, surface];
    let primary = apart(brand, &pages, TEXT);
    let on_header = [white, tone.at(0.2, 0.04), tone.at(0.0, 0.0)];
    let mut scheme = vec![
        ("background", white),
        ("surface", surface),
        ("text", tone.at(0.24, 0.03)),
        ("muted", apart(tone.at(0.46, 0.03), &pages, TEXT)),
        ("border", apart(tone.at(0.6, 0.03), &pages, LINE)),
        ("link", primary),
        ("primary", primary),
        ("on_primary", white),
        ("accent", accent),
        ("on_accent", apart(tone.at(0.36, 0.1), &[accent], TEXT)),
        ("header", brand),
        ("on_header", first_readable(&on_header, brand)),
    ];
    scheme.extend(SIGNALS.map(|(name, color)| (name, apart(known(color), &pages, TEXT))));
    scheme
}

/// Dark pages of the same hue.
pub fn dark(brand: Color) -> Scheme {
    let tone = Tone::of(brand);
    let pages = [tone.at(0.19, 0.02), tone.at(0.245, 0.025)];
    let accent = tone.at(0.36, 0.07);
    let primary = apart(tone.at(0.82, 0.11), &pages, TEXT);
    let mut scheme = vec![
        ("background", pages[0]),
        ("surface", pages[1]),
        ("text", tone.at(0.95, 0.01)),
        ("muted", apart(tone.at(0.79, 0.02), &pages, TEXT)),
        ("border", apart(tone.at(0.62, 0.03), &pages, LINE)),
        ("link", primary),
        ("primary", primary),
        ("on_primary", apart(tone.at(0.22, 0.05), &[primary], TEXT)),
        ("accent", accent),
        ("on_accent", apart(tone.at(0.94, 0.03), &[accent], TEXT)),
        ("header", tone.at(0.27, 0.05)),
        ("on_header", tone.at(1.0, 0.0)),
    ];
    scheme.extend(SIGNALS.map(|(name, color)| (name, apart(Tone::of(known(color)).at(0.82, 0.12), &pages, TEXT))));
    scheme
}

/// The colour, or the nearest one of its hue that is far enough from all of `pages`.
fn apart(color: Color, pages: &[Color], ratio: f64) -> Color {
    let tone = Tone::of(color);
    let step = if pages.iter().all(|page| Tone::of(*page).0.l > 0.5) { -0.01 } else { 0.01 };
    let shades =
        (0..).map(|steps| tone.0.l + step * f64::from(steps)).take_while(|lightness| (0.0..=1.0).contains(lightness));
    let mut shades = std::iter::once(color).chain(shades.map(|lightness| tone.at(lightness, 1.0)));
    let end = tone.at(if step < 0.0 { 0.0 } else { 1.0 }, 0.0);
    shades.find(|shade| pages.iter().all(|page| shade.contrast(*page) >= ratio)).unwrap_or(end)
}

/// Black or white is readable on every colour: the two contrasts multiply to 21.
fn first_readable(colors: &[Color], on: Color) -> Color {
    let readable = colors.iter().find(|color| color.contrast(on) >= TEXT);
    let best = || colors.iter().max_by(|a, b| a.contrast(on).total_cmp(&b.contrast(on)));
    *readable.or_else(best).expect("there is a colour to choose from")
}

fn known(color: &str) -> Color {
    Color::parse(color).expect("a colour of this file")
}

/// A colour by what the eye sees: lightness, chroma, hue.
#[derive(Clone, Copy)]
struct Tone(Oklch<f64>);

impl Tone {
    fn of(color: Color) -> Self {
        let srgb: Srgb<u8> = color.to_string().parse().expect("a colour prints as `#rrggbb`");
        Self(Oklch::from_color(srgb.into_format::<f64>()))
    }

    /// The hue at this lightness with at most this chroma; chroma gives way where screens have no such colour.
    fn at(self, lightness: f64, chroma: f64) -> Color {
        let mut wanted = Oklch::new(lightness, self.0.chroma.min(chroma), self.0.hue);
        while !Srgb::from_color(wanted).is_within_bounds() && wanted.chroma > 0.001 {
            wanted.chroma *= 0.95;
        }
        let bytes: Srgb<u8> = Srgb::<f64>::from_color(wanted).into_format();
        Color::parse(&format!("#{bytes:x}")).expect("three bytes are a colour")
    }
}
