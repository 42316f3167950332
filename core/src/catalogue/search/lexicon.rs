//! Words of everyday German, whatever the town: what means the same, what is said around the matter, and what is spelled
//! right although no town hall has it.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use super::words::{Stems, fold, infinitive_of, without_inner, words_of};
use crate::locale::Locale;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let file: LexiconFile = serde_yaml::from_str(include_str!("lexicon.yaml")).expect("the lexicon is YAML");
    Lexicon::from(file)
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconFile {
    same: Vec<String>,
    small_talk: String,
    light: String,
    elsewhere: String,
}

/// Everything but small talk is kept by its stem, so that one form of a word stands for all.
pub struct Lexicon {
    stems: Stems,
    same: HashMap<String, Vec<String>>,
    small_talk: HashSet<String>,
    light: HashSet<String>,
    elsewhere: HashSet<String>,
}

impl Lexicon {
    pub fn get() -> &'static Self {
        &LEXICON
    }

    /// Other words for the same thing.
    pub fn same_as(&self, word: &str) -> &[String] {
        self.same.get(&self.stems.german(word)).map_or(&[], Vec::as_slice)
    }

    /// Words that say nothing about the matter: articles, pronouns, helping verbs.
    pub fn is_small_talk(&self, word: &str) -> bool {
        self.small_talk.contains(word)
    }

    /// Words that help to choose where they fit and are no loss where they do not: `neu`, `machen`, `schnell`, numbers.
    pub fn is_light(&self, word: &str) -> bool {
        let shapes = [word.to_owned()].into_iter().chain(without_inner(word));
        let mut shapes = shapes.flat_map(|shape| [infinitive_of(&shape), Some(shape)]).flatten();
        word.bytes().all(|b| b.is_ascii_digit()) || shapes.any(|shape| self.light.contains(&self.stems.german(&shape)))
    }

    /// Words of another world, which no town hall has, and what begins with one: `Arzt`, `Arzttermin`.
    pub fn is_elsewhere(&self, word: &str) -> bool {
        let heads = (4..word.len().saturating_sub(2)).filter_map(|at| word.get(..at));
        self.names_elsewhere(word) || heads.rev().any(|head| self.elsewhere.contains(head))
    }

    /// The word itself, and not only its beginning.
    pub fn names_elsewhere(&self, word: &str) -> bool {
        self.elsewhere.contains(&self.stems.german(word))
    }

    /// Words nobody mistyped.
    pub fn is_spelled_right(&self, word: &str) -> bool {
        self.is_elsewhere(word) || self.is_light(word) || !self.same_as(word).is_empty()
    }
}

impl From<LexiconFile> for Lexicon {
    fn from(file: LexiconFile) -> Self {
        let stems = Stems::of(&Locale::german());
        let folded = |words: &str| words_of(words).into_iter().map(|word| word.folded).collect::<Vec<_>>();
        let stemmed = |words: &str| folded(words).iter().map(|word| stems.german(word)).collect();
        let mut same: HashMap<String, Vec<String>> = HashMap::new();
        for group in &file.same {
            let words: Vec<String> = group.split('=').map(|word| fold(word.trim())).collect();
            for word in &words {
                let others = words.iter().filter(|other| *other != word).cloned();
                same.entry(stems.german(word)).or_default().extend(others);
            }
        }
        let small_talk = folded(&file.small_talk).into_iter().collect();
        Self { same, small_talk, light: stemmed(&file.light), elsewhere: stemmed(&file.elsewhere), stems }
    }
}
