//! `/abmelden`: asks first, then says honestly what is over and what is not.

use serde::Serialize;

use super::private;
use crate::web::{Head, Page, Visit};

/// The form posts nothing but itself to `/abmelden`.
#[derive(Serialize)]
pub struct LogoutPage {
    pub stage: Stage,
    /// Name of the provider, if there was a login.
    pub provider: Option<String>,
    /// The account is the portal's own: there is nowhere else to be logged in.
    pub own: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody is logged in and is asked.
    Ask,
    /// This login is over.
    Done,
    /// All logins of the person are over.
    DoneEverywhere,
    /// Nobody was logged in.
    Nobody,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, if self.stage == Stage::Ask { "logout.title" } else { "logout.done" })
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = |stage| Self { stage, provider: Some("BundID".into()), own: false };
        vec![
            page(Stage::Ask),
            page(Stage::Done),
            page(Stage::DoneEverywhere),
            Self { own: true, ..page(Stage::Done) },
            Self { stage: Stage::Nobody, provider: None, own: false },
        ]
    }
}
