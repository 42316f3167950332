//! Finding a service or an answer by the words people use.
//!
//! A small index in memory ([`index`]), worked out once per version of a town: titles, synonyms, short texts, questions.
//! Words are compared in a folded form, so that `ä`, `ae` and `a` meet.

mod index;

use poem::{handler, web::Query};
use serde::{Deserialize, Serialize};

use self::index::Indexes;
use super::Card;
use crate::{
    error::Result,
    locale::Locale,
    tenant::{Said, Tenant},
    web::{Head, Page, Rendered, Section, Visit},
};

/// A query longer than this is cut: nobody means the rest.
const MAX_QUERY: usize = 200;

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
    let indexes = tenant.derived(Indexes::of);
    indexes.in_locale(locale).map(|index| index.find(tenant, query)).unwrap_or_default()
}

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
        let popular = visit.tenant.start.tiles.iter().filter_map(|tile| tile.service.as_ref());
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
