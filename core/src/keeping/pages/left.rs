//! The account is gone.

use serde::Serialize;

use crate::web::{Head, Page, Section, Visit};

#[derive(Serialize)]
pub struct LeftPage {
    /// Cases that stay as files of the town.
    pub kept: u64,
    /// A mail says so, too.
    pub told: bool,
    /// Name of the login provider that goes on without us, and where the account there is deleted; `None` for an account of
    /// the portal's own.
    pub provider: Option<String>,
    pub account_url: Option<String>,
}

impl Page for LeftPage {
    const TEMPLATE: &'static str = "keeping/left.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Login, visit.text("leave.left")).noindex()
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let url = || Some("https://id.bund.de".into());
        vec![
            Self { kept: 2, told: true, provider: Some("BundID".into()), account_url: url() },
            Self { kept: 0, told: false, provider: None, account_url: None },
        ]
    }
}
