//! XML as packages have it: escaped, and nothing that XML 1.0 does not allow.

use std::fmt::Write as _;

/// Text that is being written.
pub(super) struct Xml {
    out: String,
    /// Beyond ASCII letters are written by their numbers.
    plain: bool,
}

impl Xml {
    pub fn new(plain: bool) -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(), plain }
    }

    /// Begins an element.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.out, "<{name}");
        for (attribute, value) in attributes {
            let _ = write!(self.out, " {attribute}=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    pub fn close(&mut self, name: &str) {
        let _ = writeln!(self.out, "</{name}>");
    }

    /// An element with nothing but text.
    pub fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close(name);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars().filter(|c| is_allowed(*c)) {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' => self.out.push_str("&quot;"),
                // attributes would read it as a blank, and parsers a lone CR as LF
                '\n' | '\r' | '\t' => _ = write!(self.out, "&#{};", u32::from(c)),
                c if self.plain && !c.is_ascii() => _ = write!(self.out, "&#x{:X};", u32::from(c)),
                c => self.out.push(c),
            }
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

/// XML 1.0, production 2.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
