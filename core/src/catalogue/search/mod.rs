//! Finding a service or an answer by the words people use.
//!
//! In memory, without a database: [`words`] folds and stems, [`lexicon`] knows everyday German, [`vocabulary`] says how
//! near a word comes to those of the catalogue, [`wanted`] what a query asks for, [`index`] which entries are meant,
//! [`kept`] keeps the indexes that are used. Invariant: an index is made of one town's entries, or of another's that are the same to the letter.

mod index;
mod kept;
mod lexicon;
mod page;
mod suggestions;
mod vocabulary;
mod wanted;
mod words;

use serde::Serialize;
use words::words_of;

pub use page::{SearchPage, show};
pub use suggestions::suggest;

use crate::{
    locale::Locale,
    tenant::{Tenant, schema::FaqEntry},
    web::Visit,
};

/// A query longer than this is cut: nobody means the rest.
const MAX_QUERY: usize = 200;
const MAX_RESULTS: usize = 30;

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
    search_as_meant(tenant, locale, query).0
}

/// The hits, and the query as it was probably meant where a word looks mistyped.
fn search_as_meant(tenant: &Tenant, locale: &Locale, query: &str) -> (Vec<Hit>, Option<String>) {
    let found = kept::index_of(tenant, locale).find(&without_name(query, &tenant.town.name));
    let hits = found.hits.into_iter().take(MAX_RESULTS).map(|(kind, position, score)| match kind {
        Kind::Service => {
            let service = &tenant.services[position];
            Hit { kind, id: service.id.clone(), slug: service.slug().to_owned(), score }
        }
        Kind::Faq => {
            let id = crate::content::faq_id(tenant, &tenant.faq.entries[position], position);
            Hit { kind, slug: id.clone(), id, score }
        }
    });
    (hits.collect(), found.meant)
}

/// In its own town the name of the town says nothing: `Reisepass Ostrau`.
fn without_name(query: &str, name: &str) -> String {
    let (name, mut said) = (words_of(name), words_of(query));
    let is_name =
        |words: &[words::Word]| words.iter().map(|word| &word.folded).eq(name.iter().map(|word| &word.folded));
    while let Some(at) = said.windows(name.len().max(1)).position(is_name).filter(|_| said.len() > name.len()) {
        said.drain(at..at + name.len());
    }
    said.into_iter().map(|word| word.written).collect::<Vec<_>>().join(" ")
}

/// The entry of the help page that was found.
fn answer_of<'a>(hit: &Hit, visit: &'a Visit) -> Option<&'a FaqEntry> {
    let mut entries = visit.tenant.faq.entries.iter().enumerate();
    entries.find(|(i, entry)| crate::content::faq_id(&visit.tenant, entry, *i) == hit.id).map(|(_, entry)| entry)
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
