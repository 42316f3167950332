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
    let html = to_html(markdown);
    let inner = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// The words without the markup, for descriptions, search and JSON.
pub fn to_plain(markdown: &str) -> String {
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
