//! Documents on paper: tagged PDFs in the town's face, which a screen reader reads as well as an eye does.
//!
//! Invariant: nothing here asks a clock, a database or a disk. The same input gives the same bytes, and every file is
//! PDF/UA-1 and PDF/A-2a at once, or it is not written at all. What is printed belongs into no log: nothing that holds
//! text of a document can be shown with `{:?}`.

mod compose;
pub mod copy;
mod emblem;
pub mod letter;
mod letterhead;
mod markdown;
mod print;
mod sheets;
pub mod thread;
mod typeface;

use jiff::Zoned;

pub use emblem::Emblem;
pub use letterhead::Letterhead;

use crate::error::Result;

/// Looks up the portal's own words by their dotted name, in the language of the document.
pub type Words<'a> = &'a dyn Fn(&str) -> String;

/// What is to be printed. Texts are plain: `\n` begins a new line, control characters are left out, and a letter that the
/// typeface lacks is printed as U+FFFD.
#[derive(Clone)]
pub struct Document {
    /// Stands above everything, in the metadata and in the window of the reader.
    pub title: String,
    /// BCP 47: `de`.
    pub lang: String,
    /// The date in the metadata.
    pub created: Zoned,
    /// Number of the case, at the foot of every page.
    pub number: Option<String>,
    /// Set for a letter in a window envelope.
    pub envelope: Option<Envelope>,
    pub blocks: Vec<Block>,
}

/// What stands on a letter above its subject, placed after DIN 5008, form B.
#[derive(Clone, Default)]
pub struct Envelope {
    /// Name, street, place: at most six lines are in the window.
    pub to: Vec<String>,
    /// The block beside it: number, date, clerk, phone.
    pub about: Vec<(String, String)>,
}

/// One piece of a document. Headings stand below the title: 2 or 3.
#[derive(Clone)]
pub enum Block {
    Heading(u8, String),
    Paragraph(String),
    /// Names of things and what they are.
    Facts(Vec<(String, String)>),
    List(Vec<String>),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// Stays together, with room to sign above the last line.
    Signature(Vec<String>),
    /// What can be done against a decision: title and text, marked at the side.
    Remedy(String, String),
    SmallPrint(String),
    PageBreak,
}

/// What somebody typed, with an empty line between paragraphs.
fn paragraphs(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| Block::Paragraph(paragraph.to_owned())).collect()
}

/// Prints a document as PDF beside the requests: that takes a while, and waits for nothing.
pub async fn print(document: Document, letterhead: Letterhead) -> Result<Vec<u8>> {
    let printed = tokio::task::spawn_blocking(move || write(&document, &letterhead));
    printed.await.map_err(crate::error::Error::internal)?
}

/// Letters of a text that the typeface lacks; each once.
pub fn unprintable(text: &str) -> Vec<char> {
    typeface::unprintable(text)
}

/// Prints a document as PDF.
pub fn write(document: &Document, letterhead: &Letterhead) -> Result<Vec<u8>> {
    print::print(compose::compose(document, letterhead), document, letterhead)
}

#[cfg(test)]
mod tests;
