//! Pages a town writes: help, contact, legal pages, accessibility, easy language, sign language.
//!
//! Invariant: what stands on these pages comes from the town's files or its layers; the code adds only the addresses,
//! dates and lists that the town has said elsewhere.

pub mod machines;
pub mod message;
pub mod pages;

use serde::Serialize;

use crate::{
    locale::Locale,
    tenant::{Said, Tenant, schema::FaqEntry},
    web::{Head, Section, Visit},
};

/// A page in Markdown.
#[derive(Debug, Serialize)]
pub struct Content {
    pub title: Said,
    pub body: Said,
}

impl Content {
    /// The page of that name, if the town or its layers wrote one.
    pub fn of(visit: &Visit, name: &str) -> Option<Self> {
        let page = visit.tenant.pages.get(name)?;
        Some(Self { title: visit.say(&page.title), body: visit.tenant.say_at_length(&page.body, &visit.locale, 2) })
    }

    /// The head of a page that shows it, or goes without under a title of its own.
    pub fn head(content: Option<&Self>, visit: &Visit, section: Section, fallback: &str) -> Head {
        let title = content.map_or_else(|| visit.text(fallback), |content| content.title.text.clone());
        Head::new(section, title)
    }
}

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
