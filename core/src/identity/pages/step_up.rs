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
    /// The service and the level it asks for.
    pub wanted: Wanted,
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
        let Some(wanted) = Wanted::specimen(visit) else { return Vec::new() };
        let page = |decayed| Self {
            provider: "BundID".into(),
            wanted: wanted.clone(),
            level: Level::Basis,
            decayed,
            url: visit.url("/anmelden"),
        };
        vec![page(false), page(true)]
    }
}
