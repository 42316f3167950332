//! Every word of a town's catalogue once, and how near a word that somebody typed comes to each.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use fst::{IntoStreamer, Map, Streamer};
use levenshtein_automata::LevenshteinAutomatonBuilder;
use memchr::{memchr, memmem};

use super::{
    lexicon::Lexicon,
    words::{Stems, infinitive_of, without_inner},
};

/// One slip of the pen, and two; swapped neighbours are one.
static SLIPS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|slips| LevenshteinAutomatonBuilder::new(slips, true)));

pub struct Vocabulary {
    /// All words in the order of the alphabet, each behind a line break: one scan finds a part of any of them.
    lines: String,
    /// Where each word begins in `lines`.
    starts: Vec<u32>,
    /// Each word as people write it.
    written: Vec<Box<str>>,
    /// All words as a transducer, made when somebody slips for the first time.
    ids: OnceLock<Map<Vec<u8>>>,
    by_stem: HashMap<Box<str>, Vec<u32>>,
    stems: Stems,
}

/// A word of the vocabulary, and how well it fits: 1 is the word itself.
pub type Match = (u32, f32);

const STEM: f32 = 0.95;
const SAME: f32 = 0.9;
/// What has so many letters is no part of a longer word by chance.
const LONG: usize = 7;
/// A match below this does not say that the word is known.
const KNOWN: f32 = 0.6;

impl Vocabulary {
    /// `words` maps a folded word to its written form, in the order of the alphabet; its position becomes its number.
    pub fn new<'a>(words: impl Iterator<Item = (&'a str, &'a str)>, stems: Stems) -> Self {
        let (mut lines, mut starts, mut written) = (String::from("\n"), Vec::new(), Vec::new());
        let mut by_stem: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        for (number, (word, as_written)) in (0_u32..).zip(words) {
            starts.push(lines.len() as u32);
            lines.push_str(word);
            lines.push('\n');
            written.push(as_written.into());
            for shape in [word.to_owned()].into_iter().chain(without_inner(word)) {
                for stem in stems.of_word(&shape) {
                    let known = by_stem.entry(stem.into()).or_default();
                    if known.last() != Some(&number) {
                        known.push(number);
                    }
                }
            }
        }
        Self { lines, starts, written, ids: OnceLock::new(), by_stem, stems }
    }

    pub fn bytes(&self) -> usize {
        let written: usize = self.written.iter().map(|word| word.len() + size_of::<Box<str>>()).sum();
        let stems: usize = self.by_stem.iter().map(|(stem, words)| stem.len() + 4 * words.len() + 64).sum();
        // the transducer takes about as much as the words themselves
        2 * self.lines.len() + 4 * self.starts.len() + written + stems
    }

    pub fn number(&self, word: &str) -> Option<u32> {
        let at = self.starts.binary_search_by(|start| self.word_at(*start).cmp(word)).ok()?;
        Some(at as u32)
    }

    pub fn written(&self, number: u32) -> &str {
        &self.written[number as usize]
    }

    /// Whether the word stands there, in whatever form.
    pub fn knows(&self, word: &str) -> bool {
        self.number(word).is_some() || self.stems.of_word(word).any(|stem| self.by_stem.contains_key(&*stem))
    }

    /// Everything the word may mean: itself, its other forms, other words for the same, words it is a part of.
    pub fn matches(&self, word: &str) -> Vec<Match> {
        // `Elektriker` has the stem of `elektrisch`, and is another matter
        if Lexicon::get().names_elsewhere(word) {
            return self.number(word).map(|number| (number, 1.0)).into_iter().collect();
        }
        let mut found = self.own_matches(word);
        // a word that is known as it stands means itself rather than a longer one
        let longer = if found.is_empty() { 1.0 } else { 0.85 };
        for other in Lexicon::get().same_as(word) {
            found.extend(self.own_matches(other).into_iter().map(|(number, fit)| (number, fit * SAME)));
        }
        if !Lexicon::get().is_elsewhere(word) {
            found.extend(self.compounds_of(word).into_iter().map(|(number, fit)| (number, fit * longer)));
        }
        found
    }

    /// The word itself and its other forms.
    fn own_matches(&self, word: &str) -> Vec<Match> {
        let mut found: Vec<Match> = self.number(word).map(|number| (number, 1.0)).into_iter().collect();
        for shape in [word.to_owned()].into_iter().chain(without_inner(word)) {
            for stem in self.stems.of_word(&shape) {
                found.extend(self.by_stem.get(&*stem).into_iter().flatten().map(|number| (*number, STEM)));
            }
            let verb = infinitive_of(&shape).and_then(|verb| self.number(&verb));
            found.extend(verb.map(|number| (number, STEM)));
        }
        found
    }

    /// Words that begin with this one, end with it, or have it in the middle.
    fn compounds_of(&self, word: &str) -> Vec<Match> {
        let mut found = Vec::new();
        let stem = self.stems.of_word(word).next().filter(|stem| stem.len() >= 4 && word.starts_with(&**stem));
        let part = stem.as_deref().unwrap_or(word);
        if part.len() < 3 {
            return found;
        }
        for at in memmem::find_iter(self.lines.as_bytes(), part.as_bytes()) {
            let number = self.starts.partition_point(|start| *start as usize <= at) - 1;
            let (start, end) = (self.starts[number] as usize, self.end(number));
            let share = part.len() as f32 / (end - start) as f32;
            let behind = end - at - part.len();
            let ends = behind <= 2 || self.lines[at + part.len()..end] == *"ung";
            let fit = match (at == start, ends) {
                (true, _) => 0.62 + 0.3 * share,
                (false, true) if part.len() >= 4 => 0.62 + 0.25 * share,
                (false, _) if part.len() >= 4 => 0.35 + 0.25 * share,
                _ => continue,
            };
            found.push((number as u32, fit));
        }
        found
    }

    /// The words this one was most likely meant to be, with their matches made a little weaker.
    pub fn corrected(&self, word: &str) -> Option<(u32, Vec<Match>)> {
        let letters = word.chars().count();
        let most = match letters {
            0..=3 => return None,
            4..=7 => 1,
            _ => 2,
        };
        if is_no_word(word) || Lexicon::get().is_spelled_right(word) || word.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        (1..=most).find_map(|slips| {
            let automaton = SLIPS[slips - 1].build_dfa(word);
            let mut stream = self.transducer().search(automaton).into_stream();
            let mut near = Vec::new();
            while let Some((known, number)) = stream.next() {
                let known = std::str::from_utf8(known).unwrap_or_default();
                if share_a_beginning(word, known) && known.len() > 3 && !says_little(known) {
                    near.push(number as u32);
                }
            }
            let first = *near.first()?;
            let weaker = 1.0 - 0.12 * slips as f32;
            let all = near.iter().flat_map(|number| self.matches(self.word(*number)));
            Some((first, all.map(|(number, fit)| (number, fit * weaker)).collect()))
        })
    }

    /// The parts of a compound that nobody wrote down as a whole: `hundeanmeldung` is `hunde` and `anmeldung`.
    pub fn parts_of<'w>(&self, word: &'w str) -> Option<Vec<&'w str>> {
        let splits = |word: &'w str| {
            (3..word.len().saturating_sub(3)).rev().filter(|at| word.is_char_boundary(*at)).map(|at| word.split_at(at))
        };
        if is_no_word(word) || Lexicon::get().is_elsewhere(word) {
            return None;
        }
        splits(word).find_map(|(head, tail)| {
            let head = self.linked_part(head)?;
            if self.is_last_part(tail) {
                return Some(vec![head, tail]);
            }
            splits(tail).filter(|(middle, _)| middle.len() >= 4).find_map(|(middle, end)| {
                Some(vec![head, self.linked_part(middle)?, Some(end).filter(|end| self.is_last_part(end))?])
            })
        })
    }

    fn is_part(&self, part: &str) -> bool {
        (self.knows(part) || !Lexicon::get().same_as(part).is_empty() || self.is_within(part)) && !says_little(part)
    }

    /// `Elterngeldantrag`, `Meldefrist`: what stands last may be a word that says little.
    fn is_last_part(&self, part: &str) -> bool {
        self.is_part(part) || part.len() >= 4 && Lexicon::get().is_light(part)
    }

    /// Whether a known compound begins or ends with it.
    fn is_within(&self, part: &str) -> bool {
        part.len() >= LONG && [format!("\n{part}"), format!("{part}\n")].iter().any(|end| self.lines.contains(&**end))
    }

    /// A part before the last one, without the letter that links it: Arbeit-s-amt, Sonne-n-schein.
    fn linked_part<'w>(&self, part: &'w str) -> Option<&'w str> {
        let bare = ["s", "n"].iter().filter_map(|link| part.strip_suffix(link)).filter(|bare| bare.len() >= 4);
        [part].into_iter().chain(bare).find(|part| self.is_part(part))
    }

    /// The longest word that this one begins or ends with: half of an unknown compound.
    pub fn half_of<'w>(&self, word: &'w str) -> Option<&'w str> {
        let is_half = |part: &str| self.knows(part) && !says_little(part);
        if Lexicon::get().is_elsewhere(word) {
            return None;
        }
        let cuts = || (4..word.len().saturating_sub(3)).filter(|at| word.is_char_boundary(*at));
        let ends = cuts().map(|at| &word[at..]).find(|end| is_half(end));
        ends.or_else(|| cuts().rev().map(|at| &word[..at]).find(|head| is_half(head)))
    }

    fn transducer(&self) -> &Map<Vec<u8>> {
        self.ids.get_or_init(|| {
            let words = (0..self.starts.len() as u32).map(|number| (self.word(number), u64::from(number)));
            Map::from_iter(words).expect("words come in the order of the alphabet, each once")
        })
    }

    fn word(&self, number: u32) -> &str {
        let number = number as usize;
        &self.lines[self.starts[number] as usize..self.end(number)]
    }

    fn word_at(&self, start: u32) -> &str {
        let rest = &self.lines[start as usize..];
        &rest[..memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())]
    }

    fn end(&self, number: usize) -> usize {
        self.starts.get(number + 1).map_or(self.lines.len(), |next| *next as usize) - 1
    }
}

/// Whether a word was found for what it is, and not only in passing.
pub fn is_known(matches: &[Match]) -> bool {
    matches.iter().any(|(_, fit)| *fit >= KNOWN)
}

/// Short words of everyday speech: too much is built like them by chance.
fn says_little(word: &str) -> bool {
    word.len() < 7 && Lexicon::get().is_light(word)
}

/// Slips of the pen mostly keep one of the first two letters in its place, or swap them.
fn share_a_beginning(typed: &str, known: &str) -> bool {
    let first_two = |word: &str| {
        let mut letters = word.chars();
        (letters.next(), letters.next())
    };
    let (typed, known) = (first_two(typed), first_two(known));
    typed.0 == known.0 || typed.1 == known.1 || (typed.0 == known.1 && typed.1 == known.0)
}

/// Longer than any word people type; looking for what it might mean would take long.
fn is_no_word(word: &str) -> bool {
    word.len() > 60
}
