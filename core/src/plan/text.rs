//! What a page says, without how it looks: its readable text, one passage a line.

use std::borrow::Cow;

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// Title, description, headings, paragraphs, list items and rows of tables in the order of the page. Links carry their
/// target, pictures what they show.
pub fn passages(html: &str) -> Vec<String> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => reader.opens(&tag),
            Token::EndTag(tag) => reader.closes(&tag.name),
            Token::String(text) if reader.silent == 0 => reader.line.push_str(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.flush();
    reader.passages
}

/// The passages of a file for machines: its lines, of XML what stands between the tags.
pub fn lines(text: &str) -> Vec<String> {
    let is_xml = text.starts_with("<?xml");
    let plain = |line: &str| if is_xml { passages(line).join(" ") } else { line.trim().to_owned() };
    text.lines().map(plain).filter(|line| !line.is_empty()).collect()
}

/// Addresses of files without the hash of their content, which says nothing about what is said.
pub fn without_hashes(body: &str) -> Cow<'_, str> {
    const ASSETS: &str = "/assets/";
    const HASH: usize = 12;
    let mut kept = String::new();
    let mut from = 0;
    for at in memchr::memmem::find_iter(body.as_bytes(), ASSETS) {
        let begin = at + ASSETS.len();
        let hash = body.as_bytes().get(begin..=begin + HASH).unwrap_or_default();
        if let [digits @ .., b'/'] = hash
            && digits.iter().all(u8::is_ascii_hexdigit)
        {
            kept.push_str(&body[from..begin]);
            from = begin + HASH + 1;
        }
    }
    if from == 0 {
        return Cow::Borrowed(body);
    }
    kept.push_str(&body[from..]);
    Cow::Owned(kept)
}

#[derive(Default)]
struct Reader {
    passages: Vec<String>,
    line: String,
    /// What stands before the passage: `## ` before a heading.
    sign: &'static str,
    /// Targets of the links that are open.
    links: Vec<String>,
    /// How deep in something that is not read out.
    silent: usize,
}

impl Reader {
    fn opens(&mut self, tag: &StartTag<()>) {
        let name = name_of(&tag.name);
        if SILENT.contains(&name) && !tag.self_closing {
            self.silent += 1;
        }
        if self.silent > 0 {
            return;
        }
        let value = |name: &str| {
            tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(&value.value).into_owned())
        };
        match name {
            "td" | "th" if !self.line.trim().is_empty() => self.line.push_str(" | "),
            "a" => self.links.push(value("href").unwrap_or_default()),
            "meta" => {
                let named = value("name").filter(|name| READ_META.contains(&name.as_str()));
                self.passages.extend(named.zip(value("content")).map(|(name, content)| format!("{name}: {content}")));
            }
            _ if is_block(name) => {
                self.flush();
                // a paragraph in a list item is still the item
                self.sign = Some(sign_of(name)).filter(|sign| !sign.is_empty()).unwrap_or(self.sign);
            }
            _ => {}
        }
        for attribute in READ_ATTRIBUTES {
            if let Some(said) = value(attribute).filter(|said| !said.is_empty()) {
                self.line.push_str(&format!(" [{attribute}: {said}] "));
            }
        }
        if name == "html" {
            self.flush();
        }
    }

    fn closes(&mut self, name: &HtmlString) {
        let name = name_of(name);
        if SILENT.contains(&name) {
            self.silent = self.silent.saturating_sub(1);
        } else if name == "a" {
            let target = self.links.pop().filter(|target| !target.is_empty());
            target.into_iter().for_each(|target| self.line.push_str(&format!(" (→ {target}) ")));
        } else if is_block(name) {
            self.flush();
            self.sign = "";
        }
    }

    fn flush(&mut self) {
        let words: Vec<&str> = self.line.split_whitespace().collect();
        if !words.is_empty() {
            self.passages.push(format!("{}{}", self.sign, words.join(" ")));
            self.sign = "";
        }
        self.line.clear();
    }
}

const SILENT: [&str; 5] = ["script", "style", "svg", "template", "noscript"];
const READ_META: [&str; 2] = ["description", "robots"];
const READ_ATTRIBUTES: [&str; 5] = ["alt", "aria-label", "lang", "placeholder", "title"];

fn name_of(name: &HtmlString) -> &str {
    std::str::from_utf8(name).unwrap_or_default()
}

/// What begins a passage of its own; everything else flows in the line.
fn is_block(name: &str) -> bool {
    const INLINE: [&str; 24] = [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "img", "input", "ins", "kbd", "mark",
        "q", "small", "span", "strong", "sub", "sup", "td", "th",
    ];
    !INLINE.contains(&name) && !matches!(name, "time" | "u" | "var" | "wbr" | "link" | "data" | "path" | "use")
}

fn sign_of(name: &str) -> &'static str {
    match name {
        "title" => "title: ",
        "h1" => "# ",
        "h2" => "## ",
        "h3" => "### ",
        "h4" | "h5" | "h6" => "#### ",
        "li" => "• ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_is_read_out() {
        let html = r#"<!doctype html><html lang="de"><head><title>Hund</title><meta name="description" content="Kurz">
            <style>p { color: red }</style></head><body><h1>Hund <em>anmelden</em></h1>
            <p>Lesen Sie die <a href="/faq">Fragen</a> &amp; mehr.<ul><li>eins<li>zwei</ul>
            <table><tr><th>Gebühr<td>96&nbsp;Euro</table><img src="x.png" alt="Ein Hund"><svg><title>nein</title></svg>"#;
        let said = passages(html);
        let expected = [
            "[lang: de]",
            "title: Hund",
            "description: Kurz",
            "# Hund anmelden",
            "Lesen Sie die Fragen (→ /faq) & mehr.",
            "• eins",
            "• zwei",
            "Gebühr | 96 Euro",
            "[alt: Ein Hund]",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn the_hash_of_a_file_is_left_out_and_nothing_else() {
        let body = "<a href=\"/assets/0123456789ab/x.pdf\">/assets/kurz/x</a> /assets/";
        assert_eq!(without_hashes(body), "<a href=\"/assets/x.pdf\">/assets/kurz/x</a> /assets/");
        assert!(matches!(without_hashes("nichts"), Cow::Borrowed(_)));
    }
}
