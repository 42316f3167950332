//! `/dienstleistungen/{slug}/antrag`: what this form is, what one needs at hand, and the ways in.

use serde::Serialize;

use super::{DraftView, FormView, samples};
use crate::{
    tenant::{Said, schema::Level},
    web::{Head, Page, Visit},
};

/// Beginning posts nothing but itself to the page's own address and leads to the first area.
#[derive(Serialize)]
pub struct BeginPage {
    pub form: FormView,
    pub text: Option<Said>,
    /// `etwa 5 Minuten`
    pub takes: Option<Said>,
    pub needs: Vec<Said>,
    /// The lowest level that is enough.
    pub level: Level,
    /// Whoever looks at the page may begin as they are.
    pub may_begin: bool,
    /// Where a login, or a better one, is had: needed to begin, or worth it because fields fill themselves. `None` without
    /// `may_begin`: there is no login at the moment.
    pub log_in: Option<String>,
    /// Whoever looks has logged in without an account: where they do so with one.
    pub upgrade: Option<String>,
    /// So many days a draft is kept after the last answer.
    pub draft_days: u32,
    /// Without a login so many hours, in this browser.
    pub draft_hours: Option<u32>,
    /// Drafts of this form, the latest first.
    pub drafts: Vec<DraftView>,
}

impl Page for BeginPage {
    const TEMPLATE: &'static str = "forms/begin.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(visit, &visit.text("form.begin.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let say = |german, english| visit.specimen(german, english);
        let page = || Self {
            form: samples::form(visit),
            text: Some(say(
                "Wer einen Hund hält, meldet ihn innerhalb von zwei Wochen an.",
                "Whoever keeps a dog registers it within two weeks.",
            )),
            takes: Some(say("etwa 5 Minuten", "about 5 minutes")),
            needs: vec![
                say("Rasse und Geburtsdatum des Hundes", "The dog's breed and date of birth"),
                say("Ihre IBAN, wenn Sie die Steuer abbuchen lassen", "Your IBAN if you pay by direct debit"),
            ],
            level: Level::Basis,
            may_begin: true,
            log_in: None,
            upgrade: None,
            draft_days: 30,
            draft_hours: None,
            drafts: Vec::new(),
        };
        let log_in = || Some(visit.url("/anmelden"));
        vec![
            Self { drafts: samples::drafts(visit), ..page() },
            Self { upgrade: log_in(), ..page() },
            Self { may_begin: false, log_in: log_in(), ..page() },
            Self { may_begin: false, log_in: log_in(), level: Level::Hoch, ..page() },
            Self { may_begin: false, ..page() },
            Self {
                level: Level::None,
                draft_hours: Some(12),
                log_in: log_in(),
                text: None,
                takes: None,
                needs: Vec::new(),
                ..page()
            },
        ]
    }
}
