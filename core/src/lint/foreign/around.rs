//! What stands around a name: words, sentence, passage.

use std::ops::Range;

use super::{
    fold::{BREAK, Folded},
    words::*,
};

/// A word beside the name.
pub struct Word<'a> {
    /// Parts that hyphens join are one word: `Bürger-Büro`.
    pub text: String,
    pub range: Range<usize>,
    /// What stands between this word and its neighbour on the way to the name.
    pub gap: &'a str,
}

/// The words around a name, those next to it first.
pub struct Around<'a> {
    pub left: Vec<Word<'a>>,
    pub right: Vec<Word<'a>>,
    pub sentence: &'a str,
    /// The passage, and where in it the name stands.
    pub passage: &'a str,
    pub place: Range<usize>,
}

/// A part of a title.
pub struct Part<'a> {
    pub text: &'a str,
    pub range: Range<usize>,
}

impl<'a> Around<'a> {
    pub fn of(folded: &'a Folded, named: &Range<usize>) -> Self {
        let text = &folded.text;
        let start = text[..named.start].rfind(BREAK).map_or(0, |at| at + 1);
        let end = text[named.end..].find(BREAK).map_or(text.len(), |at| named.end + at);
        let passage = &text[start..end];
        let place = named.start - start..named.end - start;
        Self {
            left: words_before(text, start, named.start),
            right: words_behind(text, named.end, end),
            sentence: sentence(passage, place.clone()),
            passage,
            place,
        }
    }

    pub fn left(&self, i: usize) -> Option<&str> {
        self.left.get(i).map(|word| &*word.text)
    }

    pub fn right(&self, i: usize) -> Option<&str> {
        self.right.get(i).map(|word| &*word.text)
    }

    /// Nothing but blanks, hyphens and quotation marks up to the word `i`.
    pub fn is_close(&self, i: usize) -> bool {
        self.left
            .iter()
            .take(i + 1)
            .all(|word| word.gap.chars().all(|c| matches!(c, ' ' | '-' | '"' | '\'' | '/' | '[' | '(')))
    }

    pub fn right_close(&self, i: usize) -> bool {
        self.right.iter().take(i + 1).all(|word| matches!(word.gap, " " | "-" | " \"" | "\" "))
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        words(self.sentence)
    }

    pub fn names_outside(&self) -> bool {
        words(self.sentence).any(is_outside)
    }

    /// The parts of a title.
    pub fn parts(&self) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut start = 0;
        let separators = [" – ", " - ", " | ", "|", " · ", " • ", " > ", " » ", " / ", " › ", ": "];
        while start <= self.passage.len() {
            let rest = &self.passage[start..];
            let next = separators.iter().filter_map(|sign| Some((rest.find(sign)?, sign.len()))).min();
            let (len, gap) = next.unwrap_or((rest.len(), 1));
            let text = rest[..len].trim_matches(|c: char| !c.is_alphanumeric());
            let offset = text.as_ptr() as usize - self.passage.as_ptr() as usize;
            parts.push(Part { text, range: offset..offset + text.len() });
            start += len + gap;
        }
        parts.retain(|part| !part.text.is_empty());
        parts
    }

    /// The name is part of the name of a file, and nothing but words stands between it and the ending.
    pub fn is_file_name(&self) -> bool {
        let behind = &self.passage[self.place.end..];
        let Some(dot) = behind.find('.') else { return false };
        let ending = &behind[dot + 1..];
        let ending = &ending[..ending.find(|c: char| !c.is_alphanumeric()).unwrap_or(ending.len())];
        is_file_ending(ending) && behind[..dot].chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
    }
}

pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

const FAR: usize = 10;

fn words_before(text: &str, start: usize, end: usize) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = end;
    while found.len() < FAR {
        let Some(last) = text[start..at].rfind(char::is_alphanumeric).map(|i| start + i) else { break };
        let word_end = last + text[last..].chars().next().map_or(1, char::len_utf8);
        let joins = |c: char| c.is_alphanumeric() || c == '-';
        let first = text[start..word_end]
            .rfind(|c: char| !joins(c))
            .map_or(start, |i| start + i + text[start + i..].chars().next().map_or(1, char::len_utf8));
        found.push(Word {
            text: text[first..word_end].replace('-', ""),
            range: first..word_end,
            gap: &text[word_end..at],
        });
        at = first;
    }
    found
}

fn words_behind(text: &str, start: usize, end: usize) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = start;
    while found.len() < FAR {
        let Some(first) = text[at..end].find(char::is_alphanumeric).map(|i| at + i) else { break };
        let len = text[first..end].find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(end - first);
        let word = text[first..first + len].trim_end_matches('-');
        found.push(Word { text: word.replace('-', ""), range: first..first + word.len(), gap: &text[at..first] });
        at = first + word.len();
    }
    found
}

/// The sentence around a place, the next one behind a question, and a question before that names the place as well.
fn sentence(passage: &str, place: Range<usize>) -> &str {
    let ends = |at: usize| ends_sentence(passage, at);
    let signs = |part: Range<usize>| {
        passage[part.clone()].match_indices(['.', '!', '?', ';']).map(move |(i, _)| part.start + i)
    };
    let mut starts = signs(0..place.start).filter(|at| ends(*at)).map(|at| at + 1).collect::<Vec<_>>();
    let mut start = starts.pop().unwrap_or(0);
    let before = starts.pop().unwrap_or(0)..start;
    if passage[before.clone()].ends_with('?') && passage[before.clone()].contains(&passage[place.clone()]) {
        start = before.start;
    }
    let mut ending = signs(place.end..passage.len()).filter(|at| ends(*at));
    let mut end = ending.next().unwrap_or(passage.len());
    if passage[end..].starts_with('?') {
        end = ending.next().unwrap_or(passage.len());
    }
    &passage[start..end]
}

/// Whether the sign at `at` ends a sentence and no abbreviation or number.
fn ends_sentence(passage: &str, at: usize) -> bool {
    let behind = &passage[at + 1..];
    if !behind.is_empty() && !behind.starts_with([' ', '"', ')']) {
        return false;
    }
    let before = passage[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let abbreviation = before.len() < 3
        || ["str", "tel", "bzw", "ggf", "usw", "vgl", "abs", "art", "inkl", "evtl", "westf"].contains(&before);
    !passage[at..].starts_with('.') || !(abbreviation || before.bytes().all(|byte| byte.is_ascii_digit()))
}
