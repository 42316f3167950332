//! The faces of leaving: what is kept of a person, what they take along, and who has seen it.

pub mod export;
pub mod leave;
pub mod left;
pub mod seen;

use crate::web::{Head, Section, Visit};

/// The head of a page below `/meine-daten`.
fn below(visit: &Visit, title: &str) -> Head {
    Head::new(Section::Login, visit.text(title)).noindex().below(visit.text("data.title"), visit.url("/meine-daten"))
}
