//! The copy of an application that its sender takes home (§ 9a OZG).

use jiff::Zoned;

use super::{Block, Document, Words};

/// An application as it was handed in.
#[derive(Clone)]
pub struct Copy {
    /// Of the form: `Hund anmelden`.
    pub title: String,
    /// BCP 47.
    pub lang: String,
    pub number: String,
    pub submitted: Zoned,
    /// The same moment, ready to be read.
    pub submitted_shown: String,
    pub sections: Vec<Section>,
    /// How the sender's identity was proven, as a sentence; `None` without a login.
    pub proof: Option<String>,
    /// SHA-256 of the machine-readable copy, in hexadecimal digits.
    pub digest: Option<String>,
}

/// The answers of one step.
#[derive(Clone)]
pub struct Section {
    pub title: String,
    /// Question and answer, ready to be read.
    pub rows: Vec<(String, String)>,
}

pub fn of(copy: &Copy, words: Words) -> Document {
    let mut facts = vec![
        (words("paper.number"), copy.number.clone()),
        (words("paper.copy.submitted"), copy.submitted_shown.clone()),
    ];
    facts.extend(copy.proof.clone().map(|proof| (words("paper.copy.proof"), proof)));
    let mut blocks = vec![Block::Paragraph(words("paper.copy.what")), Block::Facts(facts)];
    for section in copy.sections.iter().filter(|section| !section.rows.is_empty()) {
        blocks.push(Block::Heading(2, section.title.clone()));
        blocks.push(Block::Facts(section.rows.clone()));
    }
    if let Some(digest) = &copy.digest {
        blocks.push(Block::SmallPrint(words("paper.copy.sealed").replace("{sha256}", &in_fours(digest))));
    }
    Document {
        title: words("paper.copy.title").replace("{title}", &copy.title),
        lang: copy.lang.clone(),
        created: copy.submitted.clone(),
        number: Some(copy.number.clone()),
        envelope: None,
        blocks,
    }
}

/// Digits in groups, as people compare them.
fn in_fours(digest: &str) -> String {
    let digits: Vec<char> = digest.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
