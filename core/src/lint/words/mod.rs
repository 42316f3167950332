//! Rules about single words and sentences: pure functions on a passage of text, which know neither files nor towns.
//!
//! Each looks at one passage – a paragraph, a title, an answer – and says where in it something is wrong. A text that
//! says of an old thing that it is over is never wrong.

mod dates;
mod past;
mod plain;
mod retired;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

pub use self::{past::past_dates, plain::hard_to_read, retired::Retired};

/// Something that should be said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where in the passage, in bytes.
    pub range: Range<usize>,
    /// The words that stand there.
    pub said: String,
    /// What is wrong with them, to be read behind a place.
    pub message: String,
    pub hint: Option<String>,
}

/// A pattern of this room; all of them are compiled by its tests.
fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("patterns of this room are valid")
}

/// The sentences of a passage. A line break within a paragraph ends none, an empty line or an item of a list does.
fn sentences(text: &str) -> Vec<Range<usize>> {
    static END: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"[.!?…][*_"“”»)\]]*\s+|\n\s*\n\s*|\n\s*(?:[-*•]|\d+\.)\s+"#));
    let mut sentences = Vec::new();
    let mut start = 0;
    for end in END.find_iter(text) {
        if !(end.as_str().starts_with('.') && goes_on(&text[start..end.start()], &text[end.end()..])) {
            sentences.push(start..end.end());
            start = end.end();
        }
    }
    sentences.push(start..text.len());
    sentences.retain(|sentence| !text[sentence.clone()].trim().is_empty());
    sentences
}

/// Whether the full stop between these two belongs to a number or an abbreviation.
fn goes_on(before: &str, after: &str) -> bool {
    const SHORT: [&str; 22] = [
        "abs", "approx", "art", "bzw", "ca", "dr", "etc", "evtl", "ggf", "gv", "inkl", "max", "min", "mio", "no", "nr",
        "prof", "st", "str", "tel", "usw", "vgl",
    ];
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_ordinal = word.len() <= 2 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.chars().count() == 1 && !is_ordinal;
    is_ordinal || is_letter || SHORT.contains(&&*word.to_lowercase()) || after.starts_with(char::is_lowercase)
}
