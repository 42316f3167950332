//! Words as the search compares them: folded, stemmed, and in the other shapes German gives them.

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::locale::Locale;

/// A word in its folded form, and as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub folded: String,
    pub written: String,
}

/// The words of a text in its order. What a hyphen joins is its parts.
pub fn words_of(text: &str) -> Vec<Word> {
    // a letter and its dots may come as two characters (copied file names): put together before words are cut
    let text: String = text.nfc().collect();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| Word { folded: fold(word), written: word.to_owned() }).collect()
}

/// Words that a hyphen joins, as one: people write `Onlineausweis` as well.
pub fn joined_by_hyphens(text: &str) -> Vec<Word> {
    let pieces = text.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|piece| piece.contains('-'));
    let joined = pieces.map(|piece| piece.replace('-', "")).filter(|piece| piece.chars().count() > 3);
    joined.flat_map(|piece| words_of(&piece)).collect()
}

/// Lower case, `ä` as `a`, `ß` as `ss`, no accents; `ae`, `oe`, `ue` as written by people without umlauts fold alike.
pub fn fold(word: &str) -> String {
    let lower = word.to_lowercase().replace('ß', "ss").replace('æ', "ae").replace('ø', "oe");
    let mut folded = String::with_capacity(lower.len());
    let mut before = ' ';
    for letter in lower.nfd().filter(|c| !is_combining_mark(*c)) {
        let e_of_an_umlaut = letter == 'e'
            && match folded.chars().last() {
                Some('a' | 'o') => true,
                // Feuer, Bauer, Quelle: here the e is its own sound
                Some('u') => !matches!(before, 'a' | 'e' | 'o' | 'q'),
                _ => false,
            };
        if !e_of_an_umlaut {
            before = folded.chars().last().unwrap_or(' ');
            folded.push(letter);
        }
    }
    folded
}

/// Particles that German verbs leave behind at the end of a sentence: melde … an.
const PARTICLES: [&str; 14] =
    ["ab", "an", "auf", "aus", "bei", "ein", "frei", "her", "hin", "mit", "nach", "um", "vor", "zu"];

pub fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// A word without what German puts inside of its verbs: `anzumelden` and `angemeldet` begin like `anmelden`.
pub fn without_inner(word: &str) -> impl Iterator<Item = String> + '_ {
    let inner = PARTICLES.iter().filter_map(|particle| Some((*particle, word.strip_prefix(particle)?)));
    [("", word)].into_iter().chain(inner).filter_map(|(particle, rest)| {
        let verb = rest.strip_prefix("ge").or_else(|| rest.strip_prefix("zu").filter(|_| !particle.is_empty()))?;
        (verb.len() >= 4).then(|| format!("{particle}{verb}"))
    })
}

/// The infinitive of a verb that ends with a `t`: `verlängert`, `meldet`.
pub fn infinitive_of(word: &str) -> Option<String> {
    let verb = word.strip_suffix("et").or_else(|| word.strip_suffix('t')).filter(|verb| verb.len() >= 3)?;
    Some(format!("{verb}{}", if verb.ends_with("er") || verb.ends_with("el") { "n" } else { "en" }))
}

/// The stemmers of a locale: its own language, and German, in which every town writes.
pub struct Stems(Vec<Stemmer>);

impl Stems {
    pub fn of(locale: &Locale) -> Self {
        let english = (locale.lang() == "en").then_some(Algorithm::English);
        Self([Some(Algorithm::German), english].into_iter().flatten().map(Stemmer::create).collect())
    }

    /// The German stem, which every locale has.
    pub fn german(&self, word: &str) -> String {
        self.0[0].stem(word).into_owned()
    }

    pub fn of_word<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        self.0.iter().map(|stemmer| stemmer.stem(word).into_owned())
    }
}
