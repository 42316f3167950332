//! `/meine-daten/export`: everything of a person, to take along.

use serde::Serialize;

use super::below;
use crate::web::{Head, Page, Visit};

/// Posts nothing but itself to its own address, and gets a ZIP file.
#[derive(Serialize)]
pub struct ExportPage {
    /// Everything goes with the login, and nothing is there to take along.
    pub guest: bool,
    /// Where the level is had that the data asks for; `None`: the login at hand is enough.
    pub again: Option<String>,
}

impl Page for ExportPage {
    const TEMPLATE: &'static str = "keeping/export.html";

    fn head(&self, visit: &Visit) -> Head {
        below(visit, "export.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![
            Self { guest: false, again: None },
            Self { guest: false, again: Some(visit.url("/anmelden")) },
            Self { guest: true, again: None },
        ]
    }
}
