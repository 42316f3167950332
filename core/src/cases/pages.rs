//! What a person sees of their cases. Plain data; dates come in ready to be read.

pub mod case;
pub mod list;
pub mod lookup;

use serde::Serialize;

use super::State;
use crate::{
    tenant::Said,
    web::{Head, Section, Visit},
};

/// A number that belongs to nobody.
pub(crate) const NUMBER: &str = "ABC-2026-483921-7";

/// A case in a list.
#[derive(Debug, Clone, Serialize)]
pub struct CaseCard {
    /// Of the form.
    pub title: Said,
    pub number: String,
    pub url: String,
    pub state: State,
    /// When it was sent, and when something last happened: `22. November 2026`.
    pub submitted: String,
    pub changed: String,
    /// Messages that nobody has opened yet.
    pub unread: u32,
}

impl CaseCard {
    fn specimen(visit: &Visit, state: State, unread: u32) -> Self {
        Self {
            title: visit.specimen("Hund anmelden", "Register a dog"),
            number: NUMBER.into(),
            url: visit.url(&format!("/vorgaenge/{NUMBER}")),
            state,
            submitted: visit.date(jiff::civil::date(2026, 11, 2)),
            changed: visit.date(jiff::civil::date(2026, 11, 20)),
            unread,
        }
    }
}

/// The head of a page that is about one person.
fn private(title: impl Into<String>) -> Head {
    Head::new(Section::Login, title).noindex()
}
