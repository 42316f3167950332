//! The indexes in use: made when somebody asks, shared by towns that say the same, forgotten when nobody asks any more.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
    time::Duration,
};

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::{
    Kind,
    index::{Entry, Field, Index},
};
use crate::{
    locale::Locale,
    tenant::{
        Tenant, TenantId, Text,
        schema::{FaqEntry, Service},
    },
    theme::markdown,
};

const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
const BYTES: u64 = 64 * 1024 * 1024;
const TOWNS: u64 = 40_000;

static ENGLISH: LazyLock<Locale> = LazyLock::new(|| Locale::new("en").expect("a code of two letters"));

/// What is said in a town, told by its hash: towns of one layer mostly say the same.
type Said = [u8; 32];

static SAID: LazyLock<Cache<(TenantId, u64, Locale), Said>> =
    LazyLock::new(|| Cache::builder().time_to_idle(FORGOTTEN_AFTER).max_capacity(TOWNS).build());

static INDEXES: LazyLock<Cache<(Said, Locale), Arc<Index>>> = LazyLock::new(|| {
    let weigh = |_: &_, index: &Arc<Index>| u32::try_from(index.bytes()).unwrap_or(u32::MAX);
    Cache::builder().time_to_idle(FORGOTTEN_AFTER).max_capacity(BYTES).weigher(weigh).build()
});

pub(super) fn index_of(tenant: &Tenant, locale: &Locale) -> Arc<Index> {
    let key = (tenant.id.clone(), tenant.version, locale.clone());
    let made = |said, entries| INDEXES.get_with((said, locale.clone()), || Arc::new(Index::new(entries, locale)));
    let said = SAID.get_with(key, || {
        let entries = entries_of(tenant, locale);
        let said = hash_of(&entries);
        made(said, entries);
        said
    });
    INDEXES.get(&(said, locale.clone())).unwrap_or_else(|| made(said, entries_of(tenant, locale)))
}

fn hash_of(entries: &[Entry]) -> Said {
    let mut hash = Sha256::new();
    for entry in entries {
        hash.update([entry.kind as u8, 0xff]);
        for (field, text) in &entry.phrases {
            hash.update([*field as u8]);
            hash.update(text);
            hash.update([0xff]);
        }
    }
    hash.finalize().into()
}

fn entries_of(tenant: &Tenant, locale: &Locale) -> Vec<Entry> {
    let services = tenant.services.iter().enumerate();
    let services = services.map(|(position, service)| Entry {
        kind: Kind::Service,
        position,
        phrases: phrases_of_service(tenant, service, locale),
    });
    let answers = tenant.faq.entries.iter().enumerate();
    let answers = answers.map(|(position, entry)| Entry {
        kind: Kind::Faq,
        position,
        phrases: phrases_of_answer(tenant, entry, locale),
    });
    services.chain(answers).collect()
}

fn phrases_of_service(tenant: &Tenant, service: &Service, locale: &Locale) -> Vec<(Field, String)> {
    let mut phrases = titles(tenant, &service.title, locale);
    let synonyms: BTreeSet<&str> = service.synonyms.of(locale).chain(service.synonyms.of(&ENGLISH)).collect();
    phrases.extend(synonyms.into_iter().map(|synonym| (Field::Synonym, synonym.to_owned())));
    phrases.push((Field::Text, words_of_text(tenant, &service.short, locale)));
    phrases
}

fn phrases_of_answer(tenant: &Tenant, entry: &FaqEntry, locale: &Locale) -> Vec<(Field, String)> {
    let mut phrases = titles(tenant, &entry.question, locale);
    phrases.extend(entry.keywords.iter().map(|keyword| (Field::Keyword, keyword.clone())));
    phrases.push((Field::Text, words_of_text(tenant, &entry.answer, locale)));
    phrases
}

/// People of every language also know the German name of a thing, and newcomers the English one.
fn titles(tenant: &Tenant, title: &Text, locale: &Locale) -> Vec<(Field, String)> {
    let own = words_of_text(tenant, title, locale);
    let others = [&Locale::german(), &*ENGLISH].map(|other| words_of_text(tenant, title, other));
    let mut others: Vec<_> = others.into_iter().filter(|other| *other != own).collect();
    others.dedup();
    let others = others.into_iter().map(|other| (Field::Synonym, other));
    [(Field::Title, own)].into_iter().chain(others).collect()
}

/// The one place where the search reads a text. What it says about the town is left out: it helps nobody find anything
/// there, and without it all towns of a layer say the same.
fn words_of_text(tenant: &Tenant, text: &Text, locale: &Locale) -> String {
    markdown::to_plain(&tenant.words_without_town(text, locale))
}
