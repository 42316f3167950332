//! What a query asks for, word by word: small talk left out, verbs and compounds put together, slips mended.

use super::{
    lexicon::Lexicon,
    vocabulary::{Match, Vocabulary, is_known},
    words::{Word, is_particle},
};

const MAX_WORDS: usize = 12;
/// How well half of a compound fits.
const HALF: f32 = 0.4;

/// A word that was asked for.
pub struct Wanted {
    pub matches: Vec<Match>,
    pub light: bool,
    pub elsewhere: bool,
    /// Which compound it is a part of, if nobody wrote that compound as a whole: one part alone means little then.
    pub compound: Option<usize>,
    /// The word as it was typed, and the one that was probably meant.
    pub correction: Option<(String, u32)>,
}

impl Wanted {
    fn new(word: &str, matches: Vec<Match>) -> Self {
        let lexicon = Lexicon::get();
        Self {
            matches,
            light: lexicon.is_light(word),
            elsewhere: lexicon.is_elsewhere(word),
            compound: None,
            correction: None,
        }
    }
}

/// The words that matter, each with everything it may mean.
pub fn asked_for(vocabulary: &Vocabulary, words: &[Word]) -> Vec<Wanted> {
    let lexicon = Lexicon::get();
    let mut words: Vec<&str> = words.iter().map(|word| word.folded.as_str()).take(2 * MAX_WORDS).collect();
    let joined = joined(vocabulary, &mut words);
    words.retain(|word| !lexicon.is_small_talk(word));
    let mut wanted = Vec::new();
    for word in words.into_iter().chain(joined.iter().map(String::as_str)).take(MAX_WORDS) {
        let matches = vocabulary.matches(word);
        if is_known(&matches) {
            wanted.push(Wanted::new(word, matches));
        } else if let Some(parts) = vocabulary.parts_of(word) {
            let compound = Some(wanted.len());
            let parts =
                parts.into_iter().map(|part| Wanted { compound, ..Wanted::new(part, vocabulary.matches(part)) });
            wanted.extend(parts);
        } else if let Some((first, matches)) = vocabulary.corrected(word) {
            wanted.push(Wanted { correction: Some((word.to_owned(), first)), ..Wanted::new(word, matches) });
        } else if let Some(half) = vocabulary.half_of(word) {
            let matches = vocabulary.matches(half).into_iter().map(|(number, fit)| (number, fit * HALF));
            wanted.push(Wanted::new(word, matches.collect()));
        } else {
            wanted.push(Wanted::new(word, matches));
        }
    }
    wanted
}

/// Puts together what belongs together: `melde … an` and `sperr müll`.
fn joined(vocabulary: &Vocabulary, words: &mut Vec<&str>) -> Vec<String> {
    let mut joined = Vec::new();
    let particles = (1..words.len()).rev().filter(|at| is_particle(words[*at]));
    let mut verbs = particles.flat_map(|at| (0..at).rev().map(move |verb| (at, verb)));
    let whole = verbs.find_map(|(at, verb)| {
        let whole = format!("{}{}", words[at], words[verb]);
        (whole.len() > 5 && vocabulary.knows(&whole)).then_some((at, verb, whole))
    });
    if let Some((at, verb, whole)) = whole {
        joined.push(whole);
        words.remove(at);
        words.remove(verb);
    }
    let mut at = 0;
    while at + 1 < words.len() {
        let pair = format!("{}{}", words[at], words[at + 1]);
        if words[at].len() >= 3 && words[at + 1].len() >= 3 && vocabulary.number(&pair).is_some() {
            joined.push(pair);
            words.drain(at..at + 2);
        } else {
            at += 1;
        }
    }
    joined
}
