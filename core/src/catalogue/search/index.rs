//! The index of a town's services and answers: every word once, with the places where it stands.

use std::{cmp::Reverse, collections::BTreeMap};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Hit, Kind};
use crate::{
    locale::Locale,
    tenant::{Tenant, schema::Service},
    theme::markdown,
};

const MAX_WORDS: usize = 12;
const MAX_RESULTS: usize = 30;
/// Below this a hit is noise.
const ENOUGH: u32 = 10;

/// The indexes of a town, one for each of its locales.
pub(super) struct Indexes(Vec<(Locale, Index)>);

impl Indexes {
    pub(super) fn of(tenant: &Tenant) -> Self {
        Self(tenant.locales().iter().map(|locale| (locale.clone(), Index::of(tenant, locale))).collect())
    }

    pub(super) fn in_locale(&self, locale: &Locale) -> Option<&Index> {
        self.0.iter().find(|(known, _)| known == locale).map(|(_, index)| index)
    }
}

#[derive(Debug)]
pub(super) struct Index {
    targets: Vec<Target>,
    words: Vec<Word>,
}

/// A folded word, and where it stands with which weight: `(target, weight)`.
#[derive(Debug)]
struct Word {
    text: String,
    length: usize,
    places: Vec<(usize, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Service(usize),
    Faq(usize),
}

impl Index {
    fn of(tenant: &Tenant, locale: &Locale) -> Self {
        let mut targets = Vec::new();
        let mut words: BTreeMap<String, Vec<(usize, u32)>> = BTreeMap::new();
        let mut add = |target: Target, said: Vec<(String, u32)>| {
            said.into_iter().for_each(|(word, weight)| words.entry(word).or_default().push((targets.len(), weight)));
            targets.push(target);
        };
        for (i, service) in tenant.services.iter().enumerate() {
            add(Target::Service(i), service_words(tenant, service, locale));
        }
        for (i, entry) in tenant.faq.entries.iter().enumerate() {
            let mut said = weighed(&tenant.words(&entry.question, locale), 20);
            entry.keywords.iter().for_each(|keyword| said.extend(weighed(keyword, 20)));
            said.extend(weighed(&markdown::to_plain(&tenant.words(&entry.answer, locale)), 3));
            add(Target::Faq(i), said);
        }
        let word = |(text, places): (String, _)| Word { length: text.chars().count(), text, places };
        Self { targets, words: words.into_iter().map(word).collect() }
    }

    /// The best hits first. Every word counts by its best match; what matches nothing lowers the whole.
    pub(super) fn find(&self, tenant: &Tenant, query: &str) -> Vec<Hit> {
        let wanted: Vec<String> =
            words_of(query).into_iter().filter(|word| !is_small_talk(word)).take(MAX_WORDS).collect();
        let mut totals = vec![(0_u32, 0_u32); self.targets.len()];
        for word in &wanted {
            for (total, best) in totals.iter_mut().zip(self.best_matches(word)) {
                *total = (total.0 + best, total.1 + u32::from(best > 0));
            }
        }
        let scored = totals.iter().map(|(sum, met)| sum * met / wanted.len().max(1) as u32);
        let mut found: Vec<(u32, Target)> =
            scored.zip(self.targets.iter().copied()).filter(|(score, _)| *score >= ENOUGH).collect();
        found.sort_by_key(|(score, _)| Reverse(*score));
        found.truncate(MAX_RESULTS);
        found.into_iter().map(|(score, target)| target.hit(tenant, score)).collect()
    }

    fn best_matches(&self, wanted: &str) -> Vec<u32> {
        let length = wanted.chars().count();
        let mut best = vec![0; self.targets.len()];
        for known in &self.words {
            let percent = closeness(wanted, length, known);
            if percent > 0 {
                known
                    .places
                    .iter()
                    .for_each(|(target, weight)| best[*target] = best[*target].max(weight * percent / 100));
            }
        }
        best
    }
}

/// How well a wanted word fits a known one, in percent.
fn closeness(wanted: &str, length: usize, known: &Word) -> u32 {
    if wanted == known.text {
        return 100;
    }
    if length >= 3 && known.text.starts_with(wanted) {
        return 85;
    }
    // inflected forms: Hunde, Hundes, Ausweise
    let stem = length.min(known.length);
    if stem >= 4 && length.abs_diff(known.length) <= 2 && wanted.chars().zip(known.text.chars()).all(|(a, b)| a == b) {
        return 80;
    }
    if length >= 4 && known.text.contains(wanted) {
        return 65;
    }
    let allowed = match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    let could_be_a_slip =
        allowed > 0 && length.abs_diff(known.length) <= allowed && share_a_beginning(wanted, &known.text);
    if could_be_a_slip && strsim::osa_distance(wanted, &known.text) <= allowed { 60 } else { 0 }
}

/// Slips of the pen mostly keep one of the first two letters in its place, or swap them.
fn share_a_beginning(wanted: &str, known: &str) -> bool {
    let first_two = |word: &str| {
        let mut letters = word.chars();
        (letters.next(), letters.next())
    };
    let (wanted, known) = (first_two(wanted), first_two(known));
    wanted.0 == known.0 || wanted.1 == known.1 || (wanted.0 == known.1 && wanted.1 == known.0)
}

impl Target {
    fn hit(self, tenant: &Tenant, score: u32) -> Hit {
        match self {
            Self::Service(i) => {
                let service = &tenant.services[i];
                Hit { kind: Kind::Service, id: service.id.clone(), slug: service.slug().to_owned(), score }
            }
            Self::Faq(i) => {
                let id = crate::content::faq_id(&tenant.faq.entries[i], i);
                Hit { kind: Kind::Faq, slug: id.clone(), id, score }
            }
        }
    }
}

fn service_words(tenant: &Tenant, service: &Service, locale: &Locale) -> Vec<(String, u32)> {
    let german = Locale::german();
    let mut words = weighed(&tenant.words(&service.title, locale), 24);
    // what a title begins with is what it is about
    words.iter_mut().take(1).for_each(|(_, weight)| *weight += 2);
    if *locale != german {
        words.extend(weighed(&tenant.words(&service.title, &german), 20));
    }
    service.synonyms.of(locale).for_each(|synonym| words.extend(weighed(synonym, 20)));
    words.extend(weighed(&markdown::to_plain(&tenant.words(&service.short, locale)), 6));
    words
}

fn weighed(text: &str, weight: u32) -> Vec<(String, u32)> {
    words_of(text).into_iter().filter(|word| !is_small_talk(word)).map(|word| (word, weight)).collect()
}

/// Lower case, `ä` as `a`, `ß` as `ss`, no accents; `ae`, `oe`, `ue` as written by people without umlauts fold alike.
fn words_of(text: &str) -> Vec<String> {
    // a letter and its dots may come as two characters (copied file names): put together before words are cut
    let text: String = text.nfc().collect();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(fold).collect()
}

fn fold(word: &str) -> String {
    let lower = word.to_lowercase().replace('ß', "ss").replace('æ', "ae").replace('ø', "oe");
    let plain: String = lower.nfd().filter(|c| !is_combining_mark(*c)).collect();
    plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

fn is_small_talk(word: &str) -> bool {
    SMALL_TALK.contains(&word)
}

/// Words around the matter, in their folded form.
const SMALL_TALK: [&str; 62] = [
    "ich", "mein", "meine", "meinen", "meinem", "meiner", "mir", "mich", "wir", "unser", "unsere", "du", "er", "sie",
    "es", "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "und", "oder", "ist",
    "sind", "war", "hat", "habe", "haben", "wie", "was", "wo", "wann", "wer", "kann", "will", "mochte", "brauche",
    "muss", "bitte", "fur", "mit", "bei", "von", "zu", "zum", "zur", "im", "in", "am", "an", "auf", "the", "my", "a",
    "for", "to",
];
