//! What a finished page says: its passages, where it leads, and the places in it that can be led to.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// A page as it is read, piece by piece in its order.
#[derive(Debug, Default)]
pub struct Content {
    pieces: Vec<Arc<Piece>>,
    /// Those that no page before had.
    new: Vec<usize>,
}

/// Part of a page that begins with an element of its own line: a heading, a paragraph, an item.
#[derive(Debug, Default)]
struct Piece {
    /// Title, headings, paragraphs, list items, cells, labels, and the texts in attributes.
    passages: Vec<String>,
    /// Addresses of links, pictures, scripts and forms.
    links: Vec<String>,
    /// Places that `#…` can name.
    ids: Vec<String>,
}

/// Pieces that were taken apart: the pages of a town, and towns of one layer, have most of them in common.
#[derive(Debug, Default)]
pub struct Pieces {
    known: HashMap<u64, Arc<Piece>, ahash::RandomState>,
    hasher: ahash::RandomState,
}

/// More than a town has; what many towns have in common is soon known again.
const MOST_PIECES: usize = 100_000;

/// Reads the pages of one town.
#[derive(Debug)]
pub struct Pages<'a> {
    pieces: &'a mut Pieces,
    seen: HashSet<u64, ahash::RandomState>,
}

impl<'a> Pages<'a> {
    pub fn with(pieces: &'a mut Pieces) -> Self {
        if pieces.known.len() > MOST_PIECES {
            pieces.known.clear();
        }
        Self { pieces, seen: HashSet::default() }
    }

    pub fn read(&mut self, html: &str) -> Content {
        let mut content = Content::default();
        for part in parts(html) {
            let hash = self.pieces.hasher.hash_one(part);
            if self.seen.insert(hash) {
                content.new.push(content.pieces.len());
            }
            let piece = self.pieces.known.entry(hash).or_insert_with(|| Arc::new(Piece::of(part)));
            content.pieces.push(piece.clone());
        }
        content
    }
}

/// Cuts before every element that begins a passage anyway. A `<` inside an attribute is `&lt;`: templates escape it.
fn parts(html: &str) -> impl Iterator<Item = &str> {
    const BEGINS: [&[u8]; 24] = [
        b"article", b"aside", b"body", b"dd", b"div", b"dt", b"footer", b"form", b"h1", b"h2", b"h3", b"h4", b"header",
        b"li", b"link", b"main", b"meta", b"nav", b"ol", b"p", b"section", b"table", b"tr", b"ul",
    ];
    let bytes = html.as_bytes();
    let begins = move |at: usize| {
        let name = &bytes[at + 1..];
        let end = name.iter().take(8).position(|byte| matches!(byte, b' ' | b'>' | b'\n'));
        end.is_some_and(|end| BEGINS.contains(&&name[..end]))
    };
    let mut start = 0;
    let mut cuts = memchr::memchr_iter(b'<', bytes).filter(move |at| begins(*at)).chain([html.len()]);
    std::iter::from_fn(move || {
        let end = cuts.find(|cut| *cut > start)?;
        let part = &html[start..end];
        start = end;
        Some(part)
    })
}

/// Elements inside a sentence; all others begin a new passage.
const INLINE: [&[u8]; 24] = [
    b"a", b"abbr", b"b", b"bdi", b"bdo", b"br", b"cite", b"code", b"data", b"dfn", b"em", b"i", b"img", b"kbd",
    b"mark", b"q", b"s", b"small", b"span", b"strong", b"sub", b"sup", b"time", b"wbr",
];

/// Attributes that people read or hear.
const TEXTS: [&[u8]; 9] =
    [b"alt", b"aria-description", b"aria-label", b"content", b"download", b"label", b"placeholder", b"title", b"value"];

const ADDRESSES: [&[u8]; 5] = [b"action", b"href", b"poster", b"src", b"srcset"];

impl Piece {
    fn of(html: &str) -> Self {
        let mut reader = Reader::default();
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
            reader.see(&event);
            None
        });
        // without a reader that can fail there is no failure, and an event never yields a token
        for _ in Tokenizer::new_with_emitter(html, emitter) {}
        reader.break_off();
        reader.piece
    }
}

impl Content {
    pub fn of(html: &str) -> Self {
        Pages::with(&mut Pieces::default()).read(html)
    }

    /// A file for machines: every line is a passage.
    pub fn of_plain(text: &str) -> Self {
        let passages = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        Self { pieces: vec![Arc::new(Piece { passages: passages.collect(), ..Piece::default() })], new: vec![0] }
    }

    /// Passages and addresses that no page before had.
    pub fn new_passages(&self) -> impl Iterator<Item = &str> {
        self.new.iter().flat_map(|i| &self.pieces[*i].passages).map(String::as_str)
    }

    pub fn new_links(&self) -> impl Iterator<Item = &str> {
        self.new.iter().flat_map(|i| &self.pieces[*i].links).map(String::as_str)
    }

    pub fn passages(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flat_map(|piece| &piece.passages).map(String::as_str)
    }

    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flat_map(|piece| &piece.links).map(String::as_str)
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flat_map(|piece| &piece.ids).map(String::as_str)
    }

    /// Whether some passage has these words, however they are spaced.
    pub fn says(&self, words: &str) -> bool {
        let words = spaced(words);
        self.passages().any(|passage| passage.contains(&words))
    }
}

/// Words with one blank between each two.
pub fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

#[derive(Default)]
struct Reader {
    piece: Piece,
    passage: String,
    attribute: Attribute,
    /// Inside `<script>` or `<style>` nobody reads.
    is_code: bool,
    name: Vec<u8>,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Attribute {
    #[default]
    Other,
    Id,
    Text,
    Address,
}

impl Reader {
    fn see(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.part(name);
                self.is_code = matches!(*name, b"script" | b"style");
                self.name.clear();
                self.name.extend_from_slice(name);
            }
            CallbackEvent::EndTag { name } => {
                self.part(name);
                self.is_code = false;
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = match *name {
                    b"id" => Attribute::Id,
                    name if TEXTS.contains(&name) => Attribute::Text,
                    name if ADDRESSES.contains(&name) => Attribute::Address,
                    _ => Attribute::Other,
                }
            }
            CallbackEvent::AttributeValue { value } => self.attribute_value(&String::from_utf8_lossy(value)),
            CallbackEvent::String { value } if !self.is_code => self.passage.push_str(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn attribute_value(&mut self, value: &str) {
        match self.attribute {
            Attribute::Other => {}
            Attribute::Id => self.piece.ids.push(value.to_owned()),
            Attribute::Text => {
                let text = spaced(value);
                self.piece.passages.extend((!text.is_empty()).then_some(text));
            }
            Attribute::Address if value.is_empty() => {}
            Attribute::Address => self.piece.links.push(value.to_owned()),
        }
    }

    fn part(&mut self, name: &[u8]) {
        if !INLINE.contains(&name) {
            self.break_off();
        } else if name == b"br" {
            self.passage.push(' ');
        }
    }

    fn break_off(&mut self) {
        let text = spaced(&self.passage);
        self.passage.clear();
        self.piece.passages.extend((!text.is_empty()).then_some(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_people_read_it() {
        let html = "<!doctype html><title>Hilfe – Stadt</title><meta name=description content='Kurz &amp; gut'>\
            <h1 id=oben>Hilfe</h1><p>Ein <strong>Satz</strong> mit <a href=/faq>Link</a>.<br>Noch einer</p>\
            <img src=/a.png alt='Ein Bild'><script>let geheim = 1;</script><ul><li>eins<li>zwei</ul>";
        let content = Content::of(html);
        let passages =
            ["Hilfe – Stadt", "Kurz & gut", "Hilfe", "Ein Bild", "Ein Satz mit Link. Noch einer", "eins", "zwei"];
        let mut found: Vec<&str> = content.passages().collect();
        let mut wanted = passages.to_vec();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        assert_eq!(content.links().collect::<Vec<_>>(), ["/faq", "/a.png"]);
        assert!(content.ids().eq(["oben"]) && content.says("mit  Link"));
    }

    #[test]
    fn what_a_page_before_had_is_not_new() {
        let mut pieces = Pieces::default();
        let mut pages = Pages::with(&mut pieces);
        let first = pages.read("<header><p>Stadt</p></header><main><p>Eins</p></main>");
        assert_eq!(first.new_passages().collect::<Vec<_>>(), ["Stadt", "Eins"]);
        let second = pages.read("<header><p>Stadt</p></header><main><p>Zwei</p></main>");
        assert_eq!(second.new_passages().collect::<Vec<_>>(), ["Zwei"]);
        assert!(second.says("Stadt"));
    }
}
