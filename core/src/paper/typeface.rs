//! Noto Sans in two cuts: text becomes glyphs, glyphs become lines.

use std::{ops::Range, sync::LazyLock};

use harfrust::{Direction, FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use unicode_linebreak::linebreaks;
use unicode_normalization::UnicodeNormalization;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Regular,
    Bold,
}

/// Size and distance of lines in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub cut: Cut,
    pub size: f32,
    pub leading: f32,
    /// sRGB.
    pub color: [u8; 3],
}

/// What is drawn in one go; its glyphs name their place in `text`.
#[derive(Clone)]
pub(super) struct Line {
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// In points, without the space at its end.
    pub width: f32,
    pub style: Style,
}

impl Cut {
    pub fn font(self) -> Font {
        self.face().font.clone()
    }

    fn face(self) -> &'static Face {
        static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| {
            [include_bytes!("fonts/NotoSans-Regular.ttf").as_slice(), include_bytes!("fonts/NotoSans-Bold.ttf")]
                .map(Face::new)
        });
        match self {
            Self::Regular => &FACES[0],
            Self::Bold => &FACES[1],
        }
    }
}

/// Letters without a glyph, each once.
pub(super) fn unprintable(text: &str) -> Vec<char> {
    let (face, mut lost) = (Cut::Regular.face(), Vec::new());
    for line in text.lines().map(printable) {
        for glyph in face.glyphs(&line).iter().filter(|glyph| glyph.glyph_id.to_u32() == 0) {
            lost.extend(line[glyph.text_range.clone()].chars());
        }
    }
    lost.sort_unstable();
    lost.dedup();
    lost
}

/// Breaks a text into lines of at most `width` points. A word that is longer than a line is broken between letters.
pub(super) fn lines(text: &str, style: Style, width: f32) -> Vec<Line> {
    let text = text.trim_end();
    if text.is_empty() {
        return broken("", style, width);
    }
    // Lines end with a space, also where somebody broke them: otherwise two words are read aloud as one.
    text.split_inclusive(['\n', '\u{2028}', '\u{2029}']).flat_map(|part| broken(part, style, width)).collect()
}

fn broken(text: &str, style: Style, width: f32) -> Vec<Line> {
    let (text, glyphs) = style.cut.face().shape(printable(text));
    let line = |range: Range<usize>| Line::new(&text, &glyphs[range], style);
    breaks(&text, &glyphs, width / style.size).into_iter().map(line).collect()
}

impl Line {
    fn new(text: &str, glyphs: &[KrillaGlyph], style: Style) -> Self {
        let (from, to) =
            (glyphs.first().map_or(0, |g| g.text_range.start), glyphs.last().map_or(0, |g| g.text_range.end));
        let glyphs: Vec<_> = glyphs
            .iter()
            .map(|glyph| KrillaGlyph {
                text_range: glyph.text_range.start - from..glyph.text_range.end - from,
                ..glyph.clone()
            })
            .collect();
        let text = text[from..to].to_owned();
        let seen = text.trim_end().len();
        let width =
            glyphs.iter().filter(|glyph| glyph.text_range.start < seen).map(|glyph| glyph.x_advance).sum::<f32>();
        Self { text, glyphs, width: width * style.size, style }
    }
}

struct Face {
    reader: FontRef<'static>,
    shaper: ShaperData,
    font: Font,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Self {
        let reader = FontRef::new(bytes).expect("the fonts in the house are whole");
        let shaper = ShaperData::new(&reader);
        let font = Font::new(bytes.into(), 0).expect("the fonts in the house are whole");
        Self { reader, shaper, font }
    }

    /// The glyphs of a text, and the text as it is printed: with U+FFFD for what has no glyph.
    fn shape(&self, text: String) -> (String, Vec<KrillaGlyph>) {
        let glyphs = self.glyphs(&text);
        if glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0) {
            return (text, glyphs);
        }
        let mut replaced = String::with_capacity(text.len());
        for cluster in glyphs.chunk_by(|a, b| a.text_range == b.text_range) {
            let lost = cluster.iter().any(|glyph| glyph.glyph_id.to_u32() == 0);
            replaced.push_str(if lost { "\u{fffd}" } else { &text[cluster[0].text_range.clone()] });
        }
        let glyphs = self.glyphs(&replaced);
        (replaced, glyphs)
    }

    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let shaper = self.shaper.shaper(&self.reader).build();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // The typeface has no letters that run from right to left; what is written with them becomes U+FFFD.
        buffer.set_direction(Direction::LeftToRight);
        let shaped = shaper.shape(buffer, ShapeOptions::new());
        let em = self.font.units_per_em();
        let infos = shaped.glyph_infos();
        let mut end = text.len();
        let mut glyphs: Vec<_> = (0..infos.len())
            .rev()
            .map(|i| {
                let (start, place) = (infos[i].cluster as usize, shaped.glyph_positions()[i]);
                let range = start..end;
                if i > 0 && infos[i - 1].cluster != infos[i].cluster {
                    end = start;
                }
                let [advance, x, y] = [place.x_advance, place.x_offset, place.y_offset].map(|units| units as f32 / em);
                KrillaGlyph::new(GlyphId::new(infos[i].glyph_id), advance, x, y, 0.0, range, None)
            })
            .collect();
        glyphs.reverse();
        glyphs
    }
}

/// The text without what is no letter: control characters, marks of direction, invisible characters.
fn printable(text: &str) -> String {
    let unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.nfc()
        .map(|c| if matches!(c, '\t' | '\n' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .filter(|&c| !c.is_control() && !unseen(c))
        .collect()
}

/// The lines of a shaped text as ranges of its glyphs; `width` in ems. Spaces at the end of a line do not count.
fn breaks(text: &str, glyphs: &[KrillaGlyph], width: f32) -> Vec<Range<usize>> {
    let mut chances = linebreaks(text).map(|(at, _)| at).peekable();
    let (mut lines, mut start, mut cluster, mut reach) = (Vec::new(), 0, 0, 0.0);
    let mut chance = None;
    for (i, glyph) in glyphs.iter().enumerate() {
        let at = glyph.text_range.start;
        if i > 0 && glyphs[i - 1].text_range != glyph.text_range {
            cluster = i;
            while chances.next_if(|&next| next < at).is_some() {}
            // a long e-mail address is best broken behind its `@`
            if chances.peek() == Some(&at) || text[..at].ends_with('@') {
                chance = Some(i);
            }
        }
        let space = text[glyph.text_range.clone()].chars().all(char::is_whitespace);
        while !space && reach + glyph.x_advance > width {
            let cut = chance.take().unwrap_or(cluster);
            if cut == start {
                break;
            }
            lines.push(start..cut);
            start = cut;
            reach = glyphs[start..i].iter().map(|glyph| glyph.x_advance).sum();
        }
        reach += glyph.x_advance;
    }
    lines.push(start..glyphs.len());
    lines
}
