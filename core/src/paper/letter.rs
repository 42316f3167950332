//! A letter or a decision on the town's paper.

use jiff::Zoned;

use super::{Block, Document, Envelope, Words, markdown, paragraphs};

#[derive(Clone)]
pub struct Letter {
    pub subject: String,
    /// BCP 47. Decisions are German.
    pub lang: String,
    pub written: Zoned,
    /// Number of the case.
    pub number: Option<String>,
    /// Name and address, for the window of the envelope.
    pub to: Vec<String>,
    /// The block beside it, ready to be read: number, date, clerk, room, phone, e-mail.
    pub about: Vec<(String, String)>,
    /// From the salutation to the last sentence.
    pub body: Body,
    /// `Mit freundlichen Grüßen`, `Im Auftrag`, name.
    pub signature: Vec<String>,
    /// Names of what goes with it.
    pub enclosed: Vec<String>,
    /// What can be done against it.
    pub remedy: Option<String>,
    /// For instance that it is valid without a signature.
    pub small_print: Option<String>,
}

#[derive(Clone)]
pub enum Body {
    Markdown(String),
    /// As somebody typed it: an empty line begins a paragraph.
    Plain(String),
}

pub fn of(letter: &Letter, words: Words) -> Document {
    let mut blocks = match &letter.body {
        Body::Markdown(text) => markdown::blocks(text),
        Body::Plain(text) => paragraphs(text),
    };
    if !letter.signature.is_empty() {
        blocks.push(Block::Signature(letter.signature.clone()));
    }
    if !letter.enclosed.is_empty() {
        blocks.push(Block::Heading(2, words("paper.letter.enclosed")));
        blocks.push(Block::List(letter.enclosed.clone()));
    }
    blocks.extend(letter.remedy.clone().map(|text| Block::Remedy(words("paper.remedy"), text)));
    blocks.extend(letter.small_print.clone().map(Block::SmallPrint));
    Document {
        title: letter.subject.clone(),
        lang: letter.lang.clone(),
        created: letter.written.clone(),
        number: letter.number.clone(),
        envelope: Some(Envelope { to: letter.to.clone(), about: letter.about.clone() }),
        blocks,
    }
}
