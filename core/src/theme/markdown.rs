//! Markdown of towns and layers into safe HTML.

use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Towns may link to the web, to mail and phone, and inside the portal.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(["https", "http", "mailto", "tel"].into())
        .link_rel(Some("noopener"))
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("th", ["scope"])
        .add_generic_attributes(["lang"])
        .rm_tags(["img", "details", "summary", "map", "area"]);
    cleaner
});

/// Headings start at `##`, since the page has its `h1` already: a single `#` becomes an `h2` as well.
pub fn to_html(markdown: &str) -> String {
    to_html_below(markdown, 2)
}

/// The same with the topmost heading at `level` (2 to 6).
pub fn to_html_below(markdown: &str, level: usize) -> String {
    if is_bare(markdown) {
        return format!("<p>{markdown}</p>\n");
    }
    let shift = |heading: HeadingLevel| {
        let wanted = (heading as usize).max(2) + level - 2;
        HeadingLevel::try_from(wanted.min(6)).unwrap_or(HeadingLevel::H6)
    };
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: shift(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(shift(level))),
        other => other,
    });
    let mut raw = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut raw, events);
    CLEANER.clean(&raw).to_string()
}

/// One paragraph without its `<p>`, for list entries and table cells.
pub fn to_inline_html(markdown: &str) -> String {
    if is_bare(markdown) {
        return markdown.to_owned();
    }
    let html = to_html(markdown);
    let inner = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// The words without the markup, for descriptions, search and JSON.
pub fn to_plain(markdown: &str) -> String {
    if is_bare(markdown) {
        return markdown.to_owned();
    }
    let mut plain = String::with_capacity(markdown.len());
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) => {
                plain.push(' ');
            }
            _ => {}
        }
    }
    plain.trim_end().to_owned()
}

/// One line of words in which nothing is Markdown or HTML: most titles and labels, of which a page says dozens. Parsing
/// and cleaning one takes a hundred times as long as looking at it.
fn is_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    let means_something = |(at, byte): (usize, &u8)| match byte {
        ..=0x1f | 0x7f | b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'<' | b'>' | b'&' | b'|' | b'~' => true,
        // U+0080 to U+00A0: control characters and the space that does not break
        0xc2 => bytes[at + 1] <= 0xa0,
        _ => false,
    };
    let starts_with_a_word = text.starts_with(char::is_alphabetic);
    starts_with_a_word && !text.ends_with(char::is_whitespace) && !bytes.iter().enumerate().any(means_something)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words_look_the_same_whether_they_are_parsed_or_not() {
        // an empty link is cleaned away, and makes the parser look at what stands before it
        let parsed = |text: &str| to_inline_html(&format!("{text}<!-- -->"));
        for text in [
            "Hund anmelden",
            "Wie lange dauert das? 2 bis 3 Tage – \u{201e}meistens\u{201c}!",
            "Gebühr: 30,00 € (mit \"Rabatt\" 15 %), § 3 Abs. 1 # 4",
            "Straße+Hausnummer = Adresse; 'so' {und} so $5 ^2",
            "a  b",
            "Ümlaut-",
        ] {
            assert!(is_bare(text), "{text}");
            assert_eq!(parsed(text), to_inline_html(text));
            assert_eq!(to_html(text), format!("<p>{}</p>\n", parsed(text)));
        }
        for text in
            ["", "1. zuerst", "- eins", "# Titel", " a", "a ", "a\nb", "**a**", "a & b", "a\u{a0}b", "<b>a</b>", "a_b_"]
        {
            assert!(!is_bare(text), "{text:?}");
        }
    }
}
