//! Pages a town writes: help, contact, legal pages, accessibility, easy language, sign language.
//!
//! Invariant: what stands on these pages comes from the town's files or its layers; the code adds only the addresses,
//! dates and lists that the town has said elsewhere.

pub mod machines;
pub mod pages;

use crate::{
    locale::Locale,
    tenant::{Tenant, schema::FaqEntry},
};

/// The part of an answer's address: its id, or one made from its question.
pub fn faq_id(tenant: &Tenant, entry: &FaqEntry, position: usize) -> String {
    if let Some(id) = &entry.id {
        return id.clone();
    }
    let question = tenant.words(&entry.question, &Locale::german()).to_lowercase();
    let question = question.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss");
    let words = question.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.take(8).collect::<Vec<_>>().join("-");
    if slug.is_empty() { format!("nr-{}", position + 1) } else { slug }
}
