//! Words as the search compares them: folded, stemmed, and in the other shapes German gives them.

use std::borrow::Cow;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::locale::Locale;

/// Unicode has no mark that combines with a letter before this one.
const FIRST_MARK: char = '\u{300}';

/// A word in its folded form, and as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub folded: String,
    pub written: String,
}

/// The words of a text in its order. What a hyphen joins is its parts.
pub fn words_of(text: &str) -> Vec<Word> {
    pieces_of(&composed(text)).map(Word::new).collect()
}

impl Word {
    pub fn new(written: &str) -> Self {
        Self { folded: fold(written), written: written.to_owned() }
    }
}

/// A letter and its dots may come as two characters (copied file names): put together before words are cut.
pub fn composed(text: &str) -> Cow<'_, str> {
    let whole = text.chars().all(|c| c < FIRST_MARK);
    if whole { text.into() } else { text.nfc().collect::<String>().into() }
}

pub fn pieces_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words that a hyphen joins, as one: people write `Onlineausweis` as well.
pub fn joined_by_hyphens(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|piece| piece.contains('-'));
    pieces.map(|piece| piece.replace('-', "")).filter(|piece| piece.chars().count() > 3)
}

/// Lower case, `ä` as `a`, `ß` as `ss`, no accents; `ae`, `oe`, `ue` as written by people without umlauts fold alike.
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let (mut before, mut last) = (' ', ' ');
    let mut put = |letter: char| {
        let e_of_an_umlaut = letter == 'e'
            && match last {
                'a' | 'o' => true,
                // Feuer, Bauer, Quelle: here the e is its own sound
                'u' => !matches!(before, 'a' | 'e' | 'o' | 'q'),
                _ => false,
            };
        if !e_of_an_umlaut {
            (before, last) = (last, letter);
            folded.push(letter);
        }
    };
    for letter in word.chars() {
        match letter {
            'a'..='z' | '0'..='9' => put(letter),
            'A'..='Z' => put(letter.to_ascii_lowercase()),
            'ä' | 'Ä' => put('a'),
            'ö' | 'Ö' => put('o'),
            'ü' | 'Ü' => put('u'),
            'ß' | 'ẞ' => "ss".chars().for_each(&mut put),
            'æ' | 'Æ' => "ae".chars().for_each(&mut put),
            'ø' | 'Ø' => "oe".chars().for_each(&mut put),
            other => other.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)).for_each(&mut put),
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
