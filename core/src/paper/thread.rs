//! A conversation in the Postkorb, to be kept or printed.

use jiff::Zoned;

use super::{Block, Document, Words, paragraphs};

#[derive(Clone)]
pub struct Thread {
    pub subject: String,
    /// BCP 47.
    pub lang: String,
    /// When it was printed.
    pub printed: Zoned,
    /// The same moment, ready to be read.
    pub printed_shown: String,
    pub number: Option<String>,
    /// Oldest first.
    pub messages: Vec<Message>,
}

#[derive(Clone)]
pub struct Message {
    pub from: String,
    /// Date and time, ready to be read.
    pub at: String,
    /// As it was typed.
    pub text: String,
    /// Names of files.
    pub files: Vec<String>,
    /// How a decision stands.
    pub facts: Vec<(String, String)>,
    /// What can be done against one.
    pub remedy: Option<String>,
}

pub fn of(thread: &Thread, words: Words) -> Document {
    let mut facts = vec![(words("paper.thread.printed"), thread.printed_shown.clone())];
    facts.extend(thread.number.clone().map(|number| (words("paper.number"), number)));
    let mut blocks = vec![Block::Facts(facts)];
    for message in &thread.messages {
        blocks.push(Block::Heading(2, format!("{}, {}", message.from, message.at)));
        blocks.extend(paragraphs(&message.text));
        if !message.files.is_empty() {
            blocks.push(Block::Heading(3, words("paper.thread.files")));
            blocks.push(Block::List(message.files.clone()));
        }
        if !message.facts.is_empty() {
            blocks.push(Block::Facts(message.facts.clone()));
        }
        blocks.extend(message.remedy.clone().map(|text| Block::Remedy(words("paper.remedy"), text)));
    }
    Document {
        title: thread.subject.clone(),
        lang: thread.lang.clone(),
        created: thread.printed.clone(),
        number: thread.number.clone(),
        envelope: None,
        blocks,
    }
}
