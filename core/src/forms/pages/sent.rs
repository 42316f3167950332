//! `/antraege/{id}/gesendet`: it has arrived, under which number, and what happens next.

use serde::Serialize;

use super::{FormView, samples};
use crate::{
    tenant::Said,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct SentPage {
    pub form: FormView,
    /// `LOE-2026-483921-7`
    pub number: String,
    /// For somebody without an account: number and code together show the case.
    pub code: Option<String>,
    /// When it arrived: `22. November 2026, 10:05`.
    pub at: String,
    /// Until when the town hall means to answer.
    pub answer_by: Option<String>,
    /// What happens next, in the words of the form.
    pub next: Option<Said>,
    /// The page of the case, or the one that asks for number and code.
    pub case_url: String,
    pub pdf: Option<String>,
    pub json: String,
}

impl Page for SentPage {
    const TEMPLATE: &'static str = "forms/sent.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(visit, &visit.text("form.handed_in.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = || Self {
            form: samples::form(visit),
            number: samples::NUMBER.into(),
            code: None,
            at: samples::moment(visit),
            answer_by: Some(visit.date(jiff::civil::date(2026, 12, 6))),
            next: Some(visit.specimen(
                "Das Steueramt prüft Ihre Angaben. Den Steuerbescheid finden Sie im Postkorb.",
                "The tax office checks what you told us. You will find the tax notice in your mailbox.",
            )),
            case_url: visit.url(&format!("/vorgaenge/{}", samples::NUMBER)),
            pdf: Some(visit.url("/antraege/1/kopie.pdf")),
            json: visit.url("/antraege/1/kopie.json"),
        };
        let case_url = visit.url("/vorgang-abfragen");
        vec![page(), Self { code: Some("7KQM-R4TX-W9".into()), next: None, answer_by: None, case_url, ..page() }]
    }
}
