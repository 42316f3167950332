//! A text as it is compared: one spelling for all spellings, and for every letter the place it came from.
//!
//! `L&ouml;&shy;hne`, `LÖHNE`, `Loehne` and `Stadt <b>Löhne</b>` all read `loehne` here. What stands in the attributes of
//! HTML tags follows behind the text, so that an image text or a link is read like a sentence of its own.

use std::ops::Range;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::markup::{Tag, tag, unit, values};

/// Ends a passage: nothing is understood across it.
pub const BREAK: char = '\n';

pub struct Folded<'a> {
    source: &'a str,
    pub text: String,
    /// For every byte of `text` the byte of `source` it was made from.
    at: Vec<u32>,
    /// The next blank is swallowed: a sign like `(at)` stood before it.
    glued: bool,
}

impl<'a> Folded<'a> {
    pub fn new(source: &'a str) -> Self {
        let mut folded = Self {
            source,
            text: String::with_capacity(source.len()),
            at: Vec::with_capacity(source.len()),
            glued: false,
        };
        folded.read();
        folded
    }

    /// The bytes of the source that a part of the folded text was made from.
    pub fn source_range(&self, part: Range<usize>) -> Range<usize> {
        let (first, last) = (self.at[part.start] as usize, self.at[part.end - 1] as usize);
        first..last + unit(&self.source[last..]).1
    }

    /// Whether the letter was a capital one.
    pub fn is_capital(&self, at: usize) -> bool {
        unit(&self.source[self.at[at] as usize..]).0.is_uppercase()
    }

    fn read(&mut self) {
        let mut attributes = Vec::new();
        let mut at = 0;
        while at < self.source.len() {
            let rest = &self.source[at..];
            at += match rest.as_bytes()[0] {
                b'<' => match tag(rest) {
                    Some(tag) => {
                        attributes.extend(values(&rest[..tag.len]).map(|value| at + value.start..at + value.end));
                        match tag.kind {
                            Tag::Inline => {}
                            Tag::Line => self.push(' ', at),
                            Tag::Block => self.push(BREAK, at),
                        }
                        tag.len
                    }
                    None => self.take(rest, at),
                },
                b'\n' => {
                    self.push(if ends_passage(&self.source[..at], rest) { BREAK } else { ' ' }, at);
                    1
                }
                _ => self.take(rest, at),
            };
        }
        for value in attributes {
            self.push(BREAK, value.start);
            let mut at = value.start;
            while at < value.end {
                at += self.take(&self.source[at..value.end], at);
            }
        }
    }

    fn take(&mut self, rest: &str, at: usize) -> usize {
        let plain = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if plain > 0 {
            let before = self.text.len();
            self.glued = false;
            self.text.push_str(&rest[..plain]);
            self.text[before..].make_ascii_lowercase();
            self.at.extend(at as u32..(at + plain) as u32);
            return plain;
        }
        let (sign, len) = unit(rest);
        self.push(sign, at);
        len
    }

    fn push(&mut self, sign: char, at: usize) {
        match sign {
            ' ' => self.blank(at),
            BREAK => self.add("\n", at),
            '*' | '`' | '\\' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '_' => self.blank(at),
            _ if sign.is_whitespace() => self.blank(at),
            '@' => self.glue('@', at),
            ')' | ']' | '}' => self.close(sign, at),
            '\u{2010}' | '\u{2011}' => self.add("-", at),
            '\u{2012}'..='\u{2015}' | '\u{2212}' => self.add("–", at),
            '„' | '“' | '”' => self.add("\"", at),
            '’' | '‘' | '‚' => self.add("'", at),
            _ if sign.is_ascii() => self.add(sign.to_ascii_lowercase().encode_utf8(&mut [0; 4]), at),
            'ä' | 'Ä' => self.add("ae", at),
            'ö' | 'Ö' => self.add("oe", at),
            'ü' | 'Ü' => self.add("ue", at),
            'ß' | 'ẞ' => self.add("ss", at),
            '\u{308}' if self.text.ends_with(['a', 'o', 'u']) => self.add("e", at),
            _ => decompose_canonical(sign, |part| {
                if !is_combining_mark(part) {
                    part.to_lowercase().for_each(|c| self.add(c.encode_utf8(&mut [0; 4]), at));
                }
            }),
        }
    }

    fn add(&mut self, folded: &str, at: usize) {
        self.glued = false;
        self.text.push_str(folded);
        self.at.resize(self.text.len(), at as u32);
    }

    fn blank(&mut self, at: usize) {
        if !self.glued && !self.text.ends_with(['t', ' ', BREAK]) {
            return self.add(" ", at);
        }
        let spelt = ["dot", "punkt"].into_iter().find(|word| self.text.ends_with(word));
        if let Some(word) = spelt.filter(|word| self.is_spelt_out(word)) {
            self.cut(word.len());
            self.glue('.', at);
        } else if !self.glued && !self.text.ends_with([' ', BREAK]) {
            self.add(" ", at);
        }
    }

    /// Whether the `dot` at the end is the one of "info at town dot de".
    fn is_spelt_out(&self, dot: &str) -> bool {
        let before = self
            .text
            .strip_suffix(dot)
            .and_then(|before| before.strip_suffix(' '))
            .and_then(|before| before.rsplit_once([' ', '@']));
        before.is_some_and(|(before, host)| {
            before.ends_with(" at") || host.contains('.') || self.text[before.len()..].starts_with('@') || host == "www"
        })
    }

    /// `(at)`, `[ät]`, `{dot}` and `(Punkt)` become the sign they stand for.
    fn close(&mut self, sign: char, at: usize) {
        let words = [("at", '@'), ("aet", '@'), ("dot", '.'), ("punkt", '.')];
        let spelt = self.text.rfind(['(', '[', '{']).and_then(|open| {
            let inside = self.text[open + 1..].trim();
            words.iter().find(|(word, _)| *word == inside).map(|(_, sign)| (open, *sign))
        });
        match spelt {
            Some((open, sign)) => {
                self.cut(self.text.len() - open);
                self.glue(sign, at);
            }
            None => self.add(sign.encode_utf8(&mut [0; 4]), at),
        }
    }

    /// Adds a sign that holds together what stands around it.
    fn glue(&mut self, sign: char, at: usize) {
        if self.text.ends_with(' ') {
            self.cut(1);
        }
        self.add(sign.encode_utf8(&mut [0; 4]), at);
        self.glued = true;
    }

    fn cut(&mut self, len: usize) {
        self.text.truncate(self.text.len() - len);
        self.at.truncate(self.text.len());
    }
}

/// The folded form of a short text.
pub fn fold(text: &str) -> String {
    Folded::new(text).text.trim().to_owned()
}

/// A passage of the source as people read it: without tags, entities and signs that nobody sees.
pub fn readable(source: &str) -> String {
    let mut said = String::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let (sign, len) = match tag(rest) {
            Some(tag) => (if tag.kind == Tag::Inline { '\u{ad}' } else { ' ' }, tag.len),
            None => unit(rest),
        };
        match sign {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '*' => {}
            _ if sign.is_whitespace() => {
                if !said.ends_with(' ') {
                    said.push(' ');
                }
            }
            _ => said.push(sign),
        }
        at += len;
    }
    said.trim().to_owned()
}

/// Whether a line break ends a passage of Markdown: a blank line, a heading, a list, a quotation, a table.
fn ends_passage(before: &str, rest: &str) -> bool {
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let next = rest[1..].trim_start_matches([' ', '\t', '\r']);
    line.trim_start().starts_with('#')
        || next.is_empty()
        || next.starts_with(['\n', '#', '>', '|'])
        || next.starts_with("- ")
        || next.starts_with("* ")
}
