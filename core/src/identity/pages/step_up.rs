//! Somebody is logged in, and the next step asks for more.

use serde::Serialize;

use super::{Wanted, private};
use crate::{
    tenant::schema::Level,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct StepUpPage {
    /// Name of the provider that the account belongs to.
    pub provider: String,
    /// The service that sent the person here.
    pub wanted: Option<Wanted>,
    /// The lowest level that is enough.
    pub needed: Level,
    /// The level that counts now.
    pub level: Level,
    /// The level was high enough and has run out meanwhile.
    pub decayed: bool,
    /// Where the button leads.
    pub url: String,
}

impl Page for StepUpPage {
    const TEMPLATE: &'static str = "step_up.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "step_up.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = |wanted, decayed| Self {
            provider: "BundID".into(),
            wanted,
            needed: Level::Hoch,
            level: Level::Basis,
            decayed,
            url: visit.url("/anmelden"),
        };
        vec![page(Wanted::specimen(visit), false), page(None, true)]
    }
}
