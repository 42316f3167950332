//! `/meine-daten/einsicht`: who has seen the data of a person, and what was done with it.

use serde::Serialize;

use super::below;
use crate::{
    cases::pages::NUMBER,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct SeenPage {
    pub guest: bool,
    /// The latest first.
    pub entries: Vec<Entry>,
    /// The page of those before.
    pub older: Option<String>,
    /// This is not the first page.
    pub later: Option<String>,
}

#[derive(Serialize)]
pub struct Entry {
    pub at: String,
    /// The person, an office, the portal.
    pub who: String,
    /// It was the person.
    pub own: bool,
    /// Texts know it as `seen.deed.<name>`.
    pub what: &'static str,
    /// The case or conversation, if it is still there: its number or subject, and its address.
    pub about: Option<(String, String)>,
}

impl Page for SeenPage {
    const TEMPLATE: &'static str = "keeping/seen.html";

    fn head(&self, visit: &Visit) -> Head {
        below(visit, "seen.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let office = visit.tenant.town.staff.departments.first().map(|office| office.name.clone());
        let office = office.unwrap_or_else(|| visit.text("seen.who.staff"));
        let entry = |who: String, own, what, about: bool| Entry {
            at: "20. November 2026, 09:30".into(),
            who,
            own,
            what,
            about: about.then(|| (NUMBER.to_owned(), visit.url(&format!("/vorgaenge/{NUMBER}")))),
        };
        let you = || visit.text("seen.who.citizen");
        let full = Self {
            guest: false,
            entries: vec![
                entry(office.clone(), false, "case_read", true),
                entry(visit.text("seen.who.system"), false, "delivered", true),
                entry(office, false, "file_read", false),
                entry(visit.text("seen.who.operator"), false, "exported", false),
                entry(you(), true, "submitted", true),
                entry(you(), true, "logged_in", false),
            ],
            older: Some(visit.url("/meine-daten/einsicht?vor=7")),
            later: Some(visit.url("/meine-daten/einsicht")),
        };
        vec![
            full,
            Self { guest: false, entries: Vec::new(), older: None, later: None },
            Self { guest: true, entries: Vec::new(), older: None, later: None },
        ]
    }
}
