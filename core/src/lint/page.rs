//! What a finished page says: its passages, where it leads, and the places in it that can be led to.

use std::collections::HashSet;

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// A page as it is read.
#[derive(Debug, Default)]
pub struct Content {
    /// Title, headings, paragraphs, list items, cells, labels, and the texts in attributes.
    pub passages: Vec<String>,
    /// Addresses of links, pictures, scripts and forms.
    pub links: Vec<String>,
    /// Places that `#…` can name.
    pub ids: HashSet<String>,
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

impl Content {
    pub fn of(html: &str) -> Self {
        let mut reader = Reader::default();
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
            reader.see(&event);
            None
        });
        // without a reader that can fail there is no failure, and an event never yields a token
        for _ in Tokenizer::new_with_emitter(html, emitter) {}
        reader.break_off();
        reader.content
    }

    /// A file for machines: every line is a passage.
    pub fn of_plain(text: &str) -> Self {
        let passages = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        Self { passages: passages.collect(), ..Self::default() }
    }

    /// Whether some passage has these words, however they are spaced.
    pub fn says(&self, words: &str) -> bool {
        let words = spaced(words);
        self.passages.iter().any(|passage| passage.contains(&words))
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
    content: Content,
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
            Attribute::Id => _ = self.content.ids.insert(value.to_owned()),
            Attribute::Text => {
                let text = spaced(value);
                self.content.passages.extend((!text.is_empty()).then_some(text));
            }
            Attribute::Address if value.is_empty() => {}
            Attribute::Address => self.content.links.push(value.to_owned()),
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
        self.content.passages.extend((!text.is_empty()).then_some(text));
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
        let mut found: Vec<&str> = content.passages.iter().map(String::as_str).collect();
        let mut wanted = passages.to_vec();
        (found.sort_unstable(), wanted.sort_unstable());
        assert_eq!(found, wanted);
        assert_eq!(content.links, ["/faq", "/a.png"]);
        assert!(content.ids.contains("oben") && content.says("mit  Link"));
    }
}
