//! The index of a town in one locale: phrases – titles, synonyms, questions – and the words they are made of.
//!
//! What people mean is mostly one phrase somebody wrote down. A query is therefore compared with every phrase as a whole,
//! rare words counting more than common ones; what its words find elsewhere in the same entry adds to it.

use std::{cmp::Reverse, collections::HashMap, ops::Range};

use super::{
    Kind,
    lexicon::Lexicon,
    vocabulary::Vocabulary,
    wanted::{Wanted, asked_for},
    words::{Stems, Word, composed, joined_by_hyphens, pieces_of, words_of},
};
use crate::locale::Locale;

/// How much of what was asked an entry must have at least: less where every word is known here, because then the matter
/// is ours.
const ENOUGH: f32 = 0.55;
const ENOUGH_OF_OURS: f32 = 0.3;
/// Below this part of the best score a hit is noise.
const NEAR_THE_BEST: f32 = 0.65;
/// What a word weighs that stands nowhere, and one that belongs to another world.
const UNKNOWN: f32 = 0.8;
const ELSEWHERE: f32 = 1.5;
/// What a light word adds where it fits.
const LIGHT: f32 = 0.3;
/// How much of a part counts where the other parts of its compound are missing.
const PART_ALONE: f32 = 0.4;
/// A word counts as standing in an entry from this fit on.
const STANDS_THERE: f32 = 0.6;

/// Something that can be found: what it is, and its phrases with their weights.
pub struct Entry {
    pub kind: Kind,
    pub position: usize,
    pub phrases: Vec<(Field, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Title,
    Synonym,
    Keyword,
    Text,
}

impl Field {
    fn weight(self) -> f32 {
        match self {
            Self::Title => 1.0,
            Self::Synonym => 0.95,
            Self::Keyword => 0.85,
            Self::Text => 0.4,
        }
    }

    /// How sure a word that stands here tells what the entry is about.
    fn trust(self) -> f32 {
        if self == Self::Text { 0.6 } else { 1.0 }
    }
}

pub struct Index {
    vocabulary: Vocabulary,
    /// For each word of the vocabulary the phrases in which it stands.
    places: Vec<Box<[u32]>>,
    phrases: Vec<Phrase>,
    entries: Vec<Target>,
}

struct Phrase {
    field: Field,
    entry: u32,
    /// The sum of what its words weigh.
    mass: f32,
}

struct Target {
    kind: Kind,
    position: usize,
    phrases: Range<usize>,
}

/// What a query found, best first: kind, position and score of each.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Found {
    pub hits: Vec<(Kind, usize, u32)>,
    /// The query as it was probably meant.
    pub meant: Option<String>,
}

/// How well one word fits each phrase, and which entries it touches at all.
struct Fits {
    phrases: Vec<f32>,
    entries: Vec<bool>,
}

impl Index {
    pub fn new(entries: Vec<Entry>, locale: &Locale) -> Self {
        let (mut texts, mut phrases, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            let first = phrases.len();
            for (field, text) in entry.phrases {
                texts.push(composed(&text).into_owned());
                phrases.push(Phrase { field, entry: targets.len() as u32, mass: 0.0 });
            }
            targets.push(Target { kind: entry.kind, position: entry.position, phrases: first..phrases.len() });
        }
        let words = words_in(&texts);
        let written = words.iter().map(|(word, _)| (word.folded.as_str(), word.written.as_str()));
        let vocabulary = Vocabulary::new(written, Stems::of(locale));
        let places = words.into_iter().map(|(_, places)| places.into()).collect();
        let mut index = Self { vocabulary, places, phrases, entries: targets };
        index.weigh_phrases();
        index
    }

    pub fn bytes(&self) -> usize {
        let places: usize = self.places.iter().map(|places| 4 * places.len() + size_of::<Box<[u32]>>()).sum();
        self.vocabulary.bytes() + places + size_of_val(&*self.phrases) + size_of_val(&*self.entries)
    }

    fn weigh_phrases(&mut self) {
        for places in &self.places {
            let entries = places.chunk_by(|a, b| self.phrases[*a as usize].entry == self.phrases[*b as usize].entry);
            let weight = self.rarity(entries.count());
            places.iter().for_each(|place| self.phrases[*place as usize].mass += weight);
        }
    }

    /// What a word weighs that stands in so many entries: 1 for a single one, less and less for many.
    fn rarity(&self, entries: usize) -> f32 {
        let all = self.entries.len() as f32;
        (1.0 + all / entries.max(1) as f32).ln() / (1.0 + all).ln()
    }

    pub fn find(&self, query: &str) -> Found {
        let words = words_of(query);
        let wanted = asked_for(&self.vocabulary, &words);
        if wanted.is_empty() {
            return Found::default();
        }
        let fits: Vec<Fits> = wanted.iter().map(|word| self.fits(word)).collect();
        let known: Vec<Option<f32>> = fits.iter().map(|fits| self.weight(fits)).collect();
        let only_light = wanted.iter().all(|word| word.light);
        // what each word weighs in an entry that has it, and what its absence costs
        let weighed = wanted.iter().zip(&known).map(|(word, known)| match (known, word.light) {
            (Some(weight), true) if !only_light => (LIGHT * weight, 0.0),
            (Some(weight), _) => (*weight, *weight),
            (None, true) => (0.0, 0.0),
            (None, false) if word.elsewhere => (ELSEWHERE, ELSEWHERE),
            (None, false) => (UNKNOWN, UNKNOWN),
        });
        let (weights, costs): (Vec<f32>, Vec<f32>) = weighed.unzip();
        let whole: f32 = costs.iter().sum();
        let ours = wanted.iter().zip(&known).all(|(word, known)| word.light || known.is_some());
        let enough = whole * if ours { ENOUGH_OF_OURS } else { ENOUGH };
        let mut scored = Vec::new();
        for (number, entry) in self.entries.iter().enumerate().filter(|(i, _)| fits.iter().any(|fits| fits.entries[*i]))
        {
            let (mut reach, mut cover) = (0.0, 0.0);
            let has_whole = |compound: usize| {
                let mut parts = wanted.iter().zip(&fits).filter(|(part, _)| part.compound == Some(compound));
                parts.all(|(part, fits)| part.light || fits.entries[number])
            };
            for i in (0..wanted.len()).filter(|i| fits[*i].entries[number]) {
                let whole = wanted[i].compound.is_none_or(has_whole);
                let (mut best, mut sure) = (0.0_f32, 0.0_f32);
                for (phrase, fit) in self.phrases_of(entry, &fits[i]) {
                    best = best.max(fit * phrase.field.weight());
                    sure = sure.max(fit * phrase.field.trust());
                }
                let share = if whole { 1.0 } else { PART_ALONE };
                reach += weights[i] * best * share;
                cover += costs[i] * sure * share;
            }
            if cover <= 0.0 || cover < enough {
                continue;
            }
            let phrase = entry.phrases.clone().map(|p| {
                let met: f32 = weights.iter().zip(&fits).map(|(weight, fits)| weight * fits.phrases[p]).sum();
                let phrase = &self.phrases[p];
                phrase.field.weight() * met / whole * (0.5 + 0.5 * (met / phrase.mass.max(0.01)).min(1.0))
            });
            let phrase = phrase.fold(0.0, f32::max);
            let kind = if entry.kind == Kind::Service { 1.0 } else { 0.93 };
            scored.push((((0.65 * phrase + 0.35 * reach / whole) * kind * 1000.0) as u32, entry));
        }
        scored.sort_by_key(|(score, _)| Reverse(*score));
        let best = scored.first().map_or(0, |(score, _)| *score);
        scored.retain(|(score, _)| *score as f32 >= NEAR_THE_BEST * best as f32);
        let hits = scored.into_iter().map(|(score, entry)| (entry.kind, entry.position, score)).collect();
        Found { hits, meant: self.meant(query, &wanted) }
    }

    fn fits(&self, wanted: &Wanted) -> Fits {
        let mut fits = Fits { phrases: vec![0.0; self.phrases.len()], entries: vec![false; self.entries.len()] };
        for (word, fit) in &wanted.matches {
            for place in &self.places[*word as usize] {
                let known = &mut fits.phrases[*place as usize];
                *known = known.max(*fit);
                fits.entries[self.phrases[*place as usize].entry as usize] = true;
            }
        }
        fits
    }

    fn phrases_of<'a>(&'a self, entry: &Target, fits: &'a Fits) -> impl Iterator<Item = (&'a Phrase, f32)> {
        self.phrases[entry.phrases.clone()].iter().zip(fits.phrases[entry.phrases.clone()].iter().copied())
    }

    /// What a word weighs; nothing where it stands nowhere.
    fn weight(&self, fits: &Fits) -> Option<f32> {
        let stands_in = |entry: &Target| {
            self.phrases_of(entry, fits).any(|(phrase, fit)| fit * phrase.field.trust() >= STANDS_THERE)
        };
        let touched = self.entries.iter().zip(&fits.entries).filter(|(_, touched)| **touched);
        let entries = touched.filter(|(entry, _)| stands_in(entry)).count();
        (entries > 0).then(|| self.rarity(entries))
    }

    /// The query with its slips mended.
    fn meant(&self, query: &str, wanted: &[Wanted]) -> Option<String> {
        let corrections: Vec<_> = wanted.iter().filter_map(|word| word.correction.as_ref()).collect();
        if corrections.is_empty() {
            return None;
        }
        let mended = words_of(query).into_iter().map(|word| {
            let correction = corrections.iter().find(|(typed, _)| *typed == word.folded);
            correction.map_or(word.written, |(_, number)| self.vocabulary.written(*number).to_owned())
        });
        Some(mended.collect::<Vec<_>>().join(" "))
    }
}

/// Every word of the texts once, in the order of the alphabet, with the numbers of the texts in which it stands.
fn words_in(texts: &[String]) -> Vec<(Word, Vec<u32>)> {
    let joined: Vec<(u32, String)> =
        (0..).zip(texts).flat_map(|(text, said)| joined_by_hyphens(said).map(move |word| (text, word))).collect();
    let pieces = (0..).zip(texts).flat_map(|(text, said)| pieces_of(said).map(move |piece| (text, piece)));
    // most pieces come again and again: each is folded once
    let mut places: HashMap<&str, Vec<u32>> = HashMap::new();
    for (text, piece) in pieces.chain(joined.iter().map(|(text, word)| (*text, word.as_str()))) {
        places.entry(piece).or_default().push(text);
    }
    let words = places.into_iter().map(|(piece, places)| (Word::new(piece), places));
    let mut words: Vec<_> = words.filter(|(word, _)| !Lexicon::get().is_small_talk(&word.folded)).collect();
    words.sort_unstable_by(|(one, _), (other, _)| (&one.folded, &one.written).cmp(&(&other.folded, &other.written)));
    words.dedup_by(|(next, more), (word, places)| {
        let same = next.folded == word.folded;
        if same {
            places.append(more);
        }
        same
    });
    for (_, places) in &mut words {
        places.sort_unstable();
        places.dedup();
    }
    words
}
