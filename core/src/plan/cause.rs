//! Which line of which file is behind a difference of a page.

use std::collections::HashSet;

use super::{
    compare::Change,
    files::FileChange,
    words::{Difference, Hunk, Piece, pieces},
};

/// A place in the changed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cause {
    /// Index in the files of the plan.
    pub file: usize,
    /// Index in the hunks of that file; a picture has none.
    pub hunk: Option<usize>,
    pub line: usize,
}

/// The part of the changed words that a place has to say to be believed.
const ENOUGH: f32 = 0.6;

/// The words of the changed files.
pub struct Causes<'a> {
    files: &'a [FileChange],
    /// Per file and hunk: words before, words after.
    words: Vec<Vec<[HashSet<String>; 2]>>,
}

impl<'a> Causes<'a> {
    pub fn of(files: &'a [FileChange]) -> Self {
        let of_hunk = |hunk: &Hunk| [&hunk.difference.before, &hunk.difference.after].map(|side| words_of_file(side));
        let words = files.iter().map(|file| file.hunks.iter().map(of_hunk).collect()).collect();
        Self { files, words }
    }

    /// The file that says the words that changed, or is named like the page, or is the only one; none where that is
    /// only a guess.
    pub fn find(&self, among: &[usize], change: Change, address: &str, difference: &Difference) -> Option<Cause> {
        let words = changed_words(change, difference);
        if let [file] = among
            && self.files[*file].hunks.len() < 2
        {
            return Some(self.in_file(*file, &words[1]));
        }
        let enough = ENOUGH * (words[0].len() + words[1].len()) as f32;
        let mut found: Vec<(f32, Cause)> = Vec::new();
        for &file in among {
            let named = self.is_named_like(file, address);
            for (hunk, [before, after]) in self.words[file].iter().enumerate() {
                let said = (count(&words[0], before) + count(&words[1], after)) as f32;
                if named || (said > 0.0 && said >= enough) {
                    let line = self.line(file, hunk, &words[1]);
                    found.push((said + if named { 0.5 } else { 0.0 }, Cause { file, hunk: Some(hunk), line }));
                }
            }
            if named && self.files[file].hunks.is_empty() {
                found.push((0.5, self.in_file(file, &[])));
            }
        }
        let best = found.iter().map(|(score, _)| *score).fold(0.0, f32::max);
        found.retain(|(score, _)| *score == best);
        match (&found[..], among) {
            ([], [file]) => Some(self.in_file(*file, &[])),
            ([(_, first), others @ ..], _) if others.iter().all(|(_, other)| other.file == first.file) => Some(*first),
            _ => None,
        }
    }

    fn in_file(&self, file: usize, words: &[String]) -> Cause {
        let hunk = (!self.files[file].hunks.is_empty()).then_some(0);
        Cause { file, hunk, line: hunk.map_or(1, |hunk| self.line(file, hunk, words)) }
    }

    /// The first line of a hunk that says one of the words.
    fn line(&self, file: usize, hunk: usize, words: &[String]) -> usize {
        let Hunk { line, difference } = &self.files[file].hunks[hunk];
        let says = |text: &String| count(words, &words_of_file(std::slice::from_ref(text))) > 0;
        line + difference.after.iter().position(says).unwrap_or(0)
    }

    fn is_named_like(&self, file: usize, address: &str) -> bool {
        let name = self.files[file].shown.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        address.rsplit('/').next().is_some_and(|last| last.split([' ', '.']).next() == Some(stem))
    }
}

/// Words that go and words that come; a page that is new or gone is known by its name alone.
fn changed_words(change: Change, difference: &Difference) -> [Vec<String>; 2] {
    let mut words = [Vec::new(), Vec::new()];
    if change == Change::Text || change == Change::Redirect {
        for piece in pieces(difference) {
            match piece {
                Piece::Removed(text) => words[0].extend(words_of_page(&text)),
                Piece::Added(text) => words[1].extend(words_of_page(&text)),
                Piece::Same(_) => {}
            }
        }
    }
    words
}

/// Words as a page shows them: `98,00` is a word of its own and reads `9800`.
fn words_of_page(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(plain).filter(|word| !word.is_empty())
}

/// Words of a file in every way in which they could be meant.
fn words_of_file(lines: &[String]) -> HashSet<String> {
    let whole = lines.iter().flat_map(|line| line.split_whitespace());
    let parts = lines.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    whole.chain(parts).map(plain).filter(|word| !word.is_empty()).collect()
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn count(words: &[String], among: &HashSet<String>) -> usize {
    // amounts stand in cents
    let says = |word: &&String| among.contains(*word) || among.contains(&format!("{word}00"));
    words.iter().filter(says).count()
}
