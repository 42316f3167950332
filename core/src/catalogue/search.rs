//! Finding a service or an answer by the words people use.
//!
//! A small index in memory, worked out once per version of a town: titles, synonyms, short texts, questions. Words are
//! compared in a folded form, so that `ä`, `ae` and `a` meet.

use poem::{handler, web::Query};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Card;
use crate::{
    error::Result,
    locale::Locale,
    tenant::{Said, Tenant, schema::Service},
    theme::markdown,
    web::{Head, Page, Rendered, Section, Visit},
};

/// A query longer than this is cut: nobody means the rest.
const MAX_QUERY: usize = 200;
const MAX_WORDS: usize = 12;
const MAX_RESULTS: usize = 30;
/// Below this a hit is noise.
const ENOUGH: u32 = 10;

/// What the index knows of one thing that can be found.
#[derive(Debug)]
struct Entry {
    target: Target,
    /// Words and how much they weigh.
    words: Vec<(String, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Service(usize),
    Faq(usize),
}

/// The index of one town.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
}

/// Something found, with the number that orders it (higher is better).
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub kind: Kind,
    pub id: String,
    pub slug: String,
    pub score: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Service,
    Faq,
}

/// Searches the catalogue and the help page of one town, in the words of one locale and German.
pub fn search(tenant: &Tenant, locale: &Locale, query: &str) -> Vec<Hit> {
    let index = tenant.derived(Indexes::of);
    let Some((_, index)) = index.0.iter().find(|(known, _)| known == locale) else { return Vec::new() };
    let wanted: Vec<String> =
        words_of(query).into_iter().filter(|word| !SMALL_TALK.contains(&word.as_str())).take(MAX_WORDS).collect();
    let mut found: Vec<(u32, Target)> =
        index.entries.iter().filter_map(|entry| Some((entry.score(&wanted)?, entry.target))).collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(MAX_RESULTS);
    found.into_iter().map(|(score, target)| target.hit(tenant, score)).collect()
}

struct Indexes(Vec<(Locale, Index)>);

impl Indexes {
    fn of(tenant: &Tenant) -> Self {
        Self(tenant.locales.iter().map(|locale| (locale.clone(), Index::of(tenant, locale))).collect())
    }
}

impl Index {
    fn of(tenant: &Tenant, locale: &Locale) -> Self {
        let services = tenant
            .services
            .iter()
            .enumerate()
            .map(|(i, service)| Entry { target: Target::Service(i), words: service_words(service, locale) });
        let faq = tenant.faq.entries.iter().enumerate().map(|(i, entry)| {
            let mut words = weighed(entry.question.get(locale), 20);
            entry.keywords.iter().for_each(|keyword| words.extend(weighed(keyword, 20)));
            words.extend(weighed(&markdown::to_plain(entry.answer.get(locale)), 3));
            Entry { target: Target::Faq(i), words }
        });
        Self { entries: services.chain(faq).collect() }
    }
}

fn service_words(service: &Service, locale: &Locale) -> Vec<(String, u32)> {
    let german = Locale::german();
    let mut words = weighed(service.title.get(locale), 24);
    if *locale != german {
        words.extend(weighed(service.title.get(&german), 20));
    }
    service.synonyms.of(locale).for_each(|synonym| words.extend(weighed(synonym, 20)));
    words.extend(weighed(&markdown::to_plain(service.short.get(locale)), 6));
    words
}

fn weighed(text: &str, weight: u32) -> Vec<(String, u32)> {
    words_of(text).into_iter().filter(|word| !SMALL_TALK.contains(&word.as_str())).map(|word| (word, weight)).collect()
}

impl Entry {
    /// Every word counts by its best match; what matches nothing lowers the whole.
    fn score(&self, wanted: &[String]) -> Option<u32> {
        let scores: Vec<u32> = wanted.iter().map(|word| self.best_match(word)).collect();
        let met = scores.iter().filter(|score| **score > 0).count() as u32;
        let total = scores.iter().sum::<u32>() * met / (wanted.len().max(1) as u32);
        (total >= ENOUGH).then_some(total)
    }

    fn best_match(&self, wanted: &str) -> u32 {
        self.words.iter().map(|(word, weight)| weight * closeness(wanted, word) / 100).max().unwrap_or(0)
    }
}

/// How well a wanted word fits a known one, in percent.
fn closeness(wanted: &str, known: &str) -> u32 {
    let (length, known_length) = (wanted.chars().count(), known.chars().count());
    if wanted == known {
        return 100;
    }
    if length >= 3 && known.starts_with(wanted) {
        return 85;
    }
    // inflected forms: Hunde, Hundes, Ausweise
    let stem_length = length.min(known_length);
    if stem_length >= 4
        && length.abs_diff(known_length) <= 2
        && wanted.chars().zip(known.chars()).take(stem_length).all(|(a, b)| a == b)
    {
        return 80;
    }
    if length >= 4 && known.contains(wanted) {
        return 65;
    }
    let allowed = match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    if allowed > 0 && length.abs_diff(known_length) <= allowed && strsim::osa_distance(wanted, known) <= allowed {
        return 60;
    }
    0
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

/// Words around the matter, in their folded form.
const SMALL_TALK: [&str; 62] = [
    "ich", "mein", "meine", "meinen", "meinem", "meiner", "mir", "mich", "wir", "unser", "unsere", "du", "er", "sie",
    "es", "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "und", "oder", "ist",
    "sind", "war", "hat", "habe", "haben", "wie", "was", "wo", "wann", "wer", "kann", "will", "mochte", "brauche",
    "muss", "bitte", "fur", "mit", "bei", "von", "zu", "zum", "zur", "im", "in", "am", "an", "auf", "the", "my", "a",
    "for", "to",
];

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[handler]
pub fn show(visit: Visit, asked: Option<Query<Asked>>) -> Result<Rendered> {
    let query = asked.map(|Query(asked)| asked.q).unwrap_or_default();
    visit.render(&SearchPage::of(&visit, &query))
}

#[derive(Debug, Serialize)]
pub struct SearchPage {
    query: String,
    results: Vec<ResultView>,
    popular: Vec<Card>,
}

#[derive(Debug, Serialize)]
struct ResultView {
    kind: Kind,
    title: Said,
    url: String,
    snippet: Said,
}

impl SearchPage {
    fn of(visit: &Visit, query: &str) -> Self {
        let query = tidy(query);
        let hits = if query.is_empty() { Vec::new() } else { search(&visit.tenant, &visit.locale, &query) };
        let popular = visit.tenant.tiles.iter().filter_map(|tile| tile.service.as_ref());
        Self {
            results: hits.iter().filter_map(|hit| ResultView::of(hit, visit)).collect(),
            popular: popular
                .filter_map(|id| visit.tenant.service(id))
                .map(|service| Card::of(service, visit))
                .collect(),
            query,
        }
    }
}

impl ResultView {
    fn of(hit: &Hit, visit: &Visit) -> Option<Self> {
        let url = url_of(hit, visit);
        Some(match hit.kind {
            Kind::Service => {
                let service = visit.tenant.service(&hit.id)?;
                Self { kind: hit.kind, title: visit.say(&service.title), url, snippet: visit.say(&service.short) }
            }
            Kind::Faq => {
                let mut entries = visit.tenant.faq.entries.iter().enumerate();
                let (_, entry) = entries.find(|(i, entry)| crate::content::faq_id(entry, *i) == hit.id)?;
                let answer = visit.say(&entry.answer);
                let snippet = Said { text: shortened(&answer.text), html: String::new(), lang: answer.lang };
                Self { kind: hit.kind, title: visit.say(&entry.question), url, snippet }
            }
        })
    }
}

/// The address of a hit in the visit's locale.
pub fn url_of(hit: &Hit, visit: &Visit) -> String {
    match hit.kind {
        Kind::Service => visit.url(&format!("/dienstleistungen/{}", hit.slug)),
        Kind::Faq => format!("{}#{}", visit.url("/faq"), hit.slug),
    }
}

/// Without control characters, not longer than anybody means.
pub fn tidy(query: &str) -> String {
    let plain: String = query.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_QUERY).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(180) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text[..end].rfind(' ').unwrap_or(end);
            format!("{} …", &text[..cut])
        }
    }
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = if self.query.is_empty() {
            visit.text("search.title")
        } else {
            format!("{}: {}", visit.text("search.title"), self.query)
        };
        Head::new(Section::Search, title).noindex()
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        ["hund", "<script>alert(1)</script>", "", "xyzzy"].iter().map(|query| Self::of(visit, query)).collect()
    }
}
