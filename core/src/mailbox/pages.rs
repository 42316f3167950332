//! What a person sees of their mailbox. Plain data; dates come in ready to be read.

pub mod compose;
pub mod decision;
pub mod inbox;
pub mod thread;

use serde::Serialize;

use crate::{
    tenant::Said,
    web::{Head, Section, Visit},
};

/// The case that a thread belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct CaseLink {
    /// `LOE-2026-483921-7`
    pub number: String,
    pub title: Said,
    pub url: String,
}

impl CaseLink {
    fn specimen(visit: &Visit) -> Self {
        let number = "ABC-2026-483921-7";
        let title = visit.specimen("Hund anmelden", "Register a dog");
        Self { number: number.into(), title, url: visit.url(&format!("/vorgaenge/{number}")) }
    }
}

fn private(title: impl Into<String>) -> Head {
    Head::new(Section::Login, title).noindex()
}

/// `22. November 2026, 10:05`
fn specimen_moment(visit: &Visit, day: i8) -> String {
    format!("{}, 10:05", visit.date(jiff::civil::date(2026, 11, day)))
}
