//! `/vorgaenge`: everything a person has begun, sent and had decided.

use serde::Serialize;

use super::{CaseCard, State, private};
use crate::{
    forms::DraftView,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct CasesPage {
    /// Those that end first stand first.
    pub drafts: Vec<DraftView>,
    /// Where something is wanted first, then the latest.
    pub running: Vec<CaseCard>,
    /// The latest first.
    pub done: Vec<CaseCard>,
    /// Where there are more.
    pub older: Option<String>,
}

impl Page for CasesPage {
    const TEMPLATE: &'static str = "cases/list.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit.text("cases.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let card = |number: &str, state, unread| CaseCard {
            number: number.into(),
            url: visit.url(&format!("/vorgaenge/{number}")),
            ..CaseCard::specimen(visit, state, unread)
        };
        let running = vec![
            card("ABC-2026-483921-7", State::ActionRequired, 2),
            card("ABC-2026-110042-3", State::Processing, 0),
            card("ABC-2026-900871-1", State::Submitted, 0),
        ];
        let done = vec![card("ABC-2025-377120-9", State::Completed, 1), card("ABC-2025-000318-4", State::Withdrawn, 0)];
        vec![
            Self {
                drafts: vec![DraftView::specimen(visit)],
                running,
                done,
                older: Some(visit.url("/vorgaenge?seite=2")),
            },
            Self { drafts: Vec::new(), running: Vec::new(), done: Vec::new(), older: None },
        ]
    }
}
