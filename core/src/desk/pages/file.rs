//! `/verwaltung/vorgaenge/{nummer}/dateien/{datei}` where the file does not come, or not at once.

use serde::Serialize;

use super::{Clerk, NUMBER, head};
use crate::web::{Head, Page, Visit};

#[derive(Serialize)]
pub struct FilePage {
    pub clerk: Clerk,
    /// Number of the case, or subject of the messages.
    pub about: String,
    pub name: String,
    pub halt: Halt,
    /// Where it can be had all the same.
    pub url: String,
    pub back: String,
}

/// Texts know it as `desk.file.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// For the scanner.
    Waiting,
    Infected,
    /// There is no scanner here.
    Unscanned,
}

impl Page for FilePage {
    const TEMPLATE: &'static str = "desk/file.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, self.name.clone()).below(self.about.clone(), self.back.clone())
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let page = |halt| Self {
            clerk: Clerk::specimen(),
            about: NUMBER.into(),
            name: "Impfpass.pdf".into(),
            halt,
            back: format!("/verwaltung/vorgaenge/{NUMBER}"),
            url: format!("/verwaltung/vorgaenge/{NUMBER}/dateien/1?trotzdem=1"),
        };
        [Halt::Waiting, Halt::Infected, Halt::Unscanned].map(page).into()
    }
}
