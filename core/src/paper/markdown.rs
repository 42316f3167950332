//! Markdown of clerks and of configuration, as blocks.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::Block;

/// Paragraphs, headings and lists; of everything else the words.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let (mut blocks, mut text, mut items, mut depth) = (Vec::new(), String::new(), Vec::new(), 0);
    for event in Parser::new(markdown) {
        match event {
            Event::Text(part) | Event::Code(part) | Event::Html(part) | Event::InlineHtml(part) => text += &part,
            Event::SoftBreak => text.push(' '),
            Event::HardBreak => text.push('\n'),
            Event::Start(Tag::List(_)) => {
                depth += 1;
                // an item that has a list of its own ends where that begins
                items.extend(take(&mut text));
            }
            Event::End(TagEnd::List(_)) => {
                depth -= 1;
                if depth == 0 && !items.is_empty() {
                    blocks.push(Block::List(std::mem::take(&mut items)));
                }
            }
            Event::End(TagEnd::Item) => items.extend(take(&mut text)),
            Event::End(TagEnd::Heading(level)) => {
                blocks.extend(take(&mut text).map(|heading| Block::Heading(level as u8, heading)));
            }
            Event::End(TagEnd::Paragraph) if depth > 0 => text.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::HtmlBlock) => {
                blocks.extend(take(&mut text).map(Block::Paragraph));
            }
            _ => {}
        }
    }
    blocks
}

fn take(text: &mut String) -> Option<String> {
    let taken = std::mem::take(text).trim().to_owned();
    (!taken.is_empty()).then_some(taken)
}
