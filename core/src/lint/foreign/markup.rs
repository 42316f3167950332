//! Tags, entities and percent-encoding, as far as they hide what a text says.

use std::ops::Range;

/// The next sign of a text, with entities and percent-encoding understood, and its length in the text.
pub fn unit(text: &str) -> (char, usize) {
    let coded = match text.as_bytes()[0] {
        b'&' => entity(text),
        b'%' => percent(text),
        _ => None,
    };
    coded.unwrap_or_else(|| {
        let sign = text.chars().next().expect("nobody asks behind the end");
        (sign, sign.len_utf8())
    })
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let sign = match name.strip_prefix('#') {
        Some(number) => char::from_u32(match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        })?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((sign, end + 1))
}

const NAMED: [(&str, char); 36] = [
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("commat", '@'),
    ("period", '.'),
    ("lpar", '('),
    ("rpar", ')'),
    ("sol", '/'),
    ("plus", '+'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("colon", ':'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("middot", '·'),
    ("bull", '•'),
    ("raquo", '»'),
    ("laquo", '«'),
    ("bdquo", '„'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("copy", '©'),
];

fn percent(text: &str) -> Option<(char, usize)> {
    let byte = |i: usize| -> Option<u8> {
        let code = text.get(3 * i..3 * i + 3)?.strip_prefix('%')?;
        u8::from_str_radix(code, 16).ok()
    };
    let first = byte(0)?;
    let count = match first {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    let bytes: Vec<u8> = (0..count).map_while(byte).collect();
    let sign = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((sign, 3 * count))
}

#[derive(PartialEq)]
pub enum Tag {
    Inline,
    Line,
    Block,
}

pub struct Found {
    pub kind: Tag,
    pub len: usize,
}

const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "em", "font", "i", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "time", "u", "wbr",
];

/// The tag at the beginning of a text, or a comment.
pub fn tag(text: &str) -> Option<Found> {
    let inside = text.strip_prefix('<')?;
    if let Some(comment) = inside.strip_prefix("!--") {
        return comment.find("-->").map(|end| Found { kind: Tag::Inline, len: end + 7 });
    }
    let name = inside.strip_prefix(['/', '!']).unwrap_or(inside);
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut quote = None;
    let end = inside.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    })?;
    let name = name.to_ascii_lowercase();
    let kind = match name.as_str() {
        "br" => Tag::Line,
        name if INLINE.contains(&name) => Tag::Inline,
        _ => Tag::Block,
    };
    Some(Found { kind, len: end + 2 })
}

/// Attributes whose values are names for machines.
const UNREAD: [&str; 10] = ["class", "id", "style", "for", "rel", "type", "role", "lang", "name", "property"];

/// Where in a tag the values of its attributes stand.
pub fn values(tag: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let equals = at + tag[at..].find('=')?;
            let name = tag[at..equals].trim_end();
            let name = &name[name.rfind(|c: char| c.is_whitespace()).map_or(0, |blank| blank + 1)..];
            let start = equals + 1;
            let open = tag[start..].chars().next().filter(|c| matches!(c, '"' | '\''));
            let range = match open {
                Some(quote) => start + 1..start + 1 + tag[start + 1..].find(quote)?,
                None => start..start + tag[start..].find(|c: char| c.is_whitespace() || c == '>')?,
            };
            at = range.end + usize::from(open.is_some());
            if !range.is_empty() && !UNREAD.contains(&name) {
                return Some(range);
            }
        }
    })
}
